"""Validation accuracy by step with the teacher's level."""

from __future__ import annotations

import math

import numpy as np

from app.charts import ticks
from app.charts.card import ChartCard, Table, series_table
from app.charts.feed import Feed
from app.charts.plot import Plot
from app.charts.plot_paint import Line, Rule
from engine import wording

METRIC = "validation/accuracy"
TEACHER = "validation/teacher"
MAJORITY = "validation/majority"


class Accuracy(ChartCard):
    """`teacher` is the teacher's accuracy where no point of the run says it."""

    def __init__(self) -> None:
        super().__init__("Validation accuracy")
        self.teacher: float | None = None
        self.plot = Plot(ticks.percents, ticks.percent)
        self.plot.reading = wording.percent
        self.body.addWidget(self.plot, 1)

    def teacher_level(self) -> float | None:
        """The teacher's accuracy on the validation split, else on the test split."""
        said = self.feed.last(TEACHER) if self.feed is not None else None
        return said if said is not None else self.teacher

    def draw(self, feed: Feed) -> None:
        series = feed.get(METRIC)
        teacher = self.teacher_level()
        levels = [teacher] if teacher is not None else []
        lines = []
        if series is not None:
            lines = [Line(*series.raw(), 0, "Student", marks=True, name="Student")]
            levels += [one for one in series.values.tolist() if math.isfinite(one)]
            every = int(np.median(np.diff(series.steps))) if len(series) > 1 else 0
            often = f"every {every:,} steps" if every > 1 else "every step"
            self.subtitle.set_text(often if every else "")
        rules = []
        if teacher is not None:
            rules = [Rule(teacher, f"Teacher\n{wording.percent(teacher)}")]
        self.plot.show_lines(
            lines, (0.0, float(feed.end_step())), around(levels), rules, feed.stage_spans()
        )

    def reading(self) -> tuple[str, str]:
        value = self.feed.last(METRIC) if self.feed is not None else None
        teacher = self.teacher_level()
        beside = f", teacher {100 * teacher:.1f} percent" if teacher is not None else ""
        if value is None:
            return "", f"no points yet{beside}"
        return wording.percent(value), f"{100 * value:.1f} percent{beside}"

    def table(self) -> Table:
        if self.feed is None:
            return ["Step"], []
        return series_table(self.feed, {METRIC: "Validation accuracy", TEACHER: "Teacher"})


def around(levels: list[float], most: float = 1.0) -> tuple[float, float]:
    """A range of shares around `levels` that ends at ticks and never above `most`."""
    if not levels:
        return 0.0, most
    low, high = min(levels), max(levels)
    spare = max(0.12 * (high - low), 0.01)
    step = _step(high - low + 2 * spare)
    low = math.floor((low - spare) / step) * step
    return max(0.0, low), min(most, math.ceil((high + spare) / step) * step)


def _step(width: float) -> float:
    """The distance of ticks in a range of this width."""
    return next((one for one in (0.01, 0.02, 0.05, 0.1) if width / one <= 5), 0.2)
