"""Two cards of a run: how far it is, and what came out of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.charts.feed import Feed
from app.theme import theme
from app.widgets import run_words
from app.widgets.card import Card
from app.widgets.label import plain_tip, text
from app.widgets.pill import Pill
from app.widgets.stage_bar import StageBar
from engine import wording
from engine.records import RunRecord, real
from engine.remarks import SAME_SPEED

_TEST = (
    "A loss is called clear when McNemar's exact test on the same sentences gives p below 0.05."
    ' "No clear loss" is not "the same".'
)


class ProgressCard(Card):
    """The stage bar, the large percentage, the step, and when it ends."""

    def __init__(self) -> None:
        super().__init__(14, 8)
        self.bar = StageBar()
        self.percent = text("title")
        self.position = text("body", "", "text2", elide=True)
        self.so_far = text("body", "", "text2")
        self.left = text("name")
        self.ends = text("body", "", "text2")
        self._line = QWidget()
        row = QHBoxLayout(self._line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(10))
        row.addWidget(self.percent)
        row.addWidget(self.position, 1)
        row.addWidget(self.so_far)
        row.addSpacing(theme().px(14))
        row.addWidget(self.left)
        row.addWidget(self.ends)
        self.body.addWidget(self.bar)
        self.body.addWidget(self._line)

    def show_run(self, record: RunRecord, feed: Feed) -> None:
        """Show how far a run is; a finished one needs its stages only."""
        self.bar.set_steps(run_words.steps(record, feed))
        self._line.setVisible(record.status != "finished")
        self.percent.set_text(wording.percent(run_words.fraction(record, feed), 0))
        self.position.set_text(run_words.position(feed))
        self.so_far.set_text(run_words.so_far(record, feed))
        left, ends = run_words.time_left(run_words.remaining(record, feed))
        self.left.set_text(left)
        self.ends.set_text(ends)


class _Figure(QWidget):
    """A caption, a large value, and its explanation below."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self.value, self.more = text("title"), text("small", "", "text2", elide=True)
        self.pill = Pill("")
        self.pill.hide()
        row = QHBoxLayout()
        row.setSpacing(theme().px(8))
        row.addWidget(self.value)
        row.addWidget(self.pill)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(text("small", caption, "text3"))
        column.addLayout(row)
        column.addWidget(self.more)

    def set(self, value: str, more: str) -> None:
        self.value.set_text(value)
        self.more.set_text(more)


class ResultCard(Card):
    """Accuracy, difference to the teacher, size and speed of a finished run."""

    def __init__(self) -> None:
        super().__init__(14, 0)
        self.accuracy, self.difference = _Figure("Right answers"), _Figure("Beside the teacher")
        self.file, self.speed = _Figure("Size of the file"), _Figure("Time for one sentence")
        grid = QGridLayout()
        grid.setSpacing(theme().px(16))
        for place, one in enumerate((self.accuracy, self.difference, self.file, self.speed)):
            grid.addWidget(one, 0, place)
            grid.setColumnStretch(place, 1)
        self.body.addLayout(grid)

    def show_run(self, record: RunRecord) -> None:
        """Show the figures of a run; what is not known is a dash."""
        result, teacher = record.result, record.teacher
        span = wording.span(record.accuracy_low, record.accuracy_high)
        sentences = wording.count(real(result.get("examples")))
        self.accuracy.set(wording.percent(record.accuracy), f"95 % range {span}")
        plain_tip(self.accuracy, f"Measured on {sentences} sentences of the test split.")
        self._difference(record, result)
        saved = wording.size(record.teacher_bytes)
        self.file.set(
            wording.size(record.bytes),
            f"{wording.ratio(real(result.get('compression')))} smaller than {saved}",
        )
        slow = wording.latency(_median(teacher))
        self.speed.set(wording.latency(record.latency), f"{_speed(record)}, teacher {slow}")
        plain_tip(self.speed, _setting(result))

    def _difference(self, record: RunRecord, result: dict[str, Any]) -> None:
        from engine.compare import verdict

        known = record.accuracy is not None and record.teacher_accuracy is not None
        difference = (record.accuracy or 0.0) - (record.teacher_accuracy or 0.0) if known else None
        test = result.get("mcnemar")
        p = real(test.get("p")) if isinstance(test, dict) else None
        teacher = f"teacher {wording.percent(record.teacher_accuracy)}"
        more = f"{teacher}, {wording.p_value(p)}" if p is not None else teacher
        plain_tip(self.difference, _TEST if p is not None else "")
        points = f"{wording.points(difference)} points" if known else wording.UNKNOWN
        self.difference.set(points, more)
        self.difference.pill.setVisible(known and p is not None)
        word = verdict(difference, p)
        tone = {"clear loss": "warn", "clear gain": "good", "no clear loss": "good"}
        self.difference.pill.set_look(word, tone.get(word, "neutral"))


def _speed(record: RunRecord) -> str:
    """How fast beside the teacher; a file that only shares weights does the same work."""
    from engine.compare import compare

    row = compare([record]).rows[-1]
    if row.same_work and (row.faster or 1.0) <= SAME_SPEED[1]:
        return "same work, no faster"
    measured = f"{wording.ratio(real(record.result.get('speedup')))} as fast"
    return f"same work, {measured}" if row.same_work else measured


def _median(block: dict[str, Any]) -> float | None:
    latency = block.get("latency_ms")
    found = real(latency.get("median")) if isinstance(latency, dict) else None
    return float(found) if found is not None else None


def _setting(result: dict[str, Any]) -> str:
    """With what the time was measured."""
    latency = result.get("latency_ms")
    if not isinstance(latency, dict):
        return ""
    parts = [f"{key} {latency[key]}" for key in ("batch", "length", "threads") if key in latency]
    return "Median after warm-up, " + ", ".join(parts)
