"""A card with several curves: names at their ends while few, else a key above them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from app.charts import ticks
from app.charts.accuracy import around
from app.charts.card import ChartCard, Table, series_table
from app.charts.feed import Feed
from app.charts.key import Key
from app.charts.plot import Plot
from app.charts.plot_paint import Line
from app.charts.series import Series
from app.theme import theme
from engine import wording
from engine.method import Chart

FEW = 3  # lines that are named at their ends
SHORT = 20  # letters of a name that has room there
HEIGHT = 200  # of a card at least, without its key
SPARE = 0.06  # of the height above and below the lines
RAW_FROM = 24  # points from which a value is smoothed over its raw points


def in_order(feed: Feed, names: Sequence[str]) -> list[str]:
    """The metrics that have points, by their first step: what comes later changes no colour."""
    found = [(feed.get(one), place, one) for place, one in enumerate(names)]
    present = [(int(s.steps[0]), place, one) for s, place, one in found if s is not None]
    return [one for _, _, one in sorted(present)]


class LinesCard(ChartCard):
    """A chart that draws the metrics of `names(feed)`."""

    def __init__(
        self, title: str, subtitle: str, places: Callable[[float, float], list[float]],
        words: Callable[[float], str],
    ) -> None:  # fmt: skip
        super().__init__(title, subtitle)
        self.plot, self.key = Plot(places, words), Key()
        self.key.pointed.connect(self.plot.bring_forward)
        self.body.addWidget(self.key)
        self.body.addWidget(self.plot, 1)

    def names(self, feed: Feed) -> Mapping[str, str]:
        """The metrics to draw, with their plain names."""
        return {}

    def named(self, lines: Sequence[Line], feed: Feed) -> None:
        """Short names at the ends of few lines that all reach the present; else in the key."""
        ends = [float(line.x[-1]) for line in lines if len(line.x)]
        begun = [step for step, _ in feed.stage_steps()]
        together = not begun or all(end > begun[-1] or end == max(ends) for end in ends)
        short = all(len(line.name) <= SHORT for line in lines)
        few = len(lines) <= FEW and together and short
        for line in lines:
            line.label = line.name if few else ""
        self.key.show_names([] if few else [(line.place, line.name) for line in lines])
        self.setMinimumHeight(theme().px(HEIGHT) + (0 if few else self.key.height()))

    def table(self) -> Table:
        if self.feed is None:
            return ["Step"], []
        return series_table(self.feed, dict(self.names(self.feed)))


class MethodChart(LinesCard):
    """A chart that a method declares: one line per metric once it has points."""

    def __init__(self, chart: Chart) -> None:
        share = chart.share
        super().__init__(
            chart.title, "by step", ticks.percents if share else ticks.nice,
            ticks.percent if share else ticks.plain,
        )  # fmt: skip
        self.chart = chart
        self.words = wording.percent if share else wording.significant
        self.plot.reading = self.words

    def names(self, feed: Feed) -> Mapping[str, str]:
        return {one: self.chart.lines[one] for one in in_order(feed, list(self.chart.lines))}

    def draw(self, feed: Feed) -> None:
        lines, levels = [], [0.0] if self.chart.share else []
        for place, (metric, words) in enumerate(self.names(feed).items()):
            series = feed.get(metric)
            if series is not None:
                lines.append(self._line(place, words, series))
                levels += [one for one in lines[-1].y.tolist() if math.isfinite(one)]
        low, high = _range(levels[self.chart.share :], self.chart.share)
        self.named(lines, feed)
        self.plot.show_lines(
            lines, (0.0, float(feed.end_step())), (low, high), stages=feed.stage_spans()
        )

    def _line(self, place: int, words: str, series: Series) -> Line:
        """Few points are drawn as they are, many smoothed; a sparse check gets marks."""
        few = len(series) < 80
        x, y = series.raw() if few else series.smoothed()
        raw = None if few else series.raw()
        return Line(x, y, place, raw=raw, marks=few, name=words)

    def reading(self) -> tuple[str, str]:
        if self.feed is None:
            return "", "no points yet"
        names = self.names(self.feed)
        found = {words: self.feed.last(one) for one, words in names.items()}
        known = {words: self.words(value) for words, value in found.items() if value is not None}
        if not known:
            return "", "no points yet"
        shown = next(iter(known.values())) if len(known) == 1 else ""
        return shown, ", ".join(f"{words} {value}" for words, value in known.items())


def _range(levels: Sequence[float], share: bool) -> tuple[float, float]:
    """A little room around the values; shares stay within 0 and 1."""
    if share or not levels:
        return around(list(levels))
    low, high = min(levels), max(levels)
    spare = SPARE * (high - low) or 0.05 * abs(high) or 1.0
    return (0.0 if 0 <= low < 0.35 * high else low - spare), high + spare


def log_of(values: np.ndarray) -> np.ndarray:
    """log10, with NaN where there is none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.log10(values)
    return np.where(np.isfinite(found), found, np.nan)
