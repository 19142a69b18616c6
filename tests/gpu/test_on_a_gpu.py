"""What the stand-in for PyTorch's devices cannot show: the harness on a real one (`make gpu`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import bench

if TYPE_CHECKING:
    from pathlib import Path

    from bench.records.record import Record

pytestmark = pytest.mark.gpu

DATA = "synthetic:500x400x10000"

SOURCE = '''
import torch

class Factors:
    """An inner product of vectors, fitted by gradient descent on all pairs."""

    def __init__(self, epochs: int = 5, size: int = 32, *, device: str = "cpu", precision: str = "float32"):
        self.epochs, self.size, self.device, self.precision = epochs, size, device, precision

    def fit_epochs(self, train, *, rng):
        torch.manual_seed(int(rng.integers(2**31)))
        seen = torch.zeros(train.n_users, train.n_items)
        seen[torch.tensor(train.users).long(), torch.tensor(train.items).long()] = 1.0
        start = torch.randn(train.n_users + train.n_items, self.size) / self.size**0.5
        self.vectors, self.n_users = start.to(self.device).requires_grad_(), train.n_users
        seen = seen.to(self.device)
        for _ in range(self.epochs):
            with torch.autocast(self.device.partition(":")[0], torch.bfloat16, enabled=self.precision == "bf16"):
                loss = ((self.products() - seen) ** 2).mean()
            (gradient,) = torch.autograd.grad(loss, self.vectors)
            with torch.no_grad():
                self.vectors -= 100.0 * gradient
            yield loss

    def products(self):
        return self.vectors[: self.n_users] @ self.vectors[self.n_users :].T

    def fit(self, train, *, rng):
        for _ in self.fit_epochs(train, rng=rng):
            pass
        return self

    def score(self, users, items):
        users, items = (torch.tensor(indices).long().to(self.device) for indices in (users, items))
        return (self.vectors[users][:, None] * self.vectors[self.n_users + items]).sum(-1)


class Late:
    """Hands products to the device and returns at once; notes how long they took by the device's own events."""

    deterministic = True

    def __init__(self, note: str, n: int = 8192, products: int = 60, *, device: str = "cpu"):
        self.note, self.n, self.products, self.device = note, n, products, device

    def fit(self, train, *, rng):
        matrix = torch.ones(self.n, self.n, device=self.device)
        self.begun, self.done = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        self.begun.record()
        for _ in range(self.products):
            matrix = matrix @ matrix / self.n
        self.done.record()
        return self

    def score(self, users, items):
        with open(self.note, "w") as note:
            note.write(str(self.begun.elapsed_time(self.done) / 1000))
        return torch.tensor(items, dtype=torch.float32, device=self.device)


class Greedy:
    """Takes more memory than any device has."""

    def __init__(self, *, device: str = "cpu"):
        self.device = device

    def fit(self, train, *, rng):
        self.kept = [torch.zeros(2**30, device=self.device) for _ in range(10_000)]

    def score(self, users, items):
        return items * 1.0
'''


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    path = tmp_path_factory.mktemp("plugin") / "on_gpu.py"
    path.write_text(SOURCE)
    return [f"{path}:{name}" for name in ("Factors", "Late", "Greedy")]


def records(plugins: list[str], out: Path, *recommenders: str, **options: Any) -> list[Record]:
    names = {name.partition(":")[0] for name in recommenders}
    named = [one for one in plugins if one.rpartition(":")[2].lower() in names]
    return list(bench.run(DATA, list(recommenders), plugins=named, out=out, quiet=True, **options).records)


@pytest.mark.parametrize("precision", ["float32", "tf32", "bf16"])
def test_equal_seeds_give_equal_ranks_and_the_record_says_how(
    plugins: list[str], tmp_path: Path, precision: str
) -> None:
    (one,), (other,) = (
        records(plugins, tmp_path / name, "factors", device="cuda", precision=precision) for name in ("1", "2")
    )
    assert one.failure is None, one.failure
    assert one.device is not None
    assert one.device_use is not None
    assert (one.device.kind, one.device.tf32) == ("cuda", precision == "tf32")
    assert one.device_use.deterministic
    assert one.device_use.peak_mib is not None
    assert one.device_use.peak_mib > 500 * 400 * 4 / 2**20
    assert one.ranks is not None
    assert other.ranks is not None
    assert np.array_equal(one.ranks.n_better, other.ranks.n_better)
    assert one.key == other.key


def test_it_finds_what_the_processor_finds(plugins: list[str], tmp_path: Path) -> None:
    """In float32 the same loss within rounding, from the same start."""
    (here,), (there,) = (records(plugins, tmp_path / device, "factors", device=device) for device in ("cpu", "cuda"))
    losses = [[line.loss for line in record.curve] for record in (here, there)]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)


def test_the_clock_waits_for_what_was_handed_over(plugins: list[str], tmp_path: Path) -> None:
    (record,) = records(plugins, tmp_path, f"late:note={tmp_path / 'seconds'}", device="cuda")
    assert record.failure is None, record.failure
    assert record.time.fit_seconds is not None
    assert record.time.fit_seconds >= float((tmp_path / "seconds").read_text()) > 0


def test_a_device_without_memory_is_a_row_that_says_so(plugins: list[str], tmp_path: Path) -> None:
    failed, sound = records(plugins, tmp_path, "greedy", "popularity", device="cuda")
    assert failed.failure is not None
    assert failed.failure.kind == "device memory"
    assert "the job had taken" in failed.failure.message
    assert sound.failure is None
