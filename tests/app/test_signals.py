"""Many signals in one process: PySide6 6.12 on Python 3.11 aborted after some five hundred."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from PySide6.QtCore import QCoreApplication, QObject, Signal

class Speaker(QObject):
    said = Signal(str, list)

app = QCoreApplication([])
speaker, heard = Speaker(), []
speaker.said.connect(lambda name, values: heard.append(values[0]))
for number in range(5000):
    speaker.said.emit("run", [number])
assert heard == list(range(5000))
print("all heard")
"""


def test_five_thousand_signals_arrive() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "all heard", done.stderr
