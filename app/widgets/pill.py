"""Small rounded labels, and the icon, word and colour of each run state."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import icons
from app.theme import theme
from app.widgets.label import cut

_TONES = {
    "neutral": ("sunken", "text2"),
    "surface": ("surface", "accent"),
    "accent": ("accent_soft", "accent"),
    "good": ("good_soft", "good"),
    "warn": ("warn_soft", "warn"),
    "bad": ("bad_soft", "bad"),
}
_STATES = {
    "running": ("Running", "nav-runs", "accent"),
    "paused": ("Paused", "pause", "neutral"),
    "queued": ("Queued", "clock", "neutral"),
    "finished": ("Finished", "check", "good"),
    "interrupted": ("Interrupted", "warning", "warn"),
    "failed": ("Failed", "close", "bad"),
    "stopped": ("Stopped", "stop", "neutral"),
}


def state_look(status: str) -> tuple[str, str, str]:
    """The word, icon name and tone of a run state; an unknown one is shown by its own name."""
    return _STATES.get(status, (cut(status.capitalize(), 24), "info", "neutral"))


def tone_colours(tone: str) -> tuple[str, str]:
    """The colour tokens (ground, words) of a tone."""
    return _TONES[tone]


def pill_size(words: str, icon: str = "") -> QSize:
    """How large `paint_pill` draws."""
    look = theme()
    width = QFontMetrics(look.font("small-strong")).horizontalAdvance(words) + look.px(18)
    return QSize(width + (look.px(18) if icon else 0), look.px(22))


def paint_pill(
    painter: QPainter, at: QPointF, words: str, tone: str = "neutral", icon: str = ""
) -> None:
    """Paint a pill with its top left corner `at`; delegates use it too."""
    look, size = theme(), pill_size(words, icon)
    ground, ink = _TONES[tone]
    area = QRectF(at, QPointF(at.x() + size.width(), at.y() + size.height()))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour(ground))
    painter.drawRoundedRect(area, size.height() / 2, size.height() / 2)
    left = area.left() + look.px(9)
    if icon:
        side = look.px(14)
        painter.drawPixmap(QPointF(left, area.center().y() - side / 2), icons.pixmap(icon, 14, ink))
        left += look.px(18)
    painter.setPen(look.colour(ink))
    painter.setFont(look.font("small-strong"))
    painter.drawText(
        QRectF(left, area.top(), area.right() - left, area.height()),
        int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
        words,
    )
    painter.restore()


class Pill(QWidget):
    """A short word in a tone: neutral, surface, accent, good, warn or bad."""

    def __init__(self, words: str, tone: str = "neutral", icon: str = "") -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_look(words, tone, icon)
        theme().follow(self._restyle)

    def set_look(self, words: str, tone: str = "neutral", icon: str = "") -> None:
        """Show another word, tone and icon."""
        self._words, self._tone, self._icon = cut(words, 60), tone, icon
        self.setAccessibleName(self._words)
        self._restyle()

    def _restyle(self) -> None:
        self.setFixedSize(pill_size(self._words, self._icon))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_pill(QPainter(self), QPointF(0, 0), self._words, self._tone, self._icon)


class StatePill(Pill):
    """The state of a run as icon and word."""

    def __init__(self, status: str = "queued") -> None:
        word, icon, tone = state_look(status)
        super().__init__(word, tone, icon)

    def set_status(self, status: str) -> None:
        """Show another run state."""
        word, icon, tone = state_look(status)
        self.set_look(word, tone, icon)
