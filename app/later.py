"""Work that must not hold up the window: one function in a thread, its answer in the GUI thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from engine.errors import BadInput


class Later(QObject):
    """Calls `work()` in a thread, then `done(answer)` or `failed(sentence)` in this one.

    The caller keeps the object until then: one that Python drops early would be destroyed in
    the thread. `cancel` forgets the answer. The thread is a daemon: a slow download never holds up the end
    of the program.
    """

    _ended = Signal(object, str)

    def __init__(
        self,
        parent: QObject,
        work: Callable[[], Any],
        done: Callable[[Any], object],
        failed: Callable[[str], object],
    ) -> None:
        super().__init__(parent)
        self._work, self._done, self._failed = work, done, failed
        self._wanted = True
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        threading.Thread(target=self._run, daemon=True, name="later").start()

    def cancel(self) -> None:
        """Forget the answer; the thread ends by itself."""
        self._wanted = False

    def _run(self) -> None:
        answer, sentence = None, ""
        try:
            answer = self._work()
        except BadInput as error:
            sentence = str(error)
        except Exception as error:  # the thread's border: a person gets a sentence, never nothing
            first = (str(error).splitlines() or [""])[0][:200]
            sentence = f"This could not be read ({type(error).__name__}: {first})."
        with contextlib.suppress(RuntimeError):  # the window is gone
            self._ended.emit(answer, sentence)

    def _deliver(self, answer: object, sentence: str) -> None:
        if self._wanted:
            if sentence:
                self._failed(sentence)
            else:
                self._done(answer)
        self.deleteLater()
