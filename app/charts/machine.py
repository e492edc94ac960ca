"""What the run asks of the computer: memory and sentences per second."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.charts import ticks
from app.charts.card import ChartCard, Table, series_table
from app.charts.feed import Feed
from app.charts.plot import Plot
from app.charts.plot_paint import Line
from app.theme import theme
from app.widgets.label import text
from engine import wording

MEMORY = "machine/memory"
TOTAL = "machine/memory_total"
SPEED = "machine/sentences_per_second"


class _Small(QWidget):
    """A name, its value, and a filled line without axes."""

    def __init__(self, words: str, colour: int) -> None:
        super().__init__()
        self._colour = colour
        self.value = text("small-strong", "", "text")
        self.plot = Plot(lambda low, high: [], ticks.plain)
        self.plot.getPlotItem().hideAxis("left")
        self.plot.getPlotItem().hideAxis("bottom")
        head = QHBoxLayout()
        head.addWidget(text("small", words, "text2"), 1)
        head.addWidget(self.value)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.plot, 1)

    def draw(self, feed: Feed, metric: str, words: str, smooth: bool) -> None:
        self.value.set_text(words)
        series = feed.get(metric)
        if series is None or series.last is None:
            self.plot.show_lines([], (0.0, 1.0), (0.0, 1.0))
            return
        x, y = series.smoothed() if smooth else series.raw()
        known = np.isfinite(y)  # the computer knows no stages
        x, y = x[known], y[known]
        high = float(np.nanmax(y, initial=0.0)) or 1.0
        line = Line(x, y, self._colour, fill=True, dot=False)
        self.plot.show_lines([line], (float(x[0]), float(x[-1])), (0.0, 1.25 * high))


class Machine(ChartCard):
    """Two small plots, one above the other or side by side."""

    def __init__(self) -> None:
        super().__init__("Machine")
        self.memory, self.speed = _Small("Memory", 2), _Small("Sentences per second", 0)
        self._pair = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._pair.addWidget(self.memory, 1)
        self._pair.addWidget(self.speed, 1)
        self._pair.setSpacing(theme().px(10))
        self.body.addLayout(self._pair, 1)

    def set_wide(self, wide: bool) -> None:
        """Put the two plots side by side."""
        way = QBoxLayout.Direction
        self._pair.setDirection(way.LeftToRight if wide else way.TopToBottom)

    def draw(self, feed: Feed) -> None:
        self.memory.draw(feed, MEMORY, _memory(feed), smooth=False)
        self.speed.draw(feed, SPEED, _rate(feed), smooth=True)

    def reading(self) -> tuple[str, str]:
        if self.feed is None:
            return "", "no points yet"
        return (
            "",
            f"memory {_memory(self.feed)}, {_rate(self.feed)} sentences per second",
        )

    def table(self) -> Table:
        if self.feed is None:
            return ["Step"], []
        return series_table(self.feed, {MEMORY: "Memory, bytes", SPEED: "Sentences per second"})


def _memory(feed: Feed) -> str:
    """ "1.8 of 25.3 GB"; without the total where the run has not said it."""
    used, total = feed.last(MEMORY), feed.last(TOTAL)
    if used is None:
        return wording.UNKNOWN
    whole = "" if total is None else f" of {total / 1e9:.1f}"
    return f"{used / 1e9:.1f}{whole}\N{NO-BREAK SPACE}GB"


def _rate(feed: Feed) -> str:
    series = feed.get(SPEED)
    return wording.count(float(series.smooth[-1])) if series is not None else wording.UNKNOWN
