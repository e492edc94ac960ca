"""The history: every run with its points, notes, answers and results, in one SQLite file."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine import paths, store
from engine.errors import BadInput, nearest
from engine.events import Event
from engine.method import methods
from engine.processes import born, lives
from engine.reading import Reader
from engine.recording import (
    STATE_CHANGES,
    sort_events,
    write_answers,
    write_batch,
    write_examples,
)
from engine.records import STATUSES, Answers, Examples, finite, plain_name, run_folder, storable
from engine.spec import RunSpec

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"
_ACTIVE = ("queued", "running")
_ASIDE = "deleted-"


class History(Reader):
    """One connection to the history file; open one per thread.

    Reads see what was last committed, also while another thread or process writes. Every method
    raises BadInput with one sentence when the file is locked, full, damaged or not writable.
    """

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> History:
        """Open the history at `path`, making or upgrading it where needed."""
        path = Path(os.path.abspath(Path(path).expanduser()))
        return cls(path, store.open_database(path, create))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def __enter__(self) -> History:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- the life of a run --------------------------------------------------------------------

    def add_run(
        self, spec: RunSpec, *, status: str = "queued", folder: Path | None = None,
        demo: bool = False,
    ) -> str:  # fmt: skip
        """Store a new run, make its folder, and return its id.

        `folder` (below the history's folder or the assets) is for runs whose files exist already.
        """
        stored = _relative(folder, self.path) if folder else ""
        key = str(spec.method["key"])
        known = methods()
        row = {
            "name": plain_name(spec.name, "The name") or key, "method": key,
            "family": known[key].family if key in known else "", "status": _known(status),
            "seed": spec.seed, "created": time.time(), "folder": stored, "demo": int(demo),
        }  # fmt: skip
        with self._write(durable=True):
            run_id = _new_id()
            while self._rows("SELECT 1 FROM runs WHERE id = ?", (run_id,)):
                run_id = _new_id()
            if status == "queued":
                (last,) = self._rows("SELECT coalesce(max(queue), 0) FROM runs")[0]
                row["queue"] = last + 1
            self._db.table("runs").insert({"id": run_id, **row})
            self._db.table("details").insert(
                {"run": run_id, "spec": json.dumps(spec.model_dump(mode="json"))}
            )
            run_folder(self.path, run_id, stored).mkdir(parents=True, exist_ok=bool(folder))
        return run_id

    def begin(self, run_id: str, pid: int) -> None:
        """Mark a run as running in process `pid`, recorded by this process."""
        with self._write(durable=True):
            worker = self._row_of(run_id, "worker, worker_started")
            if worker[0] != pid and lives(*worker):
                raise BadInput("This run's earlier process is still saving; try again in a moment.")
            now = time.time()
            self._db.execute(
                "UPDATE runs SET status = 'running', started = coalesce(started, ?), ended = NULL,"
                " error = '', queue = NULL, worker = ?, worker_started = ?, recorder = ?,"
                " recorder_started = ? WHERE id = ?",
                (now, pid, born(pid), os.getpid(), born(os.getpid()), run_id),
            )

    def record(self, run_id: str, events: Iterable[Event]) -> None:
        """Write a batch of events in one transaction: all of it or nothing.

        Points already there are overwritten, so a resumed run may say them again.
        """
        batch = list(events)
        (stored,) = self._row_of(run_id, "folder")
        ready = sort_events(run_id, run_folder(self.path, run_id, stored), batch)
        with self._write(durable=any(one.kind in STATE_CHANGES for one in batch)):
            self._row_of(run_id, "id")
            write_batch(self._db, run_id, ready)

    def set_status(self, run_id: str, status: str, error: str = "") -> None:
        """Change a run's status; `error` is the sentence of a failed run."""
        ended = None if _known(status) in _ACTIVE else time.time()
        self._update(
            run_id, status=status, error=storable(error), ended=ended, remaining=None, queue=None
        )

    def set_queue(self, run_ids: Sequence[str]) -> None:
        """Queue these runs in this order."""
        with self._write(durable=True):
            for place, run_id in enumerate(run_ids, 1):
                self._db.execute(
                    "UPDATE runs SET queue = ?, status = 'queued', ended = NULL WHERE id = ?",
                    (place, run_id),
                )

    def mark_interrupted(self) -> list[str]:
        """Mark running runs that nobody records any more; return their ids.

        While another process records a run, that process writes its ending, also when the worker
        is gone already: to judge by the worker alone would call a run that is just finishing dead.
        """
        query = (
            "SELECT id, worker, worker_started, recorder, recorder_started FROM runs"
            " WHERE status = 'running'"
        )
        gone = [
            run_id
            for run_id, worker, worker_started, recorder, recorder_started in self._rows(query)
            if not lives(recorder, recorder_started)
            or (recorder == os.getpid() and not lives(worker, worker_started))
        ]
        if not gone:
            return []  # nothing to write: a full disk must not keep the history shut
        with self._write(durable=True):
            for run_id in gone:
                self._db.execute(
                    "UPDATE runs SET status = 'interrupted', ended = ?, remaining = NULL"
                    " WHERE id = ? AND status = 'running'",
                    (time.time(), run_id),
                )
        return gone

    # --- answers and examples -----------------------------------------------------------------

    def save_predictions(
        self, run_id: str, split: str, data_fingerprint: str, who: str, labels: np.ndarray,
        predicted: np.ndarray, probabilities: np.ndarray,
    ) -> None:  # fmt: skip
        """Store what "student" or "teacher" answered; arrays as in Answers."""
        answers = Answers(split, data_fingerprint, labels, predicted, probabilities)
        with self._write(durable=True):
            write_answers(self._db, run_id, who, answers)

    def save_examples(
        self, fingerprint: str, labels: Sequence[Any], texts: Sequence[Sequence[str]],
        split: str = "test",
    ) -> None:  # fmt: skip
        """Store sentences (one or two parallel columns) once per fingerprint."""
        columns = tuple(list(column) for column in texts)
        with self._write(durable=True):
            write_examples(self._db, Examples(fingerprint, split, list(labels), columns))

    def save_check(self, teacher_print: str, data_print: str, result: dict[str, Any]) -> None:
        """Keep a teacher's health result."""
        row = (teacher_print, data_print, time.time(), json.dumps(finite(result)))
        with self._write(durable=True):
            self._db.execute("INSERT OR REPLACE INTO checks VALUES (?, ?, ?, ?)", row)

    # --- what a person changes ----------------------------------------------------------------

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name."""
        name = plain_name(name, "The name")
        if not name:
            raise BadInput("A run needs a name; type at least one character.")
        self._update(run_id, name=name)

    def set_note(self, run_id: str, note: str) -> None:
        """Replace a run's note."""
        self._update(run_id, note=storable(note))

    def set_tags(self, run_id: str, tags: Iterable[str]) -> None:
        """Replace a run's tags; empty ones and repeats are dropped."""
        kept = dict.fromkeys(plain_name(tag, "The tag") for tag in tags)
        self._update(run_id, tags="\n".join(tag for tag in kept if tag))

    def trash(self, run_id: str) -> None:
        """Take a run out of every list until `restore` or `purge`; a running one is refused."""
        if self._row_of(run_id, "status")[0] == "running":
            raise BadInput("This run is still working; stop it before deleting it.")
        self._update(run_id, trashed=time.time(), queue=None)

    def restore(self, run_id: str) -> None:
        """Bring a trashed run back."""
        self._update(run_id, trashed=None)

    def purge(self, run_id: str) -> None:
        """Delete a trashed run and its folder for good; a failure leaves both as they were."""
        trashed, stored = self._row_of(run_id, "trashed, folder")
        if trashed is None:
            raise BadInput("Only a deleted run can be removed for good; delete it first.")
        folder = run_folder(self.path, run_id, stored)
        ours = folder == paths.runs_folder(self.path) / run_id  # assets and others' files stay
        aside = folder.with_name(_ASIDE + folder.name)
        with store.in_words(self.path):
            if ours and folder.exists():
                folder.rename(aside)
        try:
            with self._write(durable=True):
                self._db.execute("DELETE FROM runs WHERE id = ?", (run_id,))
                self._db.execute(
                    "DELETE FROM examples WHERE fingerprint NOT IN"
                    " (SELECT fingerprint FROM predictions)"
                )
        except BaseException:
            if ours and aside.exists():
                aside.rename(folder)
            raise
        if ours:
            shutil.rmtree(aside, ignore_errors=True)

    def purge_trash(self, older_than: float = 0.0) -> None:
        """Purge what was trashed over `older_than` seconds ago, and finish purges cut short."""
        self._finish_purges()
        limit = time.time() - older_than
        for (run_id,) in self._rows("SELECT id FROM runs WHERE trashed <= ?", (limit,)):
            self.purge(run_id)

    # --- inside -------------------------------------------------------------------------------

    def _finish_purges(self) -> None:
        """A crash between renaming and deleting leaves a folder aside: put it back or remove it."""
        for aside in paths.runs_folder(self.path).glob(f"{_ASIDE}*"):
            run_id = aside.name.removeprefix(_ASIDE)
            if self._rows("SELECT 1 FROM runs WHERE id = ?", (run_id,)):
                with store.in_words(self.path):
                    aside.rename(aside.with_name(run_id))
            else:
                shutil.rmtree(aside, ignore_errors=True)

    def _update(self, run_id: str, **values: Any) -> None:
        with self._write(durable=True):
            self._row_of(run_id, "id")
            self._db.table("runs").update(run_id, values)

    @contextlib.contextmanager
    def _write(self, durable: bool) -> Iterator[None]:
        """One transaction; `durable` ones survive a power cut, the others a killed program."""
        with store.in_words(self.path):
            self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.commit()
            except BaseException:
                self._db.rollback()
                raise


def _new_id() -> str:
    """A sortable, unique id such as 20261122-163012-k3f9; the time is UTC."""
    tail = "".join(secrets.choice(_ALPHABET) for _ in range(4))
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{tail}"


def _known(status: str) -> str:
    if status not in STATUSES:
        raise BadInput(f'There is no status "{status[:40]}"{nearest(status, STATUSES)}')
    return status


def _relative(folder: Path, history: Path) -> str:
    """How a row names its folder: below the history's own folder where possible, so both move."""
    folder = Path(os.path.abspath(folder))
    inside = folder.is_relative_to(history.parent)
    if not inside and not folder.is_relative_to(paths.assets()):
        raise BadInput(f"The run folder {folder} must lie beside the history {history}.")
    return folder.relative_to(history.parent).as_posix() if inside else str(folder)
