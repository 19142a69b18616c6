"""One function for each target: it measures, and yields what came out."""

from __future__ import annotations

import gc
from functools import partial
from itertools import product
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import references
from epoch_targets import light_gcn, sasrec
from given import NO_DATA, SMALL, dataset_of, lacking, ml_1m, model_of
from library_targets import CONTESTS, against_libraries, stepwise_als
from loading_targets import loading
from network_targets import growth, towers
from outcomes import SINGLE, Case, Outcome, Setting, interleaved, same_loss, seconds_of
from study_target import aggregating
from suite_targets import suite
from torch_targets import torch_epochs, torch_memory

from bench.machine.memory import peak_mib, reset_peak
from protocol.evaluation.evaluate import evaluate, rank_catalogue
from protocol.evaluation.metrics import hit_rate, ndcg
from protocol.evaluation.ranking import rank_heldout
from protocol.keyed import derive, root_key
from protocol.tasks.candidates import draw_candidates
from protocol.tasks.compared import compared_users
from protocol.tasks.task import Task, build_task, build_validation_task
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from outcomes import Works

    from protocol.types import Interactions, Scores

    Target = Callable[[Setting], Iterator[Outcome]]

CUTOFF = 10

ALS_GRIDS: dict[str, dict[str, tuple[float, ...]]] = {
    "ours": {"reg": (0.003, 0.01, 0.03), "unobserved_weight": (0.1, 0.2, 0.5)},
    "theirs": {"regularization": (10, 30, 100), "alpha": (11, 6, 3)},
}
"""Where each is tuned. An interaction weighs 1 + 1 / unobserved_weight, or alpha, times another pair: the same here."""


def _ml_100k(setting: Setting) -> Interactions:
    """Return what is trained on in the test task of MovieLens-100K."""
    return build_task(dataset_of(SMALL if setting.quick else "ml-100k"), n_negatives=20 if setting.quick else 100).train


def _limit_blas(threads: int) -> None:
    """Hold BLAS to some threads, whatever the environment says."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(threads, "blas")


def mlp(setting: Setting) -> Iterator[Outcome]:
    """Time an epoch of the post's perceptron against the loop most people write, and compare what is learnt."""
    train, n_epochs, seeds = _ml_100k(setting), 2, range(3)
    case = Case("mlp", "an epoch of `mlp_post` on ML-100K, negatives drawn", 1)
    idiomatic = references.idiomatic_mlp() if references.IDIOMATIC_MLP.exists() else None
    if idiomatic is None:
        yield case.skipped("the idiomatic loop in PyTorch", "≥ 10 times as fast", "its file is not there")
        return
    _train_in(1)
    ours, theirs = [], []
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    for seed in seeds:
        own = model_of("mlp_post", epochs=n_epochs).fit_epochs(train, rng=np.random.default_rng(seed))
        other = idiomatic.train_epochs(train, epochs=n_epochs, seed=seed)
        for _ in range(n_epochs):
            times["ours"].append(seconds_of(lambda: ours.append(next(own))))  # noqa: B023 - it is called at once
            times["theirs"].append(seconds_of(lambda: theirs.append(next(other))))  # noqa: B023
    medians = {name: float(np.median(values)) for name, values in times.items()}
    yield case.faster(medians["ours"], medians["theirs"], "the idiomatic loop in PyTorch", 10)
    losses = [np.array(values).reshape(len(seeds), n_epochs) for values in (ours, theirs)]
    yield same_loss("mlp", losses[0], losses[1])
    yield _against_torch("mlp_post", train, references.torch_pointwise_epochs)


def _train_in(threads: int) -> None:
    """Hold torch and our kernels to some threads each.

    With the batches of the post, more threads of torch's only wait for each other; ours do not, so one each is fair.
    """
    import numba
    import torch

    torch.set_num_threads(threads)
    numba.config.NUMBA_NUM_THREADS = threads  # type: ignore[attr-defined]


def _networks(name: str, setting: Setting) -> Iterator[Outcome]:
    """Time epochs of a network at the settings of the post, and at those that were chosen for it."""
    post = _settings_of_the_post(name)
    against = partial(_against_torch, name, _ml_100k(setting), references.torch_pointwise_epochs)
    yield against(settings="at the post's settings", parameters=post)
    yield against(settings="at its defaults", threads=setting.threads)


def _settings_of_the_post(name: str) -> dict[str, Any]:
    """Return how the blog post's perceptron, ``mlp_post``, is made and trained, as far as a network has that, too."""
    known = registry.description_of(registry.find(name)).parameters
    return {
        parameter: value
        for parameter, value in registry.find("mlp_post").preset.items()
        if parameter in known and parameter != "epochs"
    }


def _against_torch(
    name: str,
    train: Interactions,
    epochs_of: Callable[..., Iterator[float]],
    *,
    settings: str = "",
    parameters: Mapping[str, Any] = MappingProxyType({}),
    threads: int = 1,
) -> Outcome:
    """Time epochs of a model against its plain form in PyTorch."""
    _train_in(threads)
    model = model_of(name, epochs=5, **parameters)
    own, other = model.fit_epochs(train, rng=np.random.default_rng(0)), epochs_of(train, model, 0)
    losses = (next(own), next(other))
    medians = interleaved({"ours": partial(next, own), "theirs": partial(next, other)}, 3)
    note = f"losses of the first: {losses[0]:.3f} and {losses[1]:.3f}"
    if settings:
        note += f"; {model}"
    what = " ".join(filter(None, (f"an epoch of `{name}`", settings, "on ML-100K, negatives drawn")))
    case = Case(name.removesuffix("_post"), what, threads)
    return case.faster(medians["ours"], medians["theirs"], "plain PyTorch on whole tensors", 5, note)


def gmf(setting: Setting) -> Iterator[Outcome]:
    """Time an epoch of GMF."""
    yield from _networks("gmf", setting)


def neumf(setting: Setting) -> Iterator[Outcome]:
    """Time an epoch of NeuMF."""
    yield from _networks("neumf", setting)


def bpr(setting: Setting) -> Iterator[Outcome]:
    """Time an epoch of BPR against plain PyTorch, implicit and cornac."""
    yield _against_torch("bpr", _ml_100k(setting), references.torch_bpr_epochs)
    what, goal = "an epoch of `bpr`, 64 factors, on ML-1M", "≤ 1 times"
    dataset = ml_1m(setting)
    if dataset is None:
        yield Case("bpr", what, 1).skipped("implicit, cornac", goal, NO_DATA)
        return
    train, n_epochs = build_task(dataset, n_negatives=20 if setting.quick else 100).train, 5
    model = model_of("bpr", embedding_size=64, epochs=n_epochs)

    def fitted() -> Any:
        return model.fit(train, rng=np.random.default_rng(0))

    for library, works in _bpr_references(train, n_epochs, setting.threads).items():
        if isinstance(works, str):
            yield Case("bpr", what, 1).skipped(library, goal, works)
            continue
        medians = interleaved({"ours": fitted, **works}, 3)
        for against in works:
            note = f"a fit of {n_epochs} epochs, divided by them; ours in one thread"
            yield Case("bpr", what, 1).within(medians["ours"] / n_epochs, medians[against] / n_epochs, against, 1, note)
    users = np.arange(train.n_users, dtype=np.int32)[:100]
    same = np.array_equal(fitted().score_all(users), fitted().score_all(users))
    yield Case("bpr", "two fits with one seed", 1).holds("equal to the last bit", same)


def _bpr_references(train: Interactions, n_epochs: int, threads: int) -> dict[str, Any]:
    """Return fits by their names, or why there are none, by the name of the library."""
    found: dict[str, Any] = {library: lacking(library) for library in ("implicit", "cornac")}
    counts = sorted({1, threads})
    if not found["implicit"]:
        found["implicit"] = {
            f"implicit, threads: {n}": partial(references.implicit_bpr, train, 64, n_epochs, n) for n in counts
        }
    if not found["cornac"]:
        dataset = references.cornac_dataset(train)
        found["cornac"] = {
            f"cornac, threads: {n}": partial(references.cornac_bpr, dataset, 64, n_epochs, n) for n in counts
        }
    return found


def als(setting: Setting) -> Iterator[Outcome]:
    """Time ALS against implicit's, and compare validation NDCG, each with the best of equally many settings."""
    n_epochs = 2 if setting.quick else 15
    case = Case("als", f"`als`, 64 factors, {n_epochs} iterations, on ML-1M", setting.threads)
    dataset, missing = ml_1m(setting), lacking("implicit")
    if dataset is None or missing:
        yield case.skipped("implicit's ALS", "≤ 1 times", missing or NO_DATA)
        return
    _limit_blas(1)
    validation = build_validation_task(dataset, n_negatives=20 if setting.quick else 100)
    train = validation.train

    def ours(**parameters: float) -> Any:
        return model_of("als", embedding_size=64, epochs=n_epochs, **parameters).fit(
            train, rng=np.random.default_rng(0)
        )

    def theirs(**parameters: float) -> Any:
        return references.implicit_als(train, 64, n_epochs, setting.threads, **parameters)

    fits = {"ours": ours, "theirs": theirs}
    best = {name: _best_of_grid(fit, ALS_GRIDS[name], validation) for name, fit in fits.items()}
    note = "each row solved exactly; there, nearly; each with its best setting"
    works = {name: partial(fit, **best[name][1]) for name, fit in fits.items()}
    medians = interleaved(works, 1 if setting.quick else 5)
    yield case.within(medians["ours"], medians["theirs"], "implicit's ALS", 1, note)
    case = Case("als", "validation NDCG@10, best of a grid", setting.threads, "")
    chosen = "; ".join(f"{name}: {_shown(ALS_GRIDS[name])}, best {_shown(best[name][1])}" for name in fits)
    yield case.at_least(
        best["ours"][0], best["theirs"][0], "implicit's ALS", f"single runs, chosen on the same; {chosen}"
    )


def _best_of_grid(
    fit: Callable[..., Any], grid: Mapping[str, Sequence[float]], validation: Task
) -> tuple[float, dict[str, float]]:
    """Return the best validation NDCG of a grid's settings, and which setting had it."""
    settings = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
    users = compared_users(validation)
    ranks = (evaluate(fit(**one), validation, full=False).ranks.of(users) for one in settings)
    reached = [float(ndcg(each, CUTOFF).mean()) for each in ranks]
    best = int(np.argmax(reached))
    return reached[best], settings[best]


def _shown(parameters: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in parameters.items())


def ease(setting: Setting) -> Iterator[Outcome]:
    """Time EASE against the inversion that it cannot do without."""
    from scipy.linalg.lapack import dpotrf, dpotri

    case = Case("ease", "a fit of `ease` on ML-1M", setting.threads)
    dataset, against = ml_1m(setting), "Cholesky inversion by LAPACK"
    if dataset is None:
        yield case.skipped(against, "≤ 1.5 times", NO_DATA)
        return
    train = build_task(dataset, n_negatives=20 if setting.quick else 100).train
    history = train.to_csr(np.float64)
    gram = (history.T @ history).toarray()
    gram[np.diag_indices_from(gram)] += 500

    def invert() -> None:
        factor, _ = dpotrf(gram.T, lower=1, clean=0)
        dpotri(factor, lower=1, overwrite_c=1)

    model = model_of("ease", reg=500.0)
    medians = interleaved({"ours": lambda: model.fit(train, rng=np.random.default_rng(0)), "theirs": invert}, 5)
    yield case.within(medians["ours"], medians["theirs"], against, 1.5, f"{train.n_items:,} items")


def ranking(setting: Setting) -> Iterator[Outcome]:
    """Time ranks, HR and NDCG from an array of scores."""
    sizes = (100, 50) if setting.quick else (100_000, 10_000)
    rng = np.random.default_rng(0)
    scores = rng.standard_normal((sizes[0], 101))
    few = scores[: sizes[1]]
    found: dict[str, tuple[float, float]] = {}

    def ours(array: Scores) -> None:
        ranks = rank_heldout(array)
        found["ours"] = float(hit_rate(ranks, CUTOFF).mean()), float(ndcg(ranks, CUTOFF).mean())

    def by_heap() -> None:
        found["heap"] = references.heap_metrics(scores, CUTOFF)

    def by_ranx() -> None:
        found["ranx"] = references.ranx_metrics(few, CUTOFF)

    case = Case("ranking", f"HR@10 and NDCG@10 from scores, {sizes[0]:,} users x 101", 1)
    works: Works = {"ours": partial(ours, scores), "pass": partial(np.max, scores, axis=1), "heap": by_heap}
    medians = interleaved(works, 3)
    same = np.allclose(found["ours"], found["heap"], rtol=1e-12)
    yield case.within(medians["ours"], medians["pass"], "one pass over the array: each row's maximum", 4)
    yield case.faster(medians["ours"], medians["heap"], "a dictionary and a heap for each user", 50, _equal(same))
    case = Case("ranking", f"HR@10 and NDCG@10 from scores, {sizes[1]:,} users x 101", 1)
    missing = lacking("ranx")
    if missing:
        yield case.skipped("ranx", "≥ 50 times as fast", missing)
        return
    medians = interleaved({"ours": partial(ours, few), "ranx": by_ranx}, 3)
    same = np.allclose(found["ours"], found["ranx"], rtol=1e-12)
    yield case.faster(medians["ours"], medians["ranx"], "ranx", 50, _equal(same))


def _equal(same: bool) -> str:
    return "equal results" if same else "results DIFFER"


def catalogue(setting: Setting) -> Iterator[Outcome]:
    """Time the full ranking of all users by vectors against one matrix product, into room that is there."""
    case = Case("catalogue", "full ranking of all users of ML-1M and lists of 100, 64 factors", setting.threads)
    dataset, against = ml_1m(setting), "one matrix product (float64)"
    if dataset is None:
        yield case.skipped(against, "≤ 3 times", NO_DATA)
        return
    task = build_task(dataset, n_negatives=20 if setting.quick else 100)
    rng = np.random.default_rng(0)
    users, items = (rng.standard_normal((n, 64)).astype(np.float32) for n in (task.train.n_users, task.train.n_items))
    exact_users, exact_items = users.astype(np.float64), items.astype(np.float64)

    ranked = partial(rank_catalogue, references.Vectors(users, items), task, "vectors", setting.threads)
    room = np.empty((len(users), len(items)))
    multiplied = partial(np.matmul, exact_users, exact_items.T, out=room)
    medians = interleaved({"ours": ranked, "theirs": multiplied}, 5)
    note = ""
    if reset_peak():
        before = peak_mib()
        ranked()
        note = (
            f"{peak_mib() - before:.0f} MiB more memory while ranking; the whole product has {room.nbytes / 2**20:.0f}"
        )
    yield case.within(medians["ours"], medians["theirs"], against, 3, note)


def drawing(setting: Setting) -> Iterator[Outcome]:
    """Time the draw of candidates for many users."""
    n_items = 1_000 if setting.quick else 100_000
    sizes = (200, 800) if setting.quick else (250_000, 1_000_000)
    seconds: dict[int, list[float]] = {n_users: [] for n_users in sizes}
    memory: dict[int, float | None] = {}
    # The first is the warm-up. The smaller one comes before and behind: a machine that becomes busier shows less.
    for n_users in (sizes[0], sizes[0], sizes[0], sizes[1], sizes[0], sizes[0]):
        touched = _touched(n_users, n_items)
        users = np.arange(n_users, dtype=np.int32)
        heldout = touched.indices[touched.indptr[:-1]].astype(np.int32)
        keys = derive(root_key(0, "performance"), np.arange(n_users))
        gc.collect()
        can_reset = reset_peak()
        seconds[n_users].append(seconds_of(lambda: draw_candidates(touched, users, heldout, keys, 100)))  # noqa: B023
        memory[n_users] = peak_mib() / 1024 if can_reset else None
    what = f"100 candidates of {n_items:,} items for {sizes[1]:,} users, {100 * sizes[1]:,} interactions to avoid"
    (large,) = seconds[sizes[1]]
    yield Case("drawing", what, 1).at_most(large, 30, SINGLE)
    yield Case("drawing", f"{what}: memory", 1, "GiB").peak(memory[sizes[1]], 3, "interactions included")
    small = float(np.median(seconds[sizes[0]][1:]))
    case = Case("drawing", "the same for one user", 1, "µs")
    note = f"linear in users; {SINGLE} against the median of four, two before and two behind it"
    yield case.within(1e6 * large / sizes[1], 1e6 * small / sizes[0], f"{sizes[0]:,} users", 1.25, note)


def _touched(n_users: int, n_items: int) -> Any:
    """Return who touched what: for each user 100 items, one of each hundredth of all."""
    from scipy.sparse import csr_array

    step = n_items // 100
    items = np.random.default_rng(0).integers(step, size=(n_users, 100), dtype=np.int32)
    items += np.arange(0, n_items, step, dtype=np.int32)
    ones, offsets = np.ones(items.size, dtype=np.bool_), np.arange(0, items.size + 1, 100)
    return csr_array((ones, items.ravel(), offsets), shape=(n_users, n_items))


def training_in_torch(setting: Setting) -> Iterator[Outcome]:
    """Time training in PyTorch, and measure its memory."""
    yield from torch_epochs(_ml_100k(setting))
    yield from torch_memory(setting)


TARGETS: dict[str, Target] = {
    "mlp": mlp,
    "gmf": gmf,
    "neumf": neumf,
    "bpr": bpr,
    "als": als,
    "ease": ease,
    "als_steps": stepwise_als,
    **{name: partial(against_libraries, name) for name in CONTESTS},
    "ranking": ranking,
    "catalogue": catalogue,
    "drawing": drawing,
    "loading": loading,
    "suite": suite,
    "study": aggregating,
    "growth": growth,
    "towers": towers,
    "torch": training_in_torch,
    "light_gcn": light_gcn,
    "sasrec": sasrec,
}
