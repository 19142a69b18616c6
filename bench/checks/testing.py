"""The checks as pytest tests: one line in a test file makes a test of each check."""

from __future__ import annotations

import importlib
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any

from bench.checks.examination import CHECKS, Examination
from bench.choices import choose_one
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Callable


def conformance_tests(*recommenders: type | str, **parameters: Any) -> Callable[..., None]:
    """Return a parametrized test: one test for each check of each recommender.

    Assign it to a name that pytest collects::

        test_conformance = conformance_tests("my_recommender.py:Mine", epochs=5)

    A test fails where its check does, with the check's message. A check that does not apply is skipped, with the
    reason. A doubtful finding is a warning. A check that never returns is not ended here, as it runs in pytest's
    process: `recbench check` ends it and names it; pytest's option ``faulthandler_timeout`` says where it hangs.

    Parameters
    ----------
    recommenders
        Classes, or texts as `recbench check` takes them: ``"als:epochs=1"``, ``"my_model.py:Mine"``. Paths are
        relative to the folder in which pytest runs.
    parameters
        Hyper-parameters for all of them, in place of their defaults.
    """
    # By name, so that types can be checked where pytest is not installed.
    pytest: Any = importlib.import_module("pytest")

    @cache
    def examination(recommender: type | str) -> Examination:
        if not isinstance(recommender, str):
            return Examination(registry.class_entry(recommender), parameters)
        choice = choose_one(recommender)
        return Examination(choice.entry, {**choice.parameters, **parameters})

    def test(recommender: type | str, check: str) -> None:
        result = examination(recommender).result(check)
        if result.status == "skip":
            pytest.skip(result.message)
        if result.status == "warn":
            warnings.warn(result.message, stacklevel=1)
        if result.status == "fail":
            raise AssertionError(result.message) from result.error

    for names, values, ids in (("recommender", recommenders, _label), ("check", CHECKS, _test_id)):
        test = pytest.mark.parametrize(names, values, ids=ids)(test)
    return test


def _label(recommender: type | str) -> str:
    return recommender if isinstance(recommender, str) else recommender.__name__


def _test_id(check: str) -> str:
    """Return a check's name without blanks and punctuation, so that a shell takes it as one word."""
    return check.replace(" ", "_").replace("'", "").replace(",", "").replace(":", "")
