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

PLACEHOLDERS = {probes.ENTER, probes.LEAVE, probes.CAPTURE}


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
        self.captured.append(values)

    def leave(self):
        self.depth -= 1


def patched(code, recorder, twins_by_key):
    """``code`` with every function below it exchanged for its twin, placeholders filled."""
    fill = {
        probes.ENTER: recorder.enter,
        probes.LEAVE: recorder.leave,
        probes.CAPTURE: recorder.capture,
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
    assert twin == plain


def plain_and_twins(module, kind):
    source = Source.read(module.__file__, module.__name__)
    plain = {(c.co_qualname, c.co_firstlineno): c for c in all_codes(plain_code(source, 0))}
    made = [marshal.loads(t) for t in probed_module(source, kind, 0).values() if type(t) is bytes]
    assert len(made) > 10
    return [(plain[t.co_qualname, t.co_firstlineno], t) for t in made]


def instructions(code):
    """Name, position and what the argument means; jumps by the number of instructions skipped."""
    return [
        (i.name, None if i.target else i.argument, i.position) for i in assembly.disassemble(code)
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
        assert twin.co_consts == (*plain.co_consts, probes.ENTER, probes.LEAVE)


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
    made = twins.probed_module(source, "time", 0)
    reasons = {a: t.partition(":")[0] for a, t in made.items() if isinstance(t, str)}
    assert reasons == {
        "sample:g": "generator",
        "sample:c": "coroutine",
        "sample:a": "asynchronous generator",
        "sample:<lambda>": "line 8 has two definitions with this name, which cannot be told apart",
        "sample:<lambda>#2": "line 8 has two definitions with this name, which cannot be told apart",
        "sample:fine.<lambda>": "generator",
    }
