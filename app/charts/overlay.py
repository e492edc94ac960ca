"""The curves of several runs in one chart: choose a metric, read every run at one place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from app.charts.card import Table, TableDialog
from app.charts.overlay_drawing import Curve, Curves, draw, plot_area
from app.charts.series import Series
from app.theme import theme
from app.widgets import Card, combo, text
from app.widgets.label import cut
from engine.metric_names import is_share, known_methods, metric_name
from engine.stage_changes import METRIC, changes_of

if TYPE_CHECKING:
    from engine.history import History
    from engine.method import Method
    from engine.records import RunRecord

SMOOTHED_FROM = 200  # points; a loss of every step is a cloud
FIRST = ("validation/accuracy", "loss", "validation/loss", "validation/agreement")
_AXES = [("Step", "step"), ("Share of training", "share")]


class Overlay(QWidget):
    """The chart itself; the pointer, or Left and Right, reads all runs at one place."""

    def __init__(self) -> None:
        super().__init__()
        self.curves = Curves()
        self._at: float | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 220)
        self.show_curves(self.curves)
        theme().follow(self.update)

    def show_curves(self, curves: Curves) -> None:
        """Draw other curves."""
        self.curves, self._at = curves, None
        self._say()

    def show_table(self) -> TableDialog:
        """Open the numbers as a plain table."""
        dialog = TableDialog(self, self.curves.title, self.table())
        dialog.open()
        return dialog

    def table(self) -> Table:
        """Heads and rows: one row per place along the axis, one column per run."""
        lines = self.curves.lines
        places = sorted({float(x) for one in lines for x in one.x})
        known = [dict(zip(one.x.tolist(), one.y.tolist(), strict=True)) for one in lines]
        words = self.curves.y_words
        rows = [
            [self.curves.x_words(x), *(words(one[x]) if x in one else "" for one in known)]
            for x in places
        ]
        return [self.curves.across, *(one.name for one in lines)], rows

    def _say(self) -> None:
        ends = [
            f"{cut(one.name, 60)} {self.curves.y_words(float(one.y[-1]))}"
            for one in self.curves.lines
            if len(one.y)
        ]
        self.setAccessibleName(f"{self.curves.title}: {', '.join(ends) or 'nothing to show'}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw(painter, QRectF(self.rect()), self.curves, theme(), self._at)
        if self.hasFocus():
            painter.setPen(QPen(theme().colour("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.curves.lines:
            area = plot_area(QRectF(self.rect()), self.curves, theme())
            share = (event.position().x() - area.left()) / max(1.0, area.width())
            self._read(share if 0 <= share <= 1 else None)

    def leaveEvent(self, event: QEvent) -> None:
        self._read(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Right: 0.02, Qt.Key.Key_Left: -0.02}.get(Qt.Key(event.key()))
        if step is None or not self.curves.lines:
            super().keyPressEvent(event)
            return
        left, right, _, _ = self.curves.ranges()
        now = 1.0 if self._at is None else (self._at - left) / (right - left)
        self._read(min(1.0, max(0.0, now + step)))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Show as table", self.show_table)
        menu.exec(event.globalPos())

    def _read(self, share: float | None) -> None:
        left, right, _, _ = self.curves.ranges() if self.curves.lines else (0.0, 1.0, 0.0, 1.0)
        self._at = None if share is None else left + share * (right - left)
        self.update()


class CurvesTab(QWidget):
    """Metric and axis choosers above the overlay; curves are read when the tab is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._history: History | None = None
        self._records: list[RunRecord] = []
        self._places: dict[str, int] = {}
        self._methods: list[Method] = []
        self.choice = combo("Metric", [])
        self.axis = combo("Across", _AXES, "step")
        self.overlay = Overlay()
        self.empty = text("body", "", "text2", wrap=True)
        self.choice.currentIndexChanged.connect(self._draw)
        self.axis.currentIndexChanged.connect(self._draw)
        card = Card()
        row = QHBoxLayout()
        for words, field in (("Metric", self.choice), ("Across", self.axis)):
            row.addWidget(text("small", words))
            row.addWidget(field)
            row.addSpacing(12)
        row.addStretch()
        card.body.addLayout(row)
        card.body.addWidget(self.empty)
        card.body.addWidget(self.overlay, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card, 1)

    def show_runs(
        self, history: History, records: Sequence[RunRecord], places: dict[str, int]
    ) -> None:
        """Offer the metrics of these runs and draw the chosen one; `places` are their colours."""
        self._history, self._records, self._places = history, list(records), places
        found = {name for one in records for name in history.metric_names(one.id)} - {METRIC}
        self._methods = known_methods(one.method for one in records)
        names = [name for name in FIRST if name in found] + sorted(found - set(FIRST))
        _refill(self.choice, [(metric_name(one, self._methods), one) for one in names])
        self._draw()

    def rows(self) -> tuple[list[str], list[list[object]]]:
        """For CSV: run, step and value of every point of the chosen metric, plain numbers."""
        rows: list[list[object]] = [
            [one.name, float(x), float(y)]
            for one in self.overlay.curves.lines
            for x, y in zip(one.x, one.y, strict=True)
            if np.isfinite(y)  # else the gap between two stages
        ]
        return ["run", str(self.axis.currentData()), str(self.choice.currentData())], rows

    def _draw(self) -> None:
        name = self.choice.currentData()
        if self._history is None or name is None:
            self.overlay.show_curves(Curves())
            self._say_empty()
            return
        lines = [self._curve(one, name) for one in self._records]
        training = self.axis.currentData() == "share"
        kept = tuple(one for one in lines if len(one.x))
        title, share = metric_name(name, self._methods), is_share(name, self._methods)
        shown = Curves(kept, title, self.axis.currentText(), share, training)
        if training:
            scaled = [replace(one, x=one.x / max(1.0, float(one.x[-1]))) for one in shown.lines]
            shown = replace(shown, lines=tuple(scaled))
        self.overlay.show_curves(shown)
        self._say_empty()

    def _curve(self, record: RunRecord, name: str) -> Curve:
        assert self._history is not None
        series = Series()
        series.extend(*self._history.series(record.id, name))
        changes = changes_of(self._history, record.id)
        series.part_at(np.array([step for step, _ in changes], np.int64))
        smooth = len(series) > SMOOTHED_FROM
        x, y = series.smoothed() if smooth else series.raw()
        place = self._places.get(record.id, len(self._places))
        return Curve(record.id, record.name, place, np.asarray(x), np.asarray(y))

    def _say_empty(self) -> None:
        shown = bool(self.overlay.curves.lines)
        why = "Tick at least one run in Overview to see its curves."
        if self._records:
            why = "None of the ticked runs has recorded a curve."
        self.empty.set_text(why)
        self.empty.setVisible(not shown)
        self.overlay.setVisible(shown)


def _refill(box: QComboBox, items: Sequence[tuple[str, str]]) -> None:
    """Offer other items without losing the choice where it is still there."""
    kept = box.currentData()
    box.blockSignals(True)
    box.clear()
    for words, data in items:
        box.addItem(cut(words, 200), data)
    box.setCurrentIndex(max(0, box.findData(kept)))
    box.blockSignals(False)
