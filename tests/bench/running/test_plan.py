"""Jobs: which there are, and what makes two of them the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bench.machine.environment import versions
from protocol.errors import ProtocolError
from protocol.tasks.task import build_task

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.running.plan import Job
    from protocol.data.dataset import Dataset

    Plan = Callable[..., list[Job]]

SOURCE = """
class Mine:
    def __init__(self, reg: float = 1.0, layers: tuple[int, ...] = (64, 32), other=object):
        self.reg, self.layers = reg, layers
    def fit(self, train, *, rng):
        return self
    def score(self, users, items):
        return items * 1.0
"""


def test_deterministic_recommenders_run_once(plan: Plan) -> None:
    """P20."""
    jobs = plan(["popularity", "als", "random"], seeds=(3, 4))
    assert [(job.choice.label, job.seed) for job in jobs] == [
        ("popularity", 3), ("als", 3), ("als", 4), ("random", 3), ("random", 4),
    ]  # fmt: skip
    assert [job.title for job in jobs[:2]] == ["popularity", "als, seed 3"]
    assert [job.seed for job in plan(["als"], seeds=(4, 3, 4))] == [4, 3]


def test_records_say_for_which_dataset_defaults_were_chosen_where_they_are_used(
    plan: Plan, plugin: Callable[[str], str]
) -> None:
    jobs = plan(["popularity", "mlp_post", "als", "als:reg=0.5", "als:epochs=18"], [plugin(SOURCE)])
    found = [job.document["recommender"].get("chosen_on") for job in jobs]
    assert found == [None, None, "ml-100k", None, "ml-100k", None]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"seeds": (0, -1)}, "a training seed is -1; expected 0 or more"),
        ({"patience": -2}, "the patience is -2; expected 0 or more"),
        ({"threads": 0}, "threads is 0; expected 1 or more"),
    ],
)
def test_amounts_that_no_record_can_hold_are_refused(plan: Plan, options: dict[str, Any], expected: str) -> None:
    with pytest.raises(ProtocolError, match=expected):
        plan(["als"], **options)


def test_only_what_learns_in_epochs_is_stopped_early(plan: Plan) -> None:
    ease, als = plan(["ease", "als"], patience=5)
    assert (ease.validation, ease.patience) == (None, None)
    assert (als.validation.purpose, als.patience) == ("validation", 5)


def test_the_catalogue_is_ranked_up_to_the_limit_by_those_who_can(plan: Plan, plugin: Callable[[str], str]) -> None:
    mine = plugin(SOURCE)
    # 60 users times 80 items.
    assert [job.full for job in plan(["ease"], [mine], full_limit=4800)] == [True, False]
    assert [job.full for job in plan(["ease"], [mine], full_limit=4799)] == [False, False]
    assert [job.full for job in plan(["ease"], [mine], full_limit=0)] == [False, False]


def test_the_key_is_the_same_wherever_a_plugin_lies(plan: Plan, plugin: Callable[..., str]) -> None:
    keys = {plan([], [plugin(SOURCE, name)])[0].key for name in ("plugin.py", "elsewhere/plugin.py")}
    assert len(keys) == 1


def test_all_that_decides_the_outcome_is_in_the_key(
    plan: Plan, plugin: Callable[[str], str], dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(*texts: str, **options: Any) -> str:
        (job,) = plan(list(texts) or ["als"], **options)
        return job.key

    other_seed = build_task(dataset, n_negatives=20, protocol_seed=1)
    keys = [
        key(),
        key("als:reg=0.5"),
        key("als:epochs=3"),
        key("bpr"),
        key(seeds=(1,)),
        key(threads=2),
        key(patience=5),
        key(patience=6),
        key(full_limit=1),
        key(task=other_seed),
    ]
    keys += [plan([], [plugin(source)])[0].key for source in (SOURCE, SOURCE + "\nchanged = 1\n")]
    monkeypatch.setattr("bench.running.plan.versions", lambda: {**versions(), "numpy": "99"})
    keys += [key()]
    assert len(set(keys)) == len(keys)


def test_the_instructions_are_in_the_key_where_figures_depend_on_them(plan: Plan, plugin: Callable[[str], str]) -> None:
    def differ(names: list[str], plugins: list[str]) -> bool:
        here, there = (plan(names, plugins, environment={"instructions": each})[0].key for each in ("v3", "v4"))
        return here != there

    assert [differ([name], []) for name in ("als", "mlp", "ease", "multi_vae")] == [False, False, True, True]
    assert differ([], [plugin(SOURCE)])
    said = SOURCE.replace("class Mine:", "class Mine:\n    processor_independent = True")
    assert not differ([], [plugin(said, "said.py")])


def test_a_subclass_does_not_inherit_that_it_is_the_same_everywhere(plan: Plan, plugin: Callable[[str], str]) -> None:
    (job,) = plan([], [plugin("from recommenders.mf import MF\n\n\nclass Mine(MF):\n    pass\n")])
    assert job.document["recommender"].get("processor_independent", False) is False


def test_what_does_not_decide_is_not_in_the_key(plan: Plan) -> None:
    default, spelled_out, elsewhere = (
        plan(["ease"])[0],
        plan(["ease:reg=200"])[0],
        plan(["ease"], environment={"cpu": "ANOTHER"})[0],
    )
    assert default.parameters == {"reg": 200.0}, "the default changed: spell the new one out above"
    assert default.key == spelled_out.key == elsewhere.key


def test_the_document_holds_no_path_and_is_json(plan: Plan, plugin: Callable[[str], str], tmp_path: Path) -> None:
    (job,) = plan([], [plugin(SOURCE)])
    text = json.dumps(job.document)
    assert str(tmp_path) not in text
    recommender = json.loads(text)["recommender"]
    assert recommender["reference"] == "plugin.py:Mine"
    assert recommender["label"] == "mine"
    assert recommender["parameters"] == {"reg": 1.0, "layers": [64, 32], "other": "<class 'object'>"}


def test_the_spec_gives_only_what_was_given(plan: Plan, tmp_path: Path) -> None:
    (job,) = plan(["mlp_post:epochs=3"])
    spec = json.loads(json.dumps(job.spec(tmp_path / "out")))
    assert spec["parameters"] == {"epochs": 3}
    assert spec["entry"]["preset"]["layers"] == [32, 16, 8]
    assert (spec["selects"], spec["only_selects"]) == (False, False)
