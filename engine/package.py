"""A finished run's folder: ONNX model, tokenizer, manifest, reusable weights and a card."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.errors import BadInput, Stopped
from engine.graph import INPUTS
from engine.manifest import Manifest, columns_in_words, write_card
from engine.placing import disk_sentence, place
from engine.runtime import check_model_file, first_line, open_session, run_session, usable_threads
from engine.schema import make

if TYPE_CHECKING:
    import onnxruntime
    import tokenizers

MODEL, TOKENIZER, MANIFEST, CARD, WEIGHTS = (
    "model.onnx", "tokenizer.json", "manifest.json", "card.md", "weights",
)  # fmt: skip
MOST_PIECES = 1024
LARGEST = {MODEL: 2**31, TOKENIZER: 256_000_000, MANIFEST: 1_000_000}


@dataclass(frozen=True)
class Encoded:
    """Word-piece ids and token types of sentences, not padded; `pad` fills shorter rows."""

    ids: list[list[int]]
    types: list[list[int]]
    pad: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, rows: list[int]) -> dict[str, np.ndarray]:
        """The model's inputs for some rows, padded to the longest of them: int64 [rows, length]."""
        length = max(1, *(len(self.ids[row]) for row in rows))
        ids = np.full((len(rows), length), self.pad, np.int64)
        mask, types = np.zeros_like(ids), np.zeros_like(ids)
        for at, row in enumerate(rows):
            count = len(self.ids[row])
            ids[at, :count], types[at, :count], mask[at, :count] = self.ids[row], self.types[row], 1
        return dict(zip(INPUTS, (ids, mask, types), strict=True))


class Package:
    """A package folder, checked when opened; sessions and tokenizer are made when first needed."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.manifest = folder, manifest
        self._sessions: dict[int, onnxruntime.InferenceSession] = {}
        self._tokenizer: tokenizers.Tokenizer | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(cls, folder: Path) -> Package:
        """Open a package, or raise BadInput naming what is wrong with it."""
        folder = Path(folder)
        if not folder.is_dir():
            raise BadInput(f"There is no folder {folder}; choose a package folder.")
        text = _inside(folder, MANIFEST).read_bytes()
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            raise BadInput(f"{folder / MANIFEST} is not JSON; export the run again.") from None
        manifest = make(Manifest, values, MANIFEST)
        model = _inside(folder, MODEL)
        _inside(folder, TOKENIZER)
        if file_sha256(model) != manifest.sha256:
            raise BadInput(f"{model} has changed since it was exported; export the run again.")
        check_model_file(model)
        return cls(folder, manifest)

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names in the order of the logits."""
        return self.manifest.labels

    @property
    def max_length(self) -> int:
        """Longer sentences are cut to this many word pieces."""
        return self.manifest.max_length

    @property
    def model(self) -> Path:
        """The ONNX file."""
        return self.folder / MODEL

    @property
    def bytes(self) -> int:
        """Bytes of the deployable model file on disk."""
        return self.model.stat().st_size

    def session(self, threads: int = 1) -> onnxruntime.InferenceSession:
        """A runtime session that uses `threads` threads, made once per number."""
        with self._lock:
            if threads not in self._sessions:
                self._sessions[threads] = open_session(self.model, threads)
            return self._sessions[threads]

    def close(self) -> None:
        """Let go of the sessions' memory; the next call makes a new one."""
        with self._lock:
            self._sessions.clear()

    def encode(self, texts: tuple[list[str], ...]) -> Encoded:
        """Tokenise one or two parallel columns, cut to `max_length` pieces."""
        if len(texts) != len(self.manifest.columns):
            raise BadInput(
                f"This model reads {columns_in_words(self.manifest.columns)}, but {len(texts)} "
                f"{'column was' if len(texts) == 1 else 'columns were'} given."
            )
        rows: list[Any] = list(texts[0]) if len(texts) == 1 else list(zip(*texts, strict=True))
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = _open_tokenizer(self.folder / TOKENIZER, self.max_length)
            found = self._tokenizer.encode_batch(rows)
        return Encoded([e.ids for e in found], [e.type_ids for e in found], self.manifest.pad_token)

    def logits(
        self,
        texts: tuple[list[str], ...],
        batch_size: int = 64,
        threads: int | None = None,
        *,
        progress: Callable[[float], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> np.ndarray:
        """Logits float32 [n, classes] in the order given.

        Rows of similar length share a batch, padded to its own longest row. `progress` hears the
        finished share; when `stop` says True, Stopped is raised before the next batch.
        """
        encoded, classes = self.encode(texts), len(self.labels)
        session = self.session(threads or usable_threads())
        order = sorted(range(len(encoded)), key=lambda row: len(encoded.ids[row]))
        logits = np.empty((len(order), classes), np.float32)
        done = 0
        while done < len(order):
            if stop and stop():
                raise Stopped
            # Long rows come in smaller batches, so that a stop is heard within a second or so.
            longest = len(encoded.ids[order[min(done + batch_size, len(order)) - 1]])
            count = max(1, min(batch_size, MOST_PIECES // max(1, longest)))
            rows = order[done : done + count]
            found = run_session(session, encoded.batch(rows), self.folder)
            if found.shape != (len(rows), classes):
                raise BadInput(
                    f"The model in {self.folder} has {found.shape[-1]} classes, but its manifest "
                    f"names {classes}; export the run again."
                )
            logits[rows] = found
            done += len(rows)
            if progress:
                progress(done / len(order))
        return logits

    def probabilities(self, texts: tuple[list[str], ...], **options: Any) -> np.ndarray:
        """Class probabilities float32 [n, classes]; options as in `logits`."""
        return softmax(self.logits(texts, **options))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis."""
    raised: np.ndarray = np.exp(logits - logits.max(-1, keepdims=True))
    shares: np.ndarray = raised / raised.sum(-1, keepdims=True)
    return shares


def write_package(
    target: Path,
    *,
    export: Callable[[Path], float | None],
    tokenizer: str,
    manifest: dict[str, Any],
    weights: Callable[[Path], None] | None = None,
    card: str = "",
    shared: bool = False,
) -> Package:
    """Write a package folder so that it is either whole or absent, and open it.

    `export(path)` writes model.onnx and returns the largest difference its check found;
    `weights(folder)` fills the reusable weights; `manifest` holds Manifest's entries except
    sha256 and largest_difference; `card` is Markdown added to the card. An older folder at
    `target` is replaced; with `shared`, other processes write the same package at the same time,
    and the first one stays. Raises BadInput on a full or read-only disk; nothing is left behind.
    """
    target = Path(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        try:
            _fill(draft, export, tokenizer, manifest, weights, card)
            draft.chmod(0o755)
            place(draft, target, stays=lambda: shared and _whole(target))
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except Exception as error:
        # Writers outside Python report a full disk as an error of their own kind.
        if isinstance(error, OSError) or "No space left" in str(error):
            raise BadInput(disk_sentence(target, error)) from error
        raise
    return Package.open(target)


def _fill(
    draft: Path, export: Any, tokenizer: str, manifest: dict[str, Any], weights: Any, card: str
) -> None:
    """Write every file of a package into an empty folder."""
    difference = export(draft / MODEL)
    (draft / TOKENIZER).write_text(tokenizer, "utf-8")
    sha = file_sha256(draft / MODEL)
    made = make(Manifest, {**manifest, "largest_difference": difference, "sha256": sha}, MANIFEST)
    body = json.dumps(made.model_dump(mode="json"), indent=2, ensure_ascii=False)
    (draft / MANIFEST).write_text(body + "\n", "utf-8")
    if weights:
        (draft / WEIGHTS).mkdir()
        weights(draft / WEIGHTS)
    (draft / CARD).write_text(write_card(made, (draft / MODEL).stat().st_size, card), "utf-8")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _inside(folder: Path, name: str) -> Path:
    """A regular file that really lies in `folder` and is not too large."""
    path = folder / name
    if not path.is_file():
        raise BadInput(f"{folder} holds no {name}, so it is no package; choose a package folder.")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BadInput(f"{path} points outside its folder; choose a package made by Thimble.")
    if path.stat().st_size > LARGEST[name]:
        raise BadInput(f"{path} is larger than a package's {name} can be; choose another package.")
    return path


def _open_tokenizer(path: Path, max_length: int) -> tokenizers.Tokenizer:
    """Read a tokenizer that cuts to `max_length` and never pads."""
    from tokenizers import Tokenizer

    try:
        found = Tokenizer.from_str(path.read_text("utf-8"))
        found.no_padding()
        found.enable_truncation(max_length)
    except Exception as error:  # the library raises plain Exception
        raise BadInput(f"{path} is no tokenizer ({first_line(error)}); export it again.") from error
    return found


def _whole(target: Path) -> bool:
    """Whether a package lies there that can be opened."""
    try:
        Package.open(target)
    except (BadInput, OSError):
        return False
    return True
