// Collections whose items wait: answered one by one, at several levels, ended together.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type Kindling } from "../../src/index.ts";
import { openKindling } from "../host/open-host.ts";

describe("items that wait", () => {
  const waiting = (mode: "collect" | "failFast") =>
    contract("waiting", {
      inputs: { tasks: z.record(z.string(), z.string()) },
      define: (g, { tasks }) =>
        g.collection("each", {
          over: tasks,
          as: "task",
          mode,
          each(g, { task }) {
            const answer = g.await("answer", { event: "answered", schema: z.string(), show: { task } });
            return g.compute("checked", {
              needs: { answer },
              run: ({ answer }) => {
                if (answer === "bad") throw new Error("bad answer");
                return answer;
              },
            });
          },
        }),
    });

  const answer = (kindling: Kindling, run: string, key: string, payload: string) =>
    kindling.deliver({ event: "answered", run, path: `each[${key}]/answer`, payload });

  it("are answered one by one by the names of a record's members, and their collection is there when all are", async () => {
    const kindling = await openKindling({ contracts: [waiting("collect")] });
    const run = await kindling.start("waiting", { tasks: { first: "x", second: "y", third: "z" } });
    expect((await run.settled()).awaits.map(({ path }) => path)).toEqual(["first", "second", "third"].map((key) => `each[${key}]/answer`));
    await answer(kindling, run.id, "third", "good");
    await answer(kindling, run.id, "first", "bad");
    expect((await run.settled()).status).toBe("waiting");
    await answer(kindling, run.id, "second", "fine");
    expect(await run.result()).toMatchObject({
      keys: ["first", "second", "third"],
      successes: { second: "fine", third: "good" },
      pending: [],
    });
  });

  it("are ended by the first failure when told to fail fast", async () => {
    const kindling = await openKindling({ contracts: [waiting("failFast")] });
    const run = await kindling.start("waiting", { tasks: { first: "x", second: "y" } });
    await answer(kindling, run.id, "second", "bad");
    await expect(run.result()).rejects.toThrow("each[second]/checked: bad answer");
  });

  it("wait at two levels when a collection stands inside another", async () => {
    const nested = contract("nested", {
      inputs: { groups: z.record(z.string(), z.array(z.string())) },
      define: (g, { groups }) =>
        g.collection("outer", {
          over: groups,
          as: "group",
          each: (g, { group }) =>
            g.collection("members", {
              over: group,
              as: "member",
              key: (member) => member,
              each: (g, { member }) => g.await("answer", { event: "answered", schema: z.string(), show: { member } }),
            }),
        }),
    });
    const kindling = await openKindling({ contracts: [nested] });
    const run = await kindling.start(nested, { groups: { x: ["a", "b"], y: ["a"] } });
    const paths = (await run.settled()).awaits.map(({ path }) => path);
    expect(paths).toEqual(["outer[x]/members[a]/answer", "outer[x]/members[b]/answer", "outer[y]/members[a]/answer"]);
    for (const path of paths) await kindling.deliver({ event: "answered", run: run.id, path, payload: path.slice(6, 19) });
    const result = await run.result();
    expect(result.get("x")?.successes).toEqual({ a: "x]/members[a]", b: "x]/members[b]" });
    expect(result.get("y")?.get("a")).toBe("y]/members[a]");
  });
});
