"""Choose a run and what to set it against; read the examples on which the two differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.tables.disagreements import KINDS, DisagreementModel
from app.theme import theme
from app.widgets import combo, text
from app.widgets.label import cut, name
from engine import stats, wording
from engine.compare import CLEAR, disagreements
from engine.errors import BadInput

if TYPE_CHECKING:
    from PySide6.QtWidgets import QComboBox

    from engine.disagreements import Disagreement
    from engine.history import History
    from engine.records import RunRecord

LONGEST_SHOWN = 100_000  # characters of one sentence in the pane


class DisagreementTab(QWidget):
    """Run and opponent at the top, kinds as tabs with their counts, the full sentence below."""

    def __init__(self) -> None:
        super().__init__()
        self._history: History | None = None
        self._records: list[RunRecord] = []
        self.run = combo("Run", [])
        self.against = combo("Against", [])
        self.label = combo("Right answer", [])
        self.test = text("small", "", "text3", elide=True)
        self.kinds = QTabBar()
        self.model = DisagreementModel()
        self.view = QTableView()
        self.pane = QPlainTextEdit()
        self.note = text("body", "", "text2", wrap=True)
        self._dress()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(self._choosers())
        column.addWidget(self.kinds)
        column.addWidget(self.note)
        column.addWidget(self.view, 1)
        column.addWidget(self.pane)
        self.run.currentIndexChanged.connect(self._refill_against)
        self.against.currentIndexChanged.connect(self._load)
        self.label.currentIndexChanged.connect(self._choose)
        self.kinds.currentChanged.connect(self._choose)
        theme().follow(self._restyle)

    def show_runs(self, history: History, records: Sequence[RunRecord], chosen: str = "") -> None:
        """Offer these runs; `chosen` is taken first where it is one of them."""
        self._history, self._records = history, list(records)
        known = {one.id for one in records}
        kept = chosen if chosen in known else self.run.currentData()
        _refill(self.run, [(one.name, one.id) for one in records], kept)
        self._refill_against()

    def rows(self) -> tuple[list[str], list[list[object]]]:
        """For CSV: all three kinds."""
        return self.model.table()

    def _dress(self) -> None:
        self.kinds.setExpanding(False)
        self.kinds.setDrawBase(False)
        name(self.kinds, "Kind of disagreement")
        for _ in KINDS:
            self.kinds.addTab("")
        self.view.setModel(self.model)
        self.view.setShowGrid(False)
        self.view.setWordWrap(False)
        self.view.setTabKeyNavigation(False)
        self.view.verticalHeader().hide()
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.horizontalHeader().setHighlightSections(False)
        self.view.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.view.selectionModel().currentRowChanged.connect(self._show_sentence)
        name(self.view, "Examples on which the two differ")
        self.pane.setReadOnly(True)
        self.pane.setTabChangesFocus(True)
        self.pane.setPlaceholderText("Choose an example above to read all of it.")
        name(self.pane, "The whole example")

    def _choosers(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for words, field in (
            ("Run", self.run), ("against", self.against), ("Right answer", self.label),
        ):  # fmt: skip
            field.setMaximumWidth(280)
            row.addWidget(text("small", words))
            row.addWidget(field)
            row.addSpacing(12)
        row.addWidget(self.test, 1)
        return row

    def _record(self, run_id: object) -> RunRecord | None:
        return next((one for one in self._records if one.id == run_id), None)

    def _refill_against(self) -> None:
        """Its teacher first, then the other ticked runs."""
        chosen = self.run.currentData()
        others = [(one.name, one.id) for one in self._records if one.id != chosen]
        _refill(self.against, [("Teacher", ""), *others], self.against.currentData())
        self._load()

    def _load(self) -> None:
        record, other = (
            self._record(self.run.currentData()),
            self._record(self.against.currentData()),
        )
        if record is None or self._history is None:
            self.model.show([], [], "Run", "Teacher")
            self.test.set_text("")
            self._say("Tick a finished run in Overview to read where it differs from its teacher.")
            return
        said = ""
        rows = []
        try:
            rows = disagreements(record, self._history, other)
        except BadInput as error:
            said = str(error)
        found = record.result.get("labels")
        labels = [str(one) for one in found] if isinstance(found, list) else []
        self.model.show(rows, labels, record.name, other.name if other else "Teacher")
        self.test.set_text(_test_words(rows))
        present = sorted({one.label for one in self.model.every})
        items = [("All", None), *((self.model.label_of(one), one) for one in present)]
        _refill(self.label, items, self.label.currentData())
        if not rows and not said:
            said = (
                "The answers of these two are not stored on the same examples, or they never "
                "differ; choose another run."
            )
        self._choose()
        if said:
            self._say(said)

    def _choose(self) -> None:
        kind = KINDS[max(0, self.kinds.currentIndex())]
        self.model.choose(kind, self.label.currentData())
        this, other = cut(self.model.this, 24), cut(self.model.other, 24)
        heads = (
            f"{other} right, {this} wrong",
            f"{this} right, {other} wrong",
            "Both wrong, differently",
        )
        for place, (one, words) in enumerate(zip(KINDS, heads, strict=True)):
            said = f"{words} ({wording.count(self.model.count(one))})"
            self.kinds.setTabText(place, said.replace("&", "&&"))
        self.pane.clear()
        self._say("" if self.model.rows else "There is no example of this kind.")

    def _say(self, sentence: str) -> None:
        self.note.set_text(sentence)
        self.note.setVisible(bool(sentence))
        self.view.setVisible(bool(self.model.rows))
        self.pane.setVisible(bool(self.model.rows))

    def _show_sentence(self, current: QModelIndex) -> None:
        if not 0 <= current.row() < len(self.model.rows):
            self.pane.clear()
            return
        row = self.model.rows[current.row()]
        share = LONGEST_SHOWN // len(row.text)
        self.pane.setPlainText("\n\n".join(cut(one, share) for one in row.text))

    def _restyle(self) -> None:
        look = theme()
        self.view.verticalHeader().setDefaultSectionSize(look.px(30))
        for column, wide in ((1, 120), (2, 190), (3, 190)):
            self.view.setColumnWidth(column, look.px(wide))
        self.pane.setFixedHeight(look.px(104))


def _test_words(rows: Sequence[Disagreement]) -> str:
    """What McNemar's exact test says of this one pair."""
    if not rows:
        return ""
    lost, gained = (sum(one.kind == kind for one in rows) for kind in KINDS[:2])
    p = stats.mcnemar_exact(lost, gained)
    clear = "a clear difference" if p < CLEAR else "no clear difference"
    return f"{wording.p_value(p)} by the McNemar test for this pair: {clear}"


def _refill(box: QComboBox, items: Sequence[tuple[str, object]], kept: object) -> None:
    """Offer other items, `kept` chosen where it is one of them, without telling anyone."""
    box.blockSignals(True)
    box.clear()
    for words, data in items:
        box.addItem(cut(" ".join(words.split()), 60), data)
    box.setCurrentIndex(max(0, box.findData(kept)))
    box.blockSignals(False)
