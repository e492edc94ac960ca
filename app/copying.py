"""Copies a finished model to a folder of the person's choice, without holding up the window."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from PySide6.QtCore import QObject, QThread


class Copying(QThread):
    """Copies `source` to a new folder `name` below `target`; `sentence` says how it went."""

    def __init__(
        self, source: Path, target: Path, name: str, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._source = source
        self.target = target / plain_file_name(name)
        self.kind, self.sentence = "good", f"Exported to {self.target}."

    def run(self) -> None:
        """Thread: copy beside the target first, so that a half copy never looks whole."""
        draft = self.target.with_name(f".{self.target.name}.part")
        try:
            if self.target.exists():
                raise FileExistsError(None, "there is one of this name already")
            shutil.copytree(self._source, draft)
            draft.rename(self.target)
        except OSError as error:
            shutil.rmtree(draft, ignore_errors=True)
            reason = error.strerror or "a file could not be copied"
            self.kind = "bad"
            self.sentence = f"{self.target} was not written: {reason}. Choose another folder."


def plain_file_name(name: str) -> str:
    """A folder name that every system allows."""
    plain = re.sub(r"[^\w .-]", "-", name).strip(" .-")[:80]
    return plain or "model"
