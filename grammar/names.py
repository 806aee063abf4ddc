"""Says whether a word of the text can name nodes, and if not, what is wrong with it."""

import re
from typing import Final

_PART: Final = r"(?:[^\W\d][\w*]*|\*+[\w*]*|<\w+>)(?:#[\d*]+)?"
_LABEL: Final = re.compile(r"[^\W\d*][\w.\-]*")
_LABELS: Final = re.compile(r"[\w.\-*]+")
_MODULE: Final = re.compile(r"[\w*\-]+(?:\.[\w*\-]+)*")
_NAME: Final = re.compile(rf"{_PART}(?:\.{_PART})*")
_INNER: Final = re.compile(r"/(?:(?:loop|comp)\[[\d*]+\]|call\[[\w?*]+\]\[[\d*]+\]|\*+)")

FORMS: Final = "a label (node_1), an address (shop.cart:Cart.total) or a glob (shop.**:Cart.*)"


def selector_mistake(text: str) -> tuple[str, str] | None:
    """The message and the suggestion for what cannot name a node; None where it can."""
    if text.startswith("!!"):
        return f"`{text}` has two `!`", "one `!` leaves out what it names"
    text = text.removeprefix("!")
    if text.startswith("@"):
        if _LABEL.fullmatch(text[1:]):
            return None
        return f"`{text}` is not the name of a selection", "@checkout"
    if text.endswith(":"):
        return f"`{text}` is not the name of a node", "leave out the `:` before `{`"
    bare = text.strip("'\"`")
    if bare != text:
        return f"`{text}` is not the name of a node", f"names have no quotes: {bare}"
    if "***" in text:
        return f"`{text}` has too many stars", "`*` is any name, `**` any number of names"
    if ":" not in text:
        if _LABEL.fullmatch(text) or ("*" in text and _LABELS.fullmatch(text)):
            return None
        if "/" in text and "[" not in text:
            guess = text.removesuffix(".py").replace("/", ".")
            return f"`{text}` is not the name of a node", f"an address is module:name: {guess}:*"
        return f"`{text}` is not the name of a node", f"write {FORMS}"
    module, _, inside = text.partition(":")
    if not _MODULE.fullmatch(module):
        return f"`{module}` is not the name of a module", f"write {FORMS}"
    name, inner = re.split(r"(?=/)|$", inside, maxsplit=1) if "/" in inside else (inside, "")
    if not _NAME.fullmatch(name):
        return f"`{name}` is not the name of a function or class", f"write {FORMS}"
    while inner:
        step = _INNER.match(inner)
        if step is None:
            return (
                f"`{inner}` is not a node inside a function",
                "write /loop[0], /comp[0] or /call[sorted][0]",
            )
        inner = inner[step.end() :]
    return None
