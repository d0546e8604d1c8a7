// An author's mistakes are compile errors on the very word that is wrong: test/types/mistakes/*.ts, each error announced in a comment.

import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { compareErrors, readExpected } from "./expected-errors.ts";
import { readErrors, runCompiler } from "./type-check.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const files = globSync("test/types/mistakes/*.ts", { cwd: ROOT }).map((file) => file.replaceAll("\\", "/"));
const hasIndex = existsSync(join(ROOT, "src/index.ts"));

describe("mistakes", () => {
  it.skipIf(!hasIndex)(
    `are errors at the announced words, and nothing else is${hasIndex ? "" : " (skipped: src/index.ts is not there yet)"}`,
    async () => {
      expect(files).not.toEqual([]);
      const expected = files.flatMap((file) => readExpected(file, readFileSync(join(ROOT, file), "utf8")));
      const found = readErrors(await runCompiler(["-p", "test/types/tsconfig.json"]));
      expect(compareErrors(expected, found)).toEqual([]);
    },
  );
});

describe("the comparison", () => {
  const text = [
    "// error at `topik`: Cannot find",
    "f({ topic: topik }); // a comment behind code",
    "// error at `a` #2",
    "// error at `ab`",
    "g(a, ab, a);",
  ].join("\n");
  const output = [
    "m.ts(2,12): error TS2304: Cannot find name 'topik'.",
    "m.ts(5,6): error TS1: one",
    "m.ts(5,10): error TS2: two",
    "  with more about it",
    "Found 3 errors.",
  ].join("\n");

  it("finds every announced error at the column of its word", () => {
    expect(compareErrors(readExpected("m.ts", text), readErrors(output))).toEqual([]);
  });

  it("tells an error that is missing, one that is elsewhere and one with another message", () => {
    const moved = output.replace("(2,12)", "(2,5)").replace("m.ts(5,6): error TS1: one\n", "");
    expect(compareErrors(readExpected("m.ts", text), readErrors(moved))).toEqual([
      'm.ts:2 no error at `topik` (column 12) with "Cannot find"',
      "m.ts:5 no error at `ab` (column 6)",
      "m.ts:2:5 unexpected TS2304: Cannot find name 'topik'.",
    ]);
    const changed = output.replace("Cannot find", "No such");
    expect(compareErrors(readExpected("m.ts", text), readErrors(changed))).toHaveLength(2);
  });

  it("tells a word that is not in the line and a comment that is nearly a mark", () => {
    expect(compareErrors(readExpected("m.ts", "// error at `b`\nab;"), [])).toEqual(["m.ts:2 `b` is not in the line"]);
    expect(() => readExpected("m.ts", "// error here")).toThrow("m.ts:1 is no mark");
  });

  it("tells errors of other files too", () => {
    expect(compareErrors([], readErrors("src/a.ts(1,1): error TS1: one\n  more"))).toEqual(["src/a.ts:1:1 unexpected TS1: one\n  more"]);
  });
});
