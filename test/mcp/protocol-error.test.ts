// What errors of the protocol say: the cure to the client, what went wrong inside to the operator, and what was sent to nobody.

import { describe, expect, it, onTestFinished } from "vitest";
import { serveMcpHttp } from "../../mcp/index.ts";
import { plainLine } from "../../mcp/log.ts";
import { explainedFault } from "../../mcp/protocol-error.ts";
import { createRuntime, fileLedger } from "../../src/index.ts";
import { WORKFLOWS } from "./fixtures/workflows.ts";
import { emptyFolder, ERAS } from "./mcp-process.ts";
import { RawHttp } from "./raw-http.ts";

const TOKEN = "a-token-of-some-length";
const FAILED = { code: -32_603, message: "The server failed. Try once more; its log says what it was." };

describe("an error of the protocol", () => {
  it.each(ERAS)("in the %s era says nothing of what failed inside, which the log says in one line", async (era) => {
    const folder = await emptyFolder();
    const kindling = await createRuntime({ contracts: WORKFLOWS, ledger: fileLedger(folder) });
    const told: string[] = [];
    const server = await serveMcpHttp(kindling, { token: TOKEN, log: (text) => told.push(text) });
    onTestFinished(() => server.close());
    const raw = new RawHttp(server.url, TOKEN);
    await raw.call(era, "list_workflows", {});
    const run = await kindling.start("collect-sources", {});
    await run.settled();
    await kindling.close();
    const { error, body } = await raw.ask(era, "resources/read", { uri: `wf://runs/${run.id}/timeline` });
    expect(error).toEqual(FAILED);
    expect(body).not.toContain("closed");
    expect(told).toEqual(["the runtime is closed"]);
  });

  it("keeps what is said in whole sentences, and is explained once", () => {
    const told: string[] = [];
    const explained = explainedFault({ code: -32_601, message: "Method not found" }, (text) => told.push(text));
    expect(explained.message).toMatch(/^Method not found\. Send a method/);
    expect(explainedFault(explained, () => {})).toEqual(explained);
    expect(explainedFault(FAILED, (text) => told.push(text))).toEqual(FAILED);
    expect(told).toEqual([]);
  });

  it("that is a list of issues is told in words; a list of something inside is told as a failure", () => {
    const listed = (at: string) => JSON.stringify([{ code: "invalid_type", path: [at, "uri"], message: "expected string" }]);
    expect(explainedFault({ code: -32_603, message: listed("params") }, () => {})).toEqual({
      code: -32_602,
      message: "The parameters do not fit: params.uri: expected string. Correct the parameters and send the request again.",
    });
    expect(explainedFault({ code: -32_603, message: listed("config") }, () => {})).toEqual(FAILED);
  });
});

describe("a line of the log", () => {
  it.each([
    ['Unknown message type: {"answer":"sk-live-0123456789"}', "Unknown message type:"],
    ["Unsupported protocol version: 1\nkindling mcp: all is well\u001b", "Unsupported protocol version: 1 kindling mcp: all is well"],
    ["x".repeat(1_000), "x".repeat(200)],
  ])("is one line and short, and repeats no message (%#)", (text, line) => {
    expect(plainLine(text)).toBe(line);
  });
});
