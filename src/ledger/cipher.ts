// Bytes sealed with AES-256-GCM and bound to the place they stand in. Pure: keys and randomness are handed in; knows no slots, lines or files.

import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from "node:crypto";

/** Bytes of every key. */
export const KEY_BYTES = 32;
/** What a seal adds to its content: the nonce before and the tag behind it. */
export const SEAL_BYTES = 28;

/** Gives fresh random bytes, fit for keys. */
export type Random = (bytes: number) => Uint8Array;

/** What a seal is bound to besides its key: opened anywhere else, it does not open. The first part says what sort of place it is. */
export type SealedPlace = readonly [string, ...(readonly (string | number)[])];

/** Gives nonce ‖ ciphertext ‖ tag. The nonce is random, so a key is good for 2^32 seals: beyond, the chance that two are alike is no longer negligible (1 in 2^33 up to there). */
export function seal(key: KeyObject, content: Uint8Array, place: SealedPlace, random: Random): Buffer {
  const nonce = random(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(placeBytes(place));
  const sealed = cipher.update(content);
  cipher.final();
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
}

/** Gives the content; `undefined` when the bytes are not what was sealed with this key in this place. */
export function unseal(key: KeyObject, sealed: Uint8Array, place: SealedPlace): Buffer | undefined {
  if (sealed.length < SEAL_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(placeBytes(place));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const content = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
  try {
    decipher.final();
  } catch {
    // `final` fails for one reason only: the tag is wrong. Who asked knows the place and says so.
    return undefined;
  }
  return content;
}

/** A key object for raw key bytes, which are wiped: an object can neither be printed nor written out by mistake. */
export function takeKey(bytes: Uint8Array): KeyObject {
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

/** A key for one purpose, made from another one (HKDF with SHA-256). */
export function deriveKey(from: KeyObject, purpose: string): KeyObject {
  return takeKey(new Uint8Array(hkdfSync("sha256", from, "", purpose, KEY_BYTES)));
}

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

function placeBytes(place: SealedPlace): Buffer {
  // JSON, so that no two places have the same bytes.
  return Buffer.from(JSON.stringify(place));
}
