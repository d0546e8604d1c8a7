// A ledger on a file system that other machines may write to: read by anybody, written only by who was given leave.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fileLedger } from "../../src/ledger/file.ts";
import type { Disk } from "../../src/ledger/disk.ts";
import { networkOf } from "../../src/ledger/network-kinds.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const onNfs: Disk = { ...realDisk, network: async () => "NFS" };

const ONE = { run: "one", expected: 0, facts: [{ type: "noted" }] };

describe("a ledger on a network file system", () => {
  it("is not written, and the refusal names the kind and the ways out", async () => {
    const folder = join(await temporaryFolder(), "ledger");
    const refused = fileLedger(folder, { disk: onNfs }).open({ access: "write" });
    await expect(refused).rejects.toMatchObject({
      code: "ledger_on_network",
      details: { location: folder, kind: "NFS" },
      fix: expect.stringContaining("allowNetwork: true") as unknown,
    });
  });

  it("leaves nothing behind where it was refused", async () => {
    const folder = join(await temporaryFolder(), "ledger");
    await expect(fileLedger(folder, { disk: onNfs }).open({ access: "write" })).rejects.toThrow("locks are not reliable");
    expect(await realDisk.inspect(folder)).toBeUndefined();
  });

  it("is read", async () => {
    const folder = await temporaryFolder();
    {
      await using ledger = await fileLedger(folder).open({ access: "write" });
      await ledger.append([ONE]);
    }
    await using reader = await fileLedger(folder, { disk: onNfs }).open({ access: "read" });
    expect((await reader.read("one")).length).toBe(1);
  });

  it("is written with leave", async () => {
    await using ledger = await fileLedger(await temporaryFolder(), { disk: onNfs, allowNetwork: true }).open({ access: "write" });
    expect(await ledger.append([ONE])).toMatchObject([{ position: 1 }]);
  });
});

describe("the disk of this machine", () => {
  it("is no network, also for a folder that is still to be made", async () => {
    const folder = await temporaryFolder();
    expect(await realDisk.network?.(join(folder, "not", "there", "yet"))).toBeUndefined();
  });

  it("says of what is mounted here from a network what it is, also for what is not there yet", async ({ skip }) => {
    const mounts = process.platform === "linux" ? (await readFile("/proc/mounts", "utf8")).split("\n") : [];
    const found = mounts
      .map((line) => line.split(" "))
      .find(([, , type = ""]) => /^(nfs4?|9p|cifs|smb3|fuse\.(?!portal|lxcfs|gvfsd).+)$/.test(type));
    if (found?.[1] === undefined) return skip("nothing is mounted from a network here");
    expect(await realDisk.network?.(join(found[1], "not", "there", "yet"))).toMatch(/NFS|9p|SMB|CIFS|FUSE/);
  });

  it("knows network file systems by their numbers, with and without a sign", () => {
    expect([0x6969, 0x01021997, 0x65735546, 0xff534d42, 0xff534d42 | 0].map(networkOf)).toEqual(["NFS", "9p", "FUSE", "CIFS", "CIFS"]);
    // ext4, XFS, btrfs, tmpfs, overlay, ZFS.
    expect([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1].map(networkOf)).toEqual(Array(6).fill(undefined));
  });
});
