// Which kinds of file systems other machines may write to at the same time, by the numbers that Linux gives them (statfs(2), `f_type`).

/** FUSE and 9p stand here, too: what is behind them cannot be told, and it is mostly the disk of another machine. */
const KINDS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE"],
  [0x786f4256, "vboxsf"],
  [0xbacbacbc, "vmhgfs"],
  [0x7c7c6673, "prl_fs"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x19830326, "BeeGFS"],
  [0x7461636f, "OCFS2"],
  [0x01161970, "GFS2"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x73757245, "Coda"],
]);

/** The name of a network file system; `undefined` for any other. */
export function networkOf(type: number): string | undefined {
  // Where a kernel gives 32 bits with a sign, the number comes negative.
  return KINDS.get(type >>> 0);
}
