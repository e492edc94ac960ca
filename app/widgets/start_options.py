"""What one may want to know or add before a run begins: quick settings, and the baseline."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QWidget

from app.theme import theme
from app.widgets.button import Button
from app.widgets.label import text
from app.widgets.switch import Switch

ALONE = "Also train the same student without a teacher"
WHY = (
    "A second run right after this one: the same student, data and settings, learning from the "
    "labels alone. Compare then shows what the teacher is worth."
)


class StartOptions(QWidget):
    """The switch for the baseline and the hint at Quick; `upright` below each other."""

    baseline = Signal(bool)
    quick = Signal()

    def __init__(self, *, upright: bool) -> None:
        super().__init__()
        self._upright = upright
        self.switch = Switch(ALONE, tip=WHY)
        self.switch.toggled.connect(self.baseline)
        self.words = text("small", ALONE, "text2", wrap=upright, elide=not upright)
        self.hint = text("small", "", "text2", wrap=upright, elide=not upright)
        self.link = Button("Use Quick", "link", size="small", label="Use the quick settings")
        self.link.clicked.connect(self.quick)
        self._alone, self._tip = QWidget(), QWidget()
        down, right = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._box = QBoxLayout(down if upright else right, self)
        self._rows = [
            self._row(self._tip, self.hint, self.link), self._row(self._alone, self.switch, self.words),
        ]  # fmt: skip
        for one in (self._tip, self._alone):
            self._box.addWidget(one)
        if not upright:
            self._box.addStretch()
        theme().follow(self._restyle)
        self.show_state(pairs=False, on=False, hint="")

    def _row(self, whole: QWidget, *parts: QWidget) -> QHBoxLayout:
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        for one in parts:
            stretch = int(self._upright and one in (self.hint, self.words))
            row.addWidget(one, stretch, Qt.AlignmentFlag.AlignVCenter)
        return row

    def show_state(self, *, pairs: bool, on: bool, hint: str) -> None:
        """Show what applies: `pairs` where there is a teacher to leave out."""
        self.switch.blockSignals(True)
        self.switch.setChecked(on)
        self.switch.blockSignals(False)
        self.switch.update()
        self._alone.setVisible(pairs)
        self.hint.set_text(hint)
        self._tip.setVisible(bool(hint))
        self.setVisible(pairs or bool(hint))

    def _restyle(self) -> None:
        px = theme().px
        self._box.setSpacing(px(2 if self._upright else 24))
        if self._upright:
            self._box.setContentsMargins(px(20), px(6), px(19), px(4))
        else:
            self._box.setContentsMargins(px(24), px(2), px(20), px(2))
        for row in self._rows:
            row.setSpacing(px(8))
