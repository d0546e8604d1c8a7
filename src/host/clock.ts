// Time, randomness and ids: what the pure core never touches and tests hand in.

import { secureRandom } from "../ledger/secure-random.ts";

/** A timer that can be called off. */
export interface Timer {
  cancel(): void;
}

/** Time as the host sees it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once `at` has come, or the time until then has passed, or as soon as possible when it is past. Keeps the process alive. */
  at(at: number, callback: () => void): Timer;
}

/** Randomness as the host sees it. */
export interface Chance {
  /** 128 random bits as 26 characters of Crockford's base 32, lower case. */
  id(): string;
  /** 0 to 1, for jitter. */
  fraction(): number;
}

// A longer delay overflows Node's timers and fires at once; so long ones are slept in pieces, which also follows a clock that is set.
const LONGEST_SLEEP_MS = 60_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  at: (at, callback) => {
    let timeout: NodeJS.Timeout;
    // Where the wall clock is set back, the time that was to pass counts; where it is set forward, what it shows.
    const latest = performance.now() + (at - Date.now());
    const remaining = () => Math.min(at - Date.now(), latest - performance.now());
    const sleep = () => {
      const left = remaining();
      timeout = setTimeout(left <= LONGEST_SLEEP_MS ? wakeUp : sleep, Math.max(0, Math.min(left, LONGEST_SLEEP_MS)));
    };
    const wakeUp = () => (remaining() <= 0 ? callback() : sleep());
    sleep();
    return { cancel: () => clearTimeout(timeout) };
  },
};

const random = secureRandom();

export const systemChance: Chance = {
  id: () => base32(random(ID_BYTES)),
  fraction: () => Math.random(),
};

const ID_BYTES = 16;

const DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

/** Bytes as Crockford's base 32, five bits a digit, lower case. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += DIGITS[(held >>> bits) & 31] ?? "";
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + (DIGITS[(held << (5 - bits)) & 31] ?? "");
}
