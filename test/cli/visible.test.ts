// What a decider sees must be what is decided: nothing in a value may hide, move or forge what stands on the screen.

import { describe, expect, it } from "vitest";
import { plainPaint } from "../../src/cli/view/paint.ts";
import { fit, oneLine, shellWord, table, widthOf } from "../../src/cli/view/text.ts";
import { FULL, labelled, READING } from "../../src/cli/view/value.ts";
import { visible, visibleCopy } from "../../src/cli/view/visible.ts";

describe("hidden characters", () => {
  it.each([
    ["an escape sequence", "\u001b[2Jgone", "<U+001B>[2Jgone"],
    ["a carriage return that writes over the line", "paid\rfree", "paid<U+000D>free"],
    ["a backspace", "1000\b\b\b", "1000<U+0008><U+0008><U+0008>"],
    ["a right-to-left override", "safe\u202Egnp.exe", "safe<U+202E>gnp.exe"],
    ["an isolate", "\u2066x\u2069", "<U+2066>x<U+2069>"],
    ["a zero-width space", "a\u200Bb", "a<U+200B>b"],
    ["a soft hyphen", "a\u00ADb", "a<U+00AD>b"],
    ["a byte order mark inside", "a\uFEFFb", "a<U+FEFF>b"],
    ["a tag character", "a\u{E0041}b", "a<U+E0041>b"],
    ["a variation selector that carries text", "a\u{E0101}b", "a<U+E0101>b"],
    ["a filler that looks like nothing", "a\u3164b", "a<U+3164>b"],
    ["a line separator", "a\u2028b", "a<U+2028>b"],
    ["half of a pair", "a\uD83Db", "a<U+D83D>b"],
    ["a C1 control", "a\u009B31m", "a<U+009B>31m"],
  ])("%s is written as its code point", (_name, text, shown) => {
    expect(visible(text)).toBe(shown);
  });

  it("ordinary text in any script stays as it is, with its line ends and tabs", () => {
    const text = "Grüße, 世界, שלום, नमस्ते\n\t– done";
    expect(visible(text)).toBe(text);
    expect(visible("a\r\nb")).toBe("a\nb");
  });

  it("are found in keys and at any depth", () => {
    expect(visibleCopy({ "a\u200B": [{ b: "\u202E" }], n: 1, t: null })).toEqual({ "a<U+200B>": [{ b: "<U+202E>" }], n: 1, t: null });
  });
});

describe("values to decide on", () => {
  it("stand under their labels; short ones beside them", () => {
    const values = { title: "Rain", page: "First line\nSecond line", tags: ["a", "b"], empty: "" };
    expect(labelled(values, READING, plainPaint)).toEqual([
      "title  Rain",
      "page",
      "  First line",
      "  Second line",
      'tags   ["a","b"]',
      "empty  (empty text)",
    ]);
  });

  it("that are long show their beginning and say how much is missing; --full shows all", () => {
    const text = `${"x".repeat(7_000)}\nend`;
    const [, first, last] = labelled({ text }, READING, plainPaint);
    expect(first).toBe(`  ${"x".repeat(6_000)}`);
    expect(last).toBe("  … 1,000 more characters and 1 more line; see all with --full");
    expect(labelled({ text }, FULL, plainPaint)).toEqual(["text", `  ${"x".repeat(7_000)}`, "  end"]);
    const lines = labelled({ text: "line\n".repeat(100) }, READING, plainPaint);
    expect(lines.at(-1)).toBe("  … 40 more lines; see all with --full");
  });

  it("a long line behind short ones is begun, too", () => {
    const lines = labelled({ value: { title: "short", body: "y".repeat(9_000) } }, READING, plainPaint);
    expect(lines[2]).toMatch(/^ {2}body: y{5900}/);
    expect(lines.at(-1)).toMatch(/^ {2}… 3,\d{3} more characters; see all with --full$/);
  });
});

describe("text in its place", () => {
  it("is cut to a line, a width, a column", () => {
    expect(oneLine("a  b\n\tc", 10)).toBe("a b c");
    expect(oneLine("0123456789", 5)).toBe("0123…");
    expect(widthOf("日本")).toBe(4);
    expect(fit("\u001b[31mabcdef\u001b[39m", 4)).toBe("\u001b[31mabc\u001b[39m…");
    expect(
      table([
        ["a", "b"],
        ["日本", "c"],
      ]),
    ).toEqual(["a     b", "日本  c"]);
  });

  it("makes its own row of a table longer where it is very long, and not the others", () => {
    const long = "k".repeat(256);
    expect(
      table([
        ["a", "b"],
        [long, "c"],
      ]),
    ).toEqual([`${"a".padEnd(80)}  b`, `${long}  c`]);
  });

  it("in a command is quoted for the shell and stays on one line", () => {
    expect(shellWord("posts[en]/draft")).toBe("'posts[en]/draft'");
    expect(shellWord("it's")).toBe("'it'\\''s'");
    expect(shellWord("a\nkindling cancel all")).toBe("$'a\\nkindling cancel all'");
    expect(shellWord("review")).toBe("review");
  });
});
