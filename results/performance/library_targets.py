"""The targets of models that other libraries have, too: a fit with equal parameters on MovieLens-1M."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import library_references as libraries
import numpy as np
import references
from given import NO_DATA, lacking, ml_1m, model_of
from outcomes import Case, Outcome, Setting, interleaved

from bench.choices import value_text
from protocol.evaluation.evaluate import evaluate
from protocol.evaluation.metrics import ndcg
from protocol.tasks.compared import compared_users
from protocol.tasks.task import Task, build_task, build_validation_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from protocol.types import Interactions


@dataclass(frozen=True)
class Contest:
    """One of our models against those of other libraries.

    Parameters
    ----------
    parameters
        Of ours, and of each reference.
    most
        Our time is at most so many times each of theirs.
    references
        By the name of the library, what is imported of it.
    alike
        By the name of the library, more parameters of ours, with which it is that library's model.
    rounds
        How often each is fitted.
    """

    parameters: Mapping[str, float]
    most: float
    references: Mapping[str, Callable[..., object]]
    alike: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rounds: int = 5

    def ours(self, library: str) -> dict[str, Any]:
        """Return the parameters of ours against a library."""
        return {**self.parameters, **self.alike.get(library, {})}


WALK = {"neighbors": 100, "alpha": 1.0}
CUT = {"irspack": {"neighbors_of": "target"}, "skrecsys": {"neighbors_of": "both"}}
"""Which items keep only their highest weights in each library."""

CONTESTS = {
    "rp3beta": Contest(
        {**WALK, "beta": 0.6}, 1, {"irspack": libraries.irspack_rp3beta, "skrecsys": libraries.skrecsys_rp3beta}, CUT
    ),
    "p3alpha": Contest(WALK, 1, {"irspack": libraries.irspack_p3alpha, "skrecsys": libraries.skrecsys_rp3beta}, CUT),
    "slim": Contest(
        {"reg": 0.0788, "l1_ratio": 1.19e-05, "neighbors": 544}, 0.5, {"irspack": libraries.irspack_slim}, rounds=1
    ),
    "pure_svd": Contest({"embedding_size": 60}, 1, {"sklearn": libraries.sklearn_svd}),
    "user_knn": Contest({"neighbors": 100, "shrinkage": 10.0}, 1, {"irspack": libraries.irspack_user_knn}),
}
"""By the name of our model."""


def against_libraries(name: str, setting: Setting) -> Iterator[Outcome]:
    """Time a fit of a model against fits of other libraries."""
    contest = CONTESTS[name]
    cases = {library: _case(name, contest.ours(library), setting) for library in contest.references}
    goal = f"≤ {contest.most:g} times"
    dataset = ml_1m(setting)
    if dataset is None:
        for library, case in cases.items():
            yield case.skipped(library, goal, NO_DATA)
        return
    train = build_task(dataset, n_negatives=20 if setting.quick else 100).train
    missing = {library: lacking(library) for library in contest.references}
    works: dict[str, Callable[[], object]] = {}
    for library, fit in contest.references.items():
        if not missing[library]:
            works[f"ours, {library}"] = partial(_fit, name, train, contest.ours(library))
            works[library] = partial(fit, train, setting.threads, **contest.parameters)
    medians = interleaved(works, contest.rounds) if works else {}
    for library, reason in missing.items():
        if reason:
            yield cases[library].skipped(library, goal, reason)
        else:
            ours, theirs = medians[f"ours, {library}"], medians[library]
            yield cases[library].within(ours, theirs, library, contest.most)


def _case(name: str, parameters: Mapping[str, Any], setting: Setting) -> Case:
    shown = ", ".join(f"{parameter} {value_text(value)}" for parameter, value in parameters.items())
    return Case(name, f"a fit of `{name}` on ML-1M, {shown}", setting.threads)


def _fit(name: str, train: Interactions, parameters: Mapping[str, Any]) -> Any:
    return model_of(name, **parameters).fit(train, rng=np.random.default_rng(0))


CUTOFF, UNOBSERVED = 10, 0.2

STEPWISE = {64: (0.003, 15), 192: (0.01, 12)}
"""By the number of factors: reg, of a short search on the validation task, and epochs."""


def stepwise_als(setting: Setting) -> Iterator[Outcome]:
    """Time ALS with three steps of conjugate gradients against irspack's, with equal parameters, and implicit's."""
    for size, (reg, n_epochs) in STEPWISE.items():
        what, goal = f"`als` with 3 steps, {size} factors, {n_epochs} epochs, on ML-1M", "≤ 0.8 times"
        case = Case("als_steps", what, setting.threads)
        dataset = ml_1m(setting)
        if dataset is None:
            yield case.skipped("irspack, implicit", goal, NO_DATA)
            continue
        validation = build_validation_task(dataset, n_negatives=20 if setting.quick else 100)
        fits = _stepwise_fits(validation.train, setting, size, reg, n_epochs)
        missing = {library: lacking(library) for library in ("irspack", "implicit")}
        works = {name: fit for name, fit in fits.items() if not missing.get(name)}
        medians = interleaved(works, 1 if setting.quick else 5)
        reached = {name: _validation_ndcg(fit(), validation) for name, fit in works.items()}
        for library, reason in missing.items():
            if reason:
                yield case.skipped(library, goal, reason)
                continue
            note = f"validation NDCG@{CUTOFF}: {reached['ours']:.4f} and {reached[library]:.4f}"
            yield case.within(medians["ours"], medians[library], library, 0.8, note)


def _stepwise_fits(
    train: Interactions, setting: Setting, size: int, reg: float, n_epochs: int
) -> dict[str, Callable[[], Any]]:
    ours = model_of("als", embedding_size=size, epochs=n_epochs, reg=reg, unobserved_weight=UNOBSERVED, cg_steps=3)
    same = {"n_components": size, "train_epochs": n_epochs, "reg": reg, "alpha0": UNOBSERVED, "max_cg_steps": 3}
    # Its penalty is the same for all, so a reg of its own: the best of those in `targets.ALS_GRIDS`.
    own = {"regularization": 30, "alpha": 1 + 1 / UNOBSERVED}
    return {
        "ours": lambda: ours.fit(train, rng=np.random.default_rng(0)),
        "irspack": lambda: libraries.irspack_als(train, setting.threads, **same),
        "implicit": lambda: references.implicit_als(train, size, n_epochs, setting.threads, **own),
    }


def _validation_ndcg(model: Any, validation: Task) -> float:
    ranks = evaluate(model, validation, full=False).ranks.of(compared_users(validation))
    return float(ndcg(ranks, CUTOFF).mean())
