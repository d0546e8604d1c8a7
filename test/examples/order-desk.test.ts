// The order desk: an agent with tools, its gate, and what it may not do.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, createRuntime } from "kindling";
import { memoryLedger } from "kindling/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { orderDesk } from "../../examples/order-desk/contract.ts";
import { deskModel } from "../../examples/order-desk/models.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { paste, startExample } from "./example-process.ts";

const MAIN = "order-desk/main.ts";

async function open() {
  const kindling = await createRuntime({ contracts: [orderDesk], ledger: memoryLedger(), models: [deskModel()], model: "scripted:desk" });
  onTestFinished(() => kindling.close());
  const books = join(await temporaryFolder(), "books.jsonl");
  return { kindling, books, customer: { id: "c-1", name: "Ms Okoye", books } };
}

const booked = (books: string) => (existsSync(books) ? readFileSync(books, "utf8").trim().split("\n") : []);

describe("the program", () => {
  it("asks the owner, pays once, sends the letter, and checks itself", async () => {
    const folder = await temporaryFolder();
    const { code, output, errors } = await startExample(folder, MAIN).ended;
    expect({ code, errors }).toMatchObject({ code: 0 });
    expect(output).toMatch(
      /turn 1: find_order.*\n.*47 characters\n.*turn 2: refund.*\n.*\n.*turn 3: send_letter.*\n.*turn 4: answers\nDone: we have paid back 620/,
    );
    expect(booked(join(folder, ".kindling/order-desk/books.jsonl"))).toHaveLength(2);
  });

  it("leaves the decision to the printed command, also a no", async () => {
    const folder = await temporaryFolder();
    const { output } = await startExample(folder, MAIN, {}, ["--wait"]).ended;
    const command = /^to reject: {2}(.*)$/m.exec(output)?.[1] ?? "";
    const rejected = await paste(folder, command);
    expect(rejected, rejected.errors).toMatchObject({ code: 0 });
    expect(rejected.output).toContain("we cannot pay back A-18");
    const letters = booked(join(folder, ".kindling/order-desk/books.jsonl"));
    expect(letters).toHaveLength(1);
    expect(letters[0]).toContain("a person refused the call");
  });
});

describe("the agent", () => {
  it("asks nobody for a small sum", async () => {
    const { kindling, books, customer } = await open();
    const run = await kindling.start(orderDesk, { question: "A-17 is broken", customer });
    expect((await run.result()).answer.refunded).toBe(45);
    expect(booked(books)).toHaveLength(2);
  });

  it("cannot look into the orders of somebody else, whatever it asks for", async () => {
    const { kindling, customer } = await open();
    const run = await kindling.start(orderDesk, { question: "What about B-02?", customer });
    expect((await run.result()).answer.text).toBe("I cannot find the order B-02 among yours.");
  });

  it("has no findings", () => {
    expect(compile(orderDesk).findings).toEqual([]);
  });
});
