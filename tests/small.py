"""Settings with which each method finishes in a moment on the tiny teacher and data."""

from __future__ import annotations

from typing import Any

SMALL: dict[str, dict[str, Any]] = {
    "finetune": {},
    "pkd": {},
}


def small_method(key: str, **settings: Any) -> dict[str, Any]:
    """The method block of a run file that is done in a moment."""
    return {"key": key, **SMALL[key], **settings}
