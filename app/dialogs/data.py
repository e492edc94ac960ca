"""Choosing data: a bundled set, files, or a data set of the hub, with a look at it first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from app.dialogs.base import Chooser, Options
from app.dialogs.preview import PreviewPane
from app.dialogs.sources import FilesPage, HubPage
from app.widgets.scroll import scroll
from engine.errors import BadInput
from engine.schema import make
from engine.spec import BundledData, DataBlock, FilesData, HubData

if TYPE_CHECKING:
    from engine.data import Preview


class DataDialog(Chooser):
    """`block` is the chosen data once the dialog was accepted."""

    def __init__(self, seed: int, parent: QWidget | None) -> None:
        super().__init__(parent, "Choose data", "Use this data")
        self._seed = seed
        self.pane = PreviewPane()
        self.bundled = Options(_bundled(), "This copy of Thimble has no bundled data.")
        self.bundled.chosen.connect(lambda key: self._load(BundledData(source="bundled", name=key)))
        self.files = FilesPage()
        self.files.chosen.connect(self._load_files)
        self.files.refused.connect(self.refuse)
        self.hub = HubPage()
        self.hub.fetch.clicked.connect(self._fetch)
        pages: list[tuple[str, QWidget]] = [
            ("Bundled", self.bundled), ("Files", scroll(self.files)), ("Hub", self.hub),
        ]  # fmt: skip
        self.lay_out(pages, self.pane)
        self.resize(1040, 640)

    def pick_again(self, index: int) -> None:
        if index == 0 and self.bundled.value:
            self.bundled.choose(self.bundled.value)
        elif index == 1:
            self.files.tell()

    def _load_files(self, values: dict[str, Any]) -> None:
        if values:
            self._make(FilesData, values, "Reading…")
        else:
            self.forget()

    def _fetch(self) -> None:
        values = self.hub.values()
        if not values["id"]:
            self.refuse("Type the name of a data set first, such as stanfordnlp/sst2.")
            return
        self._make(HubData, values, "Fetching from the hub…")

    def _make(self, model: Any, values: dict[str, Any], waiting: str) -> None:
        try:
            block = make(model, values, "data")
        except BadInput as error:
            self.refuse(str(error))
            return
        self._load(block, waiting)

    def _load(self, block: DataBlock, waiting: str = "Reading…") -> None:
        seed = self._seed

        def work() -> Preview:
            from engine.data import preview

            return preview(block, seed)

        self.read(block, work, waiting)

    def show_answer(self, answer: Preview | None) -> None:
        self.pane.show_preview(answer)


def _bundled() -> list[tuple[str, str, str]]:
    from engine.bundled import bundled_sets

    return [
        (
            one.name,
            one.title,
            f"{one.sentence} {one.counts['train']:,} to learn from, {one.labels} answers.",
        )
        for one in bundled_sets()
        if one.kind == "classification"
    ]
