"""`python -m engine`: the worker of a run, or the command line."""

from __future__ import annotations

import sys


def main() -> int:
    """Serve one run as its child process, or hand over to the command line."""
    if sys.argv[1:2] == ["worker"]:
        from engine import worker

        return worker.main()
    from engine import commands

    return commands.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
