"""Personalised rows that the tests find below popularity."""

from __future__ import annotations

import pytest
from hand_made import FACTS, record, task

from bench.tables.results import to_frame

N_USERS = 20
OF = task(facts=FACTS | {"n_evaluated": N_USERS})


def row(name: str, rank: int, reference: str = "somewhere:Something", *, personalised: bool = True, vary: int = 0):
    made = record(name, [rank + vary * (user % 2) for user in range(N_USERS)], deterministic=True, of=OF)
    made.document["recommender"] |= {"reference": reference} | ({} if personalised else {"personalised": False})
    return made


POPULARITY = row("popularity", 3, "recommenders.popularity:Popularity", personalised=False)
EARLIER = row("popularity", 3, "recommenders.popularity:Popularity")
RANDOM = row("random", 50, "recommenders.random:Random")
GOOD, BAD, WORSE = row("ease", 0), row("mlp", 8), row("neumf", 50)
ALIKE = row("mf", 2, vary=3)


@pytest.mark.parametrize("baseline", [None, "popularity"])
@pytest.mark.parametrize("popularity", [POPULARITY, EARLIER], ids=["now", "earlier"])
def test_rows_below_popularity_are_named(popularity, baseline: str | None) -> None:
    records = [GOOD, popularity, BAD, WORSE, RANDOM, ALIKE, row("constant", 50, personalised=False)]
    note = to_frame(records, baseline=baseline).attrs["notes"]["Below popularity"]
    assert note == (
        "mlp and neumf: worse than popularity by the tests of sampled NDCG@10, though they are personalised; look for "
        "a fault, or for parameters that do not suit these data."
    )


def test_a_baseline_may_be_below_popularity_itself() -> None:
    note = to_frame([GOOD, POPULARITY, BAD], baseline="mlp").attrs["notes"]["Below popularity"]
    assert note.startswith("mlp: worse than popularity by the tests of sampled NDCG@10, though it is personalised")


@pytest.mark.parametrize(
    ("records", "baseline"),
    [([GOOD, POPULARITY, RANDOM, ALIKE], None), ([GOOD, BAD, RANDOM], None), ([GOOD, POPULARITY, BAD], "ease")],
    ids=["none is below", "no popularity", "the tests are about another row"],
)
def test_otherwise_nothing_is_said(records, baseline: str | None) -> None:
    assert "Below popularity" not in to_frame(records, baseline=baseline).attrs["notes"]
