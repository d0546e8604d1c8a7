// A key of a security token, played in software: what it signs has the flags and the counter of a real one, and ssh-keygen takes it for one.

import { generateKeyPairSync, hash, sign } from "node:crypto";
import { DECISION_NAMESPACE } from "../../src/signing/decision-statement.ts";
import { sshString } from "../../src/signing/ssh-bytes.ts";
import { armoredSignature, signedBytes } from "../../src/signing/ssh-signature.ts";
import { publicKeyLine, readKeyBlob } from "../../src/ssh-public-key.ts";

const APPLICATION = "ssh:";
const COUNTER = 7;

/** A token of a kind, with its public line, that signs with given flags. */
export function hardwareKey(kind: "ed25519" | "ecdsa"): { readonly line: string; readonly sign: (text: string, flags: number) => string } {
  const algorithm = kind === "ed25519" ? "sk-ssh-ed25519@openssh.com" : "sk-ecdsa-sha2-nistp256@openssh.com";
  const { publicKey, privateKey } =
    kind === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const [left, right] = [Buffer.from(x, "base64url"), Buffer.from(y, "base64url")];
  const point = kind === "ed25519" ? [sshString(left)] : [sshString("nistp256"), sshString(Buffer.concat([Buffer.from([4]), left, right]))];
  const key = readKeyBlob(Buffer.concat([sshString(algorithm), ...point, sshString(APPLICATION)]));
  if (key === undefined) throw new Error("the played token has no key");
  return {
    line: publicKeyLine(key),
    sign: (text, flags) => {
      const counter = Buffer.alloc(4);
      counter.writeUInt32BE(COUNTER);
      const device = Buffer.concat([Buffer.from([flags]), counter]);
      const signed = signedBytes(DECISION_NAMESPACE, "sha512", hash("sha512", text, "buffer"));
      const message = Buffer.concat([hash("sha256", APPLICATION, "buffer"), device, hash("sha256", signed, "buffer")]);
      const made =
        kind === "ed25519"
          ? sign(null, message, privateKey)
          : pair(sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }));
      return armoredSignature(key, DECISION_NAMESPACE, "sha512", Buffer.concat([sshString(algorithm), sshString(made), device]));
    },
  };
}

function pair(bytes: Buffer): Buffer {
  return Buffer.concat([number(bytes.subarray(0, 32)), number(bytes.subarray(32))]);
}

/** A number as SSH writes it: in its shortest form, and never with its first bit set. */
function number(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.subarray(start);
  return sshString((short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short);
}
