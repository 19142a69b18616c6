"""Inspecting plug-ins: the description is that of the imported class, and no plug-in can end or stop this process."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from protocol.errors import RecommenderError
from protocol.train_facts import TrainFacts
from recommenders import registry
from recommenders.registry.entry import Entry
from recommenders.registry.inspection import asking, process
from recommenders.registry.inspection.asking import ask_plugin, inspect_plugin, inspect_plugins
from recommenders.registry.search_space import DeclaredSpace

if TYPE_CHECKING:
    from collections.abc import Callable

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


def of(reference: str, folder: str = "") -> Entry:
    return Entry("", reference, folder=folder, origin="file")


SOURCES = {
    "plain.py": f"""
import torch

class Constructor:
    '''One line.

    More.'''
    def __init__(self, reg: float = 1e-3, *, layers=(64, 32), name: str | None = None, needed): ...
{METHODS}
class _Base:
    personalised = False
    def __init__(self, reg=2): ...
    def score_all(self, users): ...
    def fit_epochs(self, train, *, rng): ...
{METHODS}
class Inherited(_Base):
    '''A child.'''
    deterministic = True
    libraries = ("numpy", "scipy")
    bibtex = '@misc{{mine, title = {{Mine}}}}'

def _make(size):
    class Made:
        def __init__(self, size=2 * size): ...
{METHODS.replace(chr(10), chr(10) + "    ")}
    return Made
Made = _make(8)
Made.deterministic = True

class Network(torch.nn.Module):
    def __init__(self, size: int = 3): ...
{METHODS}""",
    "postponed.py": f"""
from __future__ import annotations
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar

@dataclass(frozen=True)
class Dataclass:
    reg: float = -1.0
    _: KW_ONLY
    size: int
    layers: tuple[int, ...] = field(default=(8, 4))
    names: list[str] = field(default_factory=lambda: ["a", "b"])
    deterministic: ClassVar[bool] = True
    _state: int = field(default=0, init=False)
{METHODS}""",
}

CLASSES = {"plain.py": ("Constructor", "Inherited", "Made", "Network"), "postponed.py": ("Dataclass",)}


def test_the_descriptions_are_those_of_the_imported_classes(write: Write) -> None:
    entries = [of(f"{write(SOURCES[file], file)}:{name}") for file, names in CLASSES.items() for name in names]
    for entry, found in zip(entries, inspect_plugins(entries), strict=True):
        assert (found.outcome, found.problem) == ("described", "")
        assert entry.reference.endswith(f":{found.name}")
        cls = registry.load_class(entry)
        assert found.description == registry.describe(cls, {})
        preset = {"reg": 9.5}
        assert registry.description_of(replace(entry, preset=preset)) == registry.describe(cls, preset)


def test_a_plugin_is_imported_in_another_process_once_for_all_its_classes(write: Write, tmp_path: Path) -> None:
    text = f"import os\nwith open({str(tmp_path / 'log')!r}, 'a') as log: log.write(str(os.getpid()) + ' ')\n"
    path = write(f"{text}class One:\n    def __init__(self, a=1): ...{METHODS}class Two:{METHODS}", "unlike_others.py")
    found = inspect_plugins([of(f"{path}:Two"), of(f"{path}:Nine"), of(f"{path}:One")])
    assert [one.name for one in found] == ["Two", "", "One"]
    assert [one.outcome for one in found] == ["described", "not found", "described"]
    pids = (tmp_path / "log").read_text().split()
    assert len(pids) == 1
    assert pids != [str(os.getpid())]
    assert not any("unlike_others" in name for name in sys.modules)


def test_a_module_is_found_in_its_folder(write: Write, tmp_path: Path) -> None:
    write("from pack.base import Base\nclass Mine(Base):\n    '''Ours.'''\n", "pack/__init__.py")
    write(f"class Base:\n    deterministic = True{METHODS}", "pack/base.py")
    found = inspect_plugin(of("pack:Mine", str(tmp_path)))
    assert found.description is not None
    assert (found.description.deterministic, found.description.summary) == (True, "Ours.")


@pytest.mark.parametrize(
    ("text", "outcome", "problem"),
    [
        ("input()\n", "not imported", "EOFError: EOF when reading a line (line 1)"),
        ("import os\nos._exit(0)\n", "ended", "importing it ended the process with exit code 0"),
        ("print('out of luck')\nimport os\nos._exit(3)\n", "ended",
         "importing it ended the process with exit code 3; the last line it printed: out of luck"),
        ("import os\nos.kill(os.getpid(), 11)\n", "ended", "importing it ended the process by SIGSEGV"),
        (f"import sys\nclass Mine:{METHODS}\nsys.setrecursionlimit(60)\n", "not described",
         "cannot be described: RecursionError"),
    ],
)  # fmt: skip
def test_what_does_not_load_says_why_in_one_line(write: Write, text: str, outcome: str, problem: str) -> None:
    found = inspect_plugin(of(f"{write(text)}:Mine"))
    assert (found.outcome, found.description, found.name) == (outcome, None, "")
    assert problem in found.problem
    assert "mine.py" in found.problem or outcome == "not described"
    assert "\n" not in found.problem


def test_one_that_never_ends_is_ended_with_all_it_started(write: Write, tmp_path: Path) -> None:
    started = tmp_path / "started"
    path = write(
        "import pathlib, subprocess\n"
        f"pathlib.Path({str(started)!r}).write_text(str(subprocess.Popen(['sleep', '600']).pid))\n"
        "print('not done yet')\nwhile True: pass\n"
    )
    quick = write(f"class Quick:{METHODS}", "quick.py")
    found, other = inspect_plugins([of(f"{path}:Mine"), of(f"{quick}:Quick")], timeout_s=4)
    assert (found.outcome, other.outcome) == ("timed out", "described")
    assert "importing it took longer than 4 s; the last line it printed: not done yet" in found.problem
    assert not is_running(int(started.read_text()))


def test_the_message_of_a_time_out_says_what_to_do(write: Write) -> None:
    found = inspect_plugin(of(f"{write('import time; time.sleep(60)')}:Mine"), timeout_s=1)
    assert found.problem.endswith(
        "mine.py cannot be loaded: importing it took longer than 1 s; move what takes long into fit, so that importing "
        "only defines classes and functions"
    )


def test_plugins_that_hang_are_waited_for_at_the_same_time(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, three of them would take three time limits."""
    monkeypatch.setattr(asking, "TIMEOUT_S", 3.0)
    paths = [write("import time; time.sleep(60)", f"slow_{number}.py") for number in range(3)]
    program = write('name = "outside"\nfit = ["true"]\nscore = ["true"]\n', "outside.toml")
    quick = write(f"class Quick:{METHODS}", "quick.py")
    start = time.monotonic()
    entries = registry.plugin_entries([paths[0], program, paths[1], f"{paths[2]}:Slow", quick])
    assert time.monotonic() - start < 2 * 3
    assert [entry.name for entry in entries] == ["slow_0", "outside", "slow_1", "slow", "quick"]
    assert [entry.reference.rpartition(":")[2] for entry in entries] == ["", "Program", "", "Slow", "Quick"]


SPACE = f"""
import numpy as np
class Mine:
    @classmethod
    def search_space(cls):
        HOW
        reg = {{"low": np.float32(0.5), "high": np.int64(3), "log": True}}
        return {{"reg": reg, "layers": [(64, 32), (8,)], "on": True}}
{METHODS}
class Other:
{METHODS}"""


def spaces_of(path: str, timeout_s: float = 100.0) -> list[DeclaredSpace]:
    """Return the search spaces of Mine, whose ``search_space()`` may misbehave, and of Other, which has none."""
    found = inspect_plugins([of(f"{path}:Mine"), of(f"{path}:Other")], timeout_s)
    assert [one.outcome for one in found] == ["described", "described"]
    return [one.space or pytest.fail("no answer about the search space") for one in found]


def test_the_search_space_comes_in_plain_values(write: Write) -> None:
    mine, other = spaces_of(write(SPACE.replace("HOW", "pass")))
    assert mine == DeclaredSpace({"reg": {"low": 0.5, "high": 3, "log": True}, "layers": [(64, 32), (8,)], "on": True})
    assert mine.table is not None
    assert [type(mine.table["reg"][end]) for end in ("low", "high")] == [float, int]
    assert other == DeclaredSpace()


@pytest.mark.parametrize(
    ("how", "seconds", "problem"),
    [
        ("import os; os._exit(3)", 100.0, "it ended the process with exit code 3"),
        ("import time; time.sleep(60)", 3.0, "it took longer than 3 s"),
    ],
)
def test_a_search_space_that_misbehaves_leaves_the_descriptions(
    write: Write, how: str, seconds: float, problem: str
) -> None:
    mine, _ = spaces_of(write(SPACE.replace("HOW", how)), seconds)
    assert mine == DeclaredSpace(problem=problem)


def is_running(pid: int) -> bool:
    """Return whether a process still runs; one that was killed may take a moment to end."""
    for _ in range(100):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return False
            os.kill(pid, 0)
        except (ProcessLookupError, FileNotFoundError):
            return False
        time.sleep(0.05)
    return True


def test_what_a_plugin_prints_or_leaves_running_is_no_answer(write: Write) -> None:
    path = write(
        'print(\'{"outcome": "described", "name": "Fake", "problem": "", "description": null}\')\n'
        "import sys, threading, time\n"
        "threading.Thread(target=time.sleep, args=(600,)).start()\n"
        f"class Mine:\n    def __init__(self, given=tuple(sys.argv[1:])): ...{METHODS}"
    )
    found = inspect_plugin(of(f"{path}:"))
    assert found.name == "Mine"
    assert found.description is not None
    assert found.description.parameters["given"].default == ()


def test_no_source_needs_no_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(process.subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    found = inspect_plugins([of("nowhere_at_all.deep:Mine"), of(f"{tmp_path}/nowhere.py:Mine")])
    assert [one.outcome for one in found] == ["not imported", "not imported"]
    assert "there is no package nowhere_at_all" in found[0].problem
    assert "nowhere.py cannot be read" in found[1].problem


def test_a_script_that_lists_itself_does_not_start_processes_without_end(write: Write) -> None:
    path = write("")
    write(
        "from recommenders import registry\n"
        f"registry.description_of(registry.Entry('', {path + ':Mine'!r}, origin='file'))\n"
    )
    found = inspect_plugin(of(f"{path}:Mine"))
    assert found.outcome == "not imported"
    assert "put what a script does below `if __name__ == '__main__':`" in found.problem


def test_a_plugin_that_takes_too_long_has_no_jobs(write: Write) -> None:
    entry = of(f"{write('while True: pass')}:Mine")
    inspect_plugin(entry, timeout_s=0.5)
    with pytest.raises(RecommenderError, match=r"mine\.py cannot be loaded: importing it took longer than 0\.5 s"):
        registry.prepare(entry)


@pytest.mark.parametrize("text", ["import os; os._exit(3)", "import nothing_like_it", f"class Mine:{METHODS}"])
def test_the_job_of_any_other_plugin_says_what_is_wrong(write: Write, text: str) -> None:
    registry.prepare(of(f"{write(text)}:Mine"))


FACTS = TrainFacts(40, 30, 500, 20, 9000, 9000, 40, 10, ranks_all=True, n_scores=1200, threads=1)


@pytest.mark.parametrize(
    ("body", "n_bytes", "problem"),
    [
        ("return self.size * facts.n_items", 90, ""),
        ("raise ValueError('no idea')", None, "its resources raised ValueError: no idea"),
        ("import os; os._exit(7)", None, "it ended the process with exit code 7"),
    ],
)
def test_a_plugin_is_asked_about_its_memory_in_another_process(
    write: Write, body: str, n_bytes: int | None, problem: str
) -> None:
    source = f"class Mine:\n    size = 1\n    def __init__(self, size: int = 1):\n        self.size = size\n{METHODS}"
    path = write(f"{source}\n    def resources(self, facts):\n        {body}\n")
    found = ask_plugin(of(f"{path}:Mine"), {"size": 3}, FACTS, {})
    assert (found.n_bytes, found.problem) == (n_bytes, problem)
    assert "mine" not in sys.modules


def test_a_plugin_that_never_says_it_is_given_up(write: Write) -> None:
    path = write(f"class Mine:{METHODS}\n    def resources(self, facts):\n        import time; time.sleep(60)\n")
    found = ask_plugin(of(f"{path}:Mine"), {}, FACTS, {}, timeout_s=2.0)
    assert found.n_bytes is None
    assert "took longer than 2 s" in found.problem


def test_a_plugin_without_the_method_is_not_asked(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = of(f"{write(f'class Mine:{METHODS}')}:Mine")
    inspect_plugin(entry)
    monkeypatch.setattr(process, "started", None)
    assert ask_plugin(entry, {}, FACTS, {}).problem == "it has no method resources"


def test_a_plugin_that_does_not_load_says_why(write: Write) -> None:
    found = ask_plugin(of(f"{write('1 / 0')}:Mine"), {}, FACTS, {})
    assert found.n_bytes is None
    assert "ZeroDivisionError" in found.problem
