"""What each layer of the exported files holds: one heat strip per run, layers side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from app.charts.card import Table, TableDialog
from app.charts.ink import draw_marker, mixed, strong_on
from app.theme import theme
from app.widgets.label import cut, plain_tip
from engine import wording

if TYPE_CHECKING:
    from engine.records import RunRecord

NAMES, ROW, HEAD = 168, 44, 30
NARROWEST = 20


@dataclass(frozen=True)
class Measure:
    """A figure of a layer: its key in the record, its title, how it is written and read."""

    key: str
    title: str
    words: Callable[[float], str]
    short: Callable[[float], str]


def _bits(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _compact(value: float) -> str:
    for limit, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.1f}".removesuffix(".0") + "\N{NO-BREAK SPACE}" + unit
    return f"{value:.0f}"


def _whole(value: float) -> str:
    return wording.percent(value, 0)


MEASURES = (
    Measure("parameters", "Parameters", wording.parameters, _compact),
    Measure("sparsity", "Removed", wording.percent, _whole),
    Measure("bits", "Bits per number", _bits, _bits),
    Measure("bytes", "Size of its numbers", wording.size, _compact),
    Measure("rank", "Rank kept", lambda v: f"{v:g}", lambda v: f"{v:g}"),
)


def layers_of(record: RunRecord) -> dict[str, dict[str, float]]:
    """The finite figures of each layer, by layer name; the stored list is not trusted."""
    found: dict[str, dict[str, float]] = {}
    for layer in record.layers:
        if not isinstance(layer, Mapping) or not isinstance(layer.get("name"), str):
            continue
        figures = {
            key: float(value)
            for key, value in layer.items()
            if isinstance(value, int | float)
            and not isinstance(value, bool)
            and math.isfinite(value)
        }
        if "parameters" in figures and "bits" in figures:
            figures.setdefault("bytes", figures["parameters"] * figures["bits"] / 8)
        found[layer["name"]] = figures
    return found


def plain_layer(layer: str) -> str:
    """A layer's name as a person says it: "bert.encoder.layer.3" is "layer 3"."""
    tail = layer.rpartition("layer.")
    if tail[1] and tail[2].isdigit():
        return f"layer {int(tail[2]) + 1}"
    return cut(layer.rpartition(".")[2] or layer, 40)


class Strips(QWidget):
    """One row per run, one cell per layer; arrows move from cell to cell."""

    def __init__(self) -> None:
        super().__init__()
        self._records: list[RunRecord] = []
        self._layers: list[dict[str, dict[str, float]]] = []
        self.names: list[str] = []
        self.measure = MEASURES[0]
        self._cell = (0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self._say()
        theme().follow(self._restyle)

    def show_runs(self, records: Sequence[RunRecord], measure: Measure) -> None:
        """Draw this figure of these runs' layers."""
        self._records, self.measure = list(records), measure
        self._layers = [layers_of(one) for one in records]
        ordered = max(self._layers, key=len, default={})
        every = [*ordered, *(name for one in self._layers for name in one)]
        self.names = list(dict.fromkeys(every))
        self._cell = (0, 0)
        self._restyle()
        self._say()

    def value(self, row: int, column: int) -> float | None:
        """The figure of one cell."""
        return self._layers[row].get(self.names[column], {}).get(self.measure.key)

    def table(self) -> Table:
        """Heads and rows: one row per run, one column per layer."""
        rows = [
            [record.name, *(self._words(row, column) for column in range(len(self.names)))]
            for row, record in enumerate(self._records)
        ]
        return ["Run", *(plain_layer(one) for one in self.names)], rows

    def sizeHint(self) -> QSize:
        look = theme()
        wide = look.px(NAMES) + len(self.names) * look.px(NARROWEST)
        return QSize(wide, look.px(HEAD) + len(self._records) * look.px(ROW) + look.px(8))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(NAMES), self.sizeHint().height())

    def _restyle(self) -> None:
        self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()

    def _words(self, row: int, column: int) -> str:
        value = self.value(row, column)
        return wording.UNKNOWN if value is None else self.measure.words(value)

    def _say(self) -> None:
        said = f"{self.measure.title} per layer, {len(self._records)} runs"
        row, column = self._cell
        if self._records and self.names:
            where = f"{cut(self._records[row].name, 60)}, {plain_layer(self.names[column])}"
            said += f". {where}: {self._words(row, column)}"
        self.setAccessibleName(said)

    def _cell_width(self) -> float:
        return max(1.0, (self.width() - theme().px(NAMES)) / max(1, len(self.names)))

    def paintEvent(self, event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cells = [
            self.value(row, column)
            for row in range(len(self._records))
            for column in range(len(self.names))
        ]
        largest = max((one for one in cells if one is not None), default=0.0)
        self._paint_heads(painter)
        for row, record in enumerate(self._records):
            top = look.px(HEAD) + row * look.px(ROW)
            at = QPointF(look.px(8), top + look.px(ROW) / 2)
            draw_marker(painter, at, record.family, look)
            room = QRectF(look.px(22), top, look.px(NAMES - 34), look.px(ROW))
            painter.setPen(look.colour("text"))
            painter.setFont(look.font("label"))
            metrics = QFontMetricsF(look.font("label"))
            words = cut(" ".join(record.name.split()), 200)
            elided = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), elided)
            for column in range(len(self.names)):
                self._paint_cell(painter, row, column, largest)

    def _paint_heads(self, painter: QPainter) -> None:
        look, wide = theme(), self._cell_width()
        metrics = QFontMetricsF(look.font("tick"))
        painter.setFont(look.font("tick"))
        painter.setPen(look.colour("text3"))
        words = [plain_layer(one) for one in self.names]
        longest = max((metrics.horizontalAdvance(one) for one in words), default=0.0)
        if longest > wide - 4:  # "layer 3" gives way to "3" where cells are narrow
            words = [one.removeprefix("layer ") for one in words]
        for column, one in enumerate(words):
            left = look.px(NAMES) + column * wide
            shown = metrics.elidedText(one, Qt.TextElideMode.ElideRight, wide - 3)
            box = QRectF(left, 0, wide, look.px(HEAD))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), shown)

    def _paint_cell(self, painter: QPainter, row: int, column: int, largest: float) -> None:
        look, wide = theme(), self._cell_width()
        top = look.px(HEAD) + row * look.px(ROW) + look.px(6)
        box = QRectF(look.px(NAMES) + column * wide, top, wide - 2, look.px(ROW - 12))
        value = self.value(row, column)
        if value is None:
            painter.fillRect(box, look.colour("sunken"))
            painter.setPen(look.colour("text3"))
            painter.setFont(look.font("tick"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), wording.UNKNOWN)
        else:
            share = min(1.0, max(0.0, value / largest)) if largest > 0 else 0.0
            fill = mixed(look.colour("accent"), look.colour("surface"), 0.12 + 0.83 * share)
            painter.fillRect(box, fill)
            self._paint_value(painter, box, self.measure.short(value), fill)
        if self.hasFocus() and self._cell == (row, column):
            painter.setPen(QPen(look.colour("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(1, 1, -1, -1))

    def _paint_value(self, painter: QPainter, box: QRectF, words: str, fill: Any) -> None:
        """The value where it fits into a cell that is wide enough to be read."""
        look = theme()
        metrics = QFontMetricsF(look.font("tick"))
        if (
            box.width() >= look.px(NARROWEST)
            and metrics.horizontalAdvance(words) <= box.width() - 2
        ):
            painter.setFont(look.font("tick"))
            painter.setPen(strong_on(fill, look))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)

    def _move(self, row: int, column: int) -> None:
        if not self._records or not self.names:
            return
        rows, columns = len(self._records) - 1, len(self.names) - 1
        self._cell = (max(0, min(row, rows)), max(0, min(column, columns)))
        self._say()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Up: (-1, 0),
        }  # fmt: skip
        move = moves.get(Qt.Key(event.key()))
        if move is None:
            super().keyPressEvent(event)
        else:
            self._move(self._cell[0] + move[0], self._cell[1] + move[1])

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        look = theme()
        row = int((event.position().y() - look.px(HEAD)) // look.px(ROW))
        column = int((event.position().x() - look.px(NAMES)) // self._cell_width())
        if 0 <= row < len(self._records) and 0 <= column < len(self.names):
            words = f"{self._records[row].name}, {plain_layer(self.names[column])}: "
            plain_tip(self, words + self._words(row, column))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Show as table", self.show_table)
        menu.exec(event.globalPos())

    def show_table(self) -> TableDialog:
        """Open the numbers as a plain table."""
        dialog = TableDialog(self, f"{self.measure.title} per layer", self.table())
        dialog.open()
        return dialog
