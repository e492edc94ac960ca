"""The list of runs: painted rows with a progress line, and Resume in the row itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (  # fmt: skip
    QEvent,
    QModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app import icons
from app.theme import theme
from app.widgets.label import cut, name
from app.widgets.progress import paint_progress
from app.widgets.run_rows import (
    RECORD,
    RESUMABLE,
    Heading,
    RowIndex,
    RunModel,
    second_line,
    side_words,
)
from engine.method import methods
from engine.records import RunRecord

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class RunDelegate(QStyledItemDelegate):
    """Paints headings and rows; the Resume button is painted where it is pressed."""

    def sizeHint(self, option: QStyleOptionViewItem, index: RowIndex) -> QSize:
        tall = theme().px(30 if isinstance(index.data(RECORD), Heading) else 48)
        return QSize(theme().px(100), tall)

    def button(self, row: QRect) -> QRect:
        """Where Resume stands in a row; a narrow row has room for its icon only."""
        px = theme().px
        metrics = QFontMetrics(theme().font("label"))
        words = metrics.horizontalAdvance("Resume") + px(44)
        width = words if row.width() > px(250) else px(32)
        return QRect(row.right() - px(8) - width, row.center().y() - px(15), width, px(30))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: RowIndex) -> None:
        one = index.data(RECORD)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(one, Heading):
            self._paint_heading(painter, option.rect, one)
        else:
            self._paint_row(painter, option, one, index.model())
        painter.restore()

    def _paint_heading(self, painter: QPainter, area: QRect, one: Heading) -> None:
        look = theme()
        ink = {"good": "good", "warn": "warn", "bad": "bad", "accent": "accent"}.get(
            one.tone, "text2"
        )
        middle = area.center().y() + look.px(2)
        at = QPoint(area.left() + look.px(8), middle - look.px(7))
        painter.drawPixmap(at, icons.pixmap(one.icon, 14, ink))
        words = area.adjusted(look.px(28), look.px(4), 0, 0)
        painter.setFont(look.font("small-strong"))
        painter.setPen(look.colour("text2"))
        painter.drawText(words, _LEFT, one.words)
        width = painter.fontMetrics().horizontalAdvance(one.words)
        painter.setPen(look.colour("text3"))
        painter.drawText(words.adjusted(width + look.px(8), 0, 0, 0), _LEFT, f"{one.count:,}")

    def _paint_row(
        self, painter: QPainter, option: QStyleOptionViewItem, one: RunRecord, model: Any
    ) -> None:
        look, area, state = theme(), option.rect, option.state
        self._paint_ground(painter, area, state)
        self._paint_glyph(painter, area, one)
        side = side_words(one, model.places.get(one.id, 0))
        right = area.right() - look.px(8)
        if one.status in ("paused", "interrupted"):
            right = self.button(area).left() - look.px(8)
            self._paint_button(painter, self.button(area))
        up = look.px(2) if one.status == "running" else 0
        left, first, second = area.left() + look.px(42), look.px(4) - up, look.px(22) - up
        room = QRect(left, area.top() + first, right - left, look.px(20))
        painter.setFont(look.font("label"))
        painter.setPen(
            look.colour(
                "accent"
                if one.status == "running"
                else "text"
                if one.status == "finished"
                else "text3"
            )
        )
        painter.drawText(room, _RIGHT, side)
        width = room.width() - (
            painter.fontMetrics().horizontalAdvance(side) + look.px(8) if side else 0
        )
        painter.setPen(look.colour("text"))
        painter.drawText(room, _LEFT, _fit(painter, one.name, width))
        painter.setFont(look.font("small"))
        painter.setPen(look.colour("text2"))
        room.moveTop(area.top() + second)
        painter.drawText(room, _LEFT, _fit(painter, second_line(one), room.width()))
        if one.status == "running":
            track = QRectF(left, area.bottom() - look.px(7), right - left, look.px(4))
            paint_progress(painter, track, one.fraction or 0.0)

    def _paint_ground(self, painter: QPainter, area: QRect, state: QStyle.StateFlag) -> None:
        look = theme()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        if not (selected or focused or state & QStyle.StateFlag.State_MouseOver):
            return
        painter.setPen(QPen(look.colour("accent"), 2) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("accent_soft" if selected else "hover"))
        inset = 1 if focused else 0
        painter.drawRoundedRect(QRectF(area).adjusted(inset, inset, -inset, -inset), 6, 6)

    def _paint_glyph(self, painter: QPainter, area: QRect, one: RunRecord) -> None:
        look, method = theme(), methods().get(one.method)
        try:
            image = icons.glyph(method.glyph if method is not None else "thimble", 24)
        except KeyError:
            return  # a method may come without a drawing
        at = QPointF(area.left() + look.px(8), area.center().y() - look.px(12))
        painter.drawPixmap(at, image)

    def _paint_button(self, painter: QPainter, area: QRect) -> None:
        look = theme()
        painter.setPen(QPen(look.colour("control"), 1))
        painter.setBrush(look.colour("surface"))
        painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        wide = area.width() > look.px(40)
        at = QPoint(area.left() + look.px(11 if wide else 9), area.center().y() - look.px(7))
        painter.drawPixmap(at, icons.pixmap("play", 14, "text"))
        if not wide:
            return
        painter.setFont(look.font("label"))
        painter.setPen(look.colour("text"))
        painter.drawText(area.adjusted(look.px(30), 0, 0, 0), _LEFT, "Resume")


class RunList(QListView):
    """`chosen(id)` when a row is selected, `resumed(id)` from its button, Return or menu.

    `wants_menu(id)` returns the actions of a row; the page sets it.
    """

    chosen = Signal(str)
    resumed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.rows = RunModel()
        self.setModel(self.rows)
        self.rows_delegate = RunDelegate(self)
        self.setItemDelegate(self.rows_delegate)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setLayoutMode(QListView.LayoutMode.SinglePass)
        self.setFrameShape(self.Shape.NoFrame)
        name(self, "Runs")
        self.setWhatsThis("Arrow keys choose a run, Return resumes one that waits.")
        self.actions_of: Any = lambda run_id: []
        self.selectionModel().currentChanged.connect(self._current_changed)
        self._quiet = False
        theme().follow(self._restyle)

    def show_records(self, records: Sequence[RunRecord], chosen: str) -> None:
        """Show these runs and keep `chosen` selected, without saying that it was chosen."""
        self._quiet = True
        place = self.verticalScrollBar().value()
        self.rows.set_records(records)
        self.select(chosen)
        self.verticalScrollBar().setValue(place)
        self._quiet = False

    def select(self, run_id: str) -> None:
        """Make a run the current one, if it is listed."""
        row = self.rows.row_of(run_id)
        if row >= 0:
            self.setCurrentIndex(self.rows.index(row))

    def record_at(self, index: RowIndex) -> RunRecord | None:
        """The run of a row."""
        one = index.data(RECORD) if index.isValid() else None
        return one if isinstance(one, RunRecord) else None

    def _restyle(self) -> None:
        self.doItemsLayout()
        self.viewport().update()

    def _current_changed(self, index: QModelIndex) -> None:
        record = self.record_at(index)
        if record is not None and not self._quiet:
            self.chosen.emit(record.id)

    def _resume_at(self, event: QMouseEvent) -> RunRecord | None:
        """The run whose Resume button is under the pointer."""
        where = event.position().toPoint()
        index = self.indexAt(where)
        record = self.record_at(index)
        waits = record is not None and record.status in ("paused", "interrupted")
        return (
            record
            if waits and self.rows_delegate.button(self.visualRect(index)).contains(where)
            else None
        )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        hand = self._resume_at(event) is not None
        self.viewport().setToolTip("Resume" if hand else "")
        shape = Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        record = self._resume_at(event)
        if record is not None and event.button() == Qt.MouseButton.LeftButton:
            self.resumed.emit(record.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        record = self.record_at(self.currentIndex())
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and record is not None:
            if record.status in RESUMABLE:
                self.resumed.emit(record.id)
            return
        super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ContextMenu:
            index = self.indexAt(event.pos())  # type: ignore[attr-defined]
            record = self.record_at(index if index.isValid() else self.currentIndex())
            if record is not None:
                self.menu(record.id, self).popup(event.globalPos())  # type: ignore[attr-defined]
            return True
        return super().viewportEvent(event)

    def menu(self, run_id: str, parent: QWidget) -> QMenu:
        """The menu of a row."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        actions: list[QAction] = self.actions_of(run_id)
        for action in actions:
            action.setParent(menu)
            menu.addAction(action)
        return menu


def _fit(painter: QPainter, words: str, width: int) -> str:
    plain = " ".join(cut(words, 200).split())
    return painter.fontMetrics().elidedText(plain, Qt.TextElideMode.ElideRight, max(0, width))
