"""`python -m engine worker` serves one job; every other word is a command of Thimble."""

from __future__ import annotations

import sys


def main() -> int:
    """Hand over to the worker or to the command line."""
    if sys.argv[1:] == ["worker"]:
        from engine import worker

        return worker.main()
    from engine import commands

    return commands.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
