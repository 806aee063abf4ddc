"""What a function's source says of its parameters where no annotation does.

Each parameter gets annotations with scores: from the operations and methods used on it, what it is
compared with, the functions it is passed to, what is done with its elements, and, least, its name.
After Xu et al., "Python probabilistic type inference with natural language support" (FSE 2016): no
hint decides alone, and calling the function tells which combination it takes (`invent`).
"""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Scores = defaultdict[str, float]
Denotes = Callable[[ast.expr], bool]
Lookup = Callable[[str], FunctionNode | None]

DEPTH = 2
BUILTINS = (str, list, dict, set, bytes, int, float, tuple)
PLAIN = frozenset({kind.__name__ for kind in BUILTINS} | {"bool", "bytearray", "memoryview"})
CONTAINERS = frozenset({"list", "tuple", "set", "dict", "Iterator"})

OF_CLASSES = frozenset(["__mro__", "__bases__", "__base__", "__subclasses__", "mro"])
"""Attributes that classes have and their instances do not."""

PASSED: dict[str, Mapping[str, float]] = {
    name: kinds
    for names, kinds in (
        ("range chr bin hex oct gcd lcm isqrt factorial comb perm", {"int": 4.0}),
        (
            "sorted sum min max tuple iter enumerate any all fsum chain",
            {"list": 2, "tuple": 0.4, "str": 0.1},
        ),
        ("list set frozenset Counter deque", {"list": 2, "tuple": 0.4, "str": 0.5}),
        ("islice zip groupby pairwise accumulate from_iterable", {"list": 2}),
        ("abs round divmod pow", {"int": 2, "float": 1.5}),
        ("sqrt sin cos tan exp log log2 log10 atan2 hypot fabs isnan", {"float": 2, "int": 1.5}),
        ("floor ceil trunc isinf isclose", {"float": 2.5, "int": 1}),
        ("len", {"list": 1.2, "str": 0.8, "dict": 0.3}),
        ("reversed", {"list": 2, "str": 0.4}),
        ("next", {"Iterator": 4}),
        ("ord", {"str": 3}),
        ("int", {"str": 1, "int": 1, "float": 0.7}),
        ("float", {"int": 1, "float": 1, "str": 0.7}),
        ("dict", {"dict": 2}),
        ("callable", {"Callable": 2}),
        ("index", {"int": 2}),
        ("memoryview", {"Buffer": 3}),
        ("b2a_base64 b2a_hex b2a_uu b2a_qp hexlify crc32 adler32 crc_hqx", {"Buffer": 3}),
        ("id type", {"object": 1}),
        ("repr str", {"object": 0.4}),
    )
    for name in names.split()
}
"""By the last name of a callable: what its first arguments are likely to be."""

NAMES: tuple[tuple[str, dict[str, float]], ...] = (
    (r"n|m|i|j|count|num|number|size|len|length|width|height|depth|level|index|idx|pos|start|stop|end|step|limit|offset|times|year|month|day|digits?|bits?|base|lo|hi|low|high|left|right|total|amount|max_?\w*|min_?\w*|n_?\w+|num_\w+|\w+_(count|size|len|length|index|width|num)", {"int": 1}),
    (r"s|st|str|string|text|txt|word|line|name|title|msg|message|prefix|suffix|sep|delimiter|char|ch|c|sql|source|src|pattern|label|token|value|path|filename|fname|url|encoding|fmt|format|html|expr|string\d|\w+_(name|text|string|str|path)", {"str": 1}),
    (r"xs|ys|items?|seq|sequence|lst|list|l|arr|array|a|nums|numbers|vals|values|elements|elems|iterables?|it|data|collection|rows|points|pairs|tokens|args|population|weights|scores|coeffs?|nodes|edges|queue|stack|heap|\w+s", {"list[int]": 0.6, "list[str]": 0.4}),
    (r"words|lines|names|strings|texts|tokens|parts|keys|labels|columns|fields|chars|args", {"list[str]": 1}),
    (r"d|dct|dict|dic|mapping|map|table|counts|counter|params|kwargs|config|options|lookup|memo|cache|env", {"dict[str, int]": 1}),
    (r"graph|g|adj|adjacency", {"dict[int, list[int]]": 0.8}),
    (r"f|fn|func|function|key|pred|predicate|cb|callback|op|keyfunc|\w*func|key_\w+", {"Callable": 1}),
    (r"x|y|z|a|b|p|q|r|t|v|w|alpha|beta|theta|val|value|radius|price|rate|ratio|factor|scale|angle|mean|mu|sigma|lat|lon|lng|tol|eps|delta", {"int": 0.6, "float": 0.6}),
    (r"matrix|mat|grid|board|maze|image|mtx", {"list[list[int]]": 1}),
    (r"points|pairs|edges|intervals|coords|ranges", {"list[tuple[int, int]]": 1}),
    (r"point|pair|interval|coord", {"tuple[int, int]": 1}),
    (r"is_\w+|has_\w+|use_\w+|strict|reverse|reversed|verbose|inclusive|flag|ascending|descending|strip|ignore\w*|case_\w+|allow\w*|keep\w*|recursive|normalize\w*", {"bool": 1}),
    (r"b|buf|buffer|bs|bytes|raw|payload|blob", {"bytes": 0.8}),
    (r"file|fp|fh|stream|fileobj|infile|handle", {"TextIO": 1}),
)  # fmt: skip
"""By the whole name, underscores in front left out: what a parameter so called tends to be."""


@dataclass(slots=True)
class Hints:
    """What was found out about one value: scores of plain types, and what its elements are."""

    scores: Scores = field(default_factory=lambda: defaultdict(float))
    names: set[str] = field(default_factory=set)
    pairs: list[list[str]] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)

    def add(self, more: Mapping[str, float], factor: float = 1.0) -> None:
        """Add to the scores."""
        for kind, score in more.items():
            self.scores[kind] += score * factor


def guesses(function: FunctionNode, lookup: Lookup) -> dict[str, list[tuple[str, float]]]:
    """For every named parameter, annotations as text with scores, the likeliest first.

    ``lookup`` gives the definition of a function that is called by a plain name, or None. An entry
    ``"<a,b>"`` is an object that has these attributes; ``"<=a,b>"`` one of a class of the module's own,
    where some builtin types have them too.
    """
    arguments = function.args
    found = {}
    for parameter in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        name = parameter.arg
        scores = _annotations(function, _named({name}), lookup, DEPTH)
        for pattern, kinds in NAMES:
            if re.fullmatch(pattern, name.strip("_").lower()):
                for kind, score in kinds.items():
                    scores[kind] += score
        found[name] = _ranked(scores)
    return found


def guessed(function: FunctionNode, name: str) -> list[tuple[str, float]]:
    """Annotations with scores, as of `guesses`, for any one name that a function uses."""
    return _ranked(_annotations(function, _named({name}), lambda _: None, DEPTH + 1))


def _ranked(scores: Scores) -> list[tuple[str, float]]:
    return sorted(scores.items(), key=lambda item: -item[1])


def _named(names: set[str]) -> Denotes:
    return lambda node: isinstance(node, ast.Name) and node.id in names


def _annotations(function: FunctionNode, denotes: Denotes, lookup: Lookup, depth: int) -> Scores:
    """Scores of whole annotations for the value that ``denotes`` recognises."""
    hints = _look(function, denotes, lookup, depth)
    scores: Scores = defaultdict(float)
    for kind, score in hints.scores.items():
        if kind not in CONTAINERS:
            scores[kind] += score
            continue
        for inside, share in _inside(function, denotes, hints, kind, lookup, depth):
            scores[f"{kind}[{inside}]"] += score * share
    asked = ",".join(sorted(hints.attributes))
    unknown = {a for a in hints.attributes if not any(hasattr(t, a) for t in BUILTINS)}
    if unknown:
        scores[f"<{asked}>"] += 5
    elif not all(hasattr(object, a) for a in hints.attributes):
        scores[f"<={asked}>"] += 2
    return scores


def _inside(
    function: FunctionNode, denotes: Denotes, hints: Hints, kind: str, lookup: Lookup, depth: int
) -> list[tuple[str, float]]:
    """What may be written between the brackets of a container, with shares that add up to 1."""
    atoms = [("int", 0.55), ("str", 0.45)]
    best = atoms
    if depth > 0:
        element = _annotations(function, _element(denotes, hints.names), lookup, depth - 1)
        for targets in hints.pairs:
            parts = [_annotations(function, _named({t}), lookup, depth - 1) for t in targets]
            tops = [_ranked(p)[0][0] if p else "int" for p in parts]
            element[f"tuple[{', '.join(tops)}]"] += 4
        element.pop("None", None)
        top = [(k, s) for k, s in _ranked(element)[:3] if s >= 0.5 and not k.startswith("<")]
        total = sum(score for _, score in top)
        best = [(k, s / total) for k, s in top] or atoms
    if kind == "tuple":
        return [(f"{inside}, ...", share) for inside, share in best]
    if kind == "dict":
        keys = [(k, s) for k, s in best if k in ("int", "str")] or [("str", 0.6), ("int", 0.4)]
        values = best if depth > 0 and best is not atoms else [("int", 0.7), ("str", 0.3)]
        rows = [(f"{k}, {v}", a * b) for k, a in keys for v, b in values]
        total = sum(share for _, share in rows)
        return [(row, share / total) for row, share in rows]
    if kind == "set":
        return [(k, s) for k, s in best if "[" not in k or k.startswith("tuple")] or atoms
    return best


def _element(denotes: Denotes, names: set[str]) -> Denotes:
    def is_element(node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id in names
        if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
            return denotes(node.value)
        return False

    return is_element


def _look(function: FunctionNode, denotes: Denotes, lookup: Lookup, depth: int) -> Hints:
    """Walk the function once for one value."""
    hints = Hints()
    aliases: set[str] = set()
    for node in ast.walk(function):  # an assignment of the very value gives it another name
        if isinstance(node, ast.Assign) and denotes(_unwrapped(node.value)):
            aliases |= {t.id for t in node.targets if isinstance(t, ast.Name)}

    def is_it(node: ast.expr) -> bool:
        return denotes(node) or (isinstance(node, ast.Name) and node.id in aliases)

    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=value, attr=name) if is_it(value):
                _attribute(hints, name)
            case ast.Call():
                _call(hints, node, is_it, lookup, depth)
            case ast.Subscript(value=value, slice=index) if is_it(value):
                _subscript(hints, node, index)
            case ast.Subscript(slice=index) if is_it(index):
                hints.add({"int": 1, "str": 0.4})
            case (
                ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source)
            ):
                _iteration(hints, target, source, is_it)
            case ast.BinOp(left=left, op=op, right=right) if is_it(left) or is_it(right):
                _arithmetic(hints, op, right if is_it(left) else left)
            case ast.AugAssign(target=left, op=op, value=right) if is_it(left) or is_it(right):
                _arithmetic(hints, op, right if is_it(left) else left)
            case ast.Compare():
                _comparison(hints, node, is_it)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand) if is_it(operand):
                hints.add({"int": 2, "float": 1.5})
            case ast.UnaryOp(op=ast.Invert(), operand=operand) if is_it(operand):
                hints.add({"int": 3})
            case ast.Starred(value=value) | ast.YieldFrom(value=value) if is_it(value):
                hints.add({"list": 2})
            case ast.Assign(targets=[ast.Tuple(elts=elts)], value=value) if is_it(value):
                _tuple(hints, [_item(function, item, lookup, depth) for item in elts])
            case ast.Assign(targets=targets, value=ast.Tuple(elts=elts)) if any(
                map(is_it, targets)
            ):
                _tuple(hints, [_item(function, item, lookup, depth) for item in elts])
            case ast.BoolOp(values=values) if any(map(is_it, values)):
                hints.add({"None": 1})
            case ast.UnaryOp(op=ast.Not(), operand=operand) if is_it(operand):
                hints.add({"None": 1})
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) if is_it(test):
                hints.add({"bool": 0.4, "list": 0.2})
    return hints


def _tuple(hints: Hints, inside: list[str]) -> None:
    hints.add({f"tuple[{', '.join(inside)}]": 3})


def _item(function: FunctionNode, item: ast.expr, lookup: Lookup, depth: int) -> str:
    """What an item of a tuple is likely to be that the function stores, or takes apart."""
    if isinstance(item, ast.Constant) and item.value is not Ellipsis:
        return "None" if item.value is None else type(item.value).__name__
    if isinstance(item, ast.JoinedStr):
        return "str"
    if not isinstance(item, ast.Name) or depth == 0:
        return "int"
    scores = _annotations(function, _named({item.id}), lookup, depth - 1)
    likely = [kind for kind, _ in _ranked(scores) if kind[0] != "<" and kind != "None"]
    return likely[0] if likely else "int"


def _unwrapped(node: ast.expr) -> ast.expr:
    """``p`` for ``list(p)``, ``iter(p)``, ``tuple(p)``, ``sorted(p)``: the same elements."""
    match node:
        case ast.Call(
            func=ast.Name(id="list" | "tuple" | "iter" | "sorted" | "reversed" | "peekable"),
            args=[same],
        ):
            return same
    return node


def _attribute(hints: Hints, name: str) -> None:
    if name in OF_CLASSES:
        hints.add({"type": 4})
        return
    hints.attributes.add(name)
    having = [kind.__name__ for kind in BUILTINS if hasattr(kind, name)]
    for kind in having:
        weight = 4.0 / len(having)
        hints.add({kind: weight * (0.4 if kind in ("bytes", "tuple") else 1.0)})
    if name in ("read", "readline", "readlines", "write", "seek"):
        hints.add({"TextIO": 4, "BytesIO": 3})


def _call(hints: Hints, node: ast.Call, is_it: Denotes, lookup: Lookup, depth: int) -> None:
    if is_it(node.func):
        hints.add({f"Callable[[{', '.join(['int'] * len(node.args))}], int]": 4})
    if any(keyword.arg is None and is_it(keyword.value) for keyword in node.keywords):
        hints.add({"dict[str, int]": 3})
    func = node.func
    name = getattr(func, "id", "") or getattr(func, "attr", "")
    for position, argument in enumerate(node.args):
        if not is_it(argument):
            continue
        if name == "isinstance" and position == 0 and len(node.args) == 2:
            _isinstance(hints, node.args[1])
        elif name in ("getattr", "hasattr") and position == 0:
            _asked_for(hints, node.args[1:])
        elif name == "join" and isinstance(func, ast.Attribute):
            hints.add({"list[str]": 4})
        elif name in ("map", "filter", "reduce"):
            hints.add({"Callable": 3} if position == 0 else {"list": 2})
        elif name in ("match", "search", "findall", "sub", "split", "fullmatch", "finditer"):
            hints.add({"str": 2})
        elif name in PASSED:
            hints.add(PASSED[name])
        elif depth > 0 and isinstance(func, ast.Name):
            _passed_on(hints, lookup(func.id), position, lookup, depth)
        elif isinstance(func, ast.Attribute):
            if name in ("append", "add", "get", "remove", "index", "count", "discard"):
                hints.add({"int": 0.6, "str": 0.5})
            elif name in ("extend", "update"):
                hints.add({"list": 1.5})
            elif name in ("startswith", "endswith", "strip", "replace", "find"):
                hints.add({"str": 2})


def _passed_on(
    hints: Hints, callee: FunctionNode | None, position: int, lookup: Lookup, depth: int
) -> None:
    """The parameter of a function of the same module that the value is passed to."""
    if callee is None:
        return
    parameters = [*callee.args.posonlyargs, *callee.args.args]
    if position < len(parameters):
        annotation = parameters[position].annotation
        if annotation is not None:
            hints.add({ast.unparse(annotation): 4})
            return
        inner = _annotations(callee, _named({parameters[position].arg}), lookup, depth - 1)
        hints.add(dict(inner), 0.8)


def _asked_for(hints: Hints, names: list[ast.expr]) -> None:
    """An attribute that the value may have."""
    for one in names[:1]:
        name = one.value if isinstance(one, ast.Constant) else None
        if isinstance(name, str) and not hasattr(object, name):
            hints.add({f"<{name}>": 0.8})


def _isinstance(hints: Hints, classes: ast.expr) -> None:
    for one in classes.elts if isinstance(classes, ast.Tuple) else [classes]:
        name = getattr(one, "id", "") or getattr(one, "attr", "")
        plain = {"Mapping": "dict", "Iterable": "list", "Sequence": "list", "Number": "int"}
        kind = plain.get(name, name)
        if kind in PLAIN:
            hints.add({kind: 2, "str" if kind == "int" else "int": 0.6})  # it may be something else
        elif kind and kind != "object":
            hints.add({ast.unparse(one): 2})


def _subscript(hints: Hints, node: ast.Subscript, index: ast.expr) -> None:
    changed = isinstance(node.ctx, (ast.Store, ast.Del))
    if isinstance(index, ast.Slice):
        hints.add({"list": 2} if changed else {"list": 2, "str": 1.5})
    elif isinstance(index, ast.Constant) and isinstance(index.value, str):
        hints.add({f"dict[str, {'list[int]' if changed else 'int'}]": 3})
    elif isinstance(index, (ast.Constant, ast.UnaryOp, ast.BinOp)):
        hints.add({"list": 2} if changed else {"list": 2, "str": 0.6, "tuple": 0.6})
    else:
        hints.add({"list": 1.5, "dict": 1} if changed else {"list": 1.5, "dict": 0.7, "str": 0.4})


def _iteration(hints: Hints, target: ast.expr, source: ast.expr, is_it: Denotes) -> None:
    """``for target in source``, where the source is the value, or a view of it."""
    targets: list[ast.expr] = []
    source = _unwrapped(source)
    if is_it(source) or (isinstance(source, ast.Subscript) and is_it(source.value)):
        targets = [target]
        hints.add({"list": 2.5, "str": 0.3, "set": 0.2})
    elif isinstance(source, ast.Call):
        name = getattr(source.func, "id", "") or getattr(source.func, "attr", "")
        elts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
        if name == "enumerate" and source.args and is_it(source.args[0]):
            targets = elts[1:]
        elif name in ("zip", "zip_longest", "product"):
            pairs = zip(source.args, elts, strict=False)
            targets = [t for argument, t in pairs if is_it(argument)]
    for one in targets:
        if isinstance(one, ast.Name):
            hints.names.add(one.id)
        elif isinstance(one, (ast.Tuple, ast.List)):
            hints.pairs.append([getattr(e, "id", "") for e in one.elts])


def _arithmetic(hints: Hints, op: ast.operator, other: ast.expr) -> None:
    constant = other.value if isinstance(other, ast.Constant) else None
    if isinstance(constant, str):
        hints.add({"str": 4})
    elif isinstance(constant, bytes):
        hints.add({"bytes": 4})
    elif isinstance(other, ast.JoinedStr):
        hints.add({"str": 4})
    elif isinstance(other, (ast.List, ast.ListComp)):
        hints.add({"list": 3})
    elif isinstance(op, (ast.LShift, ast.RShift, ast.BitAnd, ast.BitOr, ast.BitXor)):
        hints.add({"int": 2, "set": 0.3})
    elif isinstance(op, ast.FloorDiv | ast.Mod):
        hints.add({"int": 2.5, "float": 0.3})
    elif isinstance(constant, (int, float)):
        hints.add({"int": 3, "float": 1.5})
    elif isinstance(op, ast.Add):
        hints.add({"int": 1.2, "float": 0.6, "str": 0.4, "list": 0.3})
    else:
        hints.add({"int": 2, "float": 1.2})


def _part_compared(hints: Hints, part: ast.Subscript, other: ast.expr) -> None:
    """A slice of the value is held against text or bytes, or one item is looked for in bytes."""
    several = isinstance(other, (ast.Tuple, ast.List, ast.Set))
    for one in other.elts if isinstance(other, (ast.Tuple, ast.List, ast.Set)) else [other]:
        kind = type(one.value).__name__ if isinstance(one, ast.Constant) else ""
        if kind == "bytes" and (several or not isinstance(part.slice, ast.Slice)):
            hints.add({"bytes": 4})
        elif kind in ("str", "bytes") and isinstance(part.slice, ast.Slice):
            hints.add({kind: 4})


def _comparison(hints: Hints, node: ast.Compare, is_it: Denotes) -> None:
    terms = [node.left, *node.comparators]
    for (left, right), op in zip(pairwise(terms), node.ops, strict=True):
        if isinstance(left, ast.Subscript) and is_it(left.value):
            _part_compared(hints, left, right)
        if is_it(right) and isinstance(op, (ast.In, ast.NotIn)):
            hints.add({"list": 1.2, "set": 1, "dict": 0.6, "str": 0.6})
            continue
        if not (is_it(left) or is_it(right)):
            continue
        other = right if is_it(left) else left
        value = other.value if isinstance(other, ast.Constant) else ()
        if value is None:
            hints.add({"None": 0.8})
        elif isinstance(value, bool):
            hints.add({"bool": 3})
        elif isinstance(value, str):
            hints.add({"str": 4})
        elif isinstance(value, (int, float)):
            hints.add({"int": 3, "float": 1} if isinstance(value, int) else {"float": 3, "int": 1})
        elif isinstance(op, (ast.In, ast.NotIn)):
            strings = isinstance(other, (ast.Tuple, ast.List, ast.Set)) and any(
                isinstance(e, ast.Constant) and isinstance(e.value, str) for e in other.elts
            )
            hints.add({"str": 3} if strings else {"int": 0.8, "str": 0.8})
        elif isinstance(op, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
            hints.add({"int": 1.5, "float": 0.8, "str": 0.2})
