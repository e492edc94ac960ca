"""How a run is told on stderr: a live bar on a terminal, lines elsewhere."""

from __future__ import annotations

import sys

from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text

from engine import wording
from engine.cli.output import Console
from engine.events import Event
from engine.plain import clean

STEP = 0.1  # share of the run between two lines


class Screen:
    """Tells a run in lines: stages, every tenth of the way, notes."""

    def __init__(self) -> None:
        self._console = Console(sys.stderr)
        self._due = STEP
        self._stage = ""

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def say(self, text: str) -> None:
        """One line for the person."""
        self._console.print(Text(clean(text)), soft_wrap=True)

    def show(self, event: Event) -> None:
        """Take notice of an event."""
        if event.kind == "note":
            self.say(event.text)
        elif event.kind == "stage" and event.data.get("state") == "begun":
            self.stage(event.stage)
        elif event.kind == "progress":
            fraction, left = event.data.get("fraction"), event.data.get("remaining")
            self.progress(event.stage, float(fraction or 0), left)

    def stage(self, title: str) -> None:
        """A stage has begun; a resumed one says so again."""
        if title != self._stage:
            self.say(title)
        self._stage = title

    def progress(self, stage: str, fraction: float, left: float | None) -> None:
        """The run has come so far; `left` is in seconds."""
        if fraction >= self._due:
            self._due = STEP * (int(fraction / STEP) + 1)
            self.say(" ".join((wording.percent(fraction, 0), stage, _left(left))).rstrip())


class Silence(Screen):
    """Says nothing but what must be said."""

    def show(self, event: Event) -> None:
        """The event lines on the same terminal say it all."""


class Bar(Screen):
    """A live bar with stage, percent and time left; notes above it."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = Progress(
            TextColumn("{task.fields[stage]}", markup=False), BarColumn(),
            TextColumn("{task.fields[percent]}", markup=False),
            TextColumn("{task.fields[left]}", markup=False),
            console=self._console, redirect_stdout=False, redirect_stderr=False,
            refresh_per_second=4,
        )  # fmt: skip
        self._task: TaskID = self._bar.add_task(
            "", total=1.0, stage="Starting", percent="", left=""
        )

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def stage(self, title: str) -> None:
        """Name the stage beside the bar."""
        self._bar.update(self._task, stage=clean(title))

    def progress(self, stage: str, fraction: float, left: float | None) -> None:
        """Move the bar."""
        percent = wording.percent(fraction, 0)
        self._bar.update(
            self._task, completed=fraction, stage=clean(stage), percent=percent, left=_left(left)
        )


def _left(seconds: float | None) -> str:
    return f"{wording.remaining(seconds)} left" if seconds is not None else ""


def make_screen(quiet: bool) -> Screen:
    """The way to tell a run that suits stderr."""
    if quiet:
        return Silence()
    return Bar() if sys.stderr.isatty() else Screen()
