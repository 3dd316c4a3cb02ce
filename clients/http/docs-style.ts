/** Of the page of the API: one column, readable on a phone, by day and by night. */
export const docsStyle = `
:root { color-scheme: light dark; --line: #8884; --faint: #8881; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 56rem; padding: 1rem; font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); } h3 { margin: 0 0 .3rem; font-size: 1rem; }
article { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
code, pre { font: .85rem/1.45 ui-monospace, monospace; }
pre { background: var(--faint); border-radius: .4rem; padding: .7rem; overflow-x: auto; white-space: pre-wrap; margin: .4rem 0; }
dl { margin: .4rem 0; } dt { margin-top: .4rem; } dd { margin: 0 0 0 1rem; opacity: .85; }
nav ul { padding-left: 1.1rem; margin: .3rem 0; } .method { font-weight: 700; color: light-dark(#06c, #7bf); } .small { font-size: .85rem; opacity: .8; }
summary { cursor: pointer; }
`;
