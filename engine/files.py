"""Files that the settings of a method name: their full paths, and whether they can be read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from engine.errors import BadInput
from engine.method import Method
from engine.schema import Setting, settings_of
from engine.spec import RunSpec, anchored
from engine.tables import quoted

_HEAD = 4096  # bytes that tell text from anything else
_MOST = 4_000_000_000


def anchored_run(spec: RunSpec, folder: Path) -> RunSpec:
    """The run with full paths; relative ones lie in `folder`, that of the run file."""
    method = dict(spec.method)
    for one in _file_settings(spec.descriptor):
        if path := method.get(one.key):
            method[one.key] = os.path.abspath(folder / Path(path).expanduser())
    blocks = {name: anchored(getattr(spec, name), folder) for name in ("teacher", "data", "text")}
    return spec.model_copy(update={"method": method, **blocks})


def check_files(method: Method, params: Any) -> None:
    """Refuse a file that the settings name and that cannot be read as plain text."""
    for one in _file_settings(method):
        if words := file_problem(one, getattr(params, one.key)):
            raise BadInput(words, f"method.{one.key}")


def file_problem(setting: Setting, path: str | None) -> str:
    """Why a file cannot be used for a setting, as a sentence, or ""; None is no file."""
    if not path:
        return ""
    file = Path(path)
    shown = quoted(file.name)
    endings = " or ".join(setting.endings)
    if setting.endings and file.suffix.lower() not in setting.endings:
        return f"{shown} is of another kind; choose a {endings} file."
    try:
        if file.is_dir():
            return f"{shown} is a folder; choose a {endings} file in it."
        if not file.exists():
            return f"There is no file {shown} in {str(file.parent)[-200:]}; choose another."
        if file.stat().st_size > _MOST:
            return f"{shown} is larger than 4 GB; choose a smaller one."
        return "" if _is_text(file) else f"{shown} is not plain text in UTF-8; choose another file."
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its path is not valid"
        return f"{shown} cannot be read ({reason}); choose another file."


def _is_text(file: Path) -> bool:
    """Whether a regular file begins as UTF-8 text and not as anything else."""
    if not file.is_file():
        return False
    with file.open("rb") as stream:
        head = stream.read(_HEAD)
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # not only a letter cut in two
            return False
    return b"\0" not in head


def _file_settings(method: Method) -> list[Setting]:
    return [one for one in settings_of(method.Params) if one.kind == "file"]
