"""Bytes of what models share, beside arrays that are made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from protocol.train_facts import TrainFacts
from recommenders import registry
from recommenders.parts import footprint

FACTS = TrainFacts(400, 300, 5000, 90, 10**5, 10**5, 400, 100, ranks_all=True, n_scores=40_400, threads=2)


def test_a_history_has_the_bytes_of_its_matrix(checkerboard) -> None:
    train = checkerboard
    facts = replace(FACTS, n_users=train.n_users, n_items=train.n_items, n_interactions=len(train))
    matrix = train.to_csr(np.float64)
    held = matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes
    assert footprint.history(facts, footprint.DOUBLE) == held


def test_examples_of_one_epoch_alone_are_half_of_those_of_several() -> None:
    one, two, many = (footprint.examples(FACTS, 5, epochs) for epochs in (1, 2, 90))
    assert one == 5 * 12 * FACTS.n_interactions
    assert two == many == 2 * one


def test_examples_of_a_long_epoch_are_those_of_two_parts() -> None:
    from recommenders.kernels import sampling

    assert (footprint._PART, footprint._SAMPLER_BLOCK) == (sampling.PART, sampling.BLOCK)
    long = replace(FACTS, n_interactions=10**8)
    few, many = footprint.examples(long, 9, 1), footprint.examples(long, 101, 90)
    parts = 2 * 12 * sampling.PART
    assert parts + 4 * 10**8 <= few <= parts + 4 * 10**8 + sampling.PART
    assert many <= few, "negatives do not count"


def test_neighbours_are_no_more_than_there_are_rows_or_pairs() -> None:
    assert footprint.neighbours(100, 10, 10**9) == 1000
    assert footprint.neighbours(100, 500, 10**9) == 9900
    assert footprint.neighbours(100, 90, 77) == pytest.approx(77, abs=1)
    assert footprint.neighbours(0, 10, 0) == 0


def test_a_square_of_the_items_is_in_what_dense_models_need() -> None:
    many = replace(FACTS, n_items=72_000)
    assert 1.0 <= registry.new(registry.find("ease"), {}).resources(many) / (8 * 72_000**2) < 1.1
    assert 2.0 <= registry.new(registry.find("slim"), {}).resources(many) / (8 * 72_000**2) < 3.3


def test_fewer_ranked_items_need_less() -> None:
    model = registry.new(registry.find("mlp"), {})
    many = replace(FACTS, n_items=10**6)
    assert model.resources(replace(many, ranks_all=False)) < model.resources(many)
