"""Hub data sets, read from a local folder by the same library; names and networks refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import BadInput
from engine.hub import read_hub, read_splits
from engine.spec import HubData


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A local folder that the hub's reader takes for a data set of train and test."""
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))
    home = tmp_path / "set"
    home.mkdir()
    names = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["up", "down"])}
    )
    for split, labels in (("train", [0, 1, -1]), ("test", [1, 0, 0])):
        rows = {"text": [f"{split} {i}" for i in range(3)], "label": labels}
        datasets.Dataset.from_dict(rows, features=names).to_parquet(home / f"{split}.parquet")
    return home


def test_hub_splits_keep_the_declared_class_order(folder: Path) -> None:
    source = read_splits(HubData(source="hub", id="some/set"), str(folder))
    assert source.order == ("up", "down")
    assert source.tables["train"].columns["label"] == ["up", "down", None]
    assert set(source.tables) == {"train", "test"}


def test_a_hub_split_may_be_a_slice(folder: Path) -> None:
    source = read_splits(HubData(source="hub", id="some/set", train="train[:2]"), str(folder))
    assert source.tables["train"].columns["text"] == ["train 0", "train 1"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"train": "training"}, 'no split "training", did you mean "train"?'),
        ({"test": "tset"}, 'no split "tset"'),
        ({"text": "texts"}, 'no column "texts", did you mean "text"?'),
        ({"config": "other"}, '"some/set" cannot be read'),
    ],
)
def test_wrong_names_in_a_hub_set_are_refused(
    folder: Path, change: dict[str, str], said: str
) -> None:
    with pytest.raises(BadInput) as caught:
        read_splits(HubData(source="hub", id="some/set", **change), str(folder))
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["csv", "../up", "/etc/passwd", "a/../b", "a/b/c", "<img src=x>"])
def test_only_owner_and_name_reach_the_hub(name: str) -> None:
    with pytest.raises(BadInput, match="called owner/name"):
        read_hub(HubData(source="hub", id=name))


def test_a_folder_is_never_taken_for_a_hub_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "owner" / "name").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="also a folder here"):
        read_hub(HubData(source="hub", id="owner/name"))


def test_without_the_network_the_hub_is_one_sentence(tmp_path: Path) -> None:
    code = (
        "import os; os.environ['HF_HUB_OFFLINE'] = '1'\n"
        f"os.environ['HF_HOME'] = {str(tmp_path)!r}\n"
        "from engine.hub import read_hub; from engine.spec import HubData\n"
        "try: read_hub(HubData(source='hub', id='owner/name'))\n"
        "except Exception as error: print(type(error).__name__, error, end='')\n"
        "import sys; assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout == (
        'BadInput "owner/name" is not on this computer and the hub cannot be reached; '
        "check the network."
    )
