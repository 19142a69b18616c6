"""A recommender on a device: clock, key, record, table and failures, by a stand-in for PyTorch's devices."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fake_torch import fake_torch

import bench
from bench.cli.main import main
from protocol.errors import RecbenchError, RecbenchWarning

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.records.record import Record

pytestmark = pytest.mark.usefixtures("jobs_here")

DATA = "synthetic:40x200x600"

SOURCE = '''
import numpy as np

class OnDevice:
    """Hands its work to the device and does not wait for it."""

    def __init__(self, epochs: int = 3, mib: float = 100.0, *, device: str = "cpu", precision: str = "float32"):
        self.epochs, self.mib, self.device, self.precision = epochs, mib, device, precision

    def fit_epochs(self, train, *, rng):
        import torch
        self.torch = torch
        self.place = rng.random(train.n_items)
        for _ in range(self.epochs):
            if self.device != "cpu":
                torch.launch(seconds=100.0, mib=self.mib)
                torch.free()
            yield 1.0

    def fit(self, train, *, rng):
        list(self.fit_epochs(train, rng=rng))
        return self

    def score(self, users, items):
        if self.device != "cpu":
            self.torch.launch(seconds=1000.0)
        return self.place[items]
'''


@pytest.fixture(scope="module")
def on_device(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("plugin") / "on_device.py"
    path.write_text(SOURCE)
    return str(path)


def run(plugin: str, tmp_path: Path, n_devices: int, recommenders: Any = ("on_device",), **options: Any) -> Any:
    plugins = [plugin] if any(name.startswith("on_device") for name in recommenders) else []
    with fake_torch(n_devices):
        return bench.run(DATA, list(recommenders), plugins=plugins, out=tmp_path / "out", threads=1, **options)


def documents(found: Any) -> dict[str, dict[str, Any]]:
    return {record.recommender.name: record.document for record in found.records}


def test_the_record_says_where_and_how(on_device: str, tmp_path: Path) -> None:
    found = documents(run(on_device, tmp_path, 2, ["on_device", "popularity"], device="cuda:1", precision="bf16"))
    assert found["on_device"]["device"] == {
        "kind": "cuda", "index": 1, "name": "FAKE 1", "memory_mib": 1024.0, "runtime": "CUDA 12.8", "driver": "550.1",
        "precision": "bf16",
    }  # fmt: skip
    assert found["on_device"]["device_use"] == {"deterministic": True, "peak_mib": 100.0}
    assert "device" not in found["on_device"]["recommender"]["parameters"]
    assert not {"device", "device_use"} & set(found["popularity"])


def test_all_datasets_of_a_study_are_computed_there(
    on_device: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the command says, in place of the file; a device that is not there is an error, and costs no column."""
    file = tmp_path / "study.toml"
    file.write_text(
        f'datasets = ["{DATA}", "synthetic:30x200x500"]\nplugins = ["{on_device}"]\nrecommenders = ["on_device"]\n'
        'threads = 1\ndevice = "cpu"\nprecision = "bf16"\nout = "out"\n'
    )
    with fake_torch(2):
        assert main(["study", str(file), "--device", "cuda:1"]) == 0
        found = bench.table([tmp_path / "out"])
        devices = [record.document["device"] for each in found.datasets for record in each.records]
        assert [(one["index"], one["precision"]) for one in devices] == [(1, "bf16"), (1, "bf16")]
        capsys.readouterr()
        assert main(["study", str(file), "--device", "cuda:5"]) == 2
    assert "recbench: error: device: there is no cuda:5 here; there are cuda:0" in capsys.readouterr().err


def test_the_clock_waits_for_the_device(on_device: str, tmp_path: Path) -> None:
    """Each of three epochs takes it 100 s, each of the calls of ``score`` 1,000 s; Python's part is far below 50 s."""
    (document,) = documents(run(on_device, tmp_path, 1)).values()
    assert [round(line["seconds"], -2) for line in document["curve"]] == [100, 200, 300]
    assert round(document["time"]["fit_seconds"], -2) == 300
    assert round(document["time"]["score_seconds"], -2) == 1000


def test_a_selection_waits_for_the_device_too(on_device: str, tmp_path: Path) -> None:
    """The choice is among epochs that are all the same, so the first is the best; scores are in its time."""
    (document,) = documents(run(on_device, tmp_path, 1, patience=1)).values()
    assert [round(line["seconds"], -2) for line in document["selection"]["curve"]] == [100, 200]
    assert round(document["selection"]["seconds"], -2) == 2200


def test_a_record_of_the_processor_is_what_it_was(on_device: str, tmp_path: Path) -> None:
    """It has neither field nor part of the key, whether it was asked for or there is nothing else."""
    one = documents(run(on_device, tmp_path / "1", 0))["on_device"]
    other = documents(run(on_device, tmp_path / "2", 1, device="cpu"))["on_device"]
    assert one["key"] == other["key"]
    assert not {"device", "device_use"} & {*one, *other}


def test_the_key_covers_what_decides_figures(on_device: str, tmp_path: Path) -> None:
    asked = [
        {"device": "cpu"},
        {"device": "cpu", "precision": "bf16"},
        {"device": "cuda"},
        {"device": "cuda", "precision": "bf16"},
        {"device": "cuda", "precision": "tf32"},
        {"device": "cuda:1"},
    ]
    found = [documents(run(on_device, tmp_path / str(place), 2, **one)) for place, one in enumerate(asked)]
    keys = [one["on_device"]["key"] for one in found]
    # The two devices have different names.
    assert len(set(keys)) == len(keys)
    assert bench.verify(tmp_path / "5" / "out", offline=True).loc["keys", "status"] == "ok"


def test_a_job_without_memory_on_its_device_is_a_row_that_says_so(on_device: str, tmp_path: Path) -> None:
    found = run(on_device, tmp_path, 1, ["on_device:mib=2000", "popularity"])
    failure = documents(found)["on_device"]["failure"]
    assert failure["kind"] == "device memory"
    assert failure["message"].startswith("no memory left on FAKE 0, which has 1 GiB, the job had taken 0 MiB: ")
    assert "Tried to allocate 2000 MiB" in failure["message"]
    assert "no device memory" in found.render("github")
    assert not documents(found)["popularity"]["failure"]
    assert not (bench.verify(tmp_path / "out", offline=True)["status"] == "fail").any()


def test_rows_of_devices_are_marked_and_their_times_not_compared(on_device: str, tmp_path: Path) -> None:
    found = run(on_device, tmp_path, 1, ["on_device", "popularity"], precision="bf16")
    notes = found.frame.attrs["notes"]
    assert "on_device (cuda, bf16)" in found.render("github")
    assert notes["Device"] == (
        "cuda:0, FAKE 0, 1 GiB, CUDA 12.8, driver 550.1, bf16, TF32 off, deterministic algorithms: on_device.\n"
        "the processor: popularity."
    )
    assert "Times of rows of different devices (see Device) cannot be compared." in notes["Cost"]
    assert found.frame.loc["on_device", "device_peak_mib"] == 100
    alone = run(on_device, tmp_path / "alone", 1, ["popularity"])
    assert "device_peak_mib" not in alone.frame
    assert "Device" not in alone.frame.attrs["notes"]


def test_seeds_of_two_devices_are_two_rows(on_device: str, tmp_path: Path) -> None:
    run(on_device, tmp_path, 1, seeds=0, device="cuda")
    run(on_device, tmp_path, 1, seeds=1, device="cpu")
    rows = json.loads(bench.render(tmp_path / "out", "json"))["rows"]
    assert sorted((row["seeds"], row["device"] is None) for row in rows) == [([0], False), ([1], True)]


def test_the_run_says_what_it_took(on_device: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(on_device, tmp_path / "1", 1)
    assert "on_device: on cuda:0 (FAKE 0, 1 GiB), float32" in capsys.readouterr().err
    run(on_device, tmp_path / "2", 0)
    assert "on_device: on cpu (PyTorch 2.9.0 sees no device), float32" in capsys.readouterr().err
    run(on_device, tmp_path / "3", 1, ["popularity"])
    assert "cuda" not in capsys.readouterr().err


def test_an_option_that_changes_nothing_is_a_warning(on_device: str, tmp_path: Path) -> None:
    with pytest.warns(RecbenchWarning, match="--device cuda changes nothing: no recommender here takes a device"):
        bench.run(DATA, "popularity", out=tmp_path / "out", threads=1, device="cuda")
    with pytest.warns(RecbenchWarning, match="--precision bf16 changes nothing"):
        bench.run(DATA, "popularity", out=tmp_path / "out", threads=1, precision="bf16")


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(*_: object) -> Record:
        pytest.fail("a job ran")

    monkeypatch.setattr("bench.running.supervisor.Supervisor.run", refuse)
    return


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--device", "cuda"], "device: there is no cuda here: PyTorch 2.9.0 sees no device; write --device cpu"),
        (["--device", "cuda:7"], "device: there is no cuda:7 here"),
        (["--device", "gpu"], "'gpu' is no device; write auto, cpu, cuda, cuda:1 or mps"),
        (["--precision", "fp8"], "invalid choice: 'fp8'"),
        (["--precision", "tf32"], "precision: tf32 is arithmetic of CUDA devices"),
        (["-r", "on_device:device=cuda"], "device=cuda is no hyper-parameter"),
    ],
)
def test_bad_input_ends_with_code_2_before_anything_runs(
    on_device: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], expected: str
) -> None:
    given = ["run", "--dataset", DATA, "--plugin", on_device, "--out", str(tmp_path / "out"), *arguments]
    if "-r" not in arguments:
        given += ["-r", "on_device"]
    with fake_torch(0):
        try:
            code = main(given)
        except SystemExit as ended:
            code = int(str(ended.code))
    said = capsys.readouterr().err
    assert code == 2
    assert expected in said
    assert "Traceback" not in said


def test_a_wrong_device_in_python_is_the_same_error(on_device: str, tmp_path: Path) -> None:
    with pytest.raises(RecbenchError, match="device: 'gpu' is no device; write auto, cpu"):
        run(on_device, tmp_path, 0, device="gpu")


def test_a_search_runs_on_the_device(on_device: str, tmp_path: Path) -> None:
    grid = tmp_path / "grid.toml"
    grid.write_text("[on_device]\nepochs = [1, 2]\n")
    with fake_torch(1):
        bench.tune(DATA, grid=grid, plugins=on_device, out=tmp_path / "out", threads=1, device="cuda")
    from bench.records.store import Store

    assert {record.document["device"]["kind"] for record in Store(tmp_path / "out").documents()} == {"cuda"}


def test_a_stored_record_of_another_device_is_run_again_and_says_why(
    on_device: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(on_device, tmp_path, 1, device="cpu")
    run(on_device, tmp_path, 1, device="cuda")
    assert "it ran on the processor and is to run on cuda (FAKE 0)" in capsys.readouterr().err
