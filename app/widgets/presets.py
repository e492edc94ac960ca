"""The two links that fill the settings at once; the one in use carries a tick."""

from __future__ import annotations

from app.widgets.button import Button
from app.widgets.label import name, plain_tip


class Presets:
    """`quick` and `paper`, to be laid out in the head of the settings."""

    def __init__(self) -> None:
        self.quick = Button("Quick", "link", "clock")
        self.paper = Button("Paper settings", "link", "reset")

    def show_preset(self, preset: str, quick: str) -> None:
        """Mark "quick" or "paper" as in use; `quick` says what the quick settings are."""
        self.quick.setVisible(bool(quick))
        self._show(self.quick, "Quick", "clock", preset == "quick")
        self._show(self.paper, "Paper settings", "reset", preset == "paper")
        plain_tip(self.quick, f"Settings that finish in minutes: {quick}.")
        plain_tip(self.paper, "Every setting as the paper states it, or our default.")

    def _show(self, link: Button, words: str, icon: str, used: bool) -> None:
        link.set_icon("check" if used else icon)
        name(link, f"{words}, in use" if used else words)
