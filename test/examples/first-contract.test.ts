// The first contract runs as it stands, in TypeScript and in JavaScript, and is as short as the README says.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { ROOT, startExample } from "./example-process.ts";

const LINES_LIMIT = 25;

describe.each(["first.ts", "first.mjs"])("%s", (file) => {
  const text = readFileSync(join(ROOT, "examples/first-contract", file), "utf8");

  it("runs and gives what it checks for", async () => {
    const { code, output, errors } = await startExample(await temporaryFolder(), `first-contract/${file}`).ended;
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(output).toMatch(/^run_\w+ waited for "draft\.answered" and gave "Hello Ada!"\n$/);
  });

  it(`has at most ${LINES_LIMIT} lines`, () => {
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(LINES_LIMIT);
  });
});

it("first.mjs is first.ts, but for its first line", () => {
  const [typescript, javascript] = ["first.ts", "first.mjs"].map((file) =>
    readFileSync(join(ROOT, "examples/first-contract", file), "utf8")
      .split("\n")
      .slice(1),
  );
  expect(javascript).toEqual(typescript);
});
