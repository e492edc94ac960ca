"""Says in one sentence how a worker process died."""

from __future__ import annotations

import re
import signal

_LONGEST_WORDS = 240
_PATH = re.compile(r"(?:[A-Za-z]:)?(?:[\\/][^\\/\s\"':]+)+[\\/]([^\\/\s\"':]+)")
_FRAME = re.compile(r"^\s|^Traceback |^\^|^$")
_MEMORY = "Try a smaller batch size or a shorter longest sentence, then continue the run."
_KILLED = f"The run was killed by the system, most likely out of memory. {_MEMORY}"
_NATIVE = {
    "SIGSEGV": "a memory access error", "SIGBUS": "a memory access error",
    "SIGABRT": "an abort", "SIGILL": "an instruction this processor lacks",
    "SIGFPE": "an arithmetic error",
}  # fmt: skip
_WINDOWS = {0xC0000005: "a memory access error", 0xC0000409: "an abort", 0xC000001D: "an abort"}


def how_it_died(code: int | None, log: str) -> str:
    """The reason in words, then the last thing the log says."""
    reason = _reason(code or 0)
    words = last_words(log)
    return f"{reason} The log ends with: {words}" if words else reason


def last_words(log: str) -> str:
    """The last line of a log that is no part of a traceback's listing, without folders."""
    lines = [line for line in log.splitlines() if not _FRAME.match(line)]
    if not lines:
        return ""
    plain = "".join(one if one.isprintable() else " " for one in lines[-1])
    return _PATH.sub(r"\1", plain).strip()[:_LONGEST_WORDS]


def _reason(code: int) -> str:
    if code in _WINDOWS or code & 0xFFFFFFFF in _WINDOWS:
        return f"The run crashed with {_WINDOWS[code & 0xFFFFFFFF]}; continue it to try again."
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        if name == "SIGKILL":
            return _KILLED
        if name in _NATIVE:
            return f"The run crashed with {_NATIVE[name]}; continue it to try again."
        return f"The run was ended from outside ({name}); continue it to try again."
    if code:
        return f"The run ended with exit code {code} and no further word."
    return "The run ended without saying whether it finished; continue it to try again."
