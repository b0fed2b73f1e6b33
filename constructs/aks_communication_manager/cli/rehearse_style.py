"""Styles of the page of a rehearsal, for light and dark schemes."""

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --raised: #f6f8fa; --ink: #1f2328; --faint: #59636e; --line: #d1d9e0;
  --good: #1a7f37; --warn: #9a6700; --bad: #c4320a; --sent: #0969da;
  --scheduled: #59636e; --started: #0072b2; --completed: #008060; --canceled: #b07d00; --failed: #d55e00; --support: #a84f82; }
@media (prefers-color-scheme: dark) { :root { --ground: #0d1117; --raised: #161b22; --ink: #e6edf3; --faint: #9198a1;
  --line: #30363d; --good: #3fb950; --warn: #d29922; --bad: #ff7b54; --sent: #58a6ff;
  --scheduled: #9198a1; --started: #56b4e9; --completed: #22c197; --canceled: #e69f00; --failed: #ff7a2e; --support: #e08fc0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 70rem; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 0; }
p { margin: .25rem 0; }
.faint, small { color: var(--faint); font-size: .875rem; font-weight: 400; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(8rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; }
.figures div { background: var(--raised); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; }
.figures dt { color: var(--faint); font-size: .875rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); } .none { color: var(--faint); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0; padding: 0; font-size: .875rem; color: var(--faint); }
.legend svg, li p > svg { display: inline-block; width: 20px; margin: 0; vertical-align: -4px; }
section { border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; margin: 1rem 0; }
.alarm { border-color: var(--bad); border-width: 2px; }
svg { display: block; width: 100%; margin: .75rem 0; overflow: visible; }
svg .at { width: 1px; height: 1px; }
svg text { fill: var(--faint); font-size: 12px; paint-order: stroke; stroke: var(--ground); stroke-width: 3px; }
svg .lane { stroke: var(--line); stroke-width: 2; } svg .tick { stroke: var(--line); }
svg .sent { stroke: var(--sent); stroke-width: 3; stroke-linecap: round; }
svg .mark { stroke: var(--ground); stroke-width: 1.5; }
svg .line { stroke-width: 3.5; stroke-linecap: round; fill: none; }
svg .scheduled { fill: var(--ground); stroke: var(--scheduled); stroke-width: 2.5; }
svg .started { fill: var(--started); } svg .completed { fill: var(--completed); } svg .canceled { fill: var(--canceled); }
svg .failed { stroke: var(--failed); } svg .support { fill: var(--support); } svg .other { stroke: var(--faint); }
svg .ring { fill: none; stroke: var(--bad); stroke-width: 2; stroke-dasharray: 3 2; }
svg .unasked { stroke: var(--faint); stroke-width: 2; }
svg text.warn { fill: var(--warn); font-weight: 600; }
ol { list-style: none; margin: .5rem 0 0; padding: 0; }
ol li { border-top: 1px solid var(--line); padding: .6rem 0; display: grid; grid-template-columns: 10rem 1fr; gap: 0 1rem; }
li time { font-variant-numeric: tabular-nums; color: var(--faint); }
li p { margin: 0; }
.badge { font-weight: 600; }
summary { cursor: pointer; color: var(--sent); }
li details summary { font-size: .875rem; }
@media (max-width: 40rem) { body { padding: 1rem .75rem 3rem; } ol li { grid-template-columns: 1fr; } section { padding: .75rem; }
  .figures { grid-template-columns: repeat(auto-fit, minmax(6.5rem, 1fr)); gap: .5rem; } .figures div { padding: .5rem; } .wide { display: none; } }
"""
