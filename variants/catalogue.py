"""All templates, found by walking ``selfsame.variants``: each file is one, none is registered."""

import inspect
import pkgutil
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any

import selfsame.variants
from selfsame.compiler.emit.build import shared_builder
from selfsame.compiler.errors import InternalError
from selfsame.compiler.rewrite.quasi import read
from selfsame.variants.site import Refusal, Site, Wishes
from selfsame.variants.template import (
    DEPLOYMENTS,
    CodeTemplate,
    QuasiTemplate,
    RetryTemplate,
    Template,
    WorldTemplate,
)
from selfsame.variants.variation import Variation


@lru_cache(maxsize=1)
def templates() -> tuple[Template, ...]:
    """Every template, in order of family and name. Raises InternalError where two share a name."""
    found: dict[str, Template] = {}
    for module in _modules():
        template = template_of(module)
        if template is None:
            continue
        if template.name in found:
            other = found[template.name].module
            raise InternalError(f"{template.module} and {other} are both called {template.name!r}")
        found[template.name] = template
    return tuple(sorted(found.values(), key=lambda t: (t.family, t.name)))


def variations_for(
    site: Site,
    constraints: Wishes | None = None,
    aim: str = "",
    build_s: float | None = None,
) -> tuple[list[Variation], list[Refusal]]:
    """What all allowed templates make of a function; why not more. As `each_for`, at once."""
    variations: list[Variation] = []
    refusals: list[Refusal] = []
    for result in each_for(site, constraints, aim, build_s):
        if isinstance(result, Variation):
            variations.append(result)
        else:
            refusals.append(result)
    return variations, refusals


def each_for(
    site: Site,
    constraints: Wishes | None = None,
    aim: str = "",
    build_s: float | None = None,
) -> Iterator[Variation | Refusal]:
    """What all allowed templates make of a function, and why not more, one after the other.

    First what combines several, last what needs a build: it is made when it is asked for.

    ``constraints`` are the site's own where none are given. ``aim`` is "time" or "memory": only
    templates that win there are asked. ``build_s``: seconds that all this may take, with builds.
    """
    wishes = constraints if constraints is not None else site.constraints
    spent = 0.0
    for template in sorted(templates(), key=lambda t: (t.family == "compiled", not t.combines)):
        if template.deploy != "live":
            continue
        if not wishes.allows(template.name, template.family):
            yield Refusal(template.name, "the constraints do not allow it here")
            continue
        if aim and aim not in template.wins:
            yield Refusal(template.name, f"it wins nothing in {aim}")
            continue
        if build_s is not None and spent >= build_s:
            yield Refusal(template.name, f"the {build_s:g} s for builds are used up")
            continue
        begun = time.monotonic()
        with shared_builder().until(None if build_s is None else begun + build_s - spent):
            made = template.variations(site)
        spent += time.monotonic() - begun
        for result in made:
            if isinstance(result, Variation):
                yield replace(result, scales="O(" in template.wins.get("time", ""))
            else:
                yield result


def template_named(name: str) -> Template | None:
    """The template with a name; None where there is none."""
    return next((t for t in templates() if t.name == name), None)


def survey(site: Site) -> tuple[list[str], list[Refusal]]:
    """The names of the templates that could apply as far as is known now, and why not more.

    Builds nothing: a template whose variations cost a build says so with a ``could(site)``.
    """
    names: list[str] = []
    refusals: list[Refusal] = []
    for template in templates():
        if template.deploy != "live" or not site.constraints.allows(template.name, template.family):
            continue
        for result in template.could(site):
            if isinstance(result, Refusal):
                refusals.append(result)
            elif template.name not in names:
                names.append(template.name)
    return names, refusals


def _modules() -> Iterator[ModuleType]:
    for family in pkgutil.iter_modules(selfsame.variants.__path__):
        if family.ispkg:
            package = import_module(f"selfsame.variants.{family.name}")
            for entry in pkgutil.iter_modules(package.__path__):
                yield import_module(f"selfsame.variants.{family.name}.{entry.name}")


def template_of(module: ModuleType) -> Template | None:
    """The template that a module is; None for a module without a ``name``."""
    name = getattr(module, "name", None)
    if name is None:
        return None
    common: dict[str, Any] = {
        "name": name,
        "family": module.family,
        "wins": module.wins,
        "deploy": getattr(module, "deploy", "live"),
        "doc": module.__doc__ or "",
        "module": module.__name__,
        "helpers": getattr(module, "helpers", {}),
        "guards": tuple(getattr(module, "guards", ())),
        "watch": tuple(getattr(module, "watch", ())),
    }
    if common["deploy"] not in DEPLOYMENTS:
        raise InternalError(f"{module.__name__}: deploy is one of {DEPLOYMENTS}")
    if hasattr(module, "variations"):
        could = getattr(module, "could", None)
        text = getattr(module, "text", None)
        join = getattr(module, "contribute", None)
        combines = getattr(module, "combines", False)
        return CodeTemplate(
            **common, make=module.variations, look=could, text=text, join=join, combines=combines
        )
    if hasattr(module, "before"):
        quasi = read(inspect.getsource(module), module.__file__ or name)
        form = RetryTemplate if getattr(module, "retries", False) else QuasiTemplate
        return form(**common, quasi=quasi, where=module.where)
    if hasattr(module, "define"):
        return WorldTemplate(
            **common,
            define=module.define,
            uses=module.uses,
            seeks=tuple(module.seeks),
            where=module.where,
        )
    raise InternalError(f"{module.__name__} has a name but no before, define or variations")
