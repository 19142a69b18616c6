"""What can be told of a recommender from its source alone: nothing of it is run.

So a list of plug-ins imports none of them, and a broken one is found before it is asked for. What only running it would
tell (classes made by functions, bases from other packages) is left open, never guessed.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from protocol.errors import RecommenderError
from recommenders.registry.description import Description, as_bibtex, as_libraries
from recommenders.registry.locating import find_module, module_file
from recommenders.registry.parameters import REQUIRED, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

_PLAIN_BASES = {"object", "ABC", "Generic", "Protocol"}
"""Bases that bring no member of interest."""


_PLAIN_STATEMENTS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Assign, ast.AnnAssign, ast.Expr, ast.Pass)
"""In a class's body; all others may or may not define members."""

_ATTRIBUTES = ("deterministic", "personalised", "libraries", "bibtex")
_METHODS = ("fit", "score", "fit_epochs", "score_all")


@dataclass(frozen=True)
class Outline:
    """What a recommender's source says.

    Parameters
    ----------
    description
        None where the class is not in plain sight.
    bases
        Classes it builds on that are out of sight: what they bring is not in the description.
    problem
        Why it will not load; None where none is seen.
    is_complete
        Whether the description is what importing the class would give.
    """

    description: Description | None = None
    bases: tuple[str, ...] = ()
    problem: str | None = None
    is_complete: bool = field(default=False, compare=False)


class Unread(str):
    """The text of a default that is no literal; its value is not known."""

    __slots__ = ()


def outline_of(reference: str, folder: str = "", preset: Mapping[str, Any] | None = None) -> Outline:
    """Return what the source of ``place:Name`` says; see `recommenders.registry.Entry`."""
    place, _, name = reference.rpartition(":")
    try:
        source = _source_of(place, folder)
        problem = next(_missing_imports(place, folder, source), None) if source else None
        if source is None or problem is not None:
            return Outline(problem=problem)
        return _outlined(source, name or _only(source) or "", preset or {})
    except RecommenderError as error:
        return Outline(problem=str(error))


def only_recommender(place: str, folder: str = "") -> str | None:
    """Return the name of the only recommender that a place defines; None where its source does not tell."""
    try:
        source = _source_of(place, folder)
    except RecommenderError:
        return None
    return None if source is None else _only(source)


def _only(source: _Source) -> str | None:
    seen = [_Seen.of(source, name) for name in source.classes if not name.startswith("_")]
    if source.is_open or any(one.bases and not one.is_recommender for one in seen):
        return None
    names = [one.name for one in seen if one.is_recommender]
    return names[0] if len(names) == 1 else None


def _outlined(source: _Source, name: str, preset: Mapping[str, Any]) -> Outline:
    found = _resolved(source, name)
    if found is None:
        if name and not source.is_open and not source.binds(name) and "." not in name:
            raise RecommenderError(f"{source.path.name} has no class {name!r}")
        return Outline()
    seen = _Seen.of(*found)
    lacking = [method for method in ("fit", "score") if method not in seen.members]
    if lacking and not seen.bases:
        raise RecommenderError(f"{name} has no method {' and no '.join(lacking)}; a recommender has both")
    description = seen.description(preset)
    is_known = not any(isinstance(parameter.default, Unread) for parameter in description.parameters.values())
    is_complete = is_known and seen.is_plain and not source.is_open and source.binds(name) == 1
    return Outline(description, seen.bases, is_complete=is_complete)


def _source_of(place: str, folder: str) -> _Source | None:
    """Return the source of a place; None for a module that has none in Python.

    Raises
    ------
    RecommenderError
        If there is no such place, or it is not Python.
    """
    if place.endswith(".py"):
        return _Source(Path(place), folder=str(Path(place).parent))
    if find_module(place, folder) is None:
        raise RecommenderError(f"there is no module {place}")
    path = module_file(place, folder)
    return None if path is None else _Source(path, place, folder)


@dataclass(frozen=True)
class _Source:
    """A Python file, read.

    Parameters
    ----------
    module
        Its name; without one it is in no package.
    folder
        Where modules are looked for that are not on the path.
    """

    path: Path
    module: str = ""
    folder: str = ""

    def __post_init__(self) -> None:
        assert self.statements is not None  # noqa: S101 - reading it now raises what is wrong with it

    @cached_property
    def statements(self) -> list[ast.stmt]:
        """Its top-level statements."""
        try:
            return ast.parse(self.path.read_bytes()).body
        except OSError as error:
            raise RecommenderError(f"{self.path} cannot be read: {error.strerror}") from error
        except SyntaxError as error:
            raise RecommenderError(f"{self.path.name} is not Python: {error.msg} (line {error.lineno})") from error
        except ValueError as error:
            raise RecommenderError(f"{self.path.name} is not Python: {error}") from error

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        return {statement.name: statement for statement in self.statements if isinstance(statement, ast.ClassDef)}

    @cached_property
    def imports(self) -> dict[str, tuple[str, str]]:
        """What ``from module import name`` brings, as (module, name), by the name it is bound to."""
        return {
            alias.asname or alias.name: (self._origin(statement), alias.name)
            for statement in self.statements
            if isinstance(statement, ast.ImportFrom)
            for alias in statement.names
        }

    def _origin(self, statement: ast.ImportFrom) -> str:
        package = self.module.split(".") if self.path.name == "__init__.py" else self.module.split(".")[:-1]
        above = package[: len(package) - statement.level + 1] if statement.level else []
        return ".".join([*above, *([statement.module] if statement.module else [])])

    @property
    def is_open(self) -> bool:
        """Whether it may define names that are not in plain sight."""
        hiding = any(isinstance(one, ast.If | ast.Try | ast.For | ast.With | ast.Match) for one in self.statements)
        return hiding or "*" in self.imports or self.binds("__getattr__") > 0

    def binds(self, name: str) -> int:
        """Return how many top-level statements may bind a name, or change what it is bound to."""
        return sum(name in _bound(statement) for statement in self.statements)


def _bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.ClassDef | _Function):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
    else:
        yield from (node.id for node in ast.walk(statement) if isinstance(node, ast.Name))


def _resolved(source: _Source, name: str, depth: int = 0) -> tuple[_Source, str] | None:
    """Return where a class is defined, through imports of what is found; None if that is out of sight."""
    if name in source.classes:
        return source, name
    if name not in source.imports or depth > 8:
        return None
    module, original = source.imports[name]
    try:
        origin = _source_of(module, source.folder) if module else None
    except RecommenderError:
        return None
    return _resolved(origin, original, depth + 1) if origin else None


@dataclass(frozen=True)
class _Seen:
    """A class as it is seen in its source, with what it inherits.

    Parameters
    ----------
    own
        Its definition.
    lineage
        Definitions of the classes it builds on that are in sight, the next of kin first, with its own.
    bases
        Those out of sight.
    """

    name: str
    own: ast.ClassDef
    lineage: tuple[ast.ClassDef, ...]
    bases: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, source: _Source, name: str, depth: int = 0) -> _Seen:
        own = source.classes[name]
        lineage, unseen = [own], []
        for base in own.bases:
            text = ast.unparse(base.value if isinstance(base, ast.Subscript) else base)
            if text in _PLAIN_BASES:
                continue
            found = _resolved(source, text) if depth < 8 else None
            if found is None:
                unseen.append(text)
            else:
                inherited = cls.of(*found, depth + 1)
                lineage += inherited.lineage
                unseen += inherited.bases
        return cls(name, own, tuple(lineage), tuple(dict.fromkeys(unseen)))

    @cached_property
    def members(self) -> dict[str, ast.stmt]:
        """Methods and attributes by name, the next of kin's."""
        found: dict[str, ast.stmt] = {}
        for definition in reversed(self.lineage):
            for statement in definition.body:
                found |= dict.fromkeys(_bound(statement), statement)
        return found

    @property
    def is_plain(self) -> bool:
        """Whether nothing out of sight makes the class, or changes it."""
        decorators = [ast.unparse(decorator) for one in self.lineage for decorator in one.decorator_list]
        return (
            not self.bases
            and all(isinstance(statement, _PLAIN_STATEMENTS) for one in self.lineage for statement in one.body)
            and not any(one.keywords for one in self.lineage)
            and all(decorator.partition("(")[0] in ("dataclass", "dataclasses.dataclass") for decorator in decorators)
            and self.members.keys().isdisjoint(("__new__", "__init_subclass__", "__signature__"))
            and not any(isinstance(self._said(name), Unread) for name in _ATTRIBUTES)
            and all(isinstance(self.members.get(name), _Function | None) for name in _METHODS)
        )

    @property
    def is_recommender(self) -> bool:
        """Whether it has the two methods in sight."""
        return {"fit", "score"} <= self.members.keys()

    def description(self, preset: Mapping[str, Any]) -> Description:
        """Return what the class says of itself."""
        parameters = {name: _with_preset(parameter, preset) for name, parameter in self._parameters()}
        return Description(
            parameters=parameters,
            deterministic=self._said("deterministic") is True,
            personalised=self._said("personalised") is not False,
            iterative="fit_epochs" in self.members,
            full_ranker="score_all" in self.members,
            summary=(ast.get_docstring(self.own) or "").partition("\n")[0].strip(),
            libraries=() if isinstance(said := self._said("libraries"), Unread) else as_libraries(said),
            bibtex="" if isinstance(said := self._said("bibtex"), Unread) else as_bibtex(said),
        )

    def _said(self, name: str) -> Any:
        """Return the value of an attribute; None where there is none, `Unread` where it is no literal."""
        statement = self.members.get(name)
        if statement is None:
            return None
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        value = getattr(statement, "value", None)
        is_read = all(isinstance(target, ast.Name) for target in targets)
        return _value(value) if is_read and isinstance(value, ast.expr) else Unread(name)

    def _parameters(self) -> Iterator[tuple[str, Parameter]]:
        for depth, one in enumerate(self.lineage):
            constructor = next((each for each in one.body if "__init__" in _bound(each)), None)
            if isinstance(constructor, ast.FunctionDef):
                return _signature(constructor.args)
            if _is_dataclass(one):
                kin = filter(_is_dataclass, reversed(self.lineage[depth:]))
                return _fields(statement for each in kin for statement in each.body)
        return iter(())


def _is_dataclass(definition: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(decorator) for decorator in definition.decorator_list)


def _signature(arguments: ast.arguments) -> Iterator[tuple[str, Parameter]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    given = [*zip(positional, [*defaults, *arguments.defaults], strict=True)][1:]
    for argument, default in [*given, *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]:
        annotation = ast.unparse(argument.annotation) if argument.annotation else ""
        yield argument.arg, Parameter(argument.arg, REQUIRED if default is None else _value(default), annotation)


def _fields(statements: Iterable[ast.stmt]) -> Iterator[tuple[str, Parameter]]:
    for statement in statements:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        annotation = ast.unparse(statement.annotation)
        options = _field_options(statement.value)
        is_none = "ClassVar" in annotation or annotation.rpartition(".")[2] == "KW_ONLY"
        if is_none or getattr(options.get("init"), "value", True) is False:
            continue
        default = options.get("default", options.get("default_factory")) if options else statement.value
        name = statement.target.id
        yield name, Parameter(name, REQUIRED if default is None else _value(default), annotation)


def _field_options(value: ast.expr | None) -> dict[str, ast.expr]:
    """Return the arguments of ``field(...)``; none where the value is none."""
    if not isinstance(value, ast.Call) or ast.unparse(value.func).rpartition(".")[2] != "field":
        return {}
    return {keyword.arg: keyword.value for keyword in value.keywords if keyword.arg}


def _value(expression: ast.expr) -> Any:
    """Return the value of a literal; of anything else its text."""
    try:
        return ast.literal_eval(expression)
    except (ValueError, TypeError):
        return Unread(ast.unparse(expression))


def _with_preset(parameter: Parameter, preset: Mapping[str, Any]) -> Parameter:
    return Parameter(parameter.name, preset.get(parameter.name, parameter.default), parameter.annotation)


def _missing_imports(place: str, folder: str, source: _Source) -> Iterator[str]:
    """Yield what is imported at the top of the file, and of the packages it is in, and is not installed."""
    parents = [] if place.endswith(".py") else place.split(".")[:-1]
    packages = [_source_of(".".join(parents[: depth + 1]), folder) for depth in range(len(parents))]
    for file in (*filter(None, packages), source):
        for statement in file.statements:
            for module in _imported_modules(statement):
                if find_module(module, file.folder) is None:
                    yield (
                        f"{file.path.name} imports {module} (line {statement.lineno}), which is not installed; "
                        "install what it needs"
                    )


def _imported_modules(statement: ast.stmt) -> list[str]:
    """Return the top-level packages that a statement imports, but for relative ones."""
    if isinstance(statement, ast.Import):
        return [alias.name.partition(".")[0] for alias in statement.names]
    if isinstance(statement, ast.ImportFrom) and not statement.level and statement.module:
        return [statement.module.partition(".")[0]]
    return []
