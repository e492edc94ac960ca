"""Choosing the teacher: a bundled model, a folder, a model of the hub, or an earlier run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.context import Context
from app.dialogs.base import Chooser, Options, PathField, labelled
from app.widgets.button import Button
from app.widgets.card import Card
from app.widgets.field import edit
from app.widgets.label import cut, name, text
from engine import wording
from engine.errors import BadInput
from engine.records import RunRecord
from engine.spec import BundledTeacher, FolderTeacher, HubTeacher, RunTeacher, TeacherBlock
from engine.teacher import TeacherInfo, bundled_teachers, inspect_teacher

MOST_RUNS = 500


def finished_runs(context: Context) -> list[RunRecord]:
    """Runs whose package can teach, latest first."""
    if not context.ready:
        return []
    try:
        return [one for one in context.history.runs(("finished",)) if one.package is not None]
    except BadInput:
        return []


def packages(context: Context) -> dict[str, Path]:
    """Where the packages of finished runs lie, by run id."""
    return {one.id: one.package for one in finished_runs(context) if one.package is not None}


class TeacherDialog(Chooser):
    """`block` is the chosen teacher once the dialog was accepted."""

    def __init__(self, context: Context, parent: QWidget | None) -> None:
        super().__init__(parent, "Choose a teacher", "Use this teacher")
        self._runs = finished_runs(context)[:MOST_RUNS]
        self._packages = {one.id: one.package for one in self._runs if one.package is not None}
        self.bundled = Options(
            [(one.name, one.title, one.sentence) for one in bundled_teachers()],
            "This copy of Thimble has no bundled model. Choose a folder instead.",
        )
        self.bundled.chosen.connect(
            lambda key: self._inspect(BundledTeacher(source="bundled", name=key))
        )
        self.folder = PathField("Model folder", folder=True, hint="A folder with config.json")
        self.folder.picked.connect(self._pick_folder)
        self.hub_id = edit("Model name", "", "owner/name")
        self.revision = edit("Revision", "main")
        self.runs = QListWidget()
        self._card = Card(margin=16, gap=4)
        roles = (("name", ""), ("body", "text2"), ("body", "text2"), ("small", "text3"))
        self._lines = [text(role, "", tone, wrap=True) for role, tone in roles]
        for label in self._lines:
            self._card.body.addWidget(label)
        self._card.body.addStretch()
        pages = [
            ("Bundled", self.bundled), ("Folder", self._folder_page()),
            ("Hub", self._hub_page()), ("Earlier run", self._runs_page()),
        ]  # fmt: skip
        self.lay_out(pages, self._card)
        self.resize(860, 460)

    def _folder_page(self) -> QWidget:
        return _page(
            labelled(
                "Model folder", self.folder,
                "A Hugging Face folder: config.json, model.safetensors and a tokenizer. BERT, "
                "RoBERTa, ELECTRA, ALBERT and DistilBERT are understood.",
            )
        )  # fmt: skip

    def _hub_page(self) -> QWidget:
        fetch = Button("Fetch")
        fetch.clicked.connect(self._fetch)
        fetch.setSizePolicy(fetch.sizePolicy().Policy.Fixed, fetch.sizePolicy().Policy.Fixed)
        self.hub_id.returnPressed.connect(self._fetch)
        return _page(
            labelled("Model name", self.hub_id, "As on the Hugging Face hub, owner/name."),
            labelled("Revision", self.revision, "A branch, tag or commit."),
            fetch,
            text("small", "This uses the network: the model is downloaded from the hub once.",
                 "text3", wrap=True),
        )  # fmt: skip

    def _runs_page(self) -> QWidget:
        name(self.runs, "Earlier runs")
        for run in self._runs:
            facts = [run.method, wording.percent(run.accuracy), wording.size(run.bytes)]
            item = QListWidgetItem(cut(f"{run.name}  ({', '.join(facts)})", 300))
            item.setData(Qt.ItemDataRole.UserRole, run.id)
            self.runs.addItem(item)
        self.runs.currentItemChanged.connect(lambda item, old: self._pick_run(item))
        if self._runs:
            return self.runs
        return _page(text("body", "No run has finished yet.", "text2", wrap=True))

    # --- picking ------------------------------------------------------------------------------

    def pick_again(self, index: int) -> None:
        if index == 0 and self.bundled.value:
            self.bundled.choose(self.bundled.value)
        elif index == 1:
            self._pick_folder(self.folder.path)
        elif index == 3:
            self._pick_run(self.runs.currentItem())

    def _pick_folder(self, path: str) -> None:
        if path:
            self._inspect(FolderTeacher(source="folder", path=path))
        else:
            self.forget()

    def _fetch(self) -> None:
        if not self.hub_id.text().strip():
            self.refuse("Type the name of a model first, such as google-bert/bert-base-uncased.")
            return
        revision = self.revision.text().strip() or "main"
        block = HubTeacher(source="hub", id=self.hub_id.text().strip(), revision=revision)
        self._inspect(block, "Fetching from the hub…")

    def _pick_run(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            run_id = str(item.data(Qt.ItemDataRole.UserRole))
            self._inspect(RunTeacher(source="run", id=run_id))

    def _inspect(self, block: TeacherBlock, waiting: str = "Reading…") -> None:
        packages = dict(self._packages)
        self.read(block, lambda: inspect_teacher(block, packages), waiting)

    def show_answer(self, answer: TeacherInfo | None) -> None:
        words = describe(answer) if answer else ["", "Choose a model to see what it is.", "", ""]
        for label, one in zip(self._lines, words, strict=True):
            label.set_text(one)
            label.setVisible(bool(one))


def describe(info: TeacherInfo) -> list[str]:
    """Four lines about a teacher: title, sizes, answers, place."""
    shape = info.shape
    layers = f"{shape.layers} layer{'' if shape.layers == 1 else 's'}"
    answers = "No trained answers yet: fine-tune it first."
    if info.labels:
        shown = ", ".join(" ".join(one[:40].split()) for one in info.labels[:6])
        answers = f"{len(info.labels)} answers: {shown}{' …' if len(info.labels) > 6 else ''}"
    return [
        info.title,
        f"{info.architecture.title}, {layers}, {shape.hidden} wide, "
        f"{wording.parameters(shape.parameters)} parameters, {wording.size(info.bytes)}",
        answers,
        str(info.folder),
    ]


def _page(*parts: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(14)
    for one in parts:
        column.addWidget(one)
    column.addStretch()
    return page
