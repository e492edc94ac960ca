"""Per-layer tables: the latest row as bars, or all rows as a heat strip of layer by step."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.charts import ticks
from app.charts.card import ChartCard, Table
from app.charts.feed import Feed
from app.theme import theme
from app.widgets.label import cut
from engine import events, wording

Row = dict[str, float | None]
MOST_STEPS = 200  # columns of a heat strip
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_SUBTITLES = {"distance": "0 = same as teacher", "sparsity": "darker = more removed"}
_TITLES = {
    "distance": "Distance per layer", "sparsity": "Removed per layer",
    "bits": "Bits per number, by layer", "sensitivity": "Sensitivity per layer",
}  # fmt: skip


def title_of(table: str) -> str:
    """The plain title of a per-layer table."""
    return _TITLES.get(table, f"{events.label(table)} per layer")


def worded(table: str, value: float | None) -> str:
    """A cell of a per-layer table as words."""
    if value is None:
        return wording.UNKNOWN
    if table == "sparsity":
        return wording.percent(value, 0)
    return f"{value:g}" if table == "bits" else wording.significant(value)


class Layers(ChartCard):
    """One table of a run; `strip` shows its rows over all steps instead of the latest as bars."""

    def __init__(self, table: str, strip: bool) -> None:
        super().__init__(title_of(table), _SUBTITLES.get(table, ""))
        self.key = table
        self.drawing: Bars | HeatStrip = HeatStrip(table) if strip else Bars(table)
        self.body.addWidget(self.drawing, 1)

    def draw(self, feed: Feed) -> None:
        rows = feed.tables.get(self.key, {})
        self.drawing.show_rows(dict(sorted(rows.items())))

    def reading(self) -> tuple[str, str]:
        row = self._latest()
        known = [value for value in row.values() if value is not None]
        if not known:
            return "", "no points yet"
        whole = self.feed.last(self.key) if self.feed is not None else None
        said = ", ".join(f"{layer} {worded(self.key, value)}" for layer, value in row.items())
        return ("" if whole is None else worded(self.key, whole)), said

    def table(self) -> Table:
        if self.feed is None:
            return ["Step"], []
        rows = sorted(self.feed.tables.get(self.key, {}).items())
        layers = list(dict.fromkeys(layer for _, row in rows for layer in row))
        cells = [
            [f"{step:,}", *(worded(self.key, row.get(layer)) for layer in layers)]
            for step, row in rows
        ]
        return ["Step", *layers], cells

    def _latest(self) -> Row:
        rows = self.feed.tables.get(self.key, {}) if self.feed is not None else {}
        return rows[max(rows)] if rows else {}


class _Drawing(QWidget):
    def __init__(self, table: str) -> None:
        super().__init__()
        self._table = table
        self._rows: dict[int, Row] = {}
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        theme().follow(self.update)

    def show_rows(self, rows: dict[int, Row]) -> None:
        """Draw these rows, by rising step."""
        self._rows = rows
        self.update()

    def _names_width(self, names: list[str]) -> int:
        metrics = QFontMetrics(theme().font("small"))
        widest = max((metrics.horizontalAdvance(cut(one, 40)) for one in names), default=0)
        return min(widest + theme().px(12), round(0.4 * self.width()))


class Bars(_Drawing):
    """The latest value of every layer, deepest layer first, on a scale that begins at zero."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row = self._rows[max(self._rows)]
        names = list(row)[::-1]
        largest = max((abs(value) for value in row.values() if value is not None), default=0.0)
        height = min(self.height() / max(1, len(names)), look.px(38))
        left, right = self._names_width(names), look.px(52)
        thick = min(look.px(11), max(2.0, 0.6 * height))
        for place, layer in enumerate(names):
            value = row[layer]
            top = place * height
            track = QRectF(left, top + (height - thick) / 2, self.width() - left - right, thick)
            self._bar(painter, track, abs(value or 0.0) / largest if largest else 0.0)
            if height < look.px(13) and place % 2:
                continue
            painter.setFont(look.font("small"))
            painter.setPen(look.colour("text2"))
            words = painter.fontMetrics().elidedText(
                cut(layer, 80), Qt.TextElideMode.ElideRight, left - look.px(8)
            )
            painter.drawText(QRectF(0, top, left, height), _LEFT, words)
            painter.setPen(look.colour("text"))
            number = QRectF(self.width() - right, top, right, height)
            painter.drawText(number, _RIGHT, worded(self._table, value))

    def _bar(self, painter: QPainter, track: QRectF, share: float) -> None:
        look = theme()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("sunken"))
        painter.drawRoundedRect(track, 2, 2)
        filled = QRectF(track)
        filled.setWidth(max(2.0, track.width() * min(1.0, share)))
        colour = look.series(0)
        colour.setAlphaF(0.55 + 0.4 * min(1.0, share))
        painter.setBrush(colour)
        painter.drawRoundedRect(filled, 2, 2)


class HeatStrip(_Drawing):
    """Layers upwards, steps to the right; one hue from 12 % to 95 % strength."""

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._rows:
            return
        look, painter = theme(), QPainter(self)
        steps = self._chosen()
        layers = list(dict.fromkeys(layer for step in steps for layer in self._rows[step]))[::-1]
        if not layers:
            return
        left, foot = self._names_width(layers), look.px(20)
        area = QRectF(left, 0, self.width() - left, self.height() - foot)
        cells = np.array([[_number(self._rows[step].get(one)) for step in steps] for one in layers])
        painter.drawImage(area, self._image(cells))
        tall = area.height() / len(layers)
        painter.setFont(look.font("tick"))
        painter.setPen(look.colour("text2"))
        every = math.ceil(look.px(13) / max(tall, 1))
        for place, layer in enumerate(layers):
            if place % every == 0:
                words = painter.fontMetrics().elidedText(
                    cut(layer, 80), Qt.TextElideMode.ElideRight, left - look.px(8)
                )
                painter.drawText(QRectF(0, place * tall, left, tall), _LEFT, words)
        self._gaps(painter, area, len(layers))
        self._values(painter, area, cells)
        painter.setPen(look.colour("text3"))
        below = QRectF(left, area.bottom(), area.width(), foot)
        painter.drawText(below, _LEFT, f"step {ticks.steps(steps[0])}")
        if len(steps) > 1:
            painter.drawText(below, _RIGHT, ticks.steps(steps[-1]))

    def _chosen(self) -> list[int]:
        every = list(self._rows)
        places = np.unique(np.linspace(0, len(every) - 1, min(MOST_STEPS, len(every))).astype(int))
        return [every[place] for place in places]

    def _image(self, cells: np.ndarray) -> QImage:
        """One pixel per cell, blended over the card."""
        low = min(0.0, float(np.nanmin(cells, initial=0.0)))
        high = float(np.nanmax(cells, initial=0.0))
        share = (cells - low) / (high - low) if high > low else np.zeros_like(cells)
        strength = np.where(np.isfinite(share), 0.12 + 0.83 * np.nan_to_num(share), 0.0)
        ground, ink = (_rgb(one) for one in (theme().colour("surface"), theme().series(0)))
        colours = ground + strength[..., None] * (ink - ground)
        pixels = np.full((*cells.shape, 4), 255, np.uint8)
        pixels[..., :3] = colours[..., ::-1].round()
        height, width = cells.shape
        return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGB32).copy()

    def _gaps(self, painter: QPainter, area: QRectF, count: int) -> None:
        """Layers stay apart where they are high enough to be seen."""
        if area.height() / count < theme().px(8):
            return
        painter.setPen(theme().colour("surface"))
        for place in range(1, count):
            y = round(area.top() + place * area.height() / count)
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def _values(self, painter: QPainter, area: QRectF, cells: np.ndarray) -> None:
        """Print the values where a cell is at least 20 px wide and high enough for them."""
        tall, wide = area.height() / cells.shape[0], area.width() / cells.shape[1]
        if wide < theme().px(36) or tall < theme().px(13):
            return
        high = float(np.nanmax(cells, initial=0.0))
        for (row, column), value in np.ndenumerate(cells):
            if not math.isfinite(value):
                continue
            strong = high > 0 and value / high > 0.5
            painter.setPen(theme().colour("on_accent" if strong else "text"))
            cell = QRectF(area.left() + column * wide, area.top() + row * tall, wide, tall)
            painter.drawText(cell, int(Qt.AlignmentFlag.AlignCenter), worded(self._table, value))


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _rgb(colour: QColor) -> np.ndarray:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)
