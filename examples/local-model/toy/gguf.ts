// Writes GGUF, the file format of llama.cpp's models (version 3): a header, keys with values, and tensors. Knows no model.

/** A value of a key. Numbers say how they are stored. */
export type GgufValue =
  | { readonly type: "text"; readonly value: string }
  | { readonly type: "unsigned" | "float"; readonly value: number }
  | { readonly type: "flag"; readonly value: boolean }
  | { readonly type: "texts"; readonly value: readonly string[] }
  | { readonly type: "floats" | "integers"; readonly value: readonly number[] };

/** A tensor of 32-bit floats; its shape begins with the length of a row. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A whole file. */
export interface GgufFile {
  readonly keys: readonly (readonly [name: string, value: GgufValue])[];
  readonly tensors: readonly Tensor[];
}

/** Tensors begin at multiples of this, counted from the end of the header. */
export const ALIGNMENT_BYTES = 32;

const VERSION = 3;
const TYPES = { unsigned: 4, integer: 5, float: 6, flag: 7, text: 8, list: 9 } as const;
const TENSOR_OF_FLOATS = 0;

/** The bytes of a file. */
export function encodeGguf({ keys, tensors }: GgufFile): Uint8Array {
  const header = new Bytes();
  header.raw(new TextEncoder().encode("GGUF"));
  header.unsigned(VERSION);
  header.long(tensors.length);
  header.long(keys.length);
  for (const [name, value] of keys) {
    header.text(name);
    writeValue(header, value);
  }
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    header.text(name);
    header.unsigned(shape.length);
    for (const length of shape) header.long(length);
    header.unsigned(TENSOR_OF_FLOATS);
    header.long(offset);
    offset += padded(values.byteLength);
  }
  header.pad();
  for (const { values } of tensors) {
    for (const value of values) header.float(value);
    header.pad();
  }
  return header.whole();
}

function writeValue(bytes: Bytes, { type, value }: GgufValue): void {
  switch (type) {
    case "text":
      bytes.unsigned(TYPES.text);
      return bytes.text(value);
    case "unsigned":
      bytes.unsigned(TYPES.unsigned);
      return bytes.unsigned(value);
    case "float":
      bytes.unsigned(TYPES.float);
      return bytes.float(value);
    case "flag":
      bytes.unsigned(TYPES.flag);
      return bytes.raw(Uint8Array.of(value ? 1 : 0));
    case "texts":
      return writeList(bytes, TYPES.text, value, (each) => bytes.text(each));
    case "floats":
      return writeList(bytes, TYPES.float, value, (each) => bytes.float(each));
    case "integers":
      return writeList(bytes, TYPES.integer, value, (each) => bytes.unsigned(each));
  }
}

function writeList<Item>(bytes: Bytes, type: number, items: readonly Item[], write: (item: Item) => void): void {
  bytes.unsigned(TYPES.list);
  bytes.unsigned(type);
  bytes.long(items.length);
  items.forEach(write);
}

function padded(length: number): number {
  return Math.ceil(length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}

/** Bytes that grow at their end; numbers are little-endian. */
class Bytes {
  #buffer = new Uint8Array(1 << 16);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  raw(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#extend(bytes.length));
  }

  unsigned(value: number): void {
    const at = this.#extend(4);
    this.#view.setUint32(at, value, true);
  }

  long(value: number): void {
    const at = this.#extend(8);
    this.#view.setBigUint64(at, BigInt(value), true);
  }

  float(value: number): void {
    const at = this.#extend(4);
    this.#view.setFloat32(at, value, true);
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.long(bytes.length);
    this.raw(bytes);
  }

  pad(): void {
    this.#extend(padded(this.#length) - this.#length);
  }

  whole(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Makes room and gives where it begins. */
  #extend(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#buffer.length) {
      const grown = new Uint8Array(2 ** Math.ceil(Math.log2(this.#length)));
      grown.set(this.#buffer);
      this.#buffer = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
