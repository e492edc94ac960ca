"""Paints the cells of the comparison table: tick, marker, range bar, verdict, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app import icons
from app.charts.ink import draw_marker, faded, family_of
from app.tables.runs import COLUMNS, VERDICTS, RowRole
from app.theme import theme
from app.widgets.label import cut
from engine import wording

if TYPE_CHECKING:
    from engine.remarks import Row

PADDING = 12
PERCENT, FIGURES = 66, 76  # widths of the words left and right of the range bar
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


def paint_tick(painter: QPainter, area: QRectF, on: bool | None) -> None:
    """A check box in the middle of `area`; None is the half state."""
    look = theme()
    side = look.px(16)
    box = QRectF(area.center().x() - side / 2, area.center().y() - side / 2, side, side)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = look.colour("control" if on is False else "accent")
    painter.setPen(QPen(colour, 1))
    painter.setBrush(look.colour("surface") if on is False else colour)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), look.px(3), look.px(3))
    if on:
        painter.drawPixmap(box.topLeft() + QPointF(1, 1), icons.pixmap("check", 14, "on_accent"))
    elif on is None:
        middle = QRectF(box.left() + side / 4, box.center().y() - 1, side / 2, 2)
        painter.fillRect(middle, look.colour("on_accent"))
    painter.restore()


class RunCells(QStyledItemDelegate):
    """Paints whole cells, so that a row is one stripe whatever its state.

    `pointed` is the row under the pointer here or in the chart, `low` and `high` are the shared
    range of all bars, `line` the teacher's accuracy, `compact` hides what does not fit.
    """

    def __init__(self) -> None:
        super().__init__()
        self.pointed = ""
        self.focused = False
        self.low, self.high = 0.0, 1.0
        self.line: float | None = None
        self.compact: set[str] = set()

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(theme().px(COLUMNS[index.column()].width), theme().px(30))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:  # fmt: skip
        row, column = index.data(RowRole), COLUMNS[index.column()]
        state: Any = option.state  # type: ignore[attr-defined]
        area = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        self._ground(painter, area, row, bool(state & _SELECTED), index.column())
        inside = area.adjusted(theme().px(PADDING), 0, -theme().px(PADDING), -1)
        if column.key == "ticked":
            on = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
            paint_tick(painter, area, on)
        elif column.key == "method":
            self._method(painter, inside, row, str(index.data()))
        elif column.key == "accuracy":
            self._accuracy(painter, inside, row)
        elif column.key == "against":
            self._against(painter, inside, row, str(index.data()))
        else:
            strong = column.key == "bytes" or (column.key == "name" and _strong(row, state))
            role = "label" if column.key in ("name", "bytes") or strong else "body"
            role = "name" if column.key == "name" and _strong(row, state) else role
            words, known = str(index.data()), index.data() != wording.UNKNOWN
            side = _RIGHT if column.right else _LEFT
            if column.key == "name" and row.baseline_of:
                inside = self._elbow(painter, inside)
            _words(painter, inside, words, role, "text" if known else "text3", side)
        painter.restore()

    def _ground(
        self, painter: QPainter, area: QRectF, row: Row, selected: bool, column: int
    ) -> None:
        look = theme()
        pointed = row.id == self.pointed
        fill = "accent_soft" if selected else "hover" if pointed else "surface"
        painter.fillRect(area, look.colour(fill))
        painter.fillRect(
            QRectF(area.left(), area.bottom() - 1, area.width(), 1), look.colour("line")
        )
        if selected and column == 0 and self.focused:
            painter.fillRect(
                QRectF(area.left(), area.top(), look.px(3), area.height() - 1),
                look.colour("accent"),
            )

    def _elbow(self, painter: QPainter, area: QRectF) -> QRectF:
        """The line from the run above to its baseline; returns what is left for the name."""
        look = theme()
        painter.setPen(QPen(look.colour("control"), 1.2))
        left, middle = area.left() + look.px(5), round(area.center().y()) + 0.5
        corner = QPointF(left, middle)
        painter.drawLine(QPointF(left, area.top() - look.px(7)), corner)
        painter.drawLine(corner, QPointF(left + look.px(9), middle))
        return area.adjusted(look.px(19), 0, 0, 0)

    def _method(self, painter: QPainter, area: QRectF, row: Row, words: str) -> None:
        look = theme()
        at = QPointF(area.left() + look.px(7), area.center().y() + 0.5)
        draw_marker(painter, at, "teacher" if row.is_teacher else row.family, look)
        if "method" not in self.compact:
            _words(painter, area.adjusted(look.px(22), 0, 0, 0), words, "body", "text2")

    def _accuracy(self, painter: QPainter, area: QRectF, row: Row) -> None:
        look = theme()
        _words(painter, area, wording.percent(row.accuracy), "name", "text")
        figures = 0 if "figures" in self.compact else look.px(FIGURES)
        bar = area.adjusted(look.px(PERCENT), 0, -figures - (look.px(8) if figures else 0), 0)
        if row.accuracy is not None:
            self._bar(painter, bar, row)
        if figures:
            known = row.low is not None
            _words(
                painter, area, wording.span(row.low, row.high), "small",
                "text2" if known else "text3", _RIGHT,
            )  # fmt: skip

    def _bar(self, painter: QPainter, area: QRectF, row: Row) -> None:
        """The range as a rounded bar with the value on it, and a dashed line for the teacher."""
        look = theme()
        family = "teacher" if row.is_teacher else family_of(row.family)
        colour, y = look.family(family), area.center().y() + 0.5
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.line is not None:
            pen = QPen(faded(look.colour("text3"), 0.7), 1)
            pen.setDashPattern([3, 3])
            painter.setPen(pen)
            x = round(self._x(self.line, area)) + 0.5
            painter.drawLine(QPointF(x, area.top() + 4), QPointF(x, area.bottom() - 4))
        if row.low is not None and row.high is not None:
            pen = QPen(faded(colour, 0.5), look.px(3))
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            left, right = self._x(row.low, area), self._x(row.high, area)
            painter.drawLine(QPointF(left, y), QPointF(right, y))
        at = QPointF(self._x(row.accuracy or 0.0, area), y)
        if row.is_teacher:
            draw_marker(painter, at, "teacher", look, 0.75)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(at, look.px(4), look.px(4))

    def _x(self, share: float, area: QRectF) -> float:
        part = (share - self.low) / max(1e-9, self.high - self.low)
        return area.left() + min(1.0, max(0.0, part)) * area.width()

    def _against(self, painter: QPainter, area: QRectF, row: Row, words: str) -> None:
        look = theme()
        if row.verdict not in VERDICTS or row.difference is None:
            tone = "text3" if row.verdict in ("not comparable", "unknown") else "text2"
            _words(painter, area, words, "body", tone)
            return
        icon, tone = VERDICTS[row.verdict]
        figure = look.px(42)
        left = QRectF(area.left(), area.top(), figure, area.height())
        _words(painter, left, wording.points(row.difference), "body", "text", _RIGHT)
        side = look.px(15)
        at = QPointF(area.left() + figure + look.px(8), area.center().y() - side / 2)
        painter.drawPixmap(at, icons.pixmap(icon, 15, tone))
        rest = area.adjusted(figure + look.px(27), 0, 0, 0)
        _words(painter, rest, row.verdict, "body", tone)


_SELECTED = QStyle.StateFlag.State_Selected


def _strong(row: Row, state: Any) -> bool:
    return row.is_teacher or bool(state & _SELECTED)


def _words(
    painter: QPainter, area: QRectF, words: str, role: str, colour: str, side: int = _LEFT
) -> None:
    """One line of plain words, elided to the area."""
    look = theme()
    font = look.font(role)
    painter.setFont(font)
    painter.setPen(look.colour(colour))
    line = " ".join(cut(words, 300).split("\n"))
    shown = QFontMetricsF(font).elidedText(line, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, side, shown)
