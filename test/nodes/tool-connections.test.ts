// What a tool may have of the process it runs in: something that stays open between calls; how often it may be called; and that its other side was lost.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { RunError, tool, type OnUncertain } from "../../src/index.ts";
import { callsTools } from "../../providers/scripted.ts";
import { agentOf, openAgent, resultsIn } from "./agent.ts";

const Nothing = z.object({});

describe("a tool's connection", () => {
  it("is made by the first call, shared by all, and closed with the runtime", async () => {
    const log: string[] = [];
    const key = {};
    const named = (name: string) =>
      tool(name, {
        description: "Calls.",
        input: Nothing,
        run: (_input, { connection }) => {
          const line = connection(key, () => {
            log.push("opened");
            return { number: log.length, [Symbol.asyncDispose]: async () => void log.push("closed") };
          });
          return line.number;
        },
      });
    const { kindling, model, start } = await openAgent(agentOf([named("one"), named("two")]), [
      callsTools(["one", {}], ["two", {}]),
      callsTools(["one", {}]),
      "ok",
    ]);
    expect(await (await start()).result()).toBe("ok");
    expect(resultsIn(model.requests.at(-1))).toEqual([1, 1, 1]);
    expect(log).toEqual(["opened"]);
    await kindling.close();
    expect(log).toEqual(["opened", "closed"]);
  });

  it("that does not close keeps nothing else open, and is told of", async () => {
    const fails = tool("fails", {
      description: "Calls.",
      input: Nothing,
      run: (_input, { connection }) => {
        connection({}, () => ({ [Symbol.asyncDispose]: () => Promise.reject(new Error("stuck")) }));
        connection({}, () => ({ [Symbol.asyncDispose]: async () => void closed.push("other") }));
        return "called";
      },
    });
    const closed: string[] = [];
    const lines: string[] = [];
    const { kindling, start } = await openAgent(agentOf([fails]), [callsTools(["fails", {}]), "ok"], {
      onLog: ({ message }) => lines.push(message),
    });
    await (await start()).result();
    await kindling.close();
    expect(closed).toEqual(["other"]);
    expect(lines).toEqual(["a connection did not close: stuck"]);
  });
});

describe("maxCalls", () => {
  it("ends the calls of one conversation, over its turns, and tells the model", async () => {
    let calls = 0;
    const search = tool("search", { description: "Searches.", input: Nothing, maxCalls: 2, run: () => ++calls });
    const other = tool("other", { description: "Searches, too.", input: Nothing, run: () => "yes" });
    const { model, start } = await openAgent(agentOf([search, other]), [
      callsTools(["search", {}]),
      callsTools(["search", {}], ["search", {}], ["other", {}]),
      "ok",
    ]);
    expect(await (await start()).result()).toBe("ok");
    expect(calls).toBe(2);
    const refused = { error: 'Not called: "search" may be called 2 times in a conversation, and was.' };
    expect(resultsIn(model.requests.at(-1))).toEqual([1, 2, refused, "yes"]);
  });

  it("is a count", () => {
    expect(() => tool("search", { description: "Searches.", input: Nothing, maxCalls: 0, run: () => 1 })).toThrow(
      'tool "search": maxCalls is 0',
    );
  });
});

describe("a tool that says that nobody knows whether it took effect", () => {
  function losing(onUncertain: OnUncertain, repeatable = false) {
    let calls = 0;
    const lose = tool("lose", {
      description: "Loses its other side once.",
      input: Nothing,
      ...(repeatable ? { repeatable } : { onUncertain }),
      retry: { attempts: onUncertain === "retry" || repeatable ? 2 : 1, backoff: 1 },
      run: () => {
        if (++calls === 1) throw new RunError("tool_uncertain", "the other side was lost");
        return "done";
      },
    });
    return { lose, calls: () => calls };
  }

  it("fails the run, when it says so, and is called again by a retry", async () => {
    const { lose, calls } = losing("fail");
    const { kindling, start } = await openAgent(agentOf([lose]), [callsTools(["lose", {}]), "ok"]);
    const run = await start();
    expect(await run.settled()).toMatchObject({ status: "failed", error: { code: "tool_uncertain" } });
    expect(calls()).toBe(1);
    await kindling.retry(run.id);
    expect(await run.result()).toBe("ok");
    expect(calls()).toBe(2);
  });

  it("is made again with the same key, when it says so", async () => {
    const { lose, calls } = losing("retry");
    const { model, start } = await openAgent(agentOf([lose]), [callsTools(["lose", {}]), "ok"]);
    const run = await start();
    expect(await run.result()).toBe("ok");
    expect(resultsIn(model.requests.at(-1))).toEqual(["done"]);
    expect(calls()).toBe(2);
    expect((await run.facts()).filter(({ type }) => type === "tool.uncertain")).toMatchObject([{ decided: "retry" }]);
  });

  it("asks a person, when it says so", async () => {
    const { lose, calls } = losing("ask");
    const { kindling, model, start } = await openAgent(agentOf([lose]), [callsTools(["lose", {}]), "ok"]);
    const run = await start();
    expect(await run.settled()).toMatchObject({ status: "waiting", awaits: [{ event: "tool.outcome", by: "human" }] });
    const actor = { id: "cli:alice", assurance: "outOfBand" } as const;
    await kindling.deliver({ event: "tool.outcome", run: run.id, payload: { decision: "again" }, actor });
    expect(await run.result()).toBe("ok");
    expect(resultsIn(model.requests.at(-1))).toEqual(["done"]);
    expect(calls()).toBe(2);
  });

  it("is simply tried again, when it is repeatable", async () => {
    const { lose, calls } = losing("fail", true);
    const { start } = await openAgent(agentOf([lose]), [callsTools(["lose", {}]), "ok"]);
    const run = await start();
    expect(await run.result()).toBe("ok");
    expect(calls()).toBe(2);
    expect((await run.facts()).filter(({ type }) => type === "tool.uncertain")).toEqual([]);
  });
});
