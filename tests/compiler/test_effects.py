"""Effect facts: what must be refused is refused, what is harmless is found to be so."""

import importlib
import inspect
import random
import sys
import textwrap
from pathlib import Path

import pytest

from selfsame.compiler.analysis.effects import Effects, ModuleFacts
from selfsame.compiler.analysis.known_functions import FUNCTIONS
from selfsame.compiler.analysis.known_methods import METHODS
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import UserError
from selfsame.compiler.identity import definitions

PRELUDE = """
import functools, itertools, logging, math, operator, os, random, re, time
from collections import defaultdict
from dataclasses import dataclass, field
from random import random as draw
import unheard_of
CACHE = {}
ITEMS = []
LIMIT = 10
WORDS = re.compile("a")
log = logging.getLogger()
"""


def facts(**modules: str) -> ModuleFacts:
    """The facts of the module ``m`` among ``modules``."""
    sources = {n: Source(f"{n}.py", n, textwrap.dedent(t)) for n, t in modules.items()}
    return ModuleFacts.of(sources["m"], sources.get)


def effects(text: str, address: str = "m:f") -> Effects:
    return facts(m=PRELUDE + textwrap.dedent(text)).effects(address)


REFUSED = [
    "class C: pass\nM = C()\ndef f(k):\n a = []\n a[:] = [a, M]\n a[0].n = 2",
    "A, B = [], []\ndef f(k): A.append(k)",
    "A, *B = range(2)\ndef f(k): B.append(k)",
    "def range(n): return ITEMS\nA, B = range(2)\ndef f(k): A.append(k)",
    "A = 1\nA = []\ndef f(k): A.append(k)",
    "class E(Exception):\n def __init__(self, x): print(x)\nclass G(E): pass\ndef f(x): G.__init__(x, 1)",
    "class E: pass\nclass G(E): pass\nE.__init__ = print\ndef f(x): G.__init__(x)",
    "class E(unheard_of.E): pass\ndef f(x): E.__init__(x, 1)",
    "class C:\n def go(self, xs=ITEMS): xs.append(1)\n ITEMS = 3\ndef f(): C().go()",
    "class C:\n rows = []\n def go(self, xs=rows): xs.append(1)\ndef f(): C().go()",
    "def f(x): return operator.iadd(ITEMS, [x]).shout()",
    "def g(h, xs, k): return h(xs, key=k)\ndef f(xs): return g(sorted, xs, open)",
    "from typing import cast\ndef f(k): cast(list, ITEMS).append(1)",
    "def f(x): print(x)",
    "def f():\n global LIMIT\n LIMIT = 1",
    "def f(k): CACHE[k] = 1",
    "def f(k): del CACHE[k]",
    "def f(k): return CACHE.setdefault(k, 1)",
    "def f(x): ITEMS.append(x)",
    "def f(x):\n c = ITEMS\n c.append(x)",
    "def f(x):\n add = ITEMS.append\n add(x)",
    "def f(x):\n c = [ITEMS]\n c[0].append(x)",
    "def f(x):\n for c in [ITEMS]: c.append(x)",
    "def f(x):\n c = {'a': [ITEMS]}\n c['a'][0].append(x)",
    "def f(x):\n a, b = 1, ITEMS\n b.append(x)",
    "def f(x): [c.append(x) for c in (ITEMS,)]",
    "def f(x):\n c = None\n while x:\n  if c: c.append(1)\n  c = ITEMS",
    "def get(): return ITEMS\ndef f(x): get().append(x)",
    "def put(c, x): c.append(x)\ndef f(x): put(ITEMS, x)",
    "def put(c, x): c.append(x)\ndef f(x):\n c = []\n put(c, ITEMS)\n c[0].append(x)",
    "class C:\n def __init__(self): self.c = ITEMS\ndef f(x): C().c.append(x)",
    "class C:\n def __init__(self, c): self.c = c\n def go(self): self.d = self.c\n"
    "def f(x):\n c = C(ITEMS)\n c.go()\n c.d.append(x)",
    "class C:\n n = 0\ndef f(x): C.n = x",
    "class C:\n n = 0\n def go(self): self.__class__.n += 1\ndef f(x): C().go()",
    "class C:\n n = 0\n def go(self): type(self).n += 1\ndef f(x): C().go()",
    "class C:\n n = 0\n @classmethod\n def go(cls): cls.n = 1\ndef f(x): C.go()",
    "class C:\n seen = []\n def go(self, x): self.seen.append(x)\ndef f(x): C.seen.append(x)",
    "def f(): return random.SystemRandom().random()",
    "def f(): return random.seed()",
    "class S(str):\n def encode(self, *a): print(1)\ndef f(x): return random.seed(x)",
    "def f(): return random._urandom(3)",
    "def f():\n random._inst = 3",
    "class P:\n def __len__(self): return open('x')\ndef f(): return random.choice(P())",
    "def f(): return time.time()",
    "def f(): return os.getcwd()",
    "def f(xs): return sorted(xs, key=lambda x: time.time())",
    "def f(xs): return list(map(print, xs))",
    "def f(xs):\n p = print\n p(xs)",
    "def f(xs): return functools.partial(print, xs)()",
    "def f(xs): return functools.reduce(lambda a, b: ITEMS.append(b), xs)",
    "def f(xs): return defaultdict(lambda: print(1))",
    "def f(key, xs): return sorted(xs, key=key)",
    "def f(g): return g(1)",
    "def f(o): return o.callback(1)",
    "def f(o, n): return getattr(o, n)()",
    "def f(p):\n with open(p) as s: return s.read()",
    "def f(s): s.write('x')",
    "def f(p): p.replace('x')",
    "def f(o):\n with o: pass",
    "def g(x, seen=[]):\n seen.append(x)\ndef f(x): g(x)",
    "def f(x):\n rows = [[], []]\n for r, c in zip(rows, [ITEMS, ITEMS]): r.append(c)\n rows[0][0].append(1)",
    "def f(x): dict([(1, ITEMS)])[1].append(x)",
    "def f(x): dict(a=ITEMS)['a'].append(x)",
    "def f(xs): list(map(lambda x: ITEMS, xs))[0].append(1)",
    "def f(x): list(reversed([ITEMS]))[0].append(x)",
    "def f(x): max([ITEMS, []]).append(x)",
    "def f(x):\n for i, c in enumerate([ITEMS]): c.append(x)",
    "def f(x):\n for k, c in {1: ITEMS}.items(): c.append(x)",
    "def f(x):\n d = defaultdict(lambda: ITEMS)\n d[1].append(x)",
    "def f(x):\n *a, b = [ITEMS, ITEMS]\n a[0].append(x)",
    "def f(x): (x or ITEMS).append(1)",
    "def f(x): [*[ITEMS]][0].append(1)",
    "def f(x): ([] + [ITEMS])[0].append(1)",
    "def f(x): [ITEMS][:1][0].append(1)",
    "def g(*a, **k): a[0].append(k)\ndef f(x): g(ITEMS)",
    "def g(*a, **k): k['c'].append(k)\ndef f(x): g(c=ITEMS)",
    "def f(x): next(iter([ITEMS])).append(x)",
    "def f(x):\n c = getattr(x, 'a', ITEMS)\n c.append(1)",
    "def g():\n yield ITEMS\ndef f(x):\n for c in g(): c.append(x)",
    "def go(g):\n return g()\ndef f(x): go(lambda: ITEMS).append(x)",
    "def go(g):\n g().append(1)\ndef f(x): go(lambda: ITEMS)",
    "def go(g):\n g(ITEMS)\ndef f(x): go(lambda c: c.append(1))",
    "def go(g, out):\n out.append(g())\ndef f(x):\n out = []\n go(lambda: ITEMS, out)\n out[0].append(1)",
    "def f(x):\n c = None\n def pick():\n  nonlocal c\n  c = ITEMS\n pick()\n c.append(1)",
    "def f(x): return eval(x)",
    "def f(x):\n y = ITEMS\n locals()['y'].append(x)",
    "def f(x): return globals()",
    "async def f(x): return await x",
    "def f(x): log.info(x)",
    "def f(x): return unheard_of.thing(x)",
    "def f(x):\n import unheard_of\n return x",
    "class C:\n @property\n def p(self): print(1)\ndef f(o): return o.p",
    "class C:\n @property\n def p(self): return 1\n @p.setter\n def p(self, v): print(v)\ndef f(o): o.p = 1",
    "class C:\n def __eq__(self, o): print(1)\ndef f(a, b): return a == b",
    "class C:\n def __hash__(self): print(1)\ndef f(a, b): return a[b]",
    "class C:\n def __iter__(self):\n  print(1)\n  yield 1\ndef f(a):\n for x in a: pass",
    "class C:\n def __str__(self): print(1)\ndef f(a): return f'{a}'",
    "class C:\n def __add__(self, o): ITEMS.append(o)\ndef f(a): return a + 1",
    "class C:\n def __getattr__(self, n): print(n)\ndef f(a): return a.anything",
    "class C:\n def append(self, x): print(x)\ndef f(a): a.append(1)",
    "class A:\n def go(self): return self.step()\n def step(self): return 1\n"
    "class B(A):\n def step(self): print(1)\ndef f(): return A().go()",
    "def f(): return unheard_of.Base()",
    "class C(unheard_of.Base): pass\ndef f(): return C()",
    "@unheard_of.wrap\ndef g(): return 1\ndef f(): return g()",
    "@dataclass\nclass C:\n x: list = field(default_factory=lambda: print(1))\ndef f(): return C()",
    "@functools.lru_cache\ndef g(): return []\ndef f(): g().append(1)",
    "def g(n): return h(n - 1)\ndef h(n):\n print(n)\n return g(n)\ndef f(n): return g(n)",
    "def g(x):\n def inner(): ITEMS.append(x)\n return inner\ndef f(x): g(x)()",
    "def f(x):\n try: pass\n finally: print(x)",
    "def f(x):\n match x:\n  case [1]: print(x)",
    "def f(x): ITEMS.extend(x) if x else None",
    "def f(x): return (lambda: print(x))()",
    "def f(x): raise ValueError(print(x))",
    "def f(x):\n global made\n def made(): pass",
    "def f():\n for LOG in [1]: math.sqrt.x = 1",
    "class C:\n def __init__(self): print(1)\ndef f(): raise C",
    "def f(x): return x if (ITEMS := 1) else ITEMS.append(1) if False else CACHE.update(x)",
    "def go(g):\n return g()\ndef f(x): return go(lambda: print(x))",
    "class C:\n def __init__(self, g): self.g = g\n def go(self): return self.g()\ndef f(x): return C(print).go()",
    "def f(n): exit(n)",
    "def f(x): x.extend(o.pop() for o in [ITEMS])",
    "put = [].append\ndef f(x): put(x)",
    "class D:\n def __get__(self, o, t): print(1)\nclass C:\n d = D()\ndef f(o): return o.d",
    "class D:\n def __set__(self, o, v): print(1)\nclass C:\n d = D()\ndef f(o): o.d = 1",
    "class C:\n d = unheard_of.column()\ndef f(o): return o.d",
    "class A:\n @classmethod\n def make(cls): return cls()\nclass B(A):\n def __init__(self): print(1)\n"
    "def f(): return B.make()",
]
CLASS_DATA = (
    "class R:\n cache = {}\n def __init__(self, n): self.n = n\n"
    " def put(self, k): self.cache[k] = 1\n def get(self): return self.cache\n"
)
HELD_BY_CLASSES = [
    CLASS_DATA + "def f(n):\n r = R(n)\n seen = r.cache\n seen[n] = seen.get(n, 0) + 1\n return n",
    CLASS_DATA + "def f(n): R(n).put(n)",
    CLASS_DATA + "def f(n): R(n).get()[n] = 1",
    CLASS_DATA + "def f(n): getattr(R(n), 'cache')[n] = 1",
    CLASS_DATA + "def f(n):\n for c in [R(n).cache]: c[n] = 1",
    CLASS_DATA + "def f(n):\n for r in [R(n)]: r.cache[n] = 1",
    CLASS_DATA + "def make(n): return R(n)\ndef f(n): make(n).cache[n] = 1",
    CLASS_DATA + "class S(R): pass\ndef f(n): S(n).cache[n] = 1",
    CLASS_DATA + "def f(n): object.__new__(R).cache[n] = 1",
    CLASS_DATA + "def f(n): object.__new__(R).put(n)",
    CLASS_DATA + "import copy\ndef f(n): copy.copy(R(n)).cache[n] = 1",
    CLASS_DATA + "import copy\ndef f(n): copy.deepcopy(R(n)).cache[n] = 1",
    CLASS_DATA + "import copy\ndef f(n): copy.deepcopy(R(n)).put(n)",
    CLASS_DATA + "def each(r, n): r.put(n)\ndef f(n): each(R(n), n)",
    CLASS_DATA + "def f(n):\n put = R(n).put\n put(n)",
    "class C:\n items = []\ndef f(n):\n c = C()\n c.items.append(n)",
    "class C:\n show = print\ndef f(n): C().show(n)",
    "class C:\n show = print\ndef f(n):\n g = C().show\n g(n)",
    "class A:\n def show(self, n): return n\nclass C:\n show = print\ndef f(o): o.show(1)",
    "class C:\n show = lambda self: print(1)\ndef f(n): C().show()",
    "class C:\n rows = ITEMS\ndef f(n): C().rows.append(n)",
    "class C:\n rows = None\ndef g(): C.rows = []\ndef f(n): C().rows.append(n)",
    "class C:\n kept = ([],)\ndef f(n): C().kept[0].append(n)",
    "class C:\n made = None\n def __new__(cls): return cls.made\ndef g(): C.made = C()\ndef f(n): C().n = n",
    "@dataclass\nclass C:\n n: int = 0\n shared = {}\ndef f(n): C(n).shared[n] = 1",
    "@dataclass\nclass C:\n rows: list = field(default=ITEMS)\ndef f(n): C().rows.append(n)",
]
FROM_CLASSES = [
    "class C:\n seen = []\ndef f(c): c.seen.append(1)",
    "class C:\n seen = {}\ndef f(c, n):\n s = c.seen\n s[n] = 1",
    "class C:\n seen = []\n def go(self): self.seen.append(1)\ndef f(c): c.go()",
    "class C:\n seen = {}\ndef f(c, n): type(c).seen[n] = 1",
    "class C:\n seen = {}\ndef f(c, n): vars(type(c))['seen'][n] = 1",
    "class C:\n seen = {}\ndef f(n): vars(C)['seen'][n] = 1",
    "class C:\n seen = [[]]\ndef f(c): c.seen[0].append(1)",
    "class C:\n seen = []\nclass D:\n def __init__(self): self.c = C()\ndef f(d): d.c.seen.append(1)",
    "class C:\n seen = []\ndef f(c, n): getattr(c, n).append(1)",
    "class C:\n seen = []\ndef f(c):\n match c:\n  case C(seen=s): s.append(1)",
    "class C:\n __match_args__ = ('seen',)\n seen = []\ndef f(c):\n match c:\n  case C(s): s.append(1)",
    "class C: pass\nC.seen = {}\ndef f(n): C().seen[n] = 1",
    "class C: pass\nC.seen = {}\ndef f(c, n): c.seen[n] = 1",
    "class C: pass\nsetattr(C, 'seen', {})\ndef f(n): C().seen[n] = 1",
    "class C: pass\ntype.__setattr__(C, 'seen', [])\ndef f(): C().seen.append(1)",
    "class B: pass\nclass C(B): pass\nB.seen = []\ndef f(): C().seen.append(1)",
    "class C: pass\nD = C\nD.seen = []\ndef f(): C().seen.append(1)",
    "class C: pass\nfor k in [C]: k.seen = []\ndef f(): C().seen.append(1)",
    "class C: pass\ndef put(k): k.seen = []\nput(C)\ndef f(): C().seen.append(1)",
    "class A:\n def __init_subclass__(cls): cls.seen = []\nclass C(A): pass\ndef f(): C().seen.append(1)",
    "class D:\n def __set_name__(self, o, n): o.seen = []\nclass C:\n d = D()\ndef f(): C().seen.append(1)",
    "class C:\n seen = []\n def __init__(self): self.seen = []\ndef f(): object.__new__(C).seen.append(1)",
    "class C:\n import os\ndef f(n): C().os.remove(n)",
    "class C:\n from os import remove\ndef f(c, n): c.remove(n)",
    "class C:\n from unheard_of import go\ndef f(n): C().go(n)",
    "class C:\n rows = []\n rows += [1]\ndef f(n): C().rows.append(n)",
    "class C:\n @property\n def p(self): print(1)\ndef f(o, n): return getattr(o, n)",
    "class C:\n @property\n def p(self): print(1)\ndef f(o, n): return hasattr(o, n)",
    "class C:\n @property\n def p(self): print(1)\ndef f(o): return hasattr(o, 'p')",
    "class D:\n def __get__(self, o, t): print(1)\nclass C:\n p = D()\ndef f(o, n): return getattr(o, n)",
    "class C:\n @property\n def p(self): return 1\n @p.setter\n def p(self, v): print(v)\ndef f(o, n): setattr(o, n, 1)",
    "class C:\n @property\n def p(self): return 1\n @p.deleter\n def p(self): print(1)\ndef f(o): delattr(o, 'p')",
]  # fmt: skip
NOT_FROM_CLASSES = [
    "class C:\n seen = []\n def __init__(self): self.seen = []\ndef f(c): c.seen.append(1)",
    "class C:\n seen = None\ndef f(c):\n c.seen = []\n c.seen.append(1)",
    "class C: pass\nC.n = 1\ndef f(c): c.n += 1",
    "class C: pass\nC.seen = []\nclass D:\n def __init__(self): self.seen = []\ndef f(n): D().seen.append(n)",
    "class C:\n def __init__(self): self.n = 0\ndef g(c): c.n = []\ndef f(c): c.n.append(1)",
]  # fmt: skip
STEPS = (
    "class It:\n def __init__(self, n): self.n = n\n def __iter__(self):\n  print(1)\n  return iter([1])\n"
    "class Next:\n def __iter__(self): return self\n def __next__(self): print(1)\n"
)
YIELDED_FROM = [
    STEPS + "def f(n): yield from It(n)",
    STEPS + "def f(n): yield from Next()",
    STEPS + "def f(x): yield from x",
    STEPS + "def g(n): yield from It(n)\ndef f(n): return list(g(n))",
    "def g(n): yield from [ITEMS]\ndef f(n):\n for x in g(n): x.append(n)",
    "def h(n):\n yield ITEMS\ndef g(n): yield from h(n)\ndef f(n):\n for x in g(n): x.append(n)",
]
DEEPER = [
    ("def f(xs):\n d = {}\n d.update({'a': xs}.items())\n d['a'].append(1)", False),
    ("def f(xs):\n d = {}\n d.update([('a', xs)])\n d['a'].append(1)", False),
    ("def f(xs):\n d = {}\n d.update((k, v) for k, v in [('a', xs)])\n d['a'].append(1)", False),
    ("def f(xs):\n d = {}\n d |= {'a': xs}.items()\n d['a'].append(1)", False),
    ("def f(xs):\n d = {}\n d |= [('a', xs)]\n d['a'].append(1)", False),
    ("def f(xs):\n d = {}\n d.__ior__([('a', xs)])\n d['a'].append(1)", False),
    ("def f(xs):\n d = {}.__or__({'a': xs})\n d['a'].append(1)", False),
    ("def f(xs):\n d = {}\n d.__init__([('a', xs)])\n d['a'].append(1)", False),
    ("def f(xs):\n for x in map(operator.itemgetter(1), {'a': xs}.items()): x.append(1)", False),
    ("def f(xs):\n for x in map(operator.attrgetter('a'), [xs]): x.append(1)", False),
    ("def f(xs):\n operator.itemgetter(1)((0, xs)).append(1)", False),
    ("def f(xs):\n for a in itertools.chain.from_iterable([[xs]]): a.append(1)", False),
    ("def f(xs):\n for a in itertools.chain.from_iterable([(1, xs)]): a.append(1)", False),
    ("def f(xs):\n t = (xs, 1)\n a, b = t.__add__(())\n a.append(1)", False),
    ("def f(xs):\n [].__iadd__([xs])[0].append(1)", False),
    ("def f(xs):\n xs.__add__([])[0].append(1)", False),
    ("def f(xs):\n sorted(xs, key=functools.cmp_to_key(lambda a, b: a.append(b) or 0))", False),
    ("def f(xs):\n d = defaultdict(list)\n d.default_factory = lambda: xs\n d[1].append(2)", False),
    ("class D(dict): pass\ndef f(xs): D({'a': xs}.items())['a'].append(1)", False),
    ("class D(list): pass\ndef f(xs): D([xs])[0].append(1)", False),
    ("class D(dict):\n def __init__(self, x): super().__init__(x)\ndef f(xs): D({'a': xs})['a'].append(1)", False),
    ("class E(Exception):\n def __init__(self, x): super().__init__(x)\ndef f(xs): E(xs).args[0].append(1)", False),
    ("def f(xs):\n return sorted(xs, key=operator.itemgetter(1))", True),
    ("def f(xs):\n return sorted(xs, key=operator.attrgetter('a.b'))", True),
    ("def f(xs):\n return list(itertools.chain.from_iterable(xs))", True),
    ("def f(xs):\n return sorted(xs, key=functools.cmp_to_key(lambda a, b: a - b))", True),
    ("def f(xs):\n d = defaultdict(list)\n for x in xs: d[x].append(1)\n d.default_factory = None\n return d", True),
]  # fmt: skip
IN_PLACE = [
    "class K:\n rows = []\ndef f(n):\n x = K.rows\n x += [n]\n return n",
    "class K:\n rows = []\ndef f(n):\n for x in [K.rows]: x += [n]",
    "class K:\n rows = []\ndef f(n):\n k = K()\n k.rows += [n]",
    "class K:\n rows = []\ndef f(n):\n x = K().rows\n x += [n]",
    "class K:\n rows = set()\ndef f(n):\n x = K.rows\n x |= {n}",
    "class K:\n @property\n def loud(self): print(1)\n"
    "def f(xs): return sorted(xs, key=operator.attrgetter('loud'))",
    "class K:\n @property\n def loud(self): print(1)\n"
    "def f(xs, name): return sorted(xs, key=operator.attrgetter(name))",
    "def f(x):\n for k, g in itertools.groupby(x, key=lambda x: ITEMS): k.append(1)",
]
GIVEN_BY_OPERATORS = [
    "class C:\n def __add__(self, o): return ITEMS\ndef f(n): (C() + 1).append(n)",
    "class C:\n def __radd__(self, o): return ITEMS\ndef f(n): (1 + C()).append(n)",
    "class C:\n def __getitem__(self, o): return ITEMS\ndef f(n): C()[1].append(n)",
    "class C:\n def __neg__(self): return ITEMS\ndef f(n): (-C()).append(n)",
    "class C:\n def __lt__(self, o): return ITEMS\ndef f(n): (C() < 1).append(n)",
    "class C:\n def __next__(self): return ITEMS\ndef f(n): next(C()).append(n)",
    "class C:\n def __iter__(self): yield ITEMS\ndef f(n):\n for x in C(): x.append(n)",
    "class C:\n def __iter__(self): return self\n def __next__(self): return ITEMS\ndef f(n):\n for x in C(): x.append(n)",
    "class C:\n def __getitem__(self, o): return ITEMS\ndef f(o): o[1].append(1)",
    "class C:\n def __iadd__(self, o): return ITEMS\ndef f(n):\n c = C()\n c += 1\n c.append(n)",
    "class C:\n def __enter__(self): return ITEMS\n def __exit__(self, *a): pass\ndef f(n):\n with C() as c: c.append(n)",
    "class C:\n rows, n = [], 1\ndef f(n): C().rows.append(n)",
    "class C:\n for rows in [[]]: pass\ndef f(n): C().rows.append(n)",
    "class C:\n (rows := [])\ndef f(n): C().rows.append(n)",
    "class C:\n class D:\n  n = 1\ndef f(n): C().D.n = 2",
]
SHADOWABLE = [
    ("M = object()\ndef f(k):\n a = []\n a[:] = [a, M]\n a[0][1] = 2\n return k", True),
    ("A, B = range(2)\ndef f(k):\n a = []\n a[:] = [a, k]\n a[A][B] = B\n a[B] = a", False),
    ("A = 1\ndef f(k):\n a = []\n a[:] = [A, [k]]\n a[A][0] = 2", True),
    ("def f(x): return x + 1", True),
    ("def f(xs): xs.append(1)", False),
    ("def f(o): o.n = 1", False),
    ("def f(xs):\n xs = list(xs)\n xs.sort()\n return xs", True),
    ("def f(xs):\n out = []\n for x in xs:\n  out.append(x)\n return out", True),
    ("def f(xs):\n out = [xs]\n out[0].append(1)", False),
    ("def f(xs):\n n = 0\n for x in xs: n += x\n return n", True),
    ("def f(n):\n n -= 1\n return n", False),  # another package's array changes in place
    ("def f(x, seen=[]):\n seen.append(x)\n return seen", False),
    ("def f(xs):\n xs += [1]", False),
    ("def f(xs): return sorted(xs, key=lambda x: -x)", True),
    ("def f(xs): return sorted(xs, key=len)", True),
    ("def f(xs): return [WORDS.match(x) for x in xs if x in CACHE]", True),
    ("def f(x): return '{x}'.format(**locals())", True),
    ("def f(x): locals()['x'].append(1)", False),
    ("find = re.compile('a').search\ndef f(x): return find(x)", True),
    ("def f(x):\n n = 0\n def step():\n  nonlocal n\n  n += 1\n step()\n return n", True),
    ("def f(x):\n out = []\n def step(y): out.append(y)\n step(x)\n return out", True),
    ("def f(x):\n def step(y): x.append(y)\n step(1)", False),
    ("def go(g, x):\n return g(x)\ndef f(x): return go(len, x)", True),
    ("class C:\n def __init__(self, xs): self.xs = list(xs)\n def go(self): self.xs.pop()\n"
     "def f(xs):\n c = C(xs)\n c.go()\n return c", True),
    ("class C:\n def __init__(self, xs): self.xs = xs\n def go(self): self.xs.pop()\n"
     "def f(xs):\n c = C(xs)\n c.go()\n return c", False),
    ("class C:\n def __init__(self, g=None): self.g = g\n def go(self): return self.g() if self.g else 1\n"
     "def f(): return C().go()", True),
    ("def g(n): return h(n - 1) if n else 0\ndef h(n): return g(n)\ndef f(n): return g(n)", True),
    ("def g(xs):\n yield from xs\ndef f(xs): return list(g(xs))", True),
    ("def f(a, b): return math.hypot(a, b) + max(a, b) ** LIMIT", True),
    ("def f(s): return ' '.join(w.upper() for w in s.split()).replace('a', 'b')", True),
    ("def f(xs): return dict(zip(xs, itertools.count()))", True),
    ("def f(d):\n for k, v in d.items():\n  if v > 1: return k\n raise KeyError(d)", True),
    ("@dataclass\nclass P:\n x: int = 0\n ys: list = field(default_factory=list)\ndef f(x): return P(x)", True),
    ("@functools.lru_cache\ndef g(x): return x * 2\ndef f(x): return g(x)", True),
    ("class C:\n n = 0\n def add(self, x):\n  self.n += x\n  return self\ndef f(x): return C().add(1).n", True),
    ("class C:\n names = ('a', 'b')\ndef f(x):\n c = C()\n return [n for n in c.names]", True),
    ("class C:\n word = re.compile('a')\ndef f(x): return C().word.match('a')", True),
    ("class C:\n name = 'a'\ndef f(x):\n y = C.name\n y += x\n return y", True),
    ("class C:\n table = {'a': 1}\ndef f(x): return C().table['a']", True),
    ("@dataclass\nclass C:\n n: list\n m: list = field(default_factory=list)\n"
     "def f(x):\n c = C([x])\n c.n.append(1)\n c.m.append(1)\n return c", True),
    ("class E(Exception): pass\nclass G(E):\n def __init__(self, x): E.__init__(self, x)\n"
     "def f(x):\n if x: raise G(x)", True),
    ("class L(list): pass\nclass M(L):\n def __init__(self, xs): L.__init__(self, xs)\n"
     "def f(xs): return M(xs)", True),
    ("class L(list): pass\ndef f(xs): L.append(xs, 1)", False),
    ("class C:\n size = 3\n def go(self, n=size): return n + 1\ndef f(): return C().go()", True),
    ("import inspect\ndef f(x): return inspect.isgenerator(x) or inspect.isroutine(x)", True),
    ("def f(xs): return operator.iadd(xs, [1])", False),
    ("def f(x): return id(x)", False),
    ("def g(x): return id(x)\ndef f(x): return g(x) == 1", False),
    ("def f(): return repr(object())", False),
    ("class C: pass\ndef f(): return str(C())", False),
    ("class C: pass\ndef f(): return hash(C())", False),
    ("class C:\n def __eq__(self, other): return True\n def __hash__(self): return 1\n"
     " def __repr__(self): return 'c'\ndef f(): return hash(C()), repr(C())", True),
    ("@dataclass\nclass C:\n n: int = 0\ndef f(): return repr(C())", True),
    ("def f(x): return hash('a' + x), str(x)", True),
    ("from typing import cast, Iterator\ndef f(xs):\n ys = cast('Iterator[int]', [])\n ys.append(xs)\n return ys", True),
    ("from typing import cast, Iterator\ndef f(xs): cast(Iterator, xs).append(1)", False),
    ("def go(g, x): return g(x)\ndef f(x): return go(len, x), go(list, x)", True),
]  # fmt: skip
GROUP = "def f(rows):\n out = {}\n for row in rows:\n  k = row['k']\n"
GROUPED = [
    (GROUP + "  out.setdefault(k, []).append(row)\n return out", True),
    (GROUP + "  if k not in out: out[k] = []\n  out[k].append(row)\n return out", True),
    (GROUP + "  if k not in out: out[k] = 0\n  out[k] += row['v']\n return out", True),
    (GROUP + "  out[k] = out.get(k, 0) + row['v']\n return out", True),
    (GROUP + "  day = out.setdefault(k, {'n': 0})\n  day['n'] += 1\n return out", True),
    (GROUP + "  out[k] = [row]\n for k, v in out.items(): v.sort()\n return out", True),
    (GROUP + "  out[k] = [row]\n for v in out.values(): v.append(1)", True),
    (GROUP + "  out[k] = [row]\n for k, v in out.items(): v[0].append(1)", False),
    (GROUP + "  out[k] = [row]\n for v in out.values(): v[0].append(1)", False),
    (GROUP + "  out[k] = []\n for k, v in out.items(): k.append(1)", False),
    (GROUP + "  out[k] = []\n for k in out: k.append(1)", False),
    (GROUP + "  out[k] = []\n for k in out.keys(): k.append(1)", False),
    (GROUP + "  out[k] = []\n list(out)[0].append(1)", False),
    (GROUP + "  out[k] = []\n a, b = out\n b.append(1)", False),
    (GROUP + "  out[k] = []\n out.popitem()[0].append(1)", False),
    (GROUP + "  out[k] = row['v']\n  out[k] += [1]\n return out", False),
    (GROUP + "  out.setdefault(k, row).append(1)", False),
    (GROUP + "  out.get(k, row).append(1)", False),
    (GROUP + "  out.pop(k, row).append(1)", False),
    (GROUP + "  dict.get(out, k, row).append(1)", False),
    (GROUP + "  out[k] = row\n {**out}[k].append(1)", False),
    (GROUP + "  out[k] = 1\n {k: [] for k in out}[k].append(1)", True),
    (GROUP + "  out[k] = 1\n for k in {k: [] for k in out}: k.append(1)", False),
    ("def f(rows):\n n = defaultdict(int)\n for a, b in rows: n[a] += b\n return n", True),
    ("def f(rows):\n n = defaultdict(list)\n for a, b in rows: n[a].append(b)\n return n", True),
    ("def f(rows):\n n = defaultdict(list)\n for a, b in rows: n[a].append(b)\n n[1][0].pop()", False),
    ("def f(rows):\n made = []\n for r in rows:\n  made.append([r])\n  made[-1].append(1)", True),
    ("def f(rows):\n made = []\n for r in rows:\n  made.append([r])\n  made[-1][0].append(1)", False),
    ("def f(rows):\n made = []\n made.extend([rows])\n made[-1].append(1)", False),
    ("def f(rows):\n made = [0]\n made[:] = [rows]\n made[0].append(1)", False),
    ("def f(rows, i):\n made = [0]\n made[i] = [rows]\n made[0].append(1)", False),
    ("def f(rows):\n pair = (rows, [])\n a, b = pair\n b.append(1)", True),
    ("def f(rows):\n pair = (rows, [])\n a, b = pair\n a.append(1)", False),
    ("def f(rows):\n pair = (*[[], rows], 1)\n a, b, c = pair\n b.append(1)", False),
    ("def f(rows):\n pair = (rows, [])\n *a, b = pair\n a[0].append(1)", False),
    ("def f(rows):\n pair = (rows, [])\n pair[0].append(1)", False),
    ("def put(d, k, v): d[k] = v\ndef f(rows):\n d = {}\n put(d, rows, [])\n for k in d: k.append(1)", False),
    ("def put(d, k, v): d[k] = v\ndef f(rows):\n d = {}\n put(d, 1, rows)\n d[1].append(1)", False),
    ("def put(d, k, v): d[k] = v\ndef f(rows):\n d = {}\n put(d, rows, 1)\n d[1].append(1)", True),
    ("def one(d):\n for k in d: return k\ndef f(rows): one({rows: 1}).append(1)", False),
    ("def each(d):\n for k in d: k.append(1)\ndef f(rows): each({rows: 1})", False),
    ("def each(d):\n for k in d.items(): k[0].append(1)\ndef f(rows): each({rows: 1})", False),
    ("def at(d): return d[1]\ndef f(rows): at({1: rows}).append(1)", False),
    ("def pair(x): return x, []\ndef f(rows):\n a, b = pair(rows)\n a.append(1)", False),
]  # fmt: skip


DRAWN = [
    ("def f(r, xs): return r.choice(xs)", True, False),
    ("def f(r, xs):\n d = r.random\n return d()", False, False),  # what is held there may be called
    ("class C:\n def __init__(self, r): self.r = r\n def go(self): return self.r.random()\n"
     "def f(c): return c.go()", True, False),
    ("R = random.Random(1)\ndef f(): return R.random()", True, False),
    ("R = random.Random(1)\ndef f():\n d = R.random\n return d()", False, False),
    ("def f(n): return [random.Random(3).randint(1, 6) for _ in range(n)]", True, True),
    ("def f(n):\n r = random.Random('a')\n return r.sample(range(10), n)", True, True),
    ("def f(xs):\n random.Random(3).shuffle(xs)\n return xs", True, False),
    ("def f(xs):\n random.Random(3).choice(xs).append(1)", True, False),
    ("def f(xs):\n for x in random.Random(3).sample(xs, 2): x.append(1)", True, False),
    ("def f(): return random.Random().random()", False, False),
    ("def f(): return random.Random(None).random()", False, False),
    ("def f(seed=None): return random.Random(seed).random()", True, False),
    ("def f(*given): return random.Random(*given).random()", True, False),
    ("def f(): return random.random()", True, False),
    ("def f(): return draw()", True, False),
    ("def f(xs):\n random.shuffle(xs)\n return random.choice(xs)", True, False),
    ("def g(): return [random.gauss(0, 1) for _ in range(3)]\ndef f(): return g()", True, False),
    ("def f(): return list(map(random.uniform, [1], [2]))", True, False),
    ("def f(): return random.getstate()", True, True),
    ("def f(s): return random.setstate(s)", True, False),
    ("class S(str):\n def encode(self, *a): print(1)\ndef f(): return random.Random(S('a')).random()", False, False),
    ("def f(): return random.Random().choice([1])", False, False),
    ("def random(): pass\nfrom random import choice\ndef f(): return choice([1])", True, False),
    ("def f(): return random.Random(1).seed()", False, False),
    ("def f(r): r.seed()", False, False),
    ("def f(r): r.seed(None)", False, False),
    ("def f(r): r.seed(3)", True, False),
    ("def f():\n r = random.Random(1)\n r.seed('b')\n return r.random()", True, True),
    ("def f(): random.seed(1)", True, False),
    ("def f(): random.seed(a=1)", True, False),
    ("def f(): random.seed(a=None)", True, False),  # which trials then tell
    ("def f(x): random.seed(x)", True, False),
    ("class S(str):\n def encode(self, *a): print(1)\ndef f(): random.seed(S('a'))", False, False),
    ("def f(): return random.SystemRandom().random()", False, False),
    ("def f(r): return random.Random.choice(r, [1])", False, False),
    ("class R(random.Random):\n def random(self):\n  print(1)\n  return .5\n"
     "def f(): return R(1).choice([1])", False, False),
    ("class R(random.Random):\n def random(self):\n  print(1)\n  return .5\n"
     "def f(r): return r.choice([1])", False, False),
    ("class C:\n def __init__(self, f): self.sample = f\ndef f(c): return c.sample()", False, False),
    ("class C:\n def __init__(self): self.sample = []\ndef f(c): c.sample.append(1)", True, False),
    ("def f(c): c.sample.append(1)", True, False),
    ("class R(random.Random): pass\ndef f(): return R().random()", False, False),
    ("class R(random.Random): pass\nclass S(R): pass\ndef f(): return S().random()", False, False),
    ("class R(random.Random):\n def __init__(self): super().__init__()\n"
     "def f(): return R().random()", False, False),
    ("from random import Random\nclass R(Random):\n def __init__(self): self.n = 1\n"
     "def f(): return R()", False, False),
    ("class R(random.Random):\n def randrange(self, *given):\n  print(1)\n  return 1\n"
     "def f(r): return r.randint(1, 2)", False, False),
    ("class R(random.Random):\n def gammavariate(self, *given):\n  print(1)\n  return 1\n"
     "def f(r): return r.betavariate(1, 2)", False, False),
    ("def f(): random.Random(3).shuffle(x=ITEMS)", True, False),
    ("class N:\n def __rmul__(self, other):\n  print(1)\n  return 1.0\n"
     "def f(): return random.Random(3).gauss(0, N())", False, False),
    ("class N:\n def __radd__(self, other):\n  print(1)\n  return 1.0\n"
     "def f(): return random.Random(3).choices('ab', weights=[1, N()])", False, False),
]  # fmt: skip


SPREAD = [
    ("def f(xs, **how): return sorted(xs, **how)", Tri.UNKNOWN),
    ("def f(): return sorted([1], **{'key': print})", Tri.NO),
    ("def f(): return max(*[[1, 2]], **{'key': print})", Tri.NO),
    ("def f(): return [2, 1].sort(**{'key': print})", Tri.NO),
    ("def f(): return re.sub(*['a', print, 'b'])", Tri.NO),
    ("def f(): return itertools.groupby(*([1], print))", Tri.NO),
    ("def f(): return list(itertools.accumulate(*([1, 2], print)))", Tri.NO),
    ("def f(): return next(iter(*[print, 1]))", Tri.NO),
    ("def f(): return list(itertools.starmap(re.sub, [('a', print, 'b')]))", Tri.NO),
    ("def f(x): list.append(*[ITEMS, x])", Tri.NO),
    ("import bisect\ndef f(x): bisect.insort(a=ITEMS, x=x)", Tri.NO),
    ("import bisect\ndef f(x): bisect.insort(**{'a': ITEMS, 'x': x})", Tri.NO),
    ("import bisect\ndef f(x): bisect.insort([], *(x,), **{'key': print})", Tri.NO),
    ("def f(*xs): return max(*xs, 1)", Tri.YES),
    ("def f(*rows): return list(map(str.upper, *rows))", Tri.YES),
    ("def f(rows): return [list(zip(*rows)), max(*rows[0])]", Tri.YES),
    ("def f(given): return re.sub('a', 'b', *given)", Tri.YES),
]


@pytest.mark.parametrize(("text", "pure"), SPREAD)
def test_what_comes_with_stars_may_be_any_argument_that_is_left(text: str, pure: Tri) -> None:
    found = effects(text)
    assert found.pure is pure, found.reasons


@pytest.mark.parametrize(("text", "shadowable", "pure"), DRAWN)
def test_random_numbers_from_a_seed_are_state_and_all_others_come_from_outside(
    text: str, shadowable: bool, pure: bool
) -> None:
    found = effects(text)
    assert (found.shadowable is Tri.YES) is shadowable, found.reasons
    assert (found.pure is Tri.YES) is pure, found.reasons


def test_every_method_of_a_generator_of_random_numbers_is_known() -> None:
    public = {n for n in dir(random.Random) if not n.startswith("_")} - {"VERSION"}
    assert public <= set(METHODS["random.Random"]), public - set(METHODS["random.Random"])


def test_a_generator_may_be_shadowed_and_is_not_pure() -> None:
    found = effects("def f(x):\n    for y in x:\n        yield y")
    assert (found.shadowable, found.pure) == (Tri.YES, Tri.NO)
    assert "others run between its steps" in found.told
    assert effects("def f(x):\n    print(x)\n    yield x").shadowable is not Tri.YES
    assert effects("async def f(x):\n    yield x").shadowable is not Tri.YES


@pytest.mark.parametrize(
    "text", REFUSED + HELD_BY_CLASSES + FROM_CLASSES + YIELDED_FROM + IN_PLACE + GIVEN_BY_OPERATORS
)
def test_what_has_an_effect_or_cannot_be_seen_is_refused(text: str) -> None:
    """But for changes of the module's data: that goes with a call, and is compared after it."""
    found = effects(text)
    if found.shadowable is Tri.YES:
        assert found.globals_changed, found
        assert all(name in text for _, name in found.globals_changed)
        assert set(found.globals_changed) <= set(found.globals_read)
    assert found.pure is not Tri.YES
    assert found.reasons and all(r.startswith("line ") for r in found.reasons)


@pytest.mark.parametrize(("text", "pure"), GROUPED + DEEPER)
def test_what_is_grouped_is_told_from_what_it_is_grouped_by(text: str, pure: bool) -> None:
    """A key is no value: what is done to the values of a dict is not done to what its keys came from."""
    assert (effects(text).pure is Tri.YES) is pure, effects(text).reasons


@pytest.mark.parametrize(("text", "pure"), SHADOWABLE)
def test_what_stays_within_its_arguments_is_shadowable(text: str, pure: bool) -> None:
    found = effects(text)
    assert found.shadowable is Tri.YES, found.reasons
    assert (found.pure is Tri.YES) is pure, found.reasons


OUTGOING = [
    ("def f(x): print(x)", True),
    ("import sys\ndef f(x): print(x, end='', file=sys.stderr)", True),
    ("def f(*xs): print(*xs)", True),
    ("def f(x):\n log.debug('x %s', x)\n log.error(x)", True),
    ("def f(x): logging.info('%d', x)", True),
    ("import warnings\ndef f(x): warnings.warn(f'{x}', DeprecationWarning, stacklevel=2)", True),
    ("import sys\ndef f(x): sys.stdout.write(x)", True),
    ("def g(x): print(x)\ndef f(x):\n g(x)\n return [g(y) for y in x]", True),
    ("class C:\n def __str__(self): return 'c'\ndef f(): print(C())", True),
    ("class C:\n def __str__(self): return open('c').read()\ndef f(): print(C())", False),
    ("class C:\n def __repr__(self): return open('c').read()\ndef f(): log.info('%r', [C()])", False),
    ("import warnings\nclass W(Warning):\n def __init__(self, x): open(x)\n"
     "def f(x): warnings.warn('x', W)", False),
    ("def f(x, out): print(x, file=out)", False),
    ("def f(x): print(x, file=ITEMS)", False),
    ("def f(*xs, **how): print(*xs, **how)", False),
    ("def p(h, x, out): h(x, file=out)\ndef f(x, out): p(print, x, out)", False),
    ("def f(x, out): functools.partial(print, file=out)(x)", False),
    ("def f(xs): return list(map(print, xs))", False),
    ("def f(x):\n say = print\n say(x)", True),
    ("def f(x): return print(x) or input()", False),
    ("def g(x):\n print(x)\n open(x)\ndef f(x): g(x)", False),
    ("def f(x):\n print(x)\n yield x", False),
    ("async def f(x): print(x)", False),
    ("def f(x): log.addHandler(x)", False),
    ("def f(x):\n if log.isEnabledFor(10): return x", False),
    ("def f(x): log.level = 3", False),
    ("def f(x): log.handlers.append(x)", False),
    ("def f(x): logging.getLogger('a').info(x)", False),
    ("def f(x): logging.basicConfig()", False),
    ("log = logging.getLogger()\nlog = unheard_of.log\ndef f(x): log.info(x)", False),
]  # fmt: skip


HANDED_ON = [
    "def g(h, xs, k): return h(xs, key=k)\ndef f(xs): return g(sorted, xs, {0})",
    "def g(h, xs, k): return list(h(k, xs))\ndef f(xs): return g(map, xs, {0})",
    "def g(x): return x\ndef f(x): return g({0})(x)",
    "def g(x): return [x]\ndef f(x): return g({0})[0](x)",
    "def g(x): return x[0]\ndef f(x): return g([{0}])(x)",
    "def g(d, x): d.append(x)\ndef f(x):\n d = []\n g(d, {0})\n return d[0](x)",
    "def g(d, x): d.append(x[0])\ndef f(x):\n d = []\n g(d, [{0}])\n return d[0](x)",
    "def f(x):\n k = {0}\n def g(): return k\n return g()(x)",
    "class C:\n def __init__(self, k): self.k = k\n def go(self, h, xs): return list(h(self.k, xs))\n"
    "def f(xs): return C({0}).go(map, xs)",
]  # fmt: skip


@pytest.mark.parametrize("text", HANDED_ON)
def test_functions_that_are_handed_on_are_known_where_they_are_called(text: str) -> None:
    quiet = facts(m=PRELUDE + text.format("len")).plain("m:f")
    assert quiet.shadowable is Tri.YES, quiet.reasons
    assert effects(text.format("open")).shadowable is Tri.NO
    assert facts(m=PRELUDE + text.format("open")).plain("m:f").shadowable is Tri.NO


@pytest.mark.parametrize(("text", "compared"), OUTGOING)
def test_what_is_printed_and_logged_is_an_effect_that_a_trial_can_compare(
    text: str, compared: bool
) -> None:
    found = effects(text)
    assert found.shadowable is not Tri.YES and found.pure is not Tri.YES
    assert (found.replayable is Tri.YES) is compared, found.reasons
    assert found.outgoing or not compared


@pytest.mark.parametrize("text", NOT_FROM_CLASSES)
def test_what_instances_have_of_their_own_is_not_their_class_s(text: str) -> None:
    assert effects(text).shadowable is Tri.YES, effects(text).reasons


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("def f(k): CACHE[k] = 1", ["CACHE"]),
        ("def f():\n global LIMIT\n LIMIT = 1", ["LIMIT"]),
        ("def g(x): ITEMS.append(x)\ndef f(x):\n g(x)\n CACHE.clear()", ["CACHE", "ITEMS"]),
        ("def f():\n CACHE = 1\n def g():\n  global CACHE\n  CACHE[1] = 2\n g()", ["CACHE"]),
        (
            "def f():\n CACHE = 1\n def m():\n  global CACHE\n  def g(): CACHE[1] = 2\n  g()\n m()",
            ["CACHE"],
        ),
        ("def f(x):\n global made\n made = x", []),  # it may not be there before
        ("def f(x):\n global made\n def made(): pass", []),
        ("def f(x): unheard_of.TABLE[1] = x", []),
        ("def g(x, seen=[]): seen.append(x)\ndef f(x): g(x)", []),
        ("@functools.lru_cache\ndef g(x): return []\ndef f(): g(1).append(1)", []),
        ("class C:\n n = 0\ndef f(x): C.n = x", []),
    ],
)
def test_changed_data_of_modules_goes_with_the_call_and_all_else_is_refused(
    text: str, changed: list[str]
) -> None:
    found = effects(text)
    assert (found.shadowable is Tri.YES) is bool(changed), found
    assert found.pure is not Tri.YES
    if changed:
        assert [name for _, name in found.globals_changed] == changed
        assert all("to global" in reason for reason in found.reasons)


def test_a_number_taken_from_an_argument_changes_no_builtin_in_place() -> None:
    assert facts(m="def f(n):\n    n -= 1\n    return n").effects("m:f").pure is Tri.YES
    assert facts(m="def f(n):\n    n *= 2\n    return n").effects("m:f").pure is Tri.UNKNOWN


def test_reasons_are_sentences_with_lines() -> None:
    text = """\
        cache = {}
        def save(x):
            cache[x] = open(x)
        def f(x):
            return save(x)
        """
    found = facts(m=text)
    assert found.effects("m:save").reasons == (
        "line 3: calls `open`, which has outside effects",
        "line 3: writes to global `cache`: sets an item",
    )
    assert found.effects("m:f").reasons[0] == (
        "line 5: calls `save`, which calls `open`, which has outside effects (line 3 of m)"
    )
    assert found.effects("m:f").shadowable is Tri.NO
    assert found.callees("m:f") == ("m:save",)


def test_globals_read_are_the_data_of_any_module_and_transitive() -> None:
    found = facts(
        m="""\
            from shop import TAX, rate as r
            import shop
            SEEN = {}
            LIMIT: int = 3
            def f(x): return g(x) + TAX + LIMIT
            def g(x): return r(x) + shop.TAX + len(SEEN)
            def h(x): return f
            none = object()
            def k(x): return x is none
            """,
        shop="TAX = 2\nRATES = [1]\ndef rate(x): return RATES[x]\n",
    )
    assert found.globals_read("m:k") == ()
    assert found.globals_read("m:f") == (
        ("m", "LIMIT"), ("m", "SEEN"), ("shop", "RATES"), ("shop", "TAX"),
    )  # fmt: skip
    assert found.globals_read("m:h") == ()
    assert found.effects("m:f").shadowable is Tri.YES


def test_a_package_that_imports_its_own_parts_is_followed() -> None:
    sources = {
        n: Source(path, n, text)
        for n, path, text in (
            ("shop", "shop/__init__.py", "from shop import tax\n"),
            ("shop.tax", "shop/tax.py", "RATES = [1]\ndef rate(x): return x * RATES[0]\n"),
            ("m", "m.py", "from shop import tax as t\ndef f(x): return t.rate(x) + t.RATES[0]\n"),
        )
    }
    found = ModuleFacts.of(sources["m"], sources.get).effects("m:f")
    assert found.shadowable is Tri.YES
    assert found.callees == ("shop.tax:rate",)
    assert found.globals_read == (("shop.tax", "RATES"),)


def test_may_raise() -> None:
    found = facts(m="def a(): return 1\ndef b(x): assert x\ndef c(x): return x[0]\ndef d(): b(1)\n")
    answers = [found.effects(f"m:{n}").may_raise for n in "abcd"]
    assert answers == [Tri.NO, Tri.YES, Tri.UNKNOWN, Tri.YES]


def test_a_callee_in_another_module_counts() -> None:
    modules = {"m": "from shop.tax import rate\ndef f(x): return rate(x)\n", "shop": ""}
    quiet = facts(**modules, **{"shop.tax": "def rate(x): return x\n"})
    assert quiet.effects("m:f").shadowable is Tri.YES
    loud = facts(**modules, **{"shop.tax": "def rate(x): print(x)\n"})
    assert loud.effects("m:f").shadowable is Tri.NO


DEPENDING = {
    "m": "from shop import total, Cart\nfrom shop import TAX as tax\nimport math\nN = 1\n"
    "def f(x): return total(x) + tax + math.floor(N) + len(Cart(x).lines)\n",
    "shop": "TAX = 2\nclass Cart:\n    def __init__(self, x):\n        self.lines = [x]\n"
    "def price(x): return x\ndef total(x): return price(x)\ndef other(): return 1\n",
}


@pytest.mark.parametrize(
    ("module", "before", "after", "drops"),
    [
        ("shop", "def price(x): return x", "def price(x): return x * 2", True),
        ("shop", "TAX = 2", "TAX = 3", True),
        ("shop", "self.lines = [x]", "self.lines = [x, x]", True),
        ("shop", "class Cart:", "class Cart(dict):", True),
        ("shop", "def total(x): return price(x)", "def total(x): return other()", True),
        ("shop", "def other(): return 1", "def other(): return 2", False),
        ("shop", "def price(x): return x", "def price( x ):\n    # note\n    return x", False),
        ("m", "import math", "import cmath as math", True),
        ("m", "N = 1", "N = 2", True),
        ("m", "N = 1", "N = 1\ndef len(x): return 0", True),
        ("m", "from shop import total, Cart", "from shop import other as total, Cart", True),
        ("m", "from shop import total, Cart", "from shop import Cart, total", False),
    ],
)
def test_dependency_sets_change_with_what_was_relied_on(
    module: str, before: str, after: str, drops: bool
) -> None:
    """The function's own hash stays as it is; a callee's edit, in any module, still drops it."""
    edited = dict(DEPENDING)
    assert before in edited[module]
    edited[module] = edited[module].replace(before, after)
    old = facts(**DEPENDING).dependencies("m:f")
    new = facts(**edited).dependencies("m:f")
    assert old["m:f"] == new["m:f"]
    assert (old != new) is drops


def test_a_source_that_changes_under_one_resolve_is_noticed() -> None:
    sources = {n: Source(f"{n}.py", n, t) for n, t in DEPENDING.items()}

    def resolve(name: str) -> Source | None:
        return sources.get(name)

    old = ModuleFacts.of(sources["m"], resolve)
    assert old.effects("m:f").shadowable is Tri.YES
    before = old.dependencies("m:f")
    text = DEPENDING["shop"].replace("return price(x)", "return print(x)")
    sources["shop"] = Source("shop.py", "shop", text)
    new = ModuleFacts.of(sources["m"], resolve)
    assert new.effects("m:f").shadowable is Tri.NO
    assert new.dependencies("m:f") != before


def test_a_module_that_is_found_while_facts_are_counts() -> None:
    """Nothing imports ``pkg.kinds``: that it is there is seen when a base class is looked for."""
    found = facts(
        m="""
        import logging
        import pkg
        log = logging.getLogger(__name__)
        class Own(pkg.kinds.Base): pass
        class Other(pkg.kinds.Base): pass
        def f(x):
            print(x)
            log.info("%s", x)
            return x
        def g(x):
            print(x)
            return x.n
        """,
        pkg="",
        **{
            "pkg.kinds": """
            import sys
            class Base: pass
            class Told:
                def write(self, text): Told.last = text
            def take(): sys.stdout = Told()
            """
        },
    )
    assert found.plain("m:g") == found.plain("m:g")  # the first answer is that of all modules
    assert found.effects("m:f").replayable is Tri.NO


def test_dependencies_name_the_python() -> None:
    version = ".".join(map(str, __import__("sys").version_info[:2]))
    assert facts(m="def f(): pass").dependencies("m:f")["python"] == version


def test_what_stands_in_the_way_is_told_before_what_is_compared() -> None:
    found = effects("import unheard_of\ndef f(x):\n print(x)\n return unheard_of.g(x)")
    assert found.replayable is Tri.UNKNOWN
    assert "calls `unheard_of.g`" in found.reasons[0]
    assert "calls `print`" in found.reasons[1]


def test_an_unknown_address_is_the_users_error() -> None:
    with pytest.raises(UserError, match="no function at m:g"):
        facts(m="def f(): pass").effects("m:g")


def test_known_names_exist() -> None:
    """The tables name what is there (on some Python of 3.11 to 3.13)."""
    newer = {"math.fma", "math.sumprod", "itertools.batched", "math.cbrt", "math.exp2"}
    for dotted in FUNCTIONS:
        if dotted in newer or dotted.startswith("typing.NamedTuple.") or "override" in dotted:
            continue
        parts = dotted.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            try:
                found: object = importlib.import_module(".".join(parts[:cut]))
            except ImportError:
                continue
            for part in parts[cut:]:
                found = getattr(found, part)
            break
        else:
            raise AssertionError(dotted)
    for type_ in (str, bytes, bytearray, int, float, complex, list, tuple, dict, set, frozenset):
        for name in set(METHODS[type_.__name__]) - {"move_to_end"}:  # OrderedDict's
            assert hasattr(type_, name), (type_, name)


def test_every_method_of_the_builtin_containers_is_known() -> None:
    for type_ in (str, bytes, list, tuple, dict, set, frozenset):
        public = {n for n in dir(type_) if not n.startswith("_")}
        assert public <= set(METHODS[type_.__name__]), public - set(METHODS[type_.__name__])


@pytest.mark.parametrize(
    ("module", "least"),
    [
        ("difflib", 0.65),
        ("textwrap", 0.9),
        ("colorsys", 1),
        ("fractions", 0.8 if sys.version_info < (3, 12) else 0.3),
        ("statistics", 0.75),
    ],
)
def test_share_of_real_functions_that_may_be_shadowed(module: str, least: float) -> None:
    """Of the functions that are no generators; what is left calls what it is given, mostly.

    From 3.12 on fractions calls methods of whatever it gets.
    """
    path = inspect.getsourcefile(importlib.import_module(module))
    assert path is not None
    source = Source.read(path, module)
    found = ModuleFacts.of(source, lambda name: None)
    kinds = [d for d in definitions(source) if d.kind in ("function", "lambda")]
    yes = sum(found.effects(d.address).shadowable is Tri.YES for d in kinds)
    assert yes / len(kinds) >= least


def test_the_matcher_of_difflib() -> None:
    import difflib

    source = Source.read(difflib.__file__, "difflib")
    found = ModuleFacts.of(source, lambda name: None)
    for name in ("find_longest_match", "ratio", "get_matching_blocks", "get_opcodes"):
        answer = found.effects(f"difflib:SequenceMatcher.{name}")
        assert answer.shadowable is Tri.YES, answer.reasons
    junk = found.effects("difflib:SequenceMatcher.__chain_b")
    assert junk.shadowable is Tri.UNKNOWN
    assert junk.reasons[0] == "line 289: calls `isjunk`, reached from argument `self`" or (
        "reached from argument `self`" in junk.reasons[0]
    )


def test_facts_do_not_depend_on_the_order_in_which_they_are_asked() -> None:
    source = Source.read(Path(__import__("fractions").__file__), "fractions")
    addresses = [d.address for d in definitions(source) if d.kind != "class"]
    first = {a: ModuleFacts.of(source, lambda name: None).effects(a) for a in addresses[:12]}
    random.Random(3).shuffle(addresses)
    other = ModuleFacts.of(source, lambda name: None)
    for address in addresses:
        other.effects(address)
    compared = 0
    for address, expected in first.items():
        found = other.effects(address)
        # How much work it is to follow a function depends on what is known already.
        if any("too intricate" in r for e in (found, expected) for r in e.reasons):
            assert Tri.YES not in (found.shadowable, expected.shadowable)
            continue
        compared += 1
        assert (found.shadowable, found.pure) == (expected.shadowable, expected.pure)
    assert compared > 3


GROWING = [
    # An attribute of an attribute of what is not known, and so on.
    "def f(x):\n    y = NotImplemented\n    for _ in x: y = y.value\n    return y",
    "import np\ndef f(x):\n    y = np.one\n    while x: x, y = y, y.two.three\n    return y",
    "class C:\n    def value(self): return g(self)\n"
    "def g(x): return f(x.value or NotImplemented)\n"
    "def f(x):\n    return g(x.value.value)",
    # Methods of receivers that may be more with every pass.
    "class C:\n    def m(self, other): return other.n or self.n or h(self)\n"
    "    def n(self): return self.m\n"
    "def f(x): return g(x.m or x.n)\ndef g(x): return h(x.m)\ndef h(x): return f(x.n) or g(x)",
]


@pytest.mark.parametrize("text", GROWING)
def test_what_grows_from_pass_to_pass_does_not_grow_without_end(text: str) -> None:
    found = ModuleFacts.of(Source("m.py", "m", text), lambda name: None).effects("m:f")
    assert not any("too intricate" in reason for reason in found.reasons)


def test_what_is_too_intricate_is_given_up_soon() -> None:
    """Comparing containers of anything may run any `__eq__` of the module, which compare in turn."""
    source = Source.read(Path(__import__("collections").__file__), "collections")
    found = ModuleFacts.of(source, lambda name: None)
    answers = [found.effects(d.address) for d in definitions(source) if d.kind != "class"]
    given_up = [a for a in answers if any("too intricate" in r for r in a.reasons)]
    assert given_up and all(a.shadowable is not Tri.YES for a in given_up)
    assert any(a.shadowable is Tri.YES for a in answers)


MISSING = "class A(dict):\n def __missing__(self, k): ITEMS.append(k)\n"
MAPPED = (
    "class C:\n def keys(self):\n  ITEMS.append(1)\n  return []\n def __getitem__(self, k): pass\n"
)
EMPTY = "class C:\n def __len__(self):\n  ITEMS.append(1)\n  return 0\n"
MADE = "def mk(): return ITEMS.append(1)\nD = defaultdict(mk)\n"
RUN_UNSEEN = [
    MISSING + "def f(x): return '{x}'.format_map(A())",
    MISSING + "def f(x): return '%(a)s' % A()",
    MISSING + "def f(x): return operator.getitem(A(), x)",
    MISSING + "def f(x): return list(map(A().__getitem__, x))",
    MISSING + "def f(x): return dict.__getitem__(A(), x)",
    MISSING + "class B(A):\n def one(self, k): return super().__getitem__(k)\ndef f(x): return B().one(x)",
    MAPPED + "def g(**k): pass\ndef f(x): return g(**C())",
    MAPPED + "def f(x): return {**C()}",
    MAPPED + "def f(x):\n d = {}\n d |= C()",
    "class C:\n def __itruediv__(self, x): ITEMS.append(x)\ndef f(x):\n c = C()\n c /= x",
    EMPTY + "def f(x):\n if C(): return 1",
    EMPTY + "def f(x): return 1 if C() else 2",
    EMPTY + "def f(x): return not C()",
    EMPTY + "def f(x): return C() or x",
    EMPTY + "def f(x):\n while C(): break",
    EMPTY + "def f(x): assert not x or C()",
    EMPTY.replace("len", "bool") + "def f(x): return [y for y in x if C()]",
    EMPTY.replace("len", "bool") + "def f(x): return list(filter(None, [C()]))",
    EMPTY + "def f(x):\n match x:\n  case 3 if C(): return 1",
    MADE + "def f(x): return D[x]",
    MADE + "def f(x): return '%(a)s' % D",
    MADE + "class B(defaultdict): pass\nE = B(mk)\ndef f(x): return E[x]",
    "D = {'a': defaultdict(lambda: ITEMS.append(1))}\ndef f(x): return D['a'][x]",
    "class C:\n def __class_getitem__(cls, k): ITEMS.append(k)\ndef f(x): return C[x]",
    "class C:\n def __del__(self): ITEMS.append(1)\ndef f(x):\n C()\n return 1",
    "class C:\n @property\n def __class__(self): return ITEMS.append(1)\ndef f(x): return x.__class__",
    "class C:\n @property\n def __class__(self): return ITEMS.append(1)\ndef f(x): return isinstance(x, int)",
    "class C:\n def __index__(self): return ITEMS.append(1)\ndef f(x): return [0] * x",
    "class C:\n def __index__(self): return ITEMS.append(1)\ndef f(s, x): return s % x",
    "class C:\n def __str__(self): return ITEMS.append(1)\ndef f(s, x): return s % x",
    "class C:\n def __fspath__(self): return ITEMS.append(1)\ndef f(x): return os.path.join(x, 'a')",
    "class C:\n def __next__(self): ITEMS.append(1)\n def __iter__(self): return self\ndef f(x): return x in C()",
    "class C:\n def __next__(self): ITEMS.append(1)\n def __iter__(self): return self\n"
    "def f(x):\n a = []\n a.extend(C())\n return a",
    "class C:\n def __next__(self): ITEMS.append(1)\n def __iter__(self): return self\n"
    "def f(x):\n match x:\n  case [a]: return a",
    "from enum import Enum\nclass C(Enum):\n A = 1\n @classmethod\n def _missing_(cls, x): ITEMS.append(x)\n"
    "def f(x): return C(x)",
    "import json\nclass C(json.JSONEncoder):\n def default(self, o): ITEMS.append(o)\n"
    "def f(x): return json.dumps(x, cls=C, default=lambda o: ITEMS.append(o))",
    "import dataclasses\n@dataclass\nclass C:\n a: int\n def __post_init__(self): ITEMS.append(1)\n"
    "def f(x): return dataclasses.replace(x, a=1)",
]  # fmt: skip
ARGUMENTS_CHANGED = [
    "def f(x): memoryview(x)[0] = 1",
    "def g(x): raise ValueError(x)\ndef f(x):\n try: g(x)\n except ValueError as e: e.args[0].append(1)",
    "import collections\ndef f(x): collections.namedtuple('P', 'a')(x).a.append(1)",
]
REPLACED = [
    "import builtins\nbuiltins.sorted = print\ndef f(x): return sorted(x)",
    "import builtins\nsetattr(builtins, 'sorted', print)\ndef f(x): return sorted(x)",
    "def g():\n import builtins as b\n b.__dict__['sorted'] = print\ndef f(x): return sorted(x)",
    "__builtins__['sorted'] = print\ndef f(x): return sorted(x)",
    "import builtins\nvars(builtins).update(sorted=print)\ndef f(x): return sorted(x)",
    "math.sqrt = print\ndef f(x): return math.sqrt(x)",
    "def g(name): setattr(math, name, print)\ndef f(x): return math.sqrt(x)",
]


@pytest.mark.parametrize("text", RUN_UNSEEN)
def test_what_python_runs_unseen_is_followed(text: str) -> None:
    found = effects(text)
    assert ("m", "ITEMS") in found.globals_changed, found.reasons
    assert found.pure is not Tri.YES


@pytest.mark.parametrize("text", ARGUMENTS_CHANGED)
def test_what_comes_out_again_by_another_way_is_the_argument(text: str) -> None:
    assert effects(text).pure is not Tri.YES


@pytest.mark.parametrize("text", REPLACED)
def test_what_the_program_puts_in_the_place_of_a_builtin_is_not_known(text: str) -> None:
    found = effects(text)
    assert (found.shadowable, found.pure) == (Tri.UNKNOWN, Tri.UNKNOWN)
    assert "which the program replaces" in found.reasons[0]
    assert effects(text.partition("def f")[0] + "def f(x): return operator.neg(x)").pure is Tri.YES


def test_what_is_called_like_no_dict_or_list_is_is_none() -> None:
    for call in ("x.get()", "x.get(timeout=1)", "x.count()", "x.copy(1)"):
        found = effects(f"def f(x): return {call}")
        assert (found.pure, found.shadowable) == (Tri.UNKNOWN, Tri.UNKNOWN), call
    for call in ("x.get(1)", "x.get(1, 2)", "x.count(1)", "x.copy()", "x.get(*x)"):
        assert effects(f"def f(x): return {call}").pure is Tri.YES, call


def test_instances_that_share_what_they_hold_are_not_followed() -> None:
    borg = "class C:\n shared = {}\n def __init__(self): self.__dict__ = self.shared\n"
    found = effects(borg + "def f(x):\n c = C()\n c.x = x")
    assert (found.pure, found.shadowable) == (Tri.UNKNOWN, Tri.UNKNOWN)


def test_reading_an_item_of_a_defaultdict_may_make_one() -> None:
    found = effects("D = defaultdict(list)\ndef f(x): return D[x]")
    assert (found.shadowable, found.pure) == (Tri.YES, Tri.UNKNOWN), found.reasons
    assert ("m", "D") in found.globals_changed
    assert effects("D = defaultdict(list)\ndef f(x): return D.get(x)").pure is Tri.YES


LISTENING = [
    "import sys\nclass Tee:\n def write(self, s): ITEMS.append(s)\nsys.stdout = Tee()\n"
    "def f(x):\n print(x)\n return len(ITEMS)",
    "class H(logging.Handler):\n def emit(self, r): ITEMS.append(r)\n"
    "def f(x):\n log.info(x)\n return len(ITEMS)",
    "class F(logging.Filter):\n def filter(self, r):\n  self.n += 1\n  return True\nF = F()\n"
    "def f(x):\n log.info(x)\n return F.n",
    "class L(logging.Logger):\n def info(self, x): ITEMS.append(x)\n"
    "def f(x):\n log.info(x)\n return len(ITEMS)",
    "import warnings\ndef told(*x): ITEMS.append(x)\nwarnings.showwarning = told\n"
    "def f(x):\n warnings.warn('x')\n return len(ITEMS)",
    "class N:\n def __str__(self):\n  ITEMS.append(1)\n  return 'n'\n"
    "def f(x):\n log.info('%s', N())\n return len(ITEMS)",
    "@functools.cache\ndef g(x): print(x)\ndef f(x): g(x)",
]  # fmt: skip


@pytest.mark.parametrize("text", LISTENING)
def test_what_is_shown_is_not_compared_where_code_of_the_tree_is_told(text: str) -> None:
    found = effects(text)
    assert found.replayable is not Tri.YES


@pytest.mark.parametrize(
    "text",
    [
        "class H(logging.Handler):\n def emit(self, r): self.last = r\ndef f(x): log.info(x)",
        "class F(logging.Formatter):\n def format(self, r): return r.msg\ndef f(x): log.info(x)",
        "class Out:\n def write(self, s): ITEMS.append(s)\ndef f(x): print(x)",
    ],
)
def test_what_is_shown_is_compared_where_nobody_reads_what_that_changes(text: str) -> None:
    assert effects(text).replayable is Tri.YES
