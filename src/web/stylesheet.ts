// How the approval page looks: one small stylesheet, by day and by night, from a phone to a wide screen.

/** The stylesheet. */
export const STYLESHEET = `:root {
  color-scheme: light dark;
  --ground: #f6f5f2; --card: #ffffff; --ink: #1d1d1b; --soft: #5f5e59; --line: #d9d7d0; --edge: #8a8881;
  --accent: #1f5fbf; --on-accent: #ffffff; --good: #1d7a46; --bad: #b3261e; --wait: #8a5a00; --mark: #ffe08a; --code: #f0eee9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #161615; --card: #201f1e; --ink: #ecebe6; --soft: #a5a39b; --line: #3a3936; --edge: #7d7b74;
    --accent: #8ab4f8; --on-accent: #10213d; --good: #6fcf97; --bad: #ff8a80; --wait: #f0b95a; --mark: #6b5200; --code: #2b2a28;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere; }
header, main { max-width: 46rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; align-items: center; gap: .5rem 1rem; padding-top: .75rem; padding-bottom: .75rem; flex-wrap: wrap; }
header a { font-weight: 600; color: inherit; text-decoration: none; }
header form { margin-left: auto; display: flex; gap: .75rem; align-items: center; color: var(--soft); }
main { padding-bottom: 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .75rem 0 .5rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h3 { font-size: .95rem; margin: 0 0 .35rem; color: var(--soft); font-weight: 600; }
a { color: var(--accent); }
p { margin: .5rem 0; }
.card, .value, .decision, .notice { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem; margin: .6rem 0; }
.card > :first-child, .notice > :first-child, .decision > p:first-of-type { margin-top: 0; }
.card > :last-child, .notice > :last-child { margin-bottom: 0; }
.notice { border-left: .3rem solid var(--wait); }
.notice.bad { border-left-color: var(--bad); }
.notice.good { border-left-color: var(--good); }
.hint { color: var(--soft); font-size: .875rem; font-weight: 400; }
label + .hint, legend + .hint { display: block; margin-bottom: .25rem; }
.inbox { list-style: none; padding: 0; margin: 0; }
.inbox li > a { font-weight: 600; font-size: 1.05rem; }
.late { color: var(--bad); font-weight: 600; }
.pages { display: flex; justify-content: space-between; margin-top: 1rem; }
dl { margin: 0; }
dl.about { display: grid; grid-template-columns: fit-content(40%) 1fr; gap: .25rem 1rem; }
dl.about dt { color: var(--soft); }
dl.about dd { margin: 0; min-width: 0; }
.value dt { color: var(--soft); font-size: .875rem; }
.value dd { margin: 0 0 .5rem; padding-left: .75rem; border-left: 2px solid var(--line); }
.value ol { margin: 0; padding-left: 1.5rem; }
.text { white-space: pre-wrap; }
.code, pre, code { font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.code, pre { white-space: pre-wrap; background: var(--code); border-radius: .4rem; padding: .6rem .75rem; margin: .25rem 0; }
.digest { font: .75rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; color: var(--soft); }
mark { background: var(--mark); color: inherit; border-radius: .2rem; padding: 0 .2rem; font-size: .75em; }
summary { cursor: pointer; color: var(--accent); }
details.long > summary { list-style: none; }
details.long > summary::-webkit-details-marker { display: none; }
summary .preview { display: block; color: var(--ink); }
summary .more::before { content: "▸ "; }
details[open] > summary .more::before { content: "▾ "; }
details.long[open] > summary .preview { display: none; }
.decision p, .sign-in .card p { margin: .9rem 0 0; }
.sign-in .card p:first-of-type { margin-top: 0; }
fieldset { border: 0; padding: 0; margin: 1rem 0 0; min-width: 0; }
.decision > input[type=hidden] + fieldset { margin-top: 0; }
legend, label { font-weight: 600; padding: 0; }
label.check { display: block; font-weight: 400; padding: .35rem 0; }
input[type=text], input[type=password], input[type=date], select, textarea { display: block; width: 100%; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--edge); border-radius: .4rem; padding: .55rem .65rem; margin-top: .2rem; }
textarea { resize: vertical; }
textarea.code { font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.problem { display: block; color: var(--bad); font-size: .875rem; }
.wrong { border-left: .3rem solid var(--bad); padding-left: .75rem; }
.buttons { display: flex; flex-wrap: wrap; gap: .6rem; margin: .75rem 0 0; }
button { font: inherit; font-weight: 600; min-height: 2.75rem; padding: .4rem 1.1rem; border-radius: .5rem; border: 1px solid var(--accent); background: var(--card); color: var(--accent); cursor: pointer; }
.buttons button { flex: 1 1 8rem; }
button:hover, button.chosen, button.primary { background: var(--accent); color: var(--on-accent); }
button.quiet { min-height: 2rem; padding: .1rem .7rem; border-color: var(--line); color: inherit; font-weight: 400; background: none; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.sign-in { max-width: 24rem; margin: 3rem auto 0; }
.sign-in .card { padding: 1.25rem; }
.tree, .tree ul { list-style: none; margin: 0; padding-left: 1.1rem; }
.tree { padding-left: 0; }
.tree li { padding: .1rem 0; }
.status { font-size: .8rem; font-weight: 600; color: var(--soft); }
.succeeded { color: var(--good); } .failed, .cancelled { color: var(--bad); } .waiting, .running { color: var(--wait); }
.timeline { width: 100%; border-collapse: collapse; font-size: .875rem; }
.timeline td { vertical-align: top; padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--line); }
.timeline td:first-child { white-space: nowrap; color: var(--soft); }
@media (max-width: 34rem) {
  h1 { font-size: 1.3rem; }
  .timeline tr { display: block; padding: .3rem 0; border-top: 1px solid var(--line); }
  .timeline td { display: block; border: 0; padding: 0; }
}
`;

/** A small picture for the browser's tab. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path d="M16 3 29 16 16 29 3 16z" fill="#1f5fbf"/><path d="m10.5 16.5 4 4 7.5-8.5" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
