// The card that a client with MCP Apps shows for `request_approval`: what a person has to decide, and the way to where they decide it. One page for every call: what it
// shows comes from the host as messages, so no value ever stands in its markup. It holds no field and no call that decides.

import { hash } from "node:crypto";
import type { McpServer } from "@modelcontextprotocol/server";
import { CARD_SCRIPT } from "./card-script.ts";
import { CARD_STYLE } from "./card-style.ts";

const CARD_URI = "ui://kindling/approval-card.html";
/** What MCP Apps calls a page for its frames. */
const MIME_TYPE = "text/html;profile=mcp-app";

/** What binds a tool to the card. */
export const CARD_META = { ui: { resourceUri: CARD_URI } };

/** The frame may reach nothing; the host draws its border. */
const FRAME_META = { ui: { csp: { connectDomains: [], resourceDomains: [], frameDomains: [], baseUriDomains: [] }, prefersBorder: true } };

/** The page, whose policy lets run and look just what stands in it, and lets nothing be fetched, framed or sent. */
export const CARD_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src ${sourceOf(CARD_SCRIPT)}; style-src ${sourceOf(CARD_STYLE)}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What is to be decided</title>
<style>${CARD_STYLE}</style>
</head>
<body>
<main aria-live="polite"></main>
<script type="module">${CARD_SCRIPT}</script>
</body>
</html>
`;

/** Puts the card on a server. */
export function registerCard(server: McpServer): void {
  const about = {
    title: "Approval card",
    description: "Shows what a person has to decide, and leads to where they decide it",
    mimeType: MIME_TYPE,
    _meta: FRAME_META,
  };
  server.registerResource("approval-card", CARD_URI, about, ({ href: uri }) => ({
    contents: [{ uri, mimeType: MIME_TYPE, text: CARD_PAGE, _meta: FRAME_META }],
  }));
}

function sourceOf(text: string): string {
  return `'sha256-${hash("sha256", text, "base64")}'`;
}
