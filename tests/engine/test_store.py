"""The history's file: shared by readers and a writer, backed up, and refused in words when bad."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from histories import scalar, spec

from engine import migrations, store
from engine.errors import BadInput
from engine.history import History


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


@pytest.fixture
def history(path: Path) -> Iterator[History]:
    with History.open(path) as opened:
        yield opened


def test_the_change_number_grows_with_anybody_s_writes(history: History) -> None:
    before = history.version()
    assert history.version() == before
    with History.open(history.path) as other:
        other.add_run(spec())
    between = history.version()
    history.add_run(spec())
    assert before < between < history.version()


def test_a_list_reads_while_another_connection_writes(history: History) -> None:
    history.add_run(spec())
    writer = sqlite3.connect(history.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("UPDATE runs SET name = 'half done'")
    assert [run.name for run in history.runs()] == ["a run"]
    writer.execute("COMMIT")
    writer.close()
    assert [run.name for run in history.runs()] == ["half done"]


def test_many_openers_of_a_new_file_agree(path: Path) -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            with History.open(path) as opened:
                opened.add_run(spec())
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with History.open(path) as opened:
        assert len(opened.runs()) == 6


def test_a_locked_history_is_told_in_a_sentence(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BUSY_MS", 50)
    with History.open(path) as history:
        locker = sqlite3.connect(path, isolation_level=None)
        locker.execute("BEGIN IMMEDIATE")
        with pytest.raises(BadInput, match="in use by another program"):
            history.add_run(spec())
        assert history.runs() == []
        locker.close()


def test_a_full_disk_is_told_in_a_sentence_and_costs_nothing(history: History) -> None:
    run_id = history.add_run(spec())
    (pages,) = history._db.execute("PRAGMA page_count").fetchone()
    history._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(BadInput, match="is full"):
        history.record(run_id, [scalar(step, loss=1.0) for step in range(10_000)])
    assert history.metric_names(run_id) == []
    history._db.execute("PRAGMA max_page_count = 100000")
    history.record(run_id, [scalar(1, loss=1.0)])
    assert history.check() == "ok"


def test_a_read_only_file_is_told_in_a_sentence(path: Path) -> None:
    with History.open(path) as history:
        history._db.execute("PRAGMA query_only = ON")
        with pytest.raises(BadInput, match="cannot be written; check the permissions"):
            history.add_run(spec())


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told_in_a_sentence(path: Path) -> None:
    path.parent.chmod(0o500)
    try:
        with pytest.raises(BadInput, match="cannot be written; check the permissions"):
            History.open(path)
    finally:
        path.parent.chmod(0o700)


def test_a_file_that_is_no_history_is_left_alone(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("dear diary")
    other = tmp_path / "other.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    for path in (text, other):
        before = path.read_bytes()
        with pytest.raises(BadInput, match="is not a Thimble history"):
            History.open(path)
        assert path.read_bytes() == before
    with pytest.raises(BadInput, match="is a folder"):
        History.open(tmp_path)
    with pytest.raises(BadInput, match="There is no history"):
        History.open(tmp_path / "none.sqlite", create=False)


def test_a_history_that_carries_its_own_code_is_refused(path: Path) -> None:
    with History.open(path) as history:
        history._db.execute("CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END")
    with pytest.raises(BadInput, match="is not a Thimble history"):
        History.open(path)


def test_a_newer_history_is_refused_and_left_untouched(path: Path) -> None:
    with History.open(path) as history:
        row = {"migration_set": "thimble", "name": "0099_later", "applied_at": "2030"}
        history._db.table("_sqlite_migrations").insert(row)
    before = path.read_bytes()
    with pytest.raises(BadInput, match="newer Thimble"):
        History.open(path)
    assert path.read_bytes() == before


def test_an_upgrade_makes_a_backup_first(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with History.open(path) as history:
        run_id = history.add_run(spec())
    step = ("0002_colour", "ALTER TABLE runs ADD COLUMN colour TEXT")
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, step))
    with History.open(path) as history:
        assert "colour" in history._db.table("runs").columns_dict
        assert history.run(run_id).id == run_id
    monkeypatch.undo()
    (copy,) = (path.parent / "backups").glob("history-before-0002*.sqlite")
    with History.open(copy) as old:
        assert [run.id for run in old.runs()] == [run_id]


def test_a_failing_upgrade_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with History.open(path) as history:
        history.add_run(spec())
    broken = "ALTER TABLE runs ADD COLUMN colour TEXT; INSERT INTO nowhere VALUES (1);"
    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, ("0002_bad", broken)))
    with pytest.raises(BadInput):
        History.open(path)
    monkeypatch.undo()
    with History.open(path) as history:
        assert "colour" not in history._db.table("runs").columns_dict
        assert len(history.runs()) == 1


def test_a_damaged_file_is_kept_and_the_newest_backup_named(path: Path, tmp_path: Path) -> None:
    with History.open(path) as history:
        for _ in range(50):
            history.add_run(spec())
    History.open(path).close()
    (copy,) = (tmp_path / "backups").iterdir()
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\x55" * (4096 * 4)
    path.unlink()
    path.write_bytes(content)
    store._checked.clear()
    with pytest.raises(BadInput, match="is damaged") as caught:
        History.open(path)
    assert str(copy) in str(caught.value)
    assert path.read_bytes() == content


def test_backups_are_daily_and_seven_are_kept(path: Path, tmp_path: Path) -> None:
    with History.open(path) as history:
        history.add_run(spec())
    folder = tmp_path / "backups"
    folder.mkdir()
    past = time.time() - 2 * store.DAY
    for day in range(9):
        old = folder / f"history-2020010{day}-000000.sqlite"
        old.write_bytes(b"")
        os.utime(old, (past, past))
    for _ in range(2):
        History.open(path).close()
    names = sorted(one.name for one in folder.iterdir())
    assert len(names) == store.KEPT_BACKUPS
    assert names[0] == "history-20200103-000000.sqlite"
    with History.open(folder / names[-1]) as copy:
        assert len(copy.runs()) == 1


def test_hostile_values_in_the_file_read_as_unknown(history: History) -> None:
    run_id = history.add_run(spec())
    strange = {"accuracy": "<img src=x>", "bytes": b"\x00", "package": "../..", "started": 1e999}
    history._db.table("runs").update(run_id, strange)
    history._db.execute("UPDATE details SET result = '[1', versions = '[]'")
    run = history.run(run_id)
    assert (run.accuracy, run.bytes, run.package, run.started) == (None, None, None, None)
    assert (run.result, run.versions) == ({}, {})
