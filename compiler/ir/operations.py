"""What a node does: one final dataclass for each kind. Fields are printed by their names.

No operation inherits from another: what they share is repeated, so that each reads on its own.
``effects`` are what the operation by itself may do, besides what the nodes inside it do:

* ``binds``: names get new values;
* ``mutates``: an object that others may hold is changed;
* ``jumps``: what stands after it may not be next;
* ``raises``: it may raise;
* ``runs``: it may run any code of the program (a call, an overloaded operator, an import).

What is not listed does not happen. ``value``: the node around it may use its value.
``docs/ico.md`` has a table made from this file, and a test that compares them.
"""

from dataclasses import dataclass
from typing import ClassVar, final


@final
@dataclass(frozen=True, slots=True)
class Module:
    """The whole module; the node that holds all others."""

    kind: ClassVar[str] = "module"
    effects: ClassVar[tuple[str, ...]] = ()
    value: ClassVar[bool] = False


@final
@dataclass(frozen=True, slots=True)
class Function:
    """A ``def`` or ``lambda``: reads what its decorators, defaults and annotations mention.

    ``form``: def, generator, coroutine, asyncgen, lambda. It writes its name where it stands,
    and its parameters in its own scope; the nodes inside it run when it is called. A parameter that
    gathers others has its star or stars.
    """

    kind: ClassVar[str] = "function"
    effects: ClassVar[tuple[str, ...]] = ("binds", "raises", "runs")
    value: ClassVar[bool] = True
    form: str
    parameters: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Class:
    """A class statement; ``bases`` are their names, ``?`` where a base is no dotted name.

    ``keywords`` are those behind the bases (``metaclass``), ``?`` for ``**more``.
    """

    kind: ClassVar[str] = "class"
    effects: ClassVar[tuple[str, ...]] = ("binds", "raises", "runs")
    value: ClassVar[bool] = False
    bases: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Loop:
    """A loop statement: reads its test or iterable, writes its targets.

    ``form``: for, async-for, while. What runs when it ends is a branch inside it, form else.
    ``stores``: as an assignment's.
    """

    kind: ClassVar[str] = "loop"
    effects: ClassVar[tuple[str, ...]] = ("binds", "raises", "runs", "mutates")
    value: ClassVar[bool] = False
    form: str
    stores: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Comprehension:
    """``form``: list, set, dict, generator; ``levels`` is the number of its ``for`` clauses.

    It writes its targets, which only the nodes inside it see. ``stores``: as an assignment's.
    """

    kind: ClassVar[str] = "comprehension"
    effects: ClassVar[tuple[str, ...]] = ("binds", "raises", "runs", "mutates")
    value: ClassVar[bool] = True
    form: str
    levels: int = 1
    stores: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Branch:
    """What may run or not, with what decides that.

    ``form``: if, match; and, as arms inside them, loops and tries: elif, else, case, except,
    except-star, finally. A case writes the names of its pattern, an except its ``as`` name.
    """

    kind: ClassVar[str] = "branch"
    effects: ClassVar[tuple[str, ...]] = ("binds", "raises", "runs")
    value: ClassVar[bool] = False
    form: str


@final
@dataclass(frozen=True, slots=True)
class Try:
    """A ``try``: its body, then its arms. What follows an arm may follow any step of the body."""

    kind: ClassVar[str] = "try"
    effects: ClassVar[tuple[str, ...]] = ()
    value: ClassVar[bool] = False


@final
@dataclass(frozen=True, slots=True)
class With:
    """``form``: with, async-with. Its managers may swallow an error of any step of its body.

    ``stores``: as an assignment's.
    """

    kind: ClassVar[str] = "with"
    effects: ClassVar[tuple[str, ...]] = ("binds", "raises", "runs", "mutates", "jumps")
    value: ClassVar[bool] = False
    form: str
    stores: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Call:
    """A call. ``callee`` is the dotted name that is called, ``?`` where it is an expression.

    ``positional`` is the number of plain arguments; ``spread``: some come with ``*`` or ``**``.
    An edge ``()`` comes from each function that it may run, where those are known, and from the class
    that it makes an instance of, or from the import that binds what it calls.
    """

    kind: ClassVar[str] = "call"
    effects: ClassVar[tuple[str, ...]] = ("raises", "runs", "mutates")
    value: ClassVar[bool] = True
    callee: str
    positional: int = 0
    keywords: tuple[str, ...] = ()
    spread: bool = False


@final
@dataclass(frozen=True, slots=True)
class Container:
    """An operation on a container.

    ``form``: get (``x[k]``), put (``x[k] = v``), drop (``del x[k]``), has (``k in x``), and the
    displays list, tuple, set, dict. ``of`` is the dotted name of the container, ``?`` for an
    expression, nothing for a display. Tuples of constants are constants and have no node.
    """

    kind: ClassVar[str] = "container"
    effects: ClassVar[tuple[str, ...]] = ("raises", "runs", "mutates")
    value: ClassVar[bool] = True
    form: str
    of: str = ""


@final
@dataclass(frozen=True, slots=True)
class Assign:
    """Binds or stores. ``form``: plain, annotated, augmented, walrus.

    ``stores`` are the targets that are attributes or items, ``x.a`` and ``x[]``; the names it binds
    are its writes.
    """

    kind: ClassVar[str] = "assign"
    effects: ClassVar[tuple[str, ...]] = ("binds", "raises", "runs", "mutates")
    value: ClassVar[bool] = True
    form: str
    stores: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Import:
    """An import statement; ``modules`` as written, with their dots.

    ``names`` are what ``from`` takes of its module: ``a``, or ``a=b`` for ``a as b``.
    """

    kind: ClassVar[str] = "import"
    effects: ClassVar[tuple[str, ...]] = ("binds", "raises", "runs")
    value: ClassVar[bool] = False
    modules: tuple[str, ...]
    names: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True)
class Statement:
    """A simple statement by its word.

    Words: return, raise, assert, delete, expression, pass, break, continue, global, nonlocal, type.
    """

    kind: ClassVar[str] = "statement"
    effects: ClassVar[tuple[str, ...]] = ("binds", "raises", "runs", "jumps")
    value: ClassVar[bool] = False
    word: str


@final
@dataclass(frozen=True, slots=True)
class Opaque:
    """A construct that is not treated; it keeps its reads and writes. ``what`` names it.

    A star import is one: it writes ``*``, which may be any name.
    """

    kind: ClassVar[str] = "opaque"
    effects: ClassVar[tuple[str, ...]] = ("binds", "raises", "runs", "mutates", "jumps")
    value: ClassVar[bool] = True
    what: str


@final
@dataclass(frozen=True, slots=True)
class Join:
    """Where the many definitions of one name meet, inside the node of the scope that they are in.

    A use that more than 16 definitions may reach has its edge from here. It says that any definition
    of the name in the scope may, in whatever order. It has no place in the source: its span is empty.
    """

    kind: ClassVar[str] = "join"
    effects: ClassVar[tuple[str, ...]] = ()
    value: ClassVar[bool] = False


Operation = (
    Module
    | Function
    | Class
    | Loop
    | Comprehension
    | Branch
    | Try
    | With
    | Call
    | Container
    | Assign
    | Import
    | Statement
    | Opaque
    | Join
)
OPERATIONS: dict[str, type[Operation]] = {
    op.kind: op
    for op in (
        Module,
        Function,
        Class,
        Loop,
        Comprehension,
        Branch,
        Try,
        With,
        Call,
        Container,
        Assign,
        Import,
        Statement,
        Opaque,
        Join,
    )
}
