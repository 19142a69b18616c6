"""The contract of every built-in recommender, on ordinary data and on edge cases."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from functools import cache

import numpy as np
import pytest

from bench.machine.random_state import RandomState
from protocol.data.loading import load_dataset
from protocol.errors import NotFittedError
from protocol.evaluation.evaluate import evaluate
from protocol.evaluation.metrics import ndcg
from protocol.evaluation.probing import TOLERANCE, Witness, probe
from protocol.tasks.task import Task, build_task
from protocol.train_facts import TrainFacts
from recommenders import registry

NAMES = [name for name, entry in registry.entries().items() if entry.origin == "built-in"]
ITERATIVE = [name for name in NAMES if hasattr(registry.load_class(registry.find(name)), "fit_epochs")]
# The planted taste is in no order, which is all that sasrec knows; its own test plants one.
LEARNING = [name for name in NAMES if name not in ("random", "popularity", "mlp_post", "torch.mlp_post", "sasrec")]
IN_TORCH = [name for name in ITERATIVE if name == "sasrec" or name.startswith("torch.")]


def candidates(train, n_candidates: int = 7):
    rng = np.random.default_rng(1)
    users = rng.permutation(train.n_users).astype(np.int32)
    return users, rng.integers(train.n_items, size=(users.size, n_candidates)).astype(np.int32)


def test_the_builtins() -> None:
    assert NAMES == [
        "random", "popularity", "item_knn", "ease", "als", "bpr", "mf", "gmf", "mlp", "neumf", "mlp_post",
        "torch.mlp_post", "user_knn", "p3alpha", "rp3beta", "slim", "pure_svd", "multi_vae", "light_gcn", "sasrec",
        "torch.mf", "torch.gmf", "torch.mlp", "torch.neumf",
    ]  # fmt: skip
    assert [name for name in NAMES if registry.find(name).by_default] == NAMES[:12]
    assert ITERATIVE == [
        "als", "bpr", "mf", "gmf", "mlp", "neumf", "mlp_post", "torch.mlp_post", "multi_vae", "light_gcn",
        "sasrec", "torch.mf", "torch.gmf", "torch.mlp", "torch.neumf",
    ]  # fmt: skip


FITTING = """
import sys
import numpy as np
import scipy.sparse  # A job loads it off the clock (`bench.running.job`).
from protocol.train_facts import TrainFacts
from protocol.types import Interactions
from recommenders import registry
train = Interactions(np.array([0, 0, 1]), np.array([0, 1, 1]), np.zeros(3, int), 2, 3)
"""


def in_a_fresh_process(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_a_class_loads_no_compiler() -> None:
    """One process imports them all, and names the first one after which a compiler is loaded."""
    modules = [registry.find(name).reference.partition(":")[0] for name in NAMES]
    in_a_fresh_process(f"""
import importlib, sys
for module in {modules}:
    importlib.import_module(module)
    assert not {{'torch', 'numba'}} & set(sys.modules), module
""")


def test_fitting_those_without_epochs_loads_no_torch_and_no_kernel() -> None:
    """One process fits them all, and names the first one that loads torch, or a kernel while it is timed."""
    in_a_fresh_process(f"""{FITTING}
for name in {[name for name in NAMES if name not in ITERATIVE]}:
    model = registry.load_class(registry.find(name))()
    before = set(sys.modules)
    model.fit(train, rng=np.random.default_rng(0)).score_all(np.array([0, 1], dtype=np.int32))
    kernels = {{name for name in set(sys.modules) - before if name.startswith('recommenders.kernels')}}
    assert not kernels, (name, kernels)
    assert 'torch' not in sys.modules, name
""")


def with_equal_slow_imports() -> list[list[str]]:
    """Return the names of those that learn in epochs, together where they name the same `slow_imports`."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in ITERATIVE:
        groups.setdefault(registry.load_class(registry.find(name)).slow_imports, []).append(name)
    return list(groups.values())


@pytest.mark.parametrize("names", with_equal_slow_imports(), ids=", ".join)
def test_fitting_them_loads_nothing_big(names: list[str]) -> None:
    """`fit` is timed, so the constructor imports and compiles all that numba needs, and torch where it is needed.

    Those with equal `slow_imports` are fitted in one process: the first would load what they lack.
    """
    in_a_fresh_process(f"""{FITTING}
for name in {names}:
    model = registry.load_class(registry.find(name))(epochs=1)
    before = set(sys.modules)
    model.fit(train, rng=np.random.default_rng(0))
    loaded = {{name for name in set(sys.modules) - before if not name.startswith('recommenders.')}}
    assert len(loaded) < 20, (name, sorted(loaded))
    model.score_all(np.array([0, 1], dtype=np.int32))
    kernels = {{name for name in set(sys.modules) - before if name.startswith('recommenders.kernels')}}
    assert not kernels, (name, kernels)
    assert name in {IN_TORCH} or 'torch' not in sys.modules, name
""")


@pytest.mark.parametrize("name", NAMES)
def test_an_unfitted_model_raises(small, name: str) -> None:
    users, items = np.array([0], np.int32), np.array([[0]], np.int32)
    with pytest.raises(NotFittedError, match="before it was fitted"):
        small(name).score(users, items)
    with pytest.raises(NotFittedError, match="before it was fitted"):
        small(name).score_all(users)


@pytest.mark.parametrize("name", NAMES)
def test_score_and_score_all_agree(small, checkerboard, name: str) -> None:
    model = small(name)
    assert model.fit(checkerboard, rng=np.random.default_rng(0)) is model
    users, items = candidates(checkerboard)
    scores, everything = model.score(users, items), model.score_all(users)
    assert scores.shape == items.shape
    assert everything.shape == (users.size, checkerboard.n_items)
    assert np.isfinite(everything).all()
    np.testing.assert_allclose(scores, np.take_along_axis(everything, items, axis=1), rtol=1e-5)
    np.testing.assert_allclose(model.score_all(users[3:5]), everything[3:5], rtol=1e-5)
    np.testing.assert_allclose(model.score(users[3:5], items[3:5, ::-1]), scores[3:5, ::-1], rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_the_seed_decides(small, checkerboard, name: str) -> None:
    users, items = candidates(checkerboard)
    one, same, other = (
        small(name).fit(checkerboard, rng=np.random.default_rng(seed)).score(users, items) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(one, same)
    deterministic = registry.load_class(registry.find(name)).deterministic
    assert np.array_equal(one, other) == deterministic


@pytest.mark.parametrize("name", NAMES)
def test_fitting_again_forgets(small, checkerboard, interactions_of, name: str) -> None:
    users, items = candidates(checkerboard)
    model = small(name)
    model.fit(interactions_of([(0, 1), (1, 0)], 2, 2), rng=np.random.default_rng(5))
    again = model.fit(checkerboard, rng=np.random.default_rng(0)).score(users, items)
    np.testing.assert_array_equal(
        again, small(name).fit(checkerboard, rng=np.random.default_rng(0)).score(users, items)
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("pairs", "n_users", "n_items"),
    [
        pytest.param([(0, 0)], 1, 1, id="one user of one item"),
        pytest.param([(0, 0), (2, 0)], 3, 1, id="one item"),
        pytest.param([(0, 1), (0, 3)], 1, 5, id="one user"),
        pytest.param([(0, 0), (0, 1), (1, 0)], 2, 2, id="a user of everything"),
        pytest.param([(0, 0), (0, 1), (1, 0), (1, 1)], 2, 2, id="users of everything"),
        pytest.param([(1, 2), (1, 4), (3, 2)], 5, 6, id="users and items without interactions"),
        pytest.param([], 2, 3, id="no interactions"),
    ],
)
def test_edges_give_finite_scores(small, interactions_of, name: str, pairs, n_users: int, n_items: int) -> None:
    train = interactions_of(pairs, n_users, n_items)
    users = np.arange(n_users, dtype=np.int32)
    model = small(name).fit(train, rng=np.random.default_rng(0))
    scores = model.score_all(users)
    assert scores.shape == (n_users, n_items)
    assert np.isfinite(scores).all()
    items = np.tile(np.arange(n_items, dtype=np.int32), (n_users, 1))
    np.testing.assert_allclose(model.score(users, items), scores, rtol=1e-5)


@pytest.mark.parametrize("name", ITERATIVE)
def test_epochs_are_the_harness_to_run(small, checkerboard, name: str) -> None:
    """Scoring between epochs changes nothing, and takes nothing from rng; `fit` runs all epochs."""
    users, items = candidates(checkerboard)
    fitted = small(name, epochs=3).fit(checkerboard, rng=np.random.default_rng(0)).score(users, items)

    model, rng, losses, seen = small(name, epochs=3), np.random.default_rng(0), [], []
    for loss in model.fit_epochs(checkerboard, rng=rng):
        before = rng.bit_generator.state
        seen.append(model.score(users, items).copy())
        model.score_all(users)
        assert rng.bit_generator.state == before
        losses.append(loss)
    assert len(losses) == 3
    assert np.isfinite(losses).all()
    assert all(isinstance(loss, float) for loss in losses)
    np.testing.assert_array_equal(seen[-1], fitted)
    assert not np.array_equal(seen[0], seen[1])


@pytest.mark.parametrize("name", ITERATIVE)
def test_no_epochs_leave_a_usable_model(small, checkerboard, name: str) -> None:
    users, items = candidates(checkerboard)
    model = small(name, epochs=0)
    assert list(model.fit_epochs(checkerboard, rng=np.random.default_rng(0))) == []
    untrained = model.score(users, items)
    assert np.isfinite(untrained).all()
    np.testing.assert_array_equal(model.fit(checkerboard, rng=np.random.default_rng(0)).score(users, items), untrained)


@pytest.mark.parametrize("name", ITERATIVE)
def test_vectors_of_one_number_are_enough_to_score(small, checkerboard, name: str) -> None:
    users, items = candidates(checkerboard)
    model = small(name, embedding_size=1).fit(checkerboard, rng=np.random.default_rng(0))
    scores = model.score(users, items)
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(scores, np.take_along_axis(model.score_all(users), items, axis=1), rtol=1e-5)


@pytest.mark.parametrize("name", ITERATIVE)
def test_closing_early_leaves_a_usable_model(small, checkerboard, name: str) -> None:
    users, items = candidates(checkerboard)
    model = small(name, epochs=50)
    epochs = model.fit_epochs(checkerboard, rng=np.random.default_rng(0))
    next(epochs)
    after_one = model.score(users, items).copy()
    epochs.close()
    np.testing.assert_array_equal(model.score(users, items), after_one)
    shorter = small(name, epochs=1).fit(checkerboard, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(shorter.score(users, items), after_one)


@pytest.fixture(scope="module")
def planted_task():
    return build_task(load_dataset("synthetic:300x200x6000"), n_negatives=40)


@pytest.mark.parametrize("name", LEARNING)
def test_planted_taste_is_found(planted_task, name: str) -> None:
    """Popularity ignores taste, so a model that learns it is clearly better."""
    # The networks' defaults are for more data.
    for_little = {"embedding_size": 16, "epochs": 8, "learning_rate": 0.005, "batch_size": 128}
    smaller = {"embedding_size": 16, "epochs": 40, "learning_rate": 0.005, "layers": (64,), "batch_size": 64}
    networks = dict.fromkeys(("gmf", "mlp", "neumf", "torch.gmf", "torch.mlp", "torch.neumf"), for_little)
    parameters = {**networks, "multi_vae": smaller, "torch.mf": {"epochs": 25}}.get(name, {})

    def accuracy(name: str, parameters: dict[str, float]) -> float:
        model = registry.build(registry.load_class(registry.find(name)), parameters)
        fitted = model.fit(planted_task.train, rng=np.random.default_rng(0))
        return ndcg(evaluate(fitted, planted_task, full=False).ranks, 10).mean()

    assert accuracy(name, parameters) > accuracy("popularity", {}) + 0.15


ON_ANY_PROCESSOR = [
    name for name in NAMES if vars(registry.load_class(registry.find(name))).get("processor_independent", False)
]

SCORING = """
import hashlib, json, sys
import numpy as np
from protocol.data.loading import load_dataset
from recommenders import registry

train = load_dataset("synthetic:20x30x200").interactions
users = np.arange(train.n_users, dtype=np.int32)
items = np.random.default_rng(1).integers(train.n_items, size=(users.size, 20)).astype(np.int32)
digests = {}
for name in json.loads(sys.argv[1]):
    entry = registry.find(name)
    small = {"epochs": 2, "embedding_size": 20, "layers": (18, 16, 7)}
    known = registry.description_of(entry).parameters
    model = registry.new(entry, {key: value for key, value in small.items() if key in known})
    model.fit(train, rng=np.random.default_rng(2))
    scores = model.score(users, items), model.score_all(users)
    digests[name] = [hashlib.sha256(np.ascontiguousarray(given)).hexdigest()[:12] for given in scores]
print(json.dumps(digests))
"""


def test_which_builtins_do_not_depend_on_the_processor() -> None:
    assert set(NAMES) - set(ON_ANY_PROCESSOR) == {
        *("ease", "p3alpha", "rp3beta", "pure_svd", "multi_vae"),
        *IN_TORCH,
    }


@pytest.mark.early
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the variables name x86-64 processors")
def test_they_give_the_same_bits_with_other_instructions() -> None:
    """The C library, NumPy, BLAS and numba of another processor; the oldest x86-64 has no fused products."""
    others = {
        "NUMBA_CPU_NAME": "generic",
        "OPENBLAS_CORETYPE": "Nehalem",
        "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX2,-FMA,-FMA4",
    }
    here, elsewhere = (
        json.loads(
            subprocess.run(
                [sys.executable, "-c", SCORING, json.dumps(ON_ANY_PROCESSOR)],
                check=True,
                capture_output=True,
                text=True,
                env={**os.environ, **variables},
            ).stdout
        )
        for variables in ({}, others)
    )
    assert elsewhere == here


@pytest.mark.parametrize("name", NAMES)
def test_the_probe_of_a_run_accuses_none(small, name: str) -> None:
    """P14: the scores of a second call are those of the first, up to rounding."""
    task = synthetic_task()
    model, witness = small(name).fit(task.train, rng=np.random.default_rng(0)), Witness(task)
    evaluate(model, task, witness=witness)
    found = probe(model, witness, name)
    assert found.moved < TOLERANCE / 10
    assert found.disagreement < TOLERANCE / 10


@cache
def synthetic_task() -> Task:
    return build_task(load_dataset("synthetic:60x80x900"), n_negatives=20)


@pytest.mark.parametrize("name", [name for name in NAMES if registry.description_of(registry.find(name)).deterministic])
def test_what_is_deterministic_draws_nothing(small, name: str) -> None:
    train, rng = synthetic_task().train, np.random.default_rng(0)
    state = RandomState(rng)
    small(name).fit(train, rng=rng)
    assert not state.has_moved()


@pytest.mark.parametrize("name", NAMES)
def test_each_says_what_it_needs_and_more_for_larger_data(name: str) -> None:
    model = registry.new(registry.find(name), {})
    facts = [
        TrainFacts(n, n, 20 * n, 40, 900 * n, 900 * n, n, 100, ranks_all=True, n_scores=101 * n, threads=2)
        for n in (1000, 10_000, 100_000)
    ]
    needed = [model.resources(one) for one in facts]
    assert all(type(one) is int for one in needed)
    assert needed == sorted(needed)
    assert needed[2] > 1.5 * needed[0] > 0
