"""The button that times all models of the comparison together, off the window's thread."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from app.later import Later
from app.widgets import Button, plain_tip

if TYPE_CHECKING:
    from engine.records import RunRecord

WORDS = "Time together"
TIP = (
    "Measures the speed of all models in the table again, in turns, on this computer. "
    "Until then each latency is from the run's own measurement beside its teacher."
)


class Retime(Button):
    """Keeps what was timed for the session: `latencies` are medians in ms by row id."""

    timed = Signal()
    failed = Signal(str)

    def __init__(self) -> None:
        self._found: dict[str, float] = {}
        self._busy = False
        self._work: Later | None = None
        super().__init__(WORDS, icon="clock", size="small", label=WORDS, tip=TIP)

    def latencies(self, rows: Sequence[str]) -> dict[str, float]:
        """The latencies of these rows if they were all measured together, else nothing."""
        return self._found if set(rows) <= set(self._found) else {}

    def begin(self, records: Sequence[RunRecord], history: Path) -> None:
        """Time these runs and their teachers; a second press while it works does nothing."""
        if self._busy:
            return
        self._busy = True
        self.set_words("Timing…")
        self.set_enabled(False)
        self._work = Later(self, lambda: self._measure(records, history), self._done, self._failed)

    def set_enabled(self, enabled: bool, why: str = "") -> None:
        """Enable and explain, or disable and say why; it stays disabled while it works."""
        if self._busy:
            enabled, why = False, "The models are being timed; this takes some seconds."
        super().set_enabled(enabled, why)
        if enabled:
            plain_tip(self, TIP)

    def _measure(self, records: Sequence[RunRecord], history: Path) -> dict[str, float]:
        from engine.retiming import time_together

        return {row: one.median for row, one in time_together(records, history).items()}

    def _done(self, found: dict[str, float]) -> None:
        self._found = found
        self._rest()
        self.timed.emit()

    def _failed(self, sentence: str) -> None:
        self._rest()
        self.failed.emit(sentence)

    def _rest(self) -> None:
        self._busy = False
        self.set_words(WORDS)
        self.set_enabled(True)
