"""Where and how a run computes: device, threads and precision, decided in one place."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

import torch

from engine.errors import BadInput
from engine.spec import RunSpec


@dataclass(frozen=True)
class Setup:
    """The choices that a resumed run repeats, so that its numbers are the same to the bit."""

    device: str
    threads: int
    precision: str

    def apply(self) -> torch.device:
        """Make torch use this set-up and return its device."""
        torch.set_num_threads(self.threads)
        return torch.device(self.device)

    def autocast(self) -> AbstractContextManager[Any]:
        """The context in which forward passes run."""
        return torch.autocast(
            torch.device(self.device).type, torch.bfloat16, enabled=self.precision == "bfloat16"
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def choose(spec: RunSpec) -> Setup:
    """Resolve the spec's `auto` choices on this computer."""
    device = spec.device
    available = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if device == "auto":
        device = next(name for name in ("cuda", "mps", "cpu") if available[name])  # type: ignore[assignment]
    if not available[device]:
        raise BadInput(
            f'This computer has no "{device}" device; set device to "auto" or "cpu".', "device"
        )
    precision = spec.training.precision
    if precision == "auto":
        precision = "bfloat16" if _fast_bfloat16(device) else "float32"
    return Setup(device, spec.training.threads or usable_cores(), precision)


def usable_cores() -> int:
    """The processor cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _fast_bfloat16(device: str) -> bool:
    """True where bfloat16 products are faster than float32 ones, not merely possible."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported())
    return device == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())
