"""Turns any settings into a form: few first, the rest behind a button, papers and errors below."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QEasingCurve, QPointF, QPropertyAnimation, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app import icons
from app.slots import Slot
from app.theme import theme
from app.widgets.boxes import box_for, words_of
from app.widgets.button import Button
from app.widgets.card import Card
from app.widgets.field import set_wrong
from app.widgets.file_box import FileBox
from app.widgets.label import line, name, text

MOST_COLUMNS = 4
NARROWEST = 190  # scaled pixels of one field
TALLEST = 16_777_215  # Qt's own "no limit"


class Diamond(QWidget):
    """A small mark: filled for the paper's value, hollow for another one."""

    def __init__(self) -> None:
        super().__init__()
        self.filled = True
        theme().follow(self._restyle)

    def set_filled(self, filled: bool) -> None:
        """Fill it or leave it hollow."""
        self.filled = filled
        self.update()

    def _restyle(self) -> None:
        self.setFixedSize(QSize(theme().px(10), theme().px(26)))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, middle = theme(), QPointF(self.width() / 2, self.height() / 2)
        reach = look.px(4)
        colour = look.colour("accent" if self.filled else "text3")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1))
        painter.setBrush(colour if self.filled else Qt.BrushStyle.NoBrush)
        points = ((0, -reach), (reach, 0), (0, reach), (-reach, 0))
        painter.drawPolygon(QPolygonF([middle + QPointF(x, y) for x, y in points]))


class Field(QWidget):
    """A setting: label, input, and a caption that names the paper's value or the mistake."""

    edited = Signal(str, object)
    reset = Signal(str)

    def __init__(self, slot: Slot) -> None:
        super().__init__()
        self.slot = slot
        self.box = box_for(slot.setting)
        self._input = self.box.field if isinstance(self.box, FileBox) else self.box
        self.box.edited.connect(lambda value: self.edited.emit(slot.where, value))
        self.caption = text("small", "", "text3", wrap=True)
        self.diamond = Diamond()
        self.undo = Button("Reset", "link", size="small", label=f"Reset {slot.setting.label}")
        self.undo.clicked.connect(lambda: self.reset.emit(slot.where))
        self._info = QLabel()
        self._build()
        self._explain()
        theme().follow(self._restyle)

    def _build(self) -> None:
        self._top, self._bottom = QHBoxLayout(), QHBoxLayout()
        self._top.addWidget(text("label", self.slot.setting.label))
        self._top.addWidget(self._info)
        self._top.addStretch()
        top = Qt.AlignmentFlag.AlignTop
        self._bottom.addWidget(self.diamond, 0, top)
        self._bottom.addWidget(self.caption, 1, top)
        self._bottom.addWidget(self.undo, 0, top)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._top)
        self._column.addWidget(self.box)
        self._column.addLayout(self._bottom)
        self._column.addStretch()

    def _explain(self) -> None:
        setting = self.slot.setting
        term = f" ({setting.term})" if setting.term else ""
        source = setting.source if self.slot.paper is not None else "Our default"
        plain = f"{setting.help} Source: {source}."
        escaped = [html.escape(words) for words in (setting.label, term, plain)]
        rich = "<qt><b>{}</b>{}<br>{}</qt>".format(*escaped)
        for one in (self._input, self._info):
            one.setToolTip(rich)
        self.box.setWhatsThis(f"{setting.label}{term}. {plain}")
        self._input.setAccessibleDescription(plain)

    def show_state(self, value: Any, problem: str) -> None:
        """Show a value, whose it is, and what is wrong with it if anything."""
        slot = self.slot
        self.box.show_value(value)
        set_wrong(self._input, bool(problem))
        same = value == slot.origin
        of_paper = slot.paper is not None
        whose = "Paper" if of_paper else "Our default"
        if same:
            words = "Paper default" if of_paper else "Our default"
        else:
            words = f"{whose}: {words_of(slot.setting, slot.origin)}"
        self.caption.set_text(problem or words)
        self.caption.set_tone("bad" if problem else "text3")
        self.diamond.set_filled(same)
        self.diamond.setVisible(not problem and (of_paper or not same))
        self.undo.setVisible(not same)
        name(self._input, f"{slot.setting.label}, {problem}" if problem else slot.setting.label)

    def _restyle(self) -> None:
        look = theme()
        self._info.setPixmap(icons.pixmap("info", 14, "text3"))
        self._top.setSpacing(look.px(6))
        self._bottom.setSpacing(look.px(4))
        self._column.setSpacing(look.px(3))
        self.caption.setMinimumHeight(look.px(26))
        self.box.setFixedHeight(look.px(32))


class Grid(QWidget):
    """Fields side by side, as many as fit, four at most."""

    def __init__(self) -> None:
        super().__init__()
        self._fields: list[Field] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        theme().follow(self._restyle)

    def set_fields(self, fields: list[Field]) -> None:
        """Take the place of the fields shown so far."""
        for old in self._fields:
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._fields, self._columns = fields, 0
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _restyle(self) -> None:
        px = theme().px
        self._grid.setContentsMargins(px(16), px(12), px(16), px(8))
        self._grid.setHorizontalSpacing(px(16))
        self._grid.setVerticalSpacing(px(5))
        self._columns = 0
        self._arrange()

    def _arrange(self) -> None:
        room = self.width() - theme().px(16)
        columns = max(1, min(MOST_COLUMNS, room // theme().px(NARROWEST + 16)))
        if columns == self._columns:
            return
        self._columns = columns
        for number, field in enumerate(self._fields):
            self._grid.removeWidget(field)
            self._grid.addWidget(field, number // columns, number % columns)
        for column in range(MOST_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)


class SettingsForm(Card):
    """The fields of all slots. `edited(where, value)` and `reset(where)` tell what was done."""

    edited = Signal(str, object)
    reset = Signal(str)

    def __init__(self) -> None:
        super().__init__(margin=0, gap=0)
        self.fields: dict[str, Field] = {}
        self._slots: list[Slot] = []
        self.basic, self.rest = Grid(), Grid()
        self.rest.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.rest.hide()
        self.more = Button("Show advanced", "link", "chevron-right")
        self.more.clicked.connect(self.toggle_advanced)
        self.more.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 7, 16, 7)
        self._count = text("body", "", "text3")
        foot.addWidget(self.more)
        foot.addWidget(self._count)
        foot.addStretch()
        for one in (self.basic, self.rest, line()):
            self.body.addWidget(one)
        self.body.addLayout(foot)
        self._motion = QPropertyAnimation(self.rest, b"maximumHeight", self)
        self._motion.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._motion.finished.connect(self._moved)

    @property
    def advanced(self) -> bool:
        """True while the advanced settings are shown."""
        return not self.rest.isHidden()

    def show_slots(
        self, slots: list[Slot], value: Callable[[str], Any], problems: Mapping[str, str]
    ) -> None:
        """Show these settings; fields are made anew only when the settings are others."""
        if slots != self._slots:
            self._slots = slots
            self._make()
        for where, field in self.fields.items():
            field.show_state(value(where), problems.get(where, ""))
        hidden = [slot.where for slot in slots if not slot.setting.basic]
        if not self.advanced and any(where in problems for where in hidden):
            self.toggle_advanced()

    def toggle_advanced(self) -> None:
        """Show or hide the rest."""
        opening = not self.advanced
        self._motion.stop()
        self.rest.show()
        height = self.rest.sizeHint().height()
        self._motion.setStartValue(0 if opening else height)
        self._motion.setEndValue(height if opening else 0)
        self._motion.setDuration(theme().duration(120))
        self._opening = opening
        self._say_more(opening)
        if theme().duration(120) and self.isVisible():
            self._motion.start()
        else:
            self._moved()

    def reset_focused(self) -> bool:
        """Reset the field in focus; False when there is none."""
        focus = QApplication.focusWidget()
        for where, field in self.fields.items():
            if focus is not None and (field.box is focus or field.box.isAncestorOf(focus)):
                self.reset.emit(where)
                return True
        return False

    def _moved(self) -> None:
        self.rest.setMaximumHeight(TALLEST)
        self.rest.setVisible(self._opening)

    def _say_more(self, open_: bool) -> None:
        self.more.set_words("Hide advanced" if open_ else "Show advanced")
        self.more.set_icon("chevron-down" if open_ else "chevron-right")

    def _make(self) -> None:
        made = [Field(slot) for slot in self._slots]
        for field in made:
            field.edited.connect(self.edited)
            field.reset.connect(self.reset)
        self.fields = {field.slot.where: field for field in made}
        self.basic.set_fields([one for one in made if one.slot.setting.basic])
        rest = [one for one in made if not one.slot.setting.basic]
        self.rest.set_fields(rest)
        self._count.set_text(f"({len(rest)} more)")
