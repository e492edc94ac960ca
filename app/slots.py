"""Every setting of a run in the order of the form, with the paper's value beside the default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from engine.files import file_problem
from engine.method import Method
from engine.schema import Params, Setting, choice, settings_of, whole
from engine.training import training_settings


class RunSettings(Params):
    """What belongs to the run itself and not to its method."""

    seed: int = whole(
        42, 0, 2**31 - 1, "The same seed on the same computer gives the same run again.",
        label="Seed", term="random seed", source="Our default",
    )  # fmt: skip
    device: Literal["auto", "cpu", "cuda", "mps"] = choice(
        "auto", "Where to train; auto takes a graphics card when there is one.",
        label="Train on", term="device", source="Our default",
    )  # fmt: skip


@dataclass(frozen=True)
class Slot:
    """One setting as the form shows it: `where` is its place in the run file.

    `paper` is what the method's paper says, or None; `default` what the form begins with.
    """

    where: str
    setting: Setting
    default: Any
    paper: Any

    @property
    def origin(self) -> Any:
        """The value that Reset goes back to."""
        return self.default if self.paper is None else self.paper


def slots_of(method: Method) -> list[Slot]:
    """The settings of a method, of training and of the run; basic ones first."""
    found = [_slot(f"method.{one.key}", one) for one in settings_of(method.Params)]
    for one in training_settings():
        stated = method.training.get(one.key)
        slot = _slot(f"training.{one.key}", one)
        found.append(slot if stated is None else Slot(slot.where, one, stated, stated))
    found += [_slot(one.key, one) for one in settings_of(RunSettings)]
    return sorted(found, key=lambda slot: not slot.setting.basic)


def _slot(where: str, setting: Setting) -> Slot:
    return Slot(where, setting, setting.default, setting.paper)


def limit(setting: Setting, value: Any) -> str:
    """ "at most 12" for a number outside its range, a sentence for a file, else nothing."""
    if setting.kind == "file":
        return file_problem(setting, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if setting.low is not None and value < setting.low:
        return f"at least {setting.low:g}"
    if setting.high is not None and value > setting.high:
        return f"at most {setting.high:g}"
    return ""
