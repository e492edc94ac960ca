"""Fields: line, number and choice inputs that look and behave alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QSpinBox, QWidget

from app.widgets.label import cut, name

LONGEST_INPUT = 4096
Box = TypeVar("Box", bound=QAbstractSpinBox)


class _WheelGuard(QObject):
    """Lets the page scroll under a field that is not in focus instead of changing its value."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        wheel = event.type() == QEvent.Type.Wheel
        if wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def guard_wheel(field: QWidget) -> None:
    """Scrolling changes `field` only while it has the focus."""
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    field.installEventFilter(_WheelGuard(field))


def edit(label: str, value: str = "", placeholder: str = "", *, longest: int = 200) -> QLineEdit:
    """A one-line input of at most `longest` characters."""
    field = QLineEdit()
    field.setMaxLength(min(longest, LONGEST_INPUT))
    field.setText(cut(value, longest))
    field.setPlaceholderText(placeholder)
    name(field, label)
    return field


def dress_spin(box: Box, label: str) -> Box:
    """Give any spin box our margins, name and wheel behaviour."""
    inner = box.findChild(QLineEdit)
    if inner is not None:
        inner.setTextMargins(8, 0, 0, 0)
    name(box, label)
    guard_wheel(box)
    return box


def spin(label: str, value: int, low: int, high: int, *, step: int = 1, unit: str = "") -> QSpinBox:
    """A whole number with a unit behind it."""
    box = dress_spin(QSpinBox(), label)
    box.setRange(low, high)
    box.setSingleStep(step)
    box.setSuffix(f" {unit}" if unit else "")
    box.setValue(value)
    return box


def combo(label: str, items: Iterable[tuple[str, object]], value: object = None) -> QComboBox:
    """A choice of (words, data) pairs; `value` is the data chosen at first."""
    box = QComboBox()
    for words, data in items:
        box.addItem(cut(words, 200), data)
    found = box.findData(value)
    box.setCurrentIndex(max(0, found))
    name(box, label)
    guard_wheel(box)
    return box


def set_wrong(field: QWidget, wrong: bool) -> None:
    """Draw the red border of a value that cannot be used; the caption beside it says what to do."""
    if bool(field.property("wrong")) != wrong:
        field.setProperty("wrong", wrong)
        field.style().unpolish(field)
        field.style().polish(field)
