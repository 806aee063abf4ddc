"""Searching a literal list or tuple of constants becomes a look-up in a constant set.

Python keeps the constants as a tuple and compares with each; a constant set is asked once.

Before:
    def vowels(text):
        count = 0
        for letter in text:
            if letter in ["a", "e", "i", "o", "u"]:
                count += 1
        return count

After:
    def vowels(text):
        count = 0
        for letter in text:
            if letter in {"a", "e", "i", "o", "u"} if type(letter) is str or type(letter) is int or plain(letter) else letter in ["a", "e", "i", "o", "u"]:
                count += 1
        return count

Precondition:
    Four constants at least, each a str, an int, a bool, bytes or None. What is searched for is looked
    at each time: only an exact plain value is looked up, anything else is searched as before.

When it is wrong:
    Never, as far as the values go; where the first constants are the common ones it is slower, which
    the trial shows.
"""

import ast

from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.rewrite.kinds import Expr, Items, plain
from selfsame.compiler.rewrite.pattern import Match
from selfsame.variants.facts import SiteFacts

name, family = "literal-list-membership-to-frozenset", "container"
wins = {"time": "O(k) -> O(1) for each search"}
deploy = "live"
watch = ["equality of the user's own", "unhashable values"]
FEWEST = 4
CONSTANTS = (str, int, bytes, type(None))


def before(X: Expr, XS: Expr):
    X in XS  # noqa: B015


def after(X: Expr, XS: Expr, ITEMS: Items):
    probe in {ITEMS} if plain(probe := X) else probe in XS


def where(m: Match, f: SiteFacts) -> Tri:
    """A display of constants that a set can hold; its elements become ``ITEMS``."""
    if not isinstance(m.XS, ast.List | ast.Tuple):
        return f.no("what is searched is no literal list or tuple", m.XS)
    if len(m.XS.elts) < FEWEST:
        return f.no(f"it has {len(m.XS.elts)} constants: {FEWEST} pay off", m.XS)
    for element in m.XS.elts:
        if not (isinstance(element, ast.Constant) and isinstance(element.value, CONSTANTS)):
            return f.no("not every element is a constant that a set can hold", element)
    m.bindings["ITEMS"] = m.XS.elts
    return Tri.YES
