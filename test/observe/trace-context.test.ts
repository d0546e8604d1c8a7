// W3C Trace Context: what is read, and what counts as nothing.

import { describe, expect, it } from "vitest";
import { readTraceContext, readTraceParent, traceParentText } from "../../src/index.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const PARENT = `00-${TRACE}-${SPAN}-01`;

describe("a traceparent", () => {
  it("is read with its parts, and written again as it was", () => {
    const parent = readTraceParent(PARENT);
    expect(parent).toEqual({ traceId: TRACE, spanId: SPAN, flags: 1 });
    expect(parent && traceParentText(parent)).toBe(PARENT);
  });

  it("of a later version is read as far as version 00 goes, and goes on as 00", () => {
    expect(readTraceContext({ traceparent: `cc-${TRACE}-${SPAN}-01-what-the-future-will-be-like` })).toEqual({ traceparent: PARENT });
    expect(readTraceContext({ traceparent: `cc-${TRACE}-${SPAN}-f9` })?.traceparent).toMatch(/-01$/);
  });

  it.each([
    ["of version ff", `ff-${TRACE}-${SPAN}-01`],
    ["of version 00 with something behind it", `${PARENT}-more`],
    ["of a later version with something behind it that no dash parts", `cc-${TRACE}-${SPAN}-01.more`],
    ["in upper case", PARENT.toUpperCase()],
    ["without flags", `00-${TRACE}-${SPAN}`],
    ["with a short trace id", `00-${TRACE.slice(1)}-${SPAN}-01`],
    ["with a trace id of zeros", `00-${"0".repeat(32)}-${SPAN}-01`],
    ["with a span id of zeros", `00-${TRACE}-${"0".repeat(16)}-01`],
    ["with other characters", `00-${TRACE.replace("a", "g")}-${SPAN}-01`],
    ["that is a list", [PARENT]],
    ["that is empty", ""],
    ["that is missing", undefined],
    ["that is null", null],
  ])("%s counts as none", (_, traceparent) => {
    expect(readTraceContext({ traceparent, tracestate: "a=1" })).toBeUndefined();
  });
});

describe("a tracestate", () => {
  it("is kept in its order, without empty members and the blanks between them", () => {
    const tracestate = " congo=t61rcWkgMzE ,, rojo=00f067aa0ba902b7,t3nant@vendor=a:b ";
    expect(readTraceContext({ traceparent: PARENT, tracestate })?.tracestate).toBe(
      "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7,t3nant@vendor=a:b",
    );
  });

  it.each([
    ["without a value", "congo"],
    ["with a key twice", "a=1,a=2"],
    ["with an upper-case key", "Congo=1"],
    ["with more than 32 members", Array.from({ length: 33 }, (_, index) => `a${index}=1`).join(",")],
    ["that is longer than any header should be", `a=${"x".repeat(255)}`.concat(`,b${"x".repeat(5_000)}=1`)],
    ["with an equals sign in a value", "a=b=c"],
    ["that is no text", 7],
  ])("%s is left out, and the traceparent stays", (_, tracestate) => {
    expect(readTraceContext({ traceparent: PARENT, tracestate })).toEqual({ traceparent: PARENT });
  });
});
