"""What is opened and imported while a block runs is known afterwards, and what the block made itself is left out."""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from recommenders.registry.code_digest import code_digest, parse
from recommenders.registry.used.outcome import ABSENT, CHANGED, Used
from recommenders.registry.used.recording import Recording
from recommenders.registry.used.roots import Roots

if TYPE_CHECKING:
    from collections.abc import Callable

CODE = "SIGN = 1.0\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that is the current one, with data; the plug-in is in a folder beside it."""
    folder = tmp_path / "current"
    folder.mkdir()
    (tmp_path / "plugin").mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [*sys.path])
    (folder / "data.csv").write_text("item,weight\n1,2.0\n")
    np.save(folder / "data.npy", np.arange(3.0))
    np.arange(3.0).tofile(folder / "data.bin")
    with sqlite3.connect(folder / "data.sqlite") as made:
        made.execute("create table weights (item int)")
    made.close()
    return folder


def used_by(block: Callable[[], Any]) -> Used:
    roots = Roots(Path("..", "plugin").resolve(), Path.cwd().resolve(), ())
    with Recording.of(roots) as recording:
        block()
    return recording.used()


def files_of(block: Callable[[], Any]) -> dict[str, str]:
    """Return what a block used, by root and name."""
    return {f"{root}: {name}": digest for root, names in used_by(block).files.items() for name, digest in names.items()}


def query(path: str, **options: Any) -> None:
    connected = sqlite3.connect(path, **options)
    connected.execute("select * from weights").fetchall()
    connected.close()


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("data.csv", lambda: Path("data.csv").read_bytes()),
        ("data.csv", lambda: os.close(os.open("data.csv", os.O_RDONLY))),
        ("data.csv", lambda: pd.read_csv("data.csv")),
        ("data.csv", lambda: np.loadtxt("data.csv", delimiter=",", skiprows=1)),
        ("data.npy", lambda: np.load("data.npy")),
        ("data.npy", lambda: np.load("data.npy", mmap_mode="r")),
        ("data.bin", lambda: np.fromfile("data.bin")),
        ("data.bin", lambda: np.memmap("data.bin")),
        ("data.sqlite", lambda: query("data.sqlite")),
        ("data.sqlite", lambda: query("file:data%2Esqlite?mode=ro", uri=True)),
        ("data.csv", lambda: subprocess.run(["cat", "data.csv"], check=True)),
        ("data.csv", lambda: subprocess.run("cat 'data.csv'", shell=True, check=True)),
        ("data.csv", lambda: subprocess.run(["cat", "data.csv"], check=True, cwd=Path.cwd())),
        ("data.csv", lambda: os.system("cat data.csv")),
    ],
)
def test_a_data_file_counts_however_it_is_read(home: Path, name: str, read: Callable[[], Any]) -> None:
    digest = hashlib.sha256((home / name).read_bytes()).hexdigest()
    assert files_of(read) == {f"current: {name}": digest}


def test_a_file_outside_of_both_folders_does_not_count(home: Path) -> None:
    (home.parent / "other.csv").write_text("1")
    assert files_of((home.parent / "other.csv").read_bytes) == {}


def test_the_name_counts_from_where_it_was_opened(home: Path) -> None:
    plugin = home.parent / "plugin"
    (plugin / "config.json").write_text("{}")
    (home / "config.json").write_text("{}")

    def read() -> None:
        Path("config.json").read_bytes()
        (plugin / "config.json").read_bytes()
        os.chdir(plugin)
        Path("config.json").read_bytes()

    assert set(files_of(read)) == {"current: config.json", "plug-in: config.json"}


def test_a_file_that_was_looked_for_counts(home: Path) -> None:
    def look() -> None:
        with pytest.raises(FileNotFoundError):
            Path("local.json").read_bytes()

    assert files_of(look) == {"current: local.json": ABSENT}


def imports(module: str, folder: Path) -> Callable[[], None]:
    def load() -> None:
        sys.path.append(str(folder))
        sys.modules.pop(module, None)
        importlib.invalidate_caches()
        importlib.import_module(module)

    return load


def test_code_counts_wherever_it_is_and_also_as_bytecode(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    library = home.parent / "library"
    library.mkdir()
    (library / "used_core.py").write_text(CODE)
    tree = parse(CODE.encode())
    assert tree is not None
    expected = {"plug-in: ../library/used_core.py": code_digest(tree)}
    load = imports("used_core", library)
    assert files_of(load) == expected
    assert list((library / "__pycache__").iterdir()) != []
    assert files_of(load) == expected
    (library / "used_core.py").write_text(f"# a comment\n{CODE}")
    assert files_of(load) == expected


def test_code_in_an_archive_counts(home: Path) -> None:
    archive = home / "library.zip"
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("used_zipped.py", CODE)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert files_of(imports("used_zipped", archive)) == {"current: library.zip": digest}


def test_code_is_named_from_the_folder_on_pythons_path(home: Path) -> None:
    """With another path, another file is imported by the same name."""
    library = home / "library"
    library.mkdir()
    (library / "used_on_path.py").write_text(CODE)
    with Recording.of(Roots(None, home, (library,))) as recording:
        imports("used_on_path", library)()
    assert {root: [*names] for root, names in recording.used().files.items()} == {"path": ["used_on_path.py"]}


def write() -> None:
    Path("weights.bin").write_bytes(b"1")


def write_and_rename() -> None:
    Path("weights.draft").write_bytes(b"1")
    Path("weights.draft").replace("weights.bin")


def write_in_a_child() -> None:
    subprocess.run([sys.executable, "-c", "open('weights.bin', 'w').write('1')"], check=True)


@pytest.mark.parametrize("make", [write, write_and_rename, write_in_a_child])
@pytest.mark.parametrize("is_looked_for", [False, True])
def test_what_it_made_itself_is_left_out(home: Path, make: Callable[[], None], is_looked_for: bool) -> None:
    def cache() -> None:
        if is_looked_for:
            with pytest.raises(FileNotFoundError):
                Path("weights.bin").read_bytes()
        make()
        Path("weights.bin").read_bytes()

    assert files_of(cache) == {}


def test_what_it_reads_and_then_writes_in_place_is_left_out(home: Path) -> None:
    def update() -> None:
        weights = np.memmap("data.bin")
        weights[0] += 1
        weights.flush()

    assert files_of(update) == {}


@pytest.mark.parametrize("folder", ["__pycache__", ".cache", "cache/inner", "tmp"])
def test_what_lies_in_a_folder_for_derived_files_is_left_out(home: Path, folder: str) -> None:
    place = home / folder
    place.mkdir(parents=True)
    (place / "weights.bin").write_bytes(b"1")
    assert files_of((place / "weights.bin").read_bytes) == {}


def test_a_removed_file_of_the_same_name_elsewhere_hides_nothing(home: Path) -> None:
    def read() -> None:
        folder = Path(tempfile.mkdtemp(dir=home.parent))
        (folder / "data.csv").write_text("1")
        shutil.rmtree(folder)
        Path("data.csv").read_bytes()

    assert set(files_of(read)) == {"current: data.csv"}


def test_a_file_that_someone_changed_meanwhile_is_unknown(home: Path) -> None:
    roots = Roots(None, home, ())
    with Recording.of(roots) as recording:
        Path("data.csv").read_bytes()
    (home / "data.csv").write_text("item,weight\n")
    assert recording.used().files == {"current": {"data.csv": CHANGED}}


def test_a_library_counts_if_it_was_imported_here_or_by_used_code(home: Path) -> None:
    """A job has imported msgspec before its recommender is built."""
    (home / "used_parts.py").write_text("import msgspec\ndef later():\n    import nowhere\n")
    used = used_by(imports("used_parts", home))
    assert [*used.distributions] == ["msgspec"]
    assert used_by(lambda: None).distributions == {}


def test_a_variable_that_used_code_reads_counts_as_it_was_before(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USED_SIGN", "1")
    (home / "used_environment.py").write_text('import os\nos.environ["USED_SIGN"]\nos.environ["USED_SIGN"] = "2"\n')
    assert used_by(imports("used_environment", home)).variables == {"USED_SIGN": hashlib.sha256(b"1").hexdigest()}


def test_a_file_that_is_read_without_python_counts_if_the_code_or_a_text_names_it(home: Path) -> None:
    for name in ("named.parquet", "parameter.parquet", "unnamed.parquet"):
        pd.DataFrame({"item": [1]}).to_parquet(home / name)
    (home / "used_reader.py").write_text(
        'import pandas\npandas.read_parquet("named.parquet")\nTARGET = "made.parquet"\n'
    )
    with Recording.of(Roots(None, home, ()), ["parameter.parquet", "", "no\0name"]) as recording:
        imports("used_reader", home)()
        pd.DataFrame({"item": [1]}).to_parquet("made.parquet")
    assert {*recording.used().files["current"]} == {"used_reader.py", "named.parquet", "parameter.parquet"}


@pytest.mark.parametrize("name", ['"named" + ".parquet"', 'f"{part}.parquet"', 'glob("*.parquet")[0]'])
def test_a_file_whose_name_the_code_puts_together_counts(home: Path, name: str) -> None:
    pd.DataFrame({"item": [1]}).to_parquet(home / "named.parquet")
    (home / "used_composer.py").write_text(
        f'import pandas\nfrom glob import glob\npart = "named"\npandas.read_parquet({name})\n'
    )
    assert "current: named.parquet" in files_of(imports("used_composer", home))


def test_nothing_is_recorded_after_the_block(home: Path) -> None:
    with Recording.of(Roots(None, home, ())) as recording:
        pass
    Path("data.csv").read_bytes()
    assert recording.used().files == {}
