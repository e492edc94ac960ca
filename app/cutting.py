"""How each chosen model cuts the typed sentence, where its vocabulary is not its teacher's."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.asking import Candidate
from app.clock import timer
from app.later import Later

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SOON = 150  # milliseconds after the last key
LONGEST = 1000  # characters: far more than a line can show
LARGEST = 64_000_000  # bytes of a tokenizer's file
MOST = 4  # vocabularies that are shown beside the teacher's


@dataclass(frozen=True)
class Pieces:
    """One vocabulary's pieces of the sentence, as they are stored, and whose it is."""

    name: str
    pieces: tuple[str, ...]
    teacher: bool = False


class _Tokenizers:
    """The tokenizers read so far, by folder; one thread at a time."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[str, Tokenizer]] = {}
        self._lock = threading.Lock()

    def rows(self, sentence: str, pairs: Sequence[tuple[Candidate, Candidate]]) -> list[Pieces]:
        """Teacher's and students' pieces of a sentence, each vocabulary once."""
        from engine.mixing import cuts

        found: list[Pieces] = []
        shown: set[str] = set()
        with self._lock:
            for student, teacher in pairs:
                theirs, own = self._read(teacher), self._read(student)
                if theirs is None or own is None or own[0] == theirs[0]:
                    continue
                by_teacher, by_student = cuts(sentence, theirs[1], own[1])
                if theirs[0] not in shown:
                    found.insert(0, Pieces(teacher.name, tuple(by_teacher), True))
                if own[0] not in shown:
                    found.append(Pieces(student.name, tuple(by_student)))
                shown |= {theirs[0], own[0]}
        return found[: MOST + 1]

    def _read(self, one: Candidate) -> tuple[str, Tokenizer] | None:
        """A model's tokenizer and its fingerprint, None where it cannot be read."""
        from tokenizers import Tokenizer

        from engine.package import TOKENIZER

        if one.folder is None:
            return None
        path = one.folder / TOKENIZER
        if path not in self._known:
            if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
                return None
            words = path.read_text("utf-8")
            self._known[path] = (_print(words), Tokenizer.from_str(words))
        return self._known[path]


def _print(words: str) -> str:
    """Print of a tokenizer's file, equal for those that differ in the longest input alone."""
    content = json.loads(words) | {"truncation": None, "padding": None}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class Cutter(QObject):
    """`cut(rows)` follows what is typed and chosen; no rows where all models cut alike."""

    cut = Signal(list)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._tokenizers = _Tokenizers()
        self._sentence = ""
        self._pairs: tuple[tuple[Candidate, Candidate], ...] = ()
        self._work: Later | None = None
        self._soon = timer(self, SOON, self._begin, once=True)

    def ask(self, sentence: str, chosen: Sequence[Candidate], every: Sequence[Candidate]) -> None:
        """Cut this sentence soon, by these models and their teachers."""
        teachers = {one.id: one for one in every if one.is_teacher}
        pairs = [(one, teachers[one.teacher]) for one in chosen if one.teacher in teachers]
        self._sentence, self._pairs = sentence[:LONGEST].replace("\0", " "), tuple(pairs)
        self._soon.start()

    def _begin(self) -> None:
        if self._work is not None:
            self._work.cancel()
            self._work = None
        sentence, pairs = self._sentence, self._pairs
        if not sentence.strip() or not pairs:
            self.cut.emit([])
            return
        self._work = Later(
            self, lambda: self._tokenizers.rows(sentence, pairs), self._done, self._failed
        )

    def _done(self, rows: list[Pieces]) -> None:
        self._work = None
        self.cut.emit(rows)

    def _failed(self, sentence: str) -> None:
        """A vocabulary that cannot be read is told when its model is asked."""
        self._done([])
