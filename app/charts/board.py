"""The charts of one run: which there are, and how they share the page."""

from __future__ import annotations

import time

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.charts.accuracy import Accuracy
from app.charts.area import Area
from app.charts.card import ChartCard
from app.charts.feed import Feed
from app.charts.layers import Layers
from app.charts.losses import Losses
from app.charts.machine import Machine
from app.theme import theme
from engine.method import Method
from engine.records import RunRecord

EVERY = 0.5  # seconds between two drawings of a chart
OF_THE_METHOD = 2  # charts beside losses, accuracy and machine
NARROW = 820  # below this width two charts stand side by side, above it up to three
_AGREEMENT = "validation/agreement"


class Board(QWidget):
    """A grid of six columns; at a small width two charts in a row."""

    def __init__(self) -> None:
        super().__init__()
        self.losses, self.accuracy, self.machine = Losses(), Accuracy(), Machine()
        self._made: dict[str, ChartCard] = {}
        self._shown: list[str] = []
        self._narrow = False
        self._drawn: dict[ChartCard, tuple[Feed, int, float]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        theme().follow(self._restyle)
        self._lay_out()

    def charts(self) -> list[ChartCard]:
        """The charts on the page, in their order."""
        return [self.losses, self.accuracy, *(self._made[one] for one in self._shown), self.machine]

    def set_run(self, record: RunRecord, method: Method | None) -> None:
        """Forget what was drawn and take another run's names."""
        self.losses.terms = method.terms if method is not None else {}
        self.accuracy.teacher = record.teacher_accuracy
        self._drawn.clear()
        for chart in self.charts():
            for plot in chart.findChildren(type(self.losses.plot)):
                plot.by_hand = False

    def draw_next(self, feed: Feed) -> bool:
        """Draw the chart that has waited longest, if any has news; one at a time, so that the
        window stays free; never one in which the pointer drags. True when one was drawn.
        """
        self._choose(feed)
        now = time.monotonic()
        waiting = []
        for chart in self.charts():
            known, version, when = self._drawn.get(chart, (None, -1, 0.0))
            news = known is not feed or version != feed.version
            if news and not chart.dragging and (known is not feed or now - when >= EVERY):
                waiting.append((when, chart))
        if not waiting:
            return False
        chart = min(waiting, key=lambda one: one[0])[1]
        chart.show_feed(feed)
        self._drawn[chart] = (feed, feed.version, now)
        return True

    def _choose(self, feed: Feed) -> None:
        """Bring in the charts that this feed has points for."""
        wanted = _wanted(feed)
        if wanted == self._shown:
            return
        self._shown = wanted
        for one in wanted:
            if one not in self._made:
                self._made[one] = _make(one)
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().px(NARROW)
        if narrow != self._narrow:
            self._narrow = narrow
            self._lay_out()

    def _restyle(self) -> None:
        self._grid.setSpacing(theme().px(12))

    def _lay_out(self) -> None:
        """Two charts in the first row, the rest in the second, the machine in what is left."""
        while self._grid.count():
            self._grid.takeAt(0)
        for chart in self._made.values():
            chart.setVisible(chart in self.charts())
        charts = self.charts()
        rest = charts[2:]
        spans = {1: [6], 2: [3, 3] if self._narrow else [4, 2], 3: [2, 2, 2]}[len(rest)]
        if self._narrow and len(rest) == 3:
            spans = [3, 3, 6]
        self.machine.set_wide(spans[-1] == 6)
        column, row = 0, 0
        for chart, span in zip(charts, [3, 3, *spans], strict=True):
            if column == 6:
                column, row = 0, row + 1
            self._grid.addWidget(chart, row, column, 1, span)
            column += span
        for place in range(6):
            self._grid.setColumnStretch(place, 1)
        for place in range(4):
            self._grid.setRowStretch(place, (11 if place == 0 else 10) if place <= row else 0)


def _wanted(feed: Feed) -> list[str]:
    """The method's own charts that there are points for, most telling first."""
    tables = [f"table/{one}" for one in ("distance", "bits", "sparsity") if one in feed.tables]
    others = sorted(one for one in feed.tables if f"table/{one}" not in tables)
    found = [one for one in ("sparsity",) if feed.get(one) is not None]
    found += tables + [f"table/{one}" for one in others]
    if feed.get(_AGREEMENT) is not None:
        found.append(_AGREEMENT)
    return found[:OF_THE_METHOD]


def _make(key: str) -> ChartCard:
    if key == "sparsity":
        return Area("Removed so far", "sparsity", "sparsity/target", zero=True)
    if key == _AGREEMENT:
        return Area("Same answer as teacher", _AGREEMENT)
    table = key.removeprefix("table/")
    return Layers(table, strip=table != "distance")
