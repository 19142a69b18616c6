"""A job that travels: there and back it is the same job, and it names no place of the machine that it comes from."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.choices import FoundParameters
from bench.machine.devices.choosing import Asked, Placement
from bench.machine.devices.device import Device
from bench.running.plan import NOTHING_KNOWN
from bench.running.supervisor import Limits
from bench.running.travel.parcel import Packing, ParcelError, Unpacking, read_parcel
from protocol.errors import RecommenderError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.running.plan import Job
    from bench.running.travel.blobs import Blobs

    Plan = Callable[..., list[Job]]
    Plugin = Callable[..., str]
    ParcelOf = Callable[[Job], bytes]

MINE = """
import numpy as np
from beside import shift

class Mine:
    deterministic = True
    def __init__(self, layers: tuple[int, ...] = (64, 32), text: str = "a", reg: float = 0.5):
        self.layers = layers
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return -items * 1.0 + shift
"""

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
)


@pytest.fixture
def mine(plugin: Plugin) -> str:
    path = plugin(MINE, "mine.py")
    Path(path).with_name("beside.py").write_text("shift = 0.0\n")
    return path


def back(content: bytes, blobs: Blobs, environment: Any) -> Job:
    return Unpacking(blobs, environment).job(read_parcel(content))


def is_same(one: Job, other: Job) -> bool:
    return one.key == other.key and json.dumps(one.document) == json.dumps(other.document)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    parameters=st.dictionaries(st.sampled_from(["layers", "text", "reg"]), PLAIN),
    seed=st.integers(0, 2**70),
    threads=st.integers(1, 99),
    full=st.booleans(),
    name=st.none() | st.text(min_size=1, max_size=5),
    found=st.none() | st.just(FoundParameters(("reg",), "ml", "ab", "cd")),
    where=st.sampled_from([None, Placement(None, "bf16"), Placement(Device("cuda", 0, "H200", 1e5), "float32", True)]),
)
def test_there_and_back_it_is_the_same_job(
    plan: Plan, parcel_of: ParcelOf, blobs: Blobs, parameters: Any, where: Any, name: Any, found: Any, **how: Any
) -> None:
    (job,) = plan(["ease"])
    choice = replace(job.choice, parameters=parameters, display_name=name, found=found)
    job = replace(job, choice=choice, placement=where, **how)
    there = back(parcel_of(job), blobs, job.environment)
    assert is_same(there, job)
    assert there.choice.parameters == job.choice.parameters
    assert there.placement == where


@pytest.mark.parametrize(("names", "patience"), [(["als"], None), (["als"], 3), ([], None)])
def test_a_task_and_a_plugin_travel_whole(
    plan: Plan, parcel_of: ParcelOf, blobs: Blobs, mine: str, names: list[str], patience: int | None
) -> None:
    (job,) = plan(names, [] if names else [mine], patience=patience)
    there = back(parcel_of(job), blobs, job.environment)
    assert is_same(there, job)
    assert there.title == job.title
    assert (there.task.train.users == job.task.train.users).all()
    assert (there.task.train.user_ids == job.task.train.user_ids).all()
    assert there.task.candidates.digest == job.task.candidates.digest
    assert (there.validation is None) == (job.validation is None)
    assert not there.task.train.users.flags.writeable


def test_a_choice_of_epochs_has_one_task(plan: Plan, parcel_of: ParcelOf, blobs: Blobs, validation: Any) -> None:
    (job,) = plan(["als"], task=validation, validation=validation, patience=2)
    there = back(parcel_of(job), blobs, job.environment)
    assert there.only_selects
    assert there.validation is there.task
    assert len(list(blobs.folder.iterdir())) == 2


def test_a_plugin_that_could_not_be_imported_stays_unknown(
    plan: Plan, plugin: Plugin, parcel_of: ParcelOf, blobs: Blobs
) -> None:
    (job,) = plan([], [plugin("raise ValueError('not here')", "broken.py")])
    assert not back(parcel_of(job), blobs, job.environment).is_described
    assert back(parcel_of(job), blobs, job.environment).description is NOTHING_KNOWN


def test_a_parcel_names_no_place_of_this_machine(
    plan: Plan, parcel_of: ParcelOf, mine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "my_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "model.py").write_text(MINE.replace("from beside import shift", "shift = 0"))
    (tmp_path / "prog.toml").write_text('name = "prog"\nfit = ["./fit.sh"]\nscore = ["./fit.sh"]\n')
    (tmp_path / "fit.sh").write_text("#!/bin/sh\n")
    monkeypatch.chdir(tmp_path)
    for plugin in (mine, "my_package.model:Mine", str(tmp_path / "prog.toml")):
        for job in plan(["ease"], [plugin], patience=2):
            text = parcel_of(job).decode()
            assert not re.search(r'"[^"]*(?<![\w.<])/(?:tmp|home|work|root|usr|var|data)\b', text), text
            assert str(tmp_path) not in text


def test_laid_out_files_keep_their_names_and_the_right_to_run(
    plan: Plan, parcel_of: ParcelOf, blobs: Blobs, tmp_path: Path
) -> None:
    (tmp_path / "prog.toml").write_text('name = "prog"\nfit = ["./fit.sh"]\nscore = ["./fit.sh"]\n')
    (tmp_path / "fit.sh").write_text("#!/bin/sh\n")
    (tmp_path / "fit.sh").chmod(0o755)
    (job,) = plan([], [str(tmp_path / "prog.toml")])
    there = back(parcel_of(job), blobs, job.environment)
    home = Path(there.choice.entry.reference.rpartition(":")[0]).parent
    assert (home / "fit.sh").stat().st_mode & 0o111
    assert not (home / "prog.toml").stat().st_mode & 0o111
    # What a job damaged there is laid out again, under another one that runs there.
    (home / "fit.sh").write_text("#!/bin/sh\nexit 1\n")
    (home / "made.txt").touch()
    held = [path.stat().st_ino for path in (home, home / "prog.toml", home / "made.txt")]
    back(parcel_of(job), blobs, job.environment)
    assert (home / "fit.sh").read_text() == "#!/bin/sh\n"
    assert (home / "fit.sh").stat().st_mode & 0o111
    assert [path.stat().st_ino for path in (home, home / "prog.toml", home / "made.txt")] == held


def test_a_file_whose_name_another_machine_may_read_otherwise_does_not_travel(
    plan: Plan, plugin: Plugin, parcel_of: ParcelOf
) -> None:
    path = plugin(MINE.replace("from beside import shift", "shift, data = 0, 'odd\\\\name.txt'"), "odd.py")
    Path(path).with_name("odd\\name.txt").touch()
    with pytest.raises(RecommenderError, match=r"mine: the name of its file .* has a backslash, .*; rename it"):
        parcel_of(plan([], [path])[0])


def test_a_device_is_chosen_where_the_job_runs(plan: Plan, parcel_of: ParcelOf, blobs: Blobs, plugin: Plugin) -> None:
    source = MINE.replace("from beside import shift", "shift = 0").replace("reg: float = 0.5", 'device: str = "cpu"')
    (job,) = plan([], [plugin(source, "on_device.py")], asked=Asked("auto"), elsewhere=True)
    assert (job.placement, job.asked) == (None, Asked("auto"))
    assert back(parcel_of(job), blobs, job.environment).placement == Placement()


def test_where_a_job_does_not_run_no_device_is_looked_for(
    plan: Plan, parcel_of: ParcelOf, blobs: Blobs, plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a plan is collected: a login node has no devices."""
    source = MINE.replace("from beside import shift", "shift = 0").replace("reg: float = 0.5", 'device: str = "cpu"')
    (job,) = plan([], [plugin(source, "on_device.py")], asked=Asked("cuda"), elsewhere=True)
    content = read_parcel(parcel_of(job))
    monkeypatch.delattr("bench.machine.devices.choosing.torch_seen")
    assert Unpacking(blobs, job.environment, runs_here=False).job(content).placement is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x80\x04.", "no specification of a job"),
        (b"[]", "no specification of a job"),
        (b'{"form": 99}', "has the form 99, expected 1"),
        (b'{"form": 1}', "no specification of a job"),
        (b"[" * 100_000, "no specification of a job"),
    ],
)
def test_what_is_no_parcel_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(ParcelError, match=said):
        read_parcel(content)


def test_jobs_of_one_class_with_other_presets_stay_apart(plan: Plan, blobs: Blobs) -> None:
    packing = Packing(blobs, Limits(9.0, None), keeps_models=False)
    jobs = plan(["mlp", "mlp_post", "mlp"])
    assert len({job.choice.entry.reference for job in jobs}) == 1
    for job in jobs:
        assert is_same(back(packing.parcel(job).encoded(), blobs, job.environment), job)


@pytest.mark.parametrize("name", ["../escaped.py", "/escaped.py", "a/../../escaped.py", "./a.py", "a\\b.py"])
def test_a_source_stays_within_its_folder(plan: Plan, mine: str, parcel_of: ParcelOf, name: str) -> None:
    document = json.loads(parcel_of(plan(["mine"], plugins=[mine])[0]))
    files = document["entry"]["files"]
    files[name] = next(iter(files.values()))
    with pytest.raises(ParcelError, match="is no path within a source"):
        read_parcel(json.dumps(document).encode())


def test_a_source_is_loaded_from_its_folder_alone(plan: Plan, mine: str, parcel_of: ParcelOf) -> None:
    document = json.loads(parcel_of(plan(["mine"], plugins=[mine])[0]))
    document["entry"]["reference"] = f"../../{document['entry']['reference']}"
    with pytest.raises(ParcelError, match="is no path within a source"):
        read_parcel(json.dumps(document).encode())


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("task.layout", {"x": 1}),
        ("task.about", {}),
        ("task.sizes", {}),
        ("description", {}),
        ("description.parameters", [1]),
    ],
)
def test_a_parcel_that_lacks_something_is_said(
    plan: Plan, blobs: Blobs, parcel_of: ParcelOf, part: str, value: Any
) -> None:
    (job,) = plan(["popularity"])
    document = json.loads(parcel_of(job))
    holder: Any = document
    *above, last = part.split(".")
    for each in above:
        holder = holder[each]
    if last == "layout":
        holder = holder["train"]
    holder[last] = value
    with pytest.raises(ParcelError, match="this is no specification of a job"):
        Unpacking(blobs, job.environment).job(read_parcel(json.dumps(document).encode()))
