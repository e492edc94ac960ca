"""Where an axis has its ticks and what they say."""

from __future__ import annotations

import math

from engine import wording

MOST = 6


def nice(low: float, high: float, most: int = MOST) -> list[float]:
    """At most `most` round numbers from `low` to `high`."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return []
    rough = (high - low) / max(1, most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1, 2, 2.5, 5, 10, 20):
        step = factor * power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [place * step for place in range(first, last + 1)]
    return []


def whole(low: float, high: float, most: int = MOST) -> list[float]:
    """Round whole numbers, for steps."""
    return [one for one in nice(low, high, most) if abs(one - round(one)) < 1e-6]


def percents(low: float, high: float, most: int = MOST) -> list[float]:
    """Round whole percents, for shares of 1."""
    return [one for one in nice(low, high, most) if abs(100 * one - round(100 * one)) < 1e-6]


def decades(low: float, high: float, most: int = MOST) -> list[float]:
    """Ticks on an axis of log10 values: powers of ten, with 2 and 5 between where few fit."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low or high - low > 40:
        return []
    for mantissas in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        found = [
            power + math.log10(one)
            for power in range(math.floor(low), math.ceil(high) + 1)
            for one in mantissas
            if low <= power + math.log10(one) <= high
        ]
        if 2 <= len(found) <= most:
            return found
    if not found:
        return [math.log10(one) for one in nice(10**low, 10**high, 4) if one > 0]
    return found[:: math.ceil(len(found) / most)]


def steps(value: float) -> str:
    """ "0", "400", "3 k", "12.5 k"."""
    if abs(value) < 1000:
        return f"{value:.0f}"
    return f"{value / 1000:.1f}".removesuffix(".0") + "\N{NO-BREAK SPACE}k"


def percent(value: float) -> str:
    """ "94 %", with a decimal only where it says something."""
    digits = 0 if abs(100 * value - round(100 * value)) < 1e-6 else 1
    return wording.percent(value, digits)


def logged(value: float) -> str:
    """The number whose log10 is `value`: "0.01", "2", "50"."""
    number = 10.0**value
    if 0.999e-3 <= number < 1e5:
        return f"{number:.6g}"
    return wording.scientific(number)


def plain(value: float) -> str:
    """A number without needless decimals."""
    return f"{value:.6g}"
