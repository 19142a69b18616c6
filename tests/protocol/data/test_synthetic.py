"""Synthetic data: the same everywhere, of the size asked for, with a taste to find."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.data import synthetic
from protocol.data.loading import load_dataset
from protocol.data.synthetic import DEFAULT_SIZE, generate
from protocol.errors import DatasetError
from protocol.tasks.split import leave_last_out


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("synthetic", "ccb1098d010ac52bb591efbcdcd0550f26d1e1c59bf1a0905bc111bb93959d39"),
        ("synthetic:50x70x900", "6e67a2dbc3339784d7de1ade5436ad23105047c3cd167916f00b135691e0844c"),
        ("synthetic:30x9x250", "c20095e06f28120f68dac4f46c76ca565480cd871271e2042e5a8e435f5ef8fb"),
    ],
)
def test_it_is_the_same_on_every_machine(name: str, digest: str) -> None:
    """Golden values; the last one has nearly full rows, which are filled up."""
    assert generate(name).digest == digest


def test_the_default_size() -> None:
    dataset = load_dataset("synthetic")
    own = dataset.interactions
    assert (own.n_users, own.n_items, len(own)) == DEFAULT_SIZE
    assert (dataset.name, dataset.notes, dataset.n_duplicates) == ("synthetic", ("synthetic data",), 0)
    assert dataset.digest == generate("synthetic:600x400x24000").digest


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 30), st.integers(1, 50), st.data())
def test_the_size_is_what_was_asked_for(n_users: int, n_items: int, data: st.DataObject) -> None:
    """From one interaction a user to everything; each user has some, no pair occurs twice."""
    n = data.draw(st.integers(n_users, n_users * n_items))
    own = generate(f"synthetic:{n_users}x{n_items}x{n}").interactions
    assert (own.n_users, own.n_items) == (n_users, n_items)
    assert len(set(zip(own.users.tolist(), own.items.tolist(), strict=True))) == n == len(own)
    assert set(own.users.tolist()) == set(range(n_users))


def test_one_action_in_five_is_at_the_time_of_the_one_before() -> None:
    """Of 24,000 - 600 followers; the standard deviation is sqrt(.2 * .8 / 23,400) = .0026."""
    own = generate("synthetic").interactions
    follows = own.users[1:] == own.users[:-1]
    tied = own.timestamps[1:][follows] == own.timestamps[:-1][follows]
    assert abs(tied.mean() - 0.2) < 0.013


def test_planted_taste_beats_popularity_and_popularity_beats_chance() -> None:
    """The share of held-out items among the ten best of 400 items; by chance it is 10/400 = .025."""
    dataset = generate("synthetic")
    split = leave_last_out(dataset, 0)
    matrix = split.train.to_csr(np.float64).toarray()
    popularity = np.broadcast_to(matrix.sum(axis=0), matrix.shape)
    # What users who share items with a user touched: the simplest model that sees taste.
    neighbours = matrix @ (matrix.T @ matrix / popularity[0].clip(1))

    def hits(scores: np.ndarray) -> float:
        best = np.argsort(-np.where(matrix > 0, -np.inf, scores), axis=1, kind="stable")[split.users, :10]
        return float((best == split.items[:, None]).any(axis=1).mean())

    assert hits(neighbours) > 1.5 * hits(popularity)
    assert hits(popularity) > 1.5 * 10 / 400


@pytest.mark.parametrize(
    "form",
    ["synthetic:", "synthetic:5", "synthetic:5x5", "synthetic:5x5x5x5", "synthetic:-5x5x5", "synthetic:\u0665x5x5"],
)
def test_other_forms_are_refused(form: str) -> None:
    with pytest.raises(
        DatasetError, match="is no synthetic dataset; write synthetic or synthetic:USERSxITEMSxINTERACT"
    ):
        load_dataset(form)


@pytest.mark.parametrize("n", [4, 36])
def test_numbers_that_cannot_be_are_refused(n: int) -> None:
    """Five users with seven items: at least one each, at most 5 * 7."""
    with pytest.raises(
        DatasetError, match=rf"{n} interactions of 5 users .* between 5 \(one a user\) and 35 \(everyth"
    ):
        load_dataset(f"synthetic:5x7x{n}")


@pytest.mark.parametrize("name", ["synthetic:0x5x0", "synthetic:5x0x5"])
def test_no_users_and_no_items_are_refused(name: str) -> None:
    with pytest.raises(DatasetError, match=f"{name}: expected at least one user and one item"):
        load_dataset(name)


@pytest.mark.parametrize("rows", [1, 700, 10**6])
@pytest.mark.parametrize("name", ["synthetic:50x70x900", "synthetic:30x9x250"])
def test_blocks_change_nothing(name: str, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = generate(name).digest
    monkeypatch.setattr(synthetic, "BLOCK_ROWS", rows)
    assert generate(name).digest == expected


def test_memory_is_that_of_the_interactions_and_of_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen bytes an interaction are kept; drawn all at once, they would need some two hundred."""
    monkeypatch.setattr(synthetic, "BLOCK_ROWS", 20_000)
    tracemalloc.start()
    found = generate("synthetic:2000x1000x300000")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * len(found.interactions) + 250 * 20_000
