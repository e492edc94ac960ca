"""All that the charts of one run draw: read from the history, then kept up to date by events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from app.charts.series import Series
from engine.events import Event
from engine.history import History
from engine.records import Stage
from engine.stage_changes import METRIC, stage_changes


class Feed:
    """Series, per-layer tables, stages and the last progress of one run."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        self.series: dict[str, Series] = {}
        self.tables: dict[str, dict[int, dict[str, float | None]]] = {}
        self.stages: dict[str, Stage] = {}
        self.notes: list[tuple[float, str, str]] = []
        self.progress: Event | None = None
        self.version = 0

    def load(self, history: History) -> None:
        """Take in what the history knows; what is already here stays."""
        for _ in self.loading(history):
            pass

    def loading(self, history: History) -> Iterator[None]:
        """Like `load`, in parts short enough for the window's thread."""
        for stage in history.stages(self.run_id):
            self._know(stage)
        said = {*self.notes, *history.notes(self.run_id)}
        self.notes = sorted(said, key=lambda one: one[0])
        for table in history.layer_tables(self.run_id):
            rows = self.tables.setdefault(table, {})
            rows |= dict(history.layer_table(self.run_id, table))
        self.version += 1
        yield
        for name in history.metric_names(self.run_id):
            self._of(name).extend(*history.series(self.run_id, name))
            self.version += 1
            yield

    def add(self, events: Iterable[Event]) -> None:
        """Take in a batch of events."""
        points: dict[str, tuple[list[int], list[float]]] = {}
        for event in events:
            if event.kind == "scalar":
                for name, value in event.values.items():
                    steps, values = points.setdefault(name, ([], []))
                    steps.append(event.step)
                    values.append(float("nan") if value is None else value)
            elif event.kind == "layers":
                self.tables.setdefault(event.text, {})[event.step] = dict(event.values)
            elif event.kind == "progress":
                self.progress = event
            elif event.kind == "stage":
                self._stage(event, points)
            elif event.kind == "note":
                level = "warning" if event.data.get("level") == "warning" else "info"
                self.notes.append((event.time, level, event.text))
        for name, (steps, values) in points.items():
            self._of(name).extend(steps, values)
        self.version += 1

    def get(self, name: str) -> Series | None:
        """The series of a metric, if it has points, with its stages kept apart."""
        found = self.series.get(name)
        if found is None or not len(found):
            return None
        if name != METRIC:
            found.part_at(np.array([step for step, _ in self.stage_steps()], np.int64))
        return found

    def last(self, name: str) -> float | None:
        """The newest value of a metric."""
        found = self.get(name)
        return found.last if found is not None else None

    def last_step(self) -> int:
        """The highest step that any curve has reached."""
        return max((int(one.steps[-1]) for one in self.series.values() if len(one)), default=0)

    def end_step(self) -> int:
        """The step at which the present stage ends, as far as the run has said."""
        if self.progress is None:
            return self.last_step()
        total, done = (self.progress.data.get(key) for key in ("total", "done"))
        if not isinstance(total, int) or not isinstance(done, int):
            return self.last_step()
        return max(self.last_step(), self.progress.step - done + total)

    def stage_steps(self) -> list[tuple[int, str]]:
        """At which step each later stage began, with its title; a resumed one began once."""
        begun = self.get(METRIC)
        if begun is None:
            return []
        titles = {stage.index: title for title, stage in self.stages.items()}
        return stage_changes(begun.steps.tolist(), begun.values.tolist(), titles)

    def stage_spans(self) -> list[tuple[int, str]]:
        """Like `stage_steps`, with the first stage that has points in front; empty for one stage."""
        later, begun = self.stage_steps(), self.get(METRIC)
        if not later or begun is None:
            return later
        titles = {stage.index: title for title, stage in self.stages.items()}
        first = titles.get(int(begun.values[begun.steps < later[0][0]][-1]), "")
        return [(0, first), *later] if first else later

    def _of(self, name: str) -> Series:
        return self.series.setdefault(name, Series())

    def _stage(self, event: Event, points: dict[str, Any]) -> None:
        place = event.data.get("index")
        place = place if isinstance(place, int) else 0
        done = event.data.get("state") == "done"
        seconds = event.data.get("seconds")
        seconds = float(seconds) if isinstance(seconds, int | float) else None
        self._know(Stage(event.stage, place, "done" if done else "begun", seconds))
        if not done:
            steps, values = points.setdefault(METRIC, ([], []))
            steps.append(event.step)
            values.append(float(place))

    def _know(self, stage: Stage) -> None:
        """A stage that is done stays so for a history that has not heard of it yet."""
        before = self.stages.get(stage.title)
        if before is None or stage.state == "done" or before.state != "done":
            self.stages[stage.title] = stage
