"""Which top-level statements of a script are executed in a worker: imports, definitions, plain assignments."""

import ast
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


def keeps(statement: ast.stmt) -> bool:
    """Whether a top-level statement of a script is executed in a worker."""
    if isinstance(statement, Simple):
        return True
    if isinstance(statement, ast.Assign):
        return all(map(_plain_target, statement.targets)) and _calls_known(statement.value)
    if isinstance(statement, ast.AnnAssign):
        value = statement.value
        return _plain_target(statement.target) and (value is None or _calls_known(value))
    if isinstance(statement, ast.AugAssign):
        return _plain_target(statement.target) and _calls_known(statement.value)
    if isinstance(statement, ast.If):
        if "__name__" in {n.id for n in ast.walk(statement.test) if isinstance(n, ast.Name)}:
            return False
        inside = chain(statement.body, statement.orelse)
        return _calls_known(statement.test) and all(map(keeps, inside))
    if isinstance(statement, ast.Try):
        handlers = chain.from_iterable(h.body for h in statement.handlers)
        return all(
            map(keeps, chain(statement.body, handlers, statement.orelse, statement.finalbody))
        )
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or type(statement).__name__ == "TypeAlias"


def _plain_target(target: ast.expr) -> bool:
    if isinstance(target, (ast.Tuple, ast.List)):
        return all(map(_plain_target, target.elts))
    return isinstance(target, ast.Name)


def _calls_known(expression: ast.expr) -> bool:
    for node in ast.walk(expression):
        if isinstance(node, (ast.Await, ast.Yield, ast.YieldFrom)):
            return False
        if isinstance(node, ast.Call):
            f = node.func
            name = (
                f.id if isinstance(f, ast.Name) else f.attr if isinstance(f, ast.Attribute) else ""
            )
            if name not in KNOWN_CALLS:
                return False
    return True
