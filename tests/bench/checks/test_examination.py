"""Each check passes for a sound recommender, and is the only one to fail for a recommender with its fault."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from bench.checks import CHECKS, check_recommender, conformance_tests, rebuilding
from recommenders import registry
from recommenders.registry.entry import Entry

if TYPE_CHECKING:
    from bench.checks import CheckResult

Changes: TypeAlias = tuple[tuple[str, str], ...]
"""Texts in the sound recommender's source, each with another in its place."""

SOUND = """
import itertools, os, sys
import numpy as np

class Sound:
    def __init__(self, scale: float = 1.0, epochs: int = 2):
        self.scale, self.epochs = scale, epochs
    def fit_epochs(self, train, *, rng):
        degrees, x = np.diff(train.offsets), train.to_csr(float)
        self.tastes = self.scale * (x @ (x.T @ x)).toarray()
        for epoch in range(self.epochs):
            self.tastes = self.tastes + 0.1 * rng.normal(size=self.tastes.shape)
            yield 1 / (1 + epoch)
    def fit(self, train, *, rng):
        for _ in self.fit_epochs(train, rng=rng):
            pass
        return self
    def score(self, users, items):
        scores = self.tastes[users[:, None], items]
        return scores
    def score_all(self, users):
        return self.tastes[users]
    def save(self, folder):
        np.save(folder / "tastes.npy", self.tastes)
    def load(self, folder):
        self.tastes = np.load(folder / "tastes.npy")
        return self
"""


def at_start(text: str) -> Changes:
    """Return the fault of saying something when fitting begins."""
    return (("        self.tastes = self.scale", f"        {text}\n        self.tastes = self.scale"),)


def in_class(text: str) -> Changes:
    """Return the fault of saying something in the class's body."""
    return (("class Sound:\n", f"class Sound:\n    {text}\n"),)


def in_score(text: str) -> Changes:
    """Return the fault of doing something before the scores are returned."""
    return (("        return scores\n", f"        {text}\n        return scores\n"),)


PEEK = """held = sys._getframe(1).f_locals.get("candidates")
        if held is not None:
            return (items == held.heldout[: len(users), None]).astype(float)"""

SECOND_TIMES = "[[item in row[:column] for column, item in enumerate(row)] for row in items.tolist()]"

FAULTS: dict[str, Changes] = {
    "fit returns the recommender": (
        ("            pass\n        return self\n", "            pass\n        return None\n"),
    ),
    "score answers": in_score("raise KeyError(users[0])"),
    "unfitted, score raises": (("scores = self.tastes[", "scores = getattr(self, 'tastes', np.zeros((999, 999)))["),),
    "inputs stay unmodified": in_score("items[0].sort()"),
    "read-only inputs are enough": in_score("assert items.flags.writeable"),
    "scores have the candidates' shape": in_score("scores = scores[:, 1:]"),
    "scores are floats": in_score("scores = scores.astype(complex)"),
    "scores are finite": in_score("scores = scores / (items > items.min())"),
    "the same seed gives the same scores": (("rng.normal", "np.random.default_rng().normal"),),
    "scoring twice changes nothing": in_score("self.tastes = 2 * self.tastes"),
    "deterministic, if it says so": in_class("deterministic = True"),
    "a second fit forgets the first": (
        (
            "self.tastes = self.scale",
            "self.tastes = getattr(self, 'tastes', 0) + self.scale",
        ),
    ),
    "the order of users and candidates changes nothing": in_score("scores = scores + np.arange(items.shape[1])"),
    "a subset of the candidates changes nothing": in_score("scores = scores - scores.mean(axis=1, keepdims=True)"),
    "batches of users change nothing": in_score("scores = scores + len(users)"),
    "duplicates get equal scores": in_score(f"scores = scores - 1e3 * np.array({SECOND_TIMES})"),
    "users and items without interactions get scores": at_start("assert degrees.all()"),
    "degenerate data: one user": at_start("assert train.n_users > 1"),
    "degenerate data: one item": at_start("assert train.n_items > 1"),
    "degenerate data: all users alike": at_start("assert min(x.shape) == 1 or x.toarray().std(axis=0).any()"),
    "degenerate data: a user of every item": at_start("assert degrees.max() < train.n_items or train.n_items == 1"),
    "degenerate data: one item a user": at_start("assert degrees.max() > 1 or train.n_items == 1"),
    "hyper-parameters round-trip": (("= scale, epochs", "= 2 * scale, epochs"),),
    "rebuilt from its spec in a fresh process": (("= self.scale", "= os.getpid() * self.scale"),),
    "fit_epochs yields the loss of each epoch": (("yield 1 / (1 + epoch)", "yield None"),),
    "fit and fit_epochs agree": (
        ("self.fit_epochs(train, rng=rng)", "itertools.islice(self.fit_epochs(train, rng=rng), 1)"),
    ),
    "scoring between epochs changes nothing": (
        *at_start("self.n_scored = 0"),
        *in_score("self.n_scored = 1 + getattr(self, 'n_scored', 0)"),
        ("self.tastes + 0.1", "self.tastes + self.n_scored + 0.1"),
    ),
    "closing fit_epochs early leaves a usable model": (
        (
            "            yield 1 / (1 + epoch)\n",
            "            try:\n"
            "                yield 1 / (1 + epoch)\n"
            "            except GeneratorExit:\n"
            "                self.tastes = None\n",
        ),
    ),
    "score_all agrees with score": (("return self.tastes[users]\n", "return 2 * self.tastes[users]\n"),),
    "what save writes scores the same when it is loaded": (("np.load(folder", "1 - np.load(folder"),),
    "learns a planted checkerboard": (("= self.scale * (", "= 0 * self.scale * ("),),
    "is as personalised as it says": in_class("personalised = False"),
    "finds nothing where there is nothing": in_score(PEEK),
    "does not put items without training interactions first": (
        ("(x @ (x.T @ x)).toarray()", "((x @ (x.T @ x)).toarray() + 1e3 * (x.sum(axis=0) == 0))"),
    ),
}


def outcomes(folder: Path, source: str) -> dict[str, CheckResult]:
    path = folder / "sound.py"
    path.write_text(source)
    return {result.name: result for result in check_recommender(Entry("sound", f"{path}:Sound", origin="file"))}


def changed(changes: Changes) -> str:
    source = SOUND
    for found, replaced in changes:
        assert source.count(found) == 1, found
        source = source.replace(found, replaced)
    return source


@pytest.fixture
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what runs in a fresh process run in this one, from a file that is read afresh: it takes a second less."""

    def answer(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        rebuilding._answer(json.loads(Path(command[-1]).read_text()))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(rebuilding.subprocess, "run", answer)


def test_a_sound_recommender_passes_every_check(tmp_path: Path) -> None:
    results = outcomes(tmp_path, SOUND)
    assert list(results) == list(CHECKS)
    skipped = [name for name, result in results.items() if result.status == "skip"]
    assert skipped == ["deterministic, if it says so", "is as personalised as it says"]
    assert all(result.status == "ok" and not result.message for name, result in results.items() if name not in skipped)


def test_every_check_has_a_fault() -> None:
    assert set(FAULTS) == set(CHECKS)


def assert_only_that_check_fails(results: dict[str, CheckResult], name: str) -> None:
    assert [failed for failed, result in results.items() if result.status == "fail"] == [name]
    assert len(results[name].message) > 20
    for result in results.values():
        if result.status == "skip" and "this must pass first" in result.message:
            assert CHECKS[result.name].needs


@pytest.mark.parametrize("name", [name for name in FAULTS if name != rebuilding.REBUILT])
@pytest.mark.usefixtures("_in_this_process")
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_each_check_alone_finds_its_fault(tmp_path: Path, name: str) -> None:
    assert_only_that_check_fails(outcomes(tmp_path, changed(FAULTS[name])), name)


def test_what_only_a_fresh_process_finds(tmp_path: Path) -> None:
    name = rebuilding.REBUILT
    assert_only_that_check_fails(outcomes(tmp_path, changed(FAULTS[name])), name)


@pytest.mark.parametrize(
    ("changes", "name", "message"),
    [
        (
            in_score("scores = scores.tolist()"),
            "scores have the candidates' shape",
            "returned a list, expected a NumPy",
        ),
        (in_score("scores = None"), "scores have the candidates' shape", "returned None"),
        (at_start("train.items[0] = 1"), "inputs stay unmodified", "fit changed train.items; work on a copy"),
        (in_score("users[0] = 1"), "inputs stay unmodified", "score changed its argument users"),
        (
            at_start("raise MemoryError('all of it')"),
            "fit returns the recommender",
            "raised MemoryError: all of it (sound.py, line 10)",
        ),
        (
            (("epochs: int = 2", "epochs: int = 2, most=float('inf')"),),
            "hyper-parameters round-trip",
            "cannot be written into a record",
        ),
        (
            (("epochs: int = 2", "epochs: int = 2, names: int = 'a'"),),
            "hyper-parameters round-trip",
            "annotate names with its type",
        ),
        (
            (("yield 1 / (1 + epoch)", "yield float('nan')"),),
            "fit_epochs yields the loss of each epoch",
            "expected a finite loss",
        ),
        (
            in_score("scores = np.ma.masked_less(scores, 1e9)"),
            "scores are finite",
            "some are masked; give these a score",
        ),
        ((("range(self.epochs)", "range(0)"),), "fit_epochs yields the loss of each epoch", "it ran no epoch"),
    ],
)
@pytest.mark.usefixtures("_in_this_process")
def test_a_failure_says_what_was_found(tmp_path: Path, changes: Changes, name: str, message: str) -> None:
    result = outcomes(tmp_path, changed(changes))[name]
    assert result.status == "fail"
    assert message in result.message


@pytest.mark.usefixtures("_in_this_process")
@pytest.mark.parametrize("value", ["-np.inf", "np.nan"])
def test_score_all_may_mask_what_a_user_touched(tmp_path: Path, value: str) -> None:
    masks: Changes = (
        ("        degrees, x =", "        self.seen = train.to_csr()\n        degrees, x ="),
        (
            "return self.tastes[users]\n",
            f"return np.where(self.seen[users].toarray() > 0, {value}, self.tastes[users])\n",
        ),
    )
    assert outcomes(tmp_path, changed(masks))["score_all agrees with score"].status == "ok"


@pytest.mark.usefixtures("_in_this_process")
def test_a_class_that_cannot_be_fitted_is_not_asked_the_rest(tmp_path: Path) -> None:
    results = outcomes(tmp_path, changed(at_start("raise ValueError('no')")))
    assert {result.status for result in list(results.values())[1:]} == {"skip"}


@pytest.mark.usefixtures("_in_this_process")
def test_a_class_that_exits_fails_a_check_and_does_not_end_them(tmp_path: Path) -> None:
    for raised in ("SystemExit", "GeneratorExit"):
        results = outcomes(tmp_path, changed(in_score(f"raise {raised}(0)")))
        assert results["score answers"].message == f"raised {raised}: 0 (sound.py, line 20)"
        assert len(results) == len(CHECKS)


@pytest.mark.usefixtures("_in_this_process")
def test_a_class_with_equal_scores_for_all_users_is_asked_whether_that_is_intended(tmp_path: Path) -> None:
    popular = changed((("(x @ (x.T @ x)).toarray()", "np.tile(x.sum(axis=0), (train.n_users, 1))"),)).replace(
        "size=self.tastes.shape", "size=train.n_items"
    )
    results = outcomes(tmp_path, popular)
    assert results["learns a planted checkerboard"].status == "warn"
    assert "set `personalised = False`" in results["learns a planted checkerboard"].message
    results = outcomes(tmp_path, popular.replace("class Sound:", "class Sound:\n    personalised = False"))
    assert results["learns a planted checkerboard"].status == "skip"
    assert results["is as personalised as it says"].status == "ok"


def test_the_fresh_process_takes_no_module_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit('the wrong random')")
    monkeypatch.chdir(tmp_path)
    assert outcomes(tmp_path, SOUND)["rebuilt from its spec in a fresh process"].status == "ok"


BUILT_INS = [name for name, entry in registry.entries().items() if entry.origin == registry.BUILT_IN]
IN_A_FRESH_PROCESS = ("random", "item_knn")
TWINS = [name for name in BUILT_INS if name.startswith("torch.")]
"""Their models at their defaults are tested as the compiled ones, whose figures they have; here, few epochs."""

test_built_ins = conformance_tests(*IN_A_FRESH_PROCESS)
test_other_built_ins = pytest.mark.usefixtures("_in_this_process")(
    conformance_tests(*(name for name in BUILT_INS if name not in (*IN_A_FRESH_PROCESS, *TWINS)))
)
test_twins = pytest.mark.usefixtures("_in_this_process")(
    conformance_tests(
        *(f"{name}:epochs=8,learning_rate=0.01" if name == "torch.mlp_post" else f"{name}:epochs=8" for name in TWINS)
    )
)


def test_one_line_makes_each_check_a_test_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "sound.py").write_text(SOUND)
    (tmp_path / "faulty.py").write_text(changed(FAULTS["fit returns the recommender"]))
    (tmp_path / "test_it.py").write_text(
        "from bench.checks import conformance_tests\n"
        "from sound import Sound\n"
        "test_class = conformance_tests(Sound, scale=2.0)\n"
        "test_file = conformance_tests('faulty.py:Sound')\n"
    )
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "test_it.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "::test_class[Sound-the_same_seed_gives_the_same_scores] PASSED" in done.stdout
    assert "::test_class[Sound-rebuilt_from_its_spec_in_a_fresh_process] PASSED" in done.stdout
    assert "::test_file[faulty.py:Sound-fit_returns_the_recommender] FAILED" in done.stdout
    assert "fit returned None, expected the recommender itself; end it with `return self`" in done.stdout
    assert f"1 failed, {len(CHECKS) - 2} passed, {len(CHECKS) + 1} skipped in" in done.stdout
