// What the approval card does within its frame: it takes what the host tells it, shows it as text, and asks the host to open the approvers' page. It has nothing with
// which a decision could be made. Text of a browser's program, which reaches no network; tests run it in a real browser.

/** What a reader could not see or a frame would obey, as a pattern: what `visible` of the core writes as code points. */
export const HIDDEN_PATTERN = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\u115F\u1160\u2800\u3164\uFFA0\u17B4\u17B5]|[\u{E0100}-\u{E01EF}]`;

const TALK = String.raw`
const unanswered = new Map();
let lastId = 0;
const post = (message) => window.parent.postMessage({ jsonrpc: "2.0", ...message }, "*");
const request = (method, params) => new Promise((resolve, reject) => {
  lastId += 1;
  unanswered.set(lastId, { resolve, reject });
  post({ id: lastId, method, params });
});

const seen = { asked: {}, result: undefined, cancelled: false, busy: false, notice: "" };
let host = { context: {}, capabilities: {} };

const told = new Map([
  ["ui/notifications/tool-input", (params) => Object.assign(seen, { asked: objectOf(params.arguments), result: undefined, cancelled: false })],
  ["ui/notifications/tool-result", (params) => Object.assign(seen, { result: params, cancelled: false, notice: "" })],
  ["ui/notifications/tool-cancelled", () => Object.assign(seen, { cancelled: true })],
  ["ui/notifications/host-context-changed", (params) => dress({ ...host.context, ...params })],
]);

window.addEventListener("message", ({ source, data }) => {
  // Others may post here, too.
  if (source !== window.parent || objectOf(data).jsonrpc !== "2.0") return;
  const { id, method } = data;
  if (typeof method === "string" && id !== undefined) {
    const isKnown = method === "ping" || method === "ui/resource-teardown";
    post(isKnown ? { id, result: {} } : { id, error: { code: -32601, message: "Method not found" } });
  } else if (typeof method === "string") {
    const take = told.get(method);
    if (take === undefined) return;
    take(objectOf(data.params));
    draw();
  } else if (unanswered.has(id)) {
    const { resolve, reject } = unanswered.get(id);
    unanswered.delete(id);
    if (data.error === undefined) resolve(objectOf(data.result));
    else reject(new Error("refused by the host"));
  }
});

function dress(context) {
  host = { ...host, context };
  const root = document.documentElement.style;
  root.colorScheme = context.theme === "dark" || context.theme === "light" ? context.theme : "light dark";
  const variables = objectOf(objectOf(context.styles).variables);
  for (const name of ["--font-sans", "--font-mono"])
    if (typeof variables[name] === "string") root.setProperty(name, variables[name]);
}

function objectOf(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
`;

const TEXT = String.raw`
const HIDDEN = new RegExp(HIDDEN_SOURCE, "gu");
const FOLD = 600;
const FOLD_LINES = 12;

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className !== "") element.className = className;
  element.append(...children);
  return element;
}

// Text as text, with a mark for each character that nobody could see.
function plain(given) {
  const text = String(given).replaceAll("\r\n", "\n");
  const parts = document.createElement("bdi");
  let from = 0;
  for (const { 0: character, index } of text.matchAll(HIDDEN)) {
    if (character === "\n" || character === "\t") continue;
    parts.append(text.slice(from, index), make("mark", "", "U+" + character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")));
    from = index + character.length;
  }
  parts.append(text.slice(from));
  return parts;
}

function block(text, className) {
  const whole = make("div", className, plain(text));
  const lines = text.split("\n");
  if (text.length <= FOLD && lines.length <= FOLD_LINES) return whole;
  const start = lines.slice(0, 4).join("\n").slice(0, 240);
  const preview = make("span", "preview " + className, plain(start), " …");
  return make("details", "long", make("summary", "", preview, "All of it: " + text.length.toLocaleString("en") + " characters"), whole);
}

function shown(value) {
  if (typeof value === "string") return value === "" ? make("span", "faint", "empty") : block(value, "text");
  if (typeof value !== "object" || value === null) return plain(value);
  const rows = Object.entries(objectOf(value));
  const isFlat = rows.length > 0 && rows.length <= 20 && rows.every(([, each]) => typeof each !== "object" || each === null);
  if (!isFlat) return block(JSON.stringify(value, undefined, 2), "code");
  return make("dl", "", ...rows.flatMap(([name, each]) => [make("dt", "", plain(name)), make("dd", "", shown(each))]));
}

function moment(text) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  const { locale, timeZone } = host.context;
  const style = { dateStyle: "medium", timeStyle: "short" };
  try {
    return new Intl.DateTimeFormat(locale, { ...style, timeZone }).format(at);
  } catch {
    // The host named a place or a language that this browser does not know.
    return new Intl.DateTimeFormat("en", style).format(at);
  }
}
`;

const DRAW = String.raw`
const HEADINGS = { pending: "Waiting for a person", approved: "Approved", rejected: "Rejected", decided: "Decided", closed: "Closed" };

function draw() {
  const main = document.querySelector("main");
  const held = document.activeElement instanceof HTMLButtonElement ? document.activeElement.textContent : undefined;
  const { result, cancelled } = seen;
  if (cancelled) main.replaceChildren(...message("closed", "Not asked", "The call was ended before it had an answer."));
  else if (result === undefined) main.replaceChildren(make("p", "faint", "Looking at what is to be decided …"));
  else if (result.isError === true) main.replaceChildren(...refused(result));
  else main.replaceChildren(...answered(objectOf(result.structuredContent)));
  // Whoever goes by keys stays where they were.
  [...main.querySelectorAll("button")].find(({ textContent }) => textContent === held)?.focus();
  sized();
}

function answered(answer) {
  const { state, run } = answer;
  const known = Object.hasOwn(HEADINGS, state) ? state : "pending";
  const { workflow = "", run_id = "", awaiting = [], truncated } = objectOf(run);
  const found = (Array.isArray(awaiting) ? awaiting : []).map(objectOf).find(({ await_id }) => await_id === seen.asked.await_id);
  return [
    head(known, HEADINGS[known], workflow),
    ...(known === "pending" ? pending(answer, found, truncated === true) : [make("p", "", plain(answer.tell_user ?? ""))]),
    ...(seen.notice === "" ? [] : [make("p", "note", plain(seen.notice))]),
    make("footer", "", "Run ", make("code", "", plain(run_id)), known === "pending" ? " · nothing can be decided in this card" : ""),
  ];
}

function pending(answer, found, isCut) {
  const { question, due, shown: values = {} } = found ?? {};
  const entries = Object.entries(objectOf(values));
  return [
    make("h1", "", plain(question ?? "A person must decide this.")),
    ...(due === undefined ? [] : [make("p", "faint", "Due ", plain(moment(due)))]),
    ...entries.map(([name, value]) => make("section", "", make("h2", "", plain(name)), shown(value))),
    ...(found === undefined || isCut ? [make("p", "note", "Not all of it is shown here. See the whole of it where you decide.")] : []),
    ...ways(answer),
  ];
}

function ways({ approval_url, command }) {
  const url = addressOf(approval_url);
  const typed = typeof command === "string" ? make("code", "command", plain(command)) : "";
  const again = host.capabilities.serverTools === undefined ? "" : button("Look again", "", lookAgain);
  if (url === undefined) return [make("p", "", "Decide it in your own terminal:"), typed, make("div", "act", again)];
  return [
    make("div", "act", button("Open the approval page", "main", () => openPage(url)), again, make("span", "faint", "at ", plain(url.host), ", where you sign in")),
    make("details", "", make("summary", "", "Or in your own terminal"), typed),
  ];
}

function addressOf(text) {
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
  const isPage = url !== undefined && (url.protocol === "https:" || url.protocol === "http:") && url.username === "" && url.password === "";
  return isPage ? url : undefined;
}

async function openPage({ href }) {
  try {
    await request("ui/open-link", { url: href });
    seen.notice = "";
  } catch {
    // Whatever its reason, the person can do what the host did not.
    seen.notice = "It was not opened from here. Open this address yourself: " + href;
  }
  draw();
}

async function lookAgain() {
  seen.busy = true;
  draw();
  try {
    seen.result = await request("tools/call", { name: "request_approval", arguments: seen.asked });
    seen.notice = "";
  } catch {
    seen.notice = "It could not be looked at again. Ask in the chat how it stands.";
  }
  seen.busy = false;
  draw();
}

function button(label, className, act) {
  const element = make("button", className, label);
  element.type = "button";
  element.disabled = seen.busy;
  element.addEventListener("click", act);
  return element;
}

function refused({ content }) {
  const { text = "" } = objectOf((Array.isArray(content) ? content : [])[0]);
  let why = {};
  try {
    why = objectOf(objectOf(JSON.parse(text)).error);
  } catch {
    // A host may word an error itself; what it says is then not for this card.
  }
  return message("refused", "Not possible", [why.message ?? "The run could not be asked about.", why.fix ?? ""].join(" "));
}

function message(state, heading, text) {
  return [head(state, heading, ""), make("p", "", plain(text))];
}

function head(state, heading, workflow) {
  return make("header", "", make("span", "state " + state, heading), make("span", "", plain(workflow)));
}

let size = "";
function sized() {
  const { width, height } = document.documentElement.getBoundingClientRect();
  const now = { width: Math.ceil(width), height: Math.ceil(height) };
  if (size === JSON.stringify(now)) return;
  size = JSON.stringify(now);
  post({ method: "ui/notifications/size-changed", params: now });
}
`;

const BEGIN = String.raw`
request("ui/initialize", {
  protocolVersion: "2026-01-26",
  appInfo: { name: "kindling-approval-card", version: "1" },
  appCapabilities: { availableDisplayModes: ["inline", "fullscreen"] },
}).then(({ hostCapabilities, hostContext }) => {
  host = { ...host, capabilities: objectOf(hostCapabilities) };
  dress(objectOf(hostContext));
  post({ method: "ui/notifications/initialized", params: {} });
  draw();
  new ResizeObserver(sized).observe(document.documentElement);
}, () => {
  document.querySelector("main").replaceChildren(make("p", "faint", "This card is shown by a client that speaks MCP Apps; this one does not."));
});
`;

/** The program of the card, a module. */
export const CARD_SCRIPT = `const HIDDEN_SOURCE = ${JSON.stringify(HIDDEN_PATTERN)};\n${TALK}${TEXT}${DRAW}${BEGIN}`;
