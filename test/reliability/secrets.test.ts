// R18: a process holds secrets while everything it calls goes wrong and repeats what it was sent; afterwards none of them is in its ledger or in anything it said.

import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { secretless } from "../../providers/http/secretless.ts";
import { ModelError } from "../../src/index.ts";
import { WIRES } from "../examples/wires.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { figure } from "./figure.ts";
import { MODES, RECORDED, SECRETS } from "./secretive-process.ts";

const PROCESS = fileURLToPath(new URL("secretive-process.ts", import.meta.url));

it("secrets of the environment, of headers and of what was refused are in no file and in nothing that was said", {
  timeout: 120_000,
}, async () => {
  const folder = join(await temporaryFolder(), "ledger");
  const server = await repeating();
  const { code, out, err } = await run(folder, server.url);
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  const texts: { readonly place: string; readonly text: string }[] = [
    { place: "stdout", text: out },
    { place: "stderr", text: err },
    ...(await filesIn(folder)),
  ];
  const hits = Object.entries(SECRETS).flatMap(([name, secret]) =>
    texts.flatMap(({ place, text }) => writings(secret).flatMap((writing) => hitsOf(name, place, text, writing))),
  );
  expect(hits).toEqual([]);
  // The secrets were used, so they could have been told.
  const used = Object.entries(SECRETS).filter(([name]) => !/REFUSED|CALLER/.test(name));
  expect(used.filter(([, secret]) => !server.heard().includes(secret))).toEqual([]);
  // What is looked for is found where it is recorded by design: inputs stand in the ledger as they are.
  const found = texts.filter(({ text }) => text.includes(RECORDED)).map(({ place }) => place);
  expect(found).toEqual(expect.arrayContaining(["stdout", expect.stringMatching(/segments/)]));
  figure("R18", {
    secrets: Object.keys(SECRETS).length,
    calls: server.calls(),
    modes: MODES.length,
    places: texts.length,
    hits: hits.length,
  });
});

it("an error that was cut in the middle of a secret keeps nothing of it", () => {
  const secret = SECRETS.GATEWAY_KEY;
  for (let length = 8; length <= secret.length; length++) {
    const error = new ModelError("server", `no: ${secret.slice(0, length)}…`, {
      provider: "x",
      retryable: true,
      status: 500,
    });
    const told = secretless(error, undefined, { "x-key": secret, "x-other": "gzip" });
    expect(told).toMatchObject({ code: "server", message: "no: [redacted]…", status: 500, retryable: true });
    expect(told.stack).not.toContain("gateway-");
  }
});

function hitsOf(name: string, place: string, text: string, writing: string): readonly string[] {
  const at = text.indexOf(writing);
  return at < 0 ? [] : [`${name} in ${place}: …${text.slice(Math.max(0, at - 120), at + writing.length + 20)}…`];
}

/** A secret as it might be written: as it is, in base 64 at any place of it, and in hexadecimal. */
function writings(secret: string): readonly string[] {
  const inside = [0, 1, 2].map((shift) => Buffer.from(secret.slice(shift)).toString("base64").slice(0, -4));
  return [secret, ...inside, Buffer.from(secret).toString("hex"), encodeURIComponent(secret)];
}

async function filesIn(folder: string): Promise<readonly { readonly place: string; readonly text: string }[]> {
  const items = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = items.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name));
  return Promise.all(files.map(async (file) => ({ place: file.slice(folder.length), text: await readFile(file, "latin1") })));
}

function run(folder: string, url: string): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  const child = spawn(process.execPath, ["--conditions=kindling-source", PROCESS, folder, url], {
    env: { PATH: process.env["PATH"], ...SECRETS },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
}

/** A server that answers as the body says, and repeats every header it was sent wherever an answer has room for it. */
async function repeating() {
  let calls = 0;
  let heard = "";
  const server = createServer((incoming, response) => {
    let body = "";
    incoming.setEncoding("utf8").on("data", (text: string) => (body += text));
    incoming.on("end", () => {
      calls += 1;
      heard += JSON.stringify(incoming.headers);
      answer(incoming, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, calls: () => calls, heard: () => heard };
}

function answer({ headers, url = "" }: IncomingMessage, response: ServerResponse, body: string): void {
  const mode = /mode:(\w+)/.exec(body)?.[1] ?? "ok";
  const words = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
  const wire = WIRES.get(url);
  if (mode === "cut") return void response.socket?.destroy();
  if (mode === "moved") return void response.writeHead(302, { location: `/elsewhere?${words.join("&")}` }).end();
  if (mode === "text") return void response.writeHead(200, { "content-type": "text/html" }).end(words.join("\n"));
  if (mode === "ok") {
    response.writeHead(200, { "content-type": wire?.contentType ?? "application/json", "request-id": "req_1" });
    return void response.end(
      wire?.write("m", '{"text":"fine"}').join("") ?? '{"id":"run_1","status":"succeeded","outputs":1,"error":null}',
    );
  }
  const message = `no: ${words.join(", ")}`;
  const error = { type: "error", error: { type: "api_error", code: "no", message, fix: message, param: message } };
  response.writeHead(Number(mode), { "content-type": "application/json", "x-repeated": words.join(" ") }).end(JSON.stringify(error));
}
