"""The harness on recommenders whose figures are known beforehand, from a plug-in's file to the table."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from jobs_here import jobs_here

from bench import api
from bench.diagnosis import self_proof
from bench.diagnosis.self_proof import analytic_values, prove
from protocol.evaluation.metrics import METRICS, at_cutoff

if TYPE_CHECKING:
    from pathlib import Path

DATA = api.Data("synthetic:300x400x6000")


def test_chance_a_constant_and_an_oracle_get_what_arithmetic_says(tmp_path: Path) -> None:
    """P15, and the whole pipeline: a built-in and plug-in files, a process each, records, the table's figures."""
    proofs = {proof.what: proof for proof in prove(DATA, tmp_path)}
    found = {what: proof.found for what, proof in proofs.items()}
    # Each of 101 places is as likely: 10 / 101, and (1/log2(2) + ... + 1/log2(11)) / 101 = 4.5436 / 101.
    assert found["constant HR@10"] == pytest.approx(10 / 101, rel=1e-12)
    assert found["constant NDCG@10"] == pytest.approx(4.543559338088346 / 101, rel=1e-12)
    assert round(found["constant NDCG@10"], 5) == 0.04499
    # (1/1 + ... + 1/10) / 101 = 2.9290 / 101; and every rival ties, which is one half of them.
    assert found["constant MRR@10"] == pytest.approx(7381 / 2520 / 101, rel=1e-12)
    assert found["constant AUC"] == 0.5
    assert [found[f"oracle {name}"] for name in ("HR@10", "NDCG@10", "MRR@10", "AUC")] == [1, 1, 1, 1]
    # The standard error of a share of .0990 among 300 users is sqrt(.0990 * .9010 / 300) = .0172.
    assert abs(found["random HR@10"] - 10 / 101) <= 4 * 0.0173
    assert found["random HR@10"] != found["constant HR@10"]
    assert all(proof.holds for proof in proofs.values())
    records = sorted(path.name.rpartition("-")[0] for path in (tmp_path / "runs" / "records").iterdir())
    assert records == ["random", "self_proof_constant", "self_proof_oracle"]


def test_tolerances_are_four_standard_errors_of_what_is_random() -> None:
    values = analytic_values("random", np.full(300, 100))
    assert values["HR"] == (pytest.approx(10 / 101), pytest.approx(4 * math.sqrt(10 / 101 * 91 / 101 / 300)))
    squares = sum(1 / math.log2(place + 1) ** 2 for place in range(1, 11))
    deviation = math.sqrt(squares / 101 - (4.543559338088346 / 101) ** 2)
    assert values["NDCG"] == (pytest.approx(4.543559338088346 / 101), pytest.approx(4 * deviation / math.sqrt(300)))
    # Of 101 equally likely shares 0, .01, ..., 1 the variance is (101^2 - 1) / 12 / 100^2.
    assert values["AUC"] == (pytest.approx(0.5), pytest.approx(4 * math.sqrt(0.085 / 300)))


def test_the_oracle_gains_what_the_first_place_gains(monkeypatch: pytest.MonkeyPatch) -> None:
    half = at_cutoff("half", lambda _rank, _k: 0.5, "Half of a hit: rank 2 gives .5.")
    monkeypatch.setattr(self_proof, "METRICS", {"half": half})
    assert analytic_values("oracle", np.full(3, 100)) == {"half": (0.5, self_proof.EXACT)}
    assert analytic_values("constant", np.full(3, 100))["half"][0] == pytest.approx(5 / 101)


def test_without_negatives_places_are_as_many_as_untouched_items(tmp_path: Path) -> None:
    """P15, P25: the constant and the oracle cannot rank the catalogue at once, and are measured like all others."""
    data = replace(DATA, negatives=0)
    dataset = data.load()
    with jobs_here():
        proofs = {proof.what: proof for proof in prove(data, tmp_path)}
    # Everybody's items: of each user one is held out, and the others are trained on.
    places = dataset.interactions.n_items - (np.diff(dataset.interactions.offsets) - 1)
    assert proofs["constant HR@10"].found == pytest.approx(np.mean(10 / places), rel=1e-12)
    assert proofs["constant NDCG@10"].found == pytest.approx(np.mean(4.543559338088346 / places), rel=1e-12)
    assert proofs["oracle NDCG@10"].found == 1
    assert all(proof.holds for proof in proofs.values())


def test_scores_that_are_not_what_the_proof_supposes_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a constant that knows the answers."""
    oracle = self_proof._SOURCES["oracle"].replace("SelfProofOracle", "SelfProofConstant")
    monkeypatch.setattr(self_proof, "_SOURCES", {"constant": oracle})
    with jobs_here():
        proofs = {proof.what: proof.holds for proof in prove(DATA, tmp_path)}
    labels = [metric.label(10) for metric in METRICS.values()]
    assert labels[:4] == ["HR@10", "NDCG@10", "MRR@10", "AUC"]
    assert proofs == {f"random {label}": True for label in labels} | {f"constant {label}": False for label in labels}


def test_a_proof_that_fails_to_run_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = self_proof._SOURCES["constant"].replace("return self", "raise OSError('no luck')")
    monkeypatch.setattr(self_proof, "_SOURCES", {"constant": broken})
    with jobs_here(), pytest.raises(RuntimeError, match=r"self_proof_constant failed \(raised\): OSError: no luck"):
        prove(DATA, tmp_path)
