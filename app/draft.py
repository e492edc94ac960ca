"""The run being put together: teacher, data, method and settings, and what is still missing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.later import Later
from app.slots import Slot, limit, slots_of
from engine.errors import BadInput
from engine.method import Method, find_method, methods
from engine.schema import make
from engine.shape import Forecast, Shape
from engine.spec import (
    DataBlock,
    RunSpec,
    TeacherBlock,
    default_name,
    make_spec,
)
from engine.teacher import TeacherInfo, inspect_teacher
from engine.training import Training

if TYPE_CHECKING:
    from engine.data import Data


class Draft(QObject):
    """Holds the choices; `changed` after each of them.

    Teacher and data are read in a thread; until then `teacher` and `data` are None, and the
    sentence in `teacher_problem` or `data_problem` says why they stay so.
    """

    changed = Signal()

    def __init__(self, packages: Callable[[], Mapping[str, Path]], parent: QObject) -> None:
        super().__init__(parent)
        self._packages = packages
        self._slots: dict[str, list[Slot]] = {}
        self._teacher_work: Later | None = None
        self._data_work: Later | None = None
        self.name = ""  # empty: automatic
        self.clear()

    def clear(self) -> None:
        """Begin an empty run with the first method."""
        self.name = ""
        self._edits: dict[tuple[str, str], Any] = {}
        self.method: Method = next(iter(methods().values()))
        self._forget_teacher(None)
        self._forget_data(None)
        self.changed.emit()

    # --- teacher and data ---------------------------------------------------------------------

    def choose_teacher(self, block: TeacherBlock) -> None:
        """Take a teacher; it is inspected, and its fingerprint worked out, in a thread."""
        self._forget_teacher(block)
        packages = dict(self._packages())

        def inspect() -> TeacherInfo:
            info = inspect_teacher(block, packages)
            _ = info.fingerprint  # reads all weights, so it must happen here
            return info

        self._teacher_work = Later(self, inspect, self._teacher_read, self._teacher_failed)
        self.changed.emit()

    def choose_data(self, block: DataBlock) -> None:
        """Take a data set; it is read in a thread."""
        self._forget_data(block)
        seed = self.value("seed")

        def read() -> Data:
            from engine.data import load_data

            return load_data(block, seed)

        self._data_work = Later(self, read, self._data_read, self._data_failed)
        self.changed.emit()

    @property
    def busy(self) -> bool:
        """True while teacher or data are being read."""
        return self._teacher_work is not None or self._data_work is not None

    def _forget_teacher(self, block: TeacherBlock | None) -> None:
        if self._teacher_work is not None:
            self._teacher_work.cancel()
        self._teacher_work = None
        self.teacher_block: TeacherBlock | None = block
        self.teacher: TeacherInfo | None = None
        self.teacher_problem = ""

    def _forget_data(self, block: DataBlock | None) -> None:
        if self._data_work is not None:
            self._data_work.cancel()
        self._data_work = None
        self.data_block: DataBlock | None = block
        self.data: Data | None = None
        self.data_problem = ""

    def _teacher_read(self, info: TeacherInfo) -> None:
        self._teacher_work, self.teacher = None, info
        self.changed.emit()

    def _teacher_failed(self, sentence: str) -> None:
        self._teacher_work, self.teacher_problem = None, sentence
        self.changed.emit()

    def _data_read(self, data: Data) -> None:
        self._data_work, self.data = None, data
        self.changed.emit()

    def _data_failed(self, sentence: str) -> None:
        self._data_work, self.data_problem = None, sentence
        self.changed.emit()

    # --- method and settings ------------------------------------------------------------------

    def choose_method(self, key: str) -> None:
        """Take another method; its own settings are as they were left."""
        self.method = find_method(key)
        self.changed.emit()

    def slots(self) -> list[Slot]:
        """Every setting of the present method, of training and of the run, basic ones first."""
        if self.method.key not in self._slots:
            self._slots[self.method.key] = slots_of(self.method)
        return self._slots[self.method.key]

    def value(self, where: str) -> Any:
        """The present value of a setting."""
        slot = next(one for one in self.slots() if one.where == where)
        return self._edits.get(self._place(where), slot.default)

    def set_value(self, where: str, value: Any) -> None:
        """Change one setting; a wrong value is kept and reported by `problems`."""
        self._edits[self._place(where)] = value
        self.changed.emit()

    def reset(self, where: str) -> None:
        """Give a setting its paper's value, or our default where no paper names one."""
        slot = next(one for one in self.slots() if one.where == where)
        self.set_value(where, slot.origin)

    def reset_all(self) -> None:
        """Give every setting of the form its paper's value."""
        for slot in self.slots():
            self._edits[self._place(slot.where)] = slot.origin
        self.changed.emit()

    def _place(self, where: str) -> tuple[str, str]:
        scope, _, key = where.rpartition(".")
        return (f"method:{self.method.key}" if scope == "method" else scope, key)

    def _given(self, scope: str) -> dict[str, Any]:
        wanted = f"method:{self.method.key}" if scope == "method" else scope
        return {key: value for (place, key), value in self._edits.items() if place == wanted}

    # --- what it comes to ---------------------------------------------------------------------

    def problems(self) -> dict[str, str]:
        """What is wrong, by the place of the setting; empty when all settings can be used."""
        found: dict[str, str] = {}
        for slot in self.slots():
            if words := limit(slot.setting, self.value(slot.where)):
                found[slot.where] = words
        training = {**self.method.training, **self._given("training")}
        for model, values, scope in (
            (self.method.Params, self._given("method"), "method"),
            (Training, training, "training"),
        ):
            try:
                made = make(model, values, scope)
                if scope == "method" and self.teacher is not None:
                    self.method.check(made, self.teacher.shape)
            except BadInput as error:
                found.setdefault(error.where, str(error))
        return found

    def forecast(self) -> tuple[Shape, Forecast] | None:
        """The teacher's shape for the data's answers, and what will become of it, once known."""
        if self.teacher is None or self.problems():
            return None
        labels = len(self.data.labels) if self.data else self.teacher.shape.labels
        shape = self.teacher.shape.resized(labels=labels)
        params = make(self.method.Params, self._given("method"), "method")
        return shape, self.method.forecast(params, shape)

    def missing(self) -> str:
        """What has to be done before the run can start, as the words of a button; or ""."""
        if self.teacher_block is None or self.teacher_problem:
            return "Choose a teacher"
        if self.data_block is None or self.data_problem:
            return "Choose data"
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
        return {
            "name": self.name.strip(),
            "teacher": self.teacher_block.model_dump(mode="json"),
            "data": self.data_block.model_dump(mode="json"),
            "method": {"key": self.method.key, **self._given("method")},
            "training": self._given("training"),
            **self._given(""),
        }

    def load(self, spec: RunSpec) -> None:
        """Take over a whole run; teacher and data are read again."""
        self.method = spec.descriptor
        self._edits = {}
        for key, value in spec.method.items():
            if key != "key":
                self._edits[f"method:{self.method.key}", key] = value
        for key, value in spec.training.model_dump(mode="json").items():
            self._edits["training", key] = value
        self._edits["", "seed"], self._edits["", "device"] = spec.seed, spec.device
        self.name = "" if spec.name == default_name(spec) else spec.name
        self.choose_teacher(spec.teacher)
        self.choose_data(spec.data)
