// The types of `cold-wait.mjs`, which is JavaScript so that the process that is measured strips none.

import type { Contract, contract } from "../src/index.ts";

export declare const waitOf: (make: typeof contract) => Contract<{ readonly id: string }, boolean>;
