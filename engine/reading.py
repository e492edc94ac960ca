"""The reading half of the history: lists, series, tables, answers; never writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import store
from engine.errors import BadInput, nearest
from engine.recording import read_answers, read_examples
from engine.records import (
    DETAILS,
    STATUSES,
    SUMMARY,
    Answers,
    Examples,
    RunRecord,
    Stage,
    make_record,
    read_details,
)

if TYPE_CHECKING:
    from sqlite_utils import Database

_COLUMNS = ", ".join(SUMMARY)
_Row = tuple[Any, ...]


class Reader:
    """What can be asked of a history; each answer is what was last committed, by anyone."""

    def __init__(self, path: Path, db: Database) -> None:
        self.path = path
        self._db = db

    def version(self) -> int:
        """A number that grows whenever anything in the history changes, here or elsewhere."""
        (elsewhere,) = self._rows("PRAGMA data_version")[0]
        return int(elsewhere) + int(self._db.conn.total_changes)

    def check(self) -> str:
        """ "ok", or a sentence about the damage."""
        with store.in_words(self.path):
            return store.quick_check(self._db, self.path)

    # --- the list -----------------------------------------------------------------------------

    def runs(self, statuses: Sequence[str] | None = None, text: str = "") -> list[RunRecord]:
        """All runs, newest first, without details; `text` is looked for in names, tags, notes."""
        return self._list("trashed IS NULL", statuses, text)

    def trashed(self) -> list[RunRecord]:
        """The runs that were deleted and can still be restored."""
        return self._list("trashed IS NOT NULL")

    def run(self, run_id: str) -> RunRecord:
        """One run with its details, by its id, a unique beginning of it, or its unique name."""
        found = self._find(run_id)
        columns = ", ".join(f"details.{name}" for name in DETAILS)
        query = f"SELECT {_COLUMNS}, {columns} FROM runs JOIN details ON run = id WHERE id = ?"
        rows = self._rows(query, (found,))
        if not rows:
            raise BadInput(f'The run "{found}" has no details in {self.path}; it is incomplete.')
        details = read_details(rows[0][len(SUMMARY) :])
        return make_record(rows[0][: len(SUMMARY)], self.path, details)

    # --- what a run said ----------------------------------------------------------------------

    def metric_names(self, run_id: str) -> list[str]:
        """The metrics a run has points of, sorted; skips from name to name in the index."""
        query = (
            "WITH RECURSIVE one(name) AS (SELECT min(name) FROM points WHERE run = :run UNION ALL"
            " SELECT (SELECT min(name) FROM points WHERE run = :run AND name > one.name)"
            " FROM one WHERE one.name IS NOT NULL) SELECT name FROM one WHERE name IS NOT NULL"
        )
        return [name for (name,) in self._rows(query, {"run": run_id})]

    def series(self, run_id: str, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Steps (int64) and values (float64, NaN where the value was not finite), by step."""
        query = "SELECT step, value FROM points WHERE run = ? AND name = ? ORDER BY step"
        rows = self._rows(query, (run_id, name))
        steps = np.array([step for step, _ in rows], np.int64)
        return steps, np.array([value for _, value in rows], np.float64)

    def layer_tables(self, run_id: str) -> list[str]:
        """The per-layer tables a run has."""
        query = "SELECT DISTINCT table_name FROM layers WHERE run = ? ORDER BY 1"
        return [name for (name,) in self._rows(query, (run_id,))]

    def layer_table(self, run_id: str, table: str) -> list[tuple[int, dict[str, float | None]]]:
        """The values of every layer at every step, layers in the order the run named them."""
        query = (
            "SELECT step, layer, value FROM layers WHERE run = ? AND table_name = ?"
            " ORDER BY step, place"
        )
        found: dict[int, dict[str, float | None]] = {}
        for step, layer, value in self._rows(query, (run_id, table)):
            found.setdefault(step, {})[layer] = value
        return list(found.items())

    def notes(self, run_id: str) -> list[tuple[float, str, str]]:
        """What the run told a person, as (time, "info" or "warning", text), oldest first."""
        query = "SELECT time, level, text FROM notes WHERE run = ? ORDER BY time, rowid"
        return self._rows(query, (run_id,))

    def stages(self, run_id: str) -> list[Stage]:
        """The run's stages in their order."""
        query = "SELECT title, place, state, seconds FROM stages WHERE run = ? ORDER BY place"
        return [Stage(*row) for row in self._rows(query, (run_id,))]

    # --- answers and examples -----------------------------------------------------------------

    def predictions(self, run_id: str, split: str = "test") -> dict[str, Answers]:
        """The stored answers on a split, by who gave them: "student" and "teacher"."""
        query = (
            "SELECT who, fingerprint, labels, predicted, probabilities FROM predictions"
            " WHERE run = ? AND split = ?"
        )
        rows = self._rows(query, (run_id, split))
        return {row[0]: read_answers(split, row[1], row[2:]) for row in rows}

    def examples(self, fingerprint: str) -> Examples:
        """The sentences with this fingerprint."""
        query = "SELECT split, body FROM examples WHERE fingerprint = ?"
        rows = self._rows(query, (fingerprint,))
        if not rows:
            raise BadInput("The history does not hold these examples; measure the run again.")
        return read_examples(fingerprint, *rows[0])

    def saved_check(self, teacher_print: str, data_print: str) -> dict[str, Any] | None:
        """The health result of this teacher on this data, if it was measured before."""
        query = "SELECT body FROM checks WHERE teacher = ? AND data = ?"
        rows = self._rows(query, (teacher_print, data_print))
        found = read_details((None, rows[0][0], None, None, None))["result"] if rows else {}
        return found or None

    # --- inside -------------------------------------------------------------------------------

    def _list(
        self, where: str, statuses: Sequence[str] | None = None, text: str = ""
    ) -> list[RunRecord]:
        wanted = list(STATUSES if statuses is None else statuses)
        marks = ", ".join("?" * len(wanted))
        query = (
            f"SELECT {_COLUMNS} FROM runs WHERE {where} AND status IN ({marks})"
            " ORDER BY created DESC, id DESC"
        )
        nothing = read_details((None,) * len(DETAILS))
        found = [make_record(row, self.path, nothing) for row in self._rows(query, wanted)]
        return [one for one in found if _mentions(one, text.casefold())] if text else found

    def _find(self, asked: str) -> str:
        """The id meant by a full id, its beginning, or a name."""
        rows = self._rows("SELECT id, name FROM runs WHERE trashed IS NULL")
        if any(asked == run_id for run_id, _ in rows):
            return asked
        fits = [run_id for run_id, _ in rows if asked and run_id.startswith(asked)]
        fits = fits or [run_id for run_id, name in rows if name == asked]
        if len(fits) == 1:
            return str(fits[0])
        if fits:
            raise BadInput(f'"{asked[:80]}" fits {len(fits)} runs; give one id, like {fits[0]}.')
        hint = nearest(asked, [str(name) for _, name in rows]) or "; see the list of runs."
        raise BadInput(f'There is no run "{asked[:80]}"{hint}')

    def _row_of(self, run_id: str, columns: str) -> _Row:
        """Some columns of a run that may be in the trash, or BadInput when there is none."""
        rows = self._rows(f"SELECT {columns} FROM runs WHERE id = ?", (run_id,))
        if not rows:
            raise BadInput(f'There is no run "{run_id[:80]}" in {self.path}; it was deleted.')
        return rows[0]

    def _rows(self, query: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[_Row]:
        with store.in_words(self.path):
            return list(self._db.execute(query, values).fetchall())


def _mentions(run: RunRecord, text: str) -> bool:
    words = (run.name, run.method, run.family, run.status, run.note, run.id, *run.tags)
    return any(text in word.casefold() for word in words)
