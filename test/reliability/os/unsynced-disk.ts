// A disk that says everything is durable and syncs nothing: the control that shows that a test of syncs can fail.

import type { Disk } from "../../../src/ledger/disk.ts";
import { realDisk } from "../../../src/ledger/real-disk.ts";

/** The files of this machine without any sync. */
export const unsyncedDisk: Disk = {
  ...realDisk,
  open: async (path, mode) => ({ ...(await realDisk.open(path, mode)), syncContent: async () => {}, sync: async () => {} }),
  syncFolder: async () => {},
};
