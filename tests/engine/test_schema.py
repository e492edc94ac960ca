"""Settings declared once: descriptions for forms, and refusals in one sentence."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import ValidationError

from engine.errors import BadInput
from engine.schema import Params, choice, make, number, settings_of, switch, whole


class Sample(Params):
    """A method's settings as a file would write them."""

    layers: int = whole(3, 1, 12, "Layers.", label="Layers", source="Sun 2019", basic=True)
    rate: float = number(
        5e-5, 1e-8, 1.0, "Rate.", label="Rate", source="Our default", scientific=True
    )
    kind: Literal["skip", "last"] = choice("skip", "Kind.", label="Kind", source="Sun 2019")
    on: bool = switch(True, "On.", label="On", source="Our default", paper=False)
    width: int | None = whole(None, 8, 64, "Width.", label="Width", source="Our default", step=8)


SETTINGS = {setting.key: setting for setting in settings_of(Sample)}


def test_settings_keep_the_order_written() -> None:
    assert list(SETTINGS) == ["layers", "rate", "kind", "on", "width"]


def test_a_whole_number_says_its_range() -> None:
    setting = SETTINGS["layers"]
    assert (setting.kind, setting.low, setting.high, setting.default) == ("whole", 1, 12, 3)
    assert setting.basic
    assert not setting.optional


def test_a_choice_lists_its_options() -> None:
    assert SETTINGS["kind"].options == ("skip", "last")


def test_none_means_automatic() -> None:
    assert SETTINGS["width"].optional
    assert SETTINGS["width"].default is None
    assert Sample(width=None).width is None


def test_the_papers_value_is_the_default_unless_it_is_ours() -> None:
    assert (SETTINGS["layers"].paper, SETTINGS["rate"].paper) == (3, None)
    assert SETTINGS["on"].paper is False


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Sample().layers = 4  # type: ignore[misc]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"layer": 2}, 'There is no setting "method.layer", did you mean "layers"?'),
        ({"zzz": 2}, 'There is no setting "method.zzz".'),
        ({"layers": 0}, '"method.layers" is 0; it must be at least 1.'),
        ({"layers": 13}, '"method.layers" is 13; it must be at most 12.'),
        ({"width": 65}, '"method.width" is 65; it must be at most 64.'),
        ({"kind": "skp"}, "\"method.kind\" is 'skp'; use one of 'skip' or 'last'."),
        ({"rate": float("nan")}, '"method.rate" is nan; it must be at most 1.'),
        ({"rate": float("inf")}, '"method.rate" is inf; it must be at most 1.'),
    ],
)
def test_a_wrong_value_is_one_sentence(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(BadInput) as caught:
        make(Sample, values, "method")
    assert str(caught.value) == sentence
    assert caught.value.where == f"method.{next(iter(values))}"


@pytest.mark.parametrize("value", ["three", 2.5, [], {}, None, "9" * 5000])
def test_a_wrong_type_names_the_setting(value: object) -> None:
    with pytest.raises(BadInput, match=r'^"method\.layers" is .{1,60}; ') as caught:
        make(Sample, {"layers": value}, "method")
    assert len(str(caught.value)) < 200


def test_a_name_of_a_megabyte_is_not_echoed() -> None:
    with pytest.raises(BadInput) as caught:
        make(Sample, {"a" * 10**6: 1}, "method")
    assert len(str(caught.value)) < 200
    assert len(caught.value.where) < 200
