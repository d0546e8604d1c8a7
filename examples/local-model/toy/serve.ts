// The toy's process: writes the model to a file, loads it and serves it until it is told to end. `npm run toy-model` starts it by hand; examples
// and tests start it through toy-model.ts. A process of its own, since the engine writes pages to standard output and error.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bigramModel } from "./bigram-model.ts";
import { openEngine } from "./engine.ts";
import { listen } from "./server.ts";
import { DEFAULT_LINES, type ToyOrder } from "./toy-model.ts";

const CONTEXT_TOKENS = 4_096;
/** Beside Ollama's own port. */
const DEFAULT_PORT = 11_435;

// The order is written by toy-model.ts, as its type says.
const order = process.argv[2] === undefined ? undefined : (JSON.parse(process.argv[2]) as ToyOrder);
const { lines, port } = order ?? { lines: DEFAULT_LINES, port: DEFAULT_PORT };

const { promise: told, resolve: end } = Promise.withResolvers<void>();
// The one who started it asks for the end, or is gone; that may be before it answers.
process.once("disconnect", end);
process.once("SIGINT", end);
process.once("SIGTERM", end);

const folder = await mkdtemp(join(tmpdir(), "toy-model-"));
const file = join(folder, "toy-bigram.gguf");
await writeFile(file, bigramModel(lines, CONTEXT_TOKENS));
const engine = await openEngine(file, CONTEXT_TOKENS);
const server = await listen(engine, port);

if (process.send === undefined)
  console.log(`The toy model answers at ${server.url}/v1/chat/completions and ${server.url}/api/chat. Ctrl-C ends it.`);
else if (process.connected) process.send({ url: server.url });

await told;
await server.close();
await engine.close();
await rm(folder, { recursive: true, force: true });
