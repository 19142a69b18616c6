"""Files of strangers are read within bounds, and what may not be read is never called damaged."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import tracemalloc
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import hand_made
import numpy as np
import pytest
from resealed import reseal

import bench
from bench.cli.main import main
from bench.records.files import read_record
from bench.records.reading import MOST_DIGITS, MOST_LEVELS, NotReadableError, parsed, read_file
from bench.records.store import ARRAYS, DOCUMENT, Store
from protocol.errors import ProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """Return the folder of the only record of a results folder."""
    Store(tmp_path).add(hand_made.record("ease", [0, 1, 2, 3], counts=([1] * 4, [1] * 4, [0, 1])))
    return next((tmp_path / "records").iterdir())


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize("levels", [MOST_LEVELS + 1, 990, 100_000])
def test_levels_are_bounded(levels: int) -> None:
    assert parsed(nested(MOST_LEVELS)) is not None
    with pytest.raises(ValueError, match="nested more than 100 levels deep"):
        parsed(nested(levels))
    with pytest.raises(ValueError, match="nested more than 100 levels deep"):
        parsed('{"a":' * levels + "1" + "}" * levels)


def test_digits_are_bounded() -> None:
    assert parsed("9" * MOST_DIGITS) == 10**MOST_DIGITS - 1
    with pytest.raises(ValueError, match=r"^999999999999\.\.\. has 400 digits, and at most 100 are read$"):
        parsed("9" * 400)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"seed": 0', f'"seed": 0, "x": {nested(990)}', "it is nested more than 100 levels deep"),
        ('"seed": 0', f'"seed": {"9" * 400}', "has 400 digits"),
        ('"n_users": 5', f'"n_users": {2**63}', "its task.facts.n_users: expected `int` <= "),
        ('"notes": [', '"notes": [null, ', "its task.facts.notes[0]: expected `str`, got `null`"),
        ('"curve": []', '"curve": [[1, 2.0, 3.0]]', "its curve[0]: expected `object`, got `array`"),
        ('"tuning_seconds": null', '"tuning_seconds": "3 s"', "its tuning_seconds: expected `float | null`, got `str`"),
    ],
)
def test_a_document_out_of_bounds_is_refused(stored: Path, old: str, new: str, expected: str) -> None:
    text = (stored / DOCUMENT).read_text()
    assert old in text
    (stored / DOCUMENT).write_text(text.replace(old, new, 1))
    with pytest.raises(ProtocolError) as refused:
        bench.table(stored.parents[1])
    assert expected in str(refused.value)
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize("name", [DOCUMENT, ARRAYS])
def test_a_pipe_is_not_opened(stored: Path, name: str) -> None:
    (stored / name).unlink()
    os.mkfifo(stored / name)
    with pytest.raises(ProtocolError, match="it is no regular file"):
        read_record(stored)


def test_a_large_file_is_refused_by_its_size(stored: Path) -> None:
    with (stored / DOCUMENT).open("r+b") as stream:
        stream.truncate(2**40)
    with pytest.raises(ProtocolError, match="it has 1,099,511,627,776 bytes, and at most 33,554,432 are read"):
        read_record(stored)


def npz(arrays: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in arrays.items():
            file.writestr(f"{name}.npy", content)
    return stream.getvalue()


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def put(stored: Path, content: bytes) -> None:
    """Put other arrays into a record, with their digest."""
    (stored / ARRAYS).write_bytes(content)
    reseal(stored)


LARGE = np.zeros(2**22, np.int32)


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"n_better": npy(LARGE)}, r"it would unpack to 16,777,344 bytes, and the arrays of its task have \S+ at most"),
        ({"more": npy(LARGE)}, "it holds the unknown more"),
        ({"n_better": npy(np.zeros(1000, "U1"))}, "n_better holds <U1 in the shape"),
        ({"n_better": npy(np.zeros((4, 4), int))}, "n_better holds int64 in the shape"),
        ({"n_better": npy(np.zeros(4, int)).replace(b"(4,)", b"(9,)")}, "which is not what its header says"),
        ({"n_better": npy(np.zeros(4, int)).replace(b"(4,), }     ", b"(999999,), }")}, "not what its header says"),
    ],
)
def test_arrays_are_refused_by_what_they_declare(stored: Path, arrays: dict[str, bytes], expected: str) -> None:
    put(stored, npz(arrays))
    tracemalloc.start()
    with pytest.raises(ProtocolError, match=rf"ranks\.npz is damaged \(.*{expected}"):
        read_record(stored)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < LARGE.nbytes / 2, "nothing large was unpacked"


@pytest.fixture
def of_a_stranger() -> Iterator[Path]:
    """Yield a results folder, and be a user who is not root while a test uses it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "results")
        folder.mkdir()
        Path(name).chmod(0o755)
        Store(folder).add(hand_made.record("ease", [0, 1, 2, 3], counts=([1] * 4, [1] * 4, [0, 1])))
        try:
            yield folder
        finally:
            with contextlib.suppress(PermissionError):
                os.seteuid(0)


@pytest.mark.parametrize(
    ("place", "named"),
    [
        (lambda folder: folder / "records", "records cannot be read (permission denied)"),
        (lambda folder: next(folder.glob("records/*")), "cannot be read (permission denied)"),
        (lambda folder: next(folder.rglob(DOCUMENT)), "record.json cannot be read (permission denied)"),
        (lambda folder: next(folder.rglob(ARRAYS)), "ranks.npz cannot be read (permission denied)"),
    ],
)
def test_missing_rights_are_no_damage(
    of_a_stranger: Path, capsys: pytest.CaptureFixture[str], place: Callable[[Path], Path], named: str
) -> None:
    assert main(["table", str(of_a_stranger)]) == 0
    place(of_a_stranger).chmod(0)
    if os.geteuid() == 0:
        os.seteuid(65534)
    assert main(["table", str(of_a_stranger)]) == 2
    told = capsys.readouterr().err
    assert named in told
    assert "that is no damage: keep it" in told
    with pytest.raises(NotReadableError):
        Store(of_a_stranger).documents() and Store(of_a_stranger).records()


def test_what_is_missing_is_missing(tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere", tmp_path / "nowhere" / "file"):
        with pytest.raises(ValueError, match="there is no such file"):
            read_file(place)
