"""The report's style sheet: the window's colours, light or dark as the reader's system."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from engine import paths


@cache
def style() -> str:
    """The style sheet, with the colours of assets/tokens.json."""
    tokens = json.loads((paths.assets() / "tokens.json").read_text("utf-8"))
    dark = f"@media (prefers-color-scheme: dark) {{\n{_colours(tokens, 'dark')}}}\n"
    return _colours(tokens, "light") + dark + _RULES + _classes(tokens)


def _colours(tokens: dict[str, Any], mode: str) -> str:
    """Every colour of one look as a CSS variable."""
    named = {name.replace("_", "-"): value for name, value in tokens[mode].items()}
    named |= {f"family-{name}": one[mode] for name, one in tokens["family"].items()}
    named |= {f"s{i}": colour for i, colour in enumerate(tokens["series"][mode])}
    return ":root { " + " ".join(f"--{name}: {value};" for name, value in named.items()) + " }\n"


def _classes(tokens: dict[str, Any]) -> str:
    """A class per family and per series."""
    names = [f"family-{name}" for name in tokens["family"]]
    names += [f"s{i}" for i in range(len(tokens["series"]["light"]))]
    return "".join(
        f".{name} {{ stroke: var(--{name}); }} .dot.{name} {{ fill: var(--{name}); }} "
        f"i.{name} {{ background: var(--{name}); }}\n"
        for name in names
    )


_RULES = """\
* { box-sizing: border-box; }
body { margin: 0; background: var(--app); color: var(--text);
  font: 15px/1.5 Inter, "Segoe UI", system-ui, sans-serif; overflow-wrap: anywhere; }
main { max-width: 760px; margin: 0 auto; padding: 32px 20px; }
header { padding: 0 4px 8px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 12px; }
h2 { font-size: 15px; margin: 0 0 12px; }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 8px;
  padding: 20px; margin: 16px 0; break-inside: avoid; }
.over { color: var(--accent); font-weight: 600; margin: 0 0 4px; }
.lead { font-size: 17px; margin: 0 0 12px; }
.small { color: var(--text3); font-size: 12px; margin: 4px 0; }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-variant-numeric: tabular-nums; }
th { text-align: left; color: var(--text3); font-weight: 500; }
th, td { padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.figures th:not(:first-child), .figures td:not(:first-child) { text-align: right; }
figure { margin: 0 0 20px; }
figcaption { font-size: 13px; font-weight: 500; margin-bottom: 6px; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--text3); font-size: 11px; }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
.grid { stroke: var(--line); } .level { stroke: var(--text3); stroke-dasharray: 5 4; }
.stage { stroke: var(--text3); stroke-dasharray: 1 3; } .line.again { stroke-dasharray: 6 4; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.whisker { stroke-width: 3; stroke-linecap: round; opacity: 0.55; }
.key span { margin-right: 14px; white-space: nowrap; }
.key i { display: inline-block; width: 12px; height: 3px; margin-right: 5px; vertical-align: middle; }
.key i.dashed { height: 0; border-top: 2px dashed var(--text3); }
ul { margin: 0; padding-left: 18px; } li.warning { color: var(--warn); }
"""
