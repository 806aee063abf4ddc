"""Compiled in place: exception classes of the module's own, and handlers that look at what they catch."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_in_place import InPlace, Make

TEXT = """
class ParseError(Exception):
    pass


class Located(ParseError):
    code = 3

    def __init__(self, message, at, extra=None):
        super().__init__(message)
        self.message = message
        self.at = at
        if extra is not None:
            self.extra = extra


class Deep(Located):
    def __init__(self, at):
        Located.__init__(self, f"deep {at}", at, extra=at)
        self.at += 1


class Short(LookupError):
    def __init__(self, need, have):
        self.need = need
        self.missing = need - have


class Said(ValueError):
    def __init__(self, word):
        super().__init__()
        self.word = word

    def __str__(self):
        return "said " + self.word


class Other(Exception):
    def __bool__(self):
        return False


class Held:
    pass


def finished(kinds):
    log = []
    for kind in kinds:
        try:
            try:
                log.append(kind)
                if kind > 5:
                    raise ParseError(kind)
            finally:
                log.append("done")
        except ParseError:
            log.append("caught")
    return log


def thrown(kind, log):
    log.append(kind)
    if kind == 1:
        raise ParseError("one", kind)
    if kind == 2:
        raise ParseError
    if kind == 3:
        raise Located("two", kind)
    if kind == 4:
        raise Located(at=kind, message="three")
    if kind == 5:
        raise Deep(kind)
    if kind == 6:
        raise Short(kind, 2)
    if kind == 7:
        raise KeyError(kind)
    if kind == 8:
        raise ValueError(f"eight {kind!r}")
    if kind == 9:
        raise Said("nine")
    if kind == 10:
        raise Other()
    if kind == 11:
        raise Exception(kind, "eleven")
    if kind == 12:
        raise RuntimeError
    log.append(-kind)
    return kind * 2


def counted(kinds):
    log, counts = [], {}
    for kind in kinds:
        try:
            found = thrown(kind, log)
        except Deep:
            found = "deep"
        except (Located, Short):
            found = "located"
        except ParseError:
            found = "parse"
            if kind == 2:
                continue
        except LookupError as unused:
            found = "lookup"
        except Exception:
            found = "other"
        else:
            log.append("fine")
        counts[found] = counts.get(found, 0) + 1
    return counts, log


def told(kinds):
    log, said = [], []
    for kind in kinds:
        try:
            thrown(kind, log)
        except Located as e:
            said.append((str(e), e.message, e.at, e.code, e.args))
        except Short as e:
            said.append((e.need, e.missing, e.args, f"{e}"))
        except (KeyError, ParseError) as e:
            said.append(f"{e}/{e!s:>9}/{len(e.args)}")
        except ValueError as e:
            said.append("%s: %s" % (kind, e))
        except Exception as e:
            said.append(str(e.args[0]) if e.args else "")
    return said, log


def again(kinds):
    log, out = [], []
    for kind in kinds:
        try:
            out.append(passed_on(kind, log))
        except Located as e:
            out.append(e.at)
        except ParseError as e:
            out.append(str(e))
        except KeyError:
            out.append("key")
        except Exception as error:
            out.append(len(error.args))
    return out, log


def passed_on(kind, log):
    try:
        return thrown(kind, log)
    except Located as e:
        log.append(e.code)
        raise
    except ParseError as e:
        log.append(str(e))
        raise Located(f"from {e}", kind) from e
    except Short as e:
        raise e
    except KeyError:
        try:
            log.append(thrown(kind - 6, log))
        except ParseError:
            raise
    except ValueError:
        raise ParseError("no value") from None


def found(words, sought):
    try:
        for word in words:
            if word == sought:
                raise Other
    except Other:
        return True
    return False


def waited(numbers, rounds, late):
    total, caught = 0, 0
    for _ in range(rounds):
        try:
            for n in numbers:
                total += n
                if n < 0:
                    raise Located("below", n)
        except Located as e:
            caught += 1
            total -= e.at
        except Exception:
            caught += 100
            if late:
                return 1 // (late - 1)
            break
    return total, caught


def whatever(items):
    out = []
    for item in items:
        try:
            if not item:
                raise ParseError("empty", item)
            out.append(item)
        except ParseError as e:
            out.append(f"{e}")
            out.append(str(e.args[1]))
    return out
"""

EXAMPLES: dict[str, Make] = {
    "counted": lambda m: (list(range(13)),),
    "told": lambda m: (list(range(9)),),
    "again": lambda m: (list(range(9)),),
    "finished": lambda m: ([1, 2],),
    "found": lambda m: (["a", "b"], "b"),
    "waited": lambda m: ([1, 2, -3], 3, 0),
    "whatever": lambda m: (["a", "", "b"],),
}
KINDS = st.lists(st.integers(0, 12), max_size=8)


@pytest.fixture(scope="module")
def made(builder: Any) -> InPlace:
    return InPlace(builder, TEXT, EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run_compiled(made: InPlace, name: str) -> None:
    made.check_fast(name, EXAMPLES[name])


@settings(deadline=None, max_examples=150)
@given(KINDS)
def test_own_errors_come_to_their_handlers(made: InPlace, kinds: list[int]) -> None:
    made.check_fast("counted", lambda m: (list(kinds),))
    made.check("told", lambda m: (list(kinds),))
    made.check("again", lambda m: (list(kinds),))
    made.check("finished", lambda m: (list(kinds),))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-3, 9), max_size=6), st.integers(0, 4))
def test_an_error_in_a_loop_ends_it(made: InPlace, numbers: list[int], rounds: int) -> None:
    made.check_fast("waited", lambda m: (list(numbers), rounds, 0))
    made.check("found", lambda m: ([str(n) for n in numbers], "4"))


def test_a_text_that_the_class_itself_makes_is_left_to_python(made: InPlace) -> None:
    made.check("told", lambda m: ([1, 9, 3],))
    made.check("again", lambda m: ([9, 1],))


def test_what_an_error_was_given_may_be_anything(made: InPlace) -> None:
    class Loud(str):
        def __str__(self) -> str:
            return "LOUD"

    for items in ([0, "a"], [None, 1.5], [[], {}], ["", Loud(""), Loud("x")], [float("nan"), -0.0]):
        made.check("whatever", lambda m, items=items: (list(items),))
    made.check("whatever", lambda m: (["", m.Held()],))
    made.check("counted", lambda m: ([1, True, 3.0, None, "4", 1 << 80],))
    made.check("told", lambda m: ([1, True, 5.0, None, "4", -(1 << 80)],))


def test_what_nobody_catches_is_raised_by_python(builder: Any) -> None:
    text = TEXT + (
        "\n\ndef outer(kinds, log):\n    for kind in kinds:\n        try:\n"
        "            log.append(thrown(kind, log))\n        except Short as e:\n            log.append(e.need)\n"
    )
    examples: dict[str, Make] = {"outer": lambda m: ([0, 6], [])}
    made = InPlace(builder, text, examples)
    made.check_fast("outer", examples["outer"])
    for kind in range(1, 13):
        made.check("outer", lambda m, kind=kind: ([0, 6, kind, 0], ["before"]))
    with pytest.raises(made.compiled.Deep) as caught:
        made.compiled.outer([5], [])
    assert (caught.value.at, caught.value.extra, caught.value.args) == (6, 5, ("deep 5",))
    assert [each.name for each in caught.traceback[1:]] == ["outer", "thrown", "__init__"][:2]


def _other_init(module: Any) -> Callable[[], None]:
    old = module.Located.__init__

    def changed(self: Any, message: str, at: int, extra: object = None) -> None:
        old(self, message + "!", at * 2)

    module.Located.__init__ = changed
    return lambda: setattr(module.Located, "__init__", old)


def _other_text(module: Any) -> Callable[[], None]:
    module.ParseError.__str__ = lambda self: "changed"
    return lambda: delattr(module.ParseError, "__str__")


def _other_class(module: Any) -> Callable[[], None]:
    old = module.ParseError
    module.ParseError = type("ParseError", (Exception,), {})
    return lambda: setattr(module, "ParseError", old)


def _other_new(module: Any) -> Callable[[], None]:
    def new(cls: Any, *given: object) -> Any:
        return Exception.__new__(cls, "new", *given)

    module.ParseError.__new__ = new
    return lambda: delattr(module.ParseError, "__new__")


def _other_attribute(module: Any) -> Callable[[], None]:
    module.Located.at = property(lambda self: 7, lambda self, value: None)
    return lambda: delattr(module.Located, "at")


def _other_store(module: Any) -> Callable[[], None]:
    def put(self: Any, which: str, value: object) -> None:
        object.__setattr__(self, which, [value])

    module.ParseError.__setattr__ = put
    return lambda: delattr(module.ParseError, "__setattr__")


CHANGES = (_other_init, _other_text, _other_class, _other_new, _other_attribute, _other_store)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["counted", "told", "again"])
def test_a_class_that_is_changed_is_seen(
    builder: Any, name: str, change: Callable[[Any], Callable[[], None]]
) -> None:
    made = InPlace(builder, TEXT, EXAMPLES)  # a class that had a __new__ is another one for good
    made.check(name, EXAMPLES[name])
    back = [change(m) for m in (made.original, made.compiled)]
    try:
        made.check(name, EXAMPLES[name])
    finally:
        for each in back:
            each()
    made.check(name, EXAMPLES[name])


@contextmanager
def alarm(error: Exception) -> Iterator[None]:
    """A signal handler that raises an error a little later, once."""

    def stop(number: int, frame: object) -> None:
        raise error

    old = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def test_what_a_signal_raises_is_caught_as_well(made: InPlace) -> None:
    numbers = [1, 2] * 500
    with alarm(OSError("late")):
        total, caught = made.compiled.waited(numbers, 1 << 40, 0)
    assert caught == 100 and total > 0
    with alarm(made.compiled.Located("late", 5)):
        total, caught = made.compiled.waited(numbers, 200_000, 0)
    assert caught == 1
    with alarm(KeyboardInterrupt()), pytest.raises(KeyboardInterrupt):  # type: ignore[arg-type]
        made.compiled.waited(numbers, 1 << 40, 0)


def test_what_a_signal_raised_comes_out_where_the_call_is_given_up(made: InPlace) -> None:
    numbers, before = [1, 2] * 500, made.deopts["waited"]
    with alarm(OSError("late")), pytest.raises(OSError, match="late"):
        made.compiled.waited(numbers, 1 << 40, 1)
    assert made.deopts["waited"] == before


@pytest.mark.parametrize(
    "handler",
    [
        "except ParseError as e:\n            out.append(e)",
        "except ParseError as e:\n            last = e",
        "except ParseError as e:\n            return e",
        "except ParseError as e:\n            out.append(repr(e))",
        "except ParseError as e:\n            out.append(f'{e!r}')",
        "except ParseError as e:\n            out.append('%r' % e)",
        "except ParseError as e:\n            out.append('%s %d' % (e, 1))",
        "except ParseError as e:\n            out.append('{}'.format(e))",
        "except ParseError as e:\n            out.append(type(e).__name__)",
        "except ParseError as e:\n            out.append(isinstance(e, ParseError))",
        "except ParseError as e:\n            out.append(e.__context__ is None)",
        "except ParseError as e:\n            out.append(1 if e else 2)",
        "except ParseError as e:\n            out.append(e == 3)",
        "except ParseError as e:\n            out.append((e, 1))",
        "except ParseError as e:\n            out.append([e for _ in range(2)])",
        "except ParseError as e:\n            e = 3\n            out.append(e)",
        "except ParseError as e:\n            out.append(e.nothing)",
        "except ParseError as e:\n            e.args = (3, 4)\n            out.append(str(e))",
        "except ParseError as e:\n            e.more = word\n            out.append(e.more)",
        "except ParseError as e:\n            raise KeyError(word) from e",
        "except ParseError as e:\n            raise KeyError(word) from 3",
        "except ParseError as e:\n            raise e.args[0]",
        "except ParseError as e:\n            pass\n        finally:\n            out.append(2)",
        "except ParseError as e:\n            shown(e, out)",
        "except ParseError as word:\n            pass",
        "except ParseError as e:\n            del e\n            out.append(3)",
        "except:\n            out.append(4)",
        "except BaseException as e:\n            out.append(str(e))",
        "except OSError as e:\n            out.append(str(e))\n        except Exception:\n            raise",
        "except errors:\n            out.append(5)",
        "except len(word):\n            out.append(5)",
    ],
)
def test_what_handlers_do_with_an_error(builder: Any, handler: str) -> None:
    text = (
        "class ParseError(Exception):\n    pass\n\nerrors = (ParseError, KeyError)\n\n"
        "def shown(error, out):\n    out.append(str(error))\n\n"
        "def parsed(word):\n    if len(word) > 1:\n        raise ParseError('no ' + word)\n    return 1\n\n"
        "def read(words, out):\n    for word in words:\n        try:\n"
        f"            out.append(parsed(word))\n        {handler}\n        out.append(word)\n    return out\n"
    )
    examples: dict[str, Make] = {"read": lambda m: (["a", "b"], ["a"])}
    try:
        made = InPlace(builder, text, examples)
    except Exception as refused:
        assert type(refused).__name__ == "CannotPrint"
        return
    for words in (["a"], ["a", "bb"], ["aa", "b"]):
        outcomes = []
        for module in (made.original, made.compiled):
            out: list[Any] = []
            try:
                module.read(list(words), out)
            except Exception as error:
                out.append((type(error).__name__, str(error)))
            outcomes.append([repr(each) for each in out])
        assert outcomes[0] == outcomes[1]
