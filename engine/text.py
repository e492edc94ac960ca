"""Plain text that a run reads besides its labelled examples: documents of sentences, without labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.bundled import bundled_sets, bundled_text
from engine.data import Data, texts_fingerprint
from engine.errors import BadInput
from engine.hub import read_hub_text
from engine.spec import BundledText, DataText, FileText, TextBlock
from engine.tables import read_lines

HELD_OUT = 0.05  # of the documents, for judging while training
MOST_HELD_OUT = 1000  # sentences
_ENDS = re.compile(r"(?<=[.!?])\s+")
_HEADING = re.compile(r"=[^=].*=")


@dataclass(frozen=True, eq=False)
class Text:
    """Documents in order, each a tuple of sentences in order; equal `fingerprint`, equal text."""

    title: str
    documents: tuple[tuple[str, ...], ...]
    fingerprint: str

    @property
    def sentences(self) -> list[str]:
        """Every sentence in order."""
        return [sentence for document in self.documents for sentence in document]

    def cut(self, seed: int) -> tuple[Text, Text]:
        """Two parts: what to train on, and a twentieth of the documents (at most about 1,000
        sentences) to judge by; of a single document its end. Raises BadInput for one sentence.
        """
        if len(self.documents) < 2:
            return self._cut_once()
        order = np.random.default_rng(seed).permutation(len(self.documents))
        wanted = max(1, round(HELD_OUT * len(order)))
        held: set[int] = set()
        sentences = 0
        for place in order[:wanted]:
            held.add(int(place))
            sentences += len(self.documents[place])
            if sentences >= MOST_HELD_OUT:
                break
        kept = [one for i, one in enumerate(self.documents) if i not in held]
        return _text(self.title, kept), _text(self.title, [self.documents[i] for i in sorted(held)])

    def _cut_once(self) -> tuple[Text, Text]:
        """A document's beginning, and the end of it to judge by."""
        (only,) = self.documents
        if len(only) < 2:
            raise BadInput(
                f"{self.title} is one single sentence, and one more is needed to judge by; choose "
                "more text.",
                "text",
            )
        end = len(only) - min(MOST_HELD_OUT, max(1, round(HELD_OUT * len(only))))
        return _text(self.title, [only[:end]]), _text(self.title, [only[end:]])

    def first(self, sentences: int, seed: int) -> Text:
        """About so many sentences: whole documents in an order that the seed decides, or the
        beginning of a single one.
        """
        if len(self.documents) == 1:
            return _text(self.title, [self.documents[0][:sentences]])
        order = np.random.default_rng(seed).permutation(len(self.documents))
        chosen: list[tuple[str, ...]] = []
        count = 0
        for place in order:
            if count >= sentences:
                break
            chosen.append(self.documents[place])
            count += len(self.documents[place])
        return _text(self.title, chosen)


def load_text(block: TextBlock, data: Data) -> Text:
    """Read the text a block names; `data` is the run's own. Raises BadInput as load_data does."""
    if isinstance(block, DataText):
        if data.unlabelled:
            title = f"Unlabelled sentences of {data.title}"
            return _text(title, [(sentence,) for sentence in data.unlabelled])
        train = data.splits["train"]
        return _text(
            f"Training sentences of {data.title}",
            [(text,) for column in train.texts for text in column],
        )
    if isinstance(block, BundledText):
        about = next((one for one in bundled_sets() if one.name == block.name), None)
        lines = bundled_text(block.name)
        title = about.title if about else block.name
        if about is not None and about.kind == "classification":
            return _text(title, [(line,) for line in lines])
        return _text(title, documents_of(lines))
    if isinstance(block, FileText):
        lines = read_lines(block.path, "text.path")
        name = re.split(r"[\\/]", block.path)[-1]
        return _text(name, documents_of(lines))
    return _text(block.id, documents_of(read_hub_text(block)))


def documents_of(lines: Iterable[str]) -> list[tuple[str, ...]]:
    """Lines as documents: an empty line or a heading ("= Title =") ends one; lines are cut after
    full stops.
    """
    found: list[tuple[str, ...]] = []
    current: list[str] = []
    for raw in lines:
        line = raw.strip()
        if line and not _HEADING.fullmatch(line):
            current += [part for part in _ENDS.split(line) if part]
        elif current:
            found.append(tuple(current))
            current = []
    return [*found, tuple(current)] if current else found


def described(text: Text) -> str:
    """What the text is, for the log: "WikiText-2: 71,234 sentences in 17,000 documents"."""
    sentences = sum(map(len, text.documents))
    if sentences == len(text.documents):
        return f"{text.title}: {sentences:,} sentences"
    return f"{text.title}: {sentences:,} sentences in {len(text.documents):,} documents"


def _text(title: str, documents: Sequence[tuple[str, ...]]) -> Text:
    if not documents:
        raise BadInput(f"{title} holds no text; choose another.", "text")
    marked = [part for document in documents for part in (*document, "")]
    return Text(title, tuple(documents), texts_fingerprint(marked))
