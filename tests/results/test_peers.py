"""The pages of peers: where ours loses, and what is run on MovieLens-1M."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import hand_made
import pytest

from bench.analysis.rows import Row
from bench.choices import choose
from bench.tuning.tuned_file import Tuned
from protocol.errors import ProtocolError
from protocol.evaluation.statistics import Comparison
from recommenders import registry
from recommenders.registry.python_file import load_file

if TYPE_CHECKING:
    from types import ModuleType

PEERS = Path(__file__).parents[2] / "results" / "peers"


@pytest.fixture(scope="module")
def ml_1m() -> ModuleType:
    return load_file(PEERS / "ml_1m.py")


def test_a_page_says_where_ours_lose() -> None:
    pairs = load_file(PEERS / "pairs.py")

    def pair(name: str, difference: float, p: float, ours: tuple[float, float], theirs: tuple[float, float]) -> Any:
        rows = (
            Row(called, hand_made.record(called, [0]).recommender, (0,), fit_seconds=fit, score_us_per_user=score)
            for called, (fit, score) in ((name, ours), (f"their.{name}", theirs))
        )
        compared = Comparison(difference, difference - 0.015, difference + 0.015, p, 0.0, about_algorithms=True)
        return pairs.Pair(*rows, compared, p)

    found = [
        pair("worse", -0.02, 0.01, (1.0, 1.0), (1.0, 1.05)),
        pair("alone", -0.016, 0.06, (1.0, 1.0), (1.0, 1.0)),
        pair("perhaps", -0.01, 0.06, (150.0, 1.0), (1.0, 2.0)),
        pair("equal", -0.00001, 0.9, (1.0, 1.2), (1.0, 1.0)),
        pair("better", 0.05, 0.001, (1.0, 1.0), (9.0, 9.0)),
    ]
    assert [line for line in pairs.losses(found, "tuned") if line.lstrip().startswith("- ")] == [
        "- NDCG@10, by the corrected test: `worse` to `their.worse` by .0200.",
        "- NDCG@10, by the uncorrected interval only: `alone` to `their.alone` by .0160.",
        "- NDCG@10, lower here, possibly by chance: `perhaps` to `their.perhaps` by .0100.",
        "- Times, tuned:",
        "  - fitting: `perhaps` to `their.perhaps`, 150 times as long;",
        "  - scoring: `equal` to `their.equal`, 1.20 times as long.",
    ]


def test_every_peer_is_registered() -> None:
    for ours, peers in load_file(PEERS / "page.py").PAIRS:
        assert registry.find(ours).origin == registry.BUILT_IN
        for peer in peers:
            assert "library " in (origin := registry.find(peer).origin) or "program of " in origin


def test_what_is_run_on_ml_1m_can_be_built(ml_1m: Any) -> None:
    """Parameters have the names that the recommenders take; what is tuned has a space to search."""
    for text in ml_1m.texts():
        (choice,) = choose([text])
        if not choice.entry.is_file:
            cls = registry.load_class(choice.entry)
            assert set(choice.parameters) <= set(registry.describe(cls, {}).parameters), text
            assert ":" in text or hasattr(cls, "search_space"), text


def test_settings_are_the_published_ones(ml_1m: Any) -> None:
    figures = {figure.model: figure for figure in reversed(ml_1m.reproduce.published())}
    for contest in ml_1m.contests():
        if contest.figure:
            assert contest.ours == figures[contest.figure].ours
        else:
            assert not [text for text in (contest.ours, *contest.theirs) if ":" in text]


def by_default(name: str, ranks: list[int]) -> Any:
    """Return a record of a recommender with its defaults."""
    made = hand_made.record(name, ranks)
    known = registry.describe(registry.load_class(registry.find(name)), {}).parameters
    made.document["recommender"]["parameters"] = {parameter: said.default for parameter, said in known.items()}
    return made


def test_the_page_is_made_of_the_records(ml_1m: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One contest with published parameters, the other tuned; a row that is missing is named."""
    contests = [
        ml_1m.Contest("ease", ("popularity",), "One note.", "EASE"),
        ml_1m.Contest("item_knn", ("popularity",), "Another."),
    ]
    records = [by_default(name, ranks) for name, ranks in (("ease", [0, 1, 4]), ("popularity", [9, 9, 30]))]
    monkeypatch.setattr(ml_1m, "TUNING", tmp_path)
    monkeypatch.setattr(ml_1m, "contests", lambda: contests)
    monkeypatch.setattr(ml_1m, "machine_lines", lambda summary: ["- a machine"])
    monkeypatch.setattr(ml_1m, "Store", lambda folder: SimpleNamespace(records=lambda: records))
    Tuned({"item_knn": {}}, {"budget": "600 seconds", "validation_task": "abc"}, {}).write(tmp_path / "tuned.toml")
    with pytest.raises(ProtocolError, match=r"no fitted record of item_knn; run `make peers-ml-1m ML_1M="):
        ml_1m.page()
    records.append(by_default("item_knn", [2, 3, 50]))
    text = ml_1m.page()
    assert re.search(r"\| `ease` +\| `popularity` +\| \.4494 ", text)
    assert re.search(r"\| `item_knn` +\| `popularity` +\| - ", text)
    assert "- `ease` and `popularity`: Ferrari Dacrema et al., ACM TOIS 2021, additional material: L2 1320. One" in text
    assert "- `item_knn` and `popularity`: Tuned. Another." in text
    assert "the same budget, 600 seconds, in its own" in text


def test_other_files_are_refused(ml_1m: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ml_1m.main(["run", str(tmp_path / "ml-1m")]) == 2
    assert "there is no file" in capsys.readouterr().err


def test_what_was_chosen_on_ml_1m_is_of_the_search_as_it_is(ml_1m: ModuleType) -> None:
    found = tomllib.loads((ml_1m.TUNING / "tuned.toml").read_text(encoding="utf-8"))["selection"]
    assert (found["patience"], found["budget"]) == (ml_1m.PATIENCE, f"{ml_1m.SECONDS:g} seconds for each recommender")
