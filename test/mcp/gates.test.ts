// A gate that wants a person's own channel, and everything an agent may try at it over MCP, in both eras. Whatever is tried is refused with a code and a cure, and
// nothing is decided; then the person decides, and the run goes on.

import { describe, expect, it } from "vitest";
import { at, type Attack } from "./gate-attack.ts";
import { ATTACKS } from "./gate-attacks.ts";
import { QUESTION_ATTACKS, STATE_ATTACKS } from "./gate-question-attacks.ts";
import { decisions, gateWorld, type World, YES } from "./gate-world.ts";
import { EACH } from "./served-project.ts";

/** Tries, and sees that it came to nothing. */
async function withstood(world: World, { codes, attack }: Attack): Promise<void> {
  const { client, kindling, plain, signed } = world;
  await attack(world);
  expect(await decisions(kindling)).toEqual([]);
  for (const run of [plain, signed]) expect(await kindling.get(run)).toMatchObject({ status: "waiting", awaits: [{ path: "review" }] });
  const met = new Set(client.refusals.map(({ code }) => code));
  if (codes !== undefined) expect(met).toEqual(new Set(codes));
  for (const refused of client.refusals) if ("fix" in refused) expect(refused.fix).toMatch(/^[A-Z].{10,}\.$/s);
}

/** A person decides the gate by a channel of their own. */
async function decide({ kindling, client, plain }: World): Promise<void> {
  const { shown } = await kindling.awaiting(plain);
  await kindling.deliver({ event: "plain.decided", run: plain, payload: YES, actor: { id: "cli:ada", assurance: "outOfBand" }, shown });
  expect((await client.call("get_run", { run_id: plain, wait_seconds: 5 })).value).toMatchObject({
    status: "completed",
    output: { said: "approve" },
  });
}

describe.each(EACH)("in the $era era over $wire a gate does not give way to", ({ era, wire }) => {
  it.each([...ATTACKS, ...QUESTION_ATTACKS, ...(era === "modern" ? STATE_ATTACKS : [])])("$name", async (attack) => {
    const world = await gateWorld(era, wire);
    await withstood(world, attack);
    await decide(world);
  });

  it("a client that calls itself a person", async () => {
    const { client, kindling, plain, easy } = await gateWorld(era, wire, "cli:ada");
    expect((await client.call("deliver_event", { ...at(plain), payload: YES })).value).toMatchObject({
      error: { code: "human_decision_required" },
    });
    expect(await decisions(kindling)).toEqual([]);
    await client.call("request_approval", at(easy));
    expect((await kindling.facts(easy)).find(({ type }) => type === "event.delivered")).toMatchObject({
      actor: { id: "client-asserted:mcp:cli-ada", assurance: "client" },
    });
  });

  it("an agent's delivery where a client may ask its user: it is sent to ask", async () => {
    const { client, kindling, easy } = await gateWorld(era, wire);
    for (const args of [{ ...at(easy), payload: YES }, at(easy)])
      expect((await client.call("deliver_event", args)).value).toMatchObject({
        error: { code: "human_decision_required", fix: expect.stringContaining("request_approval") as string },
      });
    expect((await kindling.get(easy))?.status).toBe("waiting");
  });
});
