"""The method of the run being put together and its settings: edits, presets and mistakes."""

from __future__ import annotations

from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from app.slots import Slot, limit, slots_of
from app.widgets.boxes import words_of
from engine.errors import BadInput
from engine.method import Method, find_method, methods
from engine.schema import make
from engine.shape import Shape
from engine.training import Training

Preset = Literal["paper", "quick", ""]


class DraftSettings(QObject):
    """Holds a method and what a person changed in its settings; `changed` after each of them."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._slots: dict[str, list[Slot]] = {}
        self._edits: dict[tuple[str, str], Any] = {}
        self.method: Method = next(iter(methods().values()))

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
        shared = self._edits.get(self._place(where), slot.default)
        return self._edits.get(self._own(where), shared)

    def set_value(self, where: str, value: Any) -> None:
        """Change one setting; a wrong value is kept and reported by `problems`."""
        self._edits.pop(self._own(where), None)
        self._edits[self._place(where)] = value
        self.changed.emit()

    def reset(self, where: str) -> None:
        """Give a setting its paper's value, or our default where no paper names one."""
        slot = next(one for one in self.slots() if one.where == where)
        self._edits[self._own(where)] = slot.origin
        self.changed.emit()

    # --- presets ------------------------------------------------------------------------------

    def use_paper(self) -> None:
        """Give every setting of the form its paper's value, or our default."""
        for slot in self.slots():
            self._edits[self._own(slot.where)] = slot.origin
        self.changed.emit()

    def use_quick(self) -> None:
        """Take the method's settings that finish in minutes on the bundled data."""
        for where, value in self._preset("quick").items():
            self._edits[self._own(where)] = value
        self.changed.emit()

    @property
    def preset(self) -> Preset:
        """Which of the two presets the settings of method and training agree with, if any."""
        known: tuple[Preset, ...] = ("paper", "quick") if self.method.quick else ("paper",)
        for name in known:
            if all(self.value(where) == value for where, value in self._preset(name).items()):
                return name
        return ""

    @property
    def untouched(self) -> bool:
        """Whether the settings of method and training are as the form begins."""
        places = [one for one in self.slots() if "." in one.where]
        return all(self.value(one.where) == one.default for one in places)

    def quick_words(self) -> str:
        """What the quick settings are where they differ from the first ones; "" without any."""
        quick = self._preset("quick") if self.method.quick else {}
        return ", ".join(
            f"{one.setting.label} {words_of(one.setting, quick[one.where])}"
            for one in self.slots()
            if quick.get(one.where, one.default) != one.default
        )

    def _preset(self, name: Preset) -> dict[str, Any]:
        blocks = ("method.", "training.")
        slots = [one for one in self.slots() if one.where.startswith(blocks)]
        if name == "paper":
            return {one.where: one.origin for one in slots}
        given = self.method.quick.items()
        quick = {f"{block}.{key}": value for block, some in given for key, value in some.items()}
        return {one.where: quick.get(one.where, one.default) for one in slots}

    # --- what they come to --------------------------------------------------------------------

    def params(self) -> Any:
        """The method's settings, checked, or None while one of them is wrong."""
        try:
            return make(self.method.Params, self._given("method"), "method")
        except BadInput:
            return None

    def wrong_settings(self, teacher: Shape | None) -> dict[str, str]:
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
                if scope == "method" and teacher is not None:
                    self.method.check(made, teacher)
            except BadInput as error:
                found.setdefault(error.where, str(error))
        return found

    def _place(self, where: str) -> tuple[str, str]:
        scope, _, key = where.rpartition(".")
        return (f"method:{self.method.key}" if scope == "method" else scope, key)

    def _own(self, where: str) -> tuple[str, str]:
        """Where a value is kept that is meant for the present method alone, as a preset's is."""
        scope, _, key = where.rpartition(".")
        return (f"{scope}:{self.method.key}" if scope else "", key)

    def _given(self, scope: str) -> dict[str, Any]:
        """What was chosen in a block; what is meant for this method comes before what is for all."""
        return {
            key: value
            for wanted in (scope, f"{scope}:{self.method.key}")
            for (place, key), value in self._edits.items()
            if place == wanted
        }
