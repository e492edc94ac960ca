"""A look at a plain text: how much it is and how it begins, without keeping all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine import wording
from engine.errors import BadInput
from engine.spec import DataText, TextBlock

if TYPE_CHECKING:
    from engine.data import Data

FIRST = 40  # sentences


@dataclass(frozen=True)
class TextLook:
    """What a person chooses a text by."""

    title: str
    sentences: int
    documents: int
    first: tuple[str, ...]

    @property
    def counts(self) -> str:
        """ "80,213 sentences in 17,556 documents", or of sentences alone only their number."""
        many = f"{wording.count(self.sentences)} sentence{'' if self.sentences == 1 else 's'}"
        if self.documents == self.sentences:
            return many
        return f"{many} in {wording.count(self.documents)} document" + "s" * (self.documents != 1)


def look_at(block: TextBlock, data: Data | None) -> TextLook:
    """Read a text; call it in a thread. Raises BadInput if the text cannot be used."""
    from engine.text import load_text

    if data is None and isinstance(block, DataText):
        raise BadInput("The run has no data yet; choose some first.", "text")
    text = load_text(block, data)  # type: ignore[arg-type]  # other blocks need no data
    first: list[str] = []
    for document in text.documents:
        first += document[: FIRST - len(first)]
        if len(first) >= FIRST:
            break
    count = sum(map(len, text.documents))
    return TextLook(text.title, count, len(text.documents), tuple(first))
