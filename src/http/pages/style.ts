/** The look of every page: light and dark as the reader's system is, from a telephone to a wide screen. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --back: #fff; --soft: #f6f8fa; --line: #d8dee4; --text: #1b1f24; --muted: #57606a; --accent: #0a5fc4; --mark: #9a6700;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #0d1117; --soft: #161b22; --line: #30363d; --text: #e6edf3; --muted: #8d96a0; --accent: #6cb0ff; --mark: #d4a72c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
header.top { border-bottom: 1px solid var(--line); background: var(--soft); }
header.top div { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; }
header.top div, main { max-width: 62rem; margin: 0 auto; padding: .75rem 1.25rem; }
main { padding-bottom: 5rem; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .15em; }
a.brand { color: inherit; font-weight: 650; text-decoration: none; margin-right: auto; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 1.5rem 0 .5rem; overflow-wrap: anywhere; }
h2 { margin: 2.75rem 0 1rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); font-size: 1.35rem; }
h3 { margin: 2rem 0 .5rem; font-size: 1.1rem; overflow-wrap: anywhere; }
h4 { margin: 1.5rem 0 .4rem; font-size: 1rem; overflow-wrap: anywhere; }
p { margin: .6rem 0; overflow-wrap: anywhere; }
code, pre { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, monospace; }
code { overflow-wrap: anywhere; }
pre { background: var(--soft); border: 1px solid var(--line); border-radius: 8px; padding: .75rem 1rem; overflow: auto; }
summary { cursor: pointer; padding: .35rem 0; overflow-wrap: anywhere; }
.note { color: var(--muted); }
.method { display: inline-block; width: 4.5rem; font-weight: 600; text-transform: uppercase; }
.version { color: var(--muted); font-weight: 400; font-size: .6em; white-space: nowrap; }
.labels { display: flex; flex-wrap: wrap; gap: .4rem; list-style: none; padding: 0; margin: .75rem 0; }
.labels > * {
  border: 1px solid var(--line); border-radius: 1rem; padding: .05rem .7rem; font-size: .85rem; overflow-wrap: anywhere;
  text-decoration: none;
}
.labels > .fact { background: var(--soft); color: var(--muted); }
dl.links { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 1rem 0; }
dl.links dt { color: var(--muted); }
dl.links dd { margin: 0; overflow-wrap: anywhere; white-space: pre-line; }
form.search { display: flex; gap: .5rem; margin: 1.25rem 0; }
form.search input, form.search button {
  font: inherit; color: inherit; border: 1px solid var(--line); border-radius: 8px; padding: .5rem .8rem;
  background: var(--back);
}
form.search input { flex: 1; min-width: 0; }
form.search button { background: var(--accent); border-color: var(--accent); color: var(--back); font-weight: 600; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.entries { list-style: none; padding: 0; }
.entries li { border-bottom: 1px solid var(--line); padding: 1rem 0; }
.entries h2 { border: 0; margin: 0; padding: 0; font-size: 1.15rem; overflow-wrap: anywhere; }
.entries .summary {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; margin: .35rem 0;
}
ul.channels { list-style: none; padding: 0; columns: 2 20rem; }
ul.channels li { padding: .1rem 0; break-inside: avoid; }
section.channel { border: 1px solid var(--line); border-radius: 10px; padding: 0 1.25rem 1rem; margin: 1.25rem 0; }
section.channel > h3 { margin-top: 1rem; }
section.channel > h3 code { font-size: 1em; font-weight: 650; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
th { text-align: left; color: var(--muted); font-weight: 500; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem 1rem .4rem 0; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { width: 30%; }
td:nth-child(2) { width: 20%; }
td p { margin: 0; }
.d1 { --in: 1.1rem; } .d2 { --in: 2.2rem; } .d3 { --in: 3.3rem; } .d4 { --in: 4.4rem; } .d5 { --in: 5.5rem; }
td:first-child { padding-left: var(--in, 0); }
.required { color: var(--mark); font-size: .8rem; white-space: nowrap; }
.rules { color: var(--muted); font-size: .85rem; }
@media (max-width: 40rem) {
  h1 { font-size: 1.5rem; }
  dl.links { grid-template-columns: 1fr; gap: 0; } dl.links dd { margin-bottom: .6rem; }
  section.channel { padding: 0 .9rem .75rem; }
  thead { display: none; }
  tr { display: block; border-bottom: 1px solid var(--line); padding: .4rem 0 .4rem var(--in, 0); }
  td, td:first-child, td:nth-child(2) { display: block; width: auto; border: 0; padding: .1rem 0; }
}
@media print { header.top, form.search { display: none; } }
`;
