"""The published figures: which row of the records a text means, and what was tuned for them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench.choices import choose_one, value_text
from bench.tuning.tuned_file import Tuned
from protocol.errors import ProtocolError
from recommenders.registry.python_file import load_file
from recommenders.sasrec import SASRec

REPRODUCE = load_file(Path(__file__).parents[3] / "results" / "reproductions" / "reproduce.py")

DEFAULTS = {"embedding_size": 64, "epochs": 64, "learning_rate": 0.01, "reg": 0.01, "n_negatives": 8, "init_std": 0.1}
"""Of mf, as records had them before it could draw negatives from all items."""


def summary(*parameters: dict[str, Any]) -> Any:
    fitted = [SimpleNamespace(name="mf", parameters=each) for each in parameters]
    return SimpleNamespace(rows=[SimpleNamespace(recommender=each, failed=False) for each in fitted])


def found(text: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = REPRODUCE.row_of(text, summary(*parameters), {}, "make").recommender.parameters
    return given


def test_parameters_that_the_text_leaves_out_have_their_defaults() -> None:
    of_all, older = DEFAULTS | {"reg": 0.5, "negatives_from": "all"}, DEFAULTS | {"reg": 0.5}
    assert found("mf:reg=0.5", of_all, older) == older, "a record may lack a hyper-parameter that is younger"
    assert found("mf:reg=0.5,negatives_from=all", older, of_all) == of_all


def test_a_record_of_another_default_is_not_meant() -> None:
    with pytest.raises(ProtocolError, match=r"no fitted record of mf:reg=0.5; run `make`"):
        found("mf:reg=0.5", DEFAULTS | {"reg": 0.5, "epochs": 63})


def test_a_record_without_a_hyper_parameter_whose_default_is_another_rule_is_not_meant() -> None:
    """Walks without ``neighbors_of`` are those of "both"; the default is "target"."""
    older = {"neighbors": 464, "alpha": 1.5, "normalize": True}
    row = SimpleNamespace(recommender=SimpleNamespace(name="p3alpha", parameters=older), failed=False)
    text = "p3alpha:neighbors=464,alpha=1.5"
    with pytest.raises(ProtocolError, match="no fitted record of p3alpha"):
        REPRODUCE.row_of(text, SimpleNamespace(rows=[row]), {}, "make")
    newer = SimpleNamespace(name="p3alpha", parameters={**older, "neighbors_of": "target"})
    row.recommender = newer
    assert REPRODUCE.row_of(text, SimpleNamespace(rows=[row]), {}, "make").recommender is newer


def test_the_published_figures_name_what_the_search_chose() -> None:
    (named,) = {figure.ours for figure in REPRODUCE.published() if figure.model in {"SASRec", "SASRec, a re-run"}}
    found = Tuned.read(REPRODUCE.tuned_file(REPRODUCE.BY_NAME)).parameters["sasrec"]
    assert SASRec(**choose_one(named).parameters) == SASRec(**found)


def is_within(value: Any, declared: Any) -> bool:
    """Return whether a value may come from an entry of a search space, or of a grid."""
    if isinstance(declared, list):
        return value in declared
    if not isinstance(declared, dict):
        return bool(value_text(tuple(value) if isinstance(value, list) else value) == value_text(declared))
    return value in declared["choices"] if "choices" in declared else declared["low"] <= value <= declared["high"]


@pytest.mark.parametrize("name", REPRODUCE.SEARCHES)
def test_tuned_files_come_from_the_present_searches(name: str) -> None:
    search, path = REPRODUCE.SEARCHES[name], REPRODUCE.tuned_file(name)
    selection = tomllib.loads(path.read_text(encoding="utf-8"))["selection"]
    assert selection["patience"] == search.patience
    assert selection["budget"] == (
        f"{search.budget} for each recommender" if search.budget else "every combination of the grid"
    )
    assert selection.get("complete", True), "a search that was stopped has more to try"
    spaces = tomllib.loads((REPRODUCE.HERE / "spaces" / f"{name}.toml").read_text(encoding="utf-8"))
    tuned = Tuned.read(path).parameters
    assert tuned.keys() == spaces.keys()
    for recommender, space in spaces.items():
        found = dict(tuned[recommender])
        assert found.keys() == space.keys()
        assert found.pop("epochs", 0) <= space.get("epochs", 0)
        for parameter, value in found.items():
            assert is_within(value, space[parameter]), (recommender, parameter)


def test_what_the_texts_say_of_the_searches() -> None:
    """`published.toml` says that NeuMF's chose no pre-training, and that the cross-entropy does better there."""
    assert REPRODUCE.tuned()["neumf"]["pretraining_epochs"] == 0
    ndcg = {}
    for name in ("sequences", REPRODUCE.BY_NAME):
        found = tomllib.loads(REPRODUCE.tuned_file(name).read_text(encoding="utf-8"))
        ndcg[name] = found["selection"]["sasrec"]["NDCG@10"]
    assert ndcg["sequences"] > ndcg[REPRODUCE.BY_NAME]
