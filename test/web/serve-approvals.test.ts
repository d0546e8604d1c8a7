// The approval page over real HTTP: what stands on it, and what a decision comes to.

import { describe, expect, it } from "vitest";
import { whereDecided } from "../../mcp/where-decided.ts";
import { APPROVE, formIn, gateAt, letters, others, REJECT, servedPage, signedIn, type Visitor, waiting } from "./page-visitor.ts";

describe("a gate", () => {
  it("shows what is decided and takes the decision once, under the approver's name and roles", async () => {
    const page = await servedPage();
    const run = await waiting(page);
    const ada = await signedIn(page);
    expect((await ada.get("/")).text).toContain(gateAt(run, "review"));
    const gate = await ada.get(gateAt(run, "review"));
    for (const shown of ["May this letter be sent?", "Dear all,", "mcp:agent", (await page.kindling.awaiting(run)).shown])
      expect(gate.text).toContain(shown);
    const sent = [...formIn(gate), ["f.comment", "two\r\nlines"], APPROVE] as const;
    const [first, second] = [await ada.post(gateAt(run, "review"), sent), await ada.post(gateAt(run, "review"), sent)];
    expect([first.status, second.status, second.headers.get("location")]).toEqual([303, 303, gateAt(run, "review")]);
    await (await page.kindling.run(run)).settled();
    const facts = (await page.kindling.facts(run)).filter(({ type }) => type === "event.delivered");
    expect(facts).toMatchObject([
      { payload: { decision: "approve", comment: "two\nlines" }, actor: { id: "page:ada", assurance: "outOfBand", roles: ["editor"] } },
    ]);
    expect((await ada.get(gateAt(run, "review"))).text).toContain("You decided this");
    expect((await ada.get(`/runs/${run}`)).text).toContain("letter.reviewed by page:ada");
    expect(page.events.filter(({ type }) => type === "decided")).toEqual([{ type: "decided", approver: "ada", run, path: "review" }]);
  });

  it("sent twice at the same moment is one decision", async () => {
    const page = await servedPage();
    const run = await waiting(page);
    const ada = await signedIn(page);
    const sent = [...formIn(await ada.get(gateAt(run, "review"))), APPROVE] as const;
    const answers = await Promise.all([1, 2, 3].map(() => ada.post(gateAt(run, "review"), sent)));
    expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
    expect((await page.kindling.facts(run)).filter(({ type }) => type === "event.delivered")).toHaveLength(1);
  });

  it("that was decided says by whom and when, and gives back what somebody else had typed", async () => {
    const page = await servedPage();
    const run = await waiting(page);
    const [ada, grace] = [await signedIn(page), await signedIn(page, "grace")];
    const form = formIn(await grace.get(gateAt(run, "review")));
    const own = formIn(await ada.get(gateAt(run, "review")));
    await ada.post(gateAt(run, "review"), [...own, APPROVE]);
    const late = await grace.post(gateAt(run, "review"), [...form, ["f.comment", "I <b>object</b>"], REJECT]);
    expect(late.status).toBe(409);
    for (const part of ["Decided by <b>page:ada</b>", "It is too late", "I &lt;b&gt;object&lt;/b&gt;"]) expect(late.text).toContain(part);
    const other = await ada.post(gateAt(run, "review"), [...own, REJECT]);
    expect(other.status).toBe(409);
    expect((await page.kindling.get(run))?.outputs).toEqual({ review: { decision: "approve" } });
  });

  it("that shows something else by now is shown anew with all that was typed, and is not decided", async () => {
    const page = await servedPage();
    const run = await waiting(page, "first text");
    const ada = await signedIn(page);
    const form = formIn(await ada.get(gateAt(run, "review")));
    await page.kindling.update(run, { text: "second text" });
    await (await page.kindling.run(run)).settled();
    const changed = await ada.post(gateAt(run, "review"), [...form, ["f.comment", "\n</textarea><script>alert(1)</script>"], APPROVE]);
    expect(changed.status).toBe(409);
    expect(changed.text).toContain("second text");
    expect(changed.text).toContain("\n\n&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;</textarea>");
    expect(changed.text).toContain("You had chosen approve.");
    expect((await page.kindling.get(run))?.status).toBe("waiting");
    expect((await ada.post(gateAt(run, "review"), [...formIn(changed), APPROVE])).status).toBe(303);
  });

  it("says what does not fit, and keeps what was typed", async () => {
    const page = await servedPage();
    const run = await waiting(page);
    const ada = await signedIn(page);
    const gate = await ada.get(gateAt(run, "review"));
    for (const [typed, told] of [
      ["ten", "copies"],
      ["12", "copies"],
    ] as const) {
      const answer = await ada.post(gateAt(run, "review"), [...formIn(gate), ["f.copies", typed], APPROVE]);
      expect([answer.status, answer.text.includes(`<b>${told}</b>`), answer.text.includes(`value="${typed}"`)]).toEqual([422, true, true]);
    }
    expect((await ada.post(gateAt(run, "review"), formIn(gate))).status).toBe(422);
    expect((await page.kindling.get(run))?.status).toBe("waiting");
  });

  it("points out characters that nobody could see, and obeys none", async () => {
    const page = await servedPage();
    const run = await waiting(page, "pay \u202Eeurt<script>alert(1)</script>\u200B");
    const { text, headers } = await (await signedIn(page)).get(gateAt(run, "review"));
    expect(text).toContain("pay <mark>U+202E</mark>eurt&lt;script&gt;alert(1)&lt;/script&gt;<mark>U+200B</mark>");
    expect(text).not.toContain("<script");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  });

  it("is found and decided under whatever key its item has", async () => {
    const page = await servedPage();
    const texts = ["a/b c?#%", "<b>'\"", "x; rm -rf ~", "half \uD800", "\u202Enruter", "../..", "\n"];
    const run = await page.kindling.start(letters, { texts });
    await run.settled();
    const ada = await signedIn(page);
    const addresses = [...(await ada.get("/")).text.matchAll(/<a href="(\/runs\/[^"]+\/gates\/[^"]+)">/g)].map(([, each = ""]) => each);
    expect(addresses).toHaveLength(texts.length);
    // Agents are told the same addresses.
    const told = (await page.kindling.inbox()).map(({ path }) => whereDecided({ program: "", approvalUrl: "" }, run.id, path).url);
    expect(told).toEqual(addresses.map((each) => each.replaceAll("&#39;", "'")));
    for (const address of addresses) {
      const html = address.replaceAll("&#39;", "'");
      const done = await ada.post(html, [...formIn(await ada.get(html)), ["f.ok", "yes"]]);
      expect([address, done.status]).toEqual([address, 303]);
      expect((await ada.get(done.headers.get("location") ?? "")).text).toContain("You decided this");
    }
    expect((await run.get()).status).toBe("succeeded");
  });

  it("folds a long text and gives one that is too long for a page as JSON", async () => {
    const page = await servedPage();
    const run = await waiting(page, "x".repeat(300_000));
    const ada = await signedIn(page);
    const gate = await ada.get(gateAt(run, "review"));
    expect(gate.text).toContain("<details");
    expect(gate.text).toContain("100000 more characters are not on this page");
    expect(JSON.parse((await ada.get(`${gateAt(run, "review")}?as=json`)).text)).toEqual({ text: "x".repeat(300_000) });
  });
});

describe("other gates", () => {
  async function otherGates(starter = "mcp:agent") {
    const page = await servedPage();
    const started = await page.kindling.start(others, { text: "t" }, { actor: { id: starter, assurance: "agent" } });
    await started.settled();
    const decide = async (visitor: Visitor, path: string, fields: readonly (readonly [string, string])[], form = 0) =>
      visitor.post(gateAt(started.id, path), [...formIn(await visitor.get(gateAt(started.id, path)), form), ...fields]);
    const facts = async (path: string) =>
      (await page.kindling.facts(started.id)).filter((fact) => fact.path === path && fact.type === "event.delivered");
    return { ...page, run: started.id, decide, facts };
  }

  it("are left to those who have the role, and did not start the run; none of it can be sent past the page", async () => {
    const page = await otherGates("mcp:graces-laptop");
    const [ada, grace] = [await signedIn(page), await signedIn(page, "grace")];
    const form = formIn(await ada.get(gateAt(page.run, "edited")));
    expect((await grace.get(gateAt(page.run, "edited"))).text).toContain("This is for editor, which you are not.");
    const csrf = /name="csrf" value="([^"]+)"/.exec((await grace.get("/")).text)?.[1] ?? "";
    const forced = await grace.post(gateAt(page.run, "edited"), [
      ...form.filter(([name]) => name !== "csrf"),
      ["csrf", csrf],
      ["f.ok", "yes"],
    ]);
    expect([forced.status, await page.facts("edited")]).toEqual([403, []]);
    expect((await page.decide(ada, "edited", [["f.ok", "yes"]])).status).toBe(303);
    expect((await grace.get(gateAt(page.run, "foreign"))).text).toContain("You started this run");
    const foreign = formIn(await ada.get(gateAt(page.run, "foreign"))).filter(([name]) => name !== "csrf");
    expect((await grace.post(gateAt(page.run, "foreign"), [...foreign, ["csrf", csrf], ["f.ok", "yes"]])).status).toBe(403);
    expect((await page.decide(ada, "foreign", [["f.ok", "no"]])).status).toBe(303);
    expect(await page.facts("foreign")).toMatchObject([{ payload: { ok: false } }]);
  });

  it("that want a signature are shown with the command that signs, and not decided, whatever is sent", async () => {
    const page = await otherGates();
    const ada = await signedIn(page);
    const address = gateAt(page.run, "signed");
    const gate = await ada.get(address);
    expect(gate.text).toContain(`<pre>kindling approve ${page.run} signed --sign &lt;key file&gt;</pre>`);
    expect(formIn(gate)).toEqual([]);
    const { shown, since } = await page.kindling.awaiting(page.run, "signed");
    const csrf = /name="csrf" value="([^"]+)"/.exec(gate.text)?.[1] ?? "";
    const forced = await ada.post(address, [
      ["csrf", csrf],
      ["shown", shown],
      ["since", String(since)],
      ["alternative", "0"],
      ["f.ok", "yes"],
    ]);
    expect([forced.status, forced.text.includes("signed nothing"), await page.facts("signed")]).toEqual([403, true, []]);
  });

  it("that several people decide hear each of them once", async () => {
    const page = await otherGates();
    const [ada, grace] = [await signedIn(page), await signedIn(page, "grace")];
    const read = async (visitor: Visitor) => (await visitor.get(gateAt(page.run, "both"))).text;
    expect(await read(ada)).toContain("2 people must agree on “ok”; one is enough for false");
    for (const _ of [1, 2]) expect((await page.decide(ada, "both", [["f.ok", "yes"]])).status).toBe(303);
    for (const part of ["<li>You, ", "1 of 2 has spoken; at least 1 more must."]) expect(await read(ada)).toContain(part);
    for (const part of ["<li><b>page:ada</b>, ", "1 of 2 has spoken"]) expect(await read(grace)).toContain(part);
    expect((await ada.get("/")).text).toContain("1 of 2 has spoken; you have");
    expect(await page.facts("both")).toEqual([]);
    await page.decide(grace, "both", [["f.ok", "yes"]]);
    expect(await page.facts("both")).toMatchObject([{ payload: { ok: true }, actor: { id: "page:grace" } }]);
    expect(page.events.flatMap(({ type }) => (type === "counted" || type === "decided" ? [type] : []))).toEqual([
      "counted",
      "counted",
      "decided",
    ]);
  });

  it("ask for each kind of answer with a form of its own, and for what no form can ask as JSON", async () => {
    const page = await otherGates();
    const ada = await signedIn(page);
    const short = await page.decide(
      ada,
      "kinds",
      [
        ["f.kind", "no"],
        ["f.why", "x"],
      ],
      1,
    );
    expect([short.status, short.text.includes(">\nx</textarea>")]).toEqual([422, true]);
    expect(
      (
        await page.decide(
          ada,
          "kinds",
          [
            ["f.kind", "no"],
            ["f.why", "not like that"],
          ],
          1,
        )
      ).status,
    ).toBe(303);
    expect(await page.facts("kinds")).toMatchObject([{ payload: { kind: "no", why: "not like that" } }]);
    const typed = '{ "lines": [{ "at": "one" }] }';
    for (const text of [typed, "{", "", '{ "lines": [], "__proto__": { "x": 1 } }'])
      expect((await page.decide(ada, "deep", [["json", text]])).status).toBe(422);
    expect((await page.decide(ada, "deep", [["json", typed]])).text).toContain(">\n{ &quot;lines&quot;");
    expect((await page.decide(ada, "deep", [["json", '{ "lines": [{ "at": 1 }] }']])).status).toBe(303);
  });

  it("are listed part by part, the oldest run first", async () => {
    const page = await servedPage();
    const runs: string[] = [];
    for (let count = 0; count < 27; count += 1) runs.push(await waiting(page));
    const ada = await signedIn(page);
    const listed = (text: string) => runs.filter((run) => text.includes(gateAt(run, "review")));
    const first = await ada.get("/");
    expect(listed(first.text)).toEqual(runs.slice(0, 25));
    const further = /href="(\/\?after=[^"]+)"/.exec(first.text)?.[1] ?? "";
    expect(listed((await ada.get(further)).text)).toEqual(runs.slice(25));
    expect((await ada.get("/?after=nonsense")).status).toBe(400);
  });
});
