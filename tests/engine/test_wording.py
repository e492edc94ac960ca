"""Numbers as a person reads them; every example comes from the design's table."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from engine import wording

CASES: list[tuple[Callable[[float], str], float, str]] = [
    (wording.size, 57_400_000, "57.4 MB"),
    (wording.size, 1_300_000_000, "1.3 GB"),
    (wording.size, 999_900_000, "999.9 MB"),
    (wording.size, 999_960_000, "1.0 GB"),
    (wording.size, 100_000, "0.1 MB"),
    (wording.size, 99_000, "99.0 kB"),
    (wording.size, 0, "0.0 kB"),
    (wording.parameters, 109_482_240, "109.5 M"),
    (wording.parameters, 1_200_000_000, "1.2 B"),
    (wording.parameters, 999_990_000, "1.0 B"),
    (wording.parameters, 12_300, "12.3 k"),
    (wording.parameters, 999_990, "1.0 M"),
    (wording.parameters, 17, "17"),
    (wording.ratio, 12.34, "12.3×"),
    (wording.ratio, 120.4, "120×"),
    (wording.ratio, 99.96, "100×"),
    (wording.percent, 0.913, "91.3 %"),
    (wording.percent, 1, "100.0 %"),
    (wording.probability, 0.978, "97.8 %"),
    (wording.probability, 0.9996, "over 99.9 %"),
    (wording.probability, 1.0, "100.0 %"),
    (wording.points, -0.018, "−1.8"),
    (wording.points, 0.004, "+0.4"),
    (wording.points, -0.0001, "0.0"),
    (wording.p_value, 0.06, "p = 0.06"),
    (wording.p_value, 0.004, "p = 0.004"),
    (wording.p_value, 0.0099, "p = 0.010"),
    (wording.p_value, 0.00099, "p < 0.001"),
    (wording.p_value, 1.0, "p = 1.00"),
    (wording.latency, 5.2, "5.2 ms"),
    (wording.latency, 0.31, "0.31 ms"),
    (wording.latency, 0.999, "1.0 ms"),
    (wording.latency, 1200, "1.20 s"),
    (wording.latency, 999.97, "1.00 s"),
    (wording.elapsed, 418, "6:58"),
    (wording.elapsed, 3723, "1:02:03"),
    (wording.elapsed, 0, "0:00"),
    (wording.remaining, 19 * 60, "19 min"),
    (wording.remaining, 59, "less than 1 min"),
    (wording.remaining, 33 * 60, "35 min"),
    (wording.remaining, 119.6 * 60, "2 h 0 min"),
    (wording.remaining, 185 * 60, "3 h 5 min"),
    (wording.significant, 0.1624, "0.162"),
    (wording.significant, 12.345, "12.3"),
    (wording.significant, 0, "0"),
    (wording.significant, 9.996, "10.0"),
    (wording.scientific, 5e-5, "5e-5"),
    (wording.scientific, 1.5e-3, "1.5e-3"),
    (wording.scientific, 1, "1e0"),
    (wording.count, 67_349, "67,349"),
]


@pytest.mark.parametrize(("write", "value", "text"), CASES)
def test_numbers_are_written_as_designed(
    write: Callable[[float], str], value: float, text: str
) -> None:
    assert write(value).replace(chr(0xA0), " ") == text


@pytest.mark.parametrize("write", {case[0] for case in CASES} - {wording.scientific})
@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_what_is_not_known_is_a_dash(
    write: Callable[[float | None], str], value: float | None
) -> None:
    assert write(value) == "–"


def test_units_do_not_break_from_their_numbers() -> None:
    for write, value, _ in CASES:
        assert (
            "min" in write(value)
            or "p " in write(value)
            or " " not in write(value).removeprefix("over ")
        )


def test_a_range_has_an_en_dash() -> None:
    assert wording.span(0.892, 0.93) == "89.2–93.0"
    assert wording.span(None, 0.93) == "–"
