"""The perceptron's scores against torch's, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recommenders import factors
from recommenders.tower import Tower


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
@pytest.mark.parametrize("block_bytes", [1, 500, 2**20])
def test_scores_are_the_networks_own(monkeypatch: pytest.MonkeyPatch, layers, block_bytes: int) -> None:
    import torch

    from recommenders.networks import MLPNetwork

    monkeypatch.setattr(factors, "BLOCK_BYTES", block_bytes)
    network = MLPNetwork(6, 9, 3, layers, torch.Generator().manual_seed(0))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(generator=torch.Generator().manual_seed(parameter.numel()))
    users, items = np.array([5, 0, 3, 3], np.int32), np.array([[1, 8], [0, 0], [2, 7], [7, 2]], np.int32)
    pairs = torch.from_numpy(np.repeat(users, 2)), torch.from_numpy(items.ravel())
    expected = network(*pairs)[0].detach().numpy().reshape(items.shape)
    tower = network.scorer()
    np.testing.assert_allclose(tower.score(users, items), expected, rtol=1e-4, atol=1e-5)
    everything = tower.score_all(users)
    assert everything.shape == (4, 9)
    np.testing.assert_allclose(np.take_along_axis(everything, items, 1), tower.score(users, items), rtol=1e-10)
