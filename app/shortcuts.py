"""The keys of the window, once: for the window that listens and for Settings that lists them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Keys:
    """`page` is the method called on the shown page if it has one, `window` one of the window."""

    keys: tuple[str, ...]
    does: str
    page: str = ""
    window: str = ""


SHORTCUTS = (
    Keys(("Ctrl+1",), "Compress", window="show_compress"),
    Keys(("Ctrl+2",), "Runs", window="show_runs"),
    Keys(("Ctrl+3",), "Compare", window="show_compare"),
    Keys(("Ctrl+4",), "Playground", window="show_playground"),
    Keys(("Ctrl+,",), "Settings", window="show_settings"),
    Keys(("Ctrl+N",), "New run", window="new_run"),
    Keys(("Ctrl+Return", "Ctrl+Enter"), "Start the run; in the Playground: ask all", page="start"),
    Keys(("Ctrl+Shift+Return", "Ctrl+Shift+Enter"), "Add to the queue", page="enqueue"),
    Keys(("Ctrl+D",), "Show or hide advanced settings", page="toggle_advanced"),
    Keys(("Ctrl+R",), "Reset the field in focus to its paper value", page="reset_field"),
    Keys(("Ctrl+F",), "Filter", page="focus_filter"),
    Keys(("Ctrl+Shift+P",), "Pause or resume", page="pause_or_resume"),
    Keys(("Ctrl+.",), "Stop (asks first)", page="stop"),
    Keys(("Ctrl+L",), "Log", page="toggle_log"),
    Keys(("Ctrl+Tab",), "Next tab in Compare", page="next_tab"),
    Keys(("Ctrl+M",), "Time the models of Compare together", page="time_together"),
    Keys(("Ctrl+E",), "Export", page="export"),
    Keys(("Ctrl+T",), "Light, dark, as the system", window="next_theme"),
    Keys(("Ctrl++", "Ctrl+="), "Larger interface: 100, 115, 130, 150 %", window="larger"),
    Keys(("Ctrl+-",), "Smaller interface", window="smaller"),
    Keys(("Ctrl+0",), "Interface at 100 %", window="plain_size"),
    Keys(("F1",), "Help for the thing in focus", window="help"),
    Keys(("Esc",), "Close what is open, then leave the field", window="escape"),
)

# Keys that controls handle themselves; listed in Settings only.
IN_CONTROLS = (
    ("Arrows, Space", "Move in the gallery, choose"),
    ("Space", "In the Compare table: put the run in the chart or take it out"),
    ("Tab, Shift+Tab", "Next or previous control"),
)
