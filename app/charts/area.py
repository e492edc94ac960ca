"""One share by step as a filled line, with a target where there is one."""

from __future__ import annotations

import math

from app.charts import ticks
from app.charts.accuracy import around
from app.charts.card import ChartCard, Table, series_table
from app.charts.feed import Feed
from app.charts.plot import Plot
from app.charts.plot_paint import Line, Rule
from engine import wording


class Area(ChartCard):
    """`points` is the metric that is drawn; `target` names the metric of its target; `zero` begins the axis at 0."""

    def __init__(self, title: str, points: str, target: str = "", zero: bool = False) -> None:
        super().__init__(title)
        self.points, self.target, self.zero = points, target, zero
        self.plot = Plot(ticks.percents, ticks.percent)
        self.plot.reading = wording.percent
        self.body.addWidget(self.plot, 1)

    def draw(self, feed: Feed) -> None:
        series = feed.get(self.points)
        goal = feed.last(self.target) if self.target else None
        levels = [goal] if goal is not None else []
        lines = []
        if series is not None:
            lines = [Line(*series.raw(), 0, fill=True, name=self.title)]
            levels += [one for one in series.values.tolist() if math.isfinite(one)]
        rules = [] if goal is None else [Rule(goal, wording.percent(goal, 0), "text")]
        low, high = around(levels)
        self.plot.show_lines(
            lines, (0.0, float(feed.end_step())), (0.0 if self.zero else low, high), rules,
            feed.stage_spans(),
        )  # fmt: skip
        self.subtitle.set_text("" if goal is None else f"target {wording.percent(goal, 0)}")

    def reading(self) -> tuple[str, str]:
        value = self.feed.last(self.points) if self.feed is not None else None
        if value is None:
            return "", "no points yet"
        return wording.percent(value), f"{100 * value:.1f} percent"

    def table(self) -> Table:
        if self.feed is None:
            return ["Step"], []
        columns = {self.points: self.title}
        if self.target:
            columns[self.target] = "Target"
        return series_table(self.feed, columns)
