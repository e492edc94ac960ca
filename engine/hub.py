"""Reading a data set from the Hugging Face hub; the only data that uses the network."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.errors import BadInput, nearest
from engine.rows import fold, plain_text
from engine.spec import HubData, HubText
from engine.tables import LARGEST_ROWS, Source, Table, find_column, quoted

# One owner and one name: never a path, nor the name of a built-in reader such as "csv".
_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def read_hub(block: HubData) -> Source:
    """Download, or take from the local cache, what the block names. Needs no remote code.

    HF_HUB_OFFLINE=1 keeps it to the cache. Raises BadInput for unknown names and lost networks.
    """
    _check_id(block.id, "data.id")
    return read_splits(block, block.id)


def read_hub_text(block: HubText, location: str | None = None) -> list[str]:
    """The lines of a text column on the hub, empty ones too; `location` may be a local folder."""
    if location is None:
        _check_id(block.id, "text.id")
    names = _available(block, location or block.id)
    _present(block.split, names, optional=False, where="text.split")
    rows = _load(block, location or block.id, [block.split])[0]
    try:
        find_column(block.column, rows.column_names)
        if len(rows) > LARGEST_ROWS:
            raise BadInput("has more than 10 million rows; take a slice such as train[:100000]")
    except BadInput as error:
        raise BadInput(f"{quoted(block.id)} {error}.", "text.column") from None
    cells = rows.select_columns([block.column])[:][block.column]
    return [plain_text(one) if isinstance(one, str) else "" for one in cells]


def _check_id(name: str, where: str) -> None:
    """Refuse what is not an owner and a name."""
    if not _ID.fullmatch(name) or ".." in name:
        raise BadInput(
            f"{quoted(name)} is not a data set of the hub; they are called owner/name, such as "
            "nyu-mll/glue.",
            where,
        )
    if Path(name).exists():
        raise BadInput(
            f"{quoted(name)} is also a folder here; choose its files as local files instead.",
            where,
        )


def read_splits(block: HubData, location: str) -> Source:
    """Read the block's splits from a hub id or a local folder of parquet, csv or jsonl files.

    A validation or test split under its usual name may be missing.
    """
    names = _available(block, location)
    splits = {
        split: name
        for split, name in (
            ("train", block.train), ("validation", block.validation), ("test", block.test)
        )
        if name and _present(name, names, optional=name == split != "train", where=f"data.{split}")
    }  # fmt: skip
    columns = block.columns
    loaded = _load(block, location, list(splits.values()))
    tables, order = {}, None
    for (split, name), rows in zip(splits.items(), loaded, strict=True):
        source = f"Split {quoted(name)} of {quoted(block.id)}"
        tables[split], found = _table(rows, columns, block.label, source, f"data.{split}")
        order = order or found
    title = block.id if block.config is None else f"{block.id} ({block.config})"
    return Source(block.id, title, columns, block.label, tables, order)


def _available(block: HubData | HubText, location: str) -> list[str]:
    import datasets

    datasets.disable_progress_bars()
    try:
        return list(
            datasets.get_dataset_split_names(
                location, config_name=block.config or None, revision=block.revision
            )
        )
    except Exception as error:
        raise _refusal(block, error) from None


def _load(block: HubData | HubText, location: str, splits: list[str]) -> Any:
    import datasets

    try:
        return datasets.load_dataset(
            location, name=block.config or None, split=splits, revision=block.revision
        )
    except Exception as error:
        raise _refusal(block, error) from None


def _present(name: str, names: Sequence[str], optional: bool, where: str) -> bool:
    """Whether the split is there; a slice such as train[:1000] counts as its split."""
    wanted = name.partition("[")[0]
    if wanted in names:
        return True
    if optional:
        return False
    shown = ", ".join(quoted(found, 40) for found in names[:12])
    raise BadInput(
        f"The data set has no split {quoted(wanted)}{nearest(wanted, names) or ';'} its splits are "
        f"{shown}.",
        where,
    )


def _table(
    rows: Any, columns: Sequence[str], label: str, source: str, where: str
) -> tuple[Table, tuple[str, ...] | None]:
    """The wanted columns of a split, and its class names in order if the hub declares them."""
    try:
        for name in (*columns, label):
            find_column(name, rows.column_names)
        if len(rows) > LARGEST_ROWS:
            raise BadInput("has more than 10 million rows; take a slice such as train[:100000]")
    except BadInput as error:
        raise BadInput(f"{source} {error}.", where) from None
    names = [fold(name) for name in getattr(rows.features[label], "names", None) or ()]
    cells = dict(rows.select_columns([*columns, label])[:])
    if names:
        # -1 is the hub's mark for a label that is kept secret.
        cells[label] = [
            names[i] if i is not None and 0 <= i < len(names) else None for i in cells[label]
        ]
    return Table(source, cells, where), tuple(names) if names else None


def _refusal(block: HubData | HubText, error: Exception) -> BadInput:
    """One sentence for whatever the datasets library raised; its own kinds of error are many."""
    if isinstance(error, BadInput):
        return error
    name = quoted(block.id)
    kind = type(error).__name__
    if kind == "DatasetNotFoundError":
        return BadInput(f"The hub has no open data set {name}; check its name.", "data.id")
    if isinstance(error, ConnectionError) or "Offline" in kind or "Connect" in kind:
        return BadInput(
            f"{name} is not on this computer and the hub cannot be reached; check the network.",
            "data.id",
        )
    if "scripts are no longer supported" in str(error):
        return BadInput(
            f"{name} needs a program of its own to be read, and Thimble runs none; choose another.",
            "data.id",
        )
    reason = quoted(str(error) or kind, 200)
    return BadInput(f"{name} cannot be read; the reader of the hub says {reason}.", "data.id")
