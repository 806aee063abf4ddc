"""What captured calls say of a function's parameters: exact types and sizes, never values.

The payloads are pickles made by the agent; they are opened here with an unpickler that makes an
inert stand-in of every class, so no code of the user's runs in the engine.
"""

import array
import ast
import io
import pickle
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from itertools import chain, islice
from statistics import median_low
from typing import Any

from selfsame.compiler.analysis.worlds import Named
from selfsame.compiler.cst.source import Source
from selfsame.variants.site import Observed

METHODS, INSTANCES = "selfsame.runtime.agent.reduce", "selfsame.runtime.agent.plans"
CLOSURES = "selfsame.runtime.agent.closures"
"""The modules whose functions make captured methods, instances and closures again."""
ELEMENTS_LOOKED_AT = 2_000
OBJECTS_LOOKED_AT = 20_000
BYTES_LOOKED_THROUGH = 4_000_000
"""Of more, calls at even distances are looked through: walking a large graph takes the engine a hundredth of a second."""
LONGEST_TUPLE = 8
MOST_FIELDS = 24
DEQUE = "collections.deque"
_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9-]*")
_LONGEST_WORD = 60
_MAKERS = {"collections.Counter": "int", "collections.defaultdict": ""}
"""Dicts that give something for a missing key: what, or by whom it is made."""
_SCALARS = frozenset([int, str, float, bool, bytes, complex, type(None)])


class StandIn:
    """In place of an instance of any class; ``_of`` names it. Never equal to a builtin."""

    _of = "object"
    _held: object = None
    _parts: list[object]

    def __new__(cls, *args: object, **kwargs: object) -> "StandIn":
        """Keep whatever the pickle passes."""
        made = object.__new__(cls)
        made._parts = [args, kwargs]
        return made

    def __init__(self, *args: object, **kwargs: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        """Keep the state for the types of its attributes."""
        self._held = state

    def __call__(self, *args: object, **kwargs: object) -> "StandIn":
        """Stand in for the result of a reconstructor too."""
        self._parts += args, kwargs
        return self

    def append(self, item: object) -> None:
        """Keep what the pickle adds."""
        self._parts.append(item)

    def extend(self, items: object) -> None:
        """Keep what the pickle adds."""
        self._parts.append(items)

    def __setitem__(self, key: object, value: object) -> None:
        """Keep what the pickle adds."""
        self._parts += key, value


class Queue(StandIn):
    """In place of a deque; keeps lists of what it held."""

    _of = DEQUE

    def append(self, item: object) -> None:
        """Keep what the pickle adds."""
        self._parts.append([item])

    def held(self) -> Iterable[object]:
        """What it held."""
        return chain.from_iterable(p for p in self._parts[2:] if isinstance(p, list))


def _array(kind: object, code: str, *rest: object) -> StandIn:
    """An array, of which only the typecode counts."""
    made = StandIn()
    made._of = f"array[{code}]"
    return made


def _rebuilt(kind: type[StandIn], base: object, content: object) -> StandIn:
    """An instance of a class that derives from a builtin type."""
    return kind(content)


def _found(kind: type[StandIn], name: str) -> StandIn:
    """An instance that its module has under a name."""
    return kind()


def _placed(value: StandIn, state: object) -> None:
    """An instance whose attributes are put in place by a function of ours."""
    value._held = state


class Opener(pickle.Unpickler):
    """An unpickler that imports nothing."""

    def find_class(self, module: str, name: str) -> Any:
        """A fresh stand-in class for every global."""
        if (module, name) == ("array", "_array_reconstructor"):
            return _array
        if (module, name) == ("copyreg", "_reconstructor"):
            return _rebuilt
        if module == INSTANCES and name in ("attributed", "placed"):
            return _placed
        if (module, name) == (INSTANCES, "held"):
            return _found
        if (module, name) in ((CLOSURES, "filled"), (CLOSURES, "filled_cell")):
            return _placed
        if module == CLOSURES:
            return type("Function", (StandIn,), {"_of": "function"})
        if (module, name) == (METHODS, "matched"):
            return type("Match", (StandIn,), {"_of": "re.Match"})
        if (module, name) == (METHODS, "module"):
            return type("Module", (StandIn,), {"_of": "module"})
        if (module, name) == (METHODS, "maker"):
            return type("Maker", (StandIn,), {"_of": "defaultdict"})
        if (module, name) == (METHODS, "numbers"):
            return type("Random", (StandIn,), {"_of": "random.Random"})
        if module == METHODS:
            return type(name, (StandIn,), {"_of": "method"})
        if f"{module}.{name}" == DEQUE:
            return type(name, (Queue,), {})
        return type(name.rpartition(".")[2] or "object", (StandIn,), {"_of": f"{module}.{name}"})


class _Naming(Opener):
    """An opener that remembers what it was asked for."""

    def __init__(self, payload: bytes) -> None:
        super().__init__(io.BytesIO(payload))
        self.names: set[tuple[str, str]] = set()
        self._made: dict[object, tuple[str, str]] = {}

    def find_class(self, module: str, name: str) -> Any:
        """As an opener does."""
        if (module, name) == (METHODS, "builtin_method"):
            return self._builtin_method
        if (module, name) == (METHODS, "class_method"):
            return self._class_method
        if (module, name) == (METHODS, "module"):
            return self._module
        if (module, name) == (CLOSURES, "made"):
            return self._function
        self.names.add((module, name))
        found = super().find_class(module, name)
        if found in (_placed, _found):
            return found
        self._made[found] = (module, name)
        return found

    def _builtin_method(self, owner: object, qualname: str) -> StandIn:
        self.names.add(("builtins", f".{qualname}"))
        return StandIn(owner)

    def _class_method(self, owner: Any, name: str) -> StandIn:
        module, qualname = self._made[owner]
        self.names.add((module, f"{qualname}.{name}"))
        return StandIn(owner)  # which is reached from its method

    def _module(self, name: str) -> StandIn:
        self.names.add((name, ""))
        return StandIn()

    def _function(self, module: str, qualname: str, line: int, *rest: object) -> StandIn:
        self.names.add((module, f"{qualname}:{line}"))
        return StandIn(*rest)

    def values(self, captured: object) -> set[tuple[str, str]]:
        """Those of the names that are in what was opened themselves, not in their instances alone."""
        found: set[tuple[str, str]] = set()
        looked_at: set[int] = set()
        waiting = [captured]
        while waiting:
            value = waiting.pop()
            kind = type(value)
            if kind is type:
                if value in self._made:
                    found.add(self._made[value])
                continue
            if kind in _SCALARS or id(value) in looked_at:
                continue
            looked_at.add(id(value))
            if isinstance(value, dict):
                waiting += value.keys()
                waiting += value.values()
            elif isinstance(value, list | tuple | set | frozenset):
                waiting += value
            elif isinstance(value, StandIn):
                waiting += (value._held, value._parts)
        return found


def named(payloads: Iterable[bytes]) -> frozenset[Named]:
    """The classes, functions and modules that captured calls name.

    A module is named as ``(its name, "")``, a function that no name leads to by its code's place:
    ``("m", "outer.<locals>.inner:12")``.

    Every object in them that is not of a builtin type is made with one of these. A method of a
    builtin value is named like ``("builtins", ".list.append")``. A payload that does
    not open names nothing that is known.
    """
    found: set[tuple[str, str]] = set()
    values: set[tuple[str, str]] = set()
    for payload in payloads:
        opener = _Naming(payload)
        try:
            values |= opener.values(opener.load())
        except Exception:
            found.add(("", ""))
        found |= opener.names
    return frozenset(Named(*name, name in values) for name in found)


def words_of(source: Source) -> frozenset[str]:
    """The texts that are written in a module: what is in its source is no secret of the program's."""
    found = (n.value for n in ast.walk(source.tree) if isinstance(n, ast.Constant))
    return frozenset(t for t in found if isinstance(t, str) and len(t) <= _LONGEST_WORD)


def observe(
    payloads: Iterable[bytes], parameters: Sequence[str], words: Set[str] = frozenset()
) -> Observed:
    """Types and median sizes by parameter, from captured calls.

    A type is its name; a list or tuple names its elements' types too, as ``list[int]``, nested one
    level more (``list[list[float]]``); mixed elements are joined by ``|`` in order of name. An
    attribute of an instance is listed as ``parameter.attribute``, one of a list's items as
    ``parameter[].attribute``, a global as ``module:NAME``. Of calls that bring much with them only some
    are looked through.
    ``words``: the texts that the module's source has; no other key of a dict is named.
    """
    payloads = list(payloads)
    every = 1 + sum(map(len, payloads)) // BYTES_LOOKED_THROUGH
    types: dict[str, set[str]] = defaultdict(set)
    sizes: dict[str, list[int]] = defaultdict(list)
    full: dict[str, set[str]] = defaultdict(set)
    for number, payload in enumerate(payloads):
        try:
            captured = Opener(io.BytesIO(payload)).load()
            values = captured["args"]
        except Exception:  # a payload that does not open says nothing
            continue
        for name, value in zip(parameters, values, strict=False):
            types[name].add(type_name(value))
            full[name].add(full_name(value, words=words))
            for attribute, held in attributes(value).items():
                types[f"{name}.{attribute}"].add(type_name(held))
            for item in value[:ELEMENTS_LOOKED_AT] if isinstance(value, list) else ():
                for attribute, held in attributes(item).items():
                    types[f"{name}[].{attribute}"].add(type_name(held))
            if isinstance(value, (str, bytes, list, tuple, dict, set, frozenset)):
                sizes[name].append(len(value))
        if number % every:
            continue
        for (module, name), value in captured.get("globals", {}).items():
            full[f"{module}:{name}"].add(full_name(value, words=words))
        for attribute, found in all_attributes(captured, words).items():
            full[attribute] |= found
    return Observed(
        types={name: frozenset(found) for name, found in types.items()},
        sizes={name: median_low(found) for name, found in sizes.items()},
        full={name: frozenset(found) for name, found in full.items()},
    )


def attributes(value: object) -> dict[str, object]:
    """The attributes of an instance that a stand-in was given, by name."""
    held = value._held if isinstance(value, StandIn) else None
    parts = held if isinstance(held, tuple) else (held,)
    found: dict[str, object] = {}
    for part in parts:
        if isinstance(part, dict):
            found |= {k: v for k, v in part.items() if isinstance(k, str)}
    return found


def type_name(value: object, depth: int = 2) -> str:
    """``int``, ``array[d]``, ``list[str]``, ``list[list[int]]``, ``list[int|str]``; ``list[]`` where empty."""
    kind = type(value)
    if kind is array.array:
        return f"array[{value.typecode}]"  # type: ignore[attr-defined]
    if isinstance(value, StandIn):
        return value._of
    if kind in (list, tuple) and depth:
        assert isinstance(value, (list, tuple))
        inner = sorted({type_name(item, depth - 1) for item in value[:ELEMENTS_LOOKED_AT]})
        return f"{kind.__name__}[{'|'.join(inner)}]"
    return kind.__name__


def full_name(value: object, depth: int = 4, words: Set[str] = frozenset()) -> str:
    """A type with all that it holds: ``dict[int:list[tuple[int,float]]]``, without blanks.

    A tuple has the types of its items in order, a long one (``row``) of all together; elements of
    several types are joined by ``|``; an instance has the name of its class, a Counter or defaultdict
    with its keys and values, where those count that it makes itself: ``collections.Counter[str:int]``;
    a dict with some of the ``words`` as keys that hold different types is a
    ``record[name:str,price:float]``, with ``*`` for what all other keys hold.
    """
    kind = type(value)
    if isinstance(value, Queue) and depth:
        return f"{DEQUE}[{_joined(value.held(), depth, words)}]"
    if kind is type and issubclass(value, StandIn):  # type: ignore[arg-type]
        return f"function[{value._of}]"  # type: ignore[attr-defined]  # or a class: who asks for it knows
    if isinstance(value, StandIn):
        if value._of == "function":
            return _closure_name(value)
        if not depth or value._of not in _MAKERS:
            return value._of
        given, entries = value._parts[0], value._parts[2:]
        made = _MAKERS[value._of] or _made_by(given)
        values = "|".join(sorted(_kinds(entries[1::2], depth, words) | {made} - {""}))
        return f"{value._of}[{_joined(entries[::2], depth, words)}:{values}]"
    if not depth or kind not in (list, tuple, dict, set, frozenset):
        return kind.__name__
    if isinstance(value, dict):
        record = _record([value], depth, words)
        if record:
            return record
        keys = _joined(value.keys(), depth, words)
        return f"dict[{keys}:{_joined(value.values(), depth, words)}]"
    assert isinstance(value, (list, tuple, set, frozenset))
    if kind is tuple and len(value) <= LONGEST_TUPLE:
        return f"tuple[{','.join(full_name(item, depth - 1, words) for item in value)}]"
    return f"{'row' if kind is tuple else kind.__name__}[{_joined(value, depth, words)}]"


def _closure_name(value: StandIn) -> str:
    """A lambda by its module and line; of other functions that no name leads to, only that they are some."""
    given = value._parts[0] if value._parts else ()
    match given:
        case (str(module), "<lambda>", int(line), *_):
            return f"function[{module}.<lambda>:{line}]"
    return value._of


def _made_by(given: object) -> str:
    """What the factory that a defaultdict was made with makes; empty where that is not known."""
    factory = given[0] if isinstance(given, tuple) and given else None
    of = getattr(factory, "_of", "")
    which = of.rpartition(".")[2]
    if of in ("collections.Counter", DEQUE):
        return f"{of}[]"
    return f"{which}[]" if which in ("list", "set", "dict") else which


def _joined(items: Iterable[object], depth: int, words: Set[str]) -> str:
    return "|".join(sorted(_kinds(items, depth, words)))


def _kinds(items: Iterable[object], depth: int, words: Set[str]) -> set[str]:
    looked_at = list(islice(items, ELEMENTS_LOOKED_AT))
    record = _record([item for item in looked_at if type(item) is dict], depth - 1, words)
    if record:
        looked_at = [item for item in looked_at if type(item) is not dict or not item]
    return {full_name(item, depth - 1, words) for item in looked_at} | {record} - {""}


def _record(dicts: Sequence[dict[Any, object]], depth: int, words: Set[str]) -> str:
    """What dicts hold by those keys that are words; empty where there are none, or all hold the same.

    Other keys are the program's data, which is not told.
    """
    held: dict[str, list[object]] = {}
    for each in dicts if depth else ():
        for key, value in each.items():
            if type(key) is not str:
                return ""
            told = key in words and _NAME.fullmatch(key)
            held.setdefault(key if told else "*", []).append(value)
        if len(held) > MOST_FIELDS:
            return ""
    fields = {key: _joined(values, depth, words) for key, values in held.items()}
    if len(set(fields.values())) < 2:
        return ""
    return f"record[{','.join(f'{key}:{types}' for key, types in sorted(fields.items()))}]"


def all_attributes(captured: object, words: Set[str]) -> dict[str, set[str]]:
    """``Class.attribute`` -> full types, of all instances that a captured call reaches."""
    found: dict[str, set[str]] = defaultdict(set)
    looked_at: set[int] = set()
    waiting = [captured]
    while waiting and len(looked_at) < OBJECTS_LOOKED_AT:
        value = waiting.pop()
        if type(value) in _SCALARS or id(value) in looked_at:
            continue
        looked_at.add(id(value))
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list | tuple | set | frozenset):
            waiting += islice(value, ELEMENTS_LOOKED_AT)
        elif isinstance(value, StandIn):
            waiting += (value._held, value._parts)
            cls = value._of.rpartition(".")[2]
            for attribute, held in attributes(value).items():
                found[f"{cls}.{attribute}"].add(full_name(held, words=words))
            for number, held in enumerate(_items(value)):
                found[f"{cls}.{number}"].add(full_name(held, words=words))
    return found


def _items(value: StandIn) -> tuple[object, ...]:
    """What an instance was made with, where nothing was put into it: the items of a named tuple, say."""
    whole = value._held is None and value._of not in _MAKERS
    given = value._parts[0] if whole and value._parts else ()
    return given if isinstance(given, tuple) and len(given) <= MOST_FIELDS else ()
