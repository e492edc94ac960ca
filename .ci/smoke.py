#!/usr/bin/env python3
"""Start the installed window on a virtual screen, run the demo by clicks to its end, take pictures.

Exit status 1 when the demo does not finish, the window ends early, or Qt writes a warning.
Needs Debian's xvfb, xdotool and imagemagick.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZE = (1440, 900)
PLACES = {"compress": (44, 96), "runs": (44, 158), "compare": (44, 220), "playground": (44, 283)}
TRY_THE_DEMO = (1126, 538)
EXAMPLE = (575, 124)
ASK_ALL = (1353, 75)
LONGEST = 1500  # seconds for the demo on a slow machine


class Screen:
    """A virtual screen with one program on it."""

    def __init__(self, out: Path, command: list[str], folder: Path) -> None:
        self.out, self.display = out, f":{200 + os.getpid() % 500}"
        self.environment = dict(os.environ, DISPLAY=self.display, QT_QPA_PLATFORM="xcb")
        size = f"{SIZE[0]}x{SIZE[1]}x24"
        self.server = subprocess.Popen(
            ["Xvfb", self.display, "-screen", "0", size, "-nolisten", "tcp"],
            stderr=subprocess.DEVNULL,
        )
        time.sleep(1)
        self.log = (out / "window.log").open("w+")
        self.program = subprocess.Popen(
            command, env=self.environment, cwd=folder, stdout=self.log, stderr=subprocess.STDOUT
        )

    def tool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True
        )
        return done.stdout.strip()

    def wait_for_window(self, seconds: float) -> None:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            window = self.tool("search", "--onlyvisible", "--name", "Thimble").split("\n")[0]
            if window:
                self.tool("windowmove", window, "0", "0")
                self.tool("windowsize", window, *map(str, SIZE))
                self.tool("windowfocus", window)
                time.sleep(3)
                return
            time.sleep(0.1)
        raise SystemExit("the window did not appear")

    def click(self, place: tuple[int, int], wait: float = 2.0) -> None:
        self.tool("mousemove", str(place[0]), str(place[1]), "click", "1")
        time.sleep(wait)

    def picture(self, name: str) -> None:
        target = str(self.out / f"{name}.png")
        subprocess.run(["import", "-window", "root", target], env=self.environment, check=True)

    def close(self) -> None:
        self.program.terminate()
        try:
            self.program.wait(20)
        except subprocess.TimeoutExpired:
            self.program.kill()
        self.server.terminate()

    def complaints(self) -> list[str]:
        self.log.seek(0)
        marks = ("warning", "qobject", "traceback", "qt.")
        return [
            line for line in self.log.read().splitlines() if any(m in line.lower() for m in marks)
        ]


def runs(history: Path) -> list[dict[str, str]]:
    """The history as the command line tells it."""
    command = ["thimble", "runs", "--json", "--history", str(history)]
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 and done.stdout.strip() else []


def wait_for_demo(screen: Screen, history: Path) -> str:
    """Wait until the demo ends and return how."""
    limit = time.monotonic() + LONGEST
    while time.monotonic() < limit:
        if screen.program.poll() is not None:
            return "window ended"
        found = runs(history)
        if found and found[0]["status"] in ("finished", "failed", "stopped", "interrupted"):
            return found[0]["status"]
        time.sleep(5)
    return "too slow"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("pictures"))
    out = parser.parse_args().out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="thimble-smoke-") as folder:
        history = Path(folder) / "history.sqlite"
        command = ["thimble", "--history", str(history), "--theme", "light"]
        screen = Screen(out, command, Path(folder))
        try:
            screen.wait_for_window(60)
            screen.picture("first-run")
            begun = time.monotonic()
            screen.click(TRY_THE_DEMO, wait=30)
            screen.picture("running")
            ending = wait_for_demo(screen, history)
            print(f"demo {ending} after {time.monotonic() - begun:.0f} s")
            for name, place in PLACES.items():
                screen.click(place, wait=3)
                if name == "playground":
                    screen.click(EXAMPLE, wait=2)
                    screen.click(ASK_ALL, wait=8)
                screen.picture(name)
            alive = screen.program.poll() is None
        finally:
            screen.close()
        complaints = screen.complaints()
    print("\n".join(complaints[:20]) or "no Qt warnings")
    return int(ending != "finished" or not alive or bool(complaints))


if __name__ == "__main__":
    sys.exit(main())
