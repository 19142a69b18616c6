"""Slurm's queue, where nothing answers; what a real one shows is tested in `test_slurm_place.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.running.places.slurm import queue
from bench.running.places.slurm.queue import ControllerAwayError, Element, elements

if TYPE_CHECKING:
    from pathlib import Path


def program(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a program on the path that does what a script says."""
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_no_array_is_no_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert elements([]) == {}


def test_a_missing_program_is_a_controller_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ControllerAwayError, match="squeue cannot be started"):
        elements(["a-1"])
    assert not queue.answers()


def test_an_error_is_said_in_the_words_of_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "squeue", "echo 'slurm_load_jobs error: connect failure' >&2; exit 1", monkeypatch)
    with pytest.raises(ControllerAwayError, match=r"^slurm_load_jobs error: connect failure$"):
        elements(["a-1"])


def test_a_program_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "COMMAND_SECONDS", 0.1)
    program(tmp_path, "squeue", "exec sleep 60", monkeypatch)
    with pytest.raises(ControllerAwayError, match=r"squeue did not answer in 0\.1 s"):
        elements(["a-1"])


@pytest.mark.parametrize(("state", "is_over"), [("PENDING", False), ("COMPLETING", False), ("FAILED", True)])
def test_an_element_is_over_when_it_neither_waits_nor_runs(state: str, is_over: bool) -> None:
    assert Element("7_0", state, "", "None").is_over == is_over
