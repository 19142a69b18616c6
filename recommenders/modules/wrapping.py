"""A recommender's class of a bare PyTorch module. Importing this imports no torch."""

from __future__ import annotations

import inspect
from functools import cache
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

from protocol.errors import RecommenderError
from recommenders.modules.advice import advice_on
from recommenders.modules.hooks import hooks_of
from recommenders.modules.kinds import kind_of
from recommenders.modules.settings import PLACEMENT, unused_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from torch import nn

    from recommenders.modules.module_model import ModuleModel

_SIZES = ("n_users", "n_items")

_DECLARED = ("deterministic", "personalised", "processor_independent", "libraries", "bibtex", "search_space")
"""What a module may declare about itself as any recommender does (see `protocol.contract`)."""


@cache
def recommender_class(module_class: type) -> type[ModuleModel]:
    """Return the class of the recommender that a module becomes; the same one for each call.

    It has the module's name and documentation. Its constructor takes the hyper-parameters of the module's constructor,
    then those of training that the module does not have itself. Where both have one, such as ``learning_rate``, the
    module's default counts, and both get the value.

    Raises
    ------
    RecommenderError
        If recbench cannot train the module (see `recommenders.modules.kinds.kind_of`), or a hyper-parameter has a name
        that a recommender uses otherwise.
    """
    base, hooks = kind_of(module_class), hooks_of(module_class)
    own = _own_parameters(module_class)
    settings = inspect.signature(base).parameters
    for name in own:
        if name not in settings and hasattr(base, name):
            raise RecommenderError(
                f"{module_class.__name__} has a hyper-parameter {name!r}, which is the name of something that every "
                "recommender of a module has; rename it"
            )
    signature = _signature(own, settings, unused_settings(hooks))
    return type(
        module_class.__name__,
        (base,),
        {
            "__init__": _constructor(base, signature),
            "__signature__": signature,
            "__doc__": module_class.__doc__,
            "__module__": module_class.__module__,
            "__qualname__": module_class.__qualname__,
            "hooks": hooks,
            "new_module": _builder(module_class),
            **_declared(module_class),
        },
    )


def _own_parameters(module_class: type) -> dict[str, Parameter]:
    """Return the parameters of a module's constructor that are hyper-parameters, or ``**kwargs``."""
    return {
        name: parameter
        for name, parameter in inspect.signature(module_class).parameters.items()
        if name not in (*_SIZES, *PLACEMENT) and parameter.kind is not Parameter.VAR_POSITIONAL
    }


def _signature(own: Mapping[str, Parameter], settings: Mapping[str, Parameter], unused: frozenset[str]) -> Signature:
    """Return the signature of a recommender's constructor: what is required comes first, by Python's rules."""
    taken = []
    for name, parameter in own.items():
        kind = Parameter.POSITIONAL_OR_KEYWORD if parameter.kind is Parameter.POSITIONAL_ONLY else parameter.kind
        if name in settings and parameter.default is Parameter.empty:
            parameter, kind = settings[name], Parameter.KEYWORD_ONLY
        taken.append(parameter.replace(kind=kind))
    added = [
        parameter.replace(kind=Parameter.KEYWORD_ONLY)
        for name, parameter in settings.items()
        if name not in own and name not in unused
    ]
    return Signature(sorted([*taken, *added], key=lambda parameter: parameter.kind))


def _constructor(base: type[ModuleModel], signature: Signature) -> Callable[..., None]:
    rest = next((name for name, one in signature.parameters.items() if one.kind is Parameter.VAR_KEYWORD), None)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it becomes that method
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        for name, value in bound.arguments.items():
            if name != rest:
                setattr(self, name, value)
        self._further = dict(bound.arguments[rest]) if rest else {}
        for name, value in self._further.items():
            setattr(self, name, value)
        base.__post_init__(self)

    return __init__


def _builder(module_class: type) -> Callable[[Any, int, int], nn.Module]:
    signature = inspect.signature(module_class)

    def new_module(self: Any, n_users: int, n_items: int) -> nn.Module:
        """Return a new module of the class that this recommender was made of."""
        sizes = {"n_users": n_users, "n_items": n_items}
        call = signature.bind_partial()
        for name, parameter in signature.parameters.items():
            if parameter.kind is Parameter.VAR_KEYWORD:
                call.arguments[name] = self._further
            elif parameter.kind is not Parameter.VAR_POSITIONAL:
                call.arguments[name] = sizes[name] if name in sizes else getattr(self, name)
        try:
            module: nn.Module = module_class(*call.args, **call.kwargs)
        except (AttributeError, AssertionError, RuntimeError) as error:
            advice = advice_on(error)
            if not advice:
                raise
            raise RecommenderError(f"{module_class.__name__} cannot be built: {error}{advice}") from error
        return module

    return new_module


def _declared(module_class: type) -> dict[str, Any]:
    found = {name: getattr(module_class, name) for name in _DECLARED if hasattr(module_class, name)}
    return {name: staticmethod(value) if callable(value) else value for name, value in found.items()}
