"""What a page says about a run: its settings, its progress, its verdict, in plain words."""

from __future__ import annotations

import time
from pathlib import PurePath, PureWindowsPath
from typing import Any

from app.charts.feed import Feed
from app.widgets.run_rows import method_title
from app.widgets.stage_bar import Step
from engine import schema, wording
from engine.errors import BadInput
from engine.method import Method, methods
from engine.records import RunRecord, real
from engine.setting_words import text_of

ALMOST = 0.99  # no run is at 100 % before it has finished
OUTER = 0.1  # the first and the last stage are each this share of a run's progress


def clock(moment: float | None) -> str:
    """ "15:21", with the date in front where it is not today's; "" when unknown."""
    if not moment:
        return ""
    try:
        then = time.localtime(moment)
    except (OverflowError, ValueError, OSError):
        return ""
    today = time.localtime()[:3] == then[:3]
    return time.strftime("%H:%M" if today else "%d %b %Y, %H:%M", then).lstrip(
        "0" if not today else ""
    )


def headline(record: RunRecord) -> str:
    """ "Patient KD · 3 layers · reviews · started 15:21", and a text if the run reads one."""
    parts = [method_title(record), _size(record), _data(record), _text(record)]
    begun = clock(record.started)
    parts.append(f"started {begun}" if begun else f"made {clock(record.created)}")
    return " · ".join(one for one in parts if one)


def _size(record: RunRecord) -> str:
    """The first basic whole-number setting with a unit: "3 layers"."""
    method, given = methods().get(record.method), record.spec.get("method")
    if method is None or not isinstance(given, dict):
        return ""
    for setting in schema.settings_of(method.Params):
        value = given.get(setting.key)
        if setting.basic and setting.kind == "whole" and setting.unit and type(value) is int:
            unit = setting.unit.removesuffix("s") if value == 1 else setting.unit
            return f"{value} {unit}"
    return ""


def _data(record: RunRecord) -> str:
    block = record.spec.get("data")
    if not isinstance(block, dict):
        return ""
    named = block.get("name") or block.get("id")
    if not named and isinstance(block.get("train"), str):
        named = PureWindowsPath(PurePath(block["train"]).name).name
    return named[:60] if isinstance(named, str) else ""


def _text(record: RunRecord) -> str:
    """ "text: WikiText-2" where the run reads another text than that of its data."""
    method, given = methods().get(record.method), record.spec.get("method")
    if method is None or not isinstance(given, dict):
        return ""
    named = text_of(record.spec)
    try:
        params = schema.make(method.Params, {k: v for k, v in given.items() if k != "key"})
    except BadInput:  # settings of another version of Thimble
        return ""
    return f"text: {named}" if named and method.reads_text(params) else ""


def fraction(record: RunRecord, feed: Feed | None) -> float:
    """How much of the run is done, 0 to 1, as last heard."""
    heard = real(feed.progress.data.get("fraction")) if feed is not None and feed.progress else None
    known = heard if heard is not None and record.status == "running" else record.fraction
    most = ALMOST if record.status == "running" else 1.0
    return min(most, max(0.0, float(known or 0.0)))


def remaining(record: RunRecord, feed: Feed | None) -> float | None:
    """Seconds to the end, as last heard."""
    if record.status != "running":
        return None
    if feed is not None and feed.progress is not None:
        return _real(feed.progress.data.get("remaining"))
    return record.remaining


def position(feed: Feed | None) -> str:
    """ "Step 183 of 464, epoch 1.6 of 4"."""
    if feed is None:
        return ""
    data: dict[str, Any] = feed.progress.data if feed.progress is not None else {}
    done, total = real(data.get("done")), real(data.get("total"))
    if done is None or not total:
        last = feed.last_step()
        return f"Step {last:,}" if last else ""
    words = f"Step {done:,.0f} of {total:,.0f}"
    epoch, epochs = real(data.get("epoch")), real(data.get("epochs"))
    if epoch is not None and epochs:
        words += f", epoch {epoch:.1f} of {epochs:.0f}"
    return words


def so_far(record: RunRecord, feed: Feed) -> str:
    """ "4:12 so far", without pauses; "" where the run does not say."""
    data = feed.progress.data if feed.progress is not None else {}
    seconds = _real(data.get("elapsed")) if record.status == "running" else None
    return "" if seconds is None else f"{wording.elapsed(seconds)} so far"


def time_left(seconds: float | None) -> tuple[str, str]:
    """ "4 min left" and "ends about 15:35"; both empty when unknown."""
    if seconds is None:
        return "", ""
    ends = time.localtime(time.time() + min(max(0.0, seconds), 1e8))
    return f"{wording.remaining(seconds)} left", time.strftime("ends about %H:%M", ends)


def _stages(method: Method, record: RunRecord) -> tuple[str, ...]:
    """The stages that a run with these settings has."""
    values = {k: v for k, v in dict(record.spec.get("method", {})).items() if k != "key"}
    try:
        return method.stages(schema.make(method.Params, values))
    except BadInput:  # settings of another version of Thimble
        return ()


def steps(record: RunRecord, feed: Feed) -> list[Step]:
    """The stages of the method, and any the run had besides, with their times."""
    method = methods().get(record.method)
    titles = list(_stages(method, record)) if method is not None else []
    known = sorted(feed.stages.values(), key=lambda one: one.index)
    titles += [one.title for one in known if one.title not in titles]
    at_work = feed.progress.stage if feed.progress is not None else record.stage
    found = []
    for title in titles:
        stage = feed.stages.get(title)
        if record.status == "running" and title == at_work:
            share = _stage_share(record, feed, titles)
            found.append(Step(title, "now", share, wording.percent(share, 0)))
        elif stage is not None and stage.state == "done":
            found.append(Step(title, "done", 1.0, wording.elapsed(stage.seconds)))
        else:
            begun = title == at_work and record.status != "queued"
            found.append(Step(title, "later", _stage_share(record, feed, titles) if begun else 0.0))
    return found


def _stage_share(record: RunRecord, feed: Feed, titles: list[str]) -> float:
    """How much of the present stage is done: as heard, else from the share of the whole run."""
    if feed.progress is not None:
        share = _real(feed.progress.data.get("stage_fraction")) or 0.0
    else:
        middle = (1 - 2 * OUTER) / max(1, len(titles) - 2)
        widths = [OUTER, *[middle] * (len(titles) - 2), OUTER]
        place = titles.index(record.stage) if record.stage in titles else 0
        share = ((record.fraction or 0.0) - sum(widths[:place])) / widths[place]
    return min(1.0, max(0.0, share))


def _real(value: Any) -> float | None:
    found = real(value)
    return float(found) if found is not None else None


def notice(record: RunRecord) -> tuple[str, str, str] | None:
    """The bar above the charts: its kind, sentence and button; None where all is well."""
    done = wording.percent(record.fraction or 0.0, 0)
    if record.status == "failed":
        return (
            "bad",
            record.error or "The run failed without a word; the log may say more.",
            "Run again",
        )
    if record.status == "interrupted":
        return (
            "warn",
            f"Stopped at {done} when its process ended. What was saved is kept.",
            "Resume",
        )
    if record.status == "paused":
        return "warn", f"Paused at {done}. Nothing is lost.", "Resume"
    if record.status == "stopped":
        return "warn", f"Stopped at {done}. What was learnt up to there is kept.", "Resume"
    return None
