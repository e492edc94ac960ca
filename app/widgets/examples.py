"""Example sentences from the data, offered as chips spread over the whole split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.theme import theme
from app.widgets.button import Button
from app.widgets.chip import Chip
from app.widgets.flow import FlowLayout
from app.widgets.label import text

if TYPE_CHECKING:
    from engine.records import Examples

MOST = 5
LIMITS = (48, 90, 100_000)  # characters: the first limit that leaves enough sentences
LONGEST = 20_000


class ExampleRow(QWidget):
    """`taken(row)` gives the sentences (one or two) of the chip that was pressed."""

    taken = Signal(tuple)

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[tuple[str, ...]] = []
        self._turn = 0
        self._box = QWidget()
        self._chips = FlowLayout(self._box)
        self.other = Button("Others", "link", size="small", label="Show other examples")
        self.other.clicked.connect(self._turn_over)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self._label = text("small", "Examples")
        row.addWidget(self._label, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._box, 1)
        row.addWidget(self.other, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        self._label.setFixedHeight(theme().px(30))  # beside the first row of chips

    def show_examples(self, examples: Examples | None) -> None:
        """Offer short sentences of these; hidden when there are none."""
        rows = list(zip(*examples.texts, strict=True)) if examples else []
        self._rows = []
        for limit in LIMITS:
            if len(self._rows) < MOST:
                self._rows = [row for row in rows if 0 < sum(map(len, row)) <= limit]
        self._fill()

    def mark(self, sentences: tuple[str, ...]) -> None:
        """Mark the chip whose sentences these are."""
        for chip in self.chips():
            chip.setChecked(chip.words == joined(sentences))

    def chips(self) -> list[Chip]:
        """The chips that are offered now."""
        items = (self._chips.itemAt(place) for place in range(self._chips.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [one for one in widgets if isinstance(one, Chip)]

    def _turn_over(self) -> None:
        self._turn += 1
        self._fill()

    def _fill(self) -> None:
        while (item := self._chips.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        count = min(MOST, len(self._rows))
        for place in range(count):
            at = (place * len(self._rows) // count + self._turn) % len(self._rows)
            self._add(self._rows[at])
        self.setVisible(count > 0)
        self._box.updateGeometry()

    def _add(self, row: tuple[str, ...]) -> None:
        chip = Chip(joined(row))
        chip.clicked.connect(lambda: self.taken.emit(row))
        self._chips.addWidget(chip)


def joined(sentences: tuple[str, ...]) -> str:
    """One or two sentences on one line."""
    return " ".join(" / ".join(one[:LONGEST] for one in sentences).split())
