"""Losses by step on a log scale: one smoothed line per term over its raw points."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from app.charts import ticks
from app.charts.card import Table, series_table
from app.charts.feed import Feed
from app.charts.lines import RAW_FROM, SPARE, LinesCard, in_order, log_of
from app.charts.plot_paint import Line
from app.charts.series import Series
from engine import events, wording


class Losses(LinesCard):
    """`terms` are the method's plain names of its loss terms, in their order.

    The terms of other stages may differ by orders of magnitude: the scale is of powers of ten,
    and a term is drawn only where its stage has points.
    """

    def __init__(self) -> None:
        super().__init__("Losses", "by step, lower is better", ticks.decades, ticks.logged)
        self.terms: Mapping[str, str] = {}

    def names(self, feed: Feed) -> dict[str, str]:
        """The metrics that are drawn, with their plain names."""
        known = [f"loss/{key}" for key in self.terms]
        others = sorted(one for one in feed.series if one.startswith("loss/") and one not in known)
        found = in_order(feed, [*known, *others]) or ["loss"]
        return {one: self.terms.get(one[5:], "") or events.label(one) for one in found}

    def draw(self, feed: Feed) -> None:
        drawn = [(label, feed.get(name)) for name, label in self.names(feed).items()]
        present = [(label, series) for label, series in drawn if series is not None]
        logged = all(_positive(series) for _, series in present)
        self.plot.left_axis.places = ticks.decades if logged else ticks.nice
        self.plot.left_axis.words = ticks.logged if logged else ticks.plain
        self.plot.reading = _unlogged if logged else wording.significant
        lines = [
            _line(place, label, series, logged) for place, (label, series) in enumerate(present)
        ]
        ends = [one for line in lines for one in (line.y, *([line.raw[1]] if line.raw else []))]
        known = np.concatenate([*ends, np.empty(0)])
        known = known[np.isfinite(known)]
        low, high = (float(known.min()), float(known.max())) if len(known) else (-1.0, 0.0)
        spare = max(SPARE * (high - low), 0.05 if logged else 1e-9)
        self.named(lines, feed)
        self.plot.show_lines(
            lines, (0.0, float(feed.end_step())), (low - spare, high + spare),
            stages=feed.stage_spans(),
        )  # fmt: skip

    def reading(self) -> tuple[str, str]:
        feed = self.feed
        loss = feed.last("loss") if feed is not None else None
        if feed is None or loss is None:
            return "", "no points yet"
        series = feed.series["loss"]
        smooth = float(series.smooth[-1])
        shown = wording.significant(smooth if math.isfinite(smooth) else loss)
        return shown, f"{shown} at step {int(series.steps[-1]):,}"

    def table(self) -> Table:
        if self.feed is None:
            return ["Step"], []
        return series_table(self.feed, {"loss": "Loss", **self.names(self.feed)})


def _positive(series: Series) -> bool:
    return bool(np.nanmin(series.values, initial=1.0) > 0)


def _unlogged(value: float) -> str:
    return wording.significant(10.0**value)


def _line(place: int, label: str, series: Series, logged: bool) -> Line:
    x, y = series.smoothed()
    raw = series.raw() if len(series) > RAW_FROM else None
    if logged:
        y = log_of(y)
        raw = (raw[0], log_of(raw[1])) if raw is not None else None
    return Line(x, y, place, raw=raw, name=label)
