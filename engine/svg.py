"""Charts as text: inline SVG for the report, coloured by the page's own style sheet."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.plain import clean

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 10, 30
MOST_POINTS = 400
COLOURS = 6
ROW = 40


@dataclass(frozen=True, eq=False)
class Curve:
    """One line: steps and values of the same length; values that are not finite leave a gap."""

    name: str
    steps: np.ndarray
    values: np.ndarray


@dataclass(frozen=True)
class Span:
    """One model's accuracy with its 95 % range, as shares, in a family's colour."""

    name: str
    value: float
    low: float
    high: float
    family: str


def escape(value: object) -> str:
    """Text from data, safe in an element and in a quoted attribute."""
    return html.escape(clean(value))


def curves(
    title: str, lines: Sequence[Curve], levels: Sequence[tuple[str, float]] = (), *,
    stages: Sequence[tuple[int, str]] = (), logged: bool = False,
) -> str:  # fmt: skip
    """A line chart over the steps; `levels` are dashed horizontal references.

    `stages` (first step, title) are numbered upright lines; `logged` needs positive values.
    """
    lines = [thinned(line) for line in lines]
    if logged:
        lines = [Curve(one.name, one.steps, np.log10(one.values)) for one in lines]
    shown = np.concatenate([line.values for line in lines] + [np.array([v for _, v in levels])])
    shown = shown[np.isfinite(shown)]
    if not len(shown):
        return ""
    ys = ticks(float(shown.min()), float(shown.max()))
    ends = [int(step) for line in lines for step in line.steps[[0, -1]]]
    xs = ticks(min(ends), max(ends), 5)
    frame = _Frame(min(ends), max(max(ends), min(ends) + 1), ys[0], ys[-1])
    parts = [frame.across(y, f"{10**y:.3g}" if logged else f"{y:.6g}") for y in ys]
    parts += [frame.below(x) for x in xs if min(ends) <= x <= max(ends)]
    parts += [frame.upright(step, i, name) for i, (step, name) in enumerate(stages, 1)]
    for _, value in levels:
        y = frame.y(value)
        parts.append(f'<line class="level" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>')
    parts += [frame.line(line, i) for i, line in enumerate(lines)]
    return _svg(title, HEIGHT, parts)


def spans(title: str, rows: Sequence[Span], level: tuple[str, float] | None) -> str:
    """Dots with their range, one row each; `level` is a dashed vertical reference."""
    lows = [row.low for row in rows] + ([level[1]] if level else [])
    marks = [mark for mark in ticks(min(lows), max(row.high for row in rows)) if mark <= 1.0001]
    left, right = 160, WIDTH - 24
    height = ROW * len(rows) + BOTTOM + TOP

    def x(share: float) -> float:
        return round(left + (right - left) * (share - marks[0]) / (marks[-1] - marks[0]), 1)

    parts = []
    for mark in marks:
        parts.append(
            f'<line class="grid" x1="{x(mark)}" x2="{x(mark)}" y1="{TOP}" y2="{height - BOTTOM}"/>'
        )
        parts.append(
            f'<text class="middle" x="{x(mark)}" y="{height - 10}">{100 * mark:.4g} %</text>'
        )
    if level:
        at = x(level[1])
        parts.append(f'<line class="level" x1="{at}" x2="{at}" y1="{TOP}" y2="{height - BOTTOM}"/>')
    for i, row in enumerate(rows):
        y = TOP + ROW * i + ROW // 2
        colour = f"family-{row.family}"
        parts.append(f'<text x="0" y="{y + 4}">{escape(_short(row.name))}</text>')
        parts.append(
            f'<line class="whisker {colour}" x1="{x(row.low)}" x2="{x(min(row.high, marks[-1]))}" y1="{y}" y2="{y}"/>'
        )
        parts.append(f'<circle class="dot {colour}" cx="{x(row.value)}" cy="{y}" r="6"/>')
    return _svg(title, height, parts)


def thinned(line: Curve) -> Curve:
    """At most MOST_POINTS points: of each stretch the lowest and the highest, so peaks stay."""
    if len(line.steps) <= MOST_POINTS:
        return line
    kept: set[int] = {0, len(line.steps) - 1}
    for part in np.array_split(np.arange(len(line.steps)), MOST_POINTS // 2 - 1):
        known = part[np.isfinite(line.values[part])]
        if len(known):
            kept |= {
                int(known[line.values[known].argmin()]),
                int(known[line.values[known].argmax()]),
            }
        else:
            kept.add(int(part[0]))
    rows = sorted(kept)
    return Curve(line.name, line.steps[rows], line.values[rows])


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round figures that enclose low to high, about `count` steps apart."""
    if high <= low:
        pad = abs(low) * 0.1 or 1.0
        low, high = low - pad, high + pad
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{i * step:.12g}") for i in range(first, last + 1)]


@dataclass(frozen=True)
class _Frame:
    """From values to places in the picture."""

    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, step: float) -> float:
        share = (step - self.x_low) / (self.x_high - self.x_low)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        share = (value - self.y_low) / (self.y_high - self.y_low)
        return round(HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP), 1)

    def across(self, value: float, said: str) -> str:
        y = self.y(value)
        line = f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
        return line + f'<text class="end" x="{LEFT - 8}" y="{y + 4}">{said}</text>'

    def below(self, step: float) -> str:
        return f'<text class="middle" x="{self.x(step)}" y="{HEIGHT - 8}">{step:,.10g}</text>'

    def upright(self, step: int, number: int, title: str) -> str:
        """Where a stage begins, numbered at the foot; its name shows when it is pointed at."""
        if not self.x_low <= step <= self.x_high:
            return ""
        x, foot = self.x(step), HEIGHT - BOTTOM
        return (
            f'<g><title>{escape(title)}</title><line class="stage" x1="{x}" x2="{x}" y1="{TOP}" '
            f'y2="{foot}"/><text x="{x + 3}" y="{TOP + 9}">{number}</text></g>'
        )

    def line(self, line: Curve, place: int) -> str:
        """A path with a gap at every value that is not finite; a lone point becomes a dot.

        Beyond the colours there are, they come again with dashes.
        """
        parts, begun = [], False
        for step, value in zip(line.steps, line.values, strict=True):
            if np.isfinite(value):
                at = f"{self.x(float(step))} {self.y(float(value))}"
                parts.append(f"L{at}" if begun else f"M{at}L{at}")
            begun = bool(np.isfinite(value))
        again = " again" if place >= COLOURS else ""
        return f'<path class="line s{place % COLOURS}{again}" d="{"".join(parts)}"/>'


def _short(name: str) -> str:
    return name if len(name) <= 22 else name[:21] + "…"


def _svg(title: str, height: int, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH} {height}">\n{body}\n</svg>'
