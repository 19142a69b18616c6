"""Each check passes for a sound recommender, and fails for one with exactly the fault it is named for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.checks import check_recommender
from recommenders import registry

if TYPE_CHECKING:
    from pathlib import Path

    from bench.checks import CheckResult

SOUND = """
import numpy as np

class Sound:
    def __init__(self, scale=1.0):
        self.scale = scale
    def fit(self, train, *, rng):
        self.taste = self.scale * rng.normal(size=(train.n_users, train.n_items))
        return self
    def score(self, users, items):
        return self.taste[users[:, None], items]
"""

FAULTS = {
    "fit returns the recommender": ("return self\n", "return None\n"),
    "unfitted, score raises": ("return self.taste[", "return getattr(self, 'taste', np.zeros((999, 999)))["),
    "scores have the candidates' shape": ("items]", "items][:, 1:]"),
    "scores are floats": ("items]", "items].astype(complex)"),
    "scores are finite": ("items]", "items] / (items > items.min())"),
    "the same seed gives the same scores": ("* rng", "* np.random.default_rng()"),
    "scoring twice changes nothing": ("return self.taste[", "self.taste *= 2; return self.taste["),
    "the order of users and candidates changes nothing": ("items]", "items] + 1e-3 * np.arange(items.shape[1])"),
    "a subset of users and candidates changes nothing": (
        "return self.taste[users[:, None], items]",
        "s = self.taste[users[:, None], items]; return s - s.mean(axis=1, keepdims=True)",
    ),
    "inputs stay unmodified": ("return self.taste[", "items[0].sort(); return self.taste["),
    "rebuilt from its spec in a fresh process": ("* rng", "* __import__('os').getpid() * rng"),
}


def outcomes(folder: Path, source: str) -> dict[str, CheckResult]:
    path = folder / "sound.py"
    path.write_text(source)
    return {result.name: result for result in check_recommender(registry.plugin_entry(str(path)))}


def test_a_sound_recommender_passes_every_check(tmp_path: Path) -> None:
    results = outcomes(tmp_path, SOUND)
    assert set(results) == set(FAULTS)
    assert all(result.passed and not result.message for result in results.values())


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.filterwarnings("ignore:invalid value")
def test_each_check_finds_its_fault(tmp_path: Path, name: str) -> None:
    found, replaced = FAULTS[name]
    assert found in SOUND
    result = outcomes(tmp_path, SOUND.replace(found, replaced))[name]
    assert not result.passed
    assert len(result.message) > 20


def test_whoever_cannot_be_fitted_is_not_asked_the_rest(tmp_path: Path) -> None:
    results = outcomes(tmp_path, SOUND.replace("return self\n", "raise MemoryError('all of it')\n"))
    (result,) = results.values()
    assert result.message == "raised MemoryError: all of it"


def test_whoever_quits_fails_a_check_and_does_not_end_them(tmp_path: Path) -> None:
    results = outcomes(tmp_path, SOUND.replace("return self.taste[", "raise SystemExit(0); return self.taste["))
    assert set(results) == set(FAULTS)
    assert results["scores are floats"].message == "raised SystemExit: 0"


def test_the_fresh_process_takes_no_module_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "random.py").write_text("raise SystemExit('the wrong random')")
    monkeypatch.chdir(tmp_path)
    assert outcomes(tmp_path, SOUND)["rebuilt from its spec in a fresh process"].passed


@pytest.mark.parametrize("name", ["random", "popularity", "item_knn", "ease"])
def test_built_ins_pass(name: str) -> None:
    assert [result for result in check_recommender(registry.find(name)) if not result.passed] == []
