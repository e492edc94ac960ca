"""One input for each kind of setting; all show a value and tell what a person makes of it."""

from __future__ import annotations

import math
import re
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSpinBox, QWidget

from app.widgets.field import dress_spin, guard_wheel
from app.widgets.file_box import FileBox
from app.widgets.label import name
from app.widgets.switch import Switch
from engine import wording
from engine.schema import Setting

AUTOMATIC, NO_FILE = "automatic", "no file"
_SHORT = {"sop": "SOP", "nsp": "NSP", "gelu": "GELU", "gelu new": "GELU, new", "relu": "ReLU"}
WIDEST = 1e12  # the engine names the true limits, under the field
_TYPED = re.compile(r"[+-]?\d{0,15}\.?\d{0,15}([eE][+-]?\d{0,3})?")


def words_of(setting: Setting, value: Any) -> str:
    """A setting's value as a person reads it: "20 epochs", "on", "Skip", "automatic"."""
    if setting.kind == "file":
        return PurePath(value).name if value else NO_FILE
    if value is None:
        return AUTOMATIC
    if setting.kind == "switch":
        return "on" if value else "off"
    if setting.kind == "choice":
        return option_words(str(value))
    small = setting.scientific and 0 < abs(value) < 0.01
    figures = wording.scientific(value) if small else f"{value:.10g}"
    unit = _unit(setting.unit, value)
    return f"{figures}\N{NO-BREAK SPACE}{unit}" if unit else figures


def option_words(option: str) -> str:
    """The words of an option: "first_layers" reads "First layers", and "sop" "SOP"."""
    plain = option.replace("_", " ")
    if plain in _SHORT:
        return _SHORT[plain]
    return plain if any(one.isdigit() for one in plain) else plain[:1].upper() + plain[1:]


def _unit(unit: str, value: Any) -> str:
    """ "layer" for one of "layers"."""
    return unit[:-1] if value == 1 and unit.endswith("s") else unit


class WholeBox(QSpinBox):
    """A whole number; one below the smallest is "automatic" where the setting allows that."""

    edited = Signal(object)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._setting = setting
        dress_spin(self, setting.label)
        low = int(setting.low or 0)
        self.setRange(low - 1 if setting.optional else low, int(setting.high or 2**31 - 1))
        if setting.optional:
            self.setSpecialValueText(AUTOMATIC)
        self.setSingleStep(int(setting.step or 1))
        self.valueChanged.connect(self._tell)

    def shown(self) -> int | None:
        """The value shown; None for automatic."""
        value = self.value()
        return None if self._setting.optional and value == self.minimum() else value

    def show_value(self, value: Any) -> None:
        """Show a value without telling."""
        if self.shown() != value or not self.suffix():
            self.blockSignals(True)
            self.setValue(self.minimum() if value is None else int(value))
            self.blockSignals(False)
            self._name_unit()

    def _tell(self) -> None:
        self._name_unit()
        self.edited.emit(self.shown())

    def _name_unit(self) -> None:
        unit = _unit(self._setting.unit, self.value())
        suffix = f"\N{NO-BREAK SPACE}{unit}" if unit else ""
        if suffix != self.suffix():
            self.setSuffix(suffix)


class NumberBox(QDoubleSpinBox):
    """A real number; learning rates and the like are shown as 5e-5 and step 1, 2, 5."""

    edited = Signal(object)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._setting = setting
        self._step = float(setting.step or 0.1)
        dress_spin(self, setting.label)
        self.setDecimals(15)
        low = float(setting.low or 0.0)
        self.setRange(low - self._step if setting.optional else min(low, 0.0), WIDEST)
        if setting.optional:
            self.setSpecialValueText(AUTOMATIC)
        self.setSingleStep(self._step)
        if setting.unit:
            self.setSuffix(f"\N{NO-BREAK SPACE}{setting.unit}")
        self.valueChanged.connect(lambda value: self.edited.emit(self.shown()))

    def shown(self) -> float | None:
        """The value shown; None for automatic."""
        value = self.value()
        return None if self._setting.optional and value == self.minimum() else value

    def show_value(self, value: Any) -> None:
        """Show a value without telling."""
        if self.shown() != value:
            self.blockSignals(True)
            self.setValue(self.minimum() if value is None else float(value))
            self.blockSignals(False)

    def textFromValue(self, value: float) -> str:
        scientific = self._setting.scientific and 0 < abs(value) < 0.01
        return wording.scientific(value) if scientific else f"{value:.10g}"

    def valueFromText(self, text: str) -> float:
        try:
            return float(self._figures(text))
        except ValueError:
            return self.value()

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        figures = self._figures(text)
        if text == AUTOMATIC and self._setting.optional:
            state = QValidator.State.Acceptable
        elif not _TYPED.fullmatch(figures):
            state = QValidator.State.Invalid
        else:
            state = QValidator.State.Intermediate
            try:
                if math.isfinite(float(figures)) and float(figures) >= self.minimum():
                    state = QValidator.State.Acceptable
            except ValueError:
                pass
        return state, text, place

    def stepBy(self, steps: int) -> None:
        if not self._setting.scientific:
            rounded = round(self.value() + steps * self._step, 10)
            high = self._setting.high if self._setting.high is not None else WIDEST
            automatic = self._setting.optional and self.value() == self.minimum()
            low = self._setting.low or 0.0
            below = self.minimum() if self._setting.optional else low
            value = low if automatic and steps > 0 else rounded
            self.setValue(min(max(value, below), high))
            return
        value = self.value()
        for _ in range(abs(steps)):
            value = neighbour(value, up=steps > 0)
        low, high = self._setting.low or 1e-12, self._setting.high or WIDEST
        self.setValue(min(max(value, low), high))

    def _figures(self, text: str) -> str:
        return text.removesuffix(self.suffix()).strip() if self.suffix() else text.strip()


def neighbour(value: float, *, up: bool) -> float:
    """The next of ... 1e-5, 2e-5, 5e-5, 1e-4 ... above or below a positive value."""
    exponent = math.floor(math.log10(value)) if value > 0 else -8
    powers = range(exponent - 1, exponent + 2)
    rungs = [lead * 10.0**power for power in powers for lead in (1, 2, 5)]
    slack = 1e-9 * max(value, 1e-12)
    if up:
        return float(f"{next(one for one in rungs if one > value + slack):.3g}")
    return float(f"{next(one for one in reversed(rungs) if one < value - slack):.3g}")


class OptionBox(QComboBox):
    """One of a few named options."""

    edited = Signal(object)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        for option in setting.options:
            self.addItem(option_words(option), option)
        name(self, setting.label)
        guard_wheel(self)
        self.activated.connect(lambda index: self.edited.emit(self.shown()))
        self.currentIndexChanged.connect(lambda index: self.edited.emit(self.shown()))

    def shown(self) -> str:
        """The option shown."""
        return str(self.currentData())

    def show_value(self, value: Any) -> None:
        """Show a value without telling."""
        self.blockSignals(True)
        self.setCurrentIndex(max(0, self.findData(value)))
        self.blockSignals(False)


class SwitchBox(Switch):
    """On or off."""

    edited = Signal(object)

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting.label)
        self.toggled.connect(lambda on: self.edited.emit(on))

    def shown(self) -> bool:
        """The state shown."""
        return self.isChecked()

    def show_value(self, value: Any) -> None:
        """Show a value without telling."""
        self.blockSignals(True)
        self.setChecked(bool(value))
        self.blockSignals(False)
        self.update()


Box = WholeBox | NumberBox | OptionBox | SwitchBox | FileBox
_BOXES: dict[str, type[QWidget]] = {
    "whole": WholeBox, "number": NumberBox, "choice": OptionBox, "switch": SwitchBox,
    "file": FileBox,
}  # fmt: skip


def box_for(setting: Setting) -> Any:
    """The input for a setting: `edited(value)`, `shown()`, `show_value(value)`."""
    return _BOXES[setting.kind](setting)  # type: ignore[call-arg,arg-type]
