"""All adapters: the contract, their library's names and defaults, and a clear error if the library is missing."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys
import typing
from importlib import metadata
from typing import Any

import numpy as np
import pytest

from bench.checks import check_recommender
from bench.checks.learning import LEARNS
from bench.choices import choose
from bench.running.plan import plan_jobs
from protocol.errors import RecommenderError
from protocol.installation import how_to_add, in_words
from recommenders import registry
from recommenders.libraries import EXTRAS, load, versions_of

ADAPTERS = {name: entry for name, entry in registry.entries().items() if entry.origin.startswith("library ")}
FEW = {
    "cornac.neumf": {"num_epochs": 2},
    "cornac.gmf": {"num_epochs": 2},
    "cornac.mlp": {"num_epochs": 2},
    "cornac.vaecf": {"n_epochs": 3},
    "cornac.wmf": {"k": 8, "max_iter": 40, "learning_rate": 0.01, "b": 0.1},
    "cornac.lightgcn": {"emb_size": 8, "num_epochs": 3},
    "irspack.ials": {"n_components": 8, "train_epochs": 5},
    "lenskit.implicit_mf": {"embedding_size": 8, "epochs": 3},
    "implicit.als": {"factors": 8, "iterations": 3},
    "implicit.bpr": {"factors": 8, "iterations": 5},
    "implicit.lmf": {"factors": 8, "iterations": 3},
    "sklearn.nmf": {"n_components": 4},
}
"""Small models, so that the checks are quick."""

FAILING = {
    "cornac.mf": {LEARNS},
    "cornac.bpr": {LEARNS},
    "cornac.mlp": {LEARNS},
    "cornac.neumf": {LEARNS},
    "cornac.vaecf": {LEARNS},
    "implicit.bpr": {LEARNS},
    "sklearn.truncated_svd": {"degenerate data: one item"},
}
"""Checks that fail. With so few epochs, or the library's small steps, nothing is learned (what learns where it is given
time is tested with its library); ``cornac.mf`` sees ratings of 1 alone; scikit-learn refuses a single item."""

EXPENSIVE = {"num_epochs", "n_epochs", "max_iter", "iterations", "epochs", "train_epochs"}
"""Parameters whose higher values only take longer."""

OTHER_DEFAULTS = {
    "sklearn.nmf": {"n_components"},
    "irspack.ials": {"alpha0"},
    "cornac.gmf": {"backend"},
    "cornac.mlp": {"backend"},
    "cornac.neumf": {"backend"},
}
"""Defaults that are not the library's; the docstring says why."""

CHANGED_SINCE = {"lenskit.implicit_mf": ("2026", {"embedding_size"})}
"""Defaults that are those of the library before a release, by recommender."""


def class_of(name: str) -> type:
    return registry.load_class(ADAPTERS[name])


def skip_without_library(name: str) -> None:
    for distribution in class_of(name).libraries:
        try:
            metadata.version(distribution)
        except metadata.PackageNotFoundError:
            pytest.skip(f"{distribution} is not installed; it comes with the extra {EXTRAS[distribution]}")


@pytest.mark.filterwarnings("ignore:Maximum number of iterations", "ignore:(invalid value|divide by zero) ")
@pytest.mark.parametrize("name", ADAPTERS)
def test_it_passes_the_checks(name: str) -> None:
    skip_without_library(name)
    failed = {
        result.name: result for result in check_recommender(ADAPTERS[name], FEW.get(name)) if result.status == "fail"
    }
    assert failed.keys() == FAILING.get(name, set()), failed


def ends_of(dimension: Any) -> list[object]:
    """Return all choices, or both ends of a range."""
    return [dimension["low"], dimension["high"]] if isinstance(dimension, dict) else list(dimension)


@pytest.mark.filterwarnings("ignore:Maximum number of iterations", "ignore:(invalid value|divide by zero) ")
@pytest.mark.parametrize("name", [name for name in ADAPTERS if hasattr(class_of(name), "search_space")])
def test_every_searched_value_can_be_fitted(checkerboard, name: str) -> None:
    """Each of its values, with the defaults of others: a library may want two of them to fit each other."""
    skip_without_library(name)
    few = FEW.get(name, {})
    for parameter, dimension in class_of(name).search_space().items():
        for value in ends_of(dimension) if parameter not in EXPENSIVE else ():
            # scikit-learn refuses more components than there are items, of which there are few here.
            fitting = min(value, checkerboard.n_items) if parameter == "n_components" else value
            model = registry.new(ADAPTERS[name], {**few, parameter: fitting})
            fitted = model.fit(checkerboard, rng=np.random.default_rng(0))
            assert np.isfinite(fitted.score_all(np.arange(2, dtype=np.int32))).all(), (parameter, value)


@pytest.mark.parametrize("name", ADAPTERS)
def test_score_all_agrees_with_score(checkerboard, name: str) -> None:
    skip_without_library(name)
    model = registry.new(ADAPTERS[name], FEW.get(name, {})).fit(checkerboard, rng=np.random.default_rng(0))
    users = np.array([3, 0, 39], np.int32)
    items = np.array([[5, 0], [29, 29], [7, 1]], np.int32)
    everything = model.score_all(users)
    assert everything.shape == (3, 30)
    np.testing.assert_allclose(model.score(users, items), np.take_along_axis(everything, items, axis=1), rtol=1e-5)


@pytest.mark.parametrize("name", [name for name in ADAPTERS if getattr(class_of(name), "deterministic", False)])
def test_a_deterministic_one_draws_nothing(checkerboard, name: str) -> None:
    """A draw would be recorded, and the table would call it not deterministic."""
    skip_without_library(name)
    rng = np.random.default_rng(0)
    registry.new(ADAPTERS[name], FEW.get(name, {})).fit(checkerboard, rng=rng)
    assert rng.bit_generator.state == np.random.default_rng(0).bit_generator.state


def defaults_of(cls: type) -> dict[str, object]:
    """Return a class's parameters with their defaults: its constructor's, or its configuration's as LensKit has it."""
    config = typing.get_type_hints(cls).get("config") if cls.__module__.startswith("lenskit") else None
    if config is not None:
        return {name: info.default for name, info in config.model_fields.items()}
    return {name: parameter.default for name, parameter in inspect.signature(cls).parameters.items()}


def as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


@pytest.mark.parametrize("name", ADAPTERS)
def test_it_takes_no_names_and_defaults_but_the_librarys(name: str) -> None:
    skip_without_library(name)
    ours = {name: parameter.default for name, parameter in registry.describe(class_of(name), {}).parameters.items()}
    theirs = defaults_of(registry.new(ADAPTERS[name], {}).library_class())
    assert set(ours) <= set(theirs)
    differing = {parameter for parameter, default in ours.items() if as_tuple(theirs[parameter]) != default}
    release, changed = CHANGED_SINCE.get(name, ("", set()))
    is_changed = changed and metadata.version(class_of(name).libraries[-1]) >= release
    assert differing == OTHER_DEFAULTS.get(name, set()) | (changed if is_changed else set())


def test_listing_and_describing_them_imports_no_library() -> None:
    code = (
        "import sys; from recommenders import registry; "
        "[registry.describe(registry.load_class(entry), {}) for entry in registry.entries().values()]; "
        "libraries = {'implicit', 'cornac', 'irspack', 'lenskit', 'sklearn', 'skrecsys', 'tensorflow', 'dgl'}; "
        "assert not libraries & set(sys.modules) and not {'torch', 'numba'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_they_are_not_among_those_that_run_by_default() -> None:
    assert not {choice.entry.name for choice in choose(None)} & set(ADAPTERS)


@pytest.mark.parametrize("name", ADAPTERS)
def test_a_missing_library_is_named_with_the_extra_that_installs_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Where a model needs several, one extra installs them all."""
    distributions = class_of(name).libraries
    libraries = {distribution.replace("scikit-learn", "sklearn") for distribution in distributions}

    class Blocking:
        @staticmethod
        def find_spec(module: str, *_: object) -> None:
            if (library := module.partition(".")[0]) in libraries:
                raise ModuleNotFoundError(f"No module named {library!r}", name=library)

    monkeypatch.setattr(sys, "meta_path", [Blocking, *sys.meta_path])
    for module in [loaded for loaded in sys.modules if loaded.partition(".")[0] in libraries]:
        monkeypatch.delitem(sys.modules, module)
    said = rf"{distributions[0]} is not installed; {in_words(EXTRAS[distributions[0]])}$"
    with pytest.raises(RecommenderError, match=said):
        registry.new(ADAPTERS[name], {})


def test_a_missing_library_is_known_before_anything_is_fitted(monkeypatch: pytest.MonkeyPatch, task) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    choices = choose(["popularity", "implicit.als"])
    monkeypatch.setattr(metadata, "version", missing)
    monkeypatch.setattr("bench.running.plan.versions", dict)
    with pytest.raises(
        RecommenderError, match=rf"^implicit\.als: implicit is not installed; {re.escape(how_to_add('implicit'))}$"
    ):
        plan_jobs(choices, (0,), threads=1, environment={}, task=task)


def test_the_librarys_version_is_part_of_the_record_and_its_key(monkeypatch: pytest.MonkeyPatch, task) -> None:
    keys = set()
    for version in ("0.7.2", "0.7.3"):
        monkeypatch.setattr(
            "bench.running.plan.versions_of", lambda names, version=version: dict.fromkeys(names, version)
        )
        (job,) = plan_jobs(choose(["implicit.cosine"]), (0,), threads=1, environment={}, task=task)
        assert job.document["recommender"]["libraries"] == {"implicit": version}
        keys.add(job.key)
    assert len(keys) == 2


def test_a_broken_library_is_not_called_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(name: str) -> None:
        raise ModuleNotFoundError("No module named 'libdeep'", name="libdeep")

    monkeypatch.setattr(importlib, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="libdeep"):
        load("implicit.cpu.als", "implicit")


def test_versions_are_those_of_the_installed_distributions() -> None:
    assert versions_of(["numpy"]) == {"numpy": np.__version__}
    with pytest.raises(RecommenderError, match=r"^no-such-dist is not installed; run `pip install no-such-dist`$"):
        versions_of(["no-such-dist"])
