"""Text and times from data made harmless: printable, on one line."""

from __future__ import annotations

import time
from typing import Any


def clean(value: Any) -> str:
    """Data as printable text on one line: nothing in it can steer a terminal or turn the script."""
    return "".join(one if one.isprintable() else " " for one in str(value))


def moment(seconds: float | None) -> str:
    """A time as the person's clock shows it."""
    if seconds is None:
        return ""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (OverflowError, OSError, ValueError):
        return ""
