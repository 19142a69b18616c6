"""Recommenders by name: built-ins, those of installed packages, and plug-ins. Nothing is imported until asked for.

An installed package adds recommenders with entry points of the group ``recbench.recommenders``, each
``name = "package.module:Class"``.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from dataclasses import dataclass, field, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from recommenders.adapters.program import read_program
from recommenders.description import Description, build, describe, parse_parameters
from recommenders.loading import load_file
from recommenders.locating import find_module, root_of
from recommenders.outline import only_recommender, outline_of
from recommenders.parameters import REQUIRED, Parameter, did_you_mean
from recommenders.source import digest_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from protocol.contract import Recommender

__all__ = [
    "BUILT_IN",
    "REQUIRED",
    "Description",
    "Entry",
    "Parameter",
    "build",
    "class_entry",
    "describe",
    "description_of",
    "entries",
    "find",
    "is_module",
    "is_ours",
    "load_class",
    "new",
    "parse_parameters",
    "plugin_entry",
    "prepare",
    "requirements_of",
    "source_digest",
]

PROGRAM = ".toml"
"""What the name of a file ends with that describes a program."""

GROUP = "recbench.recommenders"

BUILT_IN = "built-in"
"""The origin of ours."""

_LIBRARY, _PROGRAM_OF = "library ", "program of "
"""What the origin of our adapters begins with."""

_DISTRIBUTION = "recbench"
"""The distribution that ours are of."""


@dataclass(frozen=True)
class Entry:
    """Where a recommender comes from.

    Parameters
    ----------
    reference
        ``package.module:Name`` or ``/path/to/file.py:Name``.
        Without a name, ``/path/to/file.py:``, it is the only recommender in there.
    preset
        Hyper-parameters in place of the constructor's defaults.
    origin
        ``"built-in"``, or whose it is.
    folder
        Where ``package`` is looked for, too; empty where it is on the path.
    by_default
        Whether it is run and tuned where none is named: the default suite.
    chosen_on
        The dataset for which its defaults were chosen, on the validation task; empty where they were not chosen for
        one.
    """

    name: str
    reference: str
    preset: Mapping[str, Any] = field(default_factory=dict)
    origin: str = BUILT_IN
    folder: str = ""
    by_default: bool = False
    chosen_on: str = ""

    @property
    def is_program(self) -> bool:
        """Whether a TOML file describes it (see `recommenders.adapters.command`)."""
        return _parted(self.reference)[0].endswith(PROGRAM)

    @property
    def is_file(self) -> bool:
        """Whether it is named by a path: that of a class's file, or of a program's description."""
        return self.is_program or _parted(self.reference)[0].endswith(".py")

    @property
    def public_reference(self) -> str:
        """The reference without a file's folder: where that lies is nobody's business, and no part of what it is."""
        place, name = _parted(self.reference)
        return f"{Path(place).name if self.is_file else place}:{name}"


_POST = {
    "embedding_size": 8,
    "layers": (32, 16, 8),
    "epochs": 30,
    "learning_rate": 0.001,
    "reg": 0.0,
    "weight_decay": 1e-5,
    "batch_size": 256,
    "n_negatives": 4,
    "init_std": 1.0,
}

_DEFAULT_SUITE = (
    Entry("random", "recommenders.random:Random"),
    Entry("popularity", "recommenders.popularity:Popularity"),
    Entry("item_knn", "recommenders.item_knn:ItemKNN"),
    Entry("ease", "recommenders.ease:EASE"),
    Entry("als", "recommenders.als:ALS"),
    Entry("bpr", "recommenders.bpr:BPR"),
    Entry("mf", "recommenders.mf:MF"),
    Entry("gmf", "recommenders.gmf:GMF"),
    Entry("mlp", "recommenders.mlp:MLP"),
    Entry("neumf", "recommenders.neumf:NeuMF"),
    Entry("mlp_post", "recommenders.mlp:MLP", _POST),
)

_ON_REQUEST = (
    Entry("user_knn", "recommenders.user_knn:UserKNN"),
    Entry("p3alpha", "recommenders.p3alpha:P3Alpha"),
    Entry("rp3beta", "recommenders.rp3beta:RP3Beta"),
    Entry("slim", "recommenders.slim:SLIM"),
    Entry("pure_svd", "recommenders.pure_svd:PureSVD"),
    Entry("multi_vae", "recommenders.multi_vae:MultiVAE"),
    Entry("light_gcn", "recommenders.light_gcn:LightGCN"),
    Entry("sasrec", "recommenders.sasrec:SASRec"),
)

_AS_GIVEN = ("random", "popularity", "mlp_post", "sasrec")
"""Built-ins whose defaults are not the best of a search (see ``results/tuning``)."""

_BUILT_INS = tuple(
    replace(entry, by_default=entry in _DEFAULT_SUITE, chosen_on="" if entry.name in _AS_GIVEN else "ml-100k")
    for entry in (*_DEFAULT_SUITE, *_ON_REQUEST)
)

_ADAPTED = {
    "cornac": {
        "mf": "MF",
        "bpr": "BPR",
        "ease": "EASE",
        "gmf": "GMF",
        "mlp": "MLP",
        "neumf": "NeuMF",
        "vaecf": "VAECF",
        "wmf": "WMF",
        "lightgcn": "LightGCN",
    },
    "implicit": {"als": "ALS", "bpr": "BPR", "lmf": "LMF", "cosine": "Cosine", "tfidf": "TFIDF", "bm25": "BM25"},
    "lenskit": {
        "implicit_mf": "ImplicitMF",
        "item_knn": "ItemKNN",
        "user_knn": "UserKNN",
        "popularity": "Popularity",
    },
    "sklearn": {"nmf": "NMF", "truncated_svd": "TruncatedSVD"},
}
"""The classes of `recommenders.adapters`, by library and name."""

_ADAPTERS = tuple(
    Entry(f"{library}.{name}", f"recommenders.adapters.{library}:{cls}", {}, f"{_LIBRARY}{library}")
    for library, classes in _ADAPTED.items()
    for name, cls in classes.items()
)

_ADAPTED_PROGRAMS = {"recbole": ("NeuMF", "BPR", "LightGCN", "MultiVAE", "EASE"), "rectools": ("SASRec",)}
"""The programs of `recommenders.adapters`, by library."""

_PROGRAMS = tuple(
    Entry(
        f"{library}.{name}",
        f"{Path(__file__).parent / 'adapters' / library / name.lower()}{PROGRAM}:Program",
        {},
        f"{_PROGRAM_OF}{library}",
    )
    for library, names in _ADAPTED_PROGRAMS.items()
    for name in names
)

_OWN = (*_BUILT_INS, *_ADAPTERS, *_PROGRAMS)


def entries() -> dict[str, Entry]:
    """Return all recommenders by name: the default suite, other built-ins, those of libraries, then packages'.

    A package's recommender whose name is another's, too, is called ``package.name``.
    """
    known = {entry.name: entry for entry in _OWN}
    claims = _claims()
    for name, claimants in claims.items():
        for qualified, entry in claimants.items():
            if entry not in _OWN:
                called = name if len(claimants) == 1 else qualified
                known[called] = replace(entry, name=called)
    return known


def _claims() -> dict[str, dict[str, Entry]]:
    """Return who is called what: for each name the entries that claim it, by ``distribution.name``."""
    claims: dict[str, dict[str, Entry]] = {entry.name: {f"{_DISTRIBUTION}.{entry.name}": entry} for entry in _OWN}
    points = metadata.entry_points(group=GROUP)
    for point in sorted(points, key=lambda point: (point.name, _distribution(point))):
        distribution = _distribution(point)
        entry = Entry(point.name, point.value, {}, f"entry point of {distribution}")
        claims.setdefault(point.name, {})[f"{distribution}.{point.name}"] = entry
    return claims


def _distribution(point: metadata.EntryPoint) -> str:
    return point.dist.name if point.dist else "unknown"


def requirements_of(entry: Entry) -> tuple[str, ...]:
    """Return which distributions, of which versions, the environment is built from that a program has of its own.

    Where pip is told to find them is left out: that may be a folder or a password. Nothing for a class, or for what
    cannot be read.
    """
    if not entry.is_program:
        return ()
    try:
        program = read_program(Path(_parted(entry.reference)[0]))
    except RecommenderError:
        return ()
    lines = (line.partition("@")[0].strip() for line in program.requirements if not line.startswith("-"))
    return tuple(line for line in lines if line and "/" not in line)


def is_ours(origin: str) -> bool:
    """Return whether recommenders of this origin are part of this package: built-ins and adapters."""
    return origin == BUILT_IN or origin.startswith((_LIBRARY, _PROGRAM_OF))


def find(name: str, extra: Mapping[str, Entry] | None = None) -> Entry:
    """Return the recommender of a name, plug-ins in ``extra`` first; ``package.name`` says whose.

    Raises
    ------
    RecommenderError
        If there is none, and the message lists what there is; or if there are several.
    """
    if extra and name in extra:
        return extra[name]
    claims = _claims()
    claimants = claims.get(name, {})
    if len(claimants) > 1:
        origins = " and ".join(f"{entry.reference} ({entry.origin})" for entry in claimants.values())
        raise RecommenderError(
            f"{len(claimants)} recommenders are called {name!r}: {origins}; say which, {' or '.join(claimants)}, or "
            "uninstall one"
        )
    qualified = {called: entry for group in claims.values() for called, entry in group.items()}
    known = {**qualified, **entries()}
    if name not in known:
        shown = {**entries(), **(extra or {})}
        raise RecommenderError(
            f"no recommender is called {name!r}{did_you_mean(name, shown)}; there are {', '.join(shown)}. "
            "One of your own is named with --plugin FILE.py"
        )
    return known[name]


def plugin_entry(reference: str) -> Entry:
    """Return the recommender of ``FILE.py[:Name]``, ``package.module[:Name]`` or ``FILE.toml``.

    Without a name it is the one public class defined there that has ``fit`` and ``score``. Its own name, in snake case,
    is what it is called. A package is looked for on the path and in the current folder. Nothing is run, unless the
    source alone does not tell which class it is; if that fails, it is called by its file. A TOML file describes a
    program (see `recommenders.adapters.command`), and names it.

    Raises
    ------
    RecommenderError
        If there is no such file or module, or it holds no such class, or several.
    """
    place, name = _parted(reference)
    if place.endswith(PROGRAM):
        program = read_program(Path(place))
        return Entry(program.name, f"{program.path}:Program", {}, f"file {program.path}")
    folder = ""
    if place.endswith(".py"):
        path = Path(place).expanduser().resolve()
        if not path.is_file():
            raise RecommenderError(f"there is no file {place}; give --plugin the path of a Python file")
        origin, place = f"file {place}", str(path)
    else:
        origin, folder = f"module {place}", _folder_of(place)
    name = name or _only_name(place, folder)
    called = name or Path(place.removesuffix(".py")).name
    return Entry(_snake_case(called), f"{place}:{name}", {}, origin, folder=folder)


def is_module(name: str) -> bool:
    """Return whether there is a module of a name, installed or in the current folder."""
    return find_module(name, str(Path.cwd())) is not None


def class_entry(cls: type) -> Entry:
    """Return the entry of a class that was imported already, so that another process can import it.

    Raises
    ------
    RecommenderError
        If it is no module's.
    """
    path = inspect.getsourcefile(cls)
    if path is None or "<locals>" in cls.__qualname__ or cls.__module__ == "__main__":
        raise RecommenderError(f"{cls.__qualname__} is no class of a module, so no other process can import it")
    file = Path(path).resolve()
    parts = cls.__module__.split(".")
    depth = len(parts) if file.name == "__init__.py" else len(parts) - 1
    origin = f"module {cls.__module__}"
    return Entry(
        _snake_case(cls.__name__), f"{cls.__module__}:{cls.__qualname__}", {}, origin, folder=str(file.parents[depth])
    )


def _folder_of(module: str) -> str:
    """Return the current folder if a module is found there, else nothing: then it is on the path.

    Raises
    ------
    RecommenderError
        If it is found nowhere.
    """
    here = str(Path.cwd())
    if not is_module(module):
        raise RecommenderError(
            f"there is no module {module}, neither installed nor in the current folder; install it, put its folder on "
            "PYTHONPATH, or name its file"
        )
    spec = find_module(module.partition(".")[0], here)
    root = None if spec is None else root_of(spec)
    return here if root == Path(here).resolve() and root != Path(__file__).resolve().parents[1] else ""


def load_class(entry: Entry) -> type:
    """Import the class of an entry; a file is read afresh each time.

    Raises
    ------
    RecommenderError
        If it cannot be imported, or is no class with ``fit`` and ``score``.
    """
    place, name = _parted(entry.reference)
    if place.endswith(PROGRAM):
        from recommenders.adapters.command import program_class

        return program_class(Path(place))
    found: Any = _load_module(place, entry.folder)
    name = name or _only_class(place, found)
    for part in name.split("."):
        if not hasattr(found, part):
            choices = ", ".join(_recommender_classes(found)) or "none"
            raise RecommenderError(f"{place} has no class {name!r}; its recommenders: {choices}")
        found = getattr(found, part)
    if not isinstance(found, type):
        raise RecommenderError(f"{entry.reference} is a {type(found).__name__}, expected a class with fit and score")
    lacking = [method for method in ("fit", "score") if not callable(getattr(found, method, None))]
    if lacking:
        raise RecommenderError(f"{entry.reference} has no method {' and no '.join(lacking)}; a recommender has both")
    return found


def new(entry: Entry, parameters: Mapping[str, Any]) -> Recommender:
    """Return a new recommender of an entry, with ``parameters`` in place of its preset's.

    Raises
    ------
    RecommenderError
        If the class cannot be imported, or does not take the parameters.
    """
    return build(load_class(entry), {**entry.preset, **parameters})


def prepare(entry: Entry) -> None:
    """Let a program make ready what takes long and is needed once, its environment; nothing else is even imported.

    Raises
    ------
    RecommenderError
        If that fails.
    """
    place, _ = _parted(entry.reference)
    if place.endswith(PROGRAM):
        from recommenders.adapters.command import program_class

        program_class(Path(place)).prepare()


def description_of(entry: Entry) -> Description | None:
    """Return what a recommender says of itself; None for a plug-in that does not load: its job will say why.

    Where the source of a plug-in tells all, nothing of it is run, so that what it does when it is imported it does in
    its job alone.

    Raises
    ------
    RecommenderError
        If a built-in does not load.
    """
    if entry.origin == BUILT_IN:
        return describe(load_class(entry), entry.preset)
    outline = outline_of(entry.reference, entry.folder, entry.preset)
    if outline.is_complete:
        return outline.description
    try:
        return describe(load_class(entry), entry.preset)
    except RecommenderError:
        return None


def source_digest(entry: Entry) -> str:
    """Return a digest of the entry's source (see `recommenders.source.digest_of`)."""
    return digest_of(entry.reference, entry.folder)


def _parted(reference: str) -> tuple[str, str]:
    """Return place and name, which may be empty; a drive letter's colon is not the one that parts them."""
    matched = re.fullmatch(r"(.+?)(?::([^\W\d][\w.]*)?)?", reference)
    if matched is None:
        raise RecommenderError(f"{reference!r} is no place of a class; write FILE.py:Name or package.module:Name")
    return matched[1], matched[2] or ""


def _only_name(place: str, folder: str) -> str:
    """Return the name of the only recommender in a place; empty where it does not load."""
    named = only_recommender(place, folder)
    if named is not None:
        return named
    try:
        module = _load_module(place, folder)
    except RecommenderError:
        return ""
    return _only_class(place, module)


def _only_class(place: str, module: ModuleType) -> str:
    names = _recommender_classes(module)
    if not names:
        raise RecommenderError(f"{place} defines no class with fit and score")
    if len(names) > 1:
        raise RecommenderError(
            f"{place} defines {len(names)} recommenders, {', '.join(names)}; name one, as in {place}:{names[0]}"
        )
    return names[0]


def _recommender_classes(module: Any) -> list[str]:
    """Return the names of the public classes with ``fit`` and ``score`` that a module itself defines."""
    return [
        name
        for name, value in vars(module).items()
        if isinstance(value, type)
        and value.__module__ == getattr(module, "__name__", None)
        and not name.startswith("_")
        and callable(getattr(value, "fit", None))
        and callable(getattr(value, "score", None))
    ]


def _load_module(place: str, folder: str) -> ModuleType:
    try:
        if place.endswith(".py"):
            return load_file(Path(place))
        if folder and folder not in sys.path:
            sys.path.append(folder)
        return importlib.import_module(place)
    except (Exception, SystemExit) as error:
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        advice = ""
        if isinstance(error, ModuleNotFoundError) and error.name == place.partition(".")[0]:
            advice = "; install it, put its folder on PYTHONPATH, or name its file"
        raise RecommenderError(f"{place} cannot be loaded: {cause}{_line_of(error, place)}{advice}") from error


def _line_of(error: BaseException, place: str) -> str:
    """Return the deepest line of a file that led to an error, `` (line 3)``; nothing where none did."""
    line, step = None, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == place:
            line = step.tb_lineno
        step = step.tb_next
    return f" (line {line})" if line else ""


def _snake_case(name: str) -> str:
    """Return ``MyItemKNN`` as ``my_item_knn``."""
    last = name.rpartition(".")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", last).lower()
