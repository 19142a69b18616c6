"""What to run: recommenders named in text, with typed parameters, from built-ins, installed packages and plug-ins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True)
class Choice:
    """A recommender and the hyper-parameters that were given for it, typed and checked.

    Parameters
    ----------
    entry
        Where the class comes from.
    parameters
        Those given; the others are the preset's or the constructor's.
    tuning_seconds
        What finding them took; None where nobody says.
    """

    entry: registry.Entry
    parameters: Mapping[str, Any]
    tuning_seconds: float | None = None

    @property
    def label(self) -> str:
        """The choice as ``--recommender`` takes it: ``ease:reg=500``."""
        given = parameters_text(self.parameters)
        return f"{self.entry.name}:{given}" if given else self.entry.name


def parameters_text(parameters: Mapping[str, Any], separator: str = ",") -> str:
    """Return parameters as ``--recommender`` takes them: ``layers=64-32,reg=0.1``."""
    return separator.join(f"{name}={value_text(value)}" for name, value in parameters.items())


def value_text(value: Any) -> str:
    """Return a value as it is written on the command line."""
    if isinstance(value, tuple | list):
        texts = [value_text(element) for element in value]
        return ("," if any(isinstance(element, float) for element in value) else "-").join(texts)
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


def choose(texts: Sequence[str] | None, plugins: Iterable[str] = ()) -> list[Choice]:
    """Return what the texts and plug-ins ask for.

    Parameters
    ----------
    texts
        Each ``NAME`` or ``NAME:param=value,...``; None for the default suite.
    plugins
        Each ``FILE.py``, ``FILE.py:Name``, ``package.module:Name`` or ``FILE.toml``. A plug-in that no text names is
        run as it is.

    Raises
    ------
    RecommenderError
        If a name or parameter is unknown, a value is of another type, or there is no such plug-in. One that is there
        and does not load is no error: its jobs will fail, and say why.
    """
    added = plugin_entries(plugins)
    if texts is None:
        texts = [name for name, entry in registry.entries().items() if entry.by_default]
    choices = [_choice(text, added) for text in texts]
    named = {choice.entry.name for choice in choices}
    choices += [_choice(name, added) for name in added if name not in named]
    return distinct(choices)


def distinct(choices: Iterable[Choice]) -> list[Choice]:
    """Return each choice once."""
    return list({_identity(choice): choice for choice in choices}.values())


def plugin_entries(plugins: Iterable[str]) -> dict[str, registry.Entry]:
    """Return the plug-ins by the names that ``--recommender`` knows them by.

    Raises
    ------
    RecommenderError
        If there is no such place or class, or two would share a name.
    """
    entries: dict[str, registry.Entry] = {}
    for reference in plugins:
        entry = registry.plugin_entry(reference)
        taken = entries.get(entry.name) or registry.entries().get(entry.name)
        if taken is not None and taken.reference != entry.reference:
            raise RecommenderError(
                f"plug-in {reference} would be called {entry.name!r}, as {taken.reference} ({taken.origin}) is; "
                "rename the class"
            )
        entries[entry.name] = entry
    return entries


def parse(text: str) -> tuple[str, dict[str, str]]:
    """Split ``NAME:param=value,...``; a comma without a parameter behind it belongs to the value before.

    ``mlp:layers=64,32,epochs=3`` -> ``("mlp", {"layers": "64,32", "epochs": "3"})``.

    Raises
    ------
    RecommenderError
        If a parameter has no value or stands twice.
    """
    name, _, rest = text.partition(":")
    parameters: dict[str, str] = {}
    last = None
    for piece in rest.split(",") if rest else []:
        parameter, equals, value = (part.strip() for part in piece.partition("="))
        if equals:
            if parameter in parameters:
                raise RecommenderError(f"{text!r} gives {parameter} twice")
            parameters[parameter] = value
            last = parameter
        elif last is None:
            raise RecommenderError(f"{text!r}: {piece!r} is no parameter; write {name}:param=value,param=value")
        else:
            parameters[last] += f",{parameter}"
    return name.strip(), parameters


def typed(entry: registry.Entry, texts: Mapping[str, str]) -> dict[str, Any]:
    """Return parameters as the recommender's constructor takes them; for a plug-in that does not load, as they are.

    Raises
    ------
    RecommenderError
        If one is unknown or of another type.
    """
    description = registry.description_of(entry)
    return dict(texts) if description is None else registry.parse_parameters(entry.name, description, texts)


def _choice(text: str, plugins: Mapping[str, registry.Entry]) -> Choice:
    name, texts = parse(text)
    entry = registry.find(name, plugins)
    return Choice(entry, typed(entry, texts))


def _identity(choice: Choice) -> str:
    return repr((choice.entry.name, choice.entry.reference, sorted(choice.parameters.items())))


def choose_one(text: str) -> Choice:
    """Return a recommender named by its name or its place: ``ease:reg=1``, ``my.py:Mine:reg=1``, ``a.b:C``, ``a.toml``.

    Raises
    ------
    RecommenderError
        As `choose` does; and if it cannot be loaded.
    """
    choice = _located(text) or _choice(text, {})
    registry.load_class(choice.entry)
    return choice


_PLACE = re.compile(
    r"(?P<reference>(?:.*\.(?:py|toml)|[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?::[^\W\d]\w*(?![\w=]))?)(?::(?P<parameters>.*))?"
)


def _located(text: str) -> Choice | None:
    """Return the recommender of a file or module; None where the text is a name with parameters."""
    located = _PLACE.fullmatch(text)
    if located is None or _is_a_name(located["reference"]):
        return None
    entry = registry.plugin_entry(located["reference"])
    _, texts = parse(f"{entry.name}:{located['parameters'] or ''}")
    return Choice(entry, typed(entry, texts))


def _is_a_name(reference: str) -> bool:
    """Return whether a reference is rather the name of a recommender: it is no file, class or known module."""
    place, colon, _ = reference.partition(":")
    if place.endswith((".py", registry.PROGRAM)):
        return False
    return place in registry.entries() or not (colon or ("." in place and registry.is_module(place)))
