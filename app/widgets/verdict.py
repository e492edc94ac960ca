"""The lines around the answers: how many models differ from their teacher, and what was timed."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QWidget

from app import icons
from app.theme import theme
from app.widgets.label import text


class Verdict(QWidget):
    """An icon, a sentence, and the choice to see differing answers first."""

    def __init__(self) -> None:
        super().__init__()
        self.words = text("heading", "", elide=True)
        self.differing = QCheckBox("Differing first")
        self._icon = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._icon)
        row.addWidget(self.words, 1)
        row.addWidget(self.differing)

    def ask(self) -> None:
        """Some answers are still missing."""
        self.words.set_text("Asking…")
        self._icon.clear()

    def tell(self, differing: int, told: int) -> None:
        """`differing` of the `told` compressed models that stand beside a teacher's answer."""
        words, icon, tone = _verdict(differing, told)
        self.words.set_text(words)
        self._icon.setPixmap(icons.pixmap(icon, 18, tone))


def _verdict(differing: int, told: int) -> tuple[str, str, str]:
    """The sentence, its icon and its colour."""
    models = "compressed model" if told == 1 else "compressed models"
    if told == 0:
        return "No compressed model has a teacher's answer to stand beside", "info", "text2"
    if differing:
        gives = "gives" if differing == 1 else "give"
        words = f"{differing} of {told} {models} {gives} another answer than the teacher"
        return words, "differs", "warn"
    if told == 1:
        return "The compressed model gives the teacher's answer", "same", "good"
    return f"All {told} {models} give the teacher's answer", "same", "good"


class Footnote(QWidget):
    """How the times were measured; `busy` warns where they are higher than usual."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.busy = text("small", "", "warn")
        self._icon = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._icon)
        row.addWidget(text("small", words, "text3"))
        row.addWidget(self.busy)
        row.addStretch()
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        self._icon.setPixmap(icons.pixmap("info", 15, "text3"))
