"""The Layers tab of Compare: a chooser above the strips of the ticked runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.charts.stored_layers import MEASURES, Strips, layers_of
from app.widgets import Card, combo, scroll, text

if TYPE_CHECKING:
    from engine.records import RunRecord


class LayersTab(QWidget):
    """Chooses a figure and shows it for every ticked run that has it."""

    def __init__(self) -> None:
        super().__init__()
        self._records: list[RunRecord] = []
        self.strips = Strips()
        self.figure = combo("Figure", [(one.title, one.key) for one in MEASURES])
        self.figure.currentIndexChanged.connect(self._draw)
        self._note = text("small", "", "text3", wrap=True)
        card = Card()
        row = QHBoxLayout()
        row.addWidget(text("small", "Figure"))
        row.addWidget(self.figure)
        row.addStretch()
        card.body.addLayout(row)
        card.body.addWidget(scroll(self._inside()), 1)
        card.body.addWidget(self._note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card, 1)

    def _inside(self) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.strips)
        column.addStretch()
        return inside

    def show_runs(self, records: Sequence[RunRecord]) -> None:
        """Show the layers of these runs."""
        self._records = list(records)
        self._draw()

    def rows(self) -> tuple[list[str], list[list[object]]]:
        """For CSV: one row per run and layer with every figure, plain numbers."""
        heads = ["run", "layer", "parameters", "removed (share)", "bits", "bytes", "rank"]
        keys = ("parameters", "sparsity", "bits", "bytes", "rank")
        rows: list[list[object]] = [
            [record.name, layer, *(figures.get(key) for key in keys)]
            for record in self._records
            for layer, figures in layers_of(record).items()
        ]
        return heads, rows

    def _draw(self) -> None:
        key = self.figure.currentData()
        measure = next(one for one in MEASURES if one.key == key)
        able = [one for one in self._records if layers_of(one)]
        self.strips.show_runs(able, measure)
        why = "The stronger the colour, the more. The figures are counted in the exported file."
        if not able:
            why = "No ticked run has figures per layer. Tick a finished run in Overview."
        self._note.set_text(why)
