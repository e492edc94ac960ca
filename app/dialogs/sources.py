"""The two pages of the data dialog that ask for more than one thing: files, and the hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.dialogs.base import PathField, labelled
from app.dialogs.columns import columns_of
from app.later import Later
from app.widgets.button import Button
from app.widgets.field import combo, edit
from app.widgets.label import cut, text

KINDS = "Data files (*.tsv *.csv *.jsonl *.parquet)"
PLAIN = "Sentences (*.txt *.tsv *.csv *.jsonl *.parquet)"
TEXTS = ("text", "sentence", "sentence1", "premise", "question", "content", "review")
PAIRS = ("sentence2", "hypothesis", "text2", "question2")
LABELS = ("label", "labels", "class", "category", "intent", "target", "sentiment", "label_name")
SPLITS = (
    ("train", "Learn from", "The training file.", KINDS),
    ("validation", "Check with", "Left empty, a tenth of the training rows.", KINDS),
    ("test", "Measure on", "Left empty, another tenth.", KINDS),
    ("unlabelled", "Without labels", "Optional: more sentences, one a line.", PLAIN),
)


class FilesPage(QWidget):
    """Four files and the columns in them. `chosen(values)` when they are complete, {} when not."""

    chosen = Signal(dict)
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.paths = {key: PathField(title, kinds) for key, title, _, kinds in SPLITS}
        self.first = combo("Text column", [])
        self.second = combo("Second text column", [("none", "")])
        self.label = combo("Answer column", [])
        self._reading: Later | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(10)
        for key, title, caption, _ in SPLITS:
            column.addWidget(labelled(title, self.paths[key], caption))
            if key == "train":
                column.addLayout(self._columns_row())
        column.addStretch()
        self.paths["train"].picked.connect(self._read_header)
        for key in ("validation", "test", "unlabelled"):
            self.paths[key].picked.connect(lambda path: self.tell())
        for box in (self.first, self.second, self.label):
            box.setEnabled(False)
            box.activated.connect(lambda index: self.tell())

    def _columns_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        boxes = (("Text", self.first), ("Second text", self.second), ("Answer", self.label))
        for title, box in boxes:
            row.addWidget(labelled(title, box), 1)
        return row

    def tell(self) -> None:
        """Say what is chosen, if it is enough."""
        train = self.paths["train"].path
        if not train or not self.first.isEnabled():
            self.chosen.emit({})
            return
        first, second = str(self.first.currentData()), str(self.second.currentData() or "")
        values: dict[str, Any] = {
            "source": "files", "text": [first, second] if second else first,
            "label": str(self.label.currentData()),
        }  # fmt: skip
        values |= {key: field.path for key, field in self.paths.items() if field.path}
        self.chosen.emit(values)

    def _read_header(self, path: str) -> None:
        for box in (self.first, self.second, self.label):
            box.setEnabled(False)
        if self._reading is not None:
            self._reading.cancel()
        self._reading = None
        self.chosen.emit({})
        if path:
            file = Path(path).expanduser()
            self._reading = Later(self, lambda: columns_of(file), self._show_columns, self._refuse)

    def _refuse(self, sentence: str) -> None:
        self._reading = None
        self.refused.emit(sentence)

    def _show_columns(self, names: list[str]) -> None:
        self._reading = None
        first = _likely(names, TEXTS, 0)
        label = _likely(names, LABELS, len(names) - 1)
        if label == first:
            label = next((one for one in names if one != first), first)
        second = next((one for one in names if one.casefold() in PAIRS and one != first), "")
        _fill(self.first, names, first)
        _fill(self.second, ["", *names], second)
        _fill(self.label, names, label)
        self.tell()


def _likely(names: Sequence[str], usual: Sequence[str], otherwise: int) -> str:
    """The first usual name among the columns, else the one at a place."""
    plain = {one.casefold(): one for one in reversed(names)}
    return next((plain[one] for one in usual if one in plain), names[otherwise])


def _fill(box: QComboBox, names: Sequence[str], value: str) -> None:
    box.blockSignals(True)
    box.clear()
    for one in names:
        box.addItem(cut(one, 60) if one else "none", one)
    box.setCurrentIndex(max(0, box.findData(value)))
    box.setEnabled(True)
    box.blockSignals(False)


Rows = Sequence[Sequence[tuple[str, str]]]


class HubForm(QWidget):
    """A data set's name on the hub, further fields in rows of (title, key), and Fetch."""

    def __init__(self, fields: dict[str, QLineEdit], rows: Rows, what: str) -> None:
        super().__init__()
        self.fields = {"id": edit("Data set name", "", "owner/name"), **fields}
        self.fetch = Button("Fetch")
        self.fetch.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.fields["id"].returnPressed.connect(self.fetch.click)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        caption = "As on the Hugging Face hub, owner/name."
        column.addWidget(labelled("Data set name", self.fields["id"], caption))
        for row in rows:
            line = QHBoxLayout()
            line.setSpacing(8)
            for title, key in row:
                line.addWidget(labelled(title, self.fields[key]), 1)
            column.addLayout(line)
        column.addWidget(self.fetch)
        said = f"This uses the network: the {what} is downloaded from the hub once."
        column.addWidget(text("small", said, "text3", wrap=True))
        column.addStretch()

    def written(self) -> dict[str, str]:
        """What stands in the fields, by their keys."""
        return {key: field.text().strip() for key, field in self.fields.items()}


class HubPage(HubForm):
    """Name, revision, splits and columns of a data set of the hub."""

    def __init__(self) -> None:
        fields = {
            "config": edit("Subset"), "revision": edit("Revision", "main"),
            "text": edit("Text column", "text"), "second": edit("Second text column"),
            "label": edit("Answer column", "label"), "train": edit("Split to learn from", "train"),
            "validation": edit("Split to check with", "validation"),
            "test": edit("Split to measure on", "test"),
        }  # fmt: skip
        rows = (
            (("Subset", "config"), ("Revision", "revision")),
            (("Text", "text"), ("Second text", "second"), ("Answer", "label")),
            (("Learn from", "train"), ("Check with", "validation"), ("Measure on", "test")),
        )
        super().__init__(fields, rows, "data")

    def values(self) -> dict[str, Any]:
        """The data block as it is written now."""
        written = self.written()
        second = written.pop("second")
        kept: dict[str, Any] = {k: value for k, value in written.items() if value or k == "id"}
        if second:
            kept["text"] = [written["text"], second]
        for split in ("validation", "test"):
            kept[split] = written[split] or None
        return {"source": "hub", **kept}
