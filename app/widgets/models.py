"""The models one can ask, by family, with ticks: a list that is walked and ticked by keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.charts.ink import draw_marker
from app.charts.legend import family_name
from app.tables.run_cells import paint_tick
from app.theme import theme
from app.widgets.label import cut, name
from engine import wording

if TYPE_CHECKING:
    from app.asking import Candidate

EntryRole = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
_FAMILIES = ("teacher", "distil", "share", "quantise", "prune", "reference")


class ModelsModel(QAbstractListModel):
    """Families as headings (plain strings) and their candidates; `ticked` holds ids."""

    ticked_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.every: list[Candidate] = []
        self.entries: list[str | Candidate] = []
        self.ticked: set[str] = set()
        self._filter = ""

    def show(self, candidates: Sequence[Candidate], ticked: set[str]) -> None:
        """Take over other candidates."""
        self.every = list(candidates)
        self.ticked = ticked & {one.id for one in candidates}
        self.narrow(self._filter)
        self.ticked_changed.emit()

    def narrow(self, words: str) -> None:
        """Show only names that hold these words; ticks stay."""
        self.beginResetModel()
        self._filter = words
        fits = [one for one in self.every if words.casefold() in one.name.casefold()]
        self.entries = []
        others = sorted({one.family for one in fits} - set(_FAMILIES))
        for family in (*_FAMILIES, *others):
            inside = [one for one in fits if one.family == family]
            self.entries += [family, *inside] if inside else []
        self.endResetModel()

    def toggle(self, place: int) -> None:
        """Tick or untick one candidate; headings stay as they are."""
        entry = self.entries[place]
        if not isinstance(entry, str):
            self.set_ticked(self.ticked ^ {entry.id})

    def set_ticked(self, ids: set[str]) -> None:
        """Tick exactly these."""
        self.ticked = ids & {one.id for one in self.every}
        if self.entries:
            self.dataChanged.emit(self.index(0), self.index(len(self.entries) - 1))
        self.ticked_changed.emit()

    def chosen(self) -> list[Candidate]:
        """The ticked candidates, teachers first, then by family."""
        places = {family: place for place, family in enumerate(_FAMILIES)}
        found = [one for one in self.every if one.id in self.ticked]
        return sorted(found, key=lambda one: places.get(one.family, len(places)))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self.entries[index.row()]
        if role == EntryRole:
            return entry
        if isinstance(entry, str):
            return family_name(entry) if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return cut(entry.name, 200)
        if role == Qt.ItemDataRole.CheckStateRole:
            ticked = entry.id in self.ticked
            return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.AccessibleTextRole:
            said = "chosen" if entry.id in self.ticked else "not chosen"
            return f"{cut(entry.name, 200)}, {wording.size(entry.bytes)}, {said}"
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        if index.isValid() and isinstance(self.entries[index.row()], str):
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Cells(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(
            theme().px(200), theme().px(28 if isinstance(index.data(EntryRole), str) else 32)
        )

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        look, entry = theme(), index.data(EntryRole)
        area = QRectF(option.rect)  # type: ignore[attr-defined]
        state: Any = option.state  # type: ignore[attr-defined]
        painter.save()
        if isinstance(entry, str):
            middle = QPointF(area.left() + look.px(8), area.center().y() + 1)
            draw_marker(painter, middle, entry, look)
            _words(
                painter, area.adjusted(look.px(21), 2, 0, 0), family_name(entry), "label", "text"
            )
            painter.restore()
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("hover"))
            painter.drawRoundedRect(area, look.px(6), look.px(6))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(look.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), look.px(6), look.px(6))
        ticked = index.data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.Checked
        paint_tick(painter, QRectF(area.left(), area.top(), look.px(16), area.height()), ticked)
        size = wording.size(entry.bytes)
        wide = QFontMetricsF(look.font("small")).horizontalAdvance(size) + look.px(8)
        room = area.adjusted(look.px(25), 0, -wide, 0)
        _words(painter, room, entry.name, "body", "text" if entry.folder else "text3")
        _words(painter, area, size, "small", "text3", Qt.AlignmentFlag.AlignRight)
        painter.restore()


def _words(
    painter: QPainter, area: QRectF, words: str, role: str, tone: str,
    side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:  # fmt: skip
    font = theme().font(role)
    painter.setFont(font)
    painter.setPen(theme().colour(tone))
    line = " ".join(cut(words, 200).split())
    shown = QFontMetricsF(font).elidedText(line, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, int(side | Qt.AlignmentFlag.AlignVCenter), shown)


class ModelList(QListView):
    """The list; Space or a click ticks."""

    def __init__(self) -> None:
        super().__init__()
        self.models = ModelsModel()
        self.setModel(self.models)
        self.setItemDelegate(_Cells(self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        name(self, "Models to ask; Space ticks one")
        theme().follow(self.doItemsLayout)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        at = self.indexAt(event.position().toPoint())
        if at.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.models.toggle(at.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self.models.toggle(self.currentIndex().row())
        else:
            super().keyPressEvent(event)
