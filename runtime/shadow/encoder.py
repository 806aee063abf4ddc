"""Values as canonical bytes: equal bytes mean the same result for every observer.

`Encoder` is type-strict and structural. Floats count bit for bit, ``1``, ``1.0`` and ``True`` are
three values, the order of a dict counts and that of a set does not, and an object met again is a
reference to where it was first met, so that aliasing counts and cycles end. It runs no code of
the user's: instances are read through the descriptors of their classes, never by ``getattr``,
``__eq__``, ``__hash__`` or ``__reduce__``. What it cannot read whole it refuses (`CannotCompare`).
"""

import struct
from array import array
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from hashlib import blake2b
from itertools import chain, count
from typing import Any, cast

NODES = 3_000_000
"""Objects in one outcome; more are refused, because a shared tuple may unfold without end."""
DEEPEST = 4
"""Instances one within the other; what those hold that are deeper is written behind all else, many at a time."""
ROWS_HOLD = 4 * NODES
"""Of flat rows more may be: they are written at once."""


class CannotCompare(Exception):
    """A value whose sameness cannot be told; the message says which kind of value."""

    def __init__(self, what: str) -> None:
        super().__init__(f"cannot be compared: {what}")


Writer = Callable[["Encoder", Any], None]
Row = Collection[object]
WRITERS: dict[type, Writer] = {}
"""By exact type: how its values are written."""


def writes(*types: type) -> Callable[[Writer], Writer]:
    """Registers a writer for values of exactly these types."""

    def register(writer: Writer) -> Writer:
        for kind in types:
            WRITERS[kind] = writer
        return writer

    return register


class Encoder:
    """Encodes the parts of one outcome one after the other, with aliasing across the parts.

    With ``tolerant`` floats are left out of the bytes and gathered in ``floats`` (those in
    sets excepted), to be compared within a tolerance. With ``any_message`` the texts of exceptions
    are left out. ``codes`` stand for the code of functions that have no name;
    ``named`` is how classes that have one are written.
    """

    def __init__(self, tolerant: bool = False, any_message: bool = False) -> None:
        self.tolerant = tolerant
        self.any_message = any_message
        self.floats = array("d")
        self.codes: list[bytes] = []
        self.memo: dict[int, int] = {}
        self.named: dict[int, tuple[type, bytes]] = {}
        self._writers: dict[type, Writer] = {}
        self.chunks: list[bytes] = []
        self._left = NODES
        self.depth = 0
        self._in_set = False
        self._later: list[tuple[Any, object]] = []

    def part(self, value: object) -> bytes:
        """The bytes of one value. Raises CannotCompare."""
        self.chunks, self.depth, self._in_set, self._later = [], 0, False, []
        try:
            self.write(value)
            while self._later:
                from selfsame.runtime.shadow.instances import write_met

                met, self._later, self.depth = self._later, [], DEEPEST
                write_met(self, met)
        except RecursionError:
            raise CannotCompare("values nested too deeply") from None
        return b"".join(self.chunks)

    def whole(self, value: object) -> bytes:
        """The bytes of one value, and what stands for the code of functions in it."""
        return self.part(value) + b"".join(self.codes)

    def write(self, value: object) -> None:
        """Append one value to the current part."""
        self._count(1)
        kind = type(value)
        (WRITERS.get(kind) or self.writer(kind))(self, value)

    def _count(self, objects: int) -> None:
        self._left -= objects
        if self._left < 0:
            raise CannotCompare(f"more than {NODES:,} objects")

    def writer(self, kind: type) -> Writer:
        """How values of a type are written."""
        found = self._writers.get(kind)
        if found is None:
            from selfsame.runtime.shadow.instances import writer_of  # which registers more of them

            found = self._writers[kind] = WRITERS.get(kind) or writer_of(kind)
        return found

    def put(self, tag: bytes, payload: bytes = b"") -> None:
        """One tagged atom; the length in front keeps neighbours apart."""
        self.chunks.append(b"%b%d:%b" % (tag, len(payload), payload))

    def text(self, tag: bytes, text: str) -> None:
        """A string as an atom; lone surrogates are kept."""
        self.put(tag, text.encode("utf-8", "surrogatepass"))

    def seen(self, value: object) -> bool:
        """Whether a mutable object was met before; if so a reference to it is written."""
        number = self.memo.get(id(value))
        if number is not None:
            self.put(b"@", b"%d" % number)
            return True
        self.memo[id(value)] = len(self.memo)
        return False

    def later(self, writer: Any, instance: object) -> bool:
        """Whether what an instance holds is written behind all else, by ``writer``, and not now: it is so deep.

        How deep that is hangs on nothing but the values. What is in a set is written in one piece.
        """
        if self.depth < DEEPEST or self._in_set:
            return False
        self.put(b"o>")
        self._later.append((writer, instance))
        return True

    def several(self, values: Iterable[object]) -> None:
        """The items of an ordered collection, in order."""
        items = values if isinstance(values, list) else list(values)
        if len(items) > 2 and self._bulk(items):
            return
        self.put(b"#", b"%d" % len(items))
        for item in items:
            self.write(item)

    def _bulk(self, items: list[object]) -> bool:
        """Long runs of plain atoms at the speed of C; False where an item is anything else."""
        kinds = set(map(type, items))
        if kinds <= TOLD:
            if self._has_id(items, kinds):
                return False
            try:
                self.text(b"=", repr(items))
            except ValueError:  # an int beyond the limit for decimal digits
                return False
            return True
        if kinds == {float}:
            run = array("d", cast(list[float], items))
            if self.tolerant:
                self.floats.extend(run)
                self.put(b"~", b"%d" % len(run))
            else:
                self.put(b"=d", run.tobytes())
            return True
        if len(kinds) == 1:
            (kind,) = kinds
            if tag := ROWS.get(kind):
                rows, mutable = cast("list[Row]", items), kind is not tuple
                if sum(map(len, rows)) > ROWS_HOLD:
                    raise CannotCompare(f"rows of more than {ROWS_HOLD:,} objects")
                return self._rows(tag, rows, mutable) or self._joined(tag, rows, mutable)
        if not WRITERS.keys().isdisjoint(kinds):
            return False
        from selfsame.runtime.shadow.instances import write_instances

        return write_instances(self, items, kinds)

    def _has_id(self, items: Iterable[object], kinds: set[type]) -> bool:
        """Whether the id of an object that was met is among some atoms of these kinds."""
        if int not in kinds:
            return False
        ints = items if kinds <= PLAIN else [item for item in items if type(item) is int]
        return not self.memo.keys().isdisjoint(ints)

    def _joined(self, tag: bytes, rows: "list[Row]", mutable: bool) -> bool:
        """A run of rows as their lengths, and all that is in them as one; False where one was met before."""
        if mutable and not self.all_fresh(rows):
            return False
        lengths = list(map(len, rows))
        self._count(sum(lengths))
        self.text(tag + b"+", repr(lengths))
        self.several(list(chain.from_iterable(rows)))
        if tag == ROWS[dict]:
            dicts = cast("list[dict[object, object]]", rows)
            self.several(list(chain.from_iterable(map(dict.values, dicts))))
        return True

    def _rows(self, tag: bytes, rows: "list[Row]", mutable: bool) -> bool:
        """A run of flat rows, each of plain atoms, written at once; False where it is not one."""
        parts = list(chain.from_iterable(rows))
        if tag == ROWS[dict]:
            dicts = cast("list[dict[object, object]]", rows)
            parts += chain.from_iterable(map(dict.values, dicts))
        inner = set(map(type, parts))
        if not (inner <= TOLD or (inner <= {*TOLD, float} and not self.tolerant)):
            return False
        if self._has_id(parts, inner):
            return False
        if mutable and int in inner and not set(map(id, rows)).isdisjoint(parts):
            return False  # the id of one of them is in another one
        try:
            text = repr(rows)
        except ValueError:
            return False
        if float in inner and "nan" in text:  # NaNs differ in more than their text says
            return False
        if mutable and not self.all_fresh(rows):
            return False
        self.text(tag, text)
        return True

    def all_fresh(self, values: Sequence[object]) -> bool:
        """Whether none of these mutable objects was met before, nor twice among them; then they are now."""
        fresh = dict(zip(map(id, values), count(len(self.memo)), strict=False))
        if len(fresh) < len(values) or not self.memo.keys().isdisjoint(fresh):
            return False
        self.memo.update(fresh)
        return True

    def unordered(self, values: Iterable[object]) -> None:
        """The elements of a set: each encoded as if it came next, then sorted by bytes."""
        items = list(values)
        kinds = set(map(type, items))
        if kinds <= TOLD and not self._has_id(items, kinds):
            try:
                self.text(b"=S", repr(sorted(map(repr, items))))
            except ValueError:  # an int beyond the limit for decimal digits
                pass
            else:
                return
        outer, tolerant, inside = self.chunks, self.tolerant, self._in_set
        self.tolerant, self._in_set = False, True
        found: list[tuple[bytes, bytes, object]] = []
        known, codes = len(self.memo), len(self.codes)
        for item in items:
            self.chunks = []
            self.write(item)
            found.append((b"".join(self.chunks), b"".join(self.codes[codes:]), item))
            del self.codes[codes:]
            while len(self.memo) > known:  # dicts keep order: forget what this element added
                self.memo.popitem()
        found.sort(key=lambda row: row[:2])
        self.chunks = outer
        self.put(b"#", b"%d" % len(items))
        for data, _, item in found:
            if type(item) in PLAIN or type(item) is float:
                self.chunks.append(data)
            else:
                self.write(item)
        self.tolerant, self._in_set = tolerant, inside


ROWS: dict[type, bytes] = {tuple: b"=t", list: b"=L", dict: b"=D"}
"""Of which containers a run is written at once, where they are flat."""
PLAIN = frozenset({int, bool, str, bytes, type(None)})
TOLD = PLAIN | {Decimal, date, timedelta}
"""Types of atoms that are told in full by their text: 1.0 from 1.00, and one NaN from another."""
FLOAT = struct.Struct("<d")


@writes(type(None), type(Ellipsis), type(NotImplemented))
def _singleton(encoder: Encoder, value: object) -> None:
    encoder.text(b"N", repr(value))


@writes(bool)
def _bool(encoder: Encoder, value: bool) -> None:
    encoder.put(b"T" if value else b"F")


@writes(int)
def _int(encoder: Encoder, value: int) -> None:
    number = encoder.memo.get(value)
    if number is not None:  # the id of an object that was met: another one in the next process
        encoder.put(b"@i", b"%d" % number)
        return
    encoder.put(b"i", hex(value).encode())  # decimal digits are limited, hexadecimal ones are not


@writes(float)
def _float(encoder: Encoder, value: float) -> None:
    if encoder.tolerant:
        encoder.floats.append(value)
        encoder.put(b"~")
    else:
        encoder.put(b"f", FLOAT.pack(value))


@writes(complex)
def _complex(encoder: Encoder, value: complex) -> None:
    encoder.put(b"c")
    _float(encoder, value.real)
    _float(encoder, value.imag)


@writes(str)
def _str(encoder: Encoder, value: str) -> None:
    encoder.text(b"s", value)


@writes(bytes)
def _bytes(encoder: Encoder, value: bytes) -> None:
    encoder.put(b"b", value)


@writes(bytearray)
def _bytearray(encoder: Encoder, value: bytearray) -> None:
    if not encoder.seen(value):
        encoder.put(b"B", bytes(value))


@writes(memoryview)
def _view_of_bytes(encoder: Encoder, value: memoryview) -> None:
    if encoder.seen(value):
        return
    try:
        encoder.text(b"V", f"{value.format} {value.shape} {value.readonly}")
        encoder.put(b"V", value.tobytes())
    except ValueError:  # it was released
        encoder.put(b"V")
        return
    if not value.readonly:
        encoder.write(value.obj)


@writes(array)
def _array(encoder: Encoder, value: "array[Any]") -> None:
    if not encoder.seen(value):
        encoder.put(b"A" + value.typecode.encode(), value.tobytes())


@writes(tuple)
def _tuple(encoder: Encoder, value: tuple[object, ...]) -> None:
    encoder.put(b"t")
    encoder.several(value)


@writes(list)
def _list(encoder: Encoder, value: list[object]) -> None:
    if not encoder.seen(value):
        encoder.put(b"l")
        encoder.several(value)


@writes(dict)
def _dict(encoder: Encoder, value: dict[object, object]) -> None:
    if not encoder.seen(value):
        encoder.put(b"d")
        encoder.several(list(value))
        encoder.several(list(value.values()))


@writes(set)
def _set(encoder: Encoder, value: set[object]) -> None:
    if not encoder.seen(value):
        encoder.put(b"S")
        encoder.unordered(value)


@writes(frozenset)
def _frozenset(encoder: Encoder, value: frozenset[object]) -> None:
    encoder.put(b"Z")
    encoder.unordered(value)


@writes(range)
def _range(encoder: Encoder, value: range) -> None:
    encoder.put(b"r")
    encoder.several([value.start, value.stop, value.step])


@writes(slice)
def _slice(encoder: Encoder, value: Any) -> None:
    encoder.put(b":")
    encoder.several([value.start, value.stop, value.step])


@writes(type({}.keys()), type({}.values()), type({}.items()))
def _view(encoder: Encoder, value: Iterable[object]) -> None:
    encoder.text(b"v", type(value).__name__)
    encoder.several(list(value))


def digest(data: bytes) -> bytes:
    """32 bytes that stand for an encoded part."""
    return blake2b(data, digest_size=32).digest()
