"""Methods are found by the place of their file and refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

import engine.methods
from engine.errors import BadInput
from engine.method import FAMILIES, find_method, methods


def test_the_key_is_the_name_of_the_file() -> None:
    folder = Path(engine.methods.__file__).parent
    assert set(methods()) == {path.stem for path in folder.glob("*.py")} - {"__init__"}


def test_gallery_order_is_family_then_place() -> None:
    places = [(list(FAMILIES).index(one.family), one.order) for one in methods().values()]
    assert places == sorted(places)


def test_stages_begin_with_prepare_and_end_with_measure() -> None:
    found = [one.stages(one.Params()) for one in methods().values()]
    assert {(stages[0], stages[-1]) for stages in found} == {("Prepare", "Measure")}


def test_a_slip_is_answered_with_the_nearest_method() -> None:
    with pytest.raises(BadInput, match='no method "pdk", did you mean "pkd"') as caught:
        find_method("pdk")
    assert caught.value.where == "method.key"


@pytest.mark.parametrize("key", ["", "../pkd", "<img src=x>", "__init__", "🦊", "k" * 10**6])
def test_hostile_keys_are_one_short_sentence(key: str) -> None:
    with pytest.raises(
        BadInput, match=r'^There is no method ".{0,60}"(\.|, did) .*Known: '
    ) as caught:
        find_method(key)
    assert len(str(caught.value)) < 300
