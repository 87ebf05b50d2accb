/** The page's only style sheet. Colour repeats what a sign or word says, never says it alone. */
export const STYLES = `
:root {
  color-scheme: light dark;
  --bg: #fdfdfc; --panel: #f4f5f4; --text: #1b1f23; --muted: #59616b; --line: #d8dcdf;
  --pass: #176b41; --fail: #b3261e; --unknown: #855800; --skipped: #5b6470; --error: #7338c4;
  --pass-bg: #e4f3ea; --fail-bg: #fbe6e3; --unknown-bg: #fbf0d6; --skipped-bg: #eceef0; --error-bg: #f0e8fb;
  --c-begun: #5a8fd6; --c-settled: #17804c; --c-committed: #c25a00; --c-end: #8a929b;
  --link: #0b57b0; --focus: #0b57b0; --fault: rgba(179, 38, 30, 0.13); --grant: #cfdcec; --grant-text: #22384f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #14171a; --panel: #1d2125; --text: #e6e9ec; --muted: #a0a8b1; --line: #343a41;
    --pass: #6fd19b; --fail: #ff8f84; --unknown: #e9bb5a; --skipped: #a5adb7; --error: #c3a1ff;
    --pass-bg: #17301f; --fail-bg: #3d1a17; --unknown-bg: #352a10; --skipped-bg: #272c32; --error-bg: #2b1f42;
    --c-begun: #7fb0f0; --c-settled: #5fcb90; --c-committed: #ff9f4d; --c-end: #7d8790;
    --link: #8ab8ff; --focus: #8ab8ff; --fault: rgba(255, 143, 132, 0.17); --grant: #2b3d52; --grant-text: #cfe0f2;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--bg); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main, header, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.6rem; margin: 0 0 0.25rem; }
h2 { font-size: 1.2rem; margin: 2.25rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.5rem; }
h4 { font-size: 0.95rem; margin: 1.25rem 0 0.4rem; }
p { margin: 0.4rem 0; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
code, pre, .id { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.9em; }
code { overflow-wrap: anywhere; background: var(--panel); padding: 0.1em 0.35em; border-radius: 4px; }
pre { background: var(--panel); padding: 0.75rem; border-radius: 6px; overflow: auto; max-height: 24rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.4rem 0; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 0.5rem; background: var(--bg); padding: 0.5rem; z-index: 2; }
.verdict { font-size: 1.15rem; font-weight: 600; margin: 0.5rem 0; padding: 0.6rem 0.9rem; border-left: 5px solid; border-radius: 4px; }
.verdict.pass { color: var(--pass); background: var(--pass-bg); border-color: var(--pass); }
.verdict.fail { color: var(--fail); background: var(--fail-bg); border-color: var(--fail); }
.muted, .note, .time, .level, .title, .more { color: var(--muted); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.15rem 1rem; margin: 1rem 0; font-size: 0.92rem; }
dl.facts dt { color: var(--muted); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid var(--line); font-weight: normal; }
thead th { font-weight: 600; border-bottom-width: 2px; }
caption { text-align: left; font-weight: 600; font-size: 0.95rem; padding: 1rem 0 0.3rem; }
.matrix thead th, .matrix td { white-space: nowrap; }
.matrix tbody th { min-width: 15rem; padding-right: 1.5rem; }
.listing td { white-space: normal; }
.listing tbody th { white-space: nowrap; min-width: 0; }
.matrix .title { display: block; font-size: 0.87rem; line-height: 1.35; }
.level { font-size: 0.78rem; border: 1px solid var(--line); border-radius: 3px; padding: 0 0.3em; }
.plain { font-size: 0.9rem; }
.plain tbody th { min-width: 16rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.badge { display: inline-block; padding: 0.05rem 0.5rem; border-radius: 999px; font-size: 0.85rem; font-weight: 600; }
.badge.pass { color: var(--pass); background: var(--pass-bg); }
.badge.fail { color: var(--fail); background: var(--fail-bg); }
.badge.unknown { color: var(--unknown); background: var(--unknown-bg); }
.badge.skipped { color: var(--skipped); background: var(--skipped-bg); }
.badge.error { color: var(--error); background: var(--error-bg); }
.cell { text-decoration: none; color: inherit; display: inline-flex; align-items: baseline; gap: 0.5rem; }
.cell:hover .badge { text-decoration: underline; }
.cell .time, summary .time { font-size: 0.85rem; font-variant-numeric: tabular-nums; }
.none { color: var(--muted); font-size: 0.85rem; }
details.case { border: 1px solid var(--line); border-left: 4px solid var(--line); border-radius: 6px; margin: 0.6rem 0; scroll-margin-top: 1rem; }
details.case.fail { border-left-color: var(--fail); }
details.case.unknown { border-left-color: var(--unknown); }
details.case.error { border-left-color: var(--error); }
details.case.pass { border-left-color: var(--pass); }
details.case > summary { padding: 0.55rem 0.8rem; display: flex; flex-wrap: wrap; gap: 0.25rem 0.75rem; align-items: baseline; }
summary { cursor: pointer; }
summary .id { font-weight: 600; }
summary .time { margin-left: auto; }
details.case > summary::before { content: "▸"; color: var(--muted); }
details.case[open] > summary::before { content: "▾"; }
details.case > summary::-webkit-details-marker { display: none; }
details.case:target { outline: 2px solid var(--focus); outline-offset: 2px; }
.body { padding: 0 0.9rem 0.9rem; }
.body .title { margin-top: 0; }
.reason { font-weight: 600; overflow-wrap: anywhere; }
.violated { background: var(--fail-bg); border-radius: 6px; padding: 0.5rem 0.9rem 0.6rem; margin: 0.7rem 0; }
.violated h4 { margin: 0.2rem 0; }
.violated ul { margin: 0.3rem 0; padding-left: 1.2rem; }
.violated li { overflow-wrap: anywhere; margin: 0.25rem 0; }
.invariant { font-family: ui-monospace, Menlo, Consolas, monospace; font-weight: 700; margin-right: 0.35em; }
.guards, .log { margin: 0.7rem 0; font-size: 0.9rem; }
.guards ul { list-style: none; padding: 0; margin: 0.3rem 0; }
.guards .unmet { color: var(--unknown); }
.guards .met > span { color: var(--pass); }
dl.metrics { display: flex; flex-wrap: wrap; gap: 0.4rem 1.6rem; margin: 0.9rem 0; }
dl.metrics dt { color: var(--muted); font-size: 0.8rem; }
dl.metrics dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 600; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0.5rem 1rem; }
figure.chart { margin: 0; min-width: 0; max-width: 38rem; }
figure.chart.wide { max-width: none; }
figure.wide { overflow-x: auto; }
figure.wide svg { min-width: 40rem; }
figcaption { font-size: 0.85rem; color: var(--muted); }
svg { width: 100%; height: auto; display: block; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; font-size: 0.83rem; color: var(--muted); }
.legend .key { display: inline-flex; align-items: center; gap: 0.4rem; }
.legend svg { width: 28px; }
.line { fill: none; stroke-width: 1.8; }
.line.log-end { stroke: var(--c-end); stroke-dasharray: 2 3; }
.line.begun { stroke: var(--c-begun); stroke-width: 1.3; }
.line.settled { stroke: var(--c-settled); stroke-width: 2.4; }
.line.committed { stroke: var(--c-committed); stroke-dasharray: 5 2.5; }
.violation { fill: none; stroke: var(--fail); stroke-width: 2.2; }
.grid { stroke: var(--line); stroke-width: 0.7; }
.phase { stroke: var(--muted); stroke-width: 0.8; stroke-dasharray: 1 3; }
.fault { fill: var(--fault); }
.tick { fill: var(--muted); font-size: 10.5px; font-family: system-ui, sans-serif; }
.tick.end { text-anchor: end; }
.tick.middle { text-anchor: middle; }
.member { fill: var(--text); font-size: 12px; font-weight: 600; font-family: system-ui, sans-serif; }
.grant { fill: var(--grant); stroke: var(--bg); }
.grant.empty { fill: none; stroke: var(--line); stroke-dasharray: 3 2; }
.grant-text { fill: var(--grant-text); font-size: 10px; font-family: system-ui, sans-serif; }
.commit { stroke: var(--c-committed); stroke-width: 1.2; }
.commit.lost { stroke: var(--fail); stroke-width: 2; stroke-dasharray: 2 1.5; }
.mark { stroke: var(--text); stroke-width: 1.8; fill: none; }
.mark.killed { stroke: var(--fail); stroke-width: 2.6; }
.short { stroke: var(--c-settled); stroke-width: 1; }
.handler { fill: var(--c-settled); }
.handler.retry, .handler.throw { fill: var(--unknown); }
.handler.poison, .handler.dead-letter { fill: var(--error); }
.handler.held { fill: var(--fail); }
footer { color: var(--muted); font-size: 0.87rem; padding: 2rem 1.25rem; }
@media (max-width: 40rem) {
  main, header, footer { padding-left: 0.8rem; padding-right: 0.8rem; }
  dl.facts { grid-template-columns: 1fr; }
  dl.facts dd { margin-bottom: 0.4rem; }
  .matrix tbody th { min-width: 11rem; padding-right: 0.75rem; }
  .matrix .title { display: none; }
  .plain tbody th { min-width: 8rem; }
  .plain th, .plain td { padding-right: 0.5rem; }
}
@media print { details.case > .body { display: block; } .skip { display: none; } }
`;
