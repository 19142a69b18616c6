"""What cannot be in a record is found, also where every digest was made to fit; what a run leaves can be."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import bench
from bench.audit.plausibility import disagreements, impossibilities
from bench.choices import choose
from bench.data import Data
from bench.records.store import Record, Store
from bench.running.plan import plan_jobs
from bench.running.progress.choosing import make_progress
from bench.running.runner import run_jobs
from protocol.evaluation.ranking import Ranks

if TYPE_CHECKING:
    from collections.abc import Callable

    from protocol.tasks.task import Task

pytestmark = pytest.mark.usefixtures("jobs_here")

DATASET = "synthetic:60x80x900"


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    """Return one that learns in epochs, after a selection, and one that does neither."""
    recommenders, folder = ["bpr:epochs=3,embedding_size=4", "ease:reg=7"], tmp_path_factory.mktemp("made")
    data = Data(DATASET, negatives=20)
    made = bench.run(data, recommenders, patience=2, threads=1, out=folder, quiet=True).records
    return {record.recommender.name: record for record in made}


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, validation: Task) -> Record:
    """Return a trial of a search: the selection is all there is."""
    jobs = plan_jobs(
        choose(["bpr:epochs=2,embedding_size=4"]),
        [0],
        threads=1,
        environment={"cpu": "A_CPU", "versions": {"python": "3.11"}},
        task=validation,
        validation=validation,
        patience=2,
    )
    store = Store(tmp_path_factory.mktemp("trial"))
    (found,) = run_jobs(jobs, store, timeout=300, progress=make_progress(quiet=True))
    return found


def changed(record: Record, change: Callable[[dict[str, Any]], Any]) -> Record:
    document = copy.deepcopy(dict(record.document))
    change(document)
    return replace(record, document=document)


def test_what_a_run_leaves_can_be(records: dict[str, Record], trial: Record) -> None:
    for record in (*records.values(), trial):
        assert list(impossibilities(record)) == []
    assert list(disagreements(records)) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: d["time"].update(score_seconds=None), "score_seconds is missing"),
        (lambda d: d["time"].update(fit_seconds=1e-9), "of fitting, and fitting took 1e-09 s"),
        (lambda d: d["memory"].update(peak_mib=0.5), "the peak of memory is 0.5 MiB"),
        (lambda d: d["memory"].update(before_fit_mib=1e9), "it cannot be below that"),
        (lambda d: d["curve"].pop(0), "the epochs of its learning curve are not 1 to"),
        (lambda d: d["curve"][0].update(seconds=1e9), "the seconds of its learning curve do not rise from 0"),
        (lambda d: d["recommender"].update(iterative=False), "has a learning curve, and does not learn in epochs"),
        (lambda d: d["recommender"]["parameters"].update(epochs=0), "and may for 0"),
        (lambda d: d["selection"].update(best_epoch=9), "its best epoch is 9, and validation NDCG@10 is highest after"),
        (lambda d: d["selection"].update(seconds=0.0), "its selection took 0 s, and its epochs"),
        (lambda d: d["selection"].update(curve=[]), "it has no patience, or no curve"),
        (lambda d: d["selection"]["curve"][1].pop("NDCG@10"), "its selection has epochs without NDCG@10"),
        (lambda d: d.update(patience=0), "epochs after the best one, and its patience is 0"),
        (lambda d: d["environment"]["versions"].update(numpy="new"), "the version of numpy is 'new'"),
        (lambda d: d["environment"].update(commit="HEAD"), "the commit is 'HEAD', expected hexadecimal digits"),
        (lambda d: d.update(environment={}), "its origin is built-in, and where it ran is not known"),
        (lambda d: d["recommender"].update(label="als"), "it is labelled 'als', and is bpr"),
        (
            lambda d: d["recommender"].update(label="bpr:epochs=30"),
            "it is labelled 'bpr:epochs=30', and its epochs is 3",
        ),
        (lambda d: d["recommender"].update(label="bpr:epochs"), "'epochs' is no parameter"),
        (
            lambda d: d["recommender"].update(origin="external"),
            "it is labelled 'bpr:epochs=3,embedding_size=4', and called",
        ),
        (lambda d: d["recommender"].update(origin="external"), "the times of scores from elsewhere are unknown"),
        (
            lambda d: d.update(status="failed", failure={"kind": "bored", "message": ""}),
            "it failed by 'bored', expected one of raised",
        ),
    ],
)
def test_what_cannot_be_is_found(
    records: dict[str, Record], change: Callable[[dict[str, Any]], Any], expected: str
) -> None:
    assert any(expected in problem for problem in impossibilities(changed(records["bpr"], change)))


def test_every_kind_of_failure_is_known(records: dict[str, Record]) -> None:
    """Also that of a job that lost its workers twice."""
    for kind in ("raised", "timeout", "died", "scores", "memory", "device memory", "record", "lost"):
        failed = {"status": "failed", "failure": {"kind": kind, "message": ""}}
        record = changed(records["bpr"], lambda document, failed=failed: document.update(failed))
        assert not any("it failed by" in text for text in impossibilities(record))


def test_epochs_that_were_chosen_are_those_of_the_selection(records: dict[str, Record], trial: Record) -> None:
    more = [{"epoch": n, "loss": 0.1, "seconds": 0.0} for n in range(1, 4)]
    longer = changed(records["bpr"], lambda d: (d.update(curve=more), _keep_the_first(d["selection"])))
    assert "it was refitted for 3 epochs, and 1 were chosen" in list(impossibilities(longer))
    better = changed(
        trial, lambda d: [line.update({"NDCG@10": 0.99, "HR@10": 1.0}) for line in d["selection"]["curve"]]
    )
    assert any("its best epoch's NDCG@10 is 0.99, and by its ranks" in text for text in impossibilities(better))


def test_a_selection_may_end_with_an_epoch_whose_loss_is_not_finite(records: dict[str, Record], trial: Record) -> None:
    def end(document: dict[str, Any]) -> None:
        curve = document["selection"]["curve"]
        curve.append({"epoch": len(curve) + 1, "loss": None, "seconds": curve[-1]["seconds"]})

    def end_earlier(document: dict[str, Any]) -> None:
        end(document)
        document["selection"]["curve"][-2].pop("NDCG@10")

    assert list(impossibilities(changed(trial, end))) == []
    assert any("without NDCG@10" in problem for problem in impossibilities(changed(trial, end_earlier)))


def _keep_the_first(selection: dict[str, Any]) -> None:
    selection.update(curve=selection["curve"][:1], best_epoch=1)


def test_seeds_of_what_is_deterministic_give_one_ranking(records: dict[str, Record]) -> None:
    ease = records["ease"]
    other = changed(ease, lambda d: d.update(seed=1))
    assert list(disagreements({"ease-0": ease, "ease-1": other})) == []
    worse = replace(other, ranks=Ranks(ease.ranks.n_better * 0, ease.ranks.n_tied, ease.ranks.n_rivals))
    (problem,) = disagreements({"ease-0": ease, "ease-1": worse})
    assert problem == ("ease-1", "it is deterministic, and its ranks differ from those of ease-0")
    for ranks in ("ranks", "full_ranks"):
        for count in ("n_better", "n_tied", "n_rivals"):
            values = getattr(ease, ranks)
            another = replace(ease, **{ranks: replace(values, **{count: getattr(values, count) + 1})})
            assert len(list(disagreements({"ease-0": ease, "ease-1": another}))) == 1, f"{ranks}.{count}"
    assert list(disagreements({"ease-0": ease, "ease-1": replace(ease, full_ranks=None)})) == []
    elsewhere = changed(worse, lambda d: d["environment"].update(cpu="another"))
    assert list(disagreements({"ease-0": ease, "ease-1": elsewhere})) == []


def test_a_choice_is_over_users_whose_held_out_item_is_trained_on_or_in_earlier_records_over_all(
    trial: Record,
) -> None:
    """P7: the first user's held-out item is made cold, so the curve, which is over all, is of an earlier version."""
    counts = trial.counts
    assert counts.heldout.all()
    one_cold = replace(
        trial, counts=replace(counts, heldout=np.where(np.arange(counts.heldout.size), counts.heldout, 0))
    )

    def of(**selection: Any) -> list[str]:
        return list(
            impossibilities(
                changed(
                    one_cold,
                    lambda d: (d["task"]["facts"].update(n_cold_heldout=1), d["selection"].update(selection)),
                )
            )
        )

    n_users = counts.heldout.size
    assert of(n_users=None) == []
    assert any(
        f"chosen over {n_users} users, expected {n_users - 1} (P7)" in problem for problem in of(n_users=n_users)
    )
    assert any("its best epoch's" in problem and "by its ranks" in problem for problem in of(n_users=n_users - 1))
