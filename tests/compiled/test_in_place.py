"""Functions on instances, dicts and tuples in place: the same results and effects, or none and the original."""

import gc
import re
import signal
import sys
import types
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from typing import Any

import pytest
from compiled_workbench import swap_in
from hypothesis import given, settings
from hypothesis import strategies as st

from selfsame.compiler.cst.source import Source
from selfsame.compiler.emit.build import Builder
from selfsame.compiler.emit.cython.helpers import HEADER, header_text
from selfsame.compiler.emit.cython.unit import module_text
from selfsame.compiler.identity import definitions
from selfsame.runtime.agent.capture import dump
from selfsame.runtime.mutation.observe import observe, words_of
from selfsame.variants.compiled.in_place_function_to_cython import print_site, variations
from selfsame.variants.compiled.trampoline import trampoline
from selfsame.variants.site import Observed, Refusal, Site
from selfsame.variants.variation import Variation

TEXT = """
import heapq
import math
from collections import deque
from dataclasses import dataclass

LIMIT = 3


class Ball:
    def __init__(self, x, v, next=None):
        self.x = x
        self.v = v
        self.next = next
        self.hits = 0

    def step(self, dt):
        self.x += self.v * dt
        if self.x < 0.0:
            self.bounce()
        return self.x

    def bounce(self):
        self.x = -self.x
        self.v = -self.v
        self.hits += 1


class Slim:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a
        self.b = a * 2


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __mul__(self, by):
        return Vec(self.x * by, self.y * by)

    __rmul__ = __mul__

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __lt__(self, other):
        return self.x < other.x

    @property
    def size(self):
        return math.sqrt(self.x * self.x + self.y * self.y)


@dataclass
class Edge:
    a: int
    b: int
    weight: float = 1.5


class Tree:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


class Sub(Ball):
    def step(self, dt):
        return 0.0


def roll(balls, times, dt):
    total = 0
    for _ in range(times):
        for ball in balls:
            total += ball.step(dt)
    return total


def fail_late(balls, times):
    for k in range(times):
        for ball in balls:
            ball.x += 1.0
            ball.hits = k
        balls[0].v = 1.0 / (times - 1 - k)
    return balls


def overflow(balls, n):
    for ball in balls:
        ball.hits = 1
        for _ in range(n):
            ball.hits *= 1000
    return balls[0].hits


def chain(n):
    head = None
    for i in range(n):
        head = Ball(i * 0.5, 1.0, head)
    seen = 0
    at = head
    while at is not None:
        seen += at.x > 1.0
        at = at.next
    return head, seen


def rewire(ball, other, times):
    for k in range(times):
        ball.next, other.next = other, ball.next
        if k == 2:
            other.hits += 1
    return ball.next is other


def slims(n, keep):
    made = [Slim(i) for i in range(n)]
    for s in made:
        s.b -= 1
        keep.append(s)
    return sum(s.a + s.b for s in made)


def vectors(n):
    at = Vec(0.0, 0.0)
    step = Vec(0.5, -0.25)
    for i in range(n):
        at = at + step * i
        if at.size > 100.0:
            at = 0.5 * -at
    return at.x, at.y, at


def best_vector(vs):
    best = vs[0]
    for v in vs:
        if best < v:
            best = v
    return best


def edges(n):
    found = [Edge(i, i + 1) for i in range(n)]
    found.append(Edge(0, n, weight=0.5))
    return max([e.weight for e in found if e.a != e.b]) if found else 0, found


def insert(root, keys):
    for key in keys:
        node = root
        while True:
            if key < node.key:
                if node.left is None:
                    node.left = Tree(key)
                    break
                node = node.left
            elif key > node.key:
                if node.right is None:
                    node.right = Tree(key)
                    break
                node = node.right
            else:
                break
    return height(root)


def height(node):
    if node is None:
        return 0
    return 1 + max(height(node.left), height(node.right))


def shortest(graph, start):
    dist = {start: 0}
    heap = [(0, start)]
    while heap:
        d, u = heapq.heappop(heap)
        if d > dist[u]:
            continue
        for v, w in graph[u]:
            nd = d + w
            if v not in dist or nd < dist[v]:
                dist[v] = nd
                heapq.heappush(heap, (nd, v))
    return dist


def levels(graph, start):
    found = {start: 0}
    queue = deque([start])
    while queue:
        u = queue.popleft()
        for v, _ in graph[u]:
            if v not in found:
                found[v] = found[u] + 1
                queue.append(v)
    return found


def count(words, counts):
    for word in words:
        key = word.lower()
        counts[key] = counts.get(key, 0) + 1
    return len(counts)


def group(pairs):
    groups = {}
    for name, value in pairs:
        if name not in groups:
            groups[name] = []
        groups[name].append(value)
    for name, values in groups.items():
        values.sort(reverse=True)
    return groups, {k: sum(v) for k, v in groups.items()}


def defaults(pairs):
    groups = {}
    for name, value in pairs:
        groups.setdefault(name, []).append(value * 2)
    return groups


def attract(bodies, pairs, times):
    for _ in range(times):
        for ([x1, y1], v1, m1), ([x2, y2], v2, m2) in pairs:
            dx = x1 - x2
            dy = y1 - y2
            force = 1.0 / (dx * dx + dy * dy + 0.01)
            v1[0] -= dx * m2 * force
            v1[1] -= dy * m2 * force
            v2[0] += dx * m1 * force
            v2[1] += dy * m1 * force
        for place, speed, _ in bodies:
            place[0] += speed[0] * 0.01
            place[1] += speed[1] * 0.01


def changes_while_looping(d, n):
    for key in d:
        if key == n:
            d[key + 100] = 1
        else:
            d[key] = 2
    return len(d)


def grows_while_looping(xs, n):
    for x in xs:
        if len(xs) < n:
            xs.append(x + 1)
    return xs


def chained(items, low, high):
    found = []
    for name, value in items:
        if low <= value < high or name in ("a", "b"):
            found.append((value, name))
    found.sort()
    return found, max(found) if found else None, [n for _, n in found][::-1]


def unbound(xs, n):
    for name, x in xs:
        if x > n:
            last = name
    return last


def maybe(pairs, wanted):
    found = None
    for name, value in pairs:
        if name == wanted:
            found = value
    return found


def swaps(xs, pairs):
    for i, j in pairs:
        xs[i], xs[j] = xs[j], xs[i]
        i = j
    return xs


def mixed_sum(pairs):
    total = 0
    for _, value in pairs:
        total = total + value
    return total


def slices(rows, n):
    for _, row in rows:
        row[1:3] = row[n:]
        del row[0]
        row.insert(n, n)
        row += [n] * 2
        row.reverse()
    return rows


def turned(text, data, n):
    parts = []
    for at in range(n, n + 4):
        parts += [text[at:], text[:at], text[n:at], text[::-1], text[at::2], text[:at:-3]]
    return parts, [data[::-1], data[n::2], data[:n]], text == text[::-1]


def uniques(pairs):
    seen = set()
    for name, value in pairs:
        seen.add((name, value % LIMIT))
    return len(seen), any(v > 5 for _, v in pairs), all(v > 5 for _, v in pairs), min(v for _, v in pairs)


def ordered(counter, pairs):
    found = []
    for name, _ in pairs:
        found.append(counter.hits + bump(counter) * 10 + counter.hits * 100)
    return found


def bump(counter):
    counter.hits += 1
    return counter.hits


def either(balls, flag):
    out = []
    for ball in balls:
        other = ball.next or ball
        out.append(other.x if flag and ball.hits == 0 else -1.0)
    return out


class Shape:
    kind = 7

    def __init__(self, name):
        self.name = name
        self.seen = 0

    def area(self):
        return 0.0

    def look(self, by):
        self.seen += by
        return self.area() + by


class Square(Shape):
    def __init__(self, side):
        super().__init__("square")
        self.side = side
        self.__own = side

    def area(self):
        return self.side * self.__own


class Disc(Shape):
    def __init__(self, radius):
        Shape.__init__(self, "disc")
        self.radius = radius

    def area(self):
        return self.radius * self.radius * 3.0

    def look(self, by):
        return super().look(by + 1) * 2.0


def areas(shapes, n):
    total = 0.0
    for _ in range(n):
        for shape in shapes:
            total += shape.look(1)
            if isinstance(shape, Square):
                total += shape.side + shape.kind
            if shape is shapes[-1]:
                shape.name = "last"
    return total


def built(n):
    made = []
    for i in range(n):
        made.append(Square(i * 0.5) if i % 2 else Disc(i * 0.25))
    return made, areas(made, 2)


def backtrack(n):
    return placed(n, 0, set(), {}, [])


def placed(n, row, cols, at, found):
    if row == n:
        found.append(sorted(at.items()))
        return found
    for c in range(n):
        if c not in cols and (row == 0 or abs(at[row - 1] - c) > 1):
            cols.add(c)
            at[row] = c
            placed(n, row + 1, cols, at, found)
            del at[row]
            cols.remove(c)
    return found


def counted(n, step=1):
    at = 0
    while True:
        if at >= n:
            return
        yield at
        at += step


def evens(items, most):
    for x in items:
        if x % 2:
            continue
        if x > most:
            return
        yield x
        yield x + 1


def both(first, second):
    yield from first
    for x in second:
        for y in counted(x):
            if y == 3:
                break
            yield y * 10
        else:
            yield -1
        if x == 7:
            return
    yield 99


def grows(xs, n):
    for x in xs:
        if len(xs) < n:
            xs.append(x + 1)
        yield x


def odd_name(n):
    for k in counted(n):
        if k == 2:
            late = k
        yield k
    yield late


def streams(xs, n):
    found = []
    for x in evens(counted(n, 3), 20):
        if x == 6:
            continue
        for y in both([x], xs):
            if y > 20:
                break
            found.append(y)
            if y == n:
                return found, x
        else:
            found.append(1000)
    else:
        found.append(2000)
    for x in grows(xs, n):
        xs[0] += 1
        if x > 5:
            break
    return found, sum(x * x for x in counted(n)), [y for x in counted(4) for y in counted(x)], any(
        x > 4 for x in evens(xs, 9)
    )


def unset(n):
    found = []
    for k in range(n):
        found.append([x for x in odd_name(3 + k)])
    for k in range(2):
        for x in odd_name(3 - k):
            found.append([x])
    return found


def ranges(n, step):
    cols = range(n)
    rows = range(n, -n, -step)
    return [i * j for i in cols for j in rows], len(rows), list(cols), tuple(rows), len(cols)


def arguments_first(n):
    pair = 0
    found = []
    for x in both((pair, n), [pair + 1]):
        pair += 100
        found.append(x)
    return found


def stores_while_looping(d, n):
    found = []
    for k, v in d.items():
        d[n] = v + k
        found.append((k, v))
    for v in d.values():
        d[n] += v
        found.append((v, v))
    return found, sorted(d.items()), list(d.values()), sum(d.values())


def nans(rows, x):
    best = None
    for row, at in rows:
        if x in (at, 1.5) or at in row:
            best = (at, x)
        if (at, 1) == (x, 1):
            best = (x, at)
    return best, sorted([(a, len(r)) for r, a in rows])[0][0] if rows else 0


def crossed(data, n):
    sieve = bytearray([1]) * (n + 1)
    i = 2
    while i * i <= n:
        if sieve[i]:
            for j in range(i * i, n + 1, i):
                sieve[j] = 0
        i += 1
    total = 0
    for b in data:
        total = total * 3 % 1000 + b
    return [i for i in range(n + 1) if sieve[i]], total, data[1], data[-1], len(data[1:]), sieve


def scanned(text):
    at = 0
    found = []
    while at < len(text):
        c = text[at]
        if c in " \\n" or c.isspace():
            at += 1
        elif c.isdigit():
            start = at
            while at < len(text) and (text[at].isdigit() or text[at] in "+-.eE"):
                at += 1
            found.append(("number", text[start:at]))
        elif text[at : at + 2] in "::=":
            found.append(("mark", text[at : at + 2].upper()))
            at += 2
        else:
            found.append(("other", c))
            at += 1
    return found, [t.isalpha() for _, t in found]


def floats_anew(balls, rows, d, n):
    kept = []
    for k in range(n):
        for ball in balls:
            ball.x += 0.5
            rows[k % 3][0] += ball.x
            d["s"] += 1.5
            if k % 7 == 0:
                kept.append((ball.x, rows[0][0], d["s"]))
    kept.append((rows, d, 1 // (n - 200)))
    return kept


def by_keys(pairs, balls):
    found = sorted(pairs, key=lambda p: (p[1] % 3, p[0]))
    balls.sort(key=lambda b: -b.x)
    back = sorted(pairs, key=lambda p: p[0], reverse=True)
    names = [n for n, _ in pairs]
    names.sort(key=len, reverse=True)
    shown = ", ".join(f"{n!r}={v:>4}{balls[0].x:.2f}" for n, v in pairs)
    return found, back, names, shown, "-".join(names)


def letters(words):
    total = 0
    for word, times in words:
        for c in word:
            if "a" <= c <= "z" and c not in "xyz":
                total += ord(c) * times
    return total
"""


def captured(
    call: tuple[Any, ...],
    parameters: tuple[str, ...],
    words: Set[str] = frozenset(),
    data: dict[tuple[str, str], Any] | None = None,
) -> Observed:
    """What one captured call says, with the data of modules that came with it."""
    payload = dump({"args": call, "globals": data or {}}, 1_000_000)
    return observe([payload], parameters, words)


class InPlace:
    """The module as it was, and with all functions swapped in that compile."""

    def __init__(
        self, builder: Builder, text: str = "", examples: "dict[str, Make] | None" = None
    ) -> None:
        text, examples = text or TEXT, examples or EXAMPLES
        self.original, self.compiled = types.ModuleType("sample"), types.ModuleType("sample")
        for module in (self.original, self.compiled):
            exec(compile(text, "sample.py", "exec"), module.__dict__)
        self.deopts = dict.fromkeys(examples, 0)
        source = Source("sample.py", "sample", text)
        found = {d.address.partition(":")[2]: d for d in definitions(source)}
        sites = {}
        with importable(self.original):
            for name, example in examples.items():
                code = getattr(self.original, name).__code__
                parameters = code.co_varnames[: code.co_argcount]
                read = [n for n in code.co_names if n.isupper() and hasattr(self.original, n)]
                data = {("sample", n): getattr(self.original, n) for n in read}
                seen = captured(example(self.original), parameters, words_of(source), data)
                sites[name] = Site(source, found[name], None, seen)
        units = {name: print_site(site, also=True) for name, site in sites.items()}
        built = builder.build(module_text(list(units.values()), ""), {HEADER: header_text()})
        for name, unit in units.items():
            node = found[name].node
            code, constants = trampoline(sites[name], node, built, unit.entry, unit.globals)
            made = Variation(name, "", "", "", "", code, constants)
            swap_in(getattr(self.compiled, name), made, self._counter(name))

    def _counter(self, name: str) -> Callable[[], None]:
        def deopt() -> None:
            self.deopts[name] += 1

        return deopt

    def check(self, name: str, make: Callable[[Any], tuple[Any, ...]]) -> None:
        """Both do the same with what ``make`` builds of each module's classes."""
        outcomes = []
        for module in (self.original, self.compiled):
            arguments = make(module)
            try:
                done: tuple[str, object] = "returns", getattr(module, name)(*arguments)
            except Exception as error:
                done = "raises", f"{type(error).__name__}: {error}"
            outcomes.append(shape((done, arguments)))
        assert outcomes[0] == outcomes[1]

    def check_fast(self, name: str, make: Callable[[Any], tuple[Any, ...]]) -> None:
        """The same, and the compiled code did it."""
        before = self.deopts[name]
        self.check(name, make)
        assert self.deopts[name] == before, f"{name} ran the original"


@contextmanager
def importable(module: types.ModuleType) -> Iterator[None]:
    """Where a pickle looks for the module's classes."""
    sys.modules[module.__name__] = module
    yield
    del sys.modules[module.__name__]


def shape(value: object) -> object:
    """A value with all types, and which objects in it are one."""
    met: dict[int, int] = {}

    def walk(part: Any) -> object:
        name = type(part).__name__
        if isinstance(part, int | float | str | bytes | bytearray | None):
            return name, repr(part)
        if isinstance(part, types.BuiltinFunctionType | type):
            return name, part.__qualname__
        if id(part) in met:
            return "again", met[id(part)]
        met[id(part)] = len(met)
        if isinstance(part, array):
            return name, part.typecode, part.tobytes()
        if isinstance(part, list | tuple | deque):
            return name, getattr(part, "maxlen", None), [walk(p) for p in part]
        if isinstance(part, set | frozenset):
            return name, sorted(map(repr, part))
        if isinstance(part, dict):
            return name, [(walk(k), walk(v)) for k, v in part.items()]
        if isinstance(part, re.Pattern):
            return name, part.pattern
        slots = {s: getattr(part, s) for s in getattr(part, "__slots__", ())}
        return name, [(k, walk(v)) for k, v in (slots or vars(part)).items()]

    return walk(value)


Make = Callable[[Any], tuple[Any, ...]]
GRAPH = {0: [(1, 4), (2, 1)], 1: [(3, 1)], 2: [(1, 2), (3, 5)], 3: [(0, 7)]}
PAIRS = [("a", 3), ("b", 7), ("a", 5), ("c", 1)]
ROWS = [("r", [1, 2, 3, 4]), ("s", [5, 6, 7])]


def balls(m: Any) -> list[Any]:
    return [m.Ball(0.5, -1.0), m.Ball(2.0, 1.5), m.Ball(0.25, -0.5)]


def shapes(m: Any) -> list[Any]:
    return [m.Square(1.5), m.Disc(0.5), m.Shape("plain"), m.Square(2.0)]


def tree(m: Any) -> Any:
    root = m.Tree(5)
    root.left = m.Tree(2)
    root.right = m.Tree(8)
    return root


def bodies() -> tuple[list[Any], list[Any]]:
    made = [([float(i), i * 0.5], [0.1, 0.2], 1.0 + i) for i in range(4)]
    return made, [(a, b) for a in made for b in made if a is not b]


EXAMPLES: dict[str, Make] = {
    "roll": lambda m: (balls(m), 5, 0.25),
    "fail_late": lambda m: (balls(m), 3),
    "overflow": lambda m: (balls(m), 2),
    "chain": lambda m: (6,),
    "rewire": lambda m: (m.Ball(1.0, 1.0, m.Ball(2.0, 1.0)), m.Ball(3.0, 0.0), 4),
    "slims": lambda m: (4, [m.Slim(1)]),
    "vectors": lambda m: (60,),
    "best_vector": lambda m: ([m.Vec(1.0, 2.0), m.Vec(3.0, 1.0), m.Vec(2.0, 0.0)],),
    "edges": lambda m: (4,),
    "insert": lambda m: (tree(m), [3, 9, 1, 5, 8, 7]),
    "shortest": lambda m: (GRAPH, 0),
    "levels": lambda m: (GRAPH, 0),
    "count": lambda m: (["A", "b", "a"], {"b": 2}),
    "group": lambda m: (PAIRS,),
    "defaults": lambda m: (PAIRS,),
    "attract": lambda m: (*bodies(), 3),
    "changes_while_looping": lambda m: ({1: 1, 2: 5}, 0),
    "grows_while_looping": lambda m: ([1, 2], 6),
    "chained": lambda m: (PAIRS, 3, 6),
    "unbound": lambda m: (PAIRS, 2),
    "maybe": lambda m: (PAIRS, "b"),
    "swaps": lambda m: ([1, 2, 3], [(0, 1), (1, 2)]),
    "mixed_sum": lambda m: ([("a", 1.5), ("b", 2.5)],),
    "slices": lambda m: ([(n, list(r)) for n, r in ROWS], 1),
    "turned": lambda m: ("a\U0001f600 b\xe9", b"abc", 1),
    "uniques": lambda m: (PAIRS,),
    "ordered": lambda m: (m.Ball(1.0, 1.0), PAIRS),
    "either": lambda m: ([m.Ball(1.0, 1.0, m.Ball(2.0, 1.0)), m.Ball(3.0, 0.0)], True),
    "areas": lambda m: (shapes(m), 3),
    "built": lambda m: (5,),
    "backtrack": lambda m: (5,),
    "streams": lambda m: ([4, 7, 2], 9),
    "unset": lambda m: (2,),
    "ranges": lambda m: (5, 2),
    "arguments_first": lambda m: (3,),
    "stores_while_looping": lambda m: ({1: 2, 2: 3, 3: 4}, 3),
    "nans": lambda m: ([([0.5, 1.5], 1.5), ([2.5], 3.5)], 1.5),
    "crossed": lambda m: (b"abcd", 50),
    "scanned": lambda m: ("a12+3 :: \u0663 \u4e00x:=\n",),
    "floats_anew": lambda m: (balls(m), [[0.5, 1.0], [2.5], [0.25]], {"s": 1.0}, 180),
    "by_keys": lambda m: (PAIRS, balls(m)),
    "letters": lambda m: ([("hello", 2), ("xyz", 1)],),
}


@pytest.fixture(scope="module")
def bench(builder: Builder) -> InPlace:
    return InPlace(builder)


@pytest.mark.parametrize(
    "name", [n for n in EXAMPLES if n not in {"fail_late", "unbound", "unset"}]
)
def test_compiled_code_does_what_the_example_does(bench: InPlace, name: str) -> None:
    bench.check_fast(name, EXAMPLES[name])


DECLINED: list[tuple[str, Make]] = [
    (
        "fail_late",
        EXAMPLES["fail_late"],
    ),  # divides by zero at the end: all is taken back and redone
    ("overflow", lambda m: (balls(m), 9)),
    ("roll", lambda m: ([*balls(m), m.Sub(1.0, 1.0)], 3, 0.5)),  # a subclass with its own step
    ("roll", lambda m: ([*balls(m), None], 3, 0.5)),
    ("roll", lambda m: ([m.Ball(1, 1)], 3, 0.5)),  # ints where floats were
    ("roll", lambda m: ([shadowed(m)], 3, 0.5)),
    ("roll", lambda m: ([without(m)], 3, 0.5)),
    ("rewire", lambda m: (m.Ball(1.0, 1.0), m.Sub(1.0, 1.0), 4)),
    ("insert", lambda m: (tree(m), [3, "x"])),
    ("insert", lambda m: (tree(m), [3, 1 << 70])),
    ("shortest", lambda m: ({0: [(1, 2)]}, 0)),  # KeyError half way
    ("shortest", lambda m: ({0: [(1, 1 << 80), (2, 3)], 1: [], 2: []}, 0)),
    ("count", lambda m: (["a", "b", 3], {})),
    ("count", lambda m: (["a"], {"a": "x"})),
    ("grows_while_looping", lambda m: ([1, None], 6)),
    ("changes_while_looping", lambda m: ({1: 1, 2: 5}, 1)),  # RuntimeError after a store
    ("attract", lambda m: (bodies()[0], [(([0.0], [1.0], 1.0), ([0.0, 1.0], [1.0, 1.0], 2.0))], 1)),
    ("unbound", lambda m: (PAIRS, 50)),
    ("slices", lambda m: ([("r", [1, 2, 3, 4]), ("s", (1, 2))], 1)),
    ("swaps", lambda m: ([1, 2, 3], [(0, 1), (1, 9)])),
    ("chained", lambda m: ([("a", 2.5), ("b", None)], 0, 1)),
    ("mixed_sum", lambda m: ([("a", 1 << 60), ("b", 0.5), ("c", 1)],)),
    ("best_vector", lambda m: ([],)),
    ("unset", EXAMPLES["unset"]),
    ("by_keys", lambda m: ([("a", 1), ("b", 2.5)], balls(m))),
    ("by_keys", lambda m: ([("a", 1)], [*balls(m), m.Ball(float("nan"), 1.0)])),
    ("by_keys", lambda m: ([("a", 1)], [*balls(m), None])),
    ("floats_anew", lambda m: (balls(m), [[0.5, 1.0], [2.5], [0.25]], {"s": 1.0}, 200)),
    ("crossed", lambda m: (b"a", 5)),
    ("stores_while_looping", lambda m: ({1: 2, 2: 3, 3: 4}, 9)),
    ("nans", lambda m: ([([n := float("nan"), 1.5], n), ([2.5], 3.5)], n)),
    ("nans", lambda m: ([([n := float("nan"), 1.5], n), ([2.5], 3.5)], 0.5)),
    ("ranges", lambda m: (5, 0)),
    ("streams", lambda m: ([4, "7", 2], 9)),
    ("areas", lambda m: ([*shapes(m), derived(m)], 2)),  # a class that was never seen
    ("areas", lambda m: ([*shapes(m), None], 2)),
    ("areas", lambda m: ([*shapes(m), m.Square(2)], 2)),
    ("areas", lambda m: ([*shapes(m), m.Ball(1.0, 1.0)], 2)),
]


@pytest.mark.parametrize(("name", "make"), DECLINED)
def test_what_cannot_be_done_is_taken_back_and_redone(
    bench: InPlace, name: str, make: Make
) -> None:
    before = bench.deopts[name]
    bench.check(name, make)
    assert bench.deopts[name] == before + 1


def derived(m: Any) -> Any:
    class Other(m.Square):  # type: ignore[misc]
        def area(self) -> float:
            return 100.0

    return Other(1.0)


def shadowed(m: Any) -> Any:
    made = m.Ball(1.0, 1.0)
    made.step = lambda dt: 3.0
    return made


def without(m: Any) -> Any:
    made = m.Ball(1.0, 1.0)
    del made.v
    return made


ALSO: list[tuple[str, Make]] = [
    ("roll", lambda m: ([b := m.Ball(0.5, -1.0), b, b], 5, 0.5)),  # one ball three times
    ("roll", lambda m: ([], 5, 0.5)),
    ("rewire", lambda m: ((b := m.Ball(1.0, 1.0)), b, 4)),
    ("roll", lambda m: ([with_dict(m), m.Ball(1.0, -3.0)], 4, 0.5)),
    ("roll", lambda m: ([with_more(m)], 4, 0.5)),
    ("unbound", EXAMPLES["unbound"]),
    ("floats_anew", lambda m: shared_floats(m)),
    ("crossed", lambda m: (b"abc", -2)),
    ("fail_late", lambda m: (balls(m), 0)),
    ("maybe", lambda m: (PAIRS, "z")),
    ("mixed_sum", lambda m: ([],)),
    ("mixed_sum", lambda m: ([("a", -0.0)],)),
    ("slices", lambda m: ([("r", r := [1, 2, 3, 4, 5, 6]), ("s", r)], 2)),
    ("attract", lambda m: ((b := ([0.0, 1.0], [1.0, 1.0], 2.0)) and [b, b], [(b, b)], 2)),
]


@pytest.mark.parametrize(("name", "make"), ALSO)
def test_aliases_and_odd_instances(bench: InPlace, name: str, make: Make) -> None:
    bench.check(name, make)


def shared_floats(m: Any) -> tuple[Any, ...]:
    """One float object in many places: a store to one is not seen in the others."""
    one = float("0.75")
    row = [one, one]
    made = [m.Ball(one, one), m.Ball(one, one)]
    return made, [row, row, [one]], {"s": one, "t": one}, 190


def with_dict(m: Any) -> Any:
    """An instance whose dict someone has looked at."""
    made = m.Ball(1.0, -1.0)
    assert made.__dict__["x"] == 1.0
    return made


def with_more(m: Any) -> Any:
    """An instance with another order of attributes, and one more."""
    made = m.Ball.__new__(m.Ball)
    made.other, made.hits, made.next, made.v, made.x = "o", 0, None, -2.0, 1.0
    return made


numbers = st.one_of(st.integers(-5, 5), st.floats(-10, 10), st.sampled_from([1 << 62, -0.0, 0.0]))
costs = st.one_of(st.integers(0, 9), st.floats(0, 9), st.sampled_from([1 << 62, True]))
pairs = st.lists(st.tuples(st.sampled_from("abc"), st.one_of(numbers, st.none())), max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(numbers, numbers, st.integers(0, 3)), max_size=4),
    st.integers(0, 4),
    st.sampled_from([0.5, 0.25, 1, -1.0, 1e308]),
)
def test_instances_of_any_numbers(
    bench: InPlace, values: list[tuple[Any, Any, int]], times: int, dt: float
) -> None:
    def make(m: Any) -> tuple[Any, ...]:
        made = []
        for x, v, at in values:
            made.append(made[at] if at < len(made) else m.Ball(x, v))
        return made, times, dt

    bench.check("roll", make)
    bench.check("fail_late", lambda m: make(m)[:2])
    bench.check("overflow", lambda m: make(m)[:2])
    bench.check("either", lambda m: (make(m)[0], bool(times)))


@settings(max_examples=150, deadline=None)
@given(pairs, st.sampled_from("abz"), st.integers(-3, 6))
def test_pairs_of_any_kind(bench: InPlace, given_pairs: Any, wanted: str, n: int) -> None:
    for name in ("group", "defaults", "uniques", "mixed_sum"):
        bench.check(name, lambda m: (given_pairs,))
    bench.check("maybe", lambda m: (given_pairs, wanted))
    bench.check(
        "by_keys", lambda m: (given_pairs, [m.Ball(float(x or 0), 1.0) for _, x in given_pairs])
    )
    bench.check("unbound", lambda m: (given_pairs, n))
    bench.check("chained", lambda m: (given_pairs, n, n + 3))


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.integers(0, 4), st.lists(st.tuples(st.integers(0, 5), costs), max_size=4), max_size=5
    ),
    st.lists(st.integers(-9, 9), max_size=8),
)
def test_graphs_and_trees(bench: InPlace, graph: Any, keys: list[int]) -> None:
    bench.check("shortest", lambda m: (graph, 0))
    bench.check("levels", lambda m: (graph, 0))
    bench.check("insert", lambda m: (tree(m), keys))
    bench.check("grows_while_looping", lambda m: (list(keys), 7))
    bench.check("streams", lambda m: (list(keys), len(graph) * 3))
    bench.check("ranges", lambda m: (len(keys), len(graph) - 2))


@settings(max_examples=100, deadline=None)
@given(st.text("a1 :=+.\u0663\u4e00\U0001f600", max_size=12), st.binary(min_size=1, max_size=6))
def test_text_and_bytes(bench: InPlace, text: str, data: bytes) -> None:
    bench.check("scanned", lambda m: (text,))
    bench.check("crossed", lambda m: (data, len(text) * 3))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.integers(-9, 9), max_size=6), max_size=3), st.integers(-3, 3))
def test_slices_in_place(bench: InPlace, rows: list[list[int]], n: int) -> None:
    bench.check("slices", lambda m: ([("r", list(r)) for r in rows], n))


@settings(max_examples=100, deadline=None)
@given(st.text("a1\xe9\u4e00\U0001f600", max_size=9), st.binary(max_size=6), st.integers(-9, 9))
def test_parts_of_text_and_bytes(bench: InPlace, text: str, data: bytes, n: int) -> None:
    bench.check_fast("turned", lambda m: (text, data, n))


def test_nothing_is_kept_alive(bench: InPlace) -> None:
    gc.collect()
    ball = bench.compiled.Ball(1.0, 1.0)
    value = ball.x = float("1.25")
    before = sys.getrefcount(ball), sys.getrefcount(value)
    bench.compiled.roll([ball], 0, 0.5)
    bench.compiled.fail_late([ball], 0)
    assert (sys.getrefcount(ball), sys.getrefcount(value)) == before
    found = bench.compiled.chain(50)[0]
    assert sys.getrefcount(found) == 2


def test_a_class_that_changes_is_looked_at_anew(builder: Builder) -> None:
    bench = InPlace(builder)
    bench.check_fast("roll", EXAMPLES["roll"])
    for module in (bench.original, bench.compiled):
        module.Ball.step = lambda self, dt: 7.0
    bench.check("roll", EXAMPLES["roll"])
    assert bench.deopts["roll"] == 1


def test_a_signal_ends_a_long_call(builder: Builder) -> None:
    bench = InPlace(builder)
    made = balls(bench.compiled)

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            bench.compiled.roll(made, 1 << 40, 0.5)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
    assert made[1].x > 100.0
    assert [each.name for each in caught.traceback[1:]] == ["roll", "stop"]


REFUSED = {
    "has no loop": "def f(a):\n    return a\n",
    "unknown type": "def f(a):\n    for b in a:\n        b.x += 1\n",
    "print": "def f(d):\n    for b in d:\n        print(b)\n",
    "generator": "def f(a):\n    for b in a:\n        yield b\n",
    "looks at the list": "def f(d):\n    xs = list(d)\n    xs.sort(key=lambda x: xs[0])\n",
    "hands on a range": "def f(d):\n    found = []\n    for k in d:\n        found.append(range(k))\n",
    "With": "def f(d):\n    for k in d:\n        with d:\n            k += 1\n",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_has_no_compiled_form_says_why(reason: str) -> None:
    source = Source("sample.py", "sample", REFUSED[reason])
    definition = next(d for d in definitions(source) if d.address.endswith(":f"))
    seen = Observed(full={"d": frozenset({"dict[int:str]"})})
    (refusal,) = variations(Site(source, definition, None, seen))
    assert isinstance(refusal, Refusal)
    assert reason in refusal.reason
