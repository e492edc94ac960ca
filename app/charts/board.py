"""The charts of one run: which there are, and how they share the page."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from app.charts.accuracy import Accuracy
from app.charts.area import Area
from app.charts.card import ChartCard
from app.charts.feed import Feed
from app.charts.layers import Layers
from app.charts.lines import MethodChart
from app.charts.losses import Losses
from app.charts.machine import Machine
from app.theme import theme
from engine.method import Chart, Method
from engine.records import RunRecord

EVERY = 0.5  # seconds between two drawings of a chart
OF_THE_METHOD = 6  # charts beside losses, accuracy and machine, at most
NARROW = 820  # below this width two charts stand side by side, above it up to three
_AGREEMENT = "validation/agreement"
_DECLARED = "chart/"  # and the place of a chart that the method declares


class Board(QWidget):
    """A grid of six columns, two or three charts in a row; at a small width two."""

    def __init__(self) -> None:
        super().__init__()
        self.losses, self.accuracy, self.machine = Losses(), Accuracy(), Machine()
        self._made: dict[str, ChartCard] = {}
        self._declared: tuple[Chart, ...] = ()
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
        self._declared = method.charts if method is not None else ()
        for key in [one for one in self._made if one.startswith(_DECLARED)]:
            self._drop(self._made.pop(key))
            self._shown = [one for one in self._shown if one != key]
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
        wanted = _wanted(feed, self._declared)
        if wanted == self._shown:
            return
        self._shown = wanted
        for one in wanted:
            if one not in self._made:
                self._made[one] = _make(one, self._declared)
        self._lay_out()

    def _drop(self, chart: ChartCard) -> None:
        self._grid.removeWidget(chart)
        chart.hide()
        chart.deleteLater()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().px(NARROW)
        if narrow != self._narrow:
            self._narrow = narrow
            self._lay_out()

    def _restyle(self) -> None:
        self._grid.setSpacing(theme().px(12))

    def _lay_out(self) -> None:
        """Two charts in the first row, the rest below, the machine in what is left."""
        while self._grid.count():
            self._grid.takeAt(0)
        charts = self.charts()
        for chart in self._made.values():
            chart.setVisible(chart in charts)
        spans = [3, 3, *_spans(len(charts) - 2, self._narrow)]
        self.machine.set_wide(spans[-1] == 6)
        column, row = 0, 0
        for chart, span in zip(charts, spans, strict=True):
            if column == 6:
                column, row = 0, row + 1
            self._grid.addWidget(chart, row, column, 1, span)
            column += span
        for place in range(6):
            self._grid.setColumnStretch(place, 1)
        for place in range(self._grid.rowCount()):
            self._grid.setRowStretch(place, (11 if place == 0 else 10) if place <= row else 0)


def _spans(count: int, narrow: bool) -> list[int]:
    """How many of six columns each chart below the first row takes; every row is full."""
    if count == 2:
        return [3, 3] if narrow else [4, 2]
    across = 2 if narrow or count == 4 else 3
    rows, left = divmod(count, across)
    return [6 // across] * (across * rows) + ([6 // left] * left if left else [])


def _wanted(feed: Feed, declared: Sequence[Chart]) -> list[str]:
    """The method's own charts that there are points for, most telling first."""
    tables = [f"table/{one}" for one in ("distance", "bits", "sparsity") if one in feed.tables]
    others = sorted(one for one in feed.tables if f"table/{one}" not in tables)
    found = [one for one in ("sparsity",) if feed.get(one) is not None]
    found += [
        f"{_DECLARED}{place}"
        for place, chart in enumerate(declared)
        if any(feed.get(one) is not None for one in chart.lines)
    ]
    found += tables + [f"table/{one}" for one in others]
    told = {metric for chart in declared for metric in chart.lines}
    if feed.get(_AGREEMENT) is not None and _AGREEMENT not in told:
        found.append(_AGREEMENT)
    return found[:OF_THE_METHOD]


def _make(key: str, declared: Sequence[Chart]) -> ChartCard:
    if key.startswith(_DECLARED):
        return MethodChart(declared[int(key.removeprefix(_DECLARED))])
    if key == "sparsity":
        return Area("Removed so far", "sparsity", "sparsity/target", zero=True)
    if key == _AGREEMENT:
        return Area("Same answer as teacher", _AGREEMENT)
    table = key.removeprefix("table/")
    return Layers(table, strip=table != "distance")
