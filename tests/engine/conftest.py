"""Fixtures for the engine's tests; being here, it also puts this folder's helpers in reach."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Torch, where a test has it, counts in one order, whatever ran before."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
