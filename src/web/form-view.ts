// The forms of a gate as HTML. Nothing is checked in the browser: the schema has the last word, and what was typed is shown again with what it said.

import type { FlatForm, FormField, JsonObject } from "../index.ts";
import { type Alternative, inputName, typedInto, wordsOf } from "./decision-form.ts";
import { exact, html, type Html } from "./html.ts";

/** What every form of a gate sends besides what is typed. */
export interface FormFrame {
  readonly action: string;
  readonly formToken: string;
  /** Digest of what is shown, and when the gate opened: what the decision is about. */
  readonly shown: string;
  readonly since: number;
  /** How many voices were heard before, where several people decide: one who goes back to what was said first says something new. */
  readonly heard: number;
  readonly schema: JsonObject | undefined;
  /** What was typed before; undefined for a form nobody has sent yet. */
  readonly typed: URLSearchParams | undefined;
  /** What is wrong with fields, by name. */
  readonly wrong: ReadonlyMap<string, string>;
}

const LONG_TEXT = 120;
const ROWS = 3;
const ROWS_LIMIT = 24;

/** The forms for the ways to decide, one below the other. */
export function decisionForms(alternatives: readonly Alternative[], frame: FormFrame): Html {
  const chosen = Number(frame.typed?.get("alternative") ?? -1);
  return html`${alternatives.map((alternative, index) => {
    const typed = index === chosen ? frame.typed : undefined;
    const body = alternative.kind === "json" ? jsonField({ ...frame, typed }) : fields(alternative, index, { ...frame, typed });
    return html`<form class="decision" method="post" action="${exact(frame.action)}" novalidate>
<button type="submit" disabled hidden></button>
<input type="hidden" name="csrf" value="${exact(frame.formToken)}">
<input type="hidden" name="shown" value="${exact(frame.shown)}">
<input type="hidden" name="since" value="${frame.since}">
<input type="hidden" name="heard" value="${frame.heard}">
<input type="hidden" name="alternative" value="${index}">
${body}</form>`;
  })}`;
}

function fields({ form, decider }: Extract<Alternative, { kind: "fields" }>, index: number, frame: FormFrame): Html {
  const rest = Object.entries(form.schema.properties).filter(([name]) => name !== decider);
  const inputs = rest.map(([name, field], place) => labelled(`f-${index}-${place}`, name, field, { form, frame }));
  const field = decider === undefined ? undefined : form.schema.properties[decider];
  if (decider === undefined || field === undefined)
    return html`${inputs}<p class="buttons"><button type="submit">Send the decision</button></p>`;
  return html`${inputs}${buttons(decider, field, frame)}`;
}

/** The words of the deciding field, all of one weight: the page has no opinion. */
function buttons(name: string, field: FormField, { typed }: FormFrame): Html {
  const before = typed === undefined ? undefined : typedInto(name, field, typed)[0];
  return html`<fieldset><legend>${field.title ?? name}</legend>${hint(field)}<p class="buttons">${wordsOf(field).map(
    ({ word, title }) =>
      html`<button type="submit" name="${exact(inputName(name))}" value="${exact(word)}"${word === before ? html` class="chosen"` : ""}>${title}</button>`,
  )}</p>${before === undefined ? "" : html`<p class="hint">You had chosen ${wordsOf(field).find(({ word }) => word === before)?.title ?? before}.</p>`}</fieldset>`;
}

interface Within {
  readonly form: FlatForm;
  readonly frame: FormFrame;
}

function labelled(id: string, name: string, field: FormField, { form, frame }: Within): Html {
  const isRequired = form.schema.required.includes(name);
  const typed = typedInto(name, field, frame.typed);
  const note = isRequired ? "" : html` <span class="hint">optional</span>`;
  const problem = frame.wrong.get(name);
  const wrong = problem === undefined ? "" : html` class="wrong"`;
  const told = problem === undefined ? "" : html`<span class="problem" id="${id}-problem">${problem}</span>`;
  if (field.type === "array")
    return html`<fieldset${wrong}><legend>${field.title ?? name}${note}</legend>${hint(field)}${told}${wordsOf(field).map(
      ({ word, title }) =>
        html`<label class="check"><input type="checkbox" name="${exact(inputName(name))}" value="${exact(word)}"${typed.includes(word) ? html` checked` : ""}> ${title}</label>`,
    )}</fieldset>`;
  return html`<p${wrong}><label for="${id}">${field.title ?? name}${note}</label>${hint(field, `${id}-hint`)}${told}${control(describedAs(id, field, problem), name, field, typed[0] ?? "")}</p>`;
}

/** The attributes by which programs that read pages aloud find what belongs to a field. */
function describedAs(id: string, field: FormField, problem: string | undefined): Html {
  const notes = [...(rulesOf(field).length === 0 ? [] : [`${id}-hint`]), ...(problem === undefined ? [] : [`${id}-problem`])];
  return html`id="${id}"${notes.length === 0 ? "" : html` aria-describedby="${notes.join(" ")}"`}${problem === undefined ? "" : html` aria-invalid="true"`}`;
}

function control(attributes: Html, name: string, field: FormField, typed: string): Html {
  const named = html`${attributes} name="${exact(inputName(name))}"`;
  const words = wordsOf(field);
  if (words.length > 0)
    return html`<select ${named}><option value=""></option>${words.map(
      ({ word, title }) => html`<option value="${exact(word)}"${word === typed ? html` selected` : ""}>${title}</option>`,
    )}</select>`;
  if (field.type !== "string") return html`<input ${named} type="text" inputmode="decimal" autocomplete="off" value="${exact(typed)}">`;
  const isLine = ("format" in field && field.format !== undefined) || ("maxLength" in field && (field.maxLength ?? LONG_TEXT) < LONG_TEXT);
  return isLine && !typed.includes("\n") ? line(named, field, typed) : area(named, typed);
}

function line(named: Html, field: FormField, typed: string): Html {
  const format = "format" in field ? field.format : undefined;
  if (format === "date" && /^(\d{4}-\d\d-\d\d)?$/.test(typed)) return html`<input ${named} type="date" value="${exact(typed)}">`;
  const mode = format === "email" ? "email" : format === "uri" ? "url" : "text";
  const example = format === "date-time" ? html` placeholder="2026-01-31T12:00:00Z"` : "";
  return html`<input ${named} type="text" inputmode="${mode}" autocomplete="off"${example} value="${exact(typed)}">`;
}

function area(named: Html, typed: string, rows = ROWS): Html {
  const height = Math.min(ROWS_LIMIT, Math.max(rows, typed.split("\n").length + 1));
  // The first line end within the element is not part of its text.
  return html`<textarea ${named} rows="${height}" autocomplete="off">
${exact(typed)}</textarea>`;
}

function jsonField({ schema, typed, wrong }: FormFrame): Html {
  const rules =
    schema === undefined
      ? ""
      : html`<details><summary>What it must be (JSON Schema)</summary><pre>${JSON.stringify(schema, undefined, 2)}</pre></details>`;
  return html`<p${wrong.size > 0 ? html` class="wrong"` : ""}><label for="json">The decision, as JSON</label>${area(html`id="json" name="json" class="code" spellcheck="false"`, typed?.get("json") ?? "", 2 * ROWS)}</p>${rules}<p class="buttons"><button type="submit">Send the decision</button></p>`;
}

function hint(field: FormField, id?: string): Html | string {
  const rules = rulesOf(field);
  return rules.length === 0 ? "" : html`<span class="hint"${id === undefined ? "" : html` id="${id}"`}>${rules.join("; ")}</span>`;
}

function rulesOf(field: FormField): string[] {
  return [field.description ?? "", ...boundsOf(field)].filter((each) => each !== "");
}

function boundsOf(field: FormField): string[] {
  const { least, most, unit } =
    field.type === "number" || field.type === "integer"
      ? { least: field.minimum, most: field.maximum, unit: "" }
      : "minLength" in field || "maxLength" in field
        ? { least: field.minLength, most: field.maxLength, unit: " characters" }
        : { least: undefined, most: undefined, unit: "" };
  const whole = field.type === "integer" ? ["a whole number"] : [];
  if (least !== undefined && most !== undefined) return [...whole, `${least} to ${most}${unit}`];
  if (least !== undefined) return least === 1 && unit !== "" ? whole : [...whole, `at least ${least}${unit}`];
  return most === undefined ? whole : [...whole, `at most ${most}${unit}`];
}
