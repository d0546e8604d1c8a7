// A history of processes that give out and destroy keys on a disk that fails, and what it showed. For tests.

import { dirname, join } from "node:path";
import { KindlingError } from "../../src/errors.ts";
import type { Random } from "../../src/ledger/cipher.ts";
import { type Disk, ensureFolder } from "../../src/ledger/disk.ts";
import { SLOT_BYTES, SLOTS_PER_FILE } from "../../src/ledger/key-slots.ts";
import { slotFileOf } from "../../src/ledger/slot-files.ts";
import { createVault, type Vault } from "../../src/ledger/vault.ts";
import { FOLDER, MASTER, open, secretIn, secretOf, siteOn } from "./sample-vault.ts";
import { seededBytes } from "./seeded-bytes.ts";
import { seededRandom } from "./seeded-random.ts";
import { type Fault, SimulatedDisk, type SimulatedDiskOptions } from "./simulated-disk.ts";

/** Lives with a fault chosen by the seed; or, with one given fault, one with it and one without. */
const LIVES = { seeded: 5, given: 2 };
const STEPS = 6;

/** What one history showed. All but the first two must stay zero. */
export interface VaultHistory {
  /** Keys that were given out and destroyed, each after the answer. */
  readonly given: number;
  readonly destroyed: number;
  /** Live keys that were given out and are gone or are others. */
  readonly lost: number;
  /** Slots that two trees were given. */
  readonly shared: number;
  /** Destroyed keys that open again, or of which a copy is in the folder. */
  readonly back: number;
  readonly refusedAsDamaged: number;
}

/** Which faults there are: chosen by the seed, or one in the first life. */
export interface VaultFaults {
  readonly first?: Fault;
  readonly isPowerCut?: boolean;
}

/** Plays the history of a seed. */
export async function playVaultHistory(
  seed: number,
  options: Omit<SimulatedDiskOptions, "random">,
  { first, isPowerCut }: VaultFaults = {},
): Promise<VaultHistory> {
  const random = seededRandom(seed);
  const disk = new SimulatedDisk({ random, ...options });
  const model = new Model(disk, random);
  const lives = first === undefined ? LIVES.seeded : LIVES.given;
  for (let life = 0; life < lives; life++) {
    const fault = first === undefined ? someFault(random) : life === 0 ? first : NO_FAULT;
    await model.live(disk.begin(fault), seed * 100 + life);
    if (isPowerCut ?? random() < 0.5) disk.cutPower();
    else disk.kill();
  }
  disk.cutPower();
  await model.live(disk.begin(), seed * 100 + lives);
  return model.result();
}

const NO_FAULT: Fault = { kind: "none" };

function someFault(random: () => number): Fault {
  const kinds = ["none", "death", "sync-fails", "disk-full"] as const;
  const kind = kinds[Math.floor(random() * kinds.length)] ?? "none";
  return kind === "none" ? NO_FAULT : { kind, atCall: 1 + Math.floor(random() * 24) };
}

interface Tree {
  readonly root: string;
  readonly secret: string;
  readonly wrapped: Buffer;
  state: "live" | "in doubt" | "destroyed";
}

class Model {
  readonly #disk: SimulatedDisk;
  readonly #random: () => number;
  readonly #trees = new Map<number, Tree>();
  readonly #counts = { lost: 0, shared: 0, back: 0, refusedAsDamaged: 0 };
  #isCreated = false;
  #roots = 0;

  constructor(disk: SimulatedDisk, random: () => number) {
    this.#disk = disk;
    this.#random = random;
  }

  /** One process, until it has done its steps, fails or dies. */
  async live(life: Disk, seed: number): Promise<void> {
    const bytes = seededBytes(seed);
    const work = async (): Promise<void> => {
      if (!this.#isCreated) await this.#create(life, bytes);
      const vault = await open(life, { random: bytes });
      await this.#check(life, vault);
      for (let step = 0; step < STEPS; step++) await this.#step(vault);
      await this.#check(life, await open(life, { access: "read" }));
    };
    const outcome = work().catch((error: unknown) => this.#noteRefusal(error));
    await Promise.race([outcome, this.#disk.death]);
  }

  result(): VaultHistory {
    const destroyed = [...this.#trees.values()].filter(({ state }) => state === "destroyed").length;
    return { given: this.#trees.size, destroyed, ...this.#counts };
  }

  /** The folder above is the ledger's, who makes it durable. */
  async #create(life: Disk, bytes: Random): Promise<void> {
    await ensureFolder(life, dirname(FOLDER));
    await life.syncFolder("/");
    await createVault(siteOn(life), MASTER, bytes);
    this.#isCreated = true;
  }

  async #step(vault: Vault): Promise<void> {
    const choice = this.#random();
    if (choice < 0.5) await this.#allocate(vault);
    else if (choice < 0.7) await this.#destroy(vault);
    else if (choice < 0.95) await Promise.all([this.#allocate(vault), this.#destroy(vault), this.#allocate(vault)]);
    else await this.#jump(vault);
  }

  async #allocate(vault: Vault): Promise<void> {
    const roots = Array.from({ length: 1 + Math.floor(this.#random() * 3) }, () => `run-${this.#roots++}`);
    for (const [index, key] of (await vault.allocate(roots)).entries()) {
      if (this.#trees.has(key.slot)) this.#counts.shared += 1;
      this.#trees.set(key.slot, { root: roots[index] ?? "", secret: secretOf(key), wrapped: this.#wrappedIn(key.slot), state: "live" });
    }
  }

  async #destroy(vault: Vault): Promise<void> {
    const slots = [...this.#trees.keys()].filter(() => this.#random() < 0.2);
    for (const slot of slots) this.#mark(slot, "in doubt");
    await vault.destroy(slots);
    for (const slot of slots) this.#mark(slot, "destroyed");
  }

  /** Uses up most of a file, so that the next keys are in another one. */
  async #jump(vault: Vault): Promise<void> {
    const last = Math.max(-1, ...this.#trees.keys());
    if (last >= 0 && last < SLOTS_PER_FILE - 8) await vault.destroy([SLOTS_PER_FILE - 3]);
  }

  #mark(slot: number, state: Tree["state"]): void {
    const tree = this.#trees.get(slot);
    if (tree !== undefined && tree.state !== "destroyed") tree.state = state;
  }

  async #check(life: Disk, vault: Vault): Promise<void> {
    for (const [slot, tree] of this.#trees) {
      const found = await secretIn(vault, tree.root, slot).catch((error: unknown) =>
        error instanceof KindlingError ? error.code : "failed",
      );
      const isDoubtful = tree.state === "in doubt" && found === "destroyed";
      if (tree.state === "destroyed") {
        if (found !== "destroyed") this.#counts.back += 1;
      } else if (found !== tree.secret && !isDoubtful) this.#counts.lost += 1;
    }
    const names = await life.list(FOLDER);
    const all = Buffer.concat(names.flatMap((name) => writtenBlocks(this.#disk.content(join(FOLDER, name)))));
    const gone = [...this.#trees.values()].filter(({ state }) => state === "destroyed");
    this.#counts.back += gone.filter(({ wrapped }) => all.includes(wrapped)).length;
  }

  /** What a broken disk brings about is expected; that something was taken for damage is not. */
  #noteRefusal(error: unknown): void {
    if (error instanceof KindlingError && ["ledger_damaged", "ledger_key_wrong", "bug"].includes(error.code))
      this.#counts.refusedAsDamaged += 1;
    else if (!(error instanceof Error && "code" in error)) throw error;
  }

  #wrappedIn(slot: number): Buffer {
    const { path, first } = slotFileOf(FOLDER, slot);
    const at = (slot - first) * SLOT_BYTES;
    return this.#disk.content(path).subarray(at + 64, at + 124);
  }
}

/** The parts of a file that are not zero: nearly all of it is, and need not be searched. */
function writtenBlocks(content: Buffer): readonly Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = 0; at < content.length; at += BLOCK_BYTES) {
    const block = content.subarray(at, at + BLOCK_BYTES);
    if (!block.equals(ZEROS.subarray(0, block.length))) blocks.push(block);
  }
  return blocks;
}

const BLOCK_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(BLOCK_BYTES);
