"""What a stage of training keeps on the disk, so that a killed run goes on to the same bits."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from engine import checkpoint, wording
from engine.job import Job

SAVE_SHARE = 0.04  # of the time may go into checkpoints, unless every step is to be saved
SAID_EVERY = 60.0  # seconds between two lines in the log about saved states


@dataclass
class State:
    """Where a stage stands; together with the tensors it is all that a resumed run needs."""

    step: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    rows: dict[str, list[float]] = field(default_factory=dict)
    counted: int = 0
    best: list[float] = field(default_factory=list)
    best_words: str = ""
    best_step: int = 0
    checked: int = 0


class Saved:
    """The saved state of one stage: "last" while it trains, "done" once it is complete.

    `state` and `best`, the best weights so far, are the stage's own to change.
    """

    def __init__(
        self, job: Job, model: nn.Module, folder: Path, optimiser: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LambdaLR,
    ) -> None:  # fmt: skip
        self.job, self.model, self.folder = job, model, folder
        self.optimiser, self.schedule = optimiser, schedule
        self.state = State()
        self.best: dict[str, torch.Tensor] = {}
        self._saved_at, self._cost, self._said_at = time.monotonic(), 0.0, -math.inf

    def take_finished(self) -> bool:
        """Load the weights of a stage that is already complete; False when it is not."""
        found = checkpoint.load(self.folder / "done")
        if found is None:
            return False
        self.model.load_state_dict(found[1]["model"])
        self.model.to(self.job.device).eval()
        return True

    def resume(self) -> bool:
        """Go on from the newest checkpoint; False when there is none."""
        found = checkpoint.load(self.folder / "last")
        if found is None:
            return False
        state, tensors = found
        self.state = State(**state["state"])
        self.model.load_state_dict(tensors["model"])
        checkpoint.restore_optimiser(self.optimiser, tensors["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        rates = self.schedule.get_last_lr()
        for group, rate in zip(self.optimiser.param_groups, rates, strict=True):
            group["lr"] = rate
        self.best = tensors.get("best", {})
        torch.set_rng_state(tensors["random"]["cpu"])
        if self.job.device.type == "cuda":
            torch.cuda.set_rng_state(tensors["random"]["cuda"])
        return True

    def keep_best(self) -> None:
        """Remember the present weights as the best so far."""
        self.best = {n: v.detach().cpu().clone() for n, v in self.model.state_dict().items()}

    def save_if_due(self) -> None:
        """Save when it is time; save and raise Stopped when the person asked for that."""
        every = self.job.spec.training.save_every
        wait = max(every, self._cost / SAVE_SHARE) if every else 0.0
        if self.job.stopping or time.monotonic() - self._saved_at > wait:
            self.save()
            self.job.check_stop()

    def save(self) -> None:
        """Write everything the next steps depend on."""
        begun = time.monotonic()
        random = {"cpu": torch.get_rng_state()}
        if self.job.device.type == "cuda":
            random["cuda"] = torch.cuda.get_rng_state()
        schedule = {k: v for k, v in self.schedule.state_dict().items() if k != "lr_lambdas"}
        schedule["lr_lambdas"] = [None] * len(self.optimiser.param_groups)
        tensors = {
            "model": dict(self.model.state_dict()), "random": random,
            "optimiser": checkpoint.optimiser_tensors(self.optimiser),
        }  # fmt: skip
        if self.best:
            tensors["best"] = self.best
        folder = self.folder / "last"
        checkpoint.save(folder, {"state": asdict(self.state), "schedule": schedule}, tensors)
        self._saved_at = time.monotonic()
        self._cost = self._saved_at - begun
        if self._saved_at - self._said_at >= SAID_EVERY:
            size = wording.size(sum(path.stat().st_size for path in folder.iterdir()))
            self.job.note(f"State saved ({self._cost:.1f} s, {size}).")
            self._said_at = self._saved_at

    def finish(self) -> None:
        """Take the best weights, store the stage as complete and drop its checkpoint."""
        if self.best:
            self.model.load_state_dict(self.best)
            self.job.note(
                f"Kept the weights of step {self.state.best_step:,}: {self.state.best_words}."
            )
        self.model.eval()
        tensors: dict[str, Any] = {"model": dict(self.model.state_dict())}
        checkpoint.save(self.folder / "done", {"state": asdict(self.state)}, tensors)
        checkpoint.retire(self.folder / "last")
