"""The one plot of all line charts: our ticks and grid, end names that never overlap, rules."""

from __future__ import annotations

import html
import math
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGraphicsView, QToolTip, QWidget

from app.charts import ticks
from app.charts.plot_axis import Axis
from app.charts.plot_paint import (
    Line,
    Rule,
    paint_ends,
    paint_names,
    paint_rules,
    paint_stages,
    pen_of,
)
from app.theme import theme

NAMES = 16  # scaled pixels above the curves for the names of stages
_NOTHING = np.empty(0)


class Plot(pg.PlotWidget):
    """Curves over steps. `dragging` while the pointer holds the plot; nothing redraws then.

    `reading` writes a value where the pointer is; it is the axis' words unless the axis is bent.
    """

    moved = Signal()

    def __init__(
        self,
        places: Callable[[float, float], list[float]] = ticks.nice,
        words: Callable[[float], str] = ticks.plain,
        parent: QWidget | None = None,
    ) -> None:
        self.left_axis = Axis("left", places, words)
        self.bottom_axis = Axis("bottom", ticks.whole, ticks.steps)
        axes = {"left": self.left_axis, "bottom": self.bottom_axis}
        super().__init__(parent, axisItems=axes)
        self.dragging = self.by_hand = False
        self.forward = -1
        self.lines: list[Line] = []
        self.rules: list[Rule] = []
        self.stages: list[tuple[int, str]] = []
        self.reading = words
        self._x = (0.0, 1.0)
        self._curves: list[tuple[pg.PlotDataItem, pg.PlotDataItem]] = []
        self.view = self.getPlotItem().getViewBox()
        self.getPlotItem().hideButtons()
        self.getPlotItem().setMenuEnabled(False)
        self.view.setMouseEnabled(True, False)
        self.view.setDefaultPadding(0)
        self.view.sigRangeChangedManually.connect(self._moved_by_hand)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)  # the grid moves with the ticks
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(self.Shape.NoFrame)
        self.setAntialiasing(True)
        theme().follow(self._restyle)

    def show_lines(
        self,
        lines: list[Line],
        x: tuple[float, float],
        y: tuple[float, float],
        rules: list[Rule] | None = None,
        stages: list[tuple[int, str]] | None = None,
    ) -> None:
        """Draw curves, level rules and where the stages begin within these ranges."""
        self.lines, self.rules, self.stages = lines, rules or [], stages or []
        self._x = _wide(*x)
        while len(self._curves) < len(lines):
            pair = (pg.PlotDataItem(), pg.PlotDataItem(antialias=True))
            for item in pair:
                self.getPlotItem().addItem(item)
            self._curves.append(pair)
        for place, (thin, thick) in enumerate(self._curves):
            line = lines[place] if place < len(lines) else None
            raw = line.raw if line is not None and line.raw is not None else (_NOTHING, _NOTHING)
            thin.setData(*raw, connect="finite", skipFiniteCheck=False)
            thick.setData(
                *((line.x, line.y) if line is not None else (_NOTHING, _NOTHING)), connect="finite"
            )
        self._dress()
        self._make_room()
        if not self.by_hand:
            y = self._below_names(*_wide(*y))
            self.view.setRange(xRange=self._x, yRange=y, padding=0, disableAutoRange=True)
        self.viewport().update()

    def _below_names(self, low: float, high: float) -> tuple[float, float]:
        """Levels with room above them for the names of the stages."""
        if not self.stages:
            return low, high
        share = theme().px(NAMES) / max(self.height(), theme().px(80))
        return low, high + (high - low) * share

    def bring_forward(self, place: int) -> None:
        """Draw the other lines faintly; -1 for none."""
        self.forward = place
        self._dress()
        self.viewport().update()

    def show_all(self) -> None:
        """Forget how the person moved the plot; the next drawing fits again."""
        self.by_hand = False
        self.moved.emit()

    # --- looks --------------------------------------------------------------------------------

    def _restyle(self) -> None:
        look = theme()
        self.setBackground(look.colour("surface"))
        for axis in (self.left_axis, self.bottom_axis):
            axis.setPen(pg.mkPen(None))
            axis.setTextPen(look.colour("text3"))
            axis.setTickFont(look.font("tick"))
            axis.setStyle(
                tickLength=0,
                tickTextOffset=look.px(6),
                autoExpandTextSpace=False,
                hideOverlappingLabels=False,
            )
        self.left_axis.setWidth(look.px(44))
        self.bottom_axis.setHeight(look.px(22))
        self._dress()
        self._make_room()

    def _dress(self) -> None:
        look = theme()
        for line, (thin, thick) in zip(self.lines, self._curves, strict=False):
            colour, pen = line.colour, pen_of(line.place)
            behind = self.forward not in (-1, line.place)
            colour.setAlphaF(0.15 if behind else 1.0)
            pen.setColor(colour)
            thick.setPen(pen)
            thick.setSymbol("o" if line.marks and len(line.x) < 80 else None)
            thick.setSymbolSize(look.px(4))
            thick.setSymbolPen(None)
            thick.setSymbolBrush(colour)
            faint, under = QColor(colour), QColor(colour)
            faint.setAlphaF(0.06 if behind else 0.3)
            under.setAlphaF(0.12)
            thin.setPen(pg.mkPen(faint, width=1))
            thick.setFillBrush(under if line.fill else None)
            low = self.view.viewRange()[1][0]
            thick.setFillLevel(min(0.0, low) if line.fill else None)

    def _make_room(self) -> None:
        """The right margin holds what of the names does not fit beside the ends of their lines."""
        look = theme()
        metrics = QFontMetrics(look.font("small-strong"))
        whole = max(1, self.width() - look.px(44))
        room = float(look.px(8))
        for words, free in self._names():
            wide = max(metrics.horizontalAdvance(one) for one in words.split("\n")) + look.px(12)
            room = max(room, (wide - free * whole) / (1 - free))
        self.getPlotItem().layout.setContentsMargins(0, look.px(6), min(room, 0.5 * whole), 0)

    def _names(self) -> list[tuple[str, float]]:
        """Each name with the share of the plot that is free to the right of where it stands."""
        low, high = self._x
        free = [
            (one.label, min(0.95, max(0.0, (high - float(one.x[-1])) / max(high - low, 1e-9))))
            for one in self.lines
            if len(one.x) and one.label
        ]
        if self.by_hand:
            free = [(words, 0.0) for words, _ in free]
        return free + [(one.label, 0.0) for one in self.rules if one.label]

    def sizeHint(self) -> QSize:
        """Small: the cards share out the page's height."""
        return QSize(theme().px(240), theme().px(120))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if hasattr(self, "view"):  # pyqtgraph calls it from its constructor too
            self._make_room()

    # --- painting -----------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawBackground(painter, rect)
        area = self.view.sceneBoundingRect()
        low, high = self.view.viewRange()[1]
        painter.setPen(QPen(theme().colour("line"), 1))
        for tick in self.left_axis.places(low, high):
            y = round(self._at(0.0, tick).y()) + 0.5
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        area = self.view.sceneBoundingRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_stages(painter, area, self.stages, self._at)
        marks = paint_rules(painter, area, self.rules, self._at)
        paint_names(painter, area, marks + paint_ends(painter, area, self.lines, self._at))

    def _at(self, x: float, y: float) -> QPointF:
        found = self.view.mapViewToScene(QPointF(x, y))
        return found if math.isfinite(found.x()) and math.isfinite(found.y()) else QPointF()

    # --- the pointer --------------------------------------------------------------------------

    def told(self, step: float) -> str:
        """What is at a step: its stage, and the value of every line that has points there."""
        stage = next((title for begun, title in reversed(self.stages) if begun < step), "")
        words = [f"Step {max(0.0, step):,.0f}" + (f", {stage}" if stage else "")]
        for line in self.lines:
            value = line.near(step)
            if value is not None and (line.name or line.label):
                words.append(f"{line.name or line.label} {self.reading(value)}")
        return "\n".join(words)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        at = self.mapToScene(event.position().toPoint())
        inside = bool(self.lines) and self.view.sceneBoundingRect().contains(at)
        words = self.told(self.view.mapSceneToView(at).x()) if inside and not self.dragging else ""
        shown = "<br>".join(map(html.escape, words.split("\n")))
        QToolTip.showText(
            event.globalPosition().toPoint(),
            f"<p style='white-space:pre'>{shown}</p>" if words else "",
        )

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        QToolTip.hideText()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.dragging = event.button() == Qt.MouseButton.LeftButton
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.dragging = False
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        self.show_all()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls the page; with Ctrl it zooms the steps."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.ignore()  # the card around the plot has the menu

    def _moved_by_hand(self, *_: object) -> None:
        self.by_hand = True


def _wide(low: float, high: float) -> tuple[float, float]:
    """A range that is not empty."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return (0.0, 1.0) if not math.isfinite(low) else (low, low + 1.0)
    return low, high
