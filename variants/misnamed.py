"""Looks at the templates that constraints name: is there one of that name, and is it of that family?"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from selfsame.grammar.diagnostics import Diagnostic
from selfsame.grammar.model import Allowance, Document, Name, Setting, Statement
from selfsame.grammar.vocabulary import FAMILIES
from selfsame.grammar.words import nearest
from selfsame.variants.site import names_template

#: Families as CDL calls them, by the folder of their templates where that is called otherwise.
_CALLED = {"compiled": "compile"}


def misnamed(documents: Sequence[Document]) -> list[Diagnostic]:
    """The names in ``never`` and under families that mean nothing: they would silently do nothing."""
    said = list(chain.from_iterable(_statements(document) for document in documents))
    named = [(statement, name) for statement in said for name in _names(statement)]
    if not named:
        return []
    # Importing all templates takes time: only who names some pays for it.
    from selfsame.variants.catalogue import templates

    family_of = {t.name: _CALLED.get(t.family, t.family) for t in templates()}
    functions = [n.text for s in said if s.property == "algorithm" for n in _names(s)]
    found: list[Diagnostic] = []
    for statement, name in named:
        if isinstance(statement, Allowance):
            found += _of_family(statement.family, name, family_of)
        elif name.text not in (known := [*family_of, *FAMILIES, *_CALLED, *functions]):
            found.append(_unknown(name, known))
    return found


def _of_family(family: str, name: Name, family_of: dict[str, str]) -> Iterator[Diagnostic]:
    own = family_of.get(name.text)
    if family == "algorithm" and own is None and not names_template(name.text):
        return  # a function of the user's
    if own is None:
        yield _unknown(name, [n for n, of in family_of.items() if of == family])
    elif own != family:
        message = f"`{name.text}` is a template of {own}, not of {family}"
        yield Diagnostic(name.place, message, f"{own}: [{name.text}]")


def _unknown(name: Name, known: Iterable[str]) -> Diagnostic:
    hint = nearest(name.text, known) or "`selfsame templates` lists them"
    return Diagnostic(name.place, f"there is no template `{name.text}`", hint)


def _statements(document: Document) -> Iterator[Statement]:
    for constraint in document.constraints:
        yield from constraint.statements
    for profile in document.profiles:
        yield from profile.statements


def _names(statement: Statement) -> tuple[Name, ...]:
    if isinstance(statement, Allowance):
        return statement.names if isinstance(statement.names, tuple) else ()
    if isinstance(statement, Setting) and statement.name == "never":
        value = statement.value
        return tuple(n for n in value if isinstance(n, Name)) if isinstance(value, tuple) else ()
    return ()
