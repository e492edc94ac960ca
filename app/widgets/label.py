"""Words on the screen: always plain text, never longer than a screen can show."""

from __future__ import annotations

import html

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QTabBar,
    QWidget,
)

LONGEST = 2000
_CONTROLS = (
    QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QTabBar,
)  # fmt: skip


def cut(value: object, longest: int = LONGEST) -> str:
    """`value` as words, cut with an ellipsis: a million characters would freeze the layout."""
    words = value if isinstance(value, str) else str(value)
    words = words[: longest + 1].replace("\0", "\N{REPLACEMENT CHARACTER}")
    return words if len(words) <= longest else words[: longest - 1] + "…"


def plain_tip(widget: QWidget, words: str) -> None:
    """Show `words` as the tooltip, never read as markup, wrapped by Qt."""
    escaped = html.escape(cut(words, 1000)).replace("\n", "<br>")
    widget.setToolTip(f"<qt>{escaped}</qt>" if words else "")


def tip_words(widget: QWidget) -> str:
    """The tooltip of `widget` as the plain words it was made from."""
    tip = widget.toolTip()
    if tip.startswith("<qt>"):
        tip = tip.removeprefix("<qt>").removesuffix("</qt>").replace("<br>", "\n")
        return html.unescape(tip)
    return tip


def name(widget: QWidget, words: str, tip: str = "") -> None:
    """Give a control its accessible name and, if any, its plain tooltip."""
    widget.setAccessibleName(cut(words, 300))
    if tip:
        plain_tip(widget, tip)


def unnamed(root: QWidget) -> list[QWidget]:
    """Controls under `root` that a screen reader could not name; a page's tests want none."""
    return [
        one
        for one in root.findChildren(QWidget)
        if isinstance(one, _CONTROLS)
        and one.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not one.accessibleName()
        and not (isinstance(one, QAbstractButton) and one.text())
        and not one.objectName().startswith("qt_")
        and not _inner(one)
    ]


def _inner(widget: QWidget) -> bool:
    """True for Qt's own parts of a combo box, spin box or table, which Qt names itself."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QComboBox | QAbstractSpinBox | QAbstractItemView):
            return True
        above = above.parentWidget()
    return False


class Label(QLabel):
    """Plain text in a role of `theme.ROLES`; `elide` shortens it to the width it gets."""

    def __init__(
        self, role: str, value: str = "", tone: str = "", *, wrap: bool = False, elide: bool = False
    ) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setProperty("tone", tone)
        self.setWordWrap(wrap)
        self._elide = elide
        self._tipped = False
        if elide:
            policy = self.sizePolicy()
            policy.setHorizontalPolicy(QSizePolicy.Policy.Preferred)
            self.setSizePolicy(policy)
        self.set_text(value)

    def set_text(self, value: object) -> None:
        """Show `value`, cut to a length a screen can show; one line where it is shortened."""
        words = cut(value)
        if self._elide:
            words = " ".join(words.split("\n"))
        if words != self.text():
            self.setText(words)

    def set_tone(self, tone: str) -> None:
        """Take the colour of a token: text, text2, text3, accent, good, warn, bad."""
        if tone != self.property("tone"):
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), 24), hint.height()) if self._elide else hint

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._elide:
            super().paintEvent(event)
            return
        area = self.contentsRect()
        shown = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, area.width()
        )
        if shown != self.text():
            plain_tip(self, self.text())
            self._tipped = True
        elif self._tipped:
            self.setToolTip("")
            self._tipped = False
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(area, int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)


def text(
    role: str = "body",
    value: str = "",
    tone: str = "",
    *,
    wrap: bool = False,
    elide: bool = False,
) -> Label:
    """Words in a role (`theme.ROLES`) and, if named, a colour token."""
    return Label(role, value, tone, wrap=wrap, elide=elide)


def line(vertical: bool = False) -> QFrame:
    """A one pixel separator."""
    made = QFrame()
    made.setProperty("line", True)
    if vertical:
        made.setFixedWidth(1)
    else:
        made.setFixedHeight(1)
    return made
