"""Playground: type a sentence and see what every chosen model answers, from the exported files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app import export
from app.asking import LONGEST, Answer, Asker, Candidate, candidates
from app.context import Context
from app.cutting import Cutter
from app.example_sets import ExampleSets
from app.tables.answer_view import AnswersView
from app.theme import theme
from app.widgets import Button, edit, line, text
from app.widgets.cuts import Cuts
from app.widgets.empty import Empty
from app.widgets.examples import ExampleRow
from app.widgets.model_panel import ModelPanel
from app.widgets.verdict import Footnote, Verdict
from engine.errors import BadInput

if TYPE_CHECKING:
    from engine.records import RunRecord

MOST_RUNS = 200  # the newest finished runs that are offered
TICKED_AT_FIRST = 7
NARROW_BELOW = 1280 - 88
EMPTY = (
    "Here one types a sentence and sees what each finished model and its teacher answer, "
    "how sure they are and how fast. No run has finished yet."
)
BUSY = "A run is using the processor, so times are higher now."
FOOTNOTE = "Latency is the middle value of 20 repeats after warm-up, one sentence at a time."


class PlaygroundPage(QWidget):
    """Models at the left; sentence, examples and answers at the right."""

    title = "Playground"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._records: list[RunRecord] = []
        self._seen: object = None
        self._known: set[str] = set()  # models that were offered before
        self._sets = ExampleSets(context)
        self._asked: tuple[str, ...] = ()
        self.asker = Asker(self)
        self.panel = ModelPanel(self.title)
        self.filter, self.list = self.panel.filter, self.panel.list
        self.field = edit("Sentence", "", "Type a sentence")
        self.second = edit("Second sentence", "", "Type the second sentence")
        self.ask = Button("Ask all", "primary")
        self.csv = Button("CSV", icon="export", size="small", label="Save these answers as CSV")
        self.examples = ExampleRow()
        self.cuts, self.cutter = Cuts(), Cutter(self)
        self.verdict = Verdict()
        self.differing = self.verdict.differing
        self.view = AnswersView()
        self._foot = Footnote(FOOTNOTE)
        self._stack = QStackedWidget()
        self._lay_out()
        self._wire()
        theme().follow(self._restyle)
        self._say_verdict()

    # --- what the window calls ----------------------------------------------------------------

    def activated(self) -> None:
        """Read what has finished since the page was last seen."""
        if self._context.ready:
            self._reload()
        if self._records and not self.view.answers.rows:
            self.field.setFocus()
            self.asker.warm()
        self._say_busy()

    def try_runs(self, run_ids: Sequence[str]) -> None:
        """Choose exactly these runs and their teachers."""
        self.activated()
        models = self.list.models
        wanted = {one.teacher for one in models.every if one.id in set(run_ids)}
        models.set_ticked(wanted | set(run_ids))
        self.field.setFocus()

    def start(self) -> None:
        """Ask every chosen model about the sentence."""
        texts = self._texts()
        models = self.list.models.chosen()
        empty = next(
            (one for one, said in zip(self._fields(), texts, strict=True) if not said), None
        )
        if empty is not None or not models:
            (empty or self.list).setFocus()
            return
        self._asked = texts
        self.view.answers.begin(models, self.list.models.every)
        self._say_verdict()
        self._say_busy()
        self.asker.ask(texts, models)

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.filter.setFocus()

    def export(self) -> None:
        """Ctrl+E: save the answers as CSV."""
        if self.view.answers.rows:
            self.save_csv()

    def shutdown(self) -> None:
        """End the thread."""
        self.asker.shutdown()

    # --- saving -------------------------------------------------------------------------------

    def save_csv(self) -> None:
        """Ask where, then save the answers."""
        path = export.ask_path(self, "Save answers", "playground.csv", "CSV (*.csv)")
        if path is None:
            return
        try:
            export.save_csv(path, *self.view.answers.table(self._asked))
        except BadInput as error:
            self._context.message.emit("bad", str(error))
        else:
            self._context.message.emit("good", f"Saved as {path.name}.")

    # --- models and examples ------------------------------------------------------------------

    def _reload(self) -> None:
        history = self._context.history
        try:
            finished = history.runs(["finished"])[:MOST_RUNS]
            seen = [(one.id, one.name) for one in finished]
            if seen == self._seen:
                return
            self._records = [history.run(one.id) for one in finished]
        except BadInput as error:
            self._context.message.emit("bad", str(error))
            return
        self._seen = seen
        found = candidates(history, self._records)
        self.list.models.show(found, self.list.models.ticked | self._fresh(found))
        self._stack.setCurrentIndex(1 if found else 0)

    def _fresh(self, found: Sequence[Candidate]) -> set[str]:
        """Ids to tick at their first sight: teachers, and students while only a few are ticked."""
        fresh = [one for one in found if one.id not in self._known]
        self._known |= {one.id for one in found}
        ticked = self.list.models.ticked & {one.id for one in found if not one.is_teacher}
        students = [one.id for one in fresh if not one.is_teacher and one.folder]
        room = max(0, TICKED_AT_FIRST - len(ticked))
        return {one.id for one in fresh if one.is_teacher} | set(students[:room])

    def _ticks_changed(self) -> None:
        models = self.list.models
        self.ask.set_enabled(bool(models.ticked), "Choose at least one model.")
        self._show_examples()
        self._cut()

    def _cut(self) -> None:
        """Follow the sentence with the pieces that each vocabulary makes of it."""
        models = self.list.models
        self.cutter.ask(" ".join(self._texts()), models.chosen(), models.every)

    def _show_examples(self) -> None:
        found = self._sets.of(self._records, self.list.models.ticked)
        self.second.setVisible(found is not None and len(found.texts) == 2)
        self.examples.show_examples(found)

    def _take_example(self, row: tuple[str, ...]) -> None:
        for field, words in zip(self._fields(), row, strict=False):
            field.setText(" ".join(words.split()))
        self.start()

    def _mark_chip(self) -> None:
        self.examples.mark(self._texts())

    def _fields(self) -> list[QLineEdit]:
        return [self.field] if self.second.isHidden() else [self.field, self.second]

    def _texts(self) -> tuple[str, ...]:
        return tuple(one.text().strip() for one in self._fields())

    # --- answers ------------------------------------------------------------------------------

    def _answered(self, answer: Answer) -> None:
        self.view.answers.take(answer)
        self._say_verdict()

    def _ended(self) -> None:
        self.view.answers.finish()
        self._say_verdict()

    def _say_verdict(self) -> None:
        rows = self.view.answers.rows
        self.view.setVisible(bool(rows))
        self.verdict.setVisible(bool(rows))
        self._foot.setVisible(bool(rows))
        self.csv.set_enabled(bool(rows), "Ask first; there are no answers yet.")
        if any(row.answer is None for row in rows):
            self.verdict.ask()
        elif rows:
            self.verdict.tell(*self.view.answers.counts())

    def _say_busy(self) -> None:
        self._foot.busy.set_text(BUSY if self._context.active() else "")

    # --- building -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        full = QWidget()
        across = QHBoxLayout(full)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.panel)
        across.addWidget(line(vertical=True))
        across.addWidget(self._right(), 1)
        empty = Empty("nav-playground", "No model to ask yet", EMPTY, "Compress a model")
        empty.acted.connect(lambda: self._context.navigate.emit("compress"))
        self._stack.addWidget(empty)
        self._stack.addWidget(full)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    def _right(self) -> QWidget:
        right = QWidget()
        self._column = QVBoxLayout(right)
        head = QHBoxLayout()
        head.addWidget(text("heading", "Type once, ask every model", elide=True))
        head.addStretch()
        head.addWidget(text("small", "Measured on the processor, 1 thread", elide=True))
        head.addSpacing(12)
        head.addWidget(self.csv)
        self._column.addLayout(head)
        fields = QVBoxLayout()
        fields.setSpacing(8)
        fields.addWidget(self.field)
        fields.addWidget(self.second)
        self._asking = QHBoxLayout()
        self._asking.addLayout(fields, 1)
        self._asking.addWidget(self.ask, 0, Qt.AlignmentFlag.AlignTop)
        self._column.addLayout(self._asking)
        self._column.addWidget(self.cuts)
        self._column.addWidget(self.examples)
        self._column.addSpacing(6)
        self._column.addWidget(self.verdict)
        self._column.addWidget(self.view)
        self._column.addWidget(self._foot)
        self._column.addStretch(1)
        return right

    def _wire(self) -> None:
        models = self.list.models
        for field in (self.field, self.second):
            field.setMaxLength(LONGEST)
            field.returnPressed.connect(self.start)
            field.textChanged.connect(self._mark_chip)
            field.textChanged.connect(self._cut)
        self.second.hide()
        models.ticked_changed.connect(self._ticks_changed)
        self.cutter.cut.connect(self.cuts.show_rows)
        self.ask.clicked.connect(self.start)
        self.csv.clicked.connect(self.save_csv)
        self.examples.taken.connect(self._take_example)
        self.differing.toggled.connect(self.view.answers.set_differing_first)
        self.asker.answered.connect(self._answered)
        self.asker.finished.connect(self._ended)
        self._context.runs_changed.connect(self._changed)
        self._context.history_opened.connect(self._changed)

    def _changed(self) -> None:
        if self.isVisible():
            self.activated()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._restyle()

    def _restyle(self) -> None:
        look = theme()
        narrow = self.width() < look.px(NARROW_BELOW)
        self.panel.restyle(narrow)
        self._column.setContentsMargins(look.px(24), look.px(14), look.px(24), look.px(16))
        self._column.setSpacing(look.px(12))
        for field in (self.field, self.second):
            field.setFont(look.font("sentence"))
            field.setFixedHeight(look.px(44))
        self.ask.setFixedSize(look.px(124), look.px(44))
