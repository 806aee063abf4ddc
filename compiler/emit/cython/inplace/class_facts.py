"""What is known of one plain class: what its instances hold, and which functions its methods are."""

import ast
import re
from dataclasses import dataclass, field

from selfsame.compiler.identity.names import mangled

OF = "__in__"
"""Between a name and the key of its module, where that is not the function's own."""


def shown(text: str) -> str:
    """A text of ours with names of other modules as a person writes them.

    >>> shown("list[Item__in__shop__model]")
    'list[shop.model.Item]'
    """
    return re.sub(
        rf"(\w+?){OF}(\w+)", lambda m: f"{m[2].replace('__', '.')}.{m[1]}", text, flags=re.ASCII
    )


@dataclass
class ClassFacts:
    """``methods``: the plain ones that it has, ``homes``: the classes that they stand in.

    ``name`` is the unit's. ``properties``: what reads them; ``setters``: what stores to them. ``values``: what its body binds to
    anything but a literal, with the class where that stands. ``base``: the plain class that it derives from, or empty. ``names``: all that is bound in its body
    and in those of its bases. ``frozen``: nothing may be stored once ``__init__`` has run; ``written``:
    that is the one of ``dataclass``, which makes some defaults anew. ``abstract``: of ``ABCMeta``, which
    decides what an instance of it is. ``statics``: static methods. ``shared``: class methods. ``fields``: of a simple dataclass, each
    with the text of its default. ``wrote``: what ``dataclass`` wrote to compare instances of just this class.
    """

    name: str
    methods: dict[str, ast.FunctionDef] = field(default_factory=dict)
    properties: dict[str, ast.FunctionDef] = field(default_factory=dict)
    setters: dict[str, ast.FunctionDef] = field(default_factory=dict)
    constants: dict[str, int | float | str | bool] = field(default_factory=dict)
    values: dict[str, tuple[str, ast.expr]] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)
    base: str = ""
    statics: dict[str, ast.FunctionDef] = field(default_factory=dict)
    shared: dict[str, ast.FunctionDef] = field(default_factory=dict)
    fields: dict[str, str] | None = None
    names: set[str] = field(default_factory=set)
    frozen: bool = False
    written: bool = False
    wrote: set[str] = field(default_factory=set)
    abstract: bool = False
    node: ast.ClassDef | None = None

    @property
    def functions(self) -> dict[str, ast.FunctionDef]:
        """All that stands in its body by ``def`` and is called, or read as a property."""
        return {**self.methods, **self.properties, **self.statics, **self.shared}

    def spelled(self, attribute: str, inside: str) -> str:
        """The attribute's name as it is, where the text stands in the class ``inside``."""
        return mangled(attribute, inside.partition(OF)[0]) if inside else attribute
