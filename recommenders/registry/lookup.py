"""Recommenders by name, including those of installed packages."""

from __future__ import annotations

from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING

from protocol.errors import RecommenderError
from protocol.installation import DISTRIBUTION
from recommenders.registry.built_in import OWN
from recommenders.registry.entry import Entry
from recommenders.registry.suggestions import did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUP = "recbench.recommenders"


def entries() -> dict[str, Entry]:
    """Return all recommenders by name: the default suite, other built-ins, adapters, then those of packages.

    A recommender of a package is called ``package.name`` if another one has the same name.
    """
    return _called(_claims())


def _called(claims: Mapping[str, Mapping[str, Entry]]) -> dict[str, Entry]:
    """Return the recommenders of some claims (see `_claims`), by the names that `entries` gives them."""
    known = {entry.name: entry for entry in OWN}
    for name, claimants in claims.items():
        for qualified, entry in claimants.items():
            if entry not in OWN:
                called = name if len(claimants) == 1 else qualified
                known[called] = replace(entry, name=called)
    return known


def _claims() -> dict[str, dict[str, Entry]]:
    """Return, for each name, the entries that claim it, by ``distribution.name``."""
    claims: dict[str, dict[str, Entry]] = {entry.name: {f"{DISTRIBUTION}.{entry.name}": entry} for entry in OWN}
    points = metadata.entry_points(group=GROUP)
    for point in sorted(points, key=lambda point: (point.name, _distribution(point))):
        distribution = _distribution(point)
        entry = Entry(point.name, point.value, {}, f"entry point of {distribution}")
        claims.setdefault(point.name, {})[f"{distribution}.{point.name}"] = entry
    return claims


def _distribution(point: metadata.EntryPoint) -> str:
    return point.dist.name if point.dist else "unknown"


def find(name: str, extra: Mapping[str, Entry] | None = None) -> Entry:
    """Return the recommender of a name: a plug-in in ``extra``, else a registered one.

    Parameters
    ----------
    name
        ``name``, or ``package.name`` for the recommender of a certain package.

    Raises
    ------
    RecommenderError
        If no recommender has this name, or several have.
    """
    if extra and name in extra:
        return extra[name]
    claims = _claims()
    claimants = claims.get(name, {})
    if len(claimants) > 1:
        origins = " and ".join(f"{entry.reference} ({entry.origin})" for entry in claimants.values())
        raise RecommenderError(
            f"{len(claimants)} recommenders are called {name!r}: {origins}; write {' or '.join(claimants)}, or "
            "uninstall one"
        )
    qualified = {full_name: entry for group in claims.values() for full_name, entry in group.items()}
    called = _called(claims)
    known = {**qualified, **called}
    if name not in known:
        plugins = f", and --plugin gave {listed(extra)}" if extra else ""
        raise RecommenderError(
            f"no recommender is called {name!r}{did_you_mean(name, (*called, *(extra or ())))}; `recbench list` shows "
            f"all{plugins}. To use your own, pass --plugin FILE.py"
        )
    return known[name]
