"""The settings in which the ticked runs differ, one row per setting, one column per run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QHeaderView, QTableView, QVBoxLayout, QWidget

from app.theme import theme
from app.widgets.label import cut, name, text
from engine.setting_words import plain_setting, plain_value

if TYPE_CHECKING:
    from engine.records import RunRecord

_Index = QModelIndex | QPersistentModelIndex


class DiffModel(QAbstractTableModel):
    """`differences` as the engine gives them: (dotted key, one value per run)."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.rows: list[tuple[str, tuple[Any, ...]]] = []
        self._methods: list[str] = []

    def show(
        self, names: Sequence[str], methods_used: Sequence[str],
        differences: Sequence[tuple[str, tuple[Any, ...]]],
    ) -> None:  # fmt: skip
        """Take over other runs."""
        self.beginResetModel()
        self.names, self._methods, self.rows = list(names), list(methods_used), list(differences)
        self.endResetModel()

    def label(self, row: int) -> str:
        """The setting's plain name with its unit."""
        words, unit = plain_setting(self.rows[row][0], self._methods)
        return f"{words} ({unit})" if unit else words

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.names) + 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            key, values = self.rows[index.row()]
            if index.column() == 0:
                return cut(self.label(index.row()), 200)
            return cut(plain_value(key, values[index.column() - 1]), 200)
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 0:
            return theme().colour("text2")
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return cut(["Setting", *self.names][section], 60)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None


class DiffTab(QWidget):
    """The table, or one sentence when there is nothing to differ."""

    def __init__(self) -> None:
        super().__init__()
        self.model = DiffModel()
        self.view = QTableView()
        self.view.setModel(self.model)
        self.view.setShowGrid(False)
        self.view.setTabKeyNavigation(False)
        self.view.setWordWrap(False)
        self.view.verticalHeader().hide()
        self.view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.view.horizontalHeader().setHighlightSections(False)
        self.view.horizontalHeader().setStretchLastSection(True)
        name(self.view, "Settings in which the ticked runs differ")
        self.note = text("body", "", "text2", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.note)
        column.addWidget(self.view, 1)
        column.addStretch()
        theme().follow(self._restyle)

    def show_runs(
        self, records: Sequence[RunRecord], differences: Sequence[tuple[str, tuple[Any, ...]]]
    ) -> None:
        """Show how these runs differ."""
        names = [one.name for one in records]
        self.model.show(names, [one.method for one in records], differences)
        if len(records) < 2:
            said = "Tick at least two runs in Overview to see how their settings differ."
        elif not differences:
            said = f"These {len(records)} runs have the same settings."
        else:
            count = len(differences)
            said = (
                f"{count} setting{'s' * (count != 1)} differ{'s' * (count == 1)}; all others agree."
            )
        self.note.set_text(said)
        self.view.setVisible(len(records) > 1 and bool(differences))
        self._restyle()

    def rows(self) -> tuple[list[str], list[list[object]]]:
        """For CSV: setting, then one column per run."""
        rows: list[list[object]] = [
            [self.model.label(at), *(_plain(value) for value in values)]
            for at, (_, values) in enumerate(self.model.rows)
        ]
        return ["setting", *self.model.names], rows

    def _restyle(self) -> None:
        look = theme()
        self.view.verticalHeader().setDefaultSectionSize(look.px(30))
        for column in range(self.model.columnCount()):
            self.view.setColumnWidth(column, look.px(240 if column == 0 else 168))


def _plain(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
