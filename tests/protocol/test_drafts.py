"""A file is replaced whole or not at all, and what a killed writer left is cleared by the next one."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from protocol.drafts import PREFIX, drafts, replace_file, write_output

if TYPE_CHECKING:
    from pathlib import Path

FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from protocol.drafts import write_output
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
write_output(Path(sys.argv[1]), b"n" * 11)
"""


def test_a_full_disk_leaves_the_old_file_whole_and_no_draft(tmp_path: Path) -> None:
    place = tmp_path / "page.html"
    place.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(place)], capture_output=True, text=True, check=False)
    assert f"OSError: [Errno 27] File too large: '{place}'" in done.stderr
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("page.html", b"old")]


def test_a_new_file_has_the_mode_of_any_new_file_and_a_replaced_one_keeps_its_own(tmp_path: Path) -> None:
    plain, kept = tmp_path / "plain", tmp_path / "kept"
    plain.touch()
    kept.touch(mode=0o600)
    for place in (tmp_path / "new", kept):
        write_output(place, b"x")
    assert (tmp_path / "new").stat().st_mode == plain.stat().st_mode
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "page.html"
    place.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match=r"page\.html"):
        write_output(place, b"new")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_output(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_output(pipe, b"page")
    reader.join()
    assert read == [b"page"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_standard_output_is_written_to_even_where_it_is_a_file(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from protocol.drafts import write_output\n"
    code += "write_output(Path('/dev/stdout'), b'page')"
    with (tmp_path / "log").open("wb") as log:
        inode = os.fstat(log.fileno()).st_ino
        subprocess.run([sys.executable, "-c", code], stdout=log, check=True)
    assert (tmp_path / "log").read_bytes() == b"page"
    assert (tmp_path / "log").stat().st_ino == inode


@pytest.mark.parametrize("place", ["", "nowhere/page.html"])
def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path, place: str) -> None:
    with pytest.raises(OSError, match="directory") as caught:
        write_output(tmp_path / place, b"x")
    assert caught.value.filename == str(tmp_path / place)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_writer_left_is_cleared_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    code = "import os, signal, sys; from pathlib import Path; from protocol.drafts import drafts\n"
    code += "with drafts(Path(sys.argv[1])) as made: (made / 'half').touch(); os.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert len(list(tmp_path.glob(f"{PREFIX}*/half"))) == 1
    (tmp_path / f"{PREFIX}mine.txt").write_text("a file that only has such a name")
    with drafts(tmp_path) as living:
        replace_file(tmp_path / "new", b"x")
        assert living.is_dir()
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{PREFIX}mine.txt", "new"]
