"""Other processes may open and close a history while this one writes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from histories import spec

from engine.history import History

LOOK = """
import sys
from pathlib import Path
from engine.history import History
history = History.open(Path(sys.argv[1]))
print(len(history.runs()))
history.close()
"""


def seen(path: Path) -> int:
    """How many runs a fresh process finds."""
    command = [sys.executable, "-c", LOOK, str(path)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_a_visitor_does_not_take_the_log_away(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    first = History.open(path)
    first.add_run(spec())
    History.open(path).close()  # another thread of this process comes and goes
    assert seen(path) == 1
    first.add_run(spec())
    assert seen(path) == 2
    first.close()
