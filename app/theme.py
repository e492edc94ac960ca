"""Colours, sizes and fonts of the whole window, from `assets/tokens.json`, in one object."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from engine import paths

Mode = Literal["light", "dark", "system"]
MODES: tuple[Mode, ...] = ("light", "dark", "system")
SCALES = (100, 115, 130, 150)
_FAMILIES = ["Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Inter", "Noto Sans",
             "Cantarell", "DejaVu Sans"]  # fmt: skip
_MONO = ["Cascadia Mono", "SF Mono", "Noto Sans Mono", "DejaVu Sans Mono"]
_GENERIC = ("sans", "sans serif", "sans-serif", "monospace", "")
ROLES: dict[str, tuple[int, int]] = {
    "tick": (11, 400),
    "small": (12, 400),
    "small-strong": (12, 500),
    "body": (13, 400),
    "label": (13, 500),
    "name": (13, 600),
    "lead": (15, 400),
    "heading": (15, 600),
    "sentence": (16, 400),
    "title": (20, 600),
    "hero": (28, 600),
    "reading": (30, 600),
}
Shade = Literal["light", "dark"]


@cache
def tokens() -> dict[str, Any]:
    """The design's numbers as written in `assets/tokens.json`."""
    return dict(json.loads((paths.assets() / "tokens.json").read_text("utf-8")))


def _families(system: QFontDatabase.SystemFont, fallback: list[str]) -> list[str]:
    """The person's own font first; a generic alias is no choice, so it goes last."""
    own = QFontDatabase.systemFont(system).family()
    return [*fallback, own] if own.lower() in _GENERIC else [own, *fallback]


class Theme(QObject):
    """The present look. Painted widgets ask it in `paintEvent`; `changed` follows every change."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._mode: Mode = "system"
        self._shade: Shade = "light"
        self._scale = 100
        self._reduced = False
        self._app: QApplication | None = None

    @property
    def mode(self) -> Mode:
        """What the person chose: light, dark or as the system."""
        return self._mode

    @property
    def shade(self) -> Shade:
        """What is shown now: light or dark."""
        return self._shade

    @property
    def dark(self) -> bool:
        """True while the dark colours are shown."""
        return self._shade == "dark"

    @property
    def scale(self) -> int:
        """Interface size in percent, one of SCALES."""
        return self._scale

    @property
    def reduced(self) -> bool:
        """True when nothing may move."""
        return self._reduced

    def install(self, app: QApplication) -> None:
        """Dress `app`: Fusion, palette, base font and the style sheet; follow the system."""
        if self._app is not app:
            app.setStyle("Fusion")
            app.styleHints().colorSchemeChanged.connect(self._system_changed)
        self._app = app
        self._shade = self._wanted()
        self.apply()

    def set_mode(self, mode: Mode) -> None:
        """Choose light, dark or system."""
        self._mode = mode
        if self._app is not None:
            hints = self._app.styleHints()
            # Native title bars and file dialogs follow this hint.
            if mode == "system":
                hints.unsetColorScheme()
            else:
                dark = mode == "dark"
                hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
        shade = self._wanted()
        if shade != self._shade:
            self._shade = shade
            self.apply()
        else:
            self.changed.emit()

    def next_mode(self) -> Mode:
        """Go on to the next of light, dark, system, and return it."""
        self.set_mode(MODES[(MODES.index(self._mode) + 1) % len(MODES)])
        return self._mode

    def set_scale(self, percent: int) -> None:
        """Choose the interface size; the nearest of SCALES is taken."""
        nearest = min(SCALES, key=lambda one: abs(one - percent))
        if nearest != self._scale:
            self._scale = nearest
            self.apply()

    def step_scale(self, steps: int) -> None:
        """One size up (+1) or down (-1), staying within SCALES."""
        at = SCALES.index(self._scale) + steps
        self.set_scale(SCALES[max(0, min(at, len(SCALES) - 1))])

    def set_reduced(self, reduced: bool) -> None:
        """Switch all motion off or on."""
        self._reduced = reduced
        self.changed.emit()

    def follow(self, restyle: Callable[[], object]) -> None:
        """Call `restyle` (a widget's bound method) now and after every change."""
        restyle()
        self.changed.connect(restyle)

    def colour(self, name: str) -> QColor:
        """A colour by its token, for example "accent"; KeyError for an unknown name."""
        return QColor(tokens()[self._shade][name])

    def family(self, name: str) -> QColor:
        """The colour of a method family; "teacher" is one."""
        return QColor(tokens()["family"][name][self._shade])

    def shape(self, name: str) -> str:
        """The marker of a family: circle, diamond, square, triangle, cross or star."""
        return str(tokens()["family"][name]["shape"])

    def series(self, index: int) -> QColor:
        """The colour of the line with this place, counted from 0; from the seventh on `text3`."""
        colours = tokens()["series"][self._shade]
        return QColor(colours[index]) if 0 <= index < len(colours) else self.colour("text3")

    def px(self, size: float) -> int:
        """A length of the design in pixels at the present interface size."""
        return round(size * self._scale / 100)

    def duration(self, milliseconds: int) -> int:
        """How long a movement lasts: 0 when motion is reduced."""
        return 0 if self._reduced else milliseconds

    def font(self, role: str = "body") -> QFont:
        """The font of a role of ROLES, or "log", with tabular figures, in scaled pixels."""
        size, weight = (12, 400) if role == "log" else ROLES[role]
        font = QFont()
        if role == "log":
            font.setFamilies(_families(QFontDatabase.SystemFont.FixedFont, _MONO))
        else:
            font.setFamilies(_families(QFontDatabase.SystemFont.GeneralFont, _FAMILIES))
        font.setPixelSize(max(8, self.px(size)))
        font.setWeight(QFont.Weight(weight))
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def apply(self) -> None:
        """Put font, palette and style sheet on the application, then tell everyone."""
        if self._app is not None:
            from app.style import sheet

            self._app.setFont(self.font("body"))
            self._app.setPalette(self._palette())
            self._app.setStyleSheet(sheet(self))
        self.changed.emit()

    def _wanted(self) -> Shade:
        if self._mode != "system":
            return self._mode
        app = self._app
        dark = app is not None and app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return "dark" if dark else "light"

    def _system_changed(self) -> None:
        shade = self._wanted()
        if shade != self._shade:
            self._shade = shade
            self.apply()

    def _palette(self) -> QPalette:
        palette = QPalette()
        role = QPalette.ColorRole
        for one, name in (
            (role.Window, "app"), (role.WindowText, "text"), (role.Base, "surface"),
            (role.AlternateBase, "sunken"), (role.Text, "text"), (role.Button, "surface"),
            (role.ButtonText, "text"), (role.Highlight, "accent"), (role.Accent, "accent"),
            (role.HighlightedText, "on_accent"), (role.PlaceholderText, "text3"),
            (role.ToolTipBase, "tip"), (role.ToolTipText, "on_tip"), (role.Link, "accent"),
            (role.BrightText, "bad"), (role.Mid, "line"), (role.Dark, "control"),
        ):  # fmt: skip
            palette.setColor(one, self.colour(name))
        for one in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, one, self.colour("disabled"))
        return palette


@cache
def theme() -> Theme:
    """The one theme of this process."""
    return Theme()
