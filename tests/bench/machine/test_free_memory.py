"""The free memory is the least of what the machine has and what each control group leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from bench.machine import free_memory

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

GIB = 2**30


def machine(root: Path, groups: str, files: dict[str, str]) -> Path:
    for name, text in {"proc/self/cgroup": groups, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def version_2(folder: str, limit: str, used: int, files: int) -> dict[str, str]:
    return {
        f"sys/fs/cgroup/{folder}memory.max": f"{limit}\n",
        f"sys/fs/cgroup/{folder}memory.current": f"{used}\n",
        f"sys/fs/cgroup/{folder}memory.stat": f"anon 1\ninactive_file {files}\n",
    }


def free(root: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(free_memory, "_ROOT", root)
    return free_memory.free_bytes()


def test_without_groups_it_is_what_the_machine_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = free(tmp_path, monkeypatch)
    assert 0.5 * found < psutil.virtual_memory().available < 2 * found


def test_a_limit_counts_without_the_cache_that_can_be_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = version_2("job/", str(GIB // 2), 400 * 2**20, 300 * 2**20)
    assert free(machine(tmp_path, "0::/job\n", files), monkeypatch) == GIB // 2 - 100 * 2**20


def test_the_limit_of_a_group_above_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {**version_2("all/job/", "max", 10, 0), **version_2("all/", str(GIB // 4), 0, 0)}
    assert free(machine(tmp_path, "0::/all/job\n", files), monkeypatch) == GIB // 4


def test_in_a_container_the_group_is_at_the_top(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = version_2("", str(GIB // 8), 0, 0)
    assert free(machine(tmp_path, "0::/docker/0123\n", files), monkeypatch) == GIB // 8


def test_version_1_has_other_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = "sys/fs/cgroup/memory/job"
    files = {
        f"{folder}/memory.limit_in_bytes": str(GIB // 2),
        f"{folder}/memory.usage_in_bytes": str(GIB // 4),
        f"{folder}/memory.stat": "total_inactive_file 0\n",
    }
    groups = "5:cpu,cpuacct:/job\n4:memory:/job\n"
    assert free(machine(tmp_path, groups, files), monkeypatch) == GIB // 4


def test_more_used_than_allowed_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert free(machine(tmp_path, "0::/\n", version_2("", "1000", 2000, 0)), monkeypatch) == 0


def test_a_damaged_file_is_no_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {**version_2("", "1000", 0, 0), "sys/fs/cgroup/memory.current": "nonsense"}
    assert free(machine(tmp_path, "0::/\n", files), monkeypatch) > GIB // 100
