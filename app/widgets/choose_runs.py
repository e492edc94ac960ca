"""Choose which finished runs a comparison holds: a list with ticks and a filter."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.theme import theme
from app.widgets.button import Button
from app.widgets.field import edit
from app.widgets.label import cut, name, text
from engine import wording
from engine.method import methods

if TYPE_CHECKING:
    from engine.records import RunRecord

MOST = 60  # more would make every pair test and every label a crowd


class ChooseRuns(QDialog):
    """`chosen()` after it was accepted: ids in the order of the list."""

    def __init__(
        self, parent: QWidget, records: Sequence[RunRecord], chosen: Collection[str]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Runs to compare")
        self.filter = edit("Filter runs", "", "Filter runs")
        self.list = QListWidget()
        name(self.list, "Finished runs; Space ticks one")
        for one in records:
            known = methods().get(one.method)
            words = (
                f"{one.name}    {known.title if known else one.method}, {wording.size(one.bytes)}"
            )
            item = QListWidgetItem(cut(" ".join(words.split("\n")), 200))
            item.setData(Qt.ItemDataRole.UserRole, one.id)
            ticked = Qt.CheckState.Checked if one.id in chosen else Qt.CheckState.Unchecked
            item.setCheckState(ticked)
            self.list.addItem(item)
        self.count = text("small", "", "text2")
        self.take = Button("Compare", "primary")
        cancel = Button("Cancel")
        cancel.clicked.connect(self.reject)
        self.take.clicked.connect(self.accept)
        self.filter.textChanged.connect(self._narrow)
        self.list.itemChanged.connect(self._say)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.count, 1)
        foot.addWidget(cancel)
        foot.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(text("heading", "Which finished runs belong in the table?"))
        column.addWidget(self.filter)
        column.addWidget(self.list, 1)
        column.addLayout(foot)
        self.resize(theme().px(520), theme().px(560))
        self._say()

    def chosen(self) -> list[str]:
        """The ids of the ticked runs."""
        items = [self.list.item(place) for place in range(self.list.count())]
        return [
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        ]

    def _narrow(self, words: str) -> None:
        for place in range(self.list.count()):
            item = self.list.item(place)
            item.setHidden(words.casefold() not in item.text().casefold())

    def _say(self) -> None:
        count = len(self.chosen())
        words = f"{count} chosen" if count <= MOST else f"{count} chosen, at most {MOST}"
        self.count.set_text(words)
        self.take.set_enabled(0 < count <= MOST, f"Choose 1 to {MOST} runs.")
