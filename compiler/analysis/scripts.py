"""Which top-level statements of a script are executed in a worker: imports, definitions, plain assignments.

And what its classes are given behind their bodies: ``Level.LOW = Level(0)``.
"""

import ast
from collections.abc import Collection, Iterator, Sequence
from itertools import chain

KNOWN_CALLS = frozenset(
    [
        "abs",
        "bool",
        "bytes",
        "bytearray",
        "chr",
        "complex",
        "dict",
        "divmod",
        "enumerate",
        "float",
        "frozenset",
        "hash",
        "hex",
        "int",
        "len",
        "list",
        "max",
        "min",
        "object",
        "ord",
        "pow",
        "range",
        "repr",
        "reversed",
        "round",
        "set",
        "slice",
        "sorted",
        "str",
        "sum",
        "tuple",
        "type",
        "zip",
        "map",
        "filter",
        "namedtuple",
        "defaultdict",
        "OrderedDict",
        "Counter",
        "deque",
        "Decimal",
        "Fraction",
        "compile",
        "TypeVar",
        "ParamSpec",
        "NewType",
        "NamedTuple",
        "TypedDict",
        "Enum",
        "IntEnum",
        "itemgetter",
        "attrgetter",
        "partial",
        "getLogger",
        "field",
        "timedelta",
        "timezone",
        "date",
        "datetime",
        "Path",
        "PurePath",
        "array",
        "UUID",
        "count",
        "ord",
        "join",
        "split",
        "strip",
        "format",
        "lower",
        "upper",
        "maketrans",
        "fromkeys",
        "replace",
        "encode",
        "keys",
        "values",
        "items",
    ]
)
"""Last names of callables that a kept assignment may call."""

Simple = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def executed(body: Sequence[ast.stmt]) -> Iterator[tuple[ast.stmt, bool]]:
    """The top-level statements of a script, each with whether it is executed in a worker."""
    classes = {s.name for s in body if isinstance(s, ast.ClassDef)}
    return ((statement, _keeps(statement, classes)) for statement in body)


def _keeps(statement: ast.stmt, classes: Collection[str]) -> bool:
    if isinstance(statement, Simple):
        return True
    if isinstance(statement, ast.Assign):
        return _gives(statement.targets, statement.value, classes)
    if isinstance(statement, ast.AnnAssign | ast.AugAssign):
        return _gives([statement.target], statement.value, classes)
    if isinstance(statement, ast.If):
        if "__name__" in {n.id for n in ast.walk(statement.test) if isinstance(n, ast.Name)}:
            return False
        inside = chain(statement.body, statement.orelse)
        return _calls_known(statement.test) and all(_keeps(s, classes) for s in inside)
    if isinstance(statement, ast.Try):
        handlers = chain.from_iterable(h.body for h in statement.handlers)
        inside = chain(statement.body, handlers, statement.orelse, statement.finalbody)
        return all(_keeps(s, classes) for s in inside)
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or type(statement).__name__ == "TypeAlias"


def _gives(targets: Sequence[ast.expr], value: ast.expr | None, classes: Collection[str]) -> bool:
    """Whether an assignment is executed. What classes are given may be instances of the script's own."""
    if all(_of_class(target, classes) for target in targets):
        return value is None or _calls_known(value, classes)
    return all(map(_plain_target, targets)) and (value is None or _calls_known(value))


def _of_class(target: ast.expr, classes: Collection[str]) -> bool:
    match target:
        case ast.Attribute(value=ast.Name(id=name)):
            return name in classes
    return False


def _plain_target(target: ast.expr) -> bool:
    if isinstance(target, (ast.Tuple, ast.List)):
        return all(map(_plain_target, target.elts))
    return isinstance(target, ast.Name)


def _calls_known(expression: ast.expr, classes: Collection[str] = ()) -> bool:
    for node in ast.walk(expression):
        if isinstance(node, (ast.Await, ast.Yield, ast.YieldFrom)):
            return False
        if isinstance(node, ast.Call):
            f = node.func
            if isinstance(f, ast.Name) and f.id in classes:
                continue
            name = (
                f.id if isinstance(f, ast.Name) else f.attr if isinstance(f, ast.Attribute) else ""
            )
            if name not in KNOWN_CALLS:
                return False
    return True
