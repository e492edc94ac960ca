"""A history whose writer is killed at any moment is whole, and every run in it is in a legal state."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = 20

# One process imports everything once; each round forks a writer, kills it, and looks at the file.
ROUNDS = """
import json, os, random, shutil, signal, sys, time
from pathlib import Path
from engine import store
from engine.events import Event
from engine.history import History
from engine.spec import BundledData, BundledTeacher, RunSpec
from engine.training import Training
import sqlite_utils

PATH, SPEC = Path(sys.argv[1]), RunSpec(
    name="a run", teacher=BundledTeacher(source="bundled", name="t"),
    data=BundledData(source="bundled", name="d"), method={"key": "pkd"}, training=Training())
RESULT = {"result": {"accuracy": 0.9, "bytes": 7}, "package": "package"}

def batch(start):
    values = {"loss": 1.0, "loss/soft": 0.5, "bits": 8.0}
    return [Event(kind="scalar", time=0, step=start + one, values=values) for one in range(10)]

def write(seed):
    chance = random.Random(seed)
    with History.open(PATH) as history:
        while True:
            run = history.add_run(SPEC)
            history.begin(run, os.getpid())
            for start in range(0, 30, 10):
                history.record(run, batch(start))
            history.record(run, [Event(kind="result", time=1, data=RESULT),
                                 Event(kind="finished", time=2)])
            os.write(DONE[1], run.encode() + b"\\n")
            old = chance.choice(history.runs())
            if old.id != run:
                history.trash(old.id)
                os.write(DONE[1], b"-" + old.id.encode() + b"\\n")
                history.purge_trash()

def look():
    store._checked.clear()
    with History.open(PATH) as history:
        history.mark_interrupted()
        history.purge_trash()
        for run in history.runs():
            counts = {name: len(history.series(run.id, name)[0])
                      for name in ("loss", "loss/soft", "bits")}
            yield {
                "id": run.id, "status": run.status, "counts": sorted(set(counts.values())),
                "accuracy": run.accuracy, "folder": run.folder.is_dir(),
                "spec": history.run(run.id).spec == SPEC.model_dump(mode="json"),
            }
        assert history.check() == "ok"
        folders = {one.name for one in (PATH.parent / "runs").glob("*")}
        ids = {run.id for run in history.runs()}
        assert ids <= folders
        yield {"strays": len(folders - ids)}

DONE = os.pipe()
os.set_blocking(DONE[0], False)
for round in range(int(sys.argv[2])):
    child = os.fork()
    if child == 0:
        write(round)
    time.sleep(random.uniform(0.01, 0.25))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    told = b""
    try:
        while part := os.read(DONE[0], 65536):
            told += part
    except BlockingIOError:
        pass
    *runs, strays = look()
    print(json.dumps({"told": told.decode().split(), "runs": runs, **strays}), flush=True)
"""


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    """What was found in the history after each kill."""
    folder = tmp_path_factory.mktemp("durability")
    path = folder / "history.sqlite"
    done = subprocess.run(
        [sys.executable, "-c", ROUNDS, str(path), str(KILLS)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the writer is forked")


def test_every_kill_was_survived_with_work_done(rounds: list[dict]) -> None:
    assert len(rounds) == KILLS  # each round ended with an integrity check
    assert any(one["told"] for one in rounds)


def test_every_run_is_in_a_legal_state(rounds: list[dict]) -> None:
    for run in (run for one in rounds for run in one["runs"]):
        assert run["status"] in ("queued", "interrupted", "finished")
        assert (run["accuracy"] == 0.9) == (run["status"] == "finished")
        assert run["spec"]
        assert run["folder"]


def test_every_batch_of_points_is_whole(rounds: list[dict]) -> None:
    counts = [run["counts"] for one in rounds for run in one["runs"]]
    assert all(len(one) == 1 and one[0] in (0, 10, 20, 30) for one in counts)
    assert [30] in counts


def test_nothing_that_was_reported_done_is_lost(rounds: list[dict]) -> None:
    for one in rounds:
        told = {word for word in one["told"] if word[0] != "-"}
        deleted = {word[1:] for word in one["told"] if word[0] == "-"}
        kept = {run["id"] for run in one["runs"] if run["status"] == "finished"}
        lost = told - deleted - kept
        assert len(lost) <= 1  # a run may be in the trash already when the kill came


def test_a_kill_leaves_at_most_one_folder_without_its_run(rounds: list[dict]) -> None:
    strays = [0, *(one["strays"] for one in rounds)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(strays))
