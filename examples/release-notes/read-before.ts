// A prompt cache such as model providers have: what a prompt has in common with one that was read before is not read again. Counts; keeps no answer.

/** Prompts that have been read. */
export interface ReadBefore {
  /** How many characters at the beginning of this prompt have been read already, in whole blocks. */
  common(prompt: string): number;
  add(prompt: string): void;
}

const BLOCK = 512;
const KEPT = 16;

/** Remembers the last prompts. */
export function readBefore(): ReadBefore {
  const read: string[] = [];
  return {
    common: (prompt) => Math.max(0, ...read.map((before) => blocksInCommon(before, prompt))),
    add: (prompt) => {
      read.push(prompt);
      if (read.length > KEPT) read.shift();
    },
  };
}

function blocksInCommon(one: string, other: string): number {
  let end = 0;
  while (end + BLOCK <= other.length && one.slice(end, end + BLOCK) === other.slice(end, end + BLOCK)) end += BLOCK;
  return end;
}
