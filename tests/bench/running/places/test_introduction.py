"""What a worker says of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bench.machine.environment import describe_environment
from bench.records.conditions import kind_of_machine
from bench.running.places.dask_member import Member, read_introduction, request
from bench.running.travel.identity import identity
from protocol.errors import RecbenchError

if TYPE_CHECKING:
    from pathlib import Path

TOLD = '{{"host": "node7", "process": "1", "python": "3.11.0", "recbench": null, "environment": {environment}}}'


def test_a_worker_with_the_same_code_introduces_itself() -> None:
    about = read_introduction(eval(request()))
    assert about.identity == identity()
    assert about.environment == describe_environment()
    assert not about.problem


def test_python_without_recbench_can_say_so(tmp_path: Path) -> None:
    (tmp_path / "bench.py").write_text("")
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); print({request()})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    about = read_introduction(done.stdout)
    assert about.identity is None
    assert "'bench' is not a package" in about.problem


@pytest.mark.parametrize("text", ["", "{}", "[1]", json.dumps({"host": 1})])
def test_what_is_no_introduction_is_refused(text: str) -> None:
    with pytest.raises(RecbenchError, match="cannot be read"):
        read_introduction(text)


def test_machines_are_of_one_kind_if_their_times_can_be_compared() -> None:
    same, other = (
        Member("tcp://node:1", read_introduction(TOLD.format(environment=json.dumps(environment)))).kind
        for environment in ({"cpu": "A", "cores": 2}, {"cpu": "A", "cores": 2, "commit": "1"})
    )
    assert same == other == kind_of_machine({"cpu": "A", "cores": 2})
