// The key that a run and all runs below it are sealed with. Knows no files.

import type { KeyObject } from "node:crypto";

/** A data key and the slot it lies in. Ask the vault for it each time: who keeps it can read a tree whose key was destroyed. */
export interface TreeKey {
  readonly slot: number;
  /** Says whose key it is, like the mark in its slot. */
  readonly mark: string;
  readonly key: KeyObject;
}

/** What became of the key of a tree. A destroyed key is an expected answer: the tree was erased. */
export type KeyReading =
  | { readonly kind: "live"; readonly key: TreeKey }
  | { readonly kind: "destroyed"; readonly slot: number }
  /** The tree has no slot yet. */
  | { readonly kind: "none" };
