"""Says which nodes a selector of CDL names, and how specific it is."""

import re
from functools import cache

from selfsame.grammar.model import Selector

# Specificity: exact before any glob, then the number of characters that are not stars.
Specificity = tuple[int, int]


def specificity(selector: Selector) -> Specificity:
    """How specific a selector is: greater wins."""
    if selector.kind == "glob":
        return (0, len(selector.pattern.replace("*", "")))
    return (1, 0)


def matches(selector: Selector, address: str, labels: tuple[str, ...]) -> bool:
    """Whether a selector names the node with this address and these labels.

    Without ``:`` it speaks of labels, else of addresses. In a glob ``*`` stands for any characters
    of one name and ``**`` for any number of names: ``shop.**:Cart.*`` names ``shop:Cart.total`` and
    ``shop.web.cart:Cart.total``, but not ``shop:Cart.total.inner`` or ``shop:Cart.total/loop[0]``.
    """
    speaks_of = (address,) if ":" in selector.pattern else labels
    if selector.kind != "glob":
        return selector.pattern in speaks_of
    pattern = pattern_of(selector.pattern)
    return any(pattern.fullmatch(name) for name in speaks_of)


@cache
def pattern_of(glob: str) -> re.Pattern[str]:
    """The expression that a glob, or the part before or behind its ``:``, stands for."""
    parts = re.split(r"(\.\*\*|/\*\*|\*\*\.|\*\*|\*)", glob)
    translated = {
        ".**": r"(?:[.][^:]*)?",
        "/**": r"(?:/[^:]*)?",
        "**.": r"(?:[^:]*[.])?",
        "**": r"[^:]*",
        "*": r"[^.:/]*",
    }
    return re.compile("".join(translated.get(part, re.escape(part)) for part in parts))
