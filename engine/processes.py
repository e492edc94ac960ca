"""Tells whether a process is still the one that was started, and ends one with its children."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import Any


def born(pid: int) -> float:
    """When a process started (seconds since 1970), or 0 when there is none or it has ended."""
    import psutil

    try:
        process = psutil.Process(pid)
        dead = process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
        return 0.0 if dead else float(process.create_time())
    except (psutil.Error, ValueError, OverflowError, TypeError):
        return 0.0


def lives(pid: Any, started: Any) -> bool:
    """Whether `pid` is still the process that started then, not a later one with its number."""
    if not isinstance(pid, int) or not isinstance(started, float) or not started:
        return False
    now = born(pid)
    return bool(now) and abs(now - started) < 2.0


def end_group(pid: int) -> None:
    """End a worker (the leader of its own group) and everything it started, at once."""
    if sys.platform == "win32":
        _end_tree(pid)
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _end_tree(pid: int) -> None:
    """Windows has no process groups that can be ended as one."""
    import psutil

    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(pid)
        for one in [*parent.children(recursive=True), parent]:
            with contextlib.suppress(psutil.Error):
                one.kill()
