"""What a source says is what importing it would; what it does not say is left open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from recommenders import registry
from recommenders.registry.outline import Outline, only_recommender, outline_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., str]

METHODS = """
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return items
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a file and returns its path."""

    def write_file(text: str, name: str = "mine.py") -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    return write_file


CLASSES = [entry for entry in registry.entries().values() if not entry.is_program]


@pytest.mark.parametrize("entry", CLASSES, ids=lambda entry: entry.name)
def test_the_source_says_what_its_class_does(entry: registry.Entry) -> None:
    outline = outline_of(entry.reference, entry.folder, entry.preset)
    assert outline == Outline(registry.describe(registry.load_class(entry), entry.preset))


SOURCES = {
    "constructor": f"""
class Mine:
    '''What it is.

    More.'''
    def __init__(self, reg: float = 1e-3, *, layers=(64, 32), name: str | None = None, needed): ...
{METHODS}""",
    "dataclass": f"""
from __future__ import annotations
from dataclasses import dataclass, field
from typing import ClassVar
@dataclass(frozen=True)
class Mine:
    '''A dataclass.'''
    reg: float = -1.0
    layers: tuple[int, ...] = field(default=(8, 4))
    deterministic: ClassVar[bool] = True
    _state: int = field(default=0, init=False)
{METHODS}""",
    "inherited": f"""
class Base:
    personalised = False
    def __init__(self, reg=2): ...
    def score_all(self, users): ...
    def fit_epochs(self, train, *, rng): ...
{METHODS}
class Mine(Base):
    '''One of them.'''
    deterministic = True
""",
    "overridden": f"""
class Base:
    '''The base.'''
    deterministic = True
    def __init__(self, reg=2): ...
{METHODS}
class Mine(Base):
    '''Another one.'''
    deterministic = False
    def __init__(self, alpha=3, **more): ...
""",
    "what it is made of": f"""
class Mine:
    libraries = ("numpy", "scipy")
    bibtex = '@misc{{mine, title = {{Mine}}}}'
{METHODS}""",
    "nothing of use": f"""
class Mine:
    libraries = None
    bibtex = 7
{METHODS}""",
    "dataclass of a class": f"""
from dataclasses import KW_ONLY, dataclass
class Base:
    def __init__(self, alpha=3): ...
{METHODS}
@dataclass
class Middle(Base):
    reg: float = 1.0
    _: KW_ONLY
    size: int = 2
class Mine(Middle):
    note: str = 'no parameter'
""",
}


@pytest.mark.parametrize("text", SOURCES.values(), ids=list(SOURCES))
def test_what_the_source_says_is_what_the_class_says(write: Write, text: str) -> None:
    reference = f"{write(text)}:Mine"
    expected = registry.describe(registry.load_class(registry.plugin_entry(reference)), {})
    assert outline_of(reference) == Outline(expected)
    assert outline_of(reference).is_complete


@pytest.mark.parametrize(
    "text",
    [
        f"class Mine:\n    def __init__(self, size=2 * 8): ...{METHODS}",
        f"def changed(cls): return cls\n@changed\nclass Mine:{METHODS}",
        f"class Mine(metaclass=type):{METHODS}",
        f"class Mine:{METHODS}Mine.deterministic = True\n",
        f"class Mine:{METHODS}    deterministic = not False\n",
        f"class Mine:{METHODS}    deterministic, other = True, 1\n",
        f"class Mine:{METHODS}    libraries = tuple(['numpy'])\n",
        f"class Mine:{METHODS}    score_all = None\n",
        f"class Mine:{METHODS}    if True:\n        deterministic = True\n",
        f"from collections import OrderedDict as Base\nclass Mine(Base):\n    def __new__(cls): ...{METHODS}",
    ],
)
def test_what_only_running_it_tells_is_not_complete(write: Write, text: str) -> None:
    assert not outline_of(f"{write(text)}:Mine").is_complete


def test_classes_are_followed_through_imports(write: Write, tmp_path: Path) -> None:
    write("from .model import Base as Model\nclass Mine(Model):\n    '''Ours.'''\n", "pack/__init__.py")
    write("class Base:\n    deterministic = True" + METHODS, "pack/model.py")
    outline = outline_of("pack:Mine", str(tmp_path))
    assert outline.description is not None
    assert (outline.description.deterministic, outline.description.summary) == (True, "Ours.")
    assert outline_of("pack:Model", str(tmp_path)).description is not None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("def broken(:\n", "mine.py is not Python: invalid syntax (line 1)"),
        (
            "import numpy\nimport nothing_like_it.deep\n",
            "mine.py imports nothing_like_it (line 2), which is not installed; install what it needs",
        ),
        ("from nothing_like_it import x\n", "mine.py imports nothing_like_it (line 1)"),
        ("class Yours: ...\n", "mine.py has no class 'Mine'"),
        ("class Mine:\n    def fit(self): ...\n", "Mine has no method score; a recommender has both"),
    ],
)
def test_a_problem_is_seen_in_the_source(write: Write, text: str, problem: str) -> None:
    outline = outline_of(f"{write(text)}:Mine")
    assert outline.description is None
    assert problem in (outline.problem or "")


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import nothing_like_it\nexcept ImportError:\n    nothing_like_it = None\n",
        "def late():\n    import nothing_like_it\n",
        "import beside\n",
    ],
)
def test_what_need_not_be_there_is_no_problem(write: Write, text: str) -> None:
    write("", "beside.py")
    assert outline_of(f"{write(f'{text}class Mine:{METHODS}')}:Mine").problem is None


@pytest.mark.parametrize(
    "text",
    [
        "Mine = type('Mine', (), {})\n",
        "from numpy import *\n",
        "if True:\n    class Mine: ...\n",
        "def __getattr__(name): ...\n",
        "from numpy import ndarray as Mine\n",
    ],
)
def test_what_is_not_in_sight_is_left_open(write: Write, text: str) -> None:
    assert outline_of(f"{write(text)}:Mine") == Outline()


def test_a_base_out_of_sight_is_named(write: Write) -> None:
    path = write("import torch.nn as nn\nclass Mine(nn.Module):\n    reg = 1\n")
    outline = outline_of(f"{path}:Mine")
    assert outline.bases == ("nn.Module",)
    assert outline.problem is None


def test_no_module_and_no_file(tmp_path: Path) -> None:
    assert outline_of("nowhere_at_all.deep:Mine").problem == "there is no module nowhere_at_all.deep"
    assert "cannot be read" in (outline_of(f"{tmp_path}/nowhere.py:Mine").problem or "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"class Mine:{METHODS}class Other: ...\nclass _Mine2:{METHODS}", "Mine"),
        (f"class Mine:{METHODS}class Two:{METHODS}", None),
        (f"class Mine:{METHODS}from enum import Enum\nclass Kind(Enum): ...\n", "Mine"),
        (f"class Mine:{METHODS}import torch\nclass Layer(torch.nn.Module): ...\n", None),
        (f"class _Base:{METHODS}class Mine(_Base): ...\n", "Mine"),
        ("class Mine: ...\n", None),
        ("def broken(:\n", None),
    ],
)
def test_the_only_recommender_is_named_where_the_source_tells(write: Write, text: str, expected: str | None) -> None:
    assert only_recommender(write(text)) == expected
