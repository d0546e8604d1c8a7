// A folder of its own for each test, gone after it.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Makes an empty folder; call it inside a test or a `beforeEach`. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kindling-ledger-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
