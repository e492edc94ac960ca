"""The nearest right name, and where an error belongs."""

from __future__ import annotations

from engine.errors import BadInput, nearest


def test_a_slip_finds_the_right_name() -> None:
    assert nearest("fintune", ["finetune", "pkd"]) == ', did you mean "finetune"?'


def test_nothing_near_says_nothing() -> None:
    assert nearest("xyz", ["finetune", "pkd"]) == ""


def test_a_name_of_a_megabyte_is_harmless() -> None:
    assert nearest("a" * 10**6, ["finetune", "pkd"]) == ""


def test_bad_input_carries_its_place() -> None:
    error = BadInput("A sentence.", "method.layers")
    assert (str(error), error.where) == ("A sentence.", "method.layers")
