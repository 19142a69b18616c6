"""The perceptron's scores against torch's, and by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from recommenders.kernels.tower import TILE
from recommenders.parts.tower import Tower


def test_by_hand() -> None:
    """One user (1), items (2) and (-3); a hidden unit relu(u + i + 1), and 10 times it plus 4."""
    tower = Tower(
        np.array([[1]], np.float32),
        np.array([[2], [-3]], np.float32),
        [np.array([[1, 1]], np.float32), np.array([[10]], np.float32)],
        [np.array([1], np.float32), np.array([4], np.float32)],
    )
    assert tower.score_all(np.array([0], np.int32)).tolist() == [[44, 4]]


@pytest.mark.parametrize("layers", [(), (5,), (7, 4, 3)])
@pytest.mark.parametrize("n_items", [9, TILE, 2 * TILE + 37])
def test_scores_are_torchs(layers, n_items: int) -> None:
    import torch

    generator = torch.Generator().manual_seed(0)
    tables = [torch.randn(n, 3, generator=generator) for n in (6, n_items)]
    widths = (6, *layers, 1)
    linear = [torch.nn.Linear(n_in, n_out) for n_in, n_out in pairwise(widths)]
    users, items = np.array([5, 0, 3, 3], np.int32), np.array([[1, 8], [0, 0], [2, 7], [7, 2]], np.int32)
    values = torch.cat((tables[0][np.repeat(users, 2)], tables[1][items.ravel()]), dim=1)
    for index, step in enumerate(linear):
        values = step(values if index == 0 else torch.relu(values))
    expected = values.detach().numpy().reshape(items.shape)
    tower = Tower(
        *(table.numpy() for table in tables),
        [step.weight.detach().numpy() for step in linear],
        [step.bias.detach().numpy() for step in linear],
    )
    np.testing.assert_allclose(tower.score(users, items), expected, rtol=1e-4, atol=1e-5)
    everything = tower.score_all(users)
    assert everything.shape == (4, n_items)
    np.testing.assert_array_equal(np.take_along_axis(everything, items, 1), tower.score(users, items))
