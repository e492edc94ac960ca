"""Puts a finished folder in its place: whole, on the disk, and never half over an older one."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from engine.runtime import first_line


def place(draft: Path, target: Path, stays: Callable[[], bool]) -> None:
    """Sync `draft` and rename it to `target`; an older folder there is replaced.

    `stays()` says whether what lies at `target` is to be kept instead; it is asked before the
    renaming, and again when another process was faster.
    """
    sync_folder(draft)
    if stays():
        return
    old = None
    if target.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
        os.replace(target, old / "package")
    try:
        os.rename(draft, target)
    except OSError:
        if not stays():
            raise
    if os.name != "nt":
        _sync(target.parent, os.O_RDONLY)
    if old:
        shutil.rmtree(old, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Push every file and folder below `folder` to the disk."""
    for path in [*folder.rglob("*"), folder]:
        if path.is_dir() and os.name == "nt":
            continue  # Windows cannot open a folder to sync it
        _sync(path, os.O_RDONLY if os.name != "nt" else os.O_RDWR)


def _sync(path: Path, how: int) -> None:
    handle = os.open(path, how)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def disk_sentence(target: Path, error: Exception) -> str:
    """Say in words why a folder could not be written."""
    if getattr(error, "errno", errno.ENOSPC) == errno.ENOSPC:
        return f"The disk is full, so {target} could not be written; free some space and resume."
    return f"{target} could not be written ({first_line(error)}); check the folder."
