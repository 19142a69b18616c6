"""The notes about devices name each one with its rows, and what held there; times of two are not compared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hand_made import record

from bench.analysis.pareto_front import front_places
from bench.analysis.summary import summarise
from bench.tables.remaking import remaking_of
from bench.tables.results import render, to_frame

if TYPE_CHECKING:
    from bench.records.record import Record

HERE = {"cpu": "CPU_A", "cores": 2, "memory_gib": 8, "system": "Linux x86_64", "versions": {"python": "3.11"}}
CUDA = {"kind": "cuda", "index": 0, "name": "GPU_A", "memory_mib": 81920.0, "runtime": "CUDA 12.8", "driver": "550.1"}
PLAIN = {**CUDA, "precision": "float32"}
HELD = {"deterministic": True, "peak_mib": 300.0}


def made(label: str, device: dict[str, Any] | None, use: dict[str, Any] | None = None, **options: Any) -> Record:
    found = record(label, [0, 1, 2, 3], **options)
    found.document["environment"] = HERE
    if device is not None:
        found.document["device"] = device
        found.document["device_use"] = use or HELD
    return found


@pytest.mark.parametrize(
    ("device", "use", "expected"),
    [
        (PLAIN, HELD, "float32, TF32 off, deterministic algorithms: mine."),
        ({**PLAIN, "tf32": True}, {**HELD, "tf32": True}, "float32, TF32 on, deterministic algorithms: mine."),
        (CUDA, HELD, "driver 550.1, TF32 off, deterministic algorithms: mine."),
        (PLAIN, {"deterministic": False}, "deterministic algorithms off, by the recommender: mine."),
        (PLAIN, {**HELD, "tf32": True}, "TF32 off, deterministic algorithms, TF32 on in the end, by the recommender"),
        (
            PLAIN,
            {"deterministic": False, "exceptions": ["cumsum", "kthvalue"]},
            "deterministic algorithms but for cumsum and kthvalue: mine.",
        ),
    ],
)
def test_a_line_says_how_the_device_computed(device: dict[str, Any], use: dict[str, Any], expected: str) -> None:
    note = to_frame([made("mine", device, use), made("als", None)]).attrs["notes"]["Device"]
    assert note.startswith("cuda:0, GPU_A, 80 GiB, CUDA 12.8, driver 550.1, ")
    assert expected in note
    assert note.endswith("\nthe processor: als.")


def test_each_device_that_a_row_used_is_named() -> None:
    """With what held there; seeds of two drivers are in two rows."""
    exact, other = {**HELD}, {"deterministic": False, "exceptions": ["cumsum"]}
    records = [made("mine", PLAIN, exact, seed=0), made("mine", {**PLAIN, "index": 1}, other, seed=1)]
    first, second = to_frame(records).attrs["notes"]["Device"].splitlines()
    assert first.startswith("cuda:0, GPU_A, 80 GiB")
    assert first.endswith("TF32 off, deterministic algorithms: mine.")
    assert second.startswith("cuda:1, GPU_A, 80 GiB")
    assert second.endswith("deterministic algorithms but for cumsum: mine.")
    (row,) = json.loads(render(records, "json"))["rows"]
    assert [text.partition(",")[0] for text in row["device"].split("; ")] == ["cuda:0", "cuda:1"]
    apart = to_frame([made("mine", PLAIN, seed=0), made("mine", {**PLAIN, "driver": "560.2"}, seed=1)])
    assert len(apart) == 2
    assert "driver 550.1" in apart.attrs["notes"]["Device"]
    assert "driver 560.2" in apart.attrs["notes"]["Device"]


def test_a_table_of_the_processor_says_nothing() -> None:
    table = render([made("mine", None), made("als", None)], "github")
    assert "Device" not in table
    assert "device" not in table


@pytest.mark.parametrize(
    ("device", "mark"),
    [
        (PLAIN, "cuda"),
        ({**PLAIN, "precision": "bf16"}, "cuda, bf16"),
        ({**PLAIN, "tf32": True}, "cuda, tf32"),
        ({"kind": "cpu", "precision": "bf16"}, "cpu, bf16"),
        ({"kind": "mps", "name": "Apple GPU", "precision": "float32"}, "mps"),
    ],
)
def test_its_rows_are_marked(device: dict[str, Any], mark: str) -> None:
    assert f"mine ({mark})" in render([made("mine", device), made("als", None)], "github")


def test_times_of_two_devices_are_not_compared() -> None:
    mixed = summarise([made("mine", PLAIN), made("als", None)])
    assert mixed.incomparable_times == "several devices"
    assert front_places(mixed, mixed.rows, mixed.primary) == set()
    other = summarise([made("mine", PLAIN), made("als", {**PLAIN, "name": "GPU_B"})])
    assert other.incomparable_times == "several devices"


def test_times_of_one_device_are() -> None:
    """Two of one model are alike, and so are two precisions."""
    alike = summarise([made("mine", PLAIN), made("als", {**PLAIN, "index": 1, "precision": "bf16"})])
    assert not alike.incomparable_times
    assert front_places(alike, alike.rows, alike.primary)


def test_no_row_pools_two_devices() -> None:
    rows = json.loads(render([made("mine", PLAIN, seed=0), made("mine", None, seed=1)], "json"))["rows"]
    assert sorted(row["seeds"] for row in rows) == [[0], [1]]
    assert all(row["recommender"].startswith("mine #") for row in rows)


def test_the_peak_of_the_device_is_a_column_where_a_row_has_one() -> None:
    higher = made("mine", PLAIN, {**HELD, "peak_mib": 700.0}, seed=1)
    frame = to_frame([made("mine", PLAIN), higher, made("als", None)])
    assert frame.loc["mine", "device_peak_mib"] == 700
    assert frame["device_peak_mib"].isna().tolist() == [label != "mine" for label in frame.index]
    assert "device_peak_mib" not in to_frame([made("als", None)])


def test_the_command_of_the_page_asks_for_the_device() -> None:
    (command,) = remaking_of(summarise([made("mine", {**PLAIN, "precision": "bf16"}), made("als", None)])).commands
    assert "--device cuda --precision bf16" in command
    commands = remaking_of(summarise([made("mine", {**PLAIN, "tf32": True}), made("als", PLAIN)])).commands
    assert all("--device cuda" in command for command in commands)
    assert sorted("--precision tf32" in command for command in commands) == [False, True]
    (plain,) = remaking_of(summarise([made("als", None)])).commands
    assert "--device" not in plain
