// How the approval card looks: small, by day and by night, as narrow as a chat may be. Nothing is fetched, so fonts are those of the machine or of the host.

/** The stylesheet of the card. */
export const CARD_STYLE = `:root {
  color-scheme: light dark;
  --ground: light-dark(#ffffff, #201f1e); --ink: light-dark(#1d1d1b, #ecebe6); --soft: light-dark(#5f5e59, #a5a39b); --line: light-dark(#dcdad3, #3d3b38);
  --well: light-dark(#f6f5f2, #191817); --accent: light-dark(#1f5fbf, #8ab4f8); --on-accent: light-dark(#ffffff, #10213d);
  --good: light-dark(#1d7a46, #6fcf97); --bad: light-dark(#b3261e, #ff8a80); --wait: light-dark(#8a5a00, #f0b95a); --mark: light-dark(#ffe08a, #6b5200);
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body {
  margin: 0; padding: 16px; background: var(--ground); color: var(--ink); overflow-wrap: anywhere;
  font: 15px/1.5 var(--font-sans, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
}
header { display: flex; align-items: center; justify-content: space-between; gap: 4px 12px; flex-wrap: wrap; font-size: 13px; color: var(--soft); }
.state { display: inline-flex; align-items: center; gap: 6px; font-weight: 600; color: var(--tone, var(--soft)); }
.state::before { content: ""; width: 8px; height: 8px; border-radius: 50%; background: currentColor; flex: none; }
.pending { --tone: var(--wait); }
.approved { --tone: var(--good); }
.rejected, .refused { --tone: var(--bad); }
h1 { font-size: 18px; line-height: 1.35; margin: 8px 0 0; font-weight: 600; }
p { margin: 8px 0 0; }
.faint { color: var(--soft); font-size: 13px; }
section { margin-top: 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--well); padding: 10px 12px; }
h2 { font-size: 12px; font-weight: 600; color: var(--soft); margin: 0 0 4px; }
.text, .code { white-space: pre-wrap; unicode-bidi: plaintext; }
.code, code { font: 13px/1.5 var(--font-mono, ui-monospace, SFMono-Regular, Menlo, Consolas, monospace); }
dl { margin: 0; display: grid; grid-template-columns: fit-content(40%) 1fr; gap: 4px 12px; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
bdi { unicode-bidi: isolate; }
mark { background: var(--mark); color: inherit; border-radius: 3px; padding: 0 3px; font-size: .75em; }
summary { cursor: pointer; color: var(--accent); font-size: 13px; margin-top: 4px; }
details .preview { display: block; color: var(--ink); font-size: 15px; }
details.long > summary { list-style: none; margin: 0; }
details.long > summary::-webkit-details-marker { display: none; }
details[open] > summary > .preview { display: none; }
.act { display: flex; align-items: center; flex-wrap: wrap; gap: 8px 12px; margin-top: 16px; }
button {
  font: inherit; font-size: 14px; font-weight: 600; min-height: 36px; padding: 6px 14px; border-radius: 8px; cursor: pointer;
  border: 1px solid var(--line); background: transparent; color: var(--ink);
}
button.main { background: var(--accent); border-color: transparent; color: var(--on-accent); }
button:hover { filter: brightness(1.08); }
button:disabled { opacity: .6; cursor: default; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.command { display: block; margin-top: 6px; padding: 8px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--well); user-select: all; }
.note { margin-top: 12px; padding-left: 10px; border-left: 3px solid var(--wait); }
footer code { font-size: 12px; }
footer { margin-top: 14px; padding-top: 10px; border-top: 1px solid var(--line); font-size: 12px; color: var(--soft); }
`;
