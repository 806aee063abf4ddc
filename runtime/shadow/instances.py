"""How `Encoder` writes instances: by a writer for each class, and runs of them attribute by attribute.

An instance is its class (`selfsame.runtime.shadow.definitions`), the content of the builtin it derives
from, and its attributes in slots and ``__dict__``, sorted by name (`selfsame.runtime.shadow.layouts`).
"""

import enum
import pathlib
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from selfsame.runtime.agent.reduce import STREAMS
from selfsame.runtime.shadow import values as _registers_their_writers  # noqa: F401
from selfsame.runtime.shadow.definitions import class_name, known, namespace_of, write_class
from selfsame.runtime.shadow.encoder import DEEPEST, CannotCompare, Encoder, Writer
from selfsame.runtime.shadow.layouts import CONTENTS, Layout, attributes, mro_of

ATOMIC = (int, float, complex, str, bytes, tuple, frozenset)
"""Bases whose instances are the same wherever they are, unless they have attributes."""


def writer_of(kind: type) -> Writer:
    """How values of a type without a writer of its own are written. Raises CannotCompare.

    For one outcome: what the class is may be another thing in the next.
    """
    own = _of_instances(kind)
    streams = [name for name in STREAMS if type(vars(sys).get(name)) is kind]
    if not streams:
        return own

    def write(encoder: Encoder, value: Any) -> None:
        for name in streams:
            if value is vars(sys).get(name):
                encoder.text(b"K", name)
                return
        own(encoder, value)

    return write


def _of_instances(kind: type) -> Writer:
    if issubclass(kind, pathlib.PurePath):
        return _path
    if issubclass(kind, enum.Enum):
        return _member
    if issubclass(kind, type):
        return write_class
    return _numpy(kind) or _element(kind) or _Instances(kind)


def _path(encoder: Encoder, value: pathlib.PurePath) -> None:
    encoder.text(b"P", str(value))
    write_class(encoder, type(value))


def _member(encoder: Encoder, value: enum.Enum) -> None:
    encoder.put(b"E")
    write_class(encoder, type(value))
    state = types.MappingProxyType(attributes(value))
    encoder.several([state.get("_name_"), state.get("_value_")])


class _Instances:
    """Writes the instances of one class. Raises CannotCompare where not all their state is known.

    What else the class has is asked for when one is met: a stream of the process is told by its name.
    """

    def __init__(self, kind: type) -> None:
        self._kind = kind
        self._atomic = issubclass(kind, ATOMIC)
        self._error = issubclass(kind, BaseException)
        self._names: dict[tuple[str, ...], tuple[list[str], bytes]] = {}

    @cached_property
    def _layout(self) -> Layout:
        return Layout.of(self._kind)

    @cached_property
    def _content(self) -> Writer:
        """How the part is written that a builtin base holds."""
        for base in mro_of(self._kind):
            if base in CONTENTS:
                return CONTENTS[base]
        raise CannotCompare(f"values of {class_name(self._kind)}")

    @cached_property
    def _in_columns(self) -> bool:
        """Whether all state is in attributes, and the name says which class it is."""
        try:
            return self._content is CONTENTS[object] and bool(self._layout) and known(self._kind)
        except CannotCompare:
            return False

    def __call__(self, encoder: Encoder, value: object) -> None:
        """Write one."""
        if not self._atomic or self._layout.attributes(value):
            if encoder.seen(value):
                return
            if encoder.depth >= DEEPEST and encoder.later(self, value):
                return
        self.write(encoder, value)

    def write(self, encoder: Encoder, value: object) -> None:
        """Write all of one that was not met before."""
        state = self._layout.attributes(value)
        encoder.put(b"o")
        encoder.depth += 1
        write_class(encoder, self._kind)
        self._content(encoder, value)
        if self._error and encoder.any_message:
            state = {n: held for n, held in state.items() if not _message(n, held)}
        names = self._ordered(encoder, state)
        encoder.several([state[name] for name in names])
        encoder.depth -= 1

    def columns(self, values: list[object]) -> "_Columns | None":
        """The attributes of some instances, each as a list; None where they are not alike."""
        if not self._in_columns:
            return None
        layout = self._layout
        found: dict[str, list[object]] = {}
        for label, klass, name in layout.slots:
            try:
                found[label] = list(map(namespace_of(klass)[name].__get__, values))
            except AttributeError:  # a slot that is empty
                return None
        if layout.own is not None:
            given = list(map(layout.own, values))
            if set(map(type, given)) != {dict}:
                return None  # one that was put there may give out something else than it holds
            if not set(map(type, chain.from_iterable(given))) <= {str}:
                return None  # names that could have a say in what equals them
            names = given[0].keys()
            if not names.isdisjoint(found) or any(own.keys() != names for own in given):
                return None
            found |= {name: [own[name] for own in given] for name in names}
        return _Columns(self._kind, found) if found else None

    def _ordered(self, encoder: Encoder, state: Mapping[str, object]) -> list[str]:
        """Write the names of attributes, in order; most instances of a class have the same."""
        if set(map(type, state)) - {str}:  # names that could have a say in what equals them
            names = sorted(state)
            encoder.several(names)
            return names
        given = tuple(state)
        told = self._names.get(given)
        if told is None:
            names, begin = sorted(given), len(encoder.chunks)
            encoder.several(names)
            told = self._names[given] = names, b"".join(encoder.chunks[begin:])
        else:
            encoder.chunks.append(told[1])
        return told[0]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The attributes of some instances of one class, by name."""

    kind: type
    held: Mapping[str, list[object]]

    def write(self, encoder: Encoder) -> None:
        encoder.text(b"=O", class_name(self.kind))
        names = sorted(self.held)
        encoder.several(names)
        encoder.depth += 1
        for name in names:
            encoder.several(self.held[name])
        encoder.depth -= 1


MOST_KINDS = 8
"""Instances of so many classes are written as one run: theirs one after the other."""


def write_instances(encoder: Encoder, values: list[object], kinds: set[type]) -> bool:
    """A run of instances, attribute by attribute; False where those of a class are not alike.

    Of classes that have all in slots and ``__dict__``, and derive from no builtin.
    """
    if encoder.depth >= DEEPEST:
        return False
    met = list(map(encoder.memo.get, map(id, values)))
    if None not in met:
        encoder.text(b"=@", repr(met))
        return True
    # In the order in which they are met, which is the same wherever the values are.
    ordered = list(dict.fromkeys(map(type, values))) if len(kinds) > 1 else list(kinds)
    if len(ordered) > MOST_KINDS:
        return False
    columns: list[_Columns] = []
    for kind in ordered:
        writer = encoder.writer(kind)
        own = values if len(ordered) == 1 else [v for v in values if type(v) is kind]
        found = writer.columns(own) if type(writer) is _Instances else None
        if found is None:
            return False
        columns.append(found)
    if not encoder.all_fresh(values):
        return False
    encoder.put(b"#", b"%d" % len(values))
    if len(ordered) > 1:
        places = {kind: place for place, kind in enumerate(ordered)}
        encoder.put(b"=k", bytes([places[type(value)] for value in values]))
    for found in columns:
        found.write(encoder)
    return True


def write_met(encoder: Encoder, met: list[tuple[_Instances, object]]) -> None:
    """What instances hold that were met one after the other, attribute by attribute where those of a class are alike."""
    by_class: dict[_Instances, list[object]] = {}
    for writer, value in met:
        by_class.setdefault(writer, []).append(value)
    places = {writer: place for place, writer in enumerate(by_class)}
    several = len(places) > 1
    encoder.text(b"=m", repr([places[writer] for writer, _ in met] if several else len(met)))
    for writer, values in by_class.items():
        columns = writer.columns(values)
        if columns is not None:
            columns.write(encoder)
        else:
            for value in values:
                writer.write(encoder, value)


def _message(name: str, value: object) -> bool:
    """Whether an attribute of an exception is (part of) what it says to people."""
    return name == "__notes__" or type(value) is str


def _element(kind: type) -> Writer | None:
    """For elements of a tree that C code made; without importing it."""
    home = sys.modules.get("xml.etree.ElementTree")
    if home is None or kind is not vars(home).get("Element"):
        return None
    return _write_element


def _write_element(encoder: Encoder, value: Any) -> None:
    if not encoder.seen(value):
        encoder.text(b"K", "Element")
        encoder.several([value.tag, value.text, value.tail, value.attrib])
        encoder.several(list(value))


def _numpy(kind: type) -> Writer | None:
    """For arrays and scalars of numpy: type, shape and memory; without importing it."""
    # Never isinstance, which asks the value for its __class__.
    numpy = sys.modules.get("numpy")
    array, generic = getattr(numpy, "ndarray", None), getattr(numpy, "generic", None)
    if array is None or generic is None or not issubclass(kind, (array, generic)):
        return None
    if kind is not array and not issubclass(kind, generic):
        raise CannotCompare(f"values of {class_name(kind)}")
    return _write_numpy


def _write_numpy(encoder: Encoder, value: Any) -> None:
    kind = type(value)
    if value.dtype.hasobject:
        raise CannotCompare("numpy arrays of objects")
    if kind is vars(sys.modules["numpy"])["ndarray"] and encoder.seen(value):
        return
    encoder.text(b"n", f"{class_name(kind)} {value.dtype.descr} {value.shape}")
    if encoder.tolerant and value.dtype.kind in "fc":
        flat = value.ravel()
        parts = [flat.real, flat.imag] if value.dtype.kind == "c" else [flat]
        for part in parts:
            encoder.floats.extend(part.astype("f8").tolist())
    else:
        encoder.put(b"n", value.tobytes())
