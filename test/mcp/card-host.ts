// A host of MCP Apps for one card, in a real browser: the card in a sandboxed frame, as the specification of MCP Apps (2026-01-26) has it, and whatever goes between the two.

import type { Browser, Frame, Page } from "puppeteer-core";
import { onTestFinished } from "vitest";
import * as z from "zod";

/** What a host without a policy of its own for a card allows at most. */
const HOST_POLICY = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:";

const Message = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.int(), z.string()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});
export type Message = z.infer<typeof Message>;

export interface CardHost {
  readonly page: Page;
  /** Everything the card said. */
  readonly said: readonly Message[];
  /** What the browser asked any network for, and what it complained about. */
  readonly requests: readonly string[];
  readonly complaints: readonly string[];
  /** Tells the card something, and waits until it has drawn. */
  readonly tell: (method: string, params: object) => Promise<void>;
  /** Runs an expression within the card. */
  readonly inside: (expression: string) => Promise<unknown>;
  /** What the card shows. */
  readonly text: () => Promise<string>;
}

export interface HostOptions {
  readonly context?: object;
  readonly capabilities?: object;
  /** Answers a request of the card; what it throws is refused. */
  readonly answer?: (method: string, params: Record<string, unknown>) => Promise<object>;
  readonly width?: number;
}

/** Shows a card, and goes with it as far as `initialized`. */
export async function cardHost(browser: Browser, html: string, options: HostOptions = {}): Promise<CardHost> {
  const { context = {}, capabilities = { openLinks: {} }, answer = () => Promise.resolve({}), width = 560 } = options;
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  await page.setViewport({ width, height: 900 });
  const [said, requests, complaints]: [Message[], string[], string[]] = [[], [], []];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (line) => complaints.push(line.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  const ready = Promise.withResolvers<void>();
  await page.exposeFunction("fromCard", async (given: unknown) => {
    const message = Message.parse(given);
    said.push(message);
    const { id, method, params = {} } = message;
    if (method === "ui/notifications/initialized") ready.resolve();
    if (id === undefined || method === undefined) return undefined;
    if (method === "ui/initialize") {
      const result = {
        protocolVersion: "2026-01-26",
        hostInfo: { name: "test host", version: "1" },
        hostCapabilities: capabilities,
        hostContext: context,
      };
      return { jsonrpc: "2.0", id, result };
    }
    return answer(method, params).then(
      (result) => ({ jsonrpc: "2.0", id, result }),
      () => ({ jsonrpc: "2.0", id, error: { code: -32_000, message: "denied" } }),
    );
  });
  await page.setContent(
    `<body style="margin:0"><iframe id="card" sandbox="allow-scripts" csp="${HOST_POLICY}" style="width:100%;height:880px;border:0"></iframe><iframe id="other" sandbox="allow-scripts" hidden></iframe></body>`,
  );
  // In the page, where there is no TypeScript.
  await page.evaluate(`
    window.addEventListener("message", async ({ source, data }) => {
      if (source !== card.contentWindow) return;
      const reply = await fromCard(data);
      if (reply !== undefined) card.contentWindow.postMessage(reply, "*");
    });
    card.srcdoc = ${JSON.stringify(html)};
  `);
  await ready.promise;
  const frame = await frameOf(page);
  const inside = (expression: string) => frame.evaluate(expression);
  return {
    page,
    said,
    requests,
    complaints,
    inside,
    text: async () => z.string().parse(await inside("document.body.innerText")),
    tell: async (method, params) => {
      const message = { jsonrpc: "2.0", method, params };
      // Messages come in order, so the card has taken this one when it answers the next.
      await page.evaluate(`new Promise((done) => {
        const pong = ({ source, data }) => { if (source === card.contentWindow && data.id === "ping") { removeEventListener("message", pong); done(); } };
        addEventListener("message", pong);
        card.contentWindow.postMessage(${JSON.stringify(message)}, "*");
        card.contentWindow.postMessage({ jsonrpc: "2.0", id: "ping", method: "ping" }, "*");
      })`);
    },
  };
}

async function frameOf(page: Page): Promise<Frame> {
  const frame = await (await page.$("#card"))?.contentFrame();
  if (frame === undefined) throw new Error("the card has no frame");
  return frame;
}
