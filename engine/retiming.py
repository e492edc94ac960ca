"""Time the files of several runs and their teachers in turns, so that their latencies compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine import paths
from engine.compare import teacher_row_id
from engine.package import Package
from engine.timing import Latency, latency

if TYPE_CHECKING:
    from engine.records import RunRecord

BUDGET = 20.0  # seconds for all models together


def time_together(
    records: Sequence[RunRecord],
    history: Path,
    *,
    progress: Callable[[float], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> dict[str, Latency]:
    """Latency by row id (run id, or "teacher:" and its print), batch 1 x 32 pieces, one thread.

    Every model answers in turn, in both directions, so that a busy moment hits all of them. A
    teacher whose exported file is gone is left out. Raises BadInput for a package that cannot
    be opened, Stopped when `stop` says so.
    """
    folders: dict[str, Path] = {}
    for record in records:
        teacher = teacher_package_folder(history, record.teacher.get("package"))
        if teacher is not None:
            folders.setdefault(teacher_row_id(record), teacher)
        if record.package is not None:
            folders[record.id] = record.package
    packages = [Package.open(folder) for folder in folders.values()]
    timed = latency(packages, budget=BUDGET, progress=progress, stop=stop)
    return dict(zip(folders, timed, strict=True))


def teacher_package_folder(history: Path, stored: object) -> Path | None:
    """The teacher's package where it may lie: below the history's folder, or in the assets.

    A history that was moved names the old place; its cache holds the folder under the same name.
    """
    if not isinstance(stored, str) or not stored:
        return None
    named = Path(stored)
    allowed = (history.parent.resolve(), paths.assets().resolve())
    for folder in (named, paths.cache_folder(history) / "teachers" / named.name):
        resolved = folder.resolve()
        if any(resolved.is_relative_to(one) for one in allowed) and resolved.is_dir():
            return resolved
    return None
