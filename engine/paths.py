"""Where Thimble keeps its files and finds its assets."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def assets() -> Path:
    """The folder of bundled models, data and glyphs, in a checkout or an installed wheel."""
    here = Path(__file__).resolve().parent
    inside = here / "assets"
    return inside if inside.is_dir() else here.parent / "assets"


def default_history() -> Path:
    """The history file: THIMBLE_HISTORY, or the platform's data folder."""
    named = os.environ.get("THIMBLE_HISTORY")
    if named:
        return Path(named).expanduser()
    return Path(platformdirs.user_data_dir("thimble", appauthor=False)) / "history.sqlite"


def runs_folder(history: Path) -> Path:
    """Run folders lie beside the history file."""
    return history.parent / "runs"


def work_folder(run: Path) -> Path:
    """What a run needs to go on; removed when it has finished and the history knows it."""
    return run / "work"


def told_file(run: Path) -> Path:
    """Every point and note of an unfinished run, one event a line, whoever was there to hear it."""
    return work_folder(run) / "told.jsonl"


def cache_folder(history: Path) -> Path:
    """Exported teachers and cached teacher outputs lie beside the history file; safe to delete."""
    return history.parent / "cache"
