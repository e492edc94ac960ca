"""How numbers are written for a person: sizes, ratios, shares, ranges, durations."""

from __future__ import annotations

import math

UNKNOWN = "–"
MINUS = "−"
_SPACE = "\N{NO-BREAK SPACE}"


def _known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def size(count: float | None) -> str:
    """Bytes as "57.4 MB" (1 MB = 1,000,000 bytes), GB from 1,000 MB, kB below 0.1 MB."""
    if count is None or not _known(count):
        return UNKNOWN
    if count >= 999.95e6:
        return f"{count / 1e9:.1f}{_SPACE}GB"
    return f"{count / 1e6:.1f}{_SPACE}MB" if count >= 1e5 else f"{count / 1e3:.1f}{_SPACE}kB"


def parameters(count: float | None) -> str:
    """A parameter count as "109.5 M"."""
    if count is None or not _known(count):
        return UNKNOWN
    for scale, unit in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if count >= 0.99995 * scale:  # what rounds to 1.0 of a unit is written in it
            return f"{count / scale:.1f}{_SPACE}{unit}"
    return f"{count:.0f}"


def ratio(value: float | None) -> str:
    """Teacher divided by student: "12.3×", whole from 100."""
    if value is None or not _known(value):
        return UNKNOWN
    return f"{value:.0f}×" if value >= 99.95 else f"{value:.1f}×"


def percent(share: float | None, digits: int = 1) -> str:
    """A share between 0 and 1 as "91.3 %"."""
    if share is None or not _known(share):
        return UNKNOWN
    return f"{100 * share:.{digits}f}{_SPACE}%"


def probability(share: float | None) -> str:
    """Like percent, but never 100.0 % unless exact."""
    if share is not None and 0.9995 <= share < 1:
        return f"over 99.9{_SPACE}%"
    return percent(share)


def points(difference: float | None) -> str:
    """A difference of two shares in points with a true minus sign: "−1.8"."""
    if difference is None or not _known(difference):
        return UNKNOWN
    text = f"{abs(100 * difference):.1f}"
    if text == "0.0":
        return text
    return (MINUS if difference < 0 else "+") + text


def span(low: float | None, high: float | None) -> str:
    """A 95 % range of shares as "89.2–93.0"."""
    if low is None or high is None:
        return UNKNOWN
    return f"{100 * low:.1f}–{100 * high:.1f}"


def p_value(p: float | None) -> str:
    """ "p = 0.06", "p = 0.004", "p < 0.001"."""
    if p is None or not _known(p):
        return UNKNOWN
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.01 else f"p = {p:.2f}"


def latency(milliseconds: float | None) -> str:
    """ "5.2 ms", "0.31 ms", "1.20 s"."""
    if milliseconds is None or not _known(milliseconds):
        return UNKNOWN
    if milliseconds >= 999.95:
        return f"{milliseconds / 1000:.2f}{_SPACE}s"
    return f"{milliseconds:.{2 if milliseconds < 0.995 else 1}f}{_SPACE}ms"


def elapsed(seconds: float | None) -> str:
    """ "6:58" or "1:02:03"."""
    if seconds is None or not _known(seconds):
        return UNKNOWN
    hours, rest = divmod(int(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def remaining(seconds: float | None) -> str:
    """Time left in whole minutes, steps of 5 above 30: "19 min", "less than 1 min"."""
    if seconds is None or not _known(seconds):
        return UNKNOWN
    minutes = round(seconds / 60)
    if seconds < 60:
        return f"less than 1{_SPACE}min"
    if minutes > 30:
        minutes = 5 * round(minutes / 5)
    if minutes < 120:
        return f"{minutes}{_SPACE}min"
    return f"{minutes // 60}{_SPACE}h {minutes % 60}{_SPACE}min"


def significant(value: float | None) -> str:
    """A loss with three significant digits."""
    if value is None or not _known(value):
        return UNKNOWN
    if value == 0:
        return "0"
    digits = max(0, 2 - int(f"{value:.2e}".partition("e")[2]))
    return f"{value:.{digits}f}" if abs(value) >= 1e-4 else scientific(value)


def scientific(value: float) -> str:
    """A learning rate as 5e-5."""
    mantissa, _, exponent = f"{value:.3e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def count(value: float | None) -> str:
    """A count with commas: "67,349"."""
    return UNKNOWN if value is None or not _known(value) else f"{value:,.0f}"
