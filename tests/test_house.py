"""The house itself: how many rooms, how long files are, and that tests lie where the code does.

The order of the rooms, and that no imports go in a circle, is held by import-linter (see `pyproject.toml`).
"""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("protocol", "recommenders", "bench")

NO_MIRROR = {
    "test_house.py": "the repository as a whole",
    "test_readme.py": "the README",
    "docs": "the README and the documentation, which run",
    "test_results.py": "the committed results",
    "test_published.py": "published figures, made again by the protocol and the models together",
    "protocol/data/test_dialects.py": "all readers of files, and what they infer",
    "protocol/test_clauses.py": "the clauses of protocol/README.md",
    "recommenders/test_contract.py": "every model",
    "gpu": "the harness on a real device; `make gpu`",
    "bench/end_to_end": "several rooms at once",
    "campaign": "the whole, under faults; `make campaign`",
    "timing": "benchmarks, which `recbench timing` measures",
}
"""Tests, or folders of them, that are about no single module: about what instead."""


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def test_bench_has_at_most_28_rooms() -> None:
    rooms = [
        path.name for path in (ROOT / "bench").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    ]
    assert "running" in rooms
    assert len(rooms) <= 28


def test_files_are_short() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in python_files(*PACKAGES, "tests")}
    assert len(lengths) > 300
    assert {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > 400} == {}
    assert statistics.median(lengths.values()) < 120


def module_of(test: Path, root: Path) -> Path | None:
    """Return the module or room that a test file is named for; None where there is none.

    The tests of ``bench/tables/notes.py`` are ``tests/bench/tables/test_notes.py`` and, where they are many,
    ``test_notes_IDEA.py``; a room's own name stands for all modules in it.
    """
    room = root / test.parent.relative_to(root / "tests")
    name = test.stem.removeprefix("test_")
    if name == room.name:
        return room
    modules = [
        path for path in sorted(room.glob("*")) if path.suffix == ".py" or (path.is_dir() and any(path.glob("*.*")))
    ]
    return next((path for path in modules if f"{name}_".startswith(f"{path.stem}_")), None)


def test_each_test_file_is_named_for_a_module() -> None:
    """Either it lies where the module does, or `NO_MIRROR` says what it is about."""
    strays = []
    for test in sorted((ROOT / "tests").rglob("test_*.py")):
        place = test.relative_to(ROOT / "tests")
        if not any(str(part) in NO_MIRROR for part in (place, *place.parents)) and module_of(test, ROOT) is None:
            strays.append(str(place))
    assert strays == []


def test_no_reason_is_left_over() -> None:
    assert [place for place in NO_MIRROR if not (ROOT / "tests" / place).exists()] == []


BELOW_MODELS = ("parts", "kernels", "libraries", "modules")
MODELS = sorted(
    path.stem for path in (ROOT / "recommenders").glob("*.py") if path.stem not in ("__init__", "libraries")
)


@pytest.mark.parametrize("model", MODELS)
def test_a_model_imports_modules_parts_kernels_and_other_models(model: str) -> None:
    """import-linter holds the other rooms; for models it would need each one's name."""
    tree = ast.parse((ROOT / "recommenders" / f"{model}.py").read_text(encoding="utf-8"))
    imported = {
        alias.name if isinstance(node, ast.Import) else f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    rooms = {name.split(".")[1] for name in imported if name.startswith("recommenders.")}
    assert rooms <= {*BELOW_MODELS, *MODELS}
    assert not any(name.partition(".")[0] == "bench" for name in imported)


@pytest.mark.parametrize(
    ("test", "found"),
    [
        ("bench/tables/test_notes.py", "bench/tables/notes.py"),
        ("bench/tables/test_notes_of_failures.py", "bench/tables/notes.py"),
        ("bench/test_tables.py", "bench/tables"),
        ("bench/tables/test_tables.py", "bench/tables"),
        ("bench/tables/test_notesofall.py", None),
        ("bench/test_notes.py", None),
    ],
)
def test_a_file_is_found_by_its_name(tmp_path: Path, test: str, found: str | None) -> None:
    module = tmp_path / "bench" / "tables" / "notes.py"
    module.parent.mkdir(parents=True)
    module.write_text("")
    assert module_of(tmp_path / "tests" / test, tmp_path) == (tmp_path / found if found else None)
