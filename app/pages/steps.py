"""The left side of Compress: name, teacher, data, text, method and settings of the run being made."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.draft import OWN_TEXT, Draft
from app.form import SettingsForm
from app.health import Health
from app.theme import theme
from app.widgets.button import Button
from app.widgets.field import edit
from app.widgets.gallery import Gallery
from app.widgets.label import cut, text
from app.widgets.message import Message
from app.widgets.presets import Presets
from app.widgets.steps import StepHead, SummaryCard
from engine import wording
from engine.method import methods
from engine.spec import LONGEST_NAME


class Steps(QWidget):
    """Shows a draft and changes it. The signals ask the page for a dialog."""

    choose_teacher = Signal()
    choose_data = Signal()
    choose_text = Signal()
    open_recipe = Signal()
    save_recipe = Signal()

    def __init__(self, draft: Draft, health: Health) -> None:
        super().__init__()
        self._draft, self._health = draft, health
        self.name = edit("Name of the run", longest=LONGEST_NAME)
        self.name.textEdited.connect(self._rename)
        self.name.editingFinished.connect(self._named)
        self.named = text("body", "", "text2", elide=True)
        self.teacher, self.data = SummaryCard("Teacher", 1), SummaryCard("Data", 2)
        self.text = SummaryCard("Text")
        self.teacher.change.connect(self.choose_teacher)
        self.data.change.connect(self.choose_data)
        self.text.change.connect(self.choose_text)
        self.text.undo.connect(lambda: draft.choose_text(OWN_TEXT))
        self.gallery = Gallery(list(methods().values()))
        self.gallery.chosen.connect(draft.choose_method)
        self.form = SettingsForm()
        self.form.edited.connect(draft.set_value)
        self.form.reset.connect(draft.reset)
        self.presets = Presets()
        self.presets.quick.clicked.connect(draft.use_quick)
        self.presets.paper.clicked.connect(draft.use_paper)
        self.method_head = StepHead(3, "Method", "How should the model get smaller?")
        self.settings_head = StepHead(4, "Settings", "", self.presets.quick, self.presets.paper)
        self._typing = False
        self._bars: list[Message] = []
        self._noticed: list[tuple[str, str]] = []
        self._build()
        draft.changed.connect(self.refresh)
        health.changed.connect(self.refresh)
        theme().follow(self._restyle)
        self.refresh()

    def _build(self) -> None:
        self._column = QVBoxLayout(self)
        self._cards = QHBoxLayout()
        self._cards.addWidget(self.teacher, 1)
        self._cards.addWidget(self.data, 1)
        self._cards.addWidget(self.text, 1)
        self._notices = QVBoxLayout()
        self._column.addLayout(self._header())
        self._column.addLayout(self._cards)
        self._column.addLayout(self._notices)
        self._column.addWidget(self.method_head)
        self._column.addWidget(self.gallery)
        self._column.addWidget(self.settings_head)
        self._column.addWidget(self.form)
        self._column.addStretch()

    def _header(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(14)
        self.open = Button("Open recipe…", "link", "folder", tip="Fill the form from a run file")
        self.open.clicked.connect(self.open_recipe)
        self.save = Button("Save recipe…", "link", "file", tip="Write this form to a run file")
        self.save.clicked.connect(self.save_recipe)
        row.addWidget(text("title", "New run"))
        row.addWidget(self.name)
        row.addWidget(self.named, 1)
        row.addWidget(self.open)
        row.addWidget(self.save)
        return row

    def _restyle(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(24), px(13), px(24), px(20))
        self._column.setSpacing(px(9))
        self._cards.setSpacing(px(12))
        self._cards.setContentsMargins(0, px(4), 0, px(6))
        self.name.setFixedWidth(px(236))
        for head in (self.method_head, self.settings_head):
            head.setContentsMargins(0, px(6), 0, 0)

    # --- showing ------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the draft as it is now."""
        draft = self._draft
        automatic = draft.automatic_name()
        self.name.setPlaceholderText(automatic)
        shown = draft.name or automatic
        if self.name.text() != shown and not self._typing:
            self.name.setText(shown)
        self.named.set_text(
            "clear it for the automatic name" if draft.name else
            "named from your choices" if automatic else "named once you have chosen"
        )  # fmt: skip
        self._show_teacher()
        self._show_data()
        self._show_text()
        self.gallery.choose(draft.method.key)
        problems = draft.problems()
        self.form.show_slots(draft.slots(), draft.value, problems)
        self.settings_head.sentence.set_text(self._differences())
        self.presets.show_preset(draft.preset, draft.quick_words())
        self._show_notices()
        self.save.set_enabled(not draft.missing(), draft.missing())

    def _show_teacher(self) -> None:
        draft, info = self._draft, self._draft.teacher
        if draft.teacher_problem:
            self.teacher.show_choice("bad", "", "cannot be used", "bad")
        elif info is not None:
            shape = info.shape
            layers = f"{shape.layers} layer{'' if shape.layers == 1 else 's'}"
            size = f"{wording.parameters(shape.parameters)} parameters"
            done = "bad" if self._health.unfit else "done"
            self.teacher.show_choice(done, info.title, f"{layers} · {size} · {self._rightness()}")
        elif draft.teacher_block is not None:
            self.teacher.show_choice("open", "", "Reading…")
        else:
            self.teacher.show_choice("open", "", "The model that should get smaller")

    def _rightness(self) -> str:
        health = self._health
        if health.accuracy is not None:
            return f"{wording.percent(health.accuracy)} right"
        if self._draft.teacher is not None and not self._draft.teacher.has_head:
            return "not trained yet"
        return "being checked…" if health.checking else "not checked yet"

    def _show_data(self) -> None:
        draft = self._draft
        if draft.data_problem:
            self.data.show_choice("bad", "", "cannot be used", "bad")
        elif draft.data is not None:
            splits = draft.data.splits
            parts = [
                f"{len(splits['train']):,} to learn from",
                f"{len(splits['validation']):,} to check with",
                f"{len(draft.data.labels)} answers",
            ]
            if draft.reads_text:  # three cards leave less room
                del parts[1]
            detail = " · ".join(parts)
            self.data.show_choice("done", draft.data.title, detail)
        elif draft.data_block is not None:
            self.data.show_choice("open", "", "Reading…")
        else:
            self.data.show_choice("open", "", "Sentences with the right answers")

    def _show_text(self) -> None:
        """The third card, for a method that reads plain text."""
        draft, card = self._draft, self.text
        card.setVisible(draft.reads_text)
        for one in (self.teacher, self.data, card):
            one.set_upright(draft.reads_text)
        own = draft.text_block == OWN_TEXT
        card.show_undo("" if own else "Use the sentences of the data")
        if draft.text_problem:
            card.show_choice("bad", "", "cannot be used", "bad")
        elif own and draft.data is None:
            reading = draft.data_block is not None and not draft.data_problem
            card.show_choice("open", "", "Reading…" if reading else "The sentences of the data")
        elif draft.text is not None:
            card.show_choice("done", draft.text.title, draft.text.counts)
        else:
            card.show_choice("open", "", "Reading…")

    def _differences(self) -> str:
        draft = self._draft
        stated = [slot for slot in draft.slots() if slot.paper is not None]
        other = sum(draft.value(slot.where) != slot.paper for slot in stated)
        words = f"{other} of {len(stated)} differ from the paper" if other else "as in the paper"
        return f"{draft.method.title}, {words}"

    def _show_notices(self) -> None:
        """What stands in the way, as bars below the cards."""
        draft = self._draft
        wanted = [
            (words, button)
            for words, button in (
                (draft.teacher_problem, ""), (draft.data_problem, ""),
                (draft.text_problem, ""), (self._health.unfit, "Fine-tune it first"),
            )
            if words
        ]  # fmt: skip
        if wanted == self._noticed:
            return
        self._noticed = wanted
        for old in self._bars:
            self._notices.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._bars.clear()
        for words, button in wanted:
            bar = Message("bad", cut(words, 600), button, dismiss=False)
            bar.acted.connect(lambda: draft.choose_method("finetune"))
            self._notices.addWidget(bar)
            self._bars.append(bar)

    def lead_to_missing(self) -> None:
        """Put the focus where something has to be chosen or mended."""
        draft = self._draft
        if draft.teacher_block is None or draft.teacher_problem:
            self.teacher.button.setFocus()
        elif draft.data_block is None or draft.data_problem:
            self.data.button.setFocus()
        elif draft.text_problem:
            self.text.button.setFocus()
        else:
            fields = self.form.fields
            wrong = [fields[where] for where in draft.problems() if where in fields]
            if wrong:
                wrong[0].box.setFocus()

    def _named(self) -> None:
        self._typing = False
        self.refresh()

    def _rename(self, words: str) -> None:
        self._typing = True
        self._draft.name = "" if words == self._draft.automatic_name() else words
        self._draft.changed.emit()

    def minimumSizeHint(self) -> QSize:
        """Narrow enough for the smallest window at every interface size."""
        return QSize(200, super().minimumSizeHint().height())
