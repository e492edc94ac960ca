"""The card around every chart: title, present value, and a menu with "Show as table"."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.charts.feed import Feed
from app.charts.plot import Plot
from app.theme import theme
from app.widgets.button import Button
from app.widgets.label import cut, name, text

_Index = QModelIndex | QPersistentModelIndex
Table = tuple[list[str], list[list[str]]]


class ChartCard(QFrame):
    """A title, what it means, the present value at the right, and a drawing in `body`.

    A chart says how it draws a feed (`draw`), what it reads (`reading`) and its figures (`table`).
    """

    def __init__(self, title: str, subtitle: str = "") -> None:
        super().__init__()
        self.title = title
        self.setProperty("card", "true")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        self.heading = text("name", title)
        self.subtitle = text("small", subtitle, "text3", elide=True)
        self.value = text("heading", "", "accent")
        self._head = QHBoxLayout()
        self._head.addWidget(self.heading)
        self._head.addWidget(self.subtitle, 1)
        self._head.addWidget(self.value)
        self.body = QVBoxLayout(self)
        self.body.addLayout(self._head)
        self.feed: Feed | None = None
        theme().follow(self._restyle)
        self._say()

    # --- what a chart is ----------------------------------------------------------------------

    def draw(self, feed: Feed) -> None:
        """Bring the drawing up to date; the bare card has none."""

    def reading(self) -> tuple[str, str]:
        """The present value as shown, and as words for a screen reader."""
        return "", ""

    def table(self) -> Table:
        """Column heads and rows of all that is drawn."""
        return ["Step"], []

    # --- what the page asks -------------------------------------------------------------------

    def show_feed(self, feed: Feed) -> None:
        """Draw a feed, unless the pointer holds the chart."""
        self.feed = feed
        if self.dragging:
            return
        self.draw(feed)
        self._say()

    @property
    def dragging(self) -> bool:
        """True while the pointer drags in the drawing."""
        return any(plot.dragging for plot in self.findChildren(Plot))

    def menu(self) -> QMenu:
        """What one can do with the chart."""
        menu = QMenu(self)
        menu.addAction("Show as table", self.show_table)
        moved = [plot for plot in self.findChildren(Plot) if plot.by_hand]
        if moved:
            menu.addAction("Show everything", self.show_everything)
        return menu

    def show_everything(self) -> None:
        """Undo moving and zooming."""
        for plot in self.findChildren(Plot):
            plot.show_all()
        if self.feed is not None:
            self.show_feed(self.feed)

    def show_table(self) -> TableDialog:
        """Open the figures as a plain table."""
        dialog = TableDialog(self, self.title, self.table())
        dialog.open()
        return dialog

    # --- inside -------------------------------------------------------------------------------

    def _say(self) -> None:
        shown, said = self.reading() if self.feed is not None else ("", "no points yet")
        self.value.set_text(shown)
        self.setAccessibleName(cut(f"{self.title}, {said}", 300))

    def _restyle(self) -> None:
        px = theme().px
        self.body.setContentsMargins(px(14), px(12), px(14), px(10))
        self.body.setSpacing(px(6))
        self._head.setSpacing(px(8))
        self.setMinimumHeight(px(200))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.show_table()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().colour("accent"), 2))
            radius = theme().px(7)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)


class _Rows(QAbstractTableModel):
    def __init__(self, table: Table) -> None:
        super().__init__()
        self._heads, self._rows = table

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._heads)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return cut(self._rows[index.row()][index.column()], 200)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return cut(self._heads[section], 80)
        return None


class TableDialog(QDialog):
    """The figures of a chart as they were when it was opened."""

    def __init__(self, parent: QWidget, title: str, table: Table) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(cut(title, 80))
        self.view = QTableView()
        self.view.setModel(_Rows(table))
        self.view.setShowGrid(False)
        self.view.verticalHeader().hide()
        self.view.horizontalHeader().setStretchLastSection(True)
        name(self.view, f"{title} as a table")
        close = Button("Close")
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(text("heading", title), 1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        margin = theme().px(20)
        column.setContentsMargins(margin, margin, margin, margin)
        column.setSpacing(theme().px(12))
        column.addLayout(row)
        column.addWidget(self.view, 1)
        self.resize(theme().px(560), theme().px(480))


def series_table(feed: Feed, columns: dict[str, str]) -> Table:
    """One row per step; `columns` are metric names with their column heads."""
    found = {name: feed.get(name) for name in columns}
    cells: dict[int, dict[str, float]] = {}
    for metric, series in found.items():
        if series is not None:
            for step, value in zip(series.steps.tolist(), series.values.tolist(), strict=True):
                cells.setdefault(step, {})[metric] = value
    rows = [
        [f"{step:,}", *(f"{row[one]:.6g}" if one in row else "" for one in columns)]
        for step, row in sorted(cells.items())
    ]
    return ["Step", *columns.values()], rows
