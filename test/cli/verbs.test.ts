// The commands that go on with what is there: update, retry, fork and upgrade, by the real launcher over a real ledger.

import { copyFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { steady, testProject, type TestProject } from "./command-line.ts";

const golden = (name: string) => new URL(`./golden/verbs-${name}.txt`, import.meta.url).pathname;

interface VerbsProject extends TestProject {
  /** Puts files beside the config, which change what its contracts do. */
  readonly put: (...files: string[]) => Promise<void>;
  readonly take: (file: string) => Promise<void>;
}

async function project(): Promise<VerbsProject> {
  const made = await testProject();
  await copyFile(new URL("./fixtures/verbs.config.ts", import.meta.url), join(made.folder, "kindling.config.ts"));
  return {
    ...made,
    put: async (...files) => void (await Promise.all(files.map((file) => writeFile(join(made.folder, file), "")))),
    take: (file) => rm(join(made.folder, file)),
  };
}

const quoted = ({ kindling }: TestProject) => kindling("run", "quote", "--input", "price=10", "--input", "amount=3");
const runIn = (result: Record<string, unknown>) => result["run"] as Record<string, unknown>;

describe("update", () => {
  it("takes name=value words, tells what is looked at again, and follows the run", async () => {
    const verbs = await project();
    await quoted(verbs);
    const called = await verbs.kindling("update", "latest", "amount=4");
    expect(called.code).toBe(0);
    await expect(steady(called.out)).toMatchFileSnapshot(golden("update"));
    await verbs.kindling("deliver", "quote.accepted", "--run", "latest", "--payload", '{"by":"Ada"}');
    const { result } = await verbs.json("update", "latest", "name=Bob");
    expect(result).toMatchObject({
      revision: { changed: ["name"], touched: ["text"] },
      run: { outputs: { text: "Bob: 40 (Ada)" } },
      next: [],
    });
  });

  it("takes --inputs and --input as start does, and says when nothing is different", async () => {
    const verbs = await project();
    await quoted(verbs);
    const same = await verbs.kindling("update", "latest", "--inputs", '{"price": 10}', "--input", "amount=3");
    expect([same.code, same.out.split("\n")[0]]).toEqual([0, "nothing is different; the run is as it was"]);
    // Text for an input that takes only text, though it reads as a number.
    expect((await verbs.json("update", "latest", "name=7")).result).toMatchObject({
      revision: { changed: ["name"] },
      run: { inputs: { name: "7" } },
    });
  });

  it("refuses what it cannot read or what does not fit, and the run is as it was", async () => {
    const verbs = await project();
    await quoted(verbs);
    for (const [name, words] of [
      ["inputs that do not fit", ["amount=many", "prise=1"]],
      ["a word that is no pair", ["amount"]],
      ["nothing", []],
    ] as const) {
      const called = await verbs.kindling("update", "latest", ...words);
      await expect(steady(`exit ${called.code}\n${called.out}${called.err}`)).toMatchFileSnapshot(
        golden(`update-${name.replaceAll(" ", "-")}`),
      );
    }
    expect(runIn((await verbs.json("show", "latest")).result)["inputs"]).toEqual({ price: 10, amount: 3, name: "you" });
  });

  it("refuses a run that was cancelled (4) and one that is not there (3)", async () => {
    const verbs = await project();
    await quoted(verbs);
    await verbs.kindling("cancel", "latest");
    expect((await verbs.kindling("update", "latest", "amount=4")).code).toBe(4);
    expect((await verbs.kindling("update", "run_nope", "amount=4")).code).toBe(3);
  });
});

describe("retry", () => {
  it("prints itself after a failure, and then goes on with what failed", async () => {
    const verbs = await project();
    await verbs.put("broken-check");
    expect((await verbs.kindling("run", "parcels", "--input", 'names=["rome"]')).code).toBe(1);
    const again = await verbs.kindling("retry", "latest");
    expect(again.code).toBe(1);
    await expect(steady(again.out)).toMatchFileSnapshot(golden("retry-fails"));
    const printed = /kindling (retry \S+)/.exec(again.out)?.[1]?.split(" ") ?? [];
    await verbs.take("broken-check");
    const called = await verbs.kindling(...printed);
    expect(called.code).toBe(0);
    await expect(steady(called.out)).toMatchFileSnapshot(golden("retry"));
    expect(called.err).not.toContain("sent");
  });

  it("of one item makes the result anew", async () => {
    const verbs = await project();
    await verbs.put("broken-rome", "broken-oslo");
    await verbs.kindling("run", "parcels", "--input", 'names=["rome","oslo","bern"]');
    await verbs.take("broken-rome");
    const { ok, result } = await verbs.json("retry", "latest", "sent[rome]");
    expect(ok).toBe(true);
    expect(JSON.stringify(runIn(result)["outputs"])).toContain('"ROME"');
  });

  it("is refused where nothing failed, for an item that succeeded, and for what is not there", async () => {
    const verbs = await project();
    await verbs.kindling("run", "parcels", "--input", 'names=["bern"]');
    for (const words of [[], ["sent[bern]"], ["nowhere"]]) {
      const { code, err } = await verbs.kindling("retry", "latest", ...words);
      expect([code, err]).toEqual([4, expect.stringContaining("→")]);
    }
  });
});

describe("fork", () => {
  it("starts another run with other inputs, and names both", async () => {
    const verbs = await project();
    await quoted(verbs);
    const called = await verbs.kindling("fork", "latest", "amount=5");
    expect(called.code).toBe(0);
    await expect(steady(called.out)).toMatchFileSnapshot(golden("fork"));
    await expect(steady(called.err)).toMatchFileSnapshot(golden("fork-progress"));
    expect((await verbs.json("list")).result["runs"]).toHaveLength(2);
  });

  it("takes a node's value, a place, and a key under which it is one run", async () => {
    const verbs = await project();
    await quoted(verbs);
    await verbs.kindling("deliver", "quote.accepted", "--run", "latest", "--payload", '{"by":"Ada"}');
    const { result } = await verbs.json("facts", "latest");
    const facts = result["facts"] as readonly { readonly id: string; readonly type: string; readonly position: number }[];
    const opened = facts.find(({ type }) => type === "await.opened");
    const donor = facts[0]?.id.split(":")[0] ?? "";
    for (const at of [opened?.id ?? "", `${opened?.position}`]) {
      const fork = await verbs.json("fork", donor, "--at", at, "--node", "total=99", "--key", `k-${at}`);
      expect(fork.result).toMatchObject({ forked: donor, run: { status: "waiting" }, next: [{ event: "quote.accepted" }] });
      const again = await verbs.kindling("fork", donor, "--at", at, "--node", "total=99", "--key", `k-${at}`);
      expect(again.out).toContain("was forked from");
    }
    expect((await verbs.json("fork", donor, "name=Cid", "--node", 'accepted={"by":"Eve"}')).result).toMatchObject({
      run: { outputs: { text: "Cid: 30 (Eve)" } },
    });
  });

  it("takes another model and another prompt", async () => {
    const verbs = await project();
    await verbs.kindling("run", "story", "--input", "topic=tea");
    const { id } = runIn((await verbs.json("show", "latest")).result);
    expect((await verbs.json("fork", String(id), "--model", "text=scripted:large")).result).toMatchObject({
      run: { outputs: { text: expect.stringMatching(/^large: /) } },
    });
    await writeFile(join(verbs.folder, "short.prompt.md"), "---\ninputs: { idea: string }\n---\nBriefly, {{idea}}\n");
    const { result } = await verbs.json("fork", String(id), "--prompt", "text=short.prompt.md");
    expect(JSON.stringify(runIn(result)["outputs"])).toContain("about tea");
    expect((await verbs.kindling("fork", String(id), "--prompt", "text=none.prompt.md")).code).toBe(2);
  });

  it("refuses what does not fit or is not there, and starts nothing", async () => {
    const verbs = await project();
    await quoted(verbs);
    for (const [name, words] of [
      ["inputs that do not fit", ["latest", "amount=many"]],
      ["a node that is not there", ["latest", "--node", "totl=1"]],
      ["a place that is none", ["latest", "--at", "yesterday"]],
      ["a fact that is not there", ["latest", "--at", "run_x:99"]],
      ["pairs that are none", ["latest", "--node", "total", "--model", "text"]],
      ["a model for a node that has none", ["latest", "--model", "total=scripted:large"]],
      ["a run that is not there", ["run_nope"]],
    ] as const) {
      const called = await verbs.kindling("fork", ...words);
      await expect(steady(`exit ${called.code}\n${called.out}${called.err}`)).toMatchFileSnapshot(
        golden(`fork-${name.replaceAll(" ", "-")}`),
      );
    }
    expect((await verbs.json("list")).result["runs"]).toHaveLength(1);
  });
});

describe("upgrade", () => {
  it("--check tells a line for each run that is not ended, and changes nothing", async () => {
    const verbs = await project();
    expect((await verbs.kindling("upgrade", "--check")).out).toBe("no run is open\n");
    await quoted(verbs);
    await verbs.kindling("run", "parcels", "--input", "names=[]");
    for (const files of [[], ["new-text"], ["new-total"], ["no-quote"]]) {
      await verbs.put(...files);
      const called = await verbs.kindling("upgrade", "--check");
      expect(called.code).toBe(0);
      await expect(steady(called.out)).toMatchFileSnapshot(golden(`check-${files[0] ?? "same"}`));
      const { result } = await verbs.json("upgrade", "--check");
      expect(result).toMatchObject({ checks: [{ contract: "quote" }], changed: files[0] === "new-total" ? 1 : 0 });
      for (const file of files.filter((each) => each === "no-quote" || each === "new-text")) await verbs.take(file);
    }
    expect((await verbs.json("facts", "latest")).result["facts"]).not.toContainEqual(expect.objectContaining({ type: "run.upgraded" }));
  });

  it.each([
    ["--keep", "you: 30 (Ada)"],
    ["--rerun", "you: 60 (Ada)"],
  ])("with %s lets the run go on, by the command that the check prints", async (policy, text) => {
    const verbs = await project();
    await quoted(verbs);
    await verbs.put("new-total");
    const refused = await verbs.kindling("deliver", "quote.accepted", "--run", "latest", "--payload", '{"by":"Ada"}');
    expect(refused.code).toBe(4);
    const { result } = await verbs.json("upgrade", "--check");
    const [check] = result["checks"] as readonly { readonly next: readonly string[] }[];
    const command =
      check?.next
        .find((each) => each.endsWith(policy))
        ?.split(" ")
        .slice(1) ?? [];
    const called = await verbs.kindling(...command);
    expect(called.code).toBe(0);
    await expect(steady(called.out)).toMatchFileSnapshot(golden(`upgrade${policy}`));
    await verbs.kindling("deliver", "quote.accepted", "--run", "latest", "--payload", '{"by":"Ada"}');
    expect((await verbs.json("show", "latest")).result).toMatchObject({ run: { outputs: { text } } });
  });

  it("says how it is used when it is given neither, both, a check of one run, no run, or nothing", async () => {
    const { kindling } = await project();
    for (const words of [["latest"], ["latest", "--keep", "--rerun"], ["latest", "--check"], ["--keep"], []]) {
      const { code, err } = await kindling("upgrade", ...words);
      expect([code, err]).toEqual([2, expect.stringContaining("upgrade takes --check alone, or a run with --keep or --rerun")]);
    }
  });
});
