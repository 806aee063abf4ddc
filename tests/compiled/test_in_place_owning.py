"""Compiled in place: what objects made in the call hold is noted only where something that came in may be among it."""

import re
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modules_workbench import Across, Make

from selfsame.compiler.emit.build import Builder

TEXT = """
LIMIT = 1 << 62


class Point:
    __slots__ = ("x", "y")

    def __init__(self, x):
        self.x = x * 1.0
        self.y = x * 0.5

    def scale(self, by):
        self.x *= by
        self.y *= by


class Ball:
    seen = []
    kind = None

    def __init__(self, n):
        self.n = n
        self.at = Point(n)
        self.near = None
        self.rows = []


class Odd:
    def __init__(self, n):
        self.n = n
        self.at = Point(n)


def largest(n):
    points = [None] * n
    for i in range(n):
        points[i] = Point(i)
    for p in points:
        p.scale(0.5)
    found = points[0]
    for p in points[1:]:
        if p.x > found.x:
            found = p
            found.y = 7.5
    return found


def placed(n, big):
    total = 0
    balls = [Ball(i) for i in range(n)]
    for ball in balls:
        ball.at.scale(2.0)
        ball.rows.append(ball.at)
    for ball in balls:
        for at in ball.rows:
            at.x += 1.0
        total += big
    return balls


def beside(points, n, big):
    mine = [Point(i) for i in range(n)]
    mine.append(points[0])
    for p in mine:
        p.scale(3.0)
    for i in range(3):
        n += big
    return mine


def copied(points, big):
    mine = points[:]
    for p in mine:
        p.scale(3.0)
    for i in range(3):
        big += big
    return mine


def hung(point, n, big):
    ball = Ball(n)
    ball.at = point
    for i in range(3):
        ball.at.scale(0.25)
        n += big
    return ball


def paired(points, n, big):
    both = {}
    for i in range(n):
        both[i] = (Point(i), points[i])
    for i in both:
        made, came = both[i]
        made.x += 1.5
        came.x += 2.5
        n += big
    return both


def of_class(n, big):
    balls = [Ball(i) for i in range(n)]
    for ball in balls:
        ball.seen.append(ball.n)
        n += big
    return balls


def late(n, big):
    odds = [Odd(i) for i in range(n)]
    for odd in odds:
        odd.at.x = 9.0
        n += big
    return odds


def handed(out, n, big):
    for i in range(n):
        ball = Ball(i)
        out.append(ball)
        ball.at.x = 4.0
        ball.n = -1
    for ball in out:
        ball.at.scale(2.0)
        n += big
    return n


def waits(out, go, n, big):
    ball = Ball(n)
    out.append(ball)
    for i in range(n):
        if go[0] == 1:
            break
    ball.at.x += 5.0
    for i in range(3):
        big += big
    return ball


def near(n, big):
    first = Ball(0)
    at = first
    for i in range(n):
        at.near = Ball(i)
        at = at.near
    while first is not None:
        first.n += big
        first.at.y = 0.25
        first = first.near
    return at


def attach(ball, point):
    ball.at = point
    ball.rows.append(point)


def attached(ball, points, n, big):
    mine = Ball(n)
    for i in range(n):
        attach(mine, points[i])
    attach(ball, points[0])
    for i in range(3):
        mine.at.x += 5.5
        mine.rows[0].y += 6.5
        n += big
    return mine
"""


def _points(m: Any, n: int) -> list[Any]:
    return [m.app.Point(i) for i in range(n)]


EXAMPLES: dict[str, Make] = {
    "largest": lambda m: (9,),
    "placed": lambda m: (5, 1),
    "beside": lambda m: (_points(m, 2), 3, 1),
    "copied": lambda m: (_points(m, 3), 1),
    "hung": lambda m: (m.app.Point(3), 2, 1),
    "paired": lambda m: (_points(m, 4), 3, 1),
    "of_class": lambda m: (3, 1),
    "late": lambda m: (3, 1),
    "handed": lambda m: ([m.app.Ball(7)], 3, 1),
    "waits": lambda m: ([m.app.Ball(7)], [0], 3, 1),
    "near": lambda m: (5, 1),
    "attached": lambda m: (m.app.Ball(7), _points(m, 4), 3, 1),
}
BIG = (1 << 62) - 1


@pytest.fixture(scope="module")
def across(builder: Builder) -> Across:
    return Across(builder, {"app": TEXT}, EXAMPLES)


@pytest.mark.parametrize("name", [n for n in EXAMPLES if n != "waits"])
def test_examples(across: Across, name: str) -> None:
    across.check_fast(name, EXAMPLES[name])


def stores(across: Across, name: str, of: str) -> set[str]:
    """With which pools a compiled function stores to an attribute."""
    found = re.findall(rf"sf_put_\w+\((\w+), .*{of}, ", across.units[name].text)
    return set(found)


def test_what_was_made_in_the_call_is_not_noted(across: Across) -> None:
    for name in ("largest", "placed", "near", "late"):
        for of in ("Point_x", "Point_y", "Ball_at", "Ball_near", "Ball_n"):
            assert stores(across, name, of) <= {"NULL"}, (name, of)
    assert "sf_list_append(pool" not in across.units["placed"].text


def test_what_came_in_is_noted(across: Across) -> None:
    for name in ("beside", "copied", "hung", "paired"):
        assert stores(across, name, "Point_x") >= {"pool"}, name


def test_what_was_let_out_may_hold_anything(across: Across) -> None:
    assert stores(across, "waits", "Point_x") == {"pool", "NULL"}
    assert stores(across, "handed", "Point_x") == {"pool", "NULL"}


@pytest.mark.parametrize("n", range(5))
def test_given_up_half_way(across: Across, n: int) -> None:
    for big in (BIG, BIG - n, 2**80):
        across.check("placed", lambda m, big=big: (n, big))
        across.check("beside", lambda m, big=big: (_points(m, 2), n, big))
        across.check("copied", lambda m, big=big: (_points(m, n), big))
        across.check("hung", lambda m, big=big: (m.app.Point(3), n, big))
        across.check("paired", lambda m, big=big: (_points(m, 4), n, big))
        across.check("late", lambda m, big=big: (n, big))
        across.check("handed", lambda m, big=big: ([m.app.Ball(7)], n, big))
        across.check("near", lambda m, big=big: (n, big))
        across.check("attached", lambda m, big=big: (m.app.Ball(7), _points(m, 5), n + 1, big))


def test_what_the_class_holds_is_of_nobodys_making(across: Across) -> None:
    for big in (1, BIG):
        seen = []
        for side in (across.original, across.compiled):
            side.app.Ball.seen = []
            side.app.of_class(4, big)
            seen.append(side.app.Ball.seen)
        assert seen[0] == seen[1] == [0, 1, 2, 3]


class Falls:
    """An attribute that the class gives where an instance has none."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __get__(self, owner: object, cls: type) -> object:
        return self.value


@pytest.mark.parametrize("way", [lambda p: p, Falls])
def test_what_a_class_got_later(across: Across, way: Callable[[Any], Any]) -> None:
    done = []
    for side in (across.original, across.compiled):
        point = side.app.Point(1)
        side.app.Odd.at = way(point)
        made = [odd.at.x for odd in side.app.late(3, BIG)]
        done.append((made, point.x))
        del side.app.Odd.at
    assert done[0] == done[1]
    across.check_fast("late", EXAMPLES["late"])


def test_what_others_put_into_what_was_let_out(across: Across) -> None:
    """A handler puts a point of its own where the call reads: what is done to that is taken back."""
    done = []
    for side in (across.original, across.compiled):
        out, go = [side.app.Ball(7)], [0]
        mine = side.app.Point(1)

        def handle(*_: object, out: Any = out, go: Any = go, mine: Any = mine) -> None:
            go[0] = 1
            if len(out) > 1:
                out[-1].at = mine

        before = signal.signal(signal.SIGALRM, handle)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            ball = side.app.waits(out, go, 400_000_000, 1 << 61)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
        done.append((ball.n, len(out), mine.x in (1.0, 6.0)))
        if side is across.compiled and ball.at is not mine:
            assert mine.x == 1.0
    assert done[0] == done[1]


def test_threads_with_calls_of_their_own(across: Across) -> None:
    wrong = []

    def work() -> None:
        for n in range(60):
            balls = across.compiled.app.placed(n, 1)
            if [b.at.x for b in balls] != [2.0 * i + 1.0 for i in range(n)]:
                wrong.append(n)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats() | st.integers(-9, 9), max_size=5),
    st.integers(-1, 6),
    st.sampled_from([0, 1, BIG, 2**70, 0.5, True]),
)
def test_any_values(across: Across, values: list[float], n: int, big: Any) -> None:
    def points(m: Any) -> list[Any]:
        made = [m.app.Point(0) for _ in values]
        for point, value in zip(made, values, strict=True):
            point.x = value
        return made

    for name in ("beside", "paired"):
        across.check(name, lambda m: (points(m), n, big))
    across.check("copied", lambda m: (points(m), big))
