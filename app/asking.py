"""Ask exported models about one sentence in a thread of its own: answers, then times back to back."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, Qt, QThread, Signal, Slot

from engine.errors import BadInput
from engine.history import History
from engine.records import RunRecord
from engine.retiming import teacher_package_folder

if TYPE_CHECKING:
    from engine.package import Package

WARM_UP, REPEATS = 3, 20
MOST_OPEN = 8
LONGEST = 20_000  # characters of a sentence; models cut at 512 pieces, far below


@dataclass(frozen=True, eq=False)
class Candidate:
    """A model one can ask: a run's package, or the teacher it was compared with.

    `folder` is None when there is no package, and `why` then says so in one sentence.
    """

    id: str
    name: str
    method: str
    family: str
    folder: Path | None
    bytes: float | None
    why: str = ""
    teacher: str = ""  # the id of the candidate it was compared with

    @property
    def is_teacher(self) -> bool:
        """Whether other answers are compared with this one's."""
        return self.family == "teacher"


@dataclass(frozen=True, eq=False)
class Answer:
    """What one model said. `probabilities` float [classes] or None with `error`; times in ms."""

    id: str
    labels: tuple[str, ...] = ()
    probabilities: np.ndarray | None = None
    latency: float | None = None
    error: str = ""

    @property
    def label(self) -> str:
        """The likeliest answer."""
        if self.probabilities is None:
            return ""
        return self.labels[int(np.argmax(self.probabilities))]


@dataclass(frozen=True)
class Question:
    """What to ask of whom; `number` tells questions apart."""

    number: int
    texts: tuple[str, ...]
    candidates: tuple[Candidate, ...]


def candidates(history: History, records: list[RunRecord]) -> list[Candidate]:
    """The teachers of these finished runs, each once, then the runs themselves."""
    teachers: dict[str, Candidate] = {}
    students: list[Candidate] = []
    for record in records:
        teacher, key = record.teacher, ""
        if teacher:
            key = f"teacher:{teacher.get('fingerprint') or teacher.get('name') or ''}"
            if key not in teachers or teachers[key].folder is None:
                teachers[key] = _teacher(history, key, record)
        missing = "" if record.package else "This run has no exported model; run it again."
        students.append(
            Candidate(record.id, record.name, record.method, record.family, record.package,
                      record.bytes, missing, key)
        )  # fmt: skip
    return [*teachers.values(), *students]


def _teacher(history: History, key: str, record: RunRecord) -> Candidate:
    teacher = record.teacher
    name = str(teacher.get("title") or teacher.get("name") or "Teacher")
    folder = teacher_package_folder(history.path, teacher.get("package"))
    size = teacher.get("bytes")
    return Candidate(
        key, name, "teacher", "teacher", folder,
        float(size) if isinstance(size, int | float) else None,
        "" if folder else f"The exported file of {name} is not on this computer any more.",
    )  # fmt: skip


class _Models:
    """The packages used last, opened once each."""

    def __init__(self) -> None:
        self._open: OrderedDict[Path, Package] = OrderedDict()

    def get(self, folder: Path) -> Package:
        """The package in `folder`; the one used longest ago makes room."""
        from engine.package import Package

        if folder not in self._open:
            self._open[folder] = Package.open(folder)
        self._open.move_to_end(folder)
        while len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)[1].close()
        return self._open[folder]

    def close(self) -> None:
        """Let go of all of them."""
        while self._open:
            self._open.popitem()[1].close()


@dataclass
class _Ready:
    """A model that has answered and now waits to be timed."""

    answer: Answer
    package: Package
    feeds: dict[str, np.ndarray]
    times: list[float] = field(default_factory=list)


class _Work(QObject):
    """Lives in the thread. `answered` comes once per model, and again with its time."""

    answered = Signal(int, object)
    finished = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.wanted = 0  # the newest question; older ones stop as soon as they see it
        self.stopping = threading.Event()
        self._models = _Models()

    @Slot(object)
    def ask(self, question: Question) -> None:
        """Answer one question, unless a newer one has come."""
        every = question.candidates
        for start in range(0, len(every), MOST_OPEN):  # more are never open at once
            ready = []
            for candidate in every[start : start + MOST_OPEN]:
                if self._gone(question):
                    return
                found = self._answer(candidate, question.texts)
                told = found if isinstance(found, Answer) else found.answer
                self.answered.emit(question.number, told)
                if isinstance(found, _Ready):
                    ready.append(found)
            self._time(question, ready)
        if not self._gone(question):
            self.finished.emit(question.number)

    @Slot()
    def warm(self) -> None:
        """Import what every answer needs."""
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import tokenizers  # noqa: F401

    def close(self) -> None:
        """Let go of every model."""
        self._models.close()

    def _gone(self, question: Question) -> bool:
        return self.stopping.is_set() or question.number != self.wanted

    def _answer(self, candidate: Candidate, texts: tuple[str, ...]) -> Answer | _Ready:
        """A model's answer with all that timing needs, or the one sentence why there is none."""
        if candidate.folder is None:
            return Answer(candidate.id, error=candidate.why)
        try:
            package = self._models.get(candidate.folder)
            columns = tuple([one] for one in texts[: len(package.manifest.columns)])
            found = package.probabilities(columns, threads=1)[0]
            feeds = package.encode(columns).batch([0])
        except BadInput as error:
            return Answer(candidate.id, error=str(error))
        except Exception as error:  # the thread's border: a person gets a sentence, never nothing
            return Answer(
                candidate.id, error=f"This model cannot be asked ({type(error).__name__})."
            )
        return _Ready(Answer(candidate.id, package.labels, found), package, feeds)

    def _time(self, question: Question, ready: list[_Ready]) -> None:
        """Time all models in turns on this sentence, 1 thread; the median of 20 after warm-up."""
        from engine.runtime import run_session

        for turn in range(WARM_UP + REPEATS):
            for one in ready if turn % 2 else reversed(ready):
                if self._gone(question):
                    return
                session = one.package.session(1)
                start = time.perf_counter()
                run_session(session, one.feeds, one.package.folder)
                if turn >= WARM_UP:
                    one.times.append(1000 * (time.perf_counter() - start))
        for one in ready:
            middle = float(np.median(one.times))
            said = Answer(one.answer.id, one.answer.labels, one.answer.probabilities, middle)
            self.answered.emit(question.number, said)


class Asker(QObject):
    """Owns the thread. `answered(Answer)` and `finished()` are of the newest question only."""

    answered = Signal(object)
    finished = Signal()
    _asked = Signal(object)
    _warmed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._number = 0
        # Without a parent: a page that is deleted must not take a thread at work with it.
        self._thread = thread = QThread()
        self._work = work = _Work()
        self._thread.setObjectName("asker")
        self.destroyed.connect(lambda: _end_thread(thread, work))
        app = QCoreApplication.instance()
        if app is not None:
            app.aboutToQuit.connect(self.shutdown)
        self._work.moveToThread(self._thread)
        queued = Qt.ConnectionType.QueuedConnection
        self._warmed.connect(self._work.warm, queued)
        self._asked.connect(self._work.ask, queued)
        self._work.answered.connect(self._take, queued)
        self._work.finished.connect(self._end, queued)

    def warm(self) -> None:
        """Load the runtime in the thread, so that the first answer does not wait for it."""
        if not self._thread.isRunning():
            self._thread.start()
            self._warmed.emit()

    def ask(self, texts: tuple[str, ...], models: list[Candidate]) -> None:
        """Ask these models; a question that is still being answered is dropped."""
        self.warm()
        self._number += 1
        self._work.wanted = self._number
        cut = tuple(one[:LONGEST].replace("\0", " ") for one in texts)
        self._asked.emit(Question(self._number, cut, tuple(models)))

    def shutdown(self) -> None:
        """Drop what is being asked and end the thread."""
        _end_thread(self._thread, self._work)

    @Slot(int, object)
    def _take(self, number: int, answer: Answer) -> None:
        if number == self._number:
            self.answered.emit(answer)

    @Slot(int)
    def _end(self, number: int) -> None:
        if number == self._number:
            self.finished.emit()


def _end_thread(thread: QThread, work: _Work) -> None:
    """Stop asking, end the thread, and let go of the models."""
    work.stopping.set()
    with contextlib.suppress(RuntimeError):  # the interpreter is ending and Qt has gone before us
        if thread.isRunning():
            thread.quit()
            thread.wait()
    work.close()
