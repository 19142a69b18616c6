"""The recommenders to run, named by text or by class, with typed parameters: built-ins, packages' and plug-ins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from recommenders import registry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    Named: TypeAlias = str | Path | type
    """A recommender or a plug-in, by text, by the path of its file or by its class."""


@dataclass(frozen=True)
class FoundParameters:
    """Hyper-parameters that a file gave (``--params``), and where it says that they were found.

    Parameters
    ----------
    names
        Of the hyper-parameters.
    dataset, validation_task
        The name of the data that were searched on, and the digest of their validation task; None where the file does
        not say.
    own_validation_task
        The digest of the validation task of the data that the recommender is then run on; None before these are read.
    """

    names: tuple[str, ...]
    dataset: str | None
    validation_task: str | None
    own_validation_task: str | None = None

    @property
    def is_own(self) -> bool:
        """Whether they are known to have been found on the validation task of the run's own data."""
        return self.validation_task is not None and self.validation_task == self.own_validation_task


@dataclass(frozen=True)
class Choice:
    """A recommender and the hyper-parameters that were given for it, typed and checked.

    Parameters
    ----------
    entry
        Where the class comes from.
    parameters
        Those that were given; the preset or the constructor decides the others.
    tuning_seconds
        How long the search for them took, in seconds; None where that is unknown.
    found
        Where those were found that a file gave; None where no file gave any.
    display_name
        What the user calls the row (``--label``); None for the label.
    """

    entry: registry.Entry
    parameters: Mapping[str, Any]
    tuning_seconds: float | None = None
    found: FoundParameters | None = None
    display_name: str | None = None

    @property
    def row_name(self) -> str:
        """What its row is called."""
        return self.display_name or self.label

    @property
    def label(self) -> str:
        """The choice as ``--recommender`` takes it: ``ease:reg=500``."""
        given = parameters_text(self.parameters)
        return f"{self.entry.name}:{given}" if given else self.entry.name


def parameters_text(parameters: Mapping[str, Any], separator: str = ",") -> str:
    """Return parameters as ``--recommender`` takes them: ``layers=64-32,reg=0.1``."""
    return separator.join(f"{name}={value_text(value)}" for name, value in parameters.items())


def value_text(value: Any) -> str:
    """Return a plain value as it is written on the command line (see `recommenders.registry.plain.text_of`)."""
    return registry.text_of(value)


def choose(recommenders: Named | Iterable[Named] | None, plugins: Named | Iterable[Named] = ()) -> list[Choice]:
    """Return what the recommenders and plug-ins ask for.

    Parameters
    ----------
    recommenders
        ``NAME``, ``NAME:param=value,...`` or a class, one or several; None for the default suite.
    plugins
        ``FILE.py``, ``FILE.py:Name``, ``package.module:Name``, ``FILE.toml`` or a class, one or several. A plug-in that
        ``recommenders`` does not name is run as it is.

    Raises
    ------
    RecommenderError
        If a name or parameter is unknown, a value is of another type, or there is no such plug-in. One that exists and
        does not load is no error: its jobs will fail, and say why.
    """
    added = plugin_entries(plugins)
    if recommenders is None:
        recommenders = [name for name, entry in registry.entries().items() if entry.by_default]
    choices = [_choice(named, added) for named in _listed(recommenders)]
    named = {choice.entry.name for choice in choices}
    choices += [_choice(name, added) for name in added if name not in named]
    return distinct(choices)


def _listed(named: Named | Iterable[Named]) -> list[str | type]:
    """Return one or several as a list; paths become text."""
    several = [named] if isinstance(named, str | Path | type) or not isinstance(named, Iterable) else list(named)
    for one in several:
        if not isinstance(one, str | Path | type):
            raise RecommenderError(
                f"{one!r} is a {type(one).__name__}, expected a name such as 'ease:reg=500' or a class"
            )
    return [str(one) if isinstance(one, Path) else one for one in several]


def distinct(choices: Iterable[Choice]) -> list[Choice]:
    """Return each choice once."""
    return list({_identity(choice): choice for choice in choices}.values())


def plugin_entries(plugins: Named | Iterable[Named]) -> dict[str, registry.Entry]:
    """Return the plug-ins by the names that ``--recommender`` knows them by.

    One whose name is taken, by a registered recommender or by another plug-in, has that of its file or module before
    it: ``my_model.neumf``.

    Raises
    ------
    RecommenderError
        If there is no such place or class, another process could not import a class, or two would still share a name.
    """
    listed = _listed(plugins)
    described = iter(registry.plugin_entries([plugin for plugin in listed if isinstance(plugin, str)]))
    found = [next(described) if isinstance(plugin, str) else _class_entry(plugin) for plugin in listed]
    names = Counter(name for name, _ in {(entry.name, entry.reference) for entry in found})
    entries: dict[str, registry.Entry] = {}
    for plugin, given in zip(listed, found, strict=True):
        entry = _apart(given, is_shared=names[given.name] > 1)
        taken = entries.get(entry.name) or registry.entries().get(entry.name)
        if taken is not None and taken.reference != entry.reference:
            raise RecommenderError(
                f"plug-in {plugin} would be called {entry.name!r}, as {taken.reference} ({taken.origin}) is; "
                "rename the class, or the file that it is in"
            )
        entries[entry.name] = entry
    return entries


def _apart(entry: registry.Entry, *, is_shared: bool = False) -> registry.Entry:
    """Return a recommender with its place in its name where its name is shared, or is that of a registered one."""
    registered = registry.entries().get(entry.name)
    if registered is None:
        return registry.named_by_place(entry) if is_shared else entry
    return entry if registered.reference == entry.reference else registry.named_by_place(entry)


def _class_entry(cls: type) -> registry.Entry:
    """Return the entry of a class: the registered one where it has one, so that a built-in stays a built-in.

    Raises
    ------
    RecommenderError
        If another process could not import it, or it is no recommender.
    """
    entry = registry.class_entry(cls)
    known = [one for one in registry.entries().values() if one.reference == entry.reference and not one.preset]
    if known:
        return known[0]
    if registry.load_class(entry) is not registry.as_recommender(cls):
        raise RecommenderError(
            f"{cls.__qualname__} has changed since {cls.__module__} was imported; start Python again, or give the path "
            "of its file in place of the class"
        )
    return entry


def parse(text: str) -> tuple[str, dict[str, str]]:
    """Split ``NAME:param=value,...``; a comma without a parameter behind it belongs to the value before.

    So does one within brackets or quotation marks of JSON.
    ``mlp:layers=64,32,epochs=3`` -> ``("mlp", {"layers": "64,32", "epochs": "3"})``.

    Raises
    ------
    RecommenderError
        If a parameter has no value or is given twice.
    """
    name, _, rest = text.partition(":")
    parameters: dict[str, str] = {}
    last = None
    for piece in _pieces(rest) if rest else []:
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


_JSON = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}(),]')
"""What may lie around a comma, and the comma itself."""


def _pieces(text: str) -> list[str]:
    """Return what lies between the commas of a text that are in no brackets and no quotation marks."""
    depth, start, pieces = 0, 0, []
    for found in _JSON.finditer(text):
        depth = max(0, depth + (found[0] in "[{(") - (found[0] in "]})"))
        if found[0] == "," and depth == 0:
            pieces.append(text[start : found.start()])
            start = found.end()
    return [*pieces, text[start:]] if depth == 0 else text.split(",")


def typed(entry: registry.Entry, texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the plain values of parameters, checked against the recommender's constructor.

    They are unchanged for a plug-in that does not load.

    Parameters
    ----------
    texts
        Texts, or values of Python, JSON or TOML.

    Raises
    ------
    RecommenderError
        If one is unknown or of another type.
    """
    description = registry.description_of(entry)
    return dict(texts) if description is None else registry.parse_parameters(entry.name, description, texts)


def _choice(named: str | type, plugins: Mapping[str, registry.Entry]) -> Choice:
    if isinstance(named, type):
        return Choice(_apart(_class_entry(named)), {})
    name, texts = parse(named)
    entry = registry.find(name, plugins)
    return Choice(entry, typed(entry, texts))


def _identity(choice: Choice) -> str:
    return repr((choice.entry.name, choice.entry.reference, sorted(choice.parameters.items())))


def choose_one(named: Named) -> Choice:
    """Return a recommender named by its name or its place: ``ease:reg=1``, ``my.py:Mine:reg=1``, ``a.b:C``, ``a.toml``.

    Or by its class.

    Raises
    ------
    RecommenderError
        As `choose` does; and if it cannot be loaded.
    """
    (one,) = _listed([named])
    if isinstance(one, type):
        return _choice(one, {})
    choice = _located(one) or _choice(one, {})
    registry.required_description_of(choice.entry)
    return choice


_PLACE = re.compile(
    r"(?P<reference>(?:.*\.(?:py|toml)|[^\W\d]\w*(?:\.[^\W\d]\w*)*)(?::[^\W\d]\w*(?![\w=]))?)(?::(?P<parameters>.*))?"
)


def _located(text: str) -> Choice | None:
    """Return the recommender of a file or module; None where the text is a name with parameters."""
    located = _PLACE.fullmatch(text)
    if located is None or _is_a_name(located["reference"]):
        return None
    entry = _apart(registry.plugin_entry(located["reference"]))
    _, texts = parse(f"{entry.name}:{located['parameters'] or ''}")
    return Choice(entry, typed(entry, texts))


def _is_a_name(reference: str) -> bool:
    """Return whether a reference is the name of a recommender, not a file, a class or a known module."""
    place, colon, _ = reference.partition(":")
    if place.endswith((".py", registry.PROGRAM)):
        return False
    return place in registry.entries() or not (colon or ("." in place and registry.is_module(place)))
