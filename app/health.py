"""Is the teacher worth learning from? Asked once for each teacher and data, and remembered."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.context import Context
from app.draft import Draft
from engine import wording
from engine.errors import BadInput

DELAY = 400  # milliseconds; choices made one after the other are checked once


class Health(QObject):
    """Watches a draft; `result` is what is known of its teacher on its data.

    A check never competes with a run: it waits until none is at work.
    """

    changed = Signal()

    def __init__(self, context: Context, draft: Draft) -> None:
        super().__init__(draft)
        self._context, self._draft = context, draft
        self._pair: tuple[str, str] | None = None
        self._asked: tuple[str, str] | None = None
        self._connected = False
        self.result: dict[str, Any] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY)
        self._timer.timeout.connect(self._ask)
        draft.changed.connect(self._look)
        context.runs_changed.connect(self._again)

    @property
    def checking(self) -> bool:
        """True while a child process answers."""
        return self._asked is not None

    @property
    def accuracy(self) -> float | None:
        """The share of right answers, if it was measured."""
        value = self.result.get("accuracy")
        return float(value) if isinstance(value, int | float) else None

    @property
    def unfit(self) -> str:
        """Why the present method cannot learn from this teacher, or ""."""
        if not self._draft.method.needs_teacher_answers or self._draft.teacher is None:
            return ""
        if not self._draft.teacher.has_head:
            return f'"{self._draft.teacher.title}" has not been trained to answer anything yet.'
        if not self.result.get("untrained"):
            return ""
        share, majority = self.accuracy, self.result.get("majority")
        if share is None or not isinstance(majority, int | float):
            return "This teacher was not trained for these answers."
        label = " ".join(str(self.result.get("majority_label", ""))[:60].split())
        return (
            f"This teacher is no better than guessing: {wording.percent(share)} right, always "
            f'answering "{label}" gives {wording.percent(float(majority))}.'
        )

    def give_way(self) -> None:
        """Stop asking, because a run is about to start; it is asked again afterwards."""
        if self._asked is not None:
            self._asked = None
            self._context.runner.cancel_check()
            self.changed.emit()

    def _look(self) -> None:
        """The draft has changed: look in the history, else ask soon."""
        teacher, data = self._draft.teacher, self._draft.data
        pair = (teacher.fingerprint, data.fingerprint) if teacher and data else None
        if pair == self._pair:
            return
        self._pair, self.result = pair, {}
        self._timer.stop()
        if self._asked is not None:
            self.give_way()
        if pair is not None:
            self._again()

    def _again(self) -> None:
        if self._pair is None or self.result or self._asked or not self._context.ready:
            return
        try:
            self.result = self._context.history.saved_check(*self._pair) or {}
        except BadInput:
            self.result = {}
        if self.result:
            self.changed.emit()
        elif self._draft.teacher is not None and self._draft.teacher.has_head:
            self._timer.start()

    def _ask(self) -> None:
        if self._pair is None or self.result or self._context.active() is not None:
            return
        draft = self._draft
        try:
            spec = draft.plain_spec()
            runner = self._context.runner
        except BadInput:
            return
        if not self._connected:
            runner.checked.connect(self._answered)
            self._connected = True
        self._asked = self._pair
        self.changed.emit()
        runner.check_teacher(spec)

    def _answered(self, answer: dict[str, Any]) -> None:
        asked, self._asked = self._asked, None
        if asked is None or asked != self._pair:
            return
        self.result = answer
        self.changed.emit()
