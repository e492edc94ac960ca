"""The run being put together: teacher, data, text, method and settings, and what is missing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.draft_settings import DraftSettings
from app.reading import Reading
from app.texts import TextLook, look_at
from engine.errors import BadInput
from engine.method import methods
from engine.pairing import without_teacher
from engine.shape import Forecast, Shape
from engine.spec import (
    DataBlock,
    DataText,
    RunSpec,
    TeacherBlock,
    TextBlock,
    default_name,
    make_spec,
)
from engine.teacher import TeacherInfo, inspect_teacher

if TYPE_CHECKING:
    from engine.data import Data

OWN_TEXT = DataText(source="data")


class Draft(DraftSettings):
    """Holds the choices; `changed` after each of them.

    Teacher, data and text are read in threads; until then `teacher`, `data` and `text` are None,
    and the sentence in `teacher_problem` and its like says why they stay so. The text is read
    only for a method that reads one. `baseline`: whether the same student is to be trained
    without its teacher afterwards.
    """

    def __init__(self, packages: Callable[[], Mapping[str, Path]], parent: QObject) -> None:
        super().__init__(parent)
        self._packages = packages
        self._teacher = Reading(self, self.changed.emit)
        self._data = Reading(self, self.changed.emit)
        self._text = Reading(self, self.changed.emit)
        self._text_read: tuple[TextBlock, str] | None = None
        self.clear()
        self.changed.connect(self._follow_text)

    def clear(self) -> None:
        """Begin an empty run with the first method."""
        self.name = ""  # empty: automatic
        self.baseline = False
        self._edits = {}
        self.method = next(iter(methods().values()))
        self._teacher.forget()
        self._data.forget()
        self.text_block: TextBlock = OWN_TEXT
        self.changed.emit()

    # --- teacher and data ---------------------------------------------------------------------

    def choose_teacher(self, block: TeacherBlock) -> None:
        """Take a teacher; it is inspected, and its fingerprint worked out, in a thread."""
        packages = dict(self._packages())

        def inspect() -> TeacherInfo:
            info = inspect_teacher(block, packages)
            _ = info.fingerprint  # reads all weights, so it must happen here
            return info

        self._teacher.choose(block, inspect)

    def choose_data(self, block: DataBlock) -> None:
        """Take a data set; it is read in a thread."""
        seed = self.value("seed")

        def read() -> Data:
            from engine.data import load_data

            return load_data(block, seed)

        self._data.choose(block, read)

    @property
    def busy(self) -> bool:
        """True while teacher, data or text are being read."""
        return self._teacher.busy or self._data.busy or self._text.busy

    @property
    def teacher_block(self) -> TeacherBlock | None:
        """The teacher chosen."""
        block: TeacherBlock | None = self._teacher.block
        return block

    @property
    def teacher(self) -> TeacherInfo | None:
        """The teacher, once it has been inspected."""
        info: TeacherInfo | None = self._teacher.answer
        return info

    @property
    def teacher_problem(self) -> str:
        """Why the teacher cannot be used, or ""."""
        return self._teacher.problem

    @property
    def data_block(self) -> DataBlock | None:
        """The data chosen."""
        block: DataBlock | None = self._data.block
        return block

    @property
    def data(self) -> Data | None:
        """The data, once read."""
        data: Data | None = self._data.answer
        return data

    @property
    def data_problem(self) -> str:
        """Why the data cannot be used, or ""."""
        return self._data.problem

    # --- text ---------------------------------------------------------------------------------

    def choose_text(self, block: TextBlock) -> None:
        """Take a plain text; it is read in a thread."""
        self.text_block = block
        self.changed.emit()

    @property
    def reads_text(self) -> bool:
        """Whether the method with these settings reads a plain text."""
        params = self.params()
        return params is not None and self.method.reads_text(params)

    @property
    def text(self) -> TextLook | None:
        """What the text is, once read."""
        look: TextLook | None = self._text.answer
        return look

    @property
    def text_problem(self) -> str:
        """Why the text cannot be used, or ""."""
        return self._text.problem if self.reads_text else ""

    def _follow_text(self) -> None:
        """Read the text once it is wanted, and again when it, or the data it lies in, is another."""
        own = isinstance(self.text_block, DataText)
        if not self.reads_text or (own and self.data is None):
            return
        wanted = (self.text_block, self.data.fingerprint if own and self.data else "")
        if wanted != self._text_read:
            self._text_read = wanted
            block, data = self.text_block, self.data
            self._text.choose(block, lambda: look_at(block, data))

    # --- what it comes to ---------------------------------------------------------------------

    def problems(self) -> dict[str, str]:
        """What is wrong, by the place of the setting; empty when all settings can be used."""
        return self.wrong_settings(self.teacher.shape if self.teacher else None)

    def forecast(self) -> tuple[Shape, Forecast] | None:
        """The teacher's shape for the data's answers, and what will become of it, once known."""
        if self.teacher is None or self.problems():
            return None
        labels = len(self.data.labels) if self.data else self.teacher.shape.labels
        shape = self.teacher.shape.resized(labels=labels)
        return shape, self.method.forecast(self.params(), shape)

    def missing(self) -> str:
        """What has to be done before the run can start, as the words of a button; or ""."""
        if self.teacher_block is None or self.teacher_problem:
            return "Choose a teacher"
        if self.data_block is None or self.data_problem:
            return "Choose data"
        if self.text_problem:
            return "Choose text"
        count = len(self.problems())
        if count:
            return f"Mend {count} setting{'' if count == 1 else 's'}"
        return "Reading…" if self.busy else ""

    def automatic_name(self) -> str:
        """The name the run gets unless one is typed; "" while too little is chosen."""
        with contextlib.suppress(BadInput):
            spec = self.plain_spec()
            layers = self._given("method").get("layers", spec.method.get("layers"))
            return default_name(
                spec.model_copy(update={"method": spec.method | {"layers": layers}})
            )
        return ""

    def spec(self) -> RunSpec:
        """The run as it would start; BadInput while something is missing or wrong."""
        problems = self.problems()
        if problems:
            where, sentence = next(iter(problems.items()))
            label = next((s.setting.label for s in self.slots() if s.where == where), where)
            raise BadInput(f"{label}: {sentence}", where)
        return make_spec(self._values())

    @property
    def has_baseline(self) -> bool:
        """Whether there is a teacher that the student could do without, as the settings stand."""
        params = self.params()
        if self.method.alone is None or params is None:
            return False
        changes = self.method.alone(params)
        return any(getattr(params, key) != value for key, value in changes.items())

    def baseline_spec(self) -> RunSpec | None:
        """The same student without its teacher, if it is wanted too; BadInput like `spec`."""
        return without_teacher(self.spec()) if self.baseline and self.has_baseline else None

    def set_baseline(self, wanted: bool) -> None:
        """Train the same student without its teacher afterwards, or do not."""
        self.baseline = wanted
        self.changed.emit()

    def plain_spec(self) -> RunSpec:
        """Teacher and data with the method's own defaults, whatever the form says."""
        chosen = self._values()
        return make_spec(
            {key: chosen[key] for key in ("teacher", "data")} | {"method": {"key": self.method.key}}
        )

    def _values(self) -> dict[str, Any]:
        if self.teacher_block is None:
            raise BadInput("The run has no teacher; choose one.", "teacher")
        if self.data_block is None:
            raise BadInput("The run has no data; choose some.", "data")
        text = self.text_block if self.reads_text else OWN_TEXT
        return {
            "name": self.name.strip(),
            "teacher": self.teacher_block.model_dump(mode="json"),
            "data": self.data_block.model_dump(mode="json"),
            "method": {"key": self.method.key, **self._given("method")},
            "training": self._given("training"),
            "text": text.model_dump(mode="json"),
            **self._given(""),
        }

    def load(self, spec: RunSpec) -> None:
        """Take over a whole run; teacher, data and text are read again."""
        self.method = spec.descriptor
        self._edits = {}
        for key, value in spec.method.items():
            if key != "key":
                self._edits[f"method:{self.method.key}", key] = value
        for key, value in spec.training.model_dump(mode="json").items():
            self._edits[f"training:{self.method.key}", key] = value
        self._edits["", "seed"], self._edits["", "device"] = spec.seed, spec.device
        self.name = "" if spec.name == default_name(spec) else spec.name
        self.text_block, self._text_read = spec.text, None
        self.baseline = False
        self.choose_teacher(spec.teacher)
        self.choose_data(spec.data)
