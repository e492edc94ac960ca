"""Something chosen for a run that takes a while to read: what it is, or why it cannot be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from app.later import Later


class Reading:
    """Reads one choice in a thread; `changed()` after each step.

    Until it is read `answer` is None, and the sentence in `problem` says why it stays so.
    """

    def __init__(self, parent: QObject, changed: Callable[[], object]) -> None:
        self._parent, self._changed = parent, changed
        self._work: Later | None = None
        self.block: Any = None
        self.answer: Any = None
        self.problem = ""

    @property
    def busy(self) -> bool:
        """True while it is being read."""
        return self._work is not None

    def forget(self) -> None:
        """Nothing is chosen; an answer on its way is dropped. Nobody is told."""
        if self._work is not None:
            self._work.cancel()
        self._work = self.block = self.answer = None
        self.problem = ""

    def choose(self, block: Any, work: Callable[[], Any]) -> None:
        """Take another choice, which `work` reads in a thread."""
        self.forget()
        self.block = block
        self._work = Later(self._parent, work, self._read, self._failed)
        self._changed()

    def _read(self, answer: Any) -> None:
        self._work, self.answer = None, answer
        self._changed()

    def _failed(self, sentence: str) -> None:
        self._work, self.problem = None, sentence
        self._changed()
