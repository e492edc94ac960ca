"""Latencies measured together, and what they do to a comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine import paths
from engine.compare import compare, teacher_row_id
from engine.history import History
from engine.launch import record, start_run
from engine.retiming import teacher_package_folder, time_together
from engine.spec import make_spec


def test_every_model_is_timed_and_the_rows_follow(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    history = History.open(tmp_path / "history.sqlite")
    run = history.add_run(make_spec(tiny_run))
    assert record(start_run(history, run), history, run) == "finished"
    found = history.run(run)
    timed = time_together([found], history.path)
    assert set(timed) == {run, teacher_row_id(found)}
    rows = {
        row.id: row
        for row in compare([found], history, {run: 2.0, teacher_row_id(found): 5.0}).rows
    }
    assert (rows[run].latency, rows[run].faster) == (2.0, 2.5)
    assert rows[teacher_row_id(found)].sparsity is None
    history.close()


def test_a_teacher_outside_the_history_folder_is_not_opened(tmp_path: Path) -> None:
    history, outside = tmp_path / "mine" / "history.sqlite", tmp_path / "other"
    outside.mkdir()
    assert teacher_package_folder(history, str(outside)) is None
    assert teacher_package_folder(history, 7) is None


def test_a_moved_history_finds_its_teacher_again(tmp_path: Path) -> None:
    history = tmp_path / "history.sqlite"
    there = paths.cache_folder(history) / "teachers" / "abc"
    there.mkdir(parents=True)
    assert teacher_package_folder(history, "/gone/cache/teachers/abc") == there.resolve()
