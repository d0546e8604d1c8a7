// A toy: a language model that is computed and not trained. Its tokens are bytes; its one layer is zero, so that the embedding of the last
// byte reaches the output unchanged; and the output is a table of how often each byte follows each in a few lines of text. To an engine it
// is a model like any other. What it says is nonsense: it shows that machinery works and says nothing about models.

import { encodeGguf, type GgufValue, type Tensor } from "./gguf.ts";

const UNKNOWN = 0;
const BEGIN = 1;
const END = 2;
/** The token of byte 0; bytes follow in their order. */
const FIRST_BYTE = 3;
const TOKENS = FIRST_BYTE + 256;

/** The width of the model: room for a place per token, in heads of an even width, as rotary positions want it. */
const WIDTH = 272;
const HEADS = 8;
const INNER_WIDTH = 32;

/** Pairs that are in no line are not impossible: a grammar may ask for them. */
const FAINT = 0.01;
const NEVER = 1e-9;

/** ChatML, ending in a newline: grammars start badly after a space. */
const CHAT_TEMPLATE =
  "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

/** The file of a toy model that has seen these lines. @param contextTokens how many bytes a conversation may have */
export function bigramModel(lines: readonly string[], contextTokens: number): Uint8Array {
  return encodeGguf({ keys: keysOf(contextTokens), tensors: tensorsOf(followers(lines)) });
}

/** How often each token follows each; one row per token before. Answers begin after a newline, as lines do, and end where lines end. */
function followers(lines: readonly string[]): Float64Array {
  const counts = new Float64Array(TOKENS * TOKENS).fill(FAINT);
  const add = (before: number, after: number, count: number): void => {
    counts[before * TOKENS + after] = (counts[before * TOKENS + after] ?? 0) + count;
  };
  for (const line of lines) {
    let before = tokenOf("\n");
    for (const byte of new TextEncoder().encode(line)) {
      add(before, FIRST_BYTE + byte, 1);
      before = FIRST_BYTE + byte;
    }
    add(before, END, 1);
  }
  for (let token = 0; token < TOKENS; token++) {
    // What closes a text, an object and an answer is always near, so that nothing goes on for ever.
    add(token, tokenOf('"'), 0.2);
    add(token, tokenOf("}"), 0.1);
    add(token, END, 0.05);
    // Where a grammar allows blanks, nothing shall be preferred less.
    for (const blank of [" ", "\n", "\t", "\r"].map(tokenOf))
      if (counts[token * TOKENS + blank] === FAINT) counts[token * TOKENS + blank] = NEVER;
    for (const never of [UNKNOWN, BEGIN]) counts[token * TOKENS + never] = NEVER;
  }
  return counts;
}

function tokenOf(character: string): number {
  return FIRST_BYTE + character.charCodeAt(0);
}

function tensorsOf(counts: Float64Array): readonly Tensor[] {
  const embedding = new Float32Array(TOKENS * WIDTH);
  for (let token = 0; token < TOKENS; token++) embedding[token * WIDTH + token] = 1;
  return [
    { name: "token_embd.weight", shape: [WIDTH, TOKENS], values: embedding },
    { name: "output_norm.weight", shape: [WIDTH], values: ones() },
    { name: "output.weight", shape: [WIDTH, TOKENS], values: outputOf(counts) },
    { name: "blk.0.attn_norm.weight", shape: [WIDTH], values: ones() },
    { name: "blk.0.ffn_norm.weight", shape: [WIDTH], values: ones() },
    ...["attn_q", "attn_k", "attn_v", "attn_output"].map((name) => zeros(`blk.0.${name}.weight`, WIDTH, WIDTH)),
    zeros("blk.0.ffn_gate.weight", WIDTH, INNER_WIDTH),
    zeros("blk.0.ffn_up.weight", WIDTH, INNER_WIDTH),
    zeros("blk.0.ffn_down.weight", INNER_WIDTH, WIDTH),
  ];
}

/** Logarithms of the shares, per token after. The norm before the output makes the one in an embedding the root of the width: taken out here. */
function outputOf(counts: Float64Array): Float32Array {
  const output = new Float32Array(TOKENS * WIDTH);
  for (let before = 0; before < TOKENS; before++) {
    const row = counts.subarray(before * TOKENS, (before + 1) * TOKENS);
    const sum = row.reduce((total, count) => total + count, 0);
    row.forEach((count, after) => (output[after * WIDTH + before] = Math.log(count / sum) / Math.sqrt(WIDTH)));
  }
  return output;
}

function ones(): Float32Array {
  return new Float32Array(WIDTH).fill(1);
}

function zeros(name: string, ...shape: readonly [number, number]): Tensor {
  return { name, shape, values: new Float32Array(shape[0] * shape[1]) };
}

function keysOf(contextTokens: number): readonly (readonly [string, GgufValue])[] {
  const unsigned = (value: number): GgufValue => ({ type: "unsigned", value });
  const text = (value: string): GgufValue => ({ type: "text", value });
  const bytes = Array.from({ length: 256 }, (_none, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const [UNKNOWN_TYPE, CONTROL_TYPE, BYTE_TYPE] = [2, 3, 6];
  return [
    ["general.architecture", text("llama")],
    ["general.name", text("toy bigram")],
    ["general.file_type", unsigned(0)],
    ["llama.context_length", unsigned(contextTokens)],
    ["llama.embedding_length", unsigned(WIDTH)],
    ["llama.block_count", unsigned(1)],
    ["llama.feed_forward_length", unsigned(INNER_WIDTH)],
    ["llama.attention.head_count", unsigned(HEADS)],
    ["llama.attention.head_count_kv", unsigned(HEADS)],
    ["llama.attention.layer_norm_rms_epsilon", { type: "float", value: 1e-6 }],
    ["llama.rope.dimension_count", unsigned(WIDTH / HEADS)],
    ["llama.vocab_size", unsigned(TOKENS)],
    ["tokenizer.ggml.model", text("llama")],
    ["tokenizer.ggml.pre", text("default")],
    ["tokenizer.ggml.tokens", { type: "texts", value: ["<unk>", "<s>", "</s>", ...bytes] }],
    ["tokenizer.ggml.scores", { type: "floats", value: Array.from({ length: TOKENS }, () => 0) }],
    [
      "tokenizer.ggml.token_type",
      { type: "integers", value: [UNKNOWN_TYPE, CONTROL_TYPE, CONTROL_TYPE, ...bytes.map(() => BYTE_TYPE)].map(Number) },
    ],
    ["tokenizer.ggml.bos_token_id", unsigned(BEGIN)],
    ["tokenizer.ggml.eos_token_id", unsigned(END)],
    ["tokenizer.ggml.unknown_token_id", unsigned(UNKNOWN)],
    ["tokenizer.ggml.add_bos_token", { type: "flag", value: true }],
    ["tokenizer.ggml.add_space_prefix", { type: "flag", value: false }],
    ["tokenizer.chat_template", text(CHAT_TEMPLATE)],
  ];
}
