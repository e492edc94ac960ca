"""Writes a run file, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from engine.errors import BadInput
from engine.spec import RunSpec


def write_spec(path: Path, spec: RunSpec) -> None:
    """Write a run file; a crash or a full disk leaves what was there. Raises BadInput."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".recipe-")
        part = Path(name)
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(spec.to_json())
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise BadInput(f"{path} was not saved: {reason}.") from None
