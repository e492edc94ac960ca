"""Choosing the plain text that some methods read: the data's own, a bundled one, a file, the hub."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.dialogs.base import Chooser, Options, PathField, labelled
from app.dialogs.sources import HubForm
from app.dialogs.text_preview import TextPane
from app.texts import TextLook, look_at
from app.widgets.field import edit
from engine.errors import BadInput
from engine.schema import make
from engine.spec import BundledText, DataText, FileText, HubText, TextBlock

if TYPE_CHECKING:
    from engine.data import Data

OWN, BUNDLED, FILE, HUB = range(4)
_PLACES = {DataText: OWN, BundledText: BUNDLED, FileText: FILE, HubText: HUB}


class TextDialog(Chooser):
    """`block` is the chosen text once the dialog was accepted."""

    def __init__(self, data: Data | None, present: TextBlock, parent: QWidget | None) -> None:
        super().__init__(parent, "Choose text", "Use this text")
        self._data = data
        self.pane = TextPane()
        self.own = Options(_own(data), "The run has no data yet; choose some first.")
        self.own.chosen.connect(lambda key: self._load(DataText(source="data")))
        self.bundled = Options(_bundled(), "This copy of Thimble has no bundled text.")
        self.bundled.chosen.connect(lambda key: self._load(BundledText(source="bundled", name=key)))
        self.path = PathField("Text file", "Plain text (*.txt)")
        self.path.picked.connect(self._load_file)
        self.hub = HubTextPage()
        self.hub.fetch.clicked.connect(self._fetch)
        pages: list[tuple[str, QWidget]] = [
            ("From the data", self.own), ("Bundled", self.bundled), ("File", self._file_page()),
            ("Hub", self.hub),
        ]  # fmt: skip
        self.lay_out(pages, self.pane)
        self.resize(960, 560)
        self._show_present(present)

    def _file_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(labelled("Text file", self.path, (
            "A .txt file in UTF-8: one sentence or paragraph a line, an empty line between "
            "documents. It needs no labels."
        )))  # fmt: skip
        column.addStretch()
        return page

    def _show_present(self, present: TextBlock) -> None:
        """Open where the present text is; one of the hub is fetched again only when asked."""
        if isinstance(present, FileText):
            self.path.field.setText(present.path)
        elif isinstance(present, HubText):
            self.hub.show_block(present)
        elif isinstance(present, BundledText) and present.name in self.bundled.cards:
            self.bundled.value = present.name
        elif isinstance(present, DataText) and self.own.cards:
            self.own.value = "data"
        place = _PLACES[type(present)]
        self.tabs.setCurrentIndex(place)
        if place == OWN:
            self.pick_again(OWN)  # the first tab is the current one already

    def pick_again(self, index: int) -> None:
        if index == OWN and self.own.value:
            self.own.choose(self.own.value)
        elif index == BUNDLED and self.bundled.value:
            self.bundled.choose(self.bundled.value)
        elif index == FILE and self.path.path:
            self._load_file(self.path.path)

    def _load_file(self, path: str) -> None:
        if path:
            self._make(FileText, {"source": "file", "path": path}, "Reading…")
        else:
            self.forget()

    def _fetch(self) -> None:
        values = self.hub.values()
        if not values["id"]:
            self.refuse("Type the name of a data set first, such as Salesforce/wikitext.")
            return
        self._make(HubText, values, "Fetching from the hub…")

    def _make(self, model: Any, values: dict[str, Any], waiting: str) -> None:
        try:
            block = make(model, values, "text")
        except BadInput as error:
            self.refuse(str(error))
            return
        self._load(block, waiting)

    def _load(self, block: TextBlock, waiting: str = "Reading…") -> None:
        data = self._data
        self.read(block, lambda: look_at(block, data), waiting)

    def show_answer(self, answer: TextLook | None) -> None:
        self.pane.show_look(answer)


class HubTextPage(HubForm):
    """Name, subset, revision, split and column of a text of the hub."""

    def __init__(self) -> None:
        fields = {
            "config": edit("Subset"), "revision": edit("Revision", "main"),
            "split": edit("Split", "train"), "column": edit("Text column", "text"),
        }  # fmt: skip
        rows = (
            (("Subset", "config"), ("Revision", "revision")),
            (("Split", "split"), ("Text column", "column")),
        )
        super().__init__(fields, rows, "text")

    def show_block(self, block: HubText) -> None:
        """Write a block into the fields."""
        for key, field in self.fields.items():
            field.setText(getattr(block, key) or "")

    def values(self) -> dict[str, Any]:
        """The text block as it is written now."""
        kept = {key: value for key, value in self.written().items() if value or key == "id"}
        return {"source": "hub", **kept}


def _own(data: Data | None) -> list[tuple[str, str, str]]:
    if data is None:
        return []
    which = "Its unlabelled sentences" if data.unlabelled else "The sentences it trains on"
    said = f"{which}, without any label. Nothing else is read."
    return [("data", data.title, said)]


def _bundled() -> list[tuple[str, str, str]]:
    """Plain texts, and the sentences without labels that come with a data set."""
    from engine.bundled import bundled_sets

    found = []
    for one in bundled_sets():
        if one.kind == "text":
            found.append((one.name, one.title, one.sentence))
        elif one.has_unlabelled:
            said = "Sentences without labels that come with this data set."
            found.append((one.name, f"{one.title}, unlabelled", said))
    return found
