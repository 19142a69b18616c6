"""Best values at the edge of what a search could try: beyond it may be better ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.choices import value_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bench.tuning.dimensions import Dimension
    from bench.tuning.trials import Best

_BEYOND = {"low": "lower", "high": "higher"}


def edges_of(best: Best, searched: Mapping[str, Dimension]) -> list[str]:
    """Return a sentence for each best value at the edge of what was searched, with the range and what to widen.

    Parameters
    ----------
    searched
        What the search could try, by the name of the hyper-parameter.
    """
    return [*_values_at_the_edge(best, searched), *_last_epochs(best)]


def _values_at_the_edge(best: Best, searched: Mapping[str, Dimension]) -> Iterator[str]:
    for name, dimension in searched.items():
        end = dimension.end_near(best.parameters[name]) if name in best.parameters else None
        if end is not None:
            yield (
                f"{name} = {value_text(best.parameters[name])} is at the {end} end of {dimension}; let {name} be "
                f"{_BEYOND[end]}, too"
            )


def _last_epochs(best: Best) -> Iterator[str]:
    """Yield that the training of the best combination was still getting better when its epochs were used up."""
    if best.most_epochs is None or best.patience is None:
        return
    cut = [epoch for epoch in best.best_epochs if epoch + best.patience > best.most_epochs]
    if cut:
        yield (
            f"epochs = {best.most_epochs} ended the training before the patience of {best.patience} did (best epoch "
            f"{', '.join(map(str, cut))}); allow more epochs"
        )
