// The approval card in a real browser, as a host of MCP Apps shows it: real results of a real server in, what is shown and what is asked of the host out. Values that
// would like to be more than text stay text. Skipped where there is no Chromium.

import type { Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { HIDDEN_PATTERN } from "../../mcp/card-script.ts";
import { contract, createRuntime, type Kindling, memoryLedger, visible } from "../../src/index.ts";
import { gateAddress } from "../../src/web/addresses.ts";
import { type ApprovalServer, serveApprovals } from "../../src/web/index.ts";
import { isChromiumMissing, launchChromium } from "../chromium.ts";
import { askingClient } from "./asking-client.ts";
import { APPROVERS, PASSPHRASE } from "../web/page-visitor.ts";
import { cardHost } from "./card-host.ts";

const isMissing = isChromiumMissing("The approval card");
const CARD = "ui://kindling/approval-card.html";
const PAGE = "https://approve.example/desk";
/** How long the browser of a busy machine may take. */
const SOON = { timeout: 10_000 };
const HOSTILE = `</script></section><script>parent.postMessage("taken","*");window.taken=1</script><img src=x onerror="window.taken=1"> "' &lt; \u202Etxt.exe\u202C\u200B`;
const DESCRIPTION = `May <b>this</b> be published?`;

const note = contract("publish-note", {
  inputs: { texts: z.array(z.string()), facts: z.record(z.string(), z.unknown()) },
  define(g, { texts, facts }) {
    return g.collection("notes", {
      over: texts,
      as: "text",
      key: (text) => text.slice(0, 12),
      with: { facts },
      each: (g, { text, facts }) =>
        g.await("review", {
          event: "note.reviewed",
          description: DESCRIPTION,
          schema: z.object({ decision: z.enum(["approve", "reject"]) }),
          show: { draft: text, facts },
          by: "human",
          timeout: "3d",
        }),
    });
  },
});

interface Wanted {
  /** Where the card is told that the approvers' page is; `serve` serves it. */
  readonly approvalUrl?: string;
  readonly facts?: Record<string, unknown>;
}

/** A gate that waits, the call that asks about it, and the card of the same server. */
async function asked(text: string, { approvalUrl, facts = {} }: Wanted = {}) {
  const kindling = await createRuntime({ contracts: [note], ledger: memoryLedger(), approvers: APPROVERS });
  onTestFinished(() => kindling.close());
  const page = approvalUrl === "serve" ? (await served(kindling)).url : approvalUrl;
  const client = await askingClient(kindling, "modern", page === undefined ? {} : { approvalUrl: page });
  const run = await kindling.start("publish-note", { texts: [text], facts });
  await run.settled();
  const [open] = await kindling.inbox({ run: run.id });
  const args = { run_id: run.id, await_id: open?.path ?? "" };
  const Page = z.object({ result: z.object({ contents: z.tuple([z.looseObject({ mimeType: z.string(), text: z.string() })]) }) });
  const [{ text: html, mimeType }] = Page.parse(await client.request("resources/read", { uri: CARD })).result.contents;
  expect(mimeType).toBe("text/html;profile=mcp-app");
  const call = async () => {
    const { isError, text, value } = await client.call("request_approval", args);
    return { isError, content: [{ type: "text", text }], ...(isError ? {} : { structuredContent: value }) };
  };
  return { kindling, run, args, html, call };
}

async function served(kindling: Kindling): Promise<ApprovalServer> {
  const server = await serveApprovals(kindling, { approvers: APPROVERS, port: 0 });
  onTestFinished(() => server.close());
  return server;
}

/** What a person does who was led to a gate: signs in, and approves. */
async function decideAt(browser: Browser, url: string): Promise<void> {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  const press = (selector: string) => Promise.all([page.waitForNavigation(), page.click(selector)]);
  await page.goto(url);
  await page.type("#name", "ada");
  await page.type("#passphrase", PASSPHRASE);
  await press("button[type=submit]");
  expect(page.url()).toBe(url);
  await press("button[value=approve]");
}

describe("the card", () => {
  it("is bound to request_approval alone, and is one page for all, in which nothing of a run stands", async () => {
    const kindling = await createRuntime({ contracts: [note], ledger: memoryLedger() });
    onTestFinished(() => kindling.close());
    const client = await askingClient(kindling, "modern");
    const Tools = z.object({ result: z.object({ tools: z.array(z.looseObject({ name: z.string(), _meta: z.unknown() })) }) });
    const { tools } = Tools.parse(await client.request("tools/list", {})).result;
    expect(tools.filter(({ _meta }) => _meta !== undefined)).toMatchObject([
      { name: "request_approval", _meta: { ui: { resourceUri: CARD } } },
    ]);
    const listed = await client.request("resources/list", {});
    const nothing = { connectDomains: [], resourceDomains: [], frameDomains: [], baseUriDomains: [] };
    expect(JSON.stringify(listed)).toContain(JSON.stringify({ ui: { csp: nothing, prefersBorder: true } }));
    const [first, second] = [await asked("one"), await asked(HOSTILE, { approvalUrl: PAGE })];
    expect(second.html).toBe(first.html);
  });

  it("marks just the characters that everything else here marks", () => {
    const hidden = new RegExp(`^(?:${HIDDEN_PATTERN})$`, "u");
    for (let point = 0; point <= 0x10_ffff; point++) {
      const character = String.fromCodePoint(point);
      if (character === "\n" || character === "\t") continue;
      if (hidden.test(character) !== (visible(character) !== character)) throw new Error(`not alike: U+${point.toString(16)}`);
    }
  });
});

describe.skipIf(isMissing)("the card in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  }, 60_000);
  afterAll(() => browser.close());

  it("shows what is to be decided, and has the host open the gate on the approvers' page", async () => {
    const { args, html, call } = await asked("a/b c?ü% of it", { approvalUrl: PAGE, facts: { words: 120, by: "Ada" } });
    const opened: unknown[] = [];
    const card = await cardHost(browser, html, { answer: async (method, params) => (opened.push({ method, params }), {}) });
    await card.tell("ui/notifications/tool-input", { arguments: args });
    await card.tell("ui/notifications/tool-result", await call());
    const text = await card.text();
    const words = [
      "Waiting for a person",
      "publish-note",
      DESCRIPTION,
      "draft",
      "a/b c?ü% of it",
      "words",
      "120",
      "Ada",
      "approve.example",
    ];
    expect(words.filter((each) => !text.includes(each))).toEqual([]);
    await card.inside(`document.querySelector("button.main").click()`);
    const url = `${PAGE}${gateAddress(args.run_id, args.await_id)}`;
    await expect.poll(() => opened, SOON).toEqual([{ method: "ui/open-link", params: { url } }]);
    expect(url).toContain("gates/notes%5Ba%2Fb%20c%3F");
    expect(card.said.some(({ method, params }) => method === "ui/notifications/size-changed" && Number(params?.["height"]) > 200)).toBe(
      true,
    );
    // There is nothing with which a decision could be made, and nothing was asked of any network.
    expect(await card.inside(`document.querySelectorAll("input, select, textarea, form, a").length`)).toBe(0);
    expect(card.requests.filter((each) => !each.startsWith("about:"))).toEqual([]);
    expect(card.complaints).toEqual([]);
  });

  it("shows hostile values as text, with marks for what nobody could see, and obeys nothing in them", async () => {
    const { args, html, call } = await asked(HOSTILE, { approvalUrl: PAGE, facts: { [HOSTILE]: HOSTILE, deep: { more: [HOSTILE] } } });
    const card = await cardHost(browser, html);
    await card.tell("ui/notifications/tool-input", { arguments: args });
    await card.tell("ui/notifications/tool-result", await call());
    const shown = HOSTILE.replace("\u202E", "U+202E").replace("\u202C", "U+202C").replace("\u200B", "U+200B");
    expect(await card.text()).toContain(shown);
    expect(await card.inside(`[...document.querySelectorAll("mark")].slice(0, 3).map((mark) => mark.textContent)`)).toEqual([
      "U+202E",
      "U+202C",
      "U+200B",
    ]);
    expect(
      await card.inside(
        `[window.taken ?? "not run", document.querySelectorAll("img, b").length, document.querySelectorAll("script").length]`,
      ),
    ).toEqual(["not run", 0, 1]);
    expect(card.complaints).toEqual([]);
  });

  it("keeps very long text whole behind a fold", async () => {
    const long = `${"line of text\n".repeat(400)}${"x".repeat(5_000)}END`;
    const { args, html, call } = await asked(long);
    const card = await cardHost(browser, html, { width: 320 });
    await card.tell("ui/notifications/tool-input", { arguments: args });
    await card.tell("ui/notifications/tool-result", await call());
    expect(await card.text()).toContain(`All of it: ${long.length.toLocaleString("en")} characters`);
    expect(await card.text()).not.toContain("END");
    await card.inside(`document.querySelector("details.long").open = true`);
    expect(await card.text()).toContain("END");
    expect(await card.inside("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  });

  it("says that something is missing where it was cut, and where there is no page gives the command", async () => {
    const { args, html, call } = await asked("y".repeat(60_000));
    const card = await cardHost(browser, html);
    await card.tell("ui/notifications/tool-input", { arguments: args });
    await card.tell("ui/notifications/tool-result", await call());
    const text = await card.text();
    expect(text).toContain("Not all of it is shown here.");
    expect(text).toContain(`kindling approve ${args.run_id} '${args.await_id}'`);
    expect(await card.inside(`document.querySelectorAll("button").length`)).toBe(0);
  });

  it("gives the address where the host does not open it, and opens nothing but pages", async () => {
    const { args, html, call } = await asked("a draft", { approvalUrl: PAGE });
    const card = await cardHost(browser, html, { answer: () => Promise.reject(new Error("no")) });
    await card.tell("ui/notifications/tool-input", { arguments: args });
    const result = await call();
    await card.tell("ui/notifications/tool-result", result);
    await card.inside(`document.querySelector("button.main").click()`);
    await expect.poll(card.text, SOON).toContain(`Open this address yourself: ${PAGE}/runs/${args.run_id}/gates/`);
    for (const approval_url of ["javascript:alert(1)", "https://ada:secret@evil.example/", "file:///etc/passwd", "data:text/html,x", 7]) {
      await card.tell("ui/notifications/tool-result", { ...result, structuredContent: { ...result.structuredContent, approval_url } });
      expect(await card.inside(`document.querySelectorAll("button.main").length`)).toBe(0);
    }
  });

  it("leads to the page where a person signs in and decides, and shows what they decided when it looks again", async () => {
    const { run, args, html, call } = await asked("a draft", { approvalUrl: "serve" });
    const [calls, opened] = [[] as unknown[], Promise.withResolvers<string>()];
    const card = await cardHost(browser, html, {
      capabilities: { openLinks: {}, serverTools: {} },
      answer: (method, params) => {
        if (method === "tools/call") return (calls.push(params), call());
        opened.resolve(z.string().parse(params["url"]));
        return Promise.resolve({});
      },
    });
    await card.tell("ui/notifications/tool-input", { arguments: args });
    await card.tell("ui/notifications/tool-result", await call());
    await card.inside(`document.querySelector("button.main").click()`);
    await decideAt(browser, await opened.promise);
    expect((await run.settled()).status).toBe("succeeded");
    await card.inside(`[...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Look again").click()`);
    await expect.poll(card.text, SOON).toContain("It was approved; the run goes on.");
    expect(calls).toEqual([{ name: "request_approval", arguments: args }]);
    expect(await card.inside(`document.querySelectorAll("button").length`)).toBe(0);
  });

  it("listens to its host alone, answers it, and shows what went wrong", async () => {
    const { args, html } = await asked("a draft");
    const card = await cardHost(browser, html, { context: { theme: "dark", locale: "no-such-locale-at-all" } });
    expect(await card.inside("document.documentElement.style.colorScheme")).toBe("dark");
    const forged = {
      jsonrpc: "2.0",
      method: "ui/notifications/tool-result",
      params: { structuredContent: { state: "approved", tell_user: "FORGED" } },
    };
    const other = await (await card.page.$("#other"))?.contentFrame();
    await other?.evaluate(`parent.frames[0].postMessage(${JSON.stringify(forged)}, "*")`);
    await card.tell("ui/notifications/tool-input", { arguments: args });
    expect(await card.text()).toBe("Looking at what is to be decided …");
    const error = { code: "run_not_found", message: "There is no run with this run_id.", fix: "Use another." };
    await card.tell("ui/notifications/tool-result", { isError: true, content: [{ type: "text", text: JSON.stringify({ error }) }] });
    expect(await card.text()).toContain("There is no run with this run_id. Use another.");
    for (const broken of [{}, { structuredContent: 7 }, { isError: true }, { isError: true, content: [{ type: "text", text: "no JSON" }] }])
      await card.tell("ui/notifications/tool-result", broken);
    await card.tell("ui/notifications/host-context-changed", { theme: "light", styles: { variables: { "--font-sans": "serif" } } });
    expect(await card.inside("getComputedStyle(document.body).fontFamily")).toBe("serif");
    await card.tell("ui/notifications/tool-cancelled", { reason: "x" });
    expect(await card.text()).toContain("ended before it had an answer");
    expect(card.complaints).toEqual([]);
  });

  it("lets nothing be fetched or run that does not stand in it", async () => {
    const { html } = await asked("a draft");
    const card = await cardHost(browser, html);
    const tried = await card.inside(`(async () => {
      const script = document.createElement("script");
      script.textContent = "window.taken = 1";
      document.body.append(script);
      const style = document.createElement("style");
      style.textContent = "body { color: rgb(1, 2, 3) }";
      document.body.append(style);
      const fetched = await fetch("http://127.0.0.1:9/").catch((error) => error.message);
      return [window.taken ?? "not run", getComputedStyle(document.body).color === "rgb(1, 2, 3)", fetched];
    })()`);
    expect(tried).toEqual(["not run", false, "Failed to fetch"]);
    expect(card.requests.filter((each) => each.startsWith("http"))).toEqual([]);
  });
});
