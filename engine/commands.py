"""The command line: reads the arguments, hands over to a command, and says errors in one sentence."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import engine
from engine import paths
from engine.errors import BadInput, nearest
from engine.plain import clean

FORMATS = ("onnx", "folder", "report")
SPLITS = ("test", "validation", "train")
BAD_INPUT, INTERRUPTED, PIPE_CLOSED = 2, 130, 141


class Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments as one sentence."""

    def error(self, message: str) -> NoReturn:
        """Take the place of argparse's usage text."""
        raise BadInput(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


def _nothing(parser: Parser) -> None:
    """No arguments of its own."""


def _run(parser: Parser) -> None:
    parser.add_argument("spec", metavar="SPEC.json", type=Path, help="the run file")
    parser.add_argument(
        "--baseline", action="store_true",
        help="afterwards train the same student without the teacher",
    )  # fmt: skip


def _one_run(parser: Parser) -> None:
    parser.add_argument("run", metavar="RUN", help="a run's id, its beginning, or its name")


def _several_runs(parser: Parser) -> None:
    parser.add_argument("runs", metavar="RUN", nargs="+", help="finished runs, by id or name")
    parser.add_argument(
        "--time", action="store_true", help="measure all latencies anew, model by model in turns"
    )


def _model(parser: Parser) -> None:
    parser.add_argument("model", metavar="MODEL", help="a package folder, a run's id or its name")


def _evaluate(parser: Parser) -> None:
    _model(parser)
    parser.add_argument("data", metavar="DATA.json", type=Path, help="a data block or a run file")
    parser.add_argument("--split", choices=SPLITS, default="test", help="default: test")


def _predict(parser: Parser) -> None:
    _model(parser)
    parser.add_argument(
        "texts", metavar="TEXT", nargs="+", help="sentences; two each for a model that reads pairs"
    )


def _export(parser: Parser) -> None:
    _one_run(parser)
    parser.add_argument("folder", metavar="DIR", type=Path, help="a new or empty folder")
    parser.add_argument(
        "--format", choices=FORMATS, required=True,
        help="deployable model, Hugging Face style folder, or HTML report",
    )  # fmt: skip


@dataclass(frozen=True)
class Command:
    """One command: `place` names its function as module:function below engine.cli."""

    help: str
    example: str
    place: str
    arguments: Callable[[Parser], None]
    json: bool = True


COMMANDS = {
    "run": Command("compress a model as a run file says", "run run.json", "train:run", _run),
    "resume": Command("continue a stopped run", "resume 20261122-163012-k3f9", "train:resume", _one_run),
    "methods": Command("list the methods", "methods --json", "browse:methods", _nothing),
    "runs": Command("list the runs", "runs", "browse:runs", _nothing),
    "show": Command("show a run", 'show "TinyBERT 3x192"', "browse:show", _one_run),
    "compare": Command("compare runs", "compare tinybert albert", "browse:compare", _several_runs),
    "evaluate": Command("measure a model on data", "evaluate tinybert data.json", "use:evaluate", _evaluate),
    "predict": Command("classify sentences", 'predict tinybert "What a film"', "use:predict", _predict),
    "export": Command("write a run's model or report", "export tinybert out --format onnx", "use:export", _export, json=False),
    "doctor": Command("check this computer and the history", "doctor", "doctor:doctor", _nothing),
}  # fmt: skip


def is_command(argv: Sequence[str]) -> bool:
    """Whether the arguments are for the command line, and not for the window."""
    first = argv[0] if argv else "-"
    return not first.startswith("-") or first in ("-h", "--help", "--version")


def make_parser() -> Parser:
    """The whole command line."""
    shape = argparse.RawDescriptionHelpFormatter
    parser = Parser(
        prog="thimble", formatter_class=shape,
        description="Make language models small, and see what it costs.",
        epilog="Without a command, thimble opens its window; --history FILE, --theme light|dark|system\n"
        "and --page NAME may go with that.\nExample: thimble run run.json",
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"thimble {engine.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    for name, command in COMMANDS.items():
        says = f"{command.help[:1].upper()}{command.help[1:]}."
        one = commands.add_parser(
            name, help=command.help, description=says, formatter_class=shape,
            epilog=f"Example: thimble {command.example}",
        )  # fmt: skip
        command.arguments(one)
        one.add_argument(
            "--history", metavar="FILE", type=Path, help="history file (default: your own)"
        )
        if command.json:
            one.add_argument("--json", action="store_true", help="print JSON")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the arguments say; returns the exit status and never raises."""
    given = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    with _term_is_interrupt():
        return _in_words(given)


@contextlib.contextmanager
def _term_is_interrupt() -> Iterator[None]:
    """Let SIGTERM end a command as Ctrl+C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def _in_words(given: list[str]) -> int:
    """Call the command and turn whatever it raises into a sentence and a status."""
    try:
        status = _dispatch(given)
        sys.stdout.flush()
    except BadInput as error:
        return _say(str(error), BAD_INPUT)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _close_stdout()
    except Exception as error:  # the process boundary: whatever it is, the person gets a sentence
        return _say(_unforeseen(error), 1)
    return status


def _dispatch(argv: list[str]) -> int:
    """Read the arguments and call the command."""
    if argv and not argv[0].startswith("-") and argv[0] not in COMMANDS:
        hint = nearest(argv[0], COMMANDS) or "; see thimble --help."
        raise BadInput(f'There is no command "{argv[0][:60]}"{hint}')
    try:
        given = make_parser().parse_args(argv)
    except SystemExit as end:  # --help and --version have said their text
        return int(end.code or 0)
    module, _, name = COMMANDS[given.command].place.partition(":")
    command = getattr(importlib.import_module(f"engine.cli.{module}"), name)
    return int(command(given))


def _say(sentence: str, status: int) -> int:
    with contextlib.suppress(OSError):  # nobody may listen
        sys.stderr.write(clean(sentence) + "\n")
        sys.stderr.flush()
    return status


def _unforeseen(error: Exception) -> str:
    """A sentence about an error nobody foresaw; its details go to a log beside the history."""
    first = (str(error).splitlines() or [""])[0][:200]
    said = f"The command hit an error inside Thimble ({type(error).__name__}: {first})"
    log = paths.default_history().with_name("thimble.log")
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="replace") as file:
            file.write("".join(traceback.format_exception(error)))
    except OSError:
        return f"{said}; runs and history are safe."
    return f"{said}; runs and history are safe, and {log} has the details."


def _close_stdout() -> int:
    """Nobody reads on, as with `thimble runs | head`: leave without a word."""
    with contextlib.suppress(OSError, ValueError):  # stdout may be no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED
