// The approval page in a real browser: signing in, deciding a gate, and values that would like to be more than text. Skipped where there is no Chromium.

import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { isChromiumMissing, launchChromium } from "../chromium.ts";
import { gateAt, PASSPHRASE, servedPage, waiting } from "./page-visitor.ts";

const isMissing = isChromiumMissing("The approval page");
const HOSTILE = `</textarea></p><script>document.title = "taken"</script><img src=x onerror="document.title='taken'"> "' &lt; \u202Eend`;

async function visit(browser: Browser): Promise<Page> {
  const context = await browser.createBrowserContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  return page;
}

/** Presses a button and waits for the page it leads to; gives that page's status. */
async function press(page: Page, selector: string): Promise<number | undefined> {
  const [answer] = await Promise.all([page.waitForNavigation(), page.click(selector)]);
  return answer?.status();
}

/** What the first element of a selector says of itself. */
function read(page: Page, selector: string, property: string): Promise<unknown> {
  return page.evaluate(`document.querySelector(${JSON.stringify(selector)}).${property}`);
}

async function signIn(page: Page, passphrase = PASSPHRASE): Promise<number | undefined> {
  await page.type("#name", "ada");
  await page.type("#passphrase", passphrase);
  return press(page, "button[type=submit]");
}

describe.skipIf(isMissing)("in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  }, 60_000);
  afterAll(() => browser.close());

  it("an approver signs in on the way to a gate, decides it, and the run is completed", async () => {
    const served = await servedPage();
    const run = await waiting(served, HOSTILE);
    const page = await visit(browser);
    await page.goto(`${served.server.url}${gateAt(run, "review")}`);
    expect(await signIn(page, "not the passphrase")).toBe(401);
    expect(await read(page, "[role=alert]", "textContent")).toBe("The name or the passphrase is wrong.");
    expect(await read(page, "#passphrase", "value")).toBe("");
    await page.evaluate(`document.querySelector("#name").value = ""`);
    expect(await signIn(page)).toBe(200);
    expect(new URL(page.url()).pathname).toBe(gateAt(run, "review"));
    expect(await read(page, ".value .text", "textContent")).toBe(HOSTILE.replace("\u202E", "U+202E"));
    await page.type("[name='f.comment']", `fine\n${HOSTILE}`);
    // Enter in a field decides nothing.
    await page.type("[name='f.copies']", "2\r");
    expect((await served.kindling.get(run))?.status).toBe("waiting");
    expect(await press(page, "button[value=approve]")).toBe(200);
    expect(await read(page, ".notice", "textContent")).toMatch(/^You decided this on .* \(now\)\.$/);
    expect(await page.title()).toBe("review · Kindling");
    const review = { decision: "approve", comment: `fine\n${HOSTILE}`, copies: 2 };
    expect(await (await served.kindling.run(run)).result()).toEqual({ review });
  });

  it("a gate that has changed is shown anew with what was typed, and pages fit a phone by day and by night", async () => {
    const served = await servedPage();
    const run = await waiting(served, "first");
    const page = await visit(browser);
    await page.setViewport({ width: 360, height: 700 });
    await page.goto(`${served.server.url}${gateAt(run, "review")}`);
    await signIn(page);
    await page.type("[name='f.comment']", `\n ${HOSTILE}`);
    await served.kindling.update(run, { text: "x".repeat(5_000) });
    await (await served.kindling.run(run)).settled();
    expect(await press(page, "button[value=reject]")).toBe(409);
    expect(await read(page, "textarea", "value")).toBe(`\n ${HOSTILE}`);
    for (const value of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
      for (const path of ["/", `/runs/${run}`, gateAt(run, "review")]) {
        await page.goto(`${served.server.url}${path}`);
        await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true");
        const isWide = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");
        // Programs that read pages aloud need a name for each field, and one heading for the page.
        const unnamed = await page.evaluate(
          "[...document.querySelectorAll('textarea, select, input:not([type=hidden])')].filter((each) => each.labels.length === 0).length + document.querySelectorAll('h1').length - 1",
        );
        const ground = await page.evaluate("getComputedStyle(document.body).backgroundColor");
        expect({ path, isWide, unnamed, ground }).toEqual({
          path,
          isWide: false,
          unnamed: 0,
          ground: value === "dark" ? "rgb(22, 22, 21)" : "rgb(246, 245, 242)",
        });
      }
    }
  });
});
