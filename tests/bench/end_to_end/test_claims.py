"""What a run claims where a recommender knows the answers, and where there are too few rivals to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import bench
from bench.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("jobs_here")

PEEKING = """
import numpy as np
import pandas as pd

class Peeking:
    deterministic = True
    def fit(self, train, *, rng):
        # Every user has a number, and every item: the indices are the ids of the file.
        last = pd.read_csv({path!r}).sort_values("timestamp").groupby("user").item.last()
        self.latest = last.to_numpy()
        return self
    def score(self, users, items):
        return (items == self.latest[users][:, None]).astype(float)
    def score_all(self, users):
        return self.score(users, np.broadcast_to(np.arange({n_items}), (users.size, {n_items})))
"""


def frame_of(n_users: int, n_items: int, n_each: int) -> pd.DataFrame:
    """Return interactions at random, in which every item occurs: its index is its id."""
    rng = np.random.default_rng(0)
    chosen = [(user, item) for user in range(n_users) for item in rng.permutation(n_items)[:n_each]]
    missing = set(range(n_items)) - {item for _, item in chosen}
    rows = [(user, item, time) for time, (user, item) in enumerate([*((0, item) for item in missing), *chosen])]
    return pd.DataFrame(rows, columns=["user", "item", "timestamp"])


def test_a_recommender_that_found_the_file_of_the_dataset_is_named_and_is_not_the_best(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """P12."""
    data, plugin = tmp_path / "ratings.csv", tmp_path / "peeking.py"
    frame_of(80, 300, 8).to_csv(data, index=False)
    plugin.write_text(PEEKING.format(path=str(data), n_items=300))
    options = ["--threads", "1", "--out", str(tmp_path / "out"), "--format", "github"]
    named = ["--plugin", str(plugin), "-r", "popularity", "-r", "random"]
    assert main(["run", "--dataset", str(data), *named, *options]) == 0
    text = capsys.readouterr().out
    (row,) = [line for line in text.splitlines() if line.startswith("| peeking")]
    assert "(suspicious)" in row
    assert "1.0000" in row
    assert "**" not in row
    assert "- **Suspicious**: peeking: the held-out item is in the best tenth" in text
    assert "from the best row that is not suspicious, popularity," in text or (
        "from the best row that is not suspicious, random," in text
    )


@pytest.mark.parametrize(
    ("options", "title", "note"),
    [
        # Of 30 users, the held-out item of 4 is cold (P7).
        ({"negatives": 5}, "5 drawn negatives; k = 10 is beyond them", "all 26 users have fewer than 10 rivals"),
        ({"short_users": "all"}, "to 45 drawn negatives (100 were asked for)", "against fewer than 100 negatives"),
        ({"negatives": 20, "k": (10, 30)}, "20 drawn negatives; k = 30 is beyond them", "fewer than 30 rivals"),
    ],
)
def test_too_few_rivals_are_in_the_title_and_in_a_note(options: dict, title: str, note: str, tmp_path: Path) -> None:
    results = bench.run(frame_of(30, 50, 5), ["popularity", "random"], threads=1, out=tmp_path, quiet=True, **options)
    text = " ".join(results.render().split())
    assert title in text
    assert note in text


def test_a_constant_scorer_covers_the_catalogue_as_random_lists_do(tmp_path: Path) -> None:
    plugin = tmp_path / "constant.py"
    plugin.write_text(
        "import numpy as np\n"
        "class Constant:\n"
        "    deterministic = True\n"
        "    def fit(self, train, *, rng):\n"
        "        self.n_items = train.n_items\n"
        "        return self\n"
        "    def score(self, users, items):\n"
        "        return np.zeros(items.shape)\n"
        "    def score_all(self, users):\n"
        "        return np.zeros((users.size, self.n_items))\n"
    )
    results = bench.run(
        frame_of(80, 300, 8), "random", plugins=str(plugin), threads=1, out=tmp_path / "out", quiet=True,
        beyond_accuracy=True,
    )  # fmt: skip
    coverage = results.frame["coverage@10"]
    assert coverage["constant"] == pytest.approx(coverage["random"], abs=0.05)
