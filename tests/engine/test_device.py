"""Device, threads and precision are chosen in one place."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from engine import device
from engine.errors import BadInput
from engine.spec import make_spec


def choose(run: dict[str, Any], where: str, **training: Any) -> device.Setup:
    return device.choose(make_spec({**run, "device": where, "training": training}))


@pytest.mark.parametrize("where", ["cuda", "mps"])
def test_a_device_that_is_absent_is_refused(
    where: str, tiny_run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        f"torch.{'cuda' if where == 'cuda' else 'backends.mps'}.is_available", lambda: False
    )
    with pytest.raises(
        BadInput, match=f'has no "{where}" device; set device to "auto" or "cpu"'
    ) as caught:
        choose(tiny_run, where)
    assert caught.value.where == "device"


def test_auto_takes_the_accelerator_where_there_is_one(
    tiny_run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert choose(tiny_run, "auto").device == "mps"
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    assert choose(tiny_run, "auto").device == "cpu"


@pytest.mark.parametrize(("fast", "precision"), [(True, "bfloat16"), (False, "float32")])
def test_auto_precision_follows_the_processor(
    fast: bool, precision: str, tiny_run: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda: fast)
    assert choose(tiny_run, "cpu").precision == precision
    assert choose(tiny_run, "cpu", precision="float32").precision == "float32"


def test_threads_are_those_asked_for_or_every_core(tiny_run: dict[str, Any]) -> None:
    assert choose(tiny_run, "cpu", threads=3).threads == 3
    assert choose(tiny_run, "cpu").threads == device.usable_cores() >= 1


@pytest.mark.parametrize(
    ("precision", "kind"), [("bfloat16", torch.bfloat16), ("float32", torch.float32)]
)
def test_forward_passes_run_in_the_precision(precision: str, kind: torch.dtype) -> None:
    with device.Setup("cpu", 1, precision).autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == kind


def test_a_set_up_survives_json() -> None:
    one = device.Setup("cpu", 2, "float32")
    assert device.Setup(**one.as_dict()) == one


def test_applying_sets_the_threads() -> None:
    try:
        assert device.Setup("cpu", 2, "float32").apply() == torch.device("cpu")
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(1)
