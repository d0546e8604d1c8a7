// The surface as a whole: names, descriptions and schemas that every client can take, and errors of one form.

import type { Tool } from "@modelcontextprotocol/client";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Kindling } from "../../src/index.ts";
import { connectInProcess } from "./in-process.ts";

const NAME = /^[a-z][a-z0-9_]{0,39}$/;

async function listedTools(): Promise<readonly Tool[]> {
  const { client } = await connectInProcess();
  return (await client.listTools()).tools;
}

interface Place {
  readonly at: string;
  readonly schema: Record<string, unknown>;
}

const Structure = z.record(z.string(), z.unknown());

/** Every property of a schema, those inside others included. */
function propertiesOf(at: string, schema: unknown): Place[] {
  const parsed = Structure.safeParse(schema);
  if (!parsed.success) return [];
  const { properties, items, anyOf } = parsed.data;
  const own = Object.entries(Structure.safeParse(properties).data ?? {}).flatMap(([name, property]) => {
    const place = `${at}.${name}`;
    return [{ at: place, schema: Structure.parse(property) }, ...propertiesOf(place, property)];
  });
  const branches = Array.isArray(anyOf) ? anyOf.flatMap((branch: unknown) => propertiesOf(at, branch)) : [];
  return [...own, ...propertiesOf(`${at}[]`, items), ...branches];
}

describe("the tools", () => {
  it("are these, in this order", async () => {
    const tools = await listedTools();
    expect(tools.map(({ name }) => name)).toEqual([
      "list_workflows",
      "describe_workflow",
      "start_workflow",
      "get_run",
      "list_runs",
      "get_run_events",
      "deliver_event",
      "request_approval",
      "cancel_run",
    ]);
  });

  it("have names every client takes, a title, a description and both schemas", async () => {
    for (const tool of await listedTools()) {
      expect(tool.name).toMatch(NAME);
      expect(tool.title).toBeTruthy();
      expect(tool.description?.length).toBeGreaterThan(40);
      expect(tool.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      expect(tool.outputSchema).toMatchObject({ type: "object" });
    }
  });

  it("say whether they only read, and of those that write whether they destroy and may be repeated", async () => {
    const hints = Object.fromEntries((await listedTools()).map(({ name, annotations }) => [name, annotations]));
    const reading = Object.entries(hints).flatMap(([name, hint]) => (hint?.readOnlyHint === true ? [name] : []));
    expect(reading).toEqual(["list_workflows", "describe_workflow", "get_run", "list_runs", "get_run_events"]);
    for (const name of reading) expect(hints[name]).toEqual({ readOnlyHint: true, openWorldHint: false });
    expect(hints["start_workflow"]).toEqual({ readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true });
    expect(hints["deliver_event"]).toEqual({ readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false });
  });

  it("describe every property under a plain name, and have optional ones and no nullable ones", async () => {
    for (const { name, inputSchema, outputSchema } of await listedTools()) {
      const inputs = propertiesOf(`${name} input`, inputSchema);
      expect(inputs.filter(({ schema }) => typeof schema["description"] !== "string").map(({ at }) => at)).toEqual([]);
      const outputs = propertiesOf(`${name} output`, outputSchema);
      expect(outputs.length).toBeGreaterThan(0);
      expect(outputs.filter(({ schema }) => schema["type"] === undefined).map(({ at }) => at)).toEqual([]);
      const places = [...inputs, ...outputs];
      expect(places.map(({ at }) => at.slice(at.lastIndexOf(".") + 1)).filter((property) => !NAME.test(property))).toEqual([]);
      expect(places.filter(({ schema }) => JSON.stringify(schema).includes('"null"')).map(({ at }) => at)).toEqual([]);
    }
  });

  it("take no decision on a gate: only deliver_event has a payload, and it is refused there", async () => {
    const tools = await listedTools();
    const words = /decision|approve|reject/;
    expect(tools.flatMap(({ inputSchema }) => propertiesOf("", inputSchema).filter(({ at }) => words.test(at)))).toEqual([]);
  });
});

describe("a failure", () => {
  it("that nobody expected becomes internal, and only the operator is told what it was", async () => {
    const { kindling: real } = await connectInProcess();
    const broken: Kindling = Object.create(real, {
      get: { value: () => Promise.reject(new Error("cannot read key sk-1 at line 3")) },
    }) as Kindling;
    const { call, told } = await connectInProcess(broken);
    const failed = await call("get_run", { run_id: "run_1" });
    expect(failed).toMatchObject({
      isError: true,
      value: { error: { code: "internal", message: expect.any(String) as string, fix: expect.any(String) as string } },
    });
    expect(failed.text).not.toContain("sk-1");
    expect(told).toEqual([expect.stringContaining("get_run: Error: cannot read key sk-1")]);
  });

  it("of arguments names every issue and does nothing", async () => {
    const { call, kindling } = await connectInProcess();
    const refused = await call("start_workflow", { workflow: "", input: "x", idempotencyKey: "tea-2026" });
    expect(refused.value).toMatchObject({
      error: {
        code: "invalid_arguments",
        issues: [{ at: "workflow" }, { at: "input" }, { at: "", message: expect.stringContaining("idempotencyKey") as string }],
      },
    });
    expect((await kindling.list()).items).toEqual([]);
  });

  it("of a tool that is not there is one of the protocol", async () => {
    const { client } = await connectInProcess();
    await expect(client.callTool({ name: "approve_run", arguments: {} })).rejects.toMatchObject({ code: -32602 });
  });
});

describe("the words of a person's command", () => {
  it("are those of the program the server was told", async () => {
    const { call } = await connectInProcess();
    const started = await call("start_workflow", { workflow: "press-note", input: { topic: "Tea", words: 1 }, wait_seconds: 5 });
    expect(started.text).toContain("npx kindling approve run_");
  });
});
