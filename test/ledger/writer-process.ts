// A process that appends until it is killed and tells its parent what was acknowledged. Run by processes.test.ts: `node writer-process.ts <folder> <name> <clients>`.

import { writeSync } from "node:fs";
import { KindlingError } from "../../src/errors.ts";
import { fileLedger } from "../../src/ledger/file.ts";

const [folder = "", name = "", clients = "1"] = process.argv.slice(2);

try {
  const ledger = await fileLedger(folder).open({ access: "write" });
  writeSync(1, "open\n");
  await Promise.all(
    Array.from({ length: Number(clients) }, async (_, client) => {
      const run = `${name}.${client}`;
      for (let number = 0; ; number++) {
        await ledger.append([{ run, expected: number, facts: [{ id: `${run}.${number}`, pad: "x".repeat((number * 37) % 700) }] }]);
        writeSync(1, `ack ${run}.${number}\n`);
      }
    }),
  );
} catch (error) {
  writeSync(1, `refused ${error instanceof KindlingError ? `${error.code} ${error.message}` : String(error)}\n`);
}
