"""Recommenders by name: built-ins, those of installed packages, and plug-ins; each is imported when it is needed.

An installed package adds recommenders through entry points of the group ``recbench.recommenders``, each
``name = "package.module:Class"``.
"""

from __future__ import annotations

from recommenders.registry.description import Description, build, describe, parse_parameters
from recommenders.registry.entry import BUILT_IN, PROGRAM, Entry, is_ours
from recommenders.registry.facts import (
    description_of,
    foreseen_of,
    is_imported_here,
    required_description_of,
    requirements_of,
    roots_of,
    search_space_of,
    source_digest,
)
from recommenders.registry.failing import error_text, said_by, with_reason
from recommenders.registry.foreseeing import Foreseen
from recommenders.registry.inspection.asking import inspect_plugins
from recommenders.registry.inspection.outcome import Inspection
from recommenders.registry.loading import as_recommender, load_class, new
from recommenders.registry.lookup import entries, find
from recommenders.registry.naming import name_of_class, named_by_place
from recommenders.registry.parameters import REQUIRED, Parameter
from recommenders.registry.placement import ON_CPU
from recommenders.registry.plain import Unread, plain_default, text_of
from recommenders.registry.plugins import class_entry, is_module, plugin_entries, plugin_entry
from recommenders.registry.preparing import prepare
from recommenders.registry.used.outcome import Used

__all__ = [
    "BUILT_IN",
    "ON_CPU",
    "PROGRAM",
    "REQUIRED",
    "Description",
    "Entry",
    "Foreseen",
    "Inspection",
    "Parameter",
    "Unread",
    "Used",
    "as_recommender",
    "build",
    "class_entry",
    "describe",
    "description_of",
    "entries",
    "error_text",
    "find",
    "foreseen_of",
    "inspect_plugins",
    "is_imported_here",
    "is_module",
    "is_ours",
    "load_class",
    "name_of_class",
    "named_by_place",
    "new",
    "parse_parameters",
    "plain_default",
    "plugin_entries",
    "plugin_entry",
    "prepare",
    "required_description_of",
    "requirements_of",
    "roots_of",
    "said_by",
    "search_space_of",
    "source_digest",
    "text_of",
    "with_reason",
]
