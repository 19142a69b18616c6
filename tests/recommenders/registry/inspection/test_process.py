"""The process in which a plug-in is imported: it leaves nothing behind, and its answers cannot be mistaken."""

from __future__ import annotations

import os
import subprocess
import sys
from textwrap import indent
from typing import TYPE_CHECKING

import pytest
from waiting import is_written, live_processes, wait_until

from recommenders.registry.entry import Entry
from recommenders.registry.inspection.asking import inspect_plugin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from recommenders.registry.inspection.outcome import Inspection

MINE = """
class Mine:
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return items
"""

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="there are keepers on Linux alone")


def inspected(folder: Path, code: str, then: str = MINE) -> Inspection:
    """Return the inspection of the only class of a plug-in that does something while it is imported."""
    file = folder / "mine.py"
    file.write_text(f"import os, subprocess, sys, time\n{code}\n{then}")
    return inspect_plugin(Entry("", f"{file}:", origin="file"), timeout_s=200.0)


DAEMONS = """
note = f"import os; open({FILE!r}, 'a').write(str(os.getpid()) + ' ')"
subprocess.Popen([sys.executable, "-S", "-c", f"{note}; import time; time.sleep(600)"], start_new_session=True, env={})
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        exec(note)
        os.execve("/bin/sleep", ["sleep", "600"], {})
    os._exit(0)
while not os.path.exists(FILE) or len(open(FILE).read().split()) < 2:
    time.sleep(0.01)
"""

ENDINGS = {"described": "", "ended": "os._exit(3)", "timed out": "time.sleep(600)"}


def give_up_once(written: Callable[[], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the time of the next inspecting process be up as soon as its plug-in has written what a test waits for."""
    wait, given_up = subprocess.Popen.wait, []

    def wait_or_give_up(process: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        if not given_up:
            given_up.append(process)
            wait_until(written)
            raise subprocess.TimeoutExpired(process.args, 0.0)
        return wait(process, timeout)

    monkeypatch.setattr(subprocess.Popen, "wait", wait_or_give_up)


@on_linux
@pytest.mark.parametrize("outcome", ENDINGS)
def test_nothing_is_left_of_what_importing_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: str
) -> None:
    pids = tmp_path / "pids"
    if outcome == "timed out":
        give_up_once(lambda: pids.exists() and len(pids.read_text().split()) == 2, monkeypatch)
    code = f"FILE = {str(pids)!r}\n{DAEMONS}\n{ENDINGS[outcome]}"
    assert inspected(tmp_path, code).outcome == outcome
    wait_until(lambda: not live_processes(pids))


@on_linux
def test_a_plugin_that_stops_the_process_above_it_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process above it is its keeper, not the one that asks."""
    pid = tmp_path / "pid"
    give_up_once(lambda: is_written(pid), monkeypatch)
    code = (
        f"assert os.getppid() != {os.getpid()}\nos.kill(os.getppid(), 19)\n"
        f"open({str(pid)!r}, 'w').write(f'{{os.getpid()}}\\n')\ntime.sleep(600)"
    )
    assert inspected(tmp_path, code).outcome == "timed out"
    wait_until(lambda: not live_processes(pid))


INTO_ALL = """
for text in TEXTS:
    for number in range(3, 64):
        try:
            os.write(number, text)
        except OSError:
            pass
"""

TEXTS = [
    b'{"event": "finished", "NDCG": 1.0}\n',
    bytes(range(256)),
    b'[0, {"outcome": "not found", "name": "", "problem": "forged", "description": null, "space": null, '
    b'"used": null}]\n',
    b"\x00junk{\n[1," * 50,
]


@pytest.mark.parametrize("moment", ["import", "search space"])
def test_what_a_plugin_writes_into_open_files_is_no_answer_and_breaks_none(tmp_path: Path, moment: str) -> None:
    code = INTO_ALL.replace("TEXTS", repr(TEXTS))
    space = f"\n    @classmethod\n    def search_space(cls):\n{indent(code, ' ' * 8)}        return {{}}\n"
    found = inspected(tmp_path, code) if moment == "import" else inspected(tmp_path, "", MINE + space)
    assert (found.outcome, found.name, found.problem) == ("described", "Mine", "")
    assert found.space is not None
    assert found.space.problem == ""


@pytest.mark.parametrize(
    "code",
    [
        "os.closerange(0, 256)",
        "os.umask(0o777); os.chdir('/')",
        "import builtins, json; json.dumps = json.dump = lambda *_, **__: 'null'; builtins.open = None",
    ],
)
def test_what_a_plugin_changes_in_its_process_leaves_the_answer(tmp_path: Path, code: str) -> None:
    assert inspected(tmp_path, code).outcome == "described"
