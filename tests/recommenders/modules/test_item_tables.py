"""Which table holds the items' vectors, and what is said where that is in doubt."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from protocol.errors import RecommenderError
from recommenders.modules.item_tables import table_of


def module(**tables: tuple[int, int]) -> nn.Module:
    made = nn.Module()
    for name, sizes in tables.items():
        setattr(made, name, nn.Embedding(*sizes))
    return made


def table_name(made: nn.Module, size: int) -> str | None:
    found = table_of(made, torch.zeros(3, size), 20, "GRU4Rec.forward")
    return next((name for name, part in made.named_children() if part is found), None)


def test_it_is_the_only_one_that_fits() -> None:
    assert table_name(module(positions=(50, 8), things=(21, 8), inputs=(21, 16)), 8) == "things"
    assert table_name(module(outputs=(20, 8)), 8) == "outputs"


def test_of_several_it_is_the_one_called_items() -> None:
    assert table_name(module(positions=(21, 8), items=(21, 8)), 8) == "items"


def test_logits_need_none() -> None:
    assert table_name(module(), 20) is None
    assert table_name(module(items=(21, 8)), 20) is None


def test_the_module_can_say_what_it_answers() -> None:
    made = module(items=(21, 20))
    made.answers = "vectors"
    assert table_name(made, 20) == "items"
    made.answers = "logits"
    assert table_name(made, 20) is None


@pytest.mark.parametrize(
    ("tables", "said", "size", "message"),
    [
        ({"items": (21, 20)}, None, 20, "can be the logits of 20 items or vectors like those of items; say which"),
        ({"one": (21, 8), "two": (20, 8)}, None, 8, "one and two can all be those of the items; call the one whose"),
        ({"items": (21, 8)}, None, 21, "leave out the logit of the padding, which is the last one: [..., :-1]"),
        ({"items": (21, 8)}, None, 9, "neither the logits of 20 items nor vectors of the length of the items'; nn.Emb"),
        ({"items": (21, 8)}, "logits", 8, "neither the logits of 20 items"),
        ({}, "vectors", 20, "neither the logits of 20 items nor vectors"),
    ],
)
def test_doubts_are_errors(tables, said, size: int, message: str) -> None:
    made = module(**tables)
    made.answers = said
    with pytest.raises(RecommenderError) as caught:
        table_of(made, torch.zeros(3, 4, size), 20, "GRU4Rec.forward")
    assert message in str(caught.value)


def test_it_says_one_of_two() -> None:
    made = module(items=(21, 8))
    made.answers = "scores"
    with pytest.raises(RecommenderError, match="answers is 'scores', expected 'vectors' or 'logits'"):
        table_of(made, torch.zeros(3, 8), 20, "GRU4Rec.forward")
