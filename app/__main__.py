"""`thimble`: do a command, or open the window; a command needs no Qt."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from engine import commands


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    words = list(sys.argv[1:] if argv is None else argv)
    if commands.is_command(words):
        return commands.main(words)
    from app.start import open_window

    return open_window(words)


if __name__ == "__main__":
    sys.exit(main())
