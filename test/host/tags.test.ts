import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, createRuntime, memoryLedger } from "../../src/index.ts";

const greet = contract("greet", {
  inputs: { name: z.string() },
  define: (g, { name }) => ({ text: g.map("text", name, (name) => `Hello ${name}`) }),
});

async function room() {
  return createRuntime({ contracts: [greet], ledger: memoryLedger() });
}

describe("tags", () => {
  it("find the runs that were started with them, together with what else is asked for", async () => {
    const kindling = await room();
    const one = await kindling.start(greet, { name: "Ada" }, { tags: ["trial", "trial", "blue"] });
    const two = await kindling.start(greet, { name: "Bob" }, { tags: ["trial"] });
    await kindling.start(greet, { name: "Eve" });
    await Promise.all([one.result(), two.result()]);
    const ids = async (query: object) => (await kindling.list(query)).items.map(({ id }) => id).sort();
    expect(await ids({ tag: "trial" })).toEqual([one.id, two.id].sort());
    expect(await ids({ tag: "blue", status: "succeeded", contract: "greet" })).toEqual([one.id]);
    expect(await ids({ tag: "green" })).toEqual([]);
    expect((await one.get()).tags).toEqual(["trial", "blue"]);
    await kindling.close();
  });

  it("are refused when they are none", async () => {
    const kindling = await room();
    for (const tags of ["trial", [""], [7], ["x".repeat(101)], Array.from({ length: 17 }, (_, index) => `t${index}`)])
      await expect(kindling.start("greet", { name: "Ada" }, { tags: tags as string[] })).rejects.toMatchObject({ code: "bad_tags" });
    await kindling.close();
  });
});
