"""The first launch: what Thimble does, and three ways to begin."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app import icons
from app.context import Context
from app.theme import theme
from app.widgets import Button, name, scroll, text

DEMO_TIME = "About 3 min"  # on an ordinary computer of two cores or more
_BARS = 12
_KEPT = (0, 3, 6, 9)


class _Drawing(QWidget):
    """Twelve layers run into a thimble: the model you have, the model you keep."""

    def __init__(self) -> None:
        super().__init__()
        name(self, "A large model of twelve layers becomes a small one")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(204))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, px = theme(), theme().px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = max(0.0, self.width() / 2 - px(286))
        thimble = QRectF(left + px(434), px(14), px(164), px(164))
        faint = QColor(look.colour("teacher"))
        faint.setAlphaF(0.3)
        strong = QColor(look.colour("teacher"))
        strong.setAlphaF(0.8)
        for bar in range(_BARS):
            area = QRectF(left, px(2) + bar * px(14.8), px(176), px(10))
            kept = bar in _KEPT
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(strong if kept else faint)
            painter.drawRoundedRect(area, 2, 2)
            start = QPointF(area.right() + px(10), area.center().y())
            # The wall leans, so that the threads end on it and not in it.
            low = bar / (_BARS - 1)
            end = QPointF(thimble.left() + px(50 - 6 * low), thimble.top() + px(50 + 48 * low))
            middle = (start.x() + end.x()) / 2
            thread = QPainterPath(start)
            thread.cubicTo(QPointF(middle, start.y()), QPointF(middle, end.y()), end)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("accent") if kept else faint, 1.7 if kept else 1.0))
            painter.drawPath(thread)
        image = icons.drawing(
            "thimble", round(thimble.width()), look.colour("teacher"), look.colour("accent"), 0.9
        )
        painter.drawPixmap(thimble.topLeft(), image)
        self._caption(painter, left + px(88), "the model you have", "text2", "body")
        self._caption(painter, thimble.center().x(), "the model you keep", "accent", "name")

    def _caption(self, painter: QPainter, middle: float, words: str, ink: str, role: str) -> None:
        look = theme()
        painter.setPen(look.colour(ink))
        painter.setFont(look.font(role))
        area = QRectF(middle - look.px(120), look.px(182), look.px(240), look.px(20))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), words)


class _Offer(QFrame):
    """A card with an icon, a heading, a sentence and its button at the right."""

    def __init__(self, heading: str, sentence: str, button: Button, glyph: str, main: bool) -> None:
        super().__init__()
        self.setProperty("card", "accent" if main else "true")
        self._glyph, self._main = glyph, main
        self._icon = QLabel()
        self.sentence = text("small" if not main else "body", sentence, "text2", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(4 if main else 2)
        words.addStretch()
        words.addWidget(text("heading" if main else "name", heading, wrap=True))
        words.addWidget(self.sentence)
        words.addStretch()
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon)
        self._row.addLayout(words, 1)
        self._row.addWidget(button)
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        px = theme().px
        if self._main:
            self._row.setContentsMargins(px(24), px(18), px(20), px(18))
            self._row.setSpacing(px(20))
            self._icon.setPixmap(icons.glyph(self._glyph, 52))
            self.setMinimumHeight(px(95))
        else:
            self._row.setContentsMargins(px(18), px(10), px(18), px(10))
            self._row.setSpacing(px(14))
            self._icon.setPixmap(icons.pixmap(self._glyph, 24, "text2"))
            self.setMinimumHeight(px(68))


class _Step(QWidget):
    """What happens next: an icon in petrol, a heading and a sentence."""

    def __init__(self, icon: str, heading: str, sentence: str) -> None:
        super().__init__()
        self._icon_name = icon
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(text("name", heading, wrap=True))
        words.addWidget(text("body", sentence, "text2", wrap=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        self._icon.setPixmap(icons.pixmap(self._icon_name, 20, "accent"))


class Welcome(QWidget):
    """Shown by Compress while the history is empty; the three signals say what was chosen."""

    demo = Signal()
    own_model = Signal()
    open_runs = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.try_demo = Button("Try the demo", "primary", "play", size="large")
        self.choose = Button("Choose…", size="small", tip="Use a model of your own")
        self.open = Button("Open…", size="small", tip="Open the runs in another history file")
        name(self.choose, "Choose a model of your own")
        name(self.open, "Open finished runs")
        self.try_demo.clicked.connect(self.demo)
        self.choose.clicked.connect(self.own_model)
        self.open.clicked.connect(self.open_runs)
        self._demo = _Offer(
            "Try the demo: compress the built-in sentiment model",
            "",
            self.try_demo,
            "tinybert",
            True,
        )
        self.set_demo_time(DEMO_TIME)
        self._build()

    def set_demo_time(self, words: str) -> None:
        """Say how long the demo takes ("About 3 min"), once it is known."""
        time = f"{words}, works offline." if words else "Works offline."
        self._demo.sentence.set_text(f"Teacher, data and settings are chosen for you. {time}")

    def _build(self) -> None:
        self._column = QVBoxLayout()
        self._column.addWidget(_Drawing())
        self._column.addSpacing(16)
        hero = text("hero", "Make a language model smaller, and see what it costs", wrap=True)
        lead = text(
            "lead",
            "Nine ways to shrink a model. Each result is measured against the original:\n"
            "how often it is still right, how big it is, how fast it answers.",
            wrap=True,
        )
        for label in (hero, lead):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._column.addWidget(label)
        self._column.addSpacing(12)
        self._column.addWidget(self._demo)
        offers = QHBoxLayout()
        offers.setSpacing(14)
        offers.addWidget(
            _Offer(
                "Use your own model", "From a folder or a model name", self.choose, "layers", False
            )
        )
        offers.addWidget(
            _Offer(
                "Open finished runs", "Look at results someone sent you", self.open, "folder", False
            )
        )
        self._column.addLayout(offers)
        self._column.addSpacing(24)
        steps = QHBoxLayout()
        steps.setSpacing(14)
        steps.addWidget(
            _Step("nav-runs", "1 Watch it learn", "Runs shows progress, with time left."), 1
        )
        steps.addWidget(_Step("nav-compare", "2 Compare", "One chart: size against accuracy."), 1)
        steps.addWidget(
            _Step("nav-playground", "3 Try a sentence", "Teacher and student, side by side."), 1
        )
        self._column.addLayout(steps)
        self._inside = QWidget()
        self._inside.setLayout(self._column)
        around = QWidget()
        row = QHBoxLayout(around)
        row.addStretch(1)
        row.addWidget(self._inside, 100, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll(around))
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        self._inside.setMaximumWidth(theme().px(876))
        self._column.setContentsMargins(8, 8, 8, 8)
        self._column.setSpacing(theme().px(14))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.try_demo.setFocus(Qt.FocusReason.OtherFocusReason)
