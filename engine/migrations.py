"""The history's tables, as numbered steps that are applied once and never edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

APPLICATION = 0x54484D42  # "THMB" in the file's header: this SQLite file is a Thimble history

FIRST = f"""
PRAGMA application_id = {APPLICATION};
CREATE TABLE runs (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    method TEXT NOT NULL,
    family TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN
        ('queued', 'running', 'paused', 'interrupted', 'finished', 'failed', 'stopped')),
    seed INTEGER NOT NULL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    folder TEXT NOT NULL DEFAULT '',
    package TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    stage TEXT NOT NULL DEFAULT '',
    fraction REAL,
    remaining REAL,
    accuracy REAL,
    accuracy_low REAL,
    accuracy_high REAL,
    bytes INTEGER,
    latency REAL,
    teacher_accuracy REAL,
    teacher_bytes INTEGER,
    note TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT '',
    queue INTEGER,
    demo INTEGER NOT NULL DEFAULT 0,
    trashed REAL,
    worker INTEGER,
    worker_started REAL,
    recorder INTEGER,
    recorder_started REAL
);
CREATE INDEX runs_newest ON runs (created DESC, id DESC);
CREATE INDEX runs_name ON runs (name);
CREATE TABLE details (
    run TEXT PRIMARY KEY NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    spec TEXT NOT NULL,
    result TEXT NOT NULL DEFAULT '',
    teacher TEXT NOT NULL DEFAULT '',
    layers TEXT NOT NULL DEFAULT '',
    versions TEXT NOT NULL DEFAULT ''
);
CREATE TABLE points (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    step INTEGER NOT NULL,
    value REAL,
    PRIMARY KEY (run, name, step)
) WITHOUT ROWID;
CREATE TABLE layers (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    table_name TEXT NOT NULL,
    step INTEGER NOT NULL,
    layer TEXT NOT NULL,
    place INTEGER NOT NULL,
    value REAL,
    PRIMARY KEY (run, table_name, step, layer)
) WITHOUT ROWID;
CREATE TABLE notes (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    time REAL NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (run, level, text)
);
CREATE TABLE stages (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    title TEXT NOT NULL,
    place INTEGER NOT NULL,
    state TEXT NOT NULL,
    seconds REAL,
    PRIMARY KEY (run, title)
) WITHOUT ROWID;
CREATE TABLE predictions (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    who TEXT NOT NULL CHECK (who IN ('student', 'teacher')),
    split TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    labels BLOB NOT NULL,
    predicted BLOB NOT NULL,
    probabilities BLOB NOT NULL,
    PRIMARY KEY (run, who, split)
);
CREATE TABLE examples (
    fingerprint TEXT PRIMARY KEY NOT NULL,
    split TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE checks (
    teacher TEXT NOT NULL,
    data TEXT NOT NULL,
    time REAL NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (teacher, data)
);
"""


STEPS: tuple[tuple[str, str], ...] = (("0001_first", FIRST),)


def steps() -> Migrations:
    """The steps in order; sqlite-utils records in the file which ones it has."""
    from sqlite_utils import Migrations

    found = Migrations("thimble")
    for name, script in STEPS:

        def apply(db: Database, script: str = script) -> None:
            db.executescript(script)

        found(name=name)(apply)
    return found
