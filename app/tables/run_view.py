"""The comparison table as a control: ticks by Space, sorting by the heads, columns that give way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QSizePolicy, QTableView

from app import icons
from app.charts.placing import share_range
from app.tables.run_cells import FIGURES, PADDING, RunCells, paint_tick
from app.tables.runs import COLUMNS, PLACES, RunsModel
from app.theme import theme
from app.widgets.label import name

if TYPE_CHECKING:
    from engine.remarks import Row

GIVE_WAY = ("figures", "latency", "bits", "method")  # what is dropped first when it gets narrow
_MARKER_ONLY = 44
MOST_SEEN = 11  # rows the table asks room for; further ones scroll
_Index = QModelIndex | QPersistentModelIndex


class _Head(QHeaderView):
    """Heads that sort; the first is a check box for every row."""

    def __init__(self, model: RunsModel) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._model = model
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        model.ticked_changed.connect(self.viewport().update)
        model.modelReset.connect(self.viewport().update)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        look, column = theme(), COLUMNS[logicalIndex]
        area, last = QRectF(rect), self.logicalIndexAt(self.viewport().width() - 2) == logicalIndex
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("sunken"))
        painter.drawPath(_rounded(area, look.px(7), left=logicalIndex == 0, right=last))
        painter.fillRect(
            QRectF(area.left(), area.bottom() - 1, area.width(), 1), look.colour("line")
        )
        if logicalIndex == 0:
            count = len(self._model.ticked)
            on = True if count and count == len(self._model.rows) else None if count else False
            paint_tick(painter, area, on)
        elif not (column.key == "method" and rect.width() < look.px(column.width)):
            self._words(
                painter, area.adjusted(look.px(PADDING), 0, -look.px(PADDING), 0), logicalIndex
            )
        painter.restore()

    def _words(self, painter: QPainter, area: QRectF, section: int) -> None:
        """The head's words; the sorted one in accent with its arrow in front."""
        look, column = theme(), COLUMNS[section]
        by, order = self._model.sorted_by
        font = look.font("small-strong")
        painter.setFont(font)
        painter.setPen(look.colour("accent" if section == by else "text2"))
        side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
        if section == by:
            up = order == Qt.SortOrder.AscendingOrder
            arrow, wide = look.px(12), QFontMetricsF(font).horizontalAdvance(column.head)
            room = area.width() - arrow - look.px(4)
            left = area.right() - wide if column.right else area.left() + arrow + look.px(4)
            at = QPointF(left - arrow - look.px(4), area.center().y() - arrow / 2)
            painter.drawPixmap(
                at, icons.pixmap("chevron-up" if up else "chevron-down", 12, "accent")
            )
            area = QRectF(left, area.top(), min(wide, room) + 1, area.height())
        painter.drawText(area, int(side | Qt.AlignmentFlag.AlignVCenter), column.head)


def _rounded(area: QRectF, radius: float, *, left: bool, right: bool) -> QPainterPath:
    """A box with a round top corner at the table's left or right end."""
    path = QPainterPath()
    path.addRoundedRect(area, radius, radius)
    path.addRect(area.adjusted(0, area.height() / 2, 0, 0))
    if not left:
        path.addRect(area.adjusted(0, 0, -area.width() / 2, 0))
    if not right:
        path.addRect(area.adjusted(area.width() / 2, 0, 0, 0))
    path.setFillRule(Qt.FillRule.WindingFill)
    return path


class RunsTable(QTableView):
    """`pointed(id)` follows the pointer, `chosen(id)` the current row."""

    pointed = Signal(str)
    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.runs = RunsModel()
        self.cells = RunCells()
        head = _Head(self.runs)
        self.setHorizontalHeader(head)
        self.setModel(self.runs)
        self.setItemDelegate(self.cells)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        head.sectionClicked.connect(self._head_clicked)
        self.runs.layoutChanged.connect(head.viewport().update)
        name(self, "Models in this comparison; Space puts one in the chart or takes it out")
        theme().follow(self._restyle)

    def show_rows(self, rows: Sequence[Row], ticked: set[str]) -> None:
        """Show these rows; the chosen row stays chosen where it still is."""
        kept = self.chosen_id()
        self.runs.show(rows, ticked)
        ends = [(row.accuracy, row.low, row.high) for row in rows]
        known = [one for row in ends for one in row if one is not None]
        self.cells.low, self.cells.high = share_range(known, known) if known else (0.0, 1.0)
        teachers = [row.accuracy for row in rows if row.is_teacher]
        self.cells.line = teachers[0] if len(teachers) == 1 else None
        self.choose(kept)
        self.updateGeometry()

    def chosen_id(self) -> str:
        """The id of the current row, "" when there is none."""
        place = self.currentIndex().row()
        return self.runs.rows[place].id if 0 <= place < len(self.runs.rows) else ""

    def choose(self, row_id: str) -> None:
        """Make a row the current one."""
        place = self.runs.row_of(row_id)
        if place >= 0 and place != self.currentIndex().row():
            self.setCurrentIndex(self.runs.index(place, PLACES["name"]))

    def set_pointed(self, row_id: str) -> None:
        """Mark the row whose point in the chart is under the pointer."""
        if row_id != self.cells.pointed:
            self.cells.pointed = row_id
            self.viewport().update()

    def sizeHint(self) -> QSize:
        look, rows = theme(), max(1, min(MOST_SEEN, len(self.runs.rows)))
        return QSize(look.px(900), look.px(32) + rows * look.px(30) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(600), theme().px(32 + 3 * 30))

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid() and current.row() != previous.row():
            self.chosen.emit(self.chosen_id())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.runs.toggle(self.currentIndex().row())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        at = self.indexAt(event.position().toPoint())
        if at.isValid() and at.column() == 0 and event.button() == Qt.MouseButton.LeftButton:
            self.runs.toggle(at.row())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        at = self.indexAt(event.position().toPoint())
        self._point(self.runs.rows[at.row()].id if at.isValid() else "")

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point("")

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.cells.focused = True
        if not self.currentIndex().isValid() and self.runs.rows:
            self.setCurrentIndex(self.runs.index(0, PLACES["name"]))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.cells.focused = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _point(self, row_id: str) -> None:
        if row_id != self.cells.pointed:
            self.set_pointed(row_id)
            self.pointed.emit(row_id)

    def _head_clicked(self, section: int) -> None:
        if section == 0:
            self.runs.tick_all()
            return
        by, order = self.runs.sorted_by
        up = Qt.SortOrder.AscendingOrder
        turned = Qt.SortOrder.DescendingOrder if (by, order) == (section, up) else up
        self.runs.sort(section, turned)

    def _restyle(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme().px(30))
        self.horizontalHeader().setFixedHeight(theme().px(32))
        self._fit()

    def _fit(self) -> None:
        """Drop columns in the order of the design until the rest fits; Run takes what is left."""
        look = theme()
        room = self.viewport().width()
        gone: set[str] = set()
        widths = {column.key: look.px(column.width) for column in COLUMNS}
        for one in GIVE_WAY:
            if sum(widths.values()) <= room:
                break
            gone.add(one)
            if one == "figures":
                widths["accuracy"] -= look.px(FIGURES)
            else:
                widths[one] = look.px(_MARKER_ONLY) if one == "method" else 0
        spare = room - sum(widths.values())
        widths["name"] = max(look.px(110), widths["name"] + spare)
        self.cells.compact = gone
        for place, column in enumerate(COLUMNS):
            self.setColumnHidden(place, widths[column.key] == 0)
            self.setColumnWidth(place, widths[column.key])
