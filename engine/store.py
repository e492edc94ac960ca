"""Opens the history file safely: guards, integrity check, backups, and errors in words."""

from __future__ import annotations

import contextlib
import glob
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engine import migrations
from engine.errors import BadInput

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

BUSY_MS = 5000
DAY = 24 * 3600.0
KEPT_BACKUPS = 7
_HEADER = b"SQLite format 3\0"
_checked: set[tuple[int, int]] = set()  # devices and inodes of files this process has verified


def open_database(path: Path, create: bool) -> Database:
    """Open, check and if need be upgrade the history at `path`.

    Raises BadInput, and leaves the file as it is, when it is missing (and not `create`), not a
    history, damaged, locked, not writable or written by a newer version.
    """
    _refuse_wrong_file(path, create)
    with in_words(path):
        db = _connect(path)
        try:
            _refuse_strangers(db, path)
            upgrade(db, path, migrations.steps())
            _check_once(db, path)
            _daily_backup(db, path)
        except BaseException:
            db.close()
            raise
    return db


def upgrade(db: Database, path: Path, steps: Migrations) -> None:
    """Apply the steps the file lacks, after a backup copy when it holds anything yet."""
    applied = {one.name for one in steps.applied(db)}
    pending = steps.pending(db)
    if applied and pending:
        backup(db, path, f"before-{pending[0].name}")
    _enable_wal(db)
    if not pending:
        return
    # one lock around all steps, so that two processes opening a new file do not race
    db.execute("BEGIN IMMEDIATE")
    try:
        steps.apply(db)
        db.commit()
    except BaseException:
        db.rollback()
        raise


def backup(db: Database, path: Path, stamp: str) -> Path:
    """Copy the whole file into the backups folder, complete or not at all."""
    target = backups_folder(path) / f"{path.stem}-{stamp}.sqlite"
    target.parent.mkdir(exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    try:
        with contextlib.closing(sqlite3.connect(part)) as copy:
            db.conn.backup(copy)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)
    return target


def backups_folder(path: Path) -> Path:
    """Backups lie beside the history."""
    return path.parent / "backups"


def newest_backup(path: Path) -> Path | None:
    """The latest backup of this history."""
    return max(_backups(path, "*"), key=lambda one: one.stat().st_mtime, default=None)


def quick_check(db: Database, path: Path) -> str:
    """ "ok", or a sentence that says what is damaged and where the newest backup lies."""
    try:
        found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        if _code(error) not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
        found = "damaged"
    return "ok" if found == "ok" else _damaged(path)


@contextlib.contextmanager
def in_words(path: Path) -> Iterator[None]:
    """Turn SQLite's and the system's errors into one sentence about the history."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.ProgrammingError):
            raise
        raise BadInput(_sentence(error, path)) from error
    except OSError as error:
        raise BadInput(
            f"{path} cannot be used ({error.strerror or error}); check its folder."
        ) from error


def _sentence(error: sqlite3.Error, path: Path) -> str:
    code = _code(error)
    if code == sqlite3.SQLITE_FULL:
        return f"The disk that holds {path} is full; free some space and try again."
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{path} is in use by another program; close it there and try again."
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return f"{path} cannot be written; check the permissions of the file and its folder."
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(path)
    if code == sqlite3.SQLITE_IOERR:
        return f"The disk that holds {path} reports an error; check the disk and try again."
    return f"{path} cannot be used as a history: {error}."


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _damaged(path: Path) -> str:
    newest = newest_backup(path)
    way_out = f"the newest backup is {newest}" if newest else "there is no backup of it"
    return f"{path} is damaged and was left as it is; {way_out}."


def _refuse_wrong_file(path: Path, create: bool) -> None:
    if path.is_dir():
        raise BadInput(f"{path} is a folder; name the history file inside it.")
    with in_words(path):
        if not path.exists():
            if not create:
                raise BadInput(f"There is no history at {path}; check the path.")
            path.parent.mkdir(parents=True, exist_ok=True)
        elif path.stat().st_size and not _is_verified(path) and _header(path) != _HEADER:
            newest = newest_backup(path)
            hint = f"; the newest backup is {newest}" if newest else "; choose another file"
            raise BadInput(f"{path} is not a Thimble history{hint}.")
    if not os.access(path if path.exists() else path.parent, os.W_OK) or not os.access(
        path.parent, os.W_OK
    ):
        raise BadInput(
            f"{path} cannot be written; check the permissions of the file and its folder."
        )


def _is_verified(path: Path) -> bool:
    """Whether this process has opened this very file before.

    Such a file must not be opened beside SQLite again: closing any handle on it drops the locks
    of the process's own connections, and another process would then delete the log they write to.
    """
    return _identity(path) in _checked


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _header(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(len(_HEADER))


def _connect(path: Path) -> Database:
    from sqlite_utils import Database

    conn = sqlite3.connect(path, timeout=BUSY_MS / 1000)
    db = Database(conn, execute_plugins=False)
    try:
        # functions in a stranger's schema must not run, and its pages are checked as they are read
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "foreign_keys = ON"):
            db.execute(f"PRAGMA {pragma}")
    except BaseException:
        conn.close()
        raise
    return db


def _refuse_strangers(db: Database, path: Path) -> None:
    """Refuse another program's file, a newer version's, and one that would run its own code."""
    kinds = dict(db.execute("SELECT type, count(*) FROM sqlite_master GROUP BY type").fetchall())
    if not kinds:
        return
    mine = db.execute("PRAGMA application_id").fetchone()[0] == migrations.APPLICATION
    if not mine or "trigger" in kinds or "view" in kinds:
        raise BadInput(f"{path} is not a Thimble history; choose another file.")
    applied = {one.name for one in migrations.steps().applied(db)}
    if applied - {name for name, _ in migrations.STEPS}:
        raise BadInput(f"{path} was written by a newer Thimble; update Thimble to open it.")


def _enable_wal(db: Database) -> None:
    """Switch to write-ahead logging; SQLite does not wait by itself for this one lock."""
    limit = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            db.enable_wal()
            return
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > limit:
                raise
            time.sleep(0.02)


def _check_once(db: Database, path: Path) -> None:
    """Verify the pages, once per process: every thread opens the file anew."""
    file = _identity(path)
    if file in _checked:
        return
    found = quick_check(db, path)
    if found != "ok":
        raise BadInput(found)
    _checked.add(file)


def _daily_backup(db: Database, path: Path) -> None:
    """Keep a copy per day for a week; a full disk must not keep the history shut."""
    if not db.execute("SELECT 1 FROM runs LIMIT 1").fetchone():
        return
    dated = sorted(_backups(path, "[0-9]" * 8 + "-" + "[0-9]" * 6))
    if dated and time.time() - dated[-1].stat().st_mtime < DAY:
        return
    with contextlib.suppress(sqlite3.Error, OSError):
        dated.append(backup(db, path, time.strftime("%Y%m%d-%H%M%S", time.gmtime())))
        for old in dated[:-KEPT_BACKUPS]:
            old.unlink(missing_ok=True)


def _backups(path: Path, stamp: str) -> list[Path]:
    return list(backups_folder(path).glob(f"{glob.escape(path.stem)}-{stamp}.sqlite"))
