"""Who may import whom, what stays out of the window's process, and the rules every file keeps."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(path for top in ("engine", "app") for path in (ROOT / top).rglob("*.py"))
PLACES = {str(path.relative_to(ROOT)): path for path in FILES}
HEAVY = re.compile(
    r"engine\.(answers|augmentation|batches|candidates|checkpoint|checks|conversion|device|dual|export|feeds|finish|following|guessing|job|loop|mixed|mlm|models|parts|recurrent|recurrent_training|saved|transfer|sharing|ops(\..*)?)"
)
NEVER_LOADED = (
    "torch",
    "transformers",
    "pandas",
    "datasets",
    "sqlite_utils",
    "onnxruntime",
    "pyarrow",
)
RUNS_CODE = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
MACHINE_PATH = re.compile(r"(?<![\w.])/(work|root|tmp)(/|\b)")
# Longer than 300 lines; each is to be split, none may be added.
LONG: set[str] = set()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def module(path: Path) -> str:
    """The dotted name of a file."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Every module a file names in an import, wherever it stands: "a.b" for `from a import b` too."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module or "")
            found |= {f"{node.module}.{name.name}" for name in node.names}
    return found


def under(folder: str) -> list[Path]:
    return [path for name, path in PLACES.items() if name.startswith(folder)]


def calls(path: Path, name: str) -> Iterator[ast.Call]:
    """Calls of a function or method of that name."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and name == ast.unparse(node.func).rpartition(".")[2]:
            yield node


# Who may import whom ------------------------------------------------------------------------


def test_the_engine_knows_no_window() -> None:
    tops = {name.partition(".")[0] for path in under("engine/") for name in imports(path)}
    assert not tops & {"app", "PySide6", "pyqtgraph", "shiboken6"}


def test_methods_never_import_methods() -> None:
    found = {
        path.name
        for path in under("engine/methods/")
        for n in imports(path)
        if "engine.methods" in n
    }
    assert found == set()


def test_operations_import_arithmetic_alone() -> None:
    tops = {name.partition(".")[0] for path in under("engine/ops/") for name in imports(path)}
    assert tops - set(sys.stdlib_module_names) <= {"torch", "numpy"}


def test_the_runner_alone_starts_processes() -> None:
    found = {module(path) for path in under("app/") if "engine.launch" in imports(path)}
    assert found == {"app.runner"}


def test_pages_never_import_pages() -> None:
    pages = {
        module(path)
        for path in under("app/pages/")
        for node in tree(path).body
        if isinstance(node, ast.ClassDef) and node.name.endswith("Page")
    }
    assert len(pages) >= 4
    assert not [(path.name, name) for path in under("app/pages/") for name in imports(path) & pages]


def test_only_the_window_knows_pages() -> None:
    outside = [path for path in under("app/") if "/pages/" not in str(path)]
    found = {
        module(path) for path in outside for name in imports(path) if name.startswith("app.pages")
    }
    assert found <= {"app.window"}


@pytest.mark.parametrize("part", ["widgets", "charts", "tables", "dialogs"])
def test_adapters_do_not_know_the_window(part: str) -> None:
    above = {"app.window", "app.start", "app.__main__", "app.runner"}
    assert not {name for path in under(f"app/{part}/") for name in imports(path)} & above


def test_the_network_is_reached_in_two_places() -> None:
    clients = {"huggingface_hub", "requests", "urllib", "http", "socket", "PySide6.QtNetwork"}
    found = {
        module(path)
        for path in FILES
        for n in imports(path)
        if n in clients or n.partition(".")[0] in clients
    }
    assert found <= {"engine.teacher", "engine.hub"}


def test_window_and_light_half_load_nothing_heavy() -> None:
    light = [module(path) for path in FILES if not HEAVY.fullmatch(module(path))]
    assert "engine.methods.pkd" in light
    assert "app.window" in light
    code = (
        "import importlib, sys\n"
        f"for name in {light!r}: importlib.import_module(name)\n"
        f"print(*(n for n in {NEVER_LOADED!r} if n in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (found.returncode, found.stdout.strip()) == (0, ""), found.stderr


# Every file ---------------------------------------------------------------------------------


def test_every_file_opens_with_a_sentence() -> None:
    first = {
        name: (ast.get_docstring(tree(p)) or "").partition("\n\n")[0] for name, p in PLACES.items()
    }
    assert not [
        name for name, words in first.items() if len(words) < 15 or words.rstrip()[-1] not in ".?:"
    ]


def test_files_are_short() -> None:
    long = {
        name for name, path in PLACES.items() if len(path.read_text("utf-8").splitlines()) > 300
    }
    assert long <= LONG


def test_no_file_runs_code_from_files() -> None:
    unsafe = r"torch\.load\(|trust_remote_code|allow_pickle=True|weights_only=False"
    assert not [name for name, path in PLACES.items() if re.search(unsafe, path.read_text("utf-8"))]
    assert not [
        n for n, p in PLACES.items() if {one.partition(".")[0] for one in imports(p)} & RUNS_CODE
    ]


@pytest.mark.parametrize("name", ["eval", "exec", "__import__"])
def test_no_text_is_run_as_code(name: str) -> None:
    assert not [
        file
        for file, path in PLACES.items()
        for call in calls(path, name)
        if isinstance(call.func, ast.Name)
    ]


@pytest.mark.parametrize("name", ["QMessageBox", "setHtml", "insertHtml", "setMarkdown"])
def test_nothing_shows_markup_of_strangers(name: str) -> None:
    assert not [module(path) for path in under("app/") if any(calls(path, name))]


def test_labels_with_words_are_plain_ones() -> None:
    outside = [path for path in under("app/") if "/widgets/" not in str(path)]
    assert not [
        module(path) for path in outside if any(call.args for call in calls(path, "QLabel"))
    ]


def test_tooltips_are_escaped_by_one_helper() -> None:
    escaped_themselves = {"app.form"}  # bold names from our own settings, escaped there
    outside = [path for path in under("app/") if "/widgets/" not in str(path)]
    found = {module(path) for path in outside if any(calls(path, "setToolTip"))}
    assert found <= escaped_themselves


def test_no_product_file_names_a_machines_path() -> None:
    suffixes = {".py", ".toml", ".md", ".json", ".svg", ".txt", ".qss", ".yml", ".yaml"}
    places = [*FILES, ROOT / "pyproject.toml", ROOT / "README.md", *(ROOT / "assets").rglob("*")]
    texts = [
        path
        for path in places
        if path.is_file() and path.suffix in suffixes and path.stat().st_size < 10**6
    ]
    found = [
        str(path.relative_to(ROOT))
        for path in texts
        if MACHINE_PATH.search(path.read_text("utf-8"))
    ]
    assert found == []
