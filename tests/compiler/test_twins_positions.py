"""Twins keep every line and column, and what tracers, tracebacks and frames show."""

import ast
import dis
import marshal
import re
import sys
import textwrap
import traceback
from pathlib import Path
from types import CodeType

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit import assembly
from selfsame.compiler.emit.functions import all_codes, plain_code
from selfsame.compiler.instrument import probes, twins
from selfsame.compiler.instrument.twins import probed_module

SUSPENDABLE = {probes.BEGIN, probes.SUSPEND, probes.RESUME, probes.END, probes.FAIL}
PLACEHOLDERS = {probes.ENTER, probes.LEAVE, probes.CAPTURE, probes.RECEIVE} | SUSPENDABLE


class Recorder:
    """Stands for the agent's: counts what was opened and closed, keeps what was captured."""

    def __init__(self):
        self.depth = 0
        self.calls = 0
        self.captured = []

    def enter(self):
        self.depth += 1
        self.calls += 1

    def capture(self, values):
        self.enter()
        self.captured.append(len(values))  # keeps no generator alive

    def leave(self):
        self.depth -= 1

    def resume(self):
        self.depth += 1


def patched(code, recorder, twins_by_key):
    """``code`` with every function below it exchanged for its twin, placeholders filled."""
    fill = {
        probes.ENTER: recorder.enter,
        probes.LEAVE: recorder.leave,
        probes.CAPTURE: recorder.capture,
        probes.BEGIN: recorder.enter,
        probes.RECEIVE: recorder.capture,
        probes.SUSPEND: recorder.leave,
        probes.RESUME: recorder.resume,
        probes.END: recorder.leave,
        probes.FAIL: recorder.leave,
    }

    def of(constant):
        if isinstance(constant, CodeType):
            twin = twins_by_key.get((constant.co_qualname, constant.co_firstlineno), constant)
            return patched(twin, recorder, twins_by_key)
        return fill.get(constant, constant) if isinstance(constant, str) else constant

    return code.replace(co_consts=tuple(of(c) for c in code.co_consts))


def load(source, kind, recorder):
    """The module's namespace, all its functions probed (``kind`` None: as they are)."""
    code = plain_code(source, 0)
    if kind is not None:
        made = probed_module(source, kind, 0)
        found = [marshal.loads(t) for t in made.values() if isinstance(t, bytes)]
        code = patched(code, recorder, {(c.co_qualname, c.co_firstlineno): c for c in found})
    namespace = {"__name__": "sample"}
    exec(code, namespace)
    return namespace


def write(tmp_path, text):
    path = tmp_path / "sample.py"
    path.write_text(textwrap.dedent(text))
    return Source.read(path, "sample")


def shown(value):
    return re.sub(r"0x[0-9a-f]+", "0x", repr(value))


def observed(namespace, path):
    """What ``run()`` gives, what a tracer sees of this file, the traceback, the frames after it."""
    events = []

    def trace(frame, event, argument):
        if frame.f_code.co_filename != path:
            return None
        if event == "exception":
            argument = argument[0].__name__
        elif event != "return":
            argument = None
        events.append((event, frame.f_code.co_qualname, frame.f_lineno, shown(argument)))
        return trace

    old = sys.gettrace()
    sys.settrace(trace)
    try:
        result = namespace["run"]()
        sys.settrace(old)
        return shown(result), events, "", []
    except Exception as error:
        sys.settrace(old)
        frames = []
        step = error.__traceback__
        while step is not None:
            frames.append((step.tb_lineno, step.tb_frame.f_lineno, sorted(step.tb_frame.f_locals)))
            step = step.tb_next
        return shown(error), events, "".join(traceback.format_exception(error)), frames[1:]
    finally:
        sys.settrace(old)


SAMPLES = {
    "branches": """
        def f(a):
            if a > 2:
                x = 1
            elif a > 1:
                x = 2
            else:
                for x in range(3):
                    if x:
                        return x
            try:
                x += 1
            finally:
                x += 1
            with open("/dev/null") as handle:
                handle.read()
                return x if a else None

        def run():
            return [f(0), f(2), f(3)]
    """,
    "falls off the end of a with": """
        import contextlib

        def f(path):
            with contextlib.suppress(OSError), open(path) as handle:
                handle.read()

        def g():
            with contextlib.suppress(KeyError):
                raise KeyError

        def run():
            return f("/dev/null"), f("/nowhere"), g()
    """,
    "falls off the end of a handler": """
        def f(a):
            try:
                return 1 / a
            except ZeroDivisionError as error:
                if a != 0:
                    print(error)

        def g(a):
            try:
                return 1 / a
            except ZeroDivisionError as error:
                if a == 0:
                    str(error)
                elif a == 1:
                    repr(error)

        def run():
            return f(0), f(1), g(0), g(1)
    """,
    "no return": """
        def f(a):
            while a:
                a -= 1
                if a == 1:
                    continue
                if a == 7:
                    break

        def run():
            return f(3), f(10), f(0)
    """,
    "only a docstring": '''
        def f():
            """Nothing else."""

        def run():
            return f(), f.__doc__
    ''',
    "only pass": """
        def f(): pass

        def g():
            ...

        def run():
            return f(), g()
    """,
    "first statement starts below itself": """
        def f(a):
            '''Doc.'''
            x = (
                a
                + 1
            )
            return x

        def deco(f):
            return f

        def g():
            @deco
            @deco
            def inner():
                return 1
            return inner()

        def run():
            return f(1), g(), f.__doc__
    """,
    "carets": """
        def f(table, key):
            return (1 + table["a"][key] +
                    2)

        def run():
            return f({"a": {}}, "missing")
    """,
    "raise from, finally, else": """
        def f():
            try:
                raise KeyError(1)
            except KeyError as error:
                try:
                    raise ValueError(2) from error
                finally:
                    x = 1
            else:
                return 1

        def run():
            f()
    """,
    "raise in a nested handler, recursion": """
        def f(n):
            if n == 0:
                return 1 / n
            try:
                return f(n - 1)
            except ZeroDivisionError:
                if n < 3:
                    raise
                return n

        def g():
            return f(2)

        def run():
            return f(3), g()
    """,
    "closures": """
        def outer(a, *, b=2):
            n = 0
            def inner(c):
                nonlocal n
                n += c
                def third():
                    return a, b, n, c
                return third
            return inner

        def run():
            make = outer(1)
            return make(1)(), make(2)(), outer.__code__.co_cellvars, make.__code__.co_freevars
    """,
    "classes": """
        class Base:
            def __init__(self, x):
                self.__x = x
                self.seen = __class__.__name__
            @property
            def x(self):
                return self.__x
            @x.setter
            def x(self, value):
                self.__x = value
            @staticmethod
            def s(__a=3):
                return __a, sorted(locals())
            @classmethod
            def c(cls):
                return cls.__name__

        class Derived(Base):
            def __init__(self, x):
                super().__init__(x + 1)
                self.kind = super().c()

        def run():
            d = Derived(1)
            d.x += 5
            return d.x, d.kind, d.seen, d.s(), Derived.c(), vars(d)
    """,
    "locals and frames": """
        import sys
        def f(a, *args, k=1, **kwargs):
            before = sorted(locals())
            b = 2
            line = sys._getframe().f_lineno
            return before, sorted(locals()), line, sys._getframe().f_code.co_name, sys.exc_info()

        def run():
            return f(1, 2, 3, k=4, z=5)
    """,
    "exc_info and bare raise": """
        import sys
        def f():
            return sys.exc_info()[0]
        def again():
            raise
        def run():
            try:
                1 / 0
            except ZeroDivisionError:
                assert f() is ZeroDivisionError
                again()
    """,
    "bare raise with nothing to raise": """
        def run():
            raise
    """,
    "lambdas": """
        def f(a):
            g = lambda x, y=2: (x
                + y + a)
            h = sorted([3, 1], key=lambda v: -v)
            k = (lambda: (lambda *p, **q: (p, q, a))
                 )()
            return g(1), h, k(1, z=2), [
                (lambda: i)() for i in range(2)]
        def run():
            return f(1), (lambda z: 1 / z)(0)
    """,
    "comprehensions": """
        def f(rows):
            total = [x for row in rows for x in row if x]
            names = {str(x): y for x, y in enumerate(total)}
            return total, names, {x for x in total}, sum(x for x in total)
        def run():
            return f([[1, 0], [2]])
    """,
    "unbound": """
        def f(a):
            if a:
                x = 1
            return x
        def run():
            return f(1), f(0)
    """,
    "del, global, walrus, match": """
        count = 0
        def f(a):
            global count
            count += 1
            if (n := len(a)) > 1:
                del a[0]
            match a:
                case [x]:
                    return x, n
                case [x, *_] if x:
                    return x, n
                case _:
                    return None
        def run():
            return f([1, 2]), f([]), f([0, 5, 6]), count
    """,
    "generators": """
        def f(n):
            try:
                for i in range(n):
                    got = yield (i if i
                        else -1)
                    if got:
                        yield got
            except KeyError as e:
                yield "caught", e.args
                raise
            finally:
                yield "last"
            return n
        def g(n):
            result = yield from f(n)
            yield result
            yield from [1, 2]
        def drive(it, *script):
            out = []
            try:
                out.append(next(it))
                for step in script:
                    if isinstance(step, type):
                        out.append(it.throw(step("thrown")))
                    else:
                        out.append(it.send(step))
            except BaseException as e:
                out.append(repr(e))
                while e.__context__ is not None:
                    e = e.__context__
                    out.append(repr(e))
            return out
        def run():
            out = [list(f(3)), list(g(2))]
            for make in (f, g):
                out.append(drive(make(2), None, "x", None, None, None, None))
                out.append(drive(make(2), KeyError, None, None))
                out.append(drive(make(2), ValueError, None, None))
                out.append(drive(make(2), StopIteration, None, None))
                it = make(2)
                it.close()
                it = make(2)
                next(it)
                try:
                    it.close()
                except RuntimeError as e:
                    out.append(repr(e))
            return out, sum(x for x in (y * 2 for y in range(3)))
    """,
    "generators given up": """
        def f():
            for i in range(3):
                yield i
        def g():
            with open(__import__("os").devnull) as h:
                yield from f()
        def run():
            out = []
            for make in (f, g):
                for x in make():
                    break
                it = make()
                next(it)
                out += [it.close(), list(it)]
            return out
    """,
    "generators that fail": """
        def f():
            yield 1
            yield 1 / 0
        def g():
            yield from f()
        def run():
            return list(g())
    """,
    "a generator raises StopIteration": """
        def f():
            yield 1
            raise StopIteration(5)
        def run():
            return list(f())
    """,
    "coroutines": """
        import types
        @types.coroutine
        def step(x):
            return (yield x)
        class Manager:
            async def __aenter__(self):
                return await step("enter")
            async def __aexit__(self, *kinds):
                await step(("exit", kinds[0]))
                return kinds[0] is KeyError
        async def numbers(n):
            for i in range(n):
                await step("number")
                got = yield i
        async def f(n):
            total = 0
            async with Manager() as m:
                async for x in numbers(n):
                    total += x
                if n == 2:
                    raise KeyError(n)
                if n == 3:
                    raise ValueError(n)
            return total, m, [x async for x in numbers(n) if x], await step("end")
        async def g(n):
            try:
                return await f(n)
            except ValueError:
                return await step("handled")
            finally:
                await step("finally")
        def drive(co, *script):
            out = []
            try:
                out.append(co.send(None))
                for step in script:
                    if isinstance(step, type):
                        out.append(co.throw(step("thrown")))
                    else:
                        out.append(co.send(step))
            except BaseException as e:
                out.append(repr(e))
            try:
                co.close()
            except RuntimeError as e:
                out.append(repr(e))
            return out
        def run():
            out = [drive(g(n), *range(20)) for n in range(4)]
            for n in range(6):
                for kind in (KeyError, ValueError, GeneratorExit):
                    out.append(drive(g(4), *range(n), kind, 1, 2, 3))
            return out
    """,
    "a coroutine that fails": """
        async def f(n):
            if n:
                return await f(n - 1)
            return 1 / n
        def run():
            f(2).send(None)
    """,
    "asserts": """
        def f(a):
            assert a, f"{a!r} is {'not' if a else 'nothing'}"
            return a
        def run():
            return f(1), f(0)
    """,
}


@pytest.mark.parametrize("kind", ["time", "capture"])
@pytest.mark.parametrize("name", SAMPLES)
def test_a_tracer_sees_the_same(name, kind, tmp_path):
    source = write(tmp_path, SAMPLES[name])
    recorder = Recorder()
    plain = observed(load(source, None, recorder), source.path)
    assert recorder.calls == 0
    twin = observed(load(source, kind, recorder), source.path)
    assert recorder.calls > 0
    assert recorder.depth == 0
    result, events, *rest = twin
    assert (result, *rest) == (plain[0], *plain[2:])
    assert loud(events) == loud(plain[1])


def loud(events):
    """Without generators that end by ``GeneratorExit`` alone.

    3.13 ends one that handles nothing without running it; a twin is run, to count its end.
    """
    found = []
    for event in events:
        found.append(event)
        kinds = [e[0] for e in found[-3:]]
        if kinds == ["call", "exception", "return"] and found[-2][3] == "'GeneratorExit'":
            del found[-3 if len({e[1:3] for e in found[-3:]}) == 1 else len(found) :]
    return found


def plain_and_twins(module, kind):
    source = Source.read(module.__file__, module.__name__)
    plain = {(c.co_qualname, c.co_firstlineno): c for c in all_codes(plain_code(source, 0))}
    made = [marshal.loads(t) for t in probed_module(source, kind, 0).values() if type(t) is bytes]
    assert len(made) > 10
    return [(plain[t.co_qualname, t.co_firstlineno], t) for t in made]


def instructions(code):
    """Name, position and argument; jumps without, and what counts handlers for ``close()``."""
    counts = ("YIELD_VALUE", "RESUME")
    return [
        (i.name, None if i.target or i.name in counts else i.argument, i.position)
        for i in assembly.disassemble(code)
    ]


@pytest.mark.parametrize("kind", ["time", "capture"])
@pytest.mark.parametrize("module", [ast, textwrap, dis, traceback])
def test_every_instruction_is_there_in_order_at_its_position(module, kind):
    for plain, twin in plain_and_twins(module, kind):
        remaining = iter(instructions(twin))
        assert all(x in remaining for x in instructions(plain)), twin.co_qualname
        lines = {line for *_, line in plain.co_lines()}
        assert {line for *_, line in twin.co_lines()} - lines <= {None}, twin.co_qualname


@pytest.mark.parametrize("module", [ast, textwrap, dis, traceback])
def test_a_twin_differs_from_the_plain_code_in_nothing_else(module):
    for plain, twin in plain_and_twins(module, "time"):
        same = {"co_filename", "co_name", "co_qualname", "co_flags", "co_firstlineno", "co_names"}
        same |= {"co_varnames", "co_cellvars", "co_freevars", "co_argcount", "co_nlocals"}
        same |= {"co_posonlyargcount", "co_kwonlyargcount"}
        assert {n: getattr(plain, n) for n in same} == {n: getattr(twin, n) for n in same}
        more = twin.co_consts[len(plain.co_consts) :]
        assert twin.co_consts == (*plain.co_consts, *more)
        if plain.co_flags & 0x2A0:
            assert set(more) == SUSPENDABLE
        else:
            assert more == (probes.ENTER, probes.LEAVE)


@pytest.mark.parametrize("module", [ast, textwrap, dis, traceback])
def test_what_is_taken_apart_is_put_together_again(module):
    code = compile(Path(module.__file__).read_text(), module.__file__, "exec")
    for inner in all_codes(code):
        again = assembly.assemble(inner, assembly.disassemble(inner))
        assert again.co_code == inner.co_code
        assert again.co_exceptiontable == inner.co_exceptiontable
        assert list(again.co_positions()) == list(inner.co_positions())


def test_no_placeholder_is_left_elsewhere(tmp_path):
    source = write(tmp_path, SAMPLES["closures"])
    for twin in probed_module(source, "time", 0).values():
        inner = [c for c in marshal.loads(twin).co_consts if isinstance(c, CodeType)]
        assert not any(PLACEHOLDERS & set(map(str, c.co_consts)) for c in inner)


def test_a_reason_is_kept_for_what_is_left_alone(tmp_path):
    source = write(
        tmp_path,
        """
        def g():
            yield 1
        async def c():
            pass
        async def a():
            yield 1
        pair = lambda: 1, lambda: 2
        def fine():
            return lambda: (yield)
        """,
    )
    pair = "line 8 has two definitions with this name, which cannot be told apart"
    both = {"sample:<lambda>": pair, "sample:<lambda>#2": pair}
    made = twins.probed_module(source, "time", 0)
    assert {a: t for a, t in made.items() if isinstance(t, str)} == both
    made = twins.probed_module(source, "capture", 0)
    reasons = {a: t.partition(":")[0] for a, t in made.items() if isinstance(t, str)}
    assert reasons == {
        **{a: t.partition(":")[0] for a, t in both.items()},
        "sample:c": "coroutine",
        "sample:a": "asynchronous generator",
    }
