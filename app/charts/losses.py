"""Losses by step on a log scale: one smoothed line per term over its raw points."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from app.charts import ticks
from app.charts.card import ChartCard, Table, series_table
from app.charts.feed import Feed
from app.charts.plot import Line, Plot
from app.charts.series import Series
from engine import events, wording

FEW = 24  # points below which the raw line says nothing that the smoothed one does not
SPARE = 0.06  # of the height above and below the lines


class Losses(ChartCard):
    """`terms` are the method's plain names of its loss terms, in their order."""

    def __init__(self) -> None:
        super().__init__("Losses", "by step, lower is better")
        self.terms: Mapping[str, str] = {}
        self.plot = Plot(ticks.decades, ticks.logged)
        self.body.addWidget(self.plot, 1)

    def names(self, feed: Feed) -> dict[str, str]:
        """The metrics that are drawn, with their plain names."""
        found = [one for one in feed.series if one.startswith("loss/")]
        known = [f"loss/{key}" for key in self.terms]
        found.sort(key=lambda one: (known.index(one) if one in known else len(known), one))
        if not found:
            found = ["loss"]
        return {one: self.terms.get(one[5:], "") or events.label(one) for one in found}

    def draw(self, feed: Feed) -> None:
        drawn = [(name, label, feed.get(name)) for name, label in self.names(feed).items()]
        present = [(label, series) for _, label, series in drawn if series is not None]
        logged = all(_positive(series) for _, series in present)
        self.plot.left_axis.places = ticks.decades if logged else ticks.nice
        self.plot.left_axis.words = ticks.logged if logged else ticks.plain
        lines = [
            _line(place, label, series, logged) for place, (label, series) in enumerate(present)
        ]
        low = min(
            (float(np.nanmin(one.y)) for one in lines if np.isfinite(one.y).any()), default=-1.0
        )
        high = max(
            (float(np.nanmax(one.y)) for one in lines if np.isfinite(one.y).any()), default=0.0
        )
        spare = max(SPARE * (high - low), 0.05 if logged else 1e-9)
        self.plot.show_lines(
            lines, (0.0, float(feed.end_step())), (low - spare, high + spare),
            upright=feed.stage_steps(),
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


def _line(place: int, label: str, series: Series, logged: bool) -> Line:
    x, y = series.smoothed()
    raw = series.raw() if len(series) > FEW else None
    if logged:
        y = np.log10(y)
        raw = (raw[0], np.log10(raw[1])) if raw is not None else None
    return Line(x, y, place, label, raw)
