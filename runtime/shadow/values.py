"""How `Encoder` writes values of the interpreter and the stdlib: methods, iterators, patterns, dates."""

import copy
import datetime
import decimal
import functools
import io
import itertools
import re
import types
import zoneinfo
from collections.abc import Iterable, Iterator
from typing import Any

from selfsame.runtime.agent.reduce import counts_ints
from selfsame.runtime.shadow.consume import Consumed
from selfsame.runtime.shadow.definitions import class_name, write_class
from selfsame.runtime.shadow.encoder import CannotCompare, Encoder, writes
from selfsame.runtime.shadow.layouts import attributes


@writes(types.BuiltinFunctionType, type(re.compile("").match), types.MethodWrapperType)
def _builtin(encoder: Encoder, value: Any) -> None:
    encoder.text(b"D", f"{value.__qualname__}")
    encoder.write(value.__self__)


@writes(types.MethodDescriptorType, types.WrapperDescriptorType)
def _descriptor(encoder: Encoder, value: Any) -> None:
    encoder.text(b"D", f"{class_name(value.__objclass__)}.{value.__name__}")


@writes(types.MethodType)
def _method(encoder: Encoder, value: types.MethodType) -> None:
    encoder.put(b"M")
    encoder.write(value.__func__)
    encoder.write(value.__self__)


@writes(functools.partial)
def _partial(encoder: Encoder, value: "functools.partial[object]") -> None:
    if not encoder.seen(value):
        encoder.put(b"p")
        encoder.several([value.func, value.args, value.keywords, vars(value)])


@writes(re.Pattern)
def _pattern(encoder: Encoder, value: "re.Pattern[Any]") -> None:
    encoder.put(b"R")
    encoder.several([value.pattern, value.flags])


@writes(re.Match)
def _match(encoder: Encoder, value: "re.Match[Any]") -> None:
    encoder.put(b"G")
    encoder.several([value.re, value.string, value.regs, value.pos, value.endpos])


@writes(Consumed)
def _consumed(encoder: Encoder, value: Consumed) -> None:
    encoder.text(b"I", f"{value.kind} {value.ended}")
    encoder.several(value.items)
    encoder.write(value.error)
    if value.read is None:
        return
    write_class(encoder, type(value.read))
    try:
        state = attributes(value.read)
    except CannotCompare:  # what it keeps in C is told by what it gives
        return
    # What it goes over is told by what it gives, too.
    names = [name for name in sorted(state) if not isinstance(state[name], Iterator)]
    encoder.several(names)
    encoder.several([state[name] for name in names])


@writes(type(iter([])), type(iter(())), type(reversed([])), type(iter(range(0))), type(iter("")))
def _started(encoder: Encoder, value: Any) -> None:
    """An iterator over a plain collection: what is left of it, which asking does not use up."""
    if not encoder.seen(value):
        encoder.text(b"J", type(value).__name__)
        encoder.several(list(copy.copy(value)))


@writes(enumerate, zip)
def _joined(encoder: Encoder, value: Any) -> None:
    """An iterator over iterators: what it holds of these, and where it is."""
    if not encoder.seen(value):
        encoder.text(b"J", type(value).__name__)
        encoder.several(list(value.__reduce__()[1:]))


@writes(itertools.count)
def _count(encoder: Encoder, value: "itertools.count[Any]") -> None:
    if not counts_ints(value):
        raise CannotCompare("a count of something else than ints")
    if not encoder.seen(value):
        encoder.text(b"J", repr(value))


@writes(io.StringIO, io.BytesIO)
def _stream(encoder: Encoder, value: Any) -> None:
    if not encoder.seen(value):
        encoder.text(b"K", type(value).__name__)
        closed = value.closed
        encoder.several([closed] if closed else [value.getvalue(), value.tell()])


@writes(types.SimpleNamespace)
def _simple(encoder: Encoder, value: types.SimpleNamespace) -> None:
    if not encoder.seen(value):
        encoder.put(b"O")
        encoder.several(list(vars(value)))
        encoder.several(list(vars(value).values()))


@writes(decimal.Decimal)
def _decimal(encoder: Encoder, value: decimal.Decimal) -> None:
    encoder.text(b"X", str(value))  # tells 1.0 from 1.00, and one NaN from another


@writes(datetime.date, datetime.timedelta)
def _date(encoder: Encoder, value: datetime.date) -> None:
    encoder.text(b"Y", repr(value))


@writes(datetime.datetime, datetime.time)
def _time(encoder: Encoder, value: Any) -> None:
    encoder.text(b"Y", f"{value.replace(tzinfo=None)!r} {value.fold}")
    encoder.write(value.tzinfo)


@writes(datetime.timezone, zoneinfo.ZoneInfo)
def _zone(encoder: Encoder, value: datetime.tzinfo) -> None:
    encoder.text(b"Y", repr(value))


def refuses(types_: Iterable[type], what: str) -> None:
    """Registers types whose values cannot be compared at all."""

    def refuse(_encoder: Encoder, _value: object) -> None:
        raise CannotCompare(what)

    writes(*types_)(refuse)


refuses(
    [types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType],
    "a generator or coroutine, which has not run yet",
)
ITERABLES: tuple[Any, ...] = ({}, {}.values(), {}.items(), set(), "é", b"", bytearray())
refuses(
    [type(iter(x)) for x in (*ITERABLES, range(1 << 70), reversed({}))]
    + [map, filter, type(iter(int, 1))],
    "an iterator, which comparing would use up",
)
refuses([types.FrameType, types.TracebackType], "frames")
