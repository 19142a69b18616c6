"""Adam on several arrays against its definition in float64."""

from __future__ import annotations

import numpy as np

from recommenders.parts.descent import Descent


def test_steps_are_those_of_the_definition() -> None:
    rng = np.random.default_rng(0)
    shapes = [(3, 2), (4,), (1, 5)]
    descent = Descent(shapes)
    expected = [rng.standard_normal(shape) for shape in shapes]
    for parameter, value in zip(descent.parameters, expected, strict=True):
        parameter[:] = value
    means, squares = ([np.zeros(shape) for shape in shapes] for _ in range(2))
    for step in range(1, 6):
        for index, shape in enumerate(shapes):
            gradient = rng.standard_normal(shape)
            descent.gradients[index] += gradient
            gradient += 0.1 * expected[index]
            means[index] = 0.9 * means[index] + 0.1 * gradient
            squares[index] = 0.999 * squares[index] + 0.001 * gradient**2
            mean, square = means[index] / (1 - 0.9**step), squares[index] / (1 - 0.999**step)
            expected[index] -= 0.01 * mean / (np.sqrt(square) + 1e-8)
        descent.step(0.01, weight_decay=0.1)
        assert not any(gradient.any() for gradient in descent.gradients)
    for parameter, value in zip(descent.parameters, expected, strict=True):
        np.testing.assert_allclose(parameter, value, rtol=1e-5, atol=1e-6)
