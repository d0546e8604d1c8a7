// R15: what callers write, damaged at random: arguments of the command line, calls over HTTP, and bytes on the socket. Each is taken or refused, and the next call is answered.

import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, InputError, type Kindling } from "../../src/index.ts";
import { gatherObject, gatherValue } from "../../src/cli/assignments.ts";
import { processShell } from "../../src/cli/shell.ts";
import { remoteCalls } from "../../src/web/index.ts";
import { openKindling, temporaryLedger } from "../host/open-host.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { BEARER, served, TOKEN } from "../web/servers.ts";
import { figure } from "./figure.ts";
import { below, damaged, noise, oneOf } from "./mutation.ts";
import { sample, SEED } from "./seed.ts";
import { nothingSeen, residentMib, watch, type Seen } from "./watchful.ts";

const INPUTS = sample(1_500, 20_000);
const SOCKETS = sample(150, 5_000);
const GROWTH_LIMIT_MIB = 64;

const inputs = { id: z.string(), list: z.array(z.union([z.string(), z.number()])).default([]), any: z.any() };

const asked = contract("asked", {
  inputs,
  correlate: ["id"],
  define: (g, { id, list, any }) => ({ answer: g.await("answer", { event: "answered", schema: z.any(), show: { id } }), list, any }),
});

/** Ends at once, so that many runs of it need no memory. */
const noted = contract("noted", { inputs, define: (_g, { id, list, any }) => ({ id, list, any }) });

const INPUT_TEXT = '{"id":"a-1","list":["x",2,"\\u00e9"],"any":{"deep":[{"a":null,"b":[true,1.5e3]}],"text":"line\\nline"}}';
const CALL_TEXT = `{"contract":"noted","inputs":${INPUT_TEXT}}`;

let random = seededRandom(SEED);
beforeEach(() => {
  random = seededRandom(SEED);
});

/** Plays inputs, and expects that each was taken or refused, and that nothing grew. */
async function play(id: string, count: number, one: (seen: Seen, number: number) => Promise<void>): Promise<void> {
  const seen = nothingSeen();
  let before = 0;
  for (let number = 0; number < count; number++) {
    await one(seen, number);
    if (number === Math.floor(count / 2)) before = residentMib();
  }
  const grown = residentMib() - before;
  expect({ uncaught: seen.uncaught, hangs: seen.hangs }, `KINDLING_SEED=${SEED}`).toEqual({ uncaught: [], hangs: 0 });
  expect(grown).toBeLessThan(GROWTH_LIMIT_MIB);
  // Nonsense that is always refused, or never, would prove nothing.
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(count / 50);
  figure(`R15-${id}`, { inputs: seen.inputs, taken: seen.taken, refused: seen.refused, uncaught: 0, hangs: 0, grownMiB: grown });
}

const text = (sound: string) => damaged(Buffer.from(sound), random).toString("utf8");

/** A text as it stands between the quotes of JSON. */
const inside = (any: string) => JSON.stringify(any).slice(1, -1);

describe(`callers that write nonsense (KINDLING_SEED=${SEED})`, { timeout: 120_000 + INPUTS * 20 }, () => {
  const shell = processShell(new AbortController().signal, undefined);
  shell.releaseOutput();
  const names = { pair: "--input", json: "--inputs", file: "--inputs-file" };

  it("as arguments of the command line are refused with what is wrong, or taken", async () => {
    const kindling = await openKindling({ contracts: [asked, noted], ledger: await temporaryLedger() });
    await kindling.start("asked", { id: "a-1" });
    const schema = kindling.contracts[0]?.inputSchema ?? {};
    const file = join(await temporaryFolder(), "inputs.json");
    await play("arguments", INPUTS, async (seen, number) => {
      await writeFile(file, damaged(Buffer.from(INPUT_TEXT), random));
      const pairs = Array.from({ length: below(random, 4) }, () =>
        text(oneOf(random, ["id=a", 'list=["a",1]', "any={}", "any=__proto__"])),
      );
      const given = {
        pairs,
        ...(random() < 0.5 ? { json: text(INPUT_TEXT).replace(/^-$/, "") } : {}),
        ...(random() < 0.3 ? { file } : {}),
      };
      const place = `arguments ${number}: ${JSON.stringify(given)}`;
      await watch(seen, place, async () => {
        const gathered = await gatherObject(given, names, schema, shell);
        if (gathered.ok) await kindling.start("noted", gathered.value);
        else expect(gathered.issues.length).toBeGreaterThan(0);
      });
      await watch(seen, place, async () => {
        const payload = await gatherValue(given.json, "--payload", shell);
        const correlation = { [text("id")]: text("a-1") };
        if (payload.ok)
          await kindling.deliver({ event: oneOf(random, ["answered", text("answered")]), correlation, payload: payload.value });
      });
    });
  });

  it("as calls over HTTP are answered with a status below 500 and JSON", async () => {
    const kindling = await openKindling({ contracts: [asked, noted], ledger: await temporaryLedger() });
    const errors: unknown[] = [];
    const answer = remoteCalls(kindling, { token: TOKEN, onError: (error) => void errors.push(error) });
    const { id } = await kindling.start("asked", { id: "there" }, { actor: { id: "remote:token", assurance: "agent" } });
    await play("http", INPUTS, async (seen, number) => {
      const path = oneOf(random, ["/v1/runs", `/v1/runs/${id}?waitMs=0`, `/v1/runs/${id}/cancel`, "/v1/runs"]);
      const method = random() < 0.8 ? "POST" : oneOf(random, ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"]);
      const sound = path.endsWith("cancel") ? '{"reason":"no longer wanted"}' : CALL_TEXT.replace("a-1", inside(text("a-1")));
      const body = random() < 0.3 ? Buffer.from(sound) : damaged(Buffer.from(sound), random);
      const url = urlOf(random() < 0.3 ? text(path) : path);
      const headers = {
        ...BEARER,
        "content-type": oneOf(random, ["application/json", "application/json", "Application/JSON; charset=x", "text/plain"]),
      };
      await watch(seen, `call ${number}: ${method} ${path} ${body.toString("latin1")}`, async () => {
        const response = await answer(new Request(url, { method, headers, ...(method === "GET" ? {} : { body }) }));
        expect(typeof (await response.json())).toBe("object");
        expect({ status: response.status, errors }).toEqual({ status: expect.toSatisfy((status: number) => status < 500), errors: [] });
        if (response.status >= 400) throw refusal(response.status);
      });
    });
  });

  it("as bytes on the socket leave a server that answers the next call", async () => {
    const kindling = await openKindling({ contracts: [noted] });
    const { url } = await served(kindling, { requestTimeoutMs: 1_000 });
    const head = `POST /v1/runs HTTP/1.1\r\nhost: here\r\nauthorization: Bearer ${TOKEN}\r\ncontent-type: application/json\r\n`;
    const whole = `${head}content-length: ${CALL_TEXT.length}\r\nconnection: close\r\n\r\n${CALL_TEXT}`;
    await play("socket", SOCKETS, async (seen, number) => {
      const bytes = random() < 0.1 ? noise(random, 300) : random() < 0.3 ? Buffer.from(whole) : damaged(Buffer.from(whole), random);
      await watch(seen, `bytes ${number}: ${bytes.toString("latin1")}`, async () => {
        const said = await sent(url, bytes);
        expect(said).not.toMatch(/^HTTP\/1\.1 5/);
        if (!said.startsWith("HTTP/1.1 2")) throw refusal(said.slice(0, 20));
      });
      if (number % 10 === 0) expect(await isAnswering(url, kindling)).toBe(true);
    });
  });
});

/** What counts as refused and not as wrong. */
function refusal(what: unknown): InputError {
  return new InputError("refused", `was answered ${String(what)}`);
}

/** A URL with whatever path can be written into one. */
function urlOf(path: string): string {
  const url = `http://here/${path.replace(/^\//, "")}`;
  return URL.canParse(url) ? url : "http://here/v1/runs";
}

/** Sends bytes, says that there are no more, and gives what comes back until the server hangs up. */
function sent(url: string, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let said = "";
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.end(bytes));
    socket.setEncoding("latin1").on("data", (more: string) => (said += more));
    // The server may hang up while bytes are on their way.
    socket.on("error", () => {});
    socket.once("close", () => resolve(said));
  });
}

async function isAnswering(url: string, kindling: Kindling): Promise<boolean> {
  const headers = { ...BEARER, "content-type": "application/json" };
  const response = await fetch(`${url}/v1/runs`, { method: "POST", headers, body: CALL_TEXT });
  // The answer has an id: that is what the calls promise.
  const { id } = (await response.json()) as { readonly id: string };
  return (await kindling.get(id)) !== undefined;
}
