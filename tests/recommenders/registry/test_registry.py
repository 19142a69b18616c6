"""Names, plug-ins and entry points: nothing is imported before it is needed, and errors name the cause."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from protocol.errors import RecommenderError
from recommenders import registry
from recommenders.registry import Entry

MODEL = """
class {name}:
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return items.astype(float)
"""


@pytest.fixture
def plugin(tmp_path: Path):
    def write(text: str, name: str = "mine.py") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_listing_imports_no_recommender() -> None:
    code = (
        "import sys; from recommenders import registry; registry.entries(); "
        "assert 'numpy' not in sys.modules and 'recommenders.ease' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


BUILT_INS = [entry for entry in registry.entries().values() if entry.origin == "built-in"]


@pytest.mark.parametrize("entry", BUILT_INS, ids=lambda entry: entry.name)
def test_every_entry_loads_and_builds(entry: Entry) -> None:
    cls = registry.load_class(entry)
    model = registry.build(cls, entry.preset)
    assert isinstance(model, cls)
    assert registry.describe(cls, entry.preset).summary


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            "eease",
            r"called 'eease' \(did you mean 'ease'\?\); `recbench list` shows all, and --plugin",
        ),
        ("EASE", r"did you mean 'ease'"),
        (
            "xyzzy",
            r"called 'xyzzy'; `recbench list` shows all, and --plugin gave mine\. To use your own, pass",
        ),
        ("mime", r"did you mean 'mine'"),
    ],
)
def test_unknown_names_are_answered_with_the_nearest_one_and_not_with_all(asked: str, message: str) -> None:
    with pytest.raises(RecommenderError, match=message):
        registry.find(asked, {"mine": Entry("mine", "mine.py:Mine")})


def test_plugins_are_found_first() -> None:
    mine = Entry("ease", "mine.py:Ease")
    assert registry.find("ease", {"ease": mine}) is mine
    assert registry.find("ease").origin == "built-in"


def test_a_plugin_is_called_by_its_class(plugin) -> None:
    path = plugin(MODEL.format(name="GRU4Rec") + MODEL.format(name="_Base") + "from collections import OrderedDict\n")
    entry = registry.plugin_entry(path)
    assert entry == Entry("gru4rec", f"{path}:GRU4Rec", {}, f"file {path}")
    assert registry.load_class(entry).__name__ == "GRU4Rec"
    assert registry.plugin_entry(f"{path}:GRU4Rec") == entry


def test_of_several_classes_one_must_be_named(plugin) -> None:
    path = plugin(MODEL.format(name="One") + MODEL.format(name="Two"))
    with pytest.raises(RecommenderError, match=rf"defines 2 recommenders, One, Two; name one, as in {path}:One"):
        registry.plugin_entry(path)
    assert registry.plugin_entry(f"{path}:Two").name == "two"


def test_one_that_cannot_be_described_is_called_by_its_file(plugin) -> None:
    """It is there, so it costs its own row: only a place without a class, or with several, is refused."""
    path = plugin(MODEL.format(name="One") + "import sys\nsys.setrecursionlimit(60)\n")
    assert registry.plugin_entry(path).name == Path(path).stem


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("x = 1\n", "", "defines no class with fit and score"),
        ("x = 1\n", ":x", "is a int, expected a class"),
        ("class Half:\n    def fit(self): ...\n", ":Half", "has no method score"),
        (MODEL.format(name="Mine"), ":Yours", "has no class 'Yours'; its recommenders: Mine"),
        ("import nothing_like_it\n", "", r"ModuleNotFoundError: .*nothing_like_it.* \(line 1\)"),
        ("x = 1\n\nraise ValueError('two\\nlines')\n", "", r"ValueError: two lines \(line 3\)"),
        ("import sys\nsys.exit(3)\n", "", "SystemExit: 3"),
        ("def broken(:\n", "", "SyntaxError"),
    ],
)
def test_a_bad_plugin_says_why(plugin, text: str, name: str, message: str) -> None:
    with pytest.raises(RecommenderError, match=message) as raised:
        registry.load_class(registry.plugin_entry(plugin(text) + name))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("reference", ["nowhere.py", "nowhere.py:Mine"])
def test_a_missing_file_is_named(reference: str) -> None:
    with pytest.raises(RecommenderError, match=r"there is no file nowhere\.py"):
        registry.plugin_entry(reference)


def test_a_plugin_may_be_a_module() -> None:
    entry = registry.plugin_entry("recommenders.ease")
    assert entry == Entry("ease", "recommenders.ease:EASE", {}, "module recommenders.ease")
    assert registry.plugin_entry("recommenders.ease:EASE") == entry
    with pytest.raises(RecommenderError, match=r"no module nowhere_at_all, neither .*; install it, put its folder on"):
        registry.plugin_entry("nowhere_at_all")


def test_a_module_is_found_in_the_current_folder_and_by_a_job_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lying_here").mkdir()
    (tmp_path / "lying_here" / "model.py").write_text(MODEL.format(name="Mine"))
    monkeypatch.chdir(tmp_path)
    entry = registry.plugin_entry("lying_here.model:Mine")
    assert entry == Entry("mine", "lying_here.model:Mine", {}, "module lying_here.model", str(tmp_path))
    assert registry.plugin_entry("lying_here.model") == entry
    monkeypatch.chdir("/")
    code = f"from recommenders import registry; print(registry.load_class(registry.{entry!r}).__module__)"
    done = subprocess.run([sys.executable, "-P", "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "lying_here.model\n"
    before = registry.source_digest(entry)
    (tmp_path / "lying_here" / "helper.py").write_text("")
    assert registry.source_digest(entry) != before


def test_finding_a_plugin_imports_nothing_of_it_here(plugin) -> None:
    path = plugin("import os\nos.environ['MINE'] = 'imported'\n" + MODEL.format(name="Mine"))
    assert registry.plugin_entry(path).reference == f"{path}:Mine"
    assert registry.description_of(registry.plugin_entry(path)).deterministic is False
    assert "MINE" not in os.environ


def test_a_named_class_is_not_looked_for_before_it_is_needed(plugin) -> None:
    assert registry.plugin_entry(f"{plugin('raise SystemExit(1)')}:Yours").name == "yours"


@pytest.mark.parametrize("text", ["def broken(:\n", "import nothing_like_it\n", "raise SystemExit(3)\n"])
def test_what_does_not_load_is_called_by_its_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "MyOwn.py"
    path.write_text(text)
    entry = registry.plugin_entry(str(path))
    assert entry == Entry("my_own", f"{path}:", {}, f"file {path}")
    assert registry.description_of(entry) is None
    assert registry.source_digest(entry)
    with pytest.raises(RecommenderError, match=r"MyOwn\.py cannot be loaded: "):
        registry.load_class(entry)


def test_a_built_in_that_does_not_load_is_an_error() -> None:
    with pytest.raises(RecommenderError, match="has no class 'Lost'"):
        registry.description_of(Entry("lost", "recommenders.ease:Lost"))


class Imported(Path):
    """A class of this module."""


def test_an_imported_class_has_an_entry() -> None:
    entry = registry.class_entry(Imported)
    assert entry.name == "imported"
    assert entry.reference.endswith("test_registry:Imported")
    assert (Path(entry.folder) / entry.reference.partition(":")[0].replace(".", "/")).with_suffix(".py").is_file()

    class Hidden:
        pass

    with pytest.raises(RecommenderError, match="no class of a module"):
        registry.class_entry(Hidden)
    with pytest.raises(RecommenderError, match="put the class into a file"):
        registry.class_entry(int)


def test_a_plugin_is_read_afresh(plugin) -> None:
    """Two edits within a second, of the same size: bytecode would be taken for fresh."""
    path = plugin(MODEL.format(name="Mine") + "    level = 1\n")
    entry = registry.plugin_entry(path)
    assert registry.load_class(entry).level == 1
    plugin(MODEL.format(name="Mine") + "    level = 2\n")
    assert registry.load_class(entry).level == 2
    assert [found.name for found in Path(path).parent.iterdir()] == ["mine.py"]


def point(name: str, value: str, distribution: str) -> SimpleNamespace:
    return SimpleNamespace(name=name, value=value, dist=SimpleNamespace(name=distribution))


POINTS = [
    point("ease", "their.ease:Theirs", "their-pack"),
    point("fine", "b.fine:Fine", "pack-b"),
    point("fine", "a.fine:Fine", "pack-a"),
    point("lone", "a.lone:Lone", "pack-a"),
]


def test_packages_add_recommenders_and_take_no_name_away(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(metadata, "entry_points", lambda group: asked.append(group) or POINTS)
    entries = registry.entries()
    assert set(asked) == {"recbench.recommenders"}
    added = {name: entry.reference for name, entry in entries.items() if entry.origin.startswith("entry point")}
    assert added == {
        "their-pack.ease": "their.ease:Theirs",
        "pack-a.fine": "a.fine:Fine",
        "pack-b.fine": "b.fine:Fine",
        "lone": "a.lone:Lone",
    }
    assert entries["lone"].origin == "entry point of pack-a"
    assert entries["ease"].reference == "recommenders.ease:EASE"
    assert registry.find("lone") == registry.find("pack-a.lone") == entries["lone"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("fine", r"called 'fine': a\.fine:Fine \(entry point of pack-a\) and b\.fine:Fine \(entry point "
         r"of pack-b\); write pack-a\.fine or pack-b\.fine, or uninstall one"),
        ("ease", r"EASE \(built-in\) and their\.ease:Theirs \(entry point of their-pack\); write "
         r"recbench\.ease or their-pack\.ease"),
    ],
)  # fmt: skip
def test_two_of_one_name_are_an_error_that_names_both(monkeypatch: pytest.MonkeyPatch, name: str, message: str) -> None:
    monkeypatch.setattr(metadata, "entry_points", lambda group: POINTS)
    with pytest.raises(RecommenderError, match=message):
        registry.find(name)
    assert registry.find("recbench.ease").name == "ease"
    assert registry.find("their-pack.ease").reference == "their.ease:Theirs"
    assert registry.find("als").origin == "built-in"


@pytest.mark.parametrize("name", ["lone", "pack-a.fine", "no_such"])
def test_a_name_is_looked_up_with_one_scan_of_the_packages(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    asked = []
    monkeypatch.setattr(metadata, "entry_points", lambda group: asked.append(group) or POINTS)
    with contextlib.suppress(RecommenderError):
        registry.find(name)
    assert asked == ["recbench.recommenders"]


def test_a_broken_entry_point_is_an_error_only_when_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "entry_points", lambda group: [point("bad", "nowhere_at_all:Bad", "pack")])
    with pytest.raises(RecommenderError, match=r"nowhere_at_all cannot be loaded: ModuleNotFoundError"):
        registry.load_class(registry.find("bad"))
