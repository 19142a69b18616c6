"""Classes are called by the names that the field would write in snake case."""

from __future__ import annotations

import pytest

from recommenders import registry
from recommenders.registry.naming import name_of_class

BUILT_INS = [entry for entry in registry.entries().values() if entry.origin == registry.BUILT_IN and not entry.preset]


@pytest.mark.parametrize("entry", BUILT_INS, ids=lambda entry: entry.name)
def test_the_class_of_a_built_in_gives_its_name(entry: registry.Entry) -> None:
    family, _, name = entry.name.rpartition(".")
    assert family in {"", "torch"}
    assert name_of_class(entry.reference.partition(":")[2]) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NaNLoss", "nan_loss"),
        ("LossIsNaN", "loss_is_nan"),
        ("GRU4Rec", "gru4rec"),
        ("BERT4Rec", "bert4rec"),
        ("Item2Vec", "item2vec"),
        ("SASRec", "sasrec"),
        ("MySASRec", "my_sasrec"),
        ("BPRMF", "bprmf"),
        ("MyItemKNN", "my_item_knn"),
        ("MyKNN", "my_knn"),
        ("KNNModel2", "knn_model2"),
        ("KNNRecommender", "knn_recommender"),
        ("Mine", "mine"),
        ("MINE", "mine"),
        ("mine", "mine"),
        ("My_Model", "my_model"),
        ("Outer.InnerModel", "inner_model"),
        ("推薦器", "推薦器"),
    ],
)
def test_a_class_is_called(name: str, expected: str) -> None:
    assert name_of_class(name) == expected
