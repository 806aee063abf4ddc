"""Makes calls for a function that nobody was seen calling: from what its source says of its inputs.

Parameters get values from their annotations, their defaults, and the doctest examples of the
function. Only literals are ever made, so nothing of the user's is imported or run here.
"""

import ast
import doctest
import pickle
import random
from collections.abc import Callable, Sequence
from typing import Any

from selfsame.runtime.shadow.amplify import FLOATS, STRS, Amplifier

Make = Callable[[random.Random], Any]
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
SIZES = (0, 1, 2, 3, 5, 10, 40, 150)
LETTERS = "abcdefgh eéß09-_"
LISTS = frozenset({"list", "List", "Sequence", "MutableSequence", "Iterable", "Collection"})
DICTS = frozenset({"dict", "Dict", "Mapping", "MutableMapping"})
SETS = frozenset({"set", "Set", "AbstractSet", "MutableSet"})


class CannotInvent(Exception):
    """There is a parameter of which the source says too little; the message names it."""


def invent(function: FunctionNode, seed: str, count: int) -> list[bytes]:
    """Up to ``count`` different payloads for calls of ``function``, in the form of captures.

    The function's own examples come first. Raises CannotInvent.
    """
    parameters, stars = _parameters(function)
    examples = _examples(function, [p.arg for p in parameters])
    makers = [_maker_of(p, _default(function, p), examples) for p in parameters]
    rng = random.Random(seed)
    rows: list[tuple[Any, ...]] = [tuple(e[p.arg] for p in parameters) for e in examples]
    rows += [tuple(make(rng) for make in makers) for _ in range(count)]
    found = dict.fromkeys(_payload(row + stars) for row in rows)
    amplifier = Amplifier(seed, list(found), (), near=False)
    for number in range(count if len(found) < count else 0):
        found[_payload(amplifier.make(number).parameters)] = None
    return list(found)[:count]


def _payload(parameters: tuple[Any, ...]) -> bytes:
    return pickle.dumps({"args": parameters, "globals": {}})


def _parameters(function: FunctionNode) -> tuple[list[ast.arg], tuple[Any, ...]]:
    """Named parameters in the order of ``co_varnames``, and empty values for ``*a`` and ``**k``."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    stars: tuple[Any, ...] = ((),) if arguments.vararg else ()
    return named, (*stars, {}) if arguments.kwarg else stars


def _default(function: FunctionNode, parameter: ast.arg) -> ast.expr | None:
    arguments = function.args
    regular = [*arguments.posonlyargs, *arguments.args]
    if parameter in regular:
        index = regular.index(parameter) - (len(regular) - len(arguments.defaults))
        return arguments.defaults[index] if index >= 0 else None
    return arguments.kw_defaults[arguments.kwonlyargs.index(parameter)]


def _examples(function: FunctionNode, names: list[str]) -> list[dict[str, Any]]:
    """Literal calls of the function in its doctest that give every parameter a value."""
    defaults: dict[str, Any] = {}
    for parameter in _parameters(function)[0]:
        default = _default(function, parameter)
        if default is not None:
            _literal_into(defaults, parameter.arg, default)
    found = []
    try:
        parsed = doctest.DocTestParser().get_examples(ast.get_docstring(function) or "")
    except ValueError:
        return []
    for example in parsed:
        try:
            tree = ast.parse(example.source)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function.name:
                values = dict(defaults)
                for name, value in zip(names, node.args, strict=False):
                    _literal_into(values, name, value)
                for keyword in node.keywords:
                    _literal_into(values, keyword.arg or "", keyword.value)
                if all(name in values for name in names):
                    found.append(values)
    return found


def _literal_into(values: dict[str, Any], name: str, node: ast.expr) -> None:
    try:
        values[name] = ast.literal_eval(node)
    except (ValueError, TypeError, MemoryError, RecursionError):
        values.pop(name, None)


def _maker_of(
    parameter: ast.arg, default: ast.expr | None, examples: Sequence[dict[str, Any]]
) -> Make:
    pool = [example[parameter.arg] for example in examples]
    if default is not None:
        known: dict[str, Any] = {}
        _literal_into(known, parameter.arg, default)
        pool += known.values()
    annotated = _maker(parameter.annotation)
    if annotated is not None:
        return lambda rng: rng.choice(pool) if pool and rng.random() < 0.2 else annotated(rng)
    if pool:
        return lambda rng: rng.choice(pool)
    raise CannotInvent(
        f"nothing says what {parameter.arg!r} may be: annotate it, or add a doctest example"
    )


def _maker(annotation: ast.expr | None) -> Make | None:
    """What makes values of an annotated type; None where the type is not one of plain data."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except SyntaxError:
            return None
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _one_of([annotation.left, annotation.right])
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return lambda rng: None
    inside: list[ast.expr] = []
    if isinstance(annotation, ast.Subscript):
        index = annotation.slice
        inside = list(index.elts) if isinstance(index, ast.Tuple) else [index]
        annotation = annotation.value
    name: str = getattr(annotation, "id", "") or getattr(annotation, "attr", "")
    if name in ATOMS:
        return ATOMS[name]
    if name in ("Optional", "Union"):
        return _one_of([*inside, ast.Constant(None)] if name == "Optional" else inside)
    return _container(name, inside)


def _one_of(choices: Sequence[ast.expr]) -> Make | None:
    makers = [make for make in map(_maker, choices) if make is not None]
    return (lambda rng: rng.choice(makers)(rng)) if len(makers) == len(choices) else None


def _container(name: str, inside: list[ast.expr]) -> Make | None:
    if name in ("tuple", "Tuple") and inside:
        if isinstance(inside[-1], ast.Constant) and inside[-1].value is Ellipsis:
            item = _maker(inside[0])
            return item and (lambda rng: tuple(_items(item, rng)))
        makers = [make for make in map(_maker, inside) if make is not None]
        whole = len(makers) == len(inside)
        return (lambda rng: tuple(make(rng) for make in makers)) if whole else None
    element = _maker(inside[0]) if inside else ATOMS["int"]
    if element is None:
        return None
    if name in LISTS:
        return lambda rng: _items(element, rng)
    if name in SETS:
        return lambda rng: set(_items(element, rng))
    if name == "frozenset":
        return lambda rng: frozenset(_items(element, rng))
    if name in DICTS:
        value = _maker(inside[1]) if len(inside) == 2 else ATOMS["int"]
        return value and (lambda rng: {k: value(rng) for k in _items(element, rng)})
    return None


def _items(make: Make, rng: random.Random) -> list[Any]:
    return [make(rng) for _ in range(rng.choice(SIZES))]


def _int(rng: random.Random) -> int:
    return rng.randint(-(10 ** rng.randint(0, 6)), 10 ** rng.randint(0, 6))


def _float(rng: random.Random) -> float:
    return rng.choice(FLOATS) if rng.random() < 0.05 else rng.uniform(-1000.0, 1000.0)


def _str(rng: random.Random) -> str:
    if rng.random() < 0.1:
        return rng.choice(STRS)
    return "".join(rng.choice(LETTERS) for _ in range(rng.choice(SIZES[:7])))


ATOMS: dict[str, Make] = {
    "int": _int,
    "float": _float,
    "complex": lambda rng: complex(_float(rng), _float(rng)),
    "str": _str,
    "bytes": lambda rng: _str(rng).encode(),
    "bool": lambda rng: rng.random() < 0.5,
    "Any": _int,
    "object": _int,
}
