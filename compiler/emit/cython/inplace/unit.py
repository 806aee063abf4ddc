"""A function with all that it calls, in rounds until its types are settled; and what Python sees of it."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from selfsame.compiler.emit.cython.helpers import DECLARATIONS
from selfsame.compiler.emit.cython.inplace.borrowed import held, held_of_libraries, still_there
from selfsame.compiler.emit.cython.inplace.class_facts import ClassFacts, shown
from selfsame.compiler.emit.cython.inplace.classes import first_line
from selfsame.compiler.emit.cython.inplace.homes import simple
from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    LAMBDA,
    NONE,
    UNBOXED,
    Kind,
    c_type,
    instance,
    named,
    parse_kind,
)
from selfsame.compiler.emit.cython.inplace.linking import Linked
from selfsame.compiler.emit.cython.inplace.outside import Outside
from selfsame.compiler.emit.cython.inplace.state import Known, Program, Value
from selfsame.compiler.emit.cython.inplace.statements import Statements
from selfsame.compiler.emit.cython.inplace.writing import is_collection, said
from selfsame.compiler.emit.cython.module_names import literal_guards
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.unit import Unit
from selfsame.compiler.rewrite.placeholders import own_lambda

MOST_ROUNDS = 40
_GIVEN = "given_"
_CHECKS = {
    "int": "int",
    "unsigned": "int",
    "float": "float",
    "bool": "bool",
    "str": "str",
    "list": "list",
}
_CHECKS |= {
    "bytes": "bytes",
    "bytearray": "bytearray",
    "dict": "dict",
    "set": "set",
    "frozenset": "frozenset",
    "tuple": "tuple",
    "row": "tuple",
}


@dataclass(frozen=True)
class Seen:
    """The observed types of parameters, of the attributes of classes, ``("Cart", "total")``, and of
    modules' data, ``("shop", "RATES")``.
    """

    parameters: Mapping[str, frozenset[str]]
    attributes: Mapping[tuple[str, str], frozenset[str]]
    data: Mapping[tuple[str, str], frozenset[str]]


@dataclass(frozen=True)
class Parameters:
    """``given``: all that the function has; ``taken``: those that the compiled one works with.

    ``standing``: the others, which are looked at, and what each of them is by default.
    """

    given: list[str]
    taken: list[str]
    standing: Mapping[str, str]


def print_in_place(
    function: ast.FunctionDef,
    linked: Linked,
    seen: Seen,
    receiver: str,
    entry: str,
    optimize: int,
) -> Unit:
    """The function on objects in place. Raises CannotPrint with reason and place.

    ``receiver``: the class that it is a method of, or empty. ``optimize``: as ``compile`` takes it.
    """

    def kind_of(types: frozenset[str]) -> Kind:
        return linked.with_named(parse_kind("|".join(sorted(types)), linked.class_called))

    attributes = {at: kind_of(types) for at, types in seen.attributes.items()}
    linked.seen |= {at: kind_of(types) for at, types in seen.data.items()}
    observed = bool(seen.parameters or attributes)
    program = Program(linked, attributes, optimize, observed)
    given = _parameters(function)
    freed = linked.freed(linked.own, function)
    standing = linked.standing[freed]
    function = linked.lifted(linked.own, freed)
    arguments = function.args
    taken = _parameters(function)
    kinds = []
    hints = {a.arg: a.annotation for a in ast.walk(arguments) if isinstance(a, ast.arg)}
    for name in taken:
        types, hint = seen.parameters.get(name), hints[name]
        if not types and hint is not None:
            types = frozenset({ast.unparse(hint)})
        kind = kind_of(types) if types else ANY
        if receiver and name == taken[0]:
            kind = _receivers(kind, receiver, function, linked)
        kinds.append(kind)
    of_named = bool(receiver) and linked.named_at(linked.own, receiver)
    if receiver and not of_named and receiver not in linked.classes:
        raise CannotPrint(f"is a method of {receiver}, which is no plain class", function)
    first = f"{receiver}__does__{function.name}" if receiver else function.name
    program.first = first
    inside = "" if of_named else receiver
    program.function(first, function, [Value(kind, "") for kind in kinds], inside, linked.own)
    _settle(program, first)
    if not any(f.loops for f in program.functions.values()) and not _recursive(program):
        raise CannotPrint("it has no loop: a call costs more than its steps", function)
    return _unit(program, program.functions[first], entry, Parameters(given, taken, standing))


def _parameters(function: ast.FunctionDef) -> list[str]:
    arguments = function.args
    return [a.arg for a in arguments.posonlyargs + arguments.args + arguments.kwonlyargs]


def _receivers(kind: Kind, cls: str, method: ast.FunctionDef, linked: Linked) -> Kind:
    """What ``self`` is: the classes that it was seen to be of, or where nothing was seen its own."""
    if linked.named_at(linked.own, cls) and kind in (ANY, named(cls)):
        return named(cls)
    if kind == ANY:
        return instance(cls)
    for seen in kind.cls.split("|") if kind.name == "instance" and not kind.none else [""]:
        while seen and seen != cls:
            seen = linked.classes[seen].base if seen in linked.classes else ""
        if not seen:
            raise CannotPrint(f"is a method of {cls}, called on {said(kind)}", method)
    return kind


def _settle(program: Program, first: str) -> None:
    for _ in range(MOST_ROUNDS):
        program.changed = program.owning.changed = False
        program.seed()
        for known in list(program.functions.values()):
            try:
                Statements(program, known).run()
            except CannotPrint as refused:
                if known.name == first:
                    raise
                program.hopeless[known.name] = refused
                del program.functions[known.name]
                program.changed = True
        if not (program.changed or program.owning.changed):
            if program.final:
                wanted = _reached(program, first, {first})
                program.functions = {n: k for n, k in program.functions.items() if n in wanted}
                return
            program.final = True
    raise CannotPrint("its types do not settle")


def _recursive(program: Program) -> bool:
    return any(name in _reached(program, name, set()) for name in program.functions)


def _reached(program: Program, start: str, met: set[str]) -> set[str]:
    """The functions that one calls, directly or not."""
    for callee in program.functions[start].calls - met:
        met.add(callee)
        _reached(program, callee, met)
    return met


def _unit(program: Program, first: Known, entry: str, parameters: Parameters) -> Unit:
    taken = parameters.taken
    for kind in first.parameters:
        if kind.name == "instance":
            program.used_classes |= set(kind.cls.split("|"))
        if kind.name == "named":
            program.use_named(kind.cls)
        if kind.name == "member":
            program.use_enum(kind.cls)
        if kind.name == "own_list":
            program.use_list(kind.cls)
    if program.makers and first.name in _reached(program, first.name, set()):
        raise CannotPrint("makes defaultdicts of a lambda, and calls itself", first.node)
    outside = Outside(program)
    if set(outside.own) & set(parameters.given):
        raise CannotPrint("has a parameter that is called like a global that it needs", first.node)
    guards = [shown(guard) for guard in _guards(program, first, taken, "")] + outside.told
    guards += [f"{name} is {what}" for name, what in sorted(parameters.standing.items())]
    classes = outside.classes
    lines = [f"cdef object sf_g_{t} = None" for t in sorted(program.tables)]
    lines += [f"cdef object sf_g_{c}__at__{m} = None" for c, m in sorted(program.members)]
    lines += [f"cdef object sf_m_{m} = __import__('math').{m}" for m in sorted(program.called_math)]
    tools = sorted(program.called_itertools)
    lines += [f"cdef object sf_i_{t} = __import__('itertools').{t}" for t in tools]
    compiled = [f"__import__('re').compile({text!a})" for text in program.patterns]
    lines += [f"cdef object sf_r_{at} = {text}" for at, text in enumerate(compiled)]
    lines += held_of_libraries(
        program.brought, {*parameters.standing.values(), *program.compared_with}
    )
    lines += [f"cdef object sf_d_{at} = None" for at in program.makers]
    lines += [f"cdef object {made.sentinel} = object()" for made in program.closures.values()]
    lines += [f"cdef sf_class sf_k_{c}" for c in classes]
    lines += [f"cdef sf_place sf_p_{len(c)}{c}_{a}" for c, a in sorted(program.places)]
    for cls in classes:
        lines += _look(program, cls)
    for known in program.functions.values():
        lines += ["", *known.lines]
    lines += ["", *_wrapper(program, first, entry, parameters, outside)]
    text = _own_names("\n".join(lines) + "\n", entry, program)
    used = {w for w in DECLARATIONS if w in text}
    if program.brought:
        program.used_builtins.add("__import__")
    types = dict(zip(taken, (said(k).partition(" ")[2] for k in first.parameters), strict=True))
    together = [shown(n).replace("__of__", " of ") for n in program.functions if n != first.name]
    return Unit(
        entry,
        text,
        frozenset(used),
        types,
        (*outside.given, *(own_lambda(maker) for maker, _ in program.makers.values())),
        tuple(guards),
        tuple(sorted(program.used_builtins)),
        tuple(sorted(program.used_math)),
        tuple(together),
        (*classes, *sorted(program.errors)),
        False,
        declined=tuple(sorted(line for home, line in program.declined if not home.key)),
        relied=outside.relied,
        lambdas=tuple(
            int(which.removeprefix(LAMBDA))
            for which, target in sorted(program.linked.functions.items())
            if which.startswith(LAMBDA) and target.spelled in program.functions
        ),
    )


def _own_names(text: str, entry: str, program: Program) -> str:
    """Names of the module text that other functions of the module have as well, made this one's."""
    for mark in (
        "sf_f_",
        "sf_k_",
        "sf_p_",
        "sf_g_",
        "sf_m_",
        "sf_i_",
        "sf_r_",
        "sf_b_",
        "sf_d_",
        "sf_l_",
        "sf_look_",
    ):
        text = text.replace(mark, f"{mark}{entry}_")
    return text


def _guards(program: Program, first: Known, taken: list[str], mark: str) -> list[str]:
    """What has to hold at the start; ``mark`` stands before every name that comes in."""
    guards = []
    for name, kind in zip(taken, first.parameters, strict=True):
        guards += _guard(program, f"{mark}{name}", kind, mark)
    for table, kind in sorted(program.tables.items()):
        guards += _guard(program, f"{mark}{table}", kind, mark)
    for literal in sorted(program.literals):
        value = ast.literal_eval(program.literals[literal])
        guards += literal_guards(f"{mark}{literal}", value)
    return guards


def _guard(program: Program, name: str, kind: Kind, mark: str) -> list[str]:
    plain = kind.name in _CHECKS and not (kind.name == "dict" and kind.cls)
    check = f"type({name}) is {_CHECKS[kind.name]}" if plain else ""
    if kind.name == "wide":
        check = f"type({name}) in (int, float)"
    if kind.name == "instance":
        classes = [f"{mark}{cls}" for cls in kind.cls.split("|")]
        check = f"type({name}) is {classes[0]}"
        if len(classes) > 1:
            check = f"type({name}) in ({', '.join(classes)})"
    if kind == NONE:
        return [f"{name} is None"]
    if kind.name in ("member", "own_list"):
        check = f"type({name}) is {mark}{kind.cls}"
    if kind.name == "named":
        number = len(program.linked.named[kind.cls])
        check = f"type({name}) is {mark}{kind.cls} and len({name}) == {number}"
    if kind.name == "tuple":
        check += f" and len({name}) == {len(kind.parts)}"
    if not check:
        return []
    return [f"({name} is None or {check})"] if kind.none else [check]


def _looked_at(name: str, kind: Kind) -> list[str]:
    """What a guard does not ask of an object that comes in, by argument or from a module."""
    if kind.name == "instance" and not kind.none and "|" not in kind.cls:
        return [f"        sf_own({name}, &sf_k_{kind.cls})"]
    if is_collection(kind):
        missing = f"{name} is not None and " if kind.none else ""
        asked = f"        if {missing}not {is_collection(kind)}({name}):"
        return [asked, "            sf_deopt()"]
    return []


def _in_text(facts: ClassFacts, method: str) -> tuple[str, int, int, int]:
    """The qualified name and the first line of a method, that of what stores to a property or 0, and its type.

    No name and line for what ``dataclass`` wrote.
    """
    if (method == "__init__" and facts.written) or method in facts.wrote:
        return "", 0, 0, 0
    home = simple(facts.homes[method])
    node = facts.functions[method]
    types = (facts.methods, facts.properties, facts.statics, facts.shared)
    kind = next(at for at, held in enumerate(types) if method in held)
    stores = facts.setters.get(method)
    stored = first_line(stores) if stores else 0
    return f"{home}.{node.name}", first_line(node), stored, kind


def _look(program: Program, cls: str) -> list[str]:
    """What finds the places of a class's attributes, anew where the class has changed."""
    methods = sorted(m for c, m in program.methods if c == cls)
    names = "".join(f"{m!r}, " for m in methods)
    text = "".join(f"{_in_text(program.classes[cls], m)!r}, " for m in methods)
    lines = [f"cdef int sf_look_{cls}(object cls) except -1:"]
    lines += [f"    sf_k_{cls}.frozen = 1"] if program.classes[cls].frozen else []
    lines += [f"    if not sf_class_of(&sf_k_{cls}, cls, ({names}), ({text})):"]
    for owner, attribute in sorted(program.places):
        if owner == cls:
            lines.append(
                f"        sf_place_of(&sf_p_{len(cls)}{cls}_{attribute}, cls, {attribute!r})"
            )
    return [*lines, "        pass", "    return 0", ""]


def _wrapper(
    program: Program,
    first: Known,
    entry: str,
    names: Parameters,
    outside: Outside,
) -> list[str]:
    """The function that Python sees: guards, and every error to a deopt with all taken back."""
    # No name of the user's is one of Cython's, or of those below.
    taken = names.taken
    guards = _guards(program, first, taken, _GIVEN)
    parameters = [f"{_GIVEN}{name}" for name in (*names.given, *outside.own, *outside.spaces)]
    parameters += [f"{_GIVEN}sf_lambda_{at}" for at in program.makers]
    lines = [f"def {entry}({', '.join(parameters)}):", "    cdef sf_pool pool"]
    result = first.result
    c = c_type(result)
    lines.append(f"    cdef {c} result")
    lines += [f"    global sf_g_{t}" for t in sorted(program.tables)]
    members = sorted(program.members)
    lines += [f"    global sf_g_{c}__at__{m}" for c, m in members]
    lines += [f"    global sf_d_{at}" for at in program.makers]
    lines += outside.reads(_GIVEN)
    standing = [f"{_GIVEN}{name} is {held(what)}" for name, what in names.standing.items()]
    guards = standing + still_there(program.brought) + outside.checks(_GIVEN) + guards
    if guards:
        lines += [f"    if not ({' and '.join(guards)}):", "        return DEOPT"]
    lines += ["    if sf_within():", "        return DEOPT"]
    lines += ["    sf_open(&pool, 0)", "    try:"]
    lines += ["        sf_home(&pool)"] if program.uses_live else []
    lines += [f"        sf_g_{t} = {_GIVEN}{t}" for t in sorted(program.tables)]
    lines += [f"        sf_g_{c}__at__{m} = sf_member({_GIVEN}{c}, {m!r})" for c, m in members]
    for at, (_, recipe) in program.makers.items():
        lines.append(f"        sf_d_{at} = sf_own_maker({_GIVEN}sf_lambda_{at}, {recipe})")
    lines += [f"        sf_look_{cls}({_GIVEN}{cls})" for cls in outside.classes]
    passed = []
    for name, kind in zip(taken, first.parameters, strict=True):
        plain = kind.name in UNBOXED and not kind.none
        passed.append(f"sf_exact_{kind.name}({_GIVEN}{name})" if plain else f"{_GIVEN}{name}")
        lines += _looked_at(f"{_GIVEN}{name}", kind)
    for table, kind in sorted(program.tables.items()):
        lines += _looked_at(f"{_GIVEN}{table}", kind)
    call = f"sf_f_{first.name}({', '.join(['&pool', 'sf_depth()', *passed])})"
    lines += [f"        result = {call}", "        sf_sound()"]
    lines += ["    except BaseException:", "        if sf_interrupted():"]
    # What was done until then is seen, as it is when the original is interrupted.
    lines += ["            sf_close(&pool)", "            raise", "        sf_undo(&pool)"]
    lines += ["        late = sf_late(&pool)"] if program.catches else []
    lines += ["        sf_close(&pool)"]
    lines += ["        sf_come(late)"] if program.catches else []
    lines += ["        return DEOPT"]
    return [*lines, "    sf_close(&pool)", "    return result"]
