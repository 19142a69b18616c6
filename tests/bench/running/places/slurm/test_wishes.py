"""What a user asks of Slurm: each key is checked, and what is wrong says what to write."""

from __future__ import annotations

from typing import Any

import pytest

from bench.running.places.slurm.wishes import Wishes, read_wishes
from protocol.errors import ProtocolError


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("", Wishes()),
        ("time=90", Wishes(time=90)),
        ("time=2h", Wishes(time=120)),
        ("time=0:30", Wishes(time=1)),
        ("time=2:00:00", Wishes(time=120)),
        ("time=1-12", Wishes(time=36 * 60)),
        ("time=1-00:30", Wishes(time=24 * 60 + 30)),
        ("time=1-00:00:01", Wishes(time=24 * 60 + 1)),
        ("mem=16G", Wishes(memory=16 * 2**30)),
        ("mem=500MB", Wishes(memory=500_000_000)),
        ("cpus=4, array_parallelism=20", Wishes(cpus=4, array_parallelism=20)),
        ("partition=gpu,gpus=1", Wishes(others={"partition": "gpu", "gpus_per_node": 1})),
        ("gres=gpu:a100:2", Wishes(others={"gres": "gpu:a100:2"})),
        ("nodelist=node[1-3,7],qos=long", Wishes(others={"nodelist": "node[1-3,7]", "qos": "long"})),
        ("exclude=n1,n2,cpus=2", Wishes(cpus=2, others={"exclude": "n1,n2"})),
        ("exclusive=yes", Wishes(others={"exclusive": True})),
    ],
)
def test_what_is_asked_for_is_read(text: str, wishes: Wishes) -> None:
    assert read_wishes(text) == wishes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("partitoin=gpu", r"no key 'partitoin' \(did you mean 'partition'\?\); write slurm:KEY=VALUE"),
        ("gpu", "no key 'gpu'"),
        ("cpus", "cpus has no value; write cpus=4"),
        ("time=", "time has no value; write time=2h"),
        ("time=soon", "time: 'soon' is no time; write minutes, or 2h"),
        ("time=0", "time: '0' is no time"),
        ("time=-5", "time: '-5' is no time"),
        ("mem=16", "mem: '16' is no amount of memory"),
        ("mem=1M", "mem: 1M is too little; a job needs 256 MiB to start"),
        ("cpus=0", "cpus: '0' is no whole number above 0"),
        ("gpus=one", "gpus: 'one' is no whole number above 0"),
        ("array_parallelism=0", "array_parallelism: '0' is no whole number above 0"),
        ("partition=a b", "partition: 'a b' is no name that Slurm has"),
        ("partition=a\n#SBATCH --wrap", "is no name that Slurm has"),
        ("qos=$(id)", "is no name that Slurm has"),
        ("exclusive=no", "exclusive: 'no' is not yes"),
        ("cpus=1,cpus=2", "cpus is given twice"),
        ("qos=a,b", "no key 'b'"),
        (",", "no key ''"),
    ],
)
def test_what_cannot_be_asked_for_says_what_to_write(text: str, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        read_wishes(text)


def test_no_key_is_lost_between_wishes_and_submitit() -> None:
    from submitit.slurm.slurm import _get_default_parameters

    from bench.running.places.slurm.wishes import KEYS

    known: dict[str, Any] = _get_default_parameters()
    assert {key.of_submitit for key in KEYS.values() if key.of_submitit} <= set(known)
    assert {key.field for key in KEYS.values() if key.field} == {"time", "memory", "cpus", "array_parallelism"}
