// A value from a run as people read it on a page: as text, nothing in it obeyed, long ones folded but whole.

import { isJsonObject, type JsonObject, type JsonValue } from "../index.ts";
import { html, type Html } from "./html.ts";

const FOLD_CHARACTERS = 1_500;
const FOLD_LINES = 24;
const PREVIEW_CHARACTERS = 300;
const PREVIEW_LINES = 4;
/** A page that a phone can still show; the whole value stands behind a link. */
const TEXT_LIMIT = 200_000;
const ENTRIES_LIMIT = 100;
const DEPTH_LIMIT = 3;

/** Values by name. */
export function shownValues(values: JsonObject): Html {
  const entries = Object.entries(values);
  if (entries.length === 0) return html`<p class="hint">Nothing is shown.</p>`;
  return html`${entries.map(([name, value]) => html`<section class="value"><h3>${name}</h3>${shownValue(value)}</section>`)}`;
}

/** One value. */
export function shownValue(value: JsonValue, depth = 0): Html {
  if (typeof value === "string") return shownText(value);
  if (Array.isArray(value)) return shownList(value, depth);
  return isJsonObject(value) ? shownObject(value, depth) : html`<code>${JSON.stringify(value)}</code>`;
}

/** True when not all of a value stands on the page. */
export function isCut(value: JsonValue, depth = 0): boolean {
  if (typeof value === "string") return value.length > TEXT_LIMIT;
  if (typeof value !== "object" || value === null) return false;
  const members = Object.values(value);
  if (isPlain(members.length, depth)) return members.some((member) => isCut(member, depth + 1));
  return JSON.stringify(value, undefined, 2).length > TEXT_LIMIT;
}

function shownText(text: string, kind: "text" | "code" = "text"): Html {
  const kept = text.slice(0, TEXT_LIMIT);
  const rest =
    text.length > kept.length ? html`<p class="notice">${text.length - kept.length} more characters are not on this page.</p>` : "";
  if (kept === "") return html`<p class="hint">empty</p>`;
  const whole = html`<div class="${kind}" dir="auto">${kept}</div>${rest}`;
  const lines = kept.split("\n");
  if (kept.length <= FOLD_CHARACTERS && lines.length <= FOLD_LINES) return whole;
  const preview = lines.slice(0, PREVIEW_LINES).join("\n").slice(0, PREVIEW_CHARACTERS).trimEnd();
  return html`<details class="long"><summary><span class="preview ${kind}" dir="auto">${preview} …</span><span class="more">All of it: ${text.length} characters</span></summary>${whole}</details>`;
}

function shownList(list: readonly JsonValue[], depth: number): Html {
  if (!isPlain(list.length, depth)) return shownJson(list);
  if (list.length === 0) return html`<p class="hint">an empty list</p>`;
  return html`<ol>${list.map((each) => html`<li>${shownValue(each, depth + 1)}</li>`)}</ol>`;
}

function shownObject(object: JsonObject, depth: number): Html {
  const entries = Object.entries(object);
  if (!isPlain(entries.length, depth)) return shownJson(object);
  if (entries.length === 0) return html`<p class="hint">nothing</p>`;
  return html`<dl>${entries.map(([name, value]) => html`<dt>${name}</dt><dd>${shownValue(value, depth + 1)}</dd>`)}</dl>`;
}

function isPlain(count: number, depth: number): boolean {
  return depth < DEPTH_LIMIT && count <= ENTRIES_LIMIT;
}

function shownJson(value: JsonValue | readonly JsonValue[]): Html {
  return shownText(JSON.stringify(value, undefined, 2), "code");
}
