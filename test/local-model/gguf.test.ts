// The file of the toy model, read back without an engine: what stands in it, where, and what its table says.

import { describe, expect, it } from "vitest";
import { bigramModel } from "../../examples/local-model/toy/bigram-model.ts";
import { ALIGNMENT_BYTES, encodeGguf, type GgufValue } from "../../examples/local-model/toy/gguf.ts";

interface ReadTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly at: number;
  readonly values: Float32Array;
}

/** Reads a file as the format's description has it. */
function readGguf(bytes: Uint8Array): { readonly keys: ReadonlyMap<string, unknown>; readonly tensors: readonly ReadTensor[] } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const unsigned = () => view.getUint32((at += 4) - 4, true);
  const long = () => Number(view.getBigUint64((at += 8) - 8, true));
  const text = () => {
    const length = long();
    return new TextDecoder().decode(bytes.subarray(at, (at += length)));
  };
  const value = (type: number): unknown => {
    if (type === 4 || type === 5) return unsigned();
    if (type === 6) return view.getFloat32((at += 4) - 4, true);
    if (type === 7) return view.getUint8(at++) === 1;
    if (type === 8) return text();
    const item = unsigned();
    return Array.from({ length: long() }, () => value(item));
  };

  expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe("GGUF");
  at = 4;
  expect(unsigned()).toBe(3);
  const [tensorCount, keyCount] = [long(), long()];
  const keys = new Map(Array.from({ length: keyCount }, () => [text(), value(unsigned())] as const));
  const heads = Array.from({ length: tensorCount }, () => {
    const name = text();
    const shape = Array.from({ length: unsigned() }, long);
    expect(unsigned(), "the type of floats").toBe(0);
    return { name, shape, at: long() };
  });
  const begin = Math.ceil(at / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
  const tensors = heads.map((head) => {
    const values = Float32Array.from({ length: head.shape.reduce((product, each) => product * each, 1) }, (_none, index) =>
      view.getFloat32(begin + head.at + 4 * index, true),
    );
    return { ...head, values };
  });
  return { keys, tensors };
}

describe("a GGUF file", () => {
  it("holds keys of all sorts", () => {
    const keys: readonly (readonly [string, GgufValue])[] = [
      ["text", { type: "text", value: "wörd" }],
      ["unsigned", { type: "unsigned", value: 4_000_000_000 }],
      ["float", { type: "float", value: 0.5 }],
      ["yes", { type: "flag", value: true }],
      ["no", { type: "flag", value: false }],
      ["texts", { type: "texts", value: ["", "a", "✓"] }],
      ["floats", { type: "floats", value: [0.25, -1] }],
      ["integers", { type: "integers", value: [1, 2, 3] }],
    ];
    const read = readGguf(encodeGguf({ keys, tensors: [] }));
    expect([...read.keys]).toEqual(keys.map(([name, { value }]) => [name, value]));
  });

  it("holds tensors that begin at multiples of 32 bytes, and ends with the last", () => {
    const tensors = [
      { name: "odd", shape: [3], values: Float32Array.of(1, 2, 3) },
      { name: "long", shape: [5, 2], values: Float32Array.from({ length: 10 }, (_none, index) => index / 2) },
    ];
    const bytes = encodeGguf({ keys: [], tensors });
    const read = readGguf(bytes).tensors;
    expect(read.map(({ name, shape, values }) => ({ name, shape, values }))).toEqual(tensors);
    expect(read.map(({ at }) => at)).toEqual([0, ALIGNMENT_BYTES]);
    expect(bytes.length % ALIGNMENT_BYTES).toBe(0);
  });
});

describe("the toy model", () => {
  const { keys, tensors } = readGguf(bigramModel(["no", "no", "nu"], 512));
  const WIDTH = Number(keys.get("llama.embedding_length"));
  const tensor = (name: string) => tensors.find((each) => each.name === name) ?? { shape: [], values: new Float32Array() };
  const token = (character: string) => 3 + character.charCodeAt(0);

  /** The tokens that may follow one, the likeliest first. */
  function after(before: number): readonly number[] {
    const { values } = tensor("output.weight");
    const scores = Array.from({ length: 259 }, (_none, index) => values[index * WIDTH + before] ?? 0);
    return scores.map((_score, index) => index).toSorted((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  }

  it("has a byte for a token, one layer that does nothing, and a place of its own for each token", () => {
    expect(keys.get("general.name")).toBe("toy bigram");
    expect(keys.get("tokenizer.ggml.tokens")).toHaveLength(259);
    expect(keys.get("llama.context_length")).toBe(512);
    const layer = tensors.filter(({ name }) => name.startsWith("blk.0.") && !name.includes("norm"));
    expect(layer).toHaveLength(7);
    for (const { values } of layer) expect(values.every((value) => value === 0)).toBe(true);
    const { shape, values } = tensor("token_embd.weight");
    expect(shape).toEqual([WIDTH, 259]);
    expect([...values.entries()].flatMap(([at, value]) => (value === 0 ? [] : [at]))).toEqual(
      Array.from({ length: 259 }, (_none, index) => index * (WIDTH + 1)),
    );
  });

  it("puts first what followed most often in its lines, and what began and ended them", () => {
    expect(after(token("\n"))[0]).toBe(token("n"));
    expect(after(token("n")).slice(0, 2)).toEqual([token("o"), token("u")]);
    expect(after(token("o"))[0]).toBe(2);
  });
});
