"""The panel at the left of the Runs page: New run, a filter, and the list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app import icons
from app.theme import theme
from app.widgets.button import Button
from app.widgets.field import edit
from app.widgets.label import text
from app.widgets.run_list import RunList
from app.widgets.run_rows import method_title
from engine.records import RunRecord

WIDTH, NARROW = 292, 240


class RunPanel(QWidget):
    """Shows what the filter lets through; `fresh` when a new run is wanted."""

    fresh = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.records: list[RunRecord] = []
        self._chosen = ""
        self._narrow = False
        button = Button("New run", icon="plus", tip="Ctrl+N")
        button.clicked.connect(self.fresh)
        self.filter = edit("Filter by name or method", placeholder="Filter by name or method")
        self.filter.setClearButtonEnabled(True)
        place = QLineEdit.ActionPosition.LeadingPosition
        self._search = self.filter.addAction(icons.icon("search", "text3", 16), place)
        self.filter.textChanged.connect(self._show)
        self.list = RunList()
        self._head, self._filter_row = QHBoxLayout(), QHBoxLayout()
        self._head.addWidget(text("title", "Runs"), 1)
        self._head.addWidget(button)
        self._filter_row.addWidget(self.filter)
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._head)
        self._column.addLayout(self._filter_row)
        self._column.addWidget(self.list, 1)
        theme().follow(self._restyle)

    def show_records(self, records: Sequence[RunRecord], chosen: str) -> None:
        """Show these runs with `chosen` selected."""
        self.records, self._chosen = list(records), chosen
        self._show()

    def choose(self, run_id: str) -> None:
        """Select a run, if it is listed."""
        self._chosen = run_id
        self.list.select(run_id)

    def record(self, run_id: str) -> RunRecord | None:
        """A run by its id, listed or filtered out."""
        return next((one for one in self.records if one.id == run_id), None)

    def set_narrow(self, narrow: bool) -> None:
        """Take less room in a small window."""
        self._narrow = narrow
        self._restyle()

    def _show(self) -> None:
        wanted = self.filter.text().strip().casefold()
        found = [
            one
            for one in self.records
            if wanted in one.name.casefold() or wanted in method_title(one).casefold()
        ]
        self.list.show_records(found, self._chosen)

    def _restyle(self) -> None:
        px = theme().px
        self.setFixedWidth(px(NARROW if self._narrow else WIDTH))
        self._column.setContentsMargins(px(8), px(16), px(8), 0)
        self._column.setSpacing(px(10))
        for row in (self._head, self._filter_row):
            row.setContentsMargins(px(8), 0, px(8), 0)
        self._search.setIcon(icons.icon("search", "text3", 16))
