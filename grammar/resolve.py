"""What the names in documents stand for: profiles that are extended, selections that are named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from selfsame.grammar.diagnostics import Diagnostic
from selfsame.grammar.model import (
    Constraint,
    Document,
    Name,
    Profile,
    Selection,
    Selector,
    Statement,
    extended,
)
from selfsame.grammar.words import nearest

_Named = TypeVar("_Named", Profile, Selection)

#: In place of the file of profiles that nobody declared.
BUILT_IN: Final = "built in"


@dataclass(frozen=True, slots=True)
class Stated:
    """One property that holds for a constraint, and the profile that it comes from, if any."""

    statement: Statement
    profile: Profile | None = None


class Names:
    """The profiles and selections of documents, with the built-in profiles behind them.

    ``diagnostics`` are names that nothing declares, that are declared twice, or that need
    themselves.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._profiles: dict[str, Profile] = {}
        self._selections: dict[str, Selection] = {}
        self._done: dict[str, dict[str, Stated]] = {}
        self._circular: set[str] = set()
        known = tuple(documents)
        for document in known:
            for declared in document.declarations:
                if isinstance(declared, Profile):
                    self._declare(self._profiles, declared, "profile")
                elif isinstance(declared, Selection):
                    self._declare(self._selections, declared, "selection")
        for document in known:
            for declared in document.declarations:
                if isinstance(declared, Constraint):
                    self.statements(declared)
                    self._check(declared.selectors, ())
                elif isinstance(declared, Profile):
                    self._profile(declared, ())
                elif isinstance(declared, Selection):
                    self._check(declared.nodes, (declared.name,))

    def statements(self, constraint: Constraint) -> dict[str, Stated]:
        """What holds for a constraint by property: its own, then that of the profiles.

        Of several profiles, the one named later is stronger.
        """
        return self._own(constraint.statements, None, ())

    def selection(self, name: str) -> Selection | None:
        """The selection called ``name``; None where nothing declares it, or it needs itself."""
        return None if name in self._circular else self._selections.get(name)

    def _declare(self, known: dict[str, _Named], declared: _Named, kind: str) -> None:
        first = known.get(declared.name)
        if first is None:
            known[declared.name] = declared
        elif first.place != declared.place:
            place = first.place
            message = f"there is a {kind} `{declared.name}` already"
            where = f"the first is at {place.path}:{place.line}"
            self.diagnostics.append(Diagnostic(declared.place, message, where))

    def _own(
        self, statements: Sequence[Statement], profile: Profile | None, above: tuple[str, ...]
    ) -> dict[str, Stated]:
        found: dict[str, Stated] = {}
        for name in extended(tuple(statements)):
            found |= self._named(name, above)
        own = (s for s in statements if s.property != "extends")
        return found | {s.property: Stated(s, profile) for s in own}

    def _named(self, name: Name, above: tuple[str, ...]) -> dict[str, Stated]:
        profile = self._profiles.get(name.text) or builtin_profiles().get(name.text)
        if profile is None:
            known = {*self._profiles, *builtin_profiles()}
            hint = nearest(name.text, known) or f"the profiles are {', '.join(sorted(known))}"
            self._report(Diagnostic(name.place, f"there is no profile `{name.text}`", hint))
            return {}
        if name.text in above:
            path = " -> ".join((*above[above.index(name.text) :], name.text))
            self._report(Diagnostic(name.place, "this profile extends itself", path))
            return {}
        return self._profile(profile, above)

    def _profile(self, profile: Profile, above: tuple[str, ...]) -> dict[str, Stated]:
        done = self._done.get(profile.name)
        if done is None:
            done = self._own(profile.statements, profile, (*above, profile.name))
            if not above:
                self._done[profile.name] = done
        return done

    def _check(self, selectors: Sequence[Selector], above: tuple[str, ...]) -> None:
        """Report the selections that nothing declares, and those that need themselves."""
        for selector in selectors:
            if selector.kind != "selection":
                continue
            selection = self._selections.get(selector.pattern)
            if selection is None:
                hint = nearest(selector.pattern, self._selections)
                hint = hint or "selection hot { nodes: [app:*] } declares one"
                message = f"there is no selection `{selector.pattern}`"
                self._report(Diagnostic(selector.place, message, hint))
            elif selector.pattern in above:
                self._circular.add(selector.pattern)
                self._report(Diagnostic(selector.place, "this selection needs itself"))
            elif selector.pattern not in self._circular:
                self._check(selection.nodes, (*above, selector.pattern))

    def _report(self, diagnostic: Diagnostic) -> None:
        if diagnostic not in self.diagnostics:
            self.diagnostics.append(diagnostic)


@cache
def builtin_profiles() -> dict[str, Profile]:
    """The profiles that need no declaration, by name."""
    # parse.py checks names with this module.
    from selfsame.grammar.parse import parse_text

    path = Path(__file__).with_name("profiles.cdl")
    document = parse_text(path.read_text(encoding="utf-8"), BUILT_IN)
    return {profile.name: profile for profile in document.profiles}
