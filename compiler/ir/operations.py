"""What a node does: one final dataclass for each kind. Fields are printed by their names.

No operation inherits from another: what they share is repeated, so that each reads on its own.
"""

from dataclasses import dataclass
from typing import ClassVar, final


@final
@dataclass(frozen=True, slots=True)
class Module:
    """The whole module; the node that holds all others."""

    kind: ClassVar[str] = "module"


@final
@dataclass(frozen=True, slots=True)
class Function:
    """A ``def`` or ``lambda``. ``form``: function, generator, coroutine, asyncgen, lambda."""

    kind: ClassVar[str] = "function"
    form: str
    parameters: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Class:
    """A class statement; ``bases`` are their names, ``?`` where a base is no dotted name."""

    kind: ClassVar[str] = "class"
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Loop:
    """A loop statement. ``form``: for, async-for, while."""

    kind: ClassVar[str] = "loop"
    form: str


@final
@dataclass(frozen=True, slots=True)
class Comprehension:
    """``form``: list, set, dict, generator; ``levels`` is the number of its ``for`` clauses."""

    kind: ClassVar[str] = "comprehension"
    form: str
    levels: int = 1


@final
@dataclass(frozen=True, slots=True)
class Call:
    """A call. ``callee`` is the dotted name that is called, ``?`` where it is an expression.

    ``spread``: some arguments come with ``*`` or ``**``.
    """

    kind: ClassVar[str] = "call"
    callee: str
    positional: int = 0
    keywords: tuple[str, ...] = ()
    spread: bool = False


@final
@dataclass(frozen=True, slots=True)
class Assign:
    """Binds or stores. ``form``: plain, annotated, augmented; ``stores`` are targets like ``x.a``."""

    kind: ClassVar[str] = "assign"
    form: str
    stores: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Import:
    """An import statement; ``modules`` as written, with their dots."""

    kind: ClassVar[str] = "import"
    modules: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class Block:
    """A compound statement that is no loop. ``form``: if, try, with, async-with, match."""

    kind: ClassVar[str] = "block"
    form: str


@final
@dataclass(frozen=True, slots=True)
class Statement:
    """A simple statement by its word: return, raise, assert, delete, expression, pass, and so on."""

    kind: ClassVar[str] = "statement"
    word: str


@final
@dataclass(frozen=True, slots=True)
class Opaque:
    """A construct that is not treated; it keeps its reads and writes. ``what`` names it."""

    kind: ClassVar[str] = "opaque"
    what: str


Operation = (
    Module
    | Function
    | Class
    | Loop
    | Comprehension
    | Call
    | Assign
    | Import
    | Block
    | Statement
    | Opaque
)
OPERATIONS: dict[str, type[Operation]] = {
    op.kind: op
    for op in (
        Module,
        Function,
        Class,
        Loop,
        Comprehension,
        Call,
        Assign,
        Import,
        Block,
        Statement,
        Opaque,
    )
}
EXPRESSIONS = (Comprehension, Call)
