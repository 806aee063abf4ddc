"""Functions of the standard library and of installed pure Python libraries, to try trials on."""

import ast
import importlib.util
import random
from collections.abc import Iterator
from dataclasses import dataclass

from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity.definitions import Definition, definitions

MODULES = [
    "base64",
    "bisect",
    "calendar",
    "cmd",
    "codeop",
    "colorsys",
    "configparser",
    "contextlib",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "difflib",
    "email.header",
    "email.quoprimime",
    "email.utils",
    "enum",
    "fnmatch",
    "fractions",
    "functools",
    "gettext",
    "glob",
    "graphlib",
    "heapq",
    "hmac",
    "html",
    "html.entities",
    "http.cookies",
    "imghdr",
    "inspect",
    "ipaddress",
    "json.decoder",
    "json.encoder",
    "keyword",
    "linecache",
    "locale",
    "mimetypes",
    "nturl2path",
    "numbers",
    "opcode",
    "operator",
    "optparse",
    "pickletools",
    "plistlib",
    "posixpath",
    "pprint",
    "quopri",
    "re",
    "random",
    "reprlib",
    "sched",
    "secrets",
    "shlex",
    "sndhdr",
    "statistics",
    "string",
    "stringprep",
    "symtable",
    "textwrap",
    "timeit",
    "token",
    "tokenize",
    "types",
    "typing",
    "urllib.parse",
    "uuid",
    "wave",
    "weakref",
    "xml.sax.saxutils",
    "zipfile",
    "more_itertools.more",
    "more_itertools.recipes",
    "toolz.itertoolz",
    "toolz.dicttoolz",
    "toolz.functoolz",
    "toolz.recipes",
    "boltons.iterutils",
    "boltons.strutils",
    "boltons.mathutils",
    "boltons.dictutils",
    "boltons.setutils",
    "boltons.statsutils",
    "boltons.listutils",
    "boltons.formatutils",
    "boltons.timeutils",
    "boltons.urlutils",
    "boltons.queueutils",
    "boltons.typeutils",
    "boltons.funcutils",
    "boltons.cacheutils",
    "boltons.namedutils",
    "sortedcontainers.sortedlist",
    "sortedcontainers.sorteddict",
    "sortedcontainers.sortedset",
    "sqlparse.utils",
    "sqlparse.sql",
    "sqlparse.filters.others",
    "sqlparse.filters.tokens",
    "sqlparse.lexer",
    "sqlparse.formatter",
    "networkx.utils.misc",
    "networkx.utils.heaps",
    "networkx.utils.union_find",
    "networkx.algorithms.dag",
    "networkx.algorithms.components.connected",
    "networkx.algorithms.shortest_paths.unweighted",
    "networkx.algorithms.cluster",
    "networkx.algorithms.clique",
    "networkx.algorithms.graphical",
    "networkx.algorithms.triads",
    "networkx.algorithms.tournament",
    "networkx.classes.function",
]
LINES = (3, 60)


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One function of a module."""

    source: Source
    definition: Definition

    @property
    def address(self) -> str:
        """Its address."""
        return self.definition.address


def subjects(seed: int, modules: list[str] | None = None) -> Iterator[Subject]:
    """Functions and methods of medium length, module by module in turn, in an order by the seed."""
    rng = random.Random(seed)
    by_module: list[list[Subject]] = []
    for module in modules or MODULES:
        try:
            spec = importlib.util.find_spec(module)
        except ImportError:
            continue
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            continue
        source = Source.read(spec.origin, module)
        found = [Subject(source, d) for d in definitions(source) if _suits(d)]
        rng.shuffle(found)
        by_module.append(found)
    while any(by_module):
        for found in by_module:
            if found:
                yield found.pop()


def _suits(definition: Definition) -> bool:
    node = definition.node
    if not isinstance(node, ast.FunctionDef) or "<locals>" in definition.qualname:
        return False
    body = node.body[1:] if ast.get_docstring(node) else node.body
    if not body:
        return False
    lines = (body[-1].end_lineno or 0) - body[0].lineno + 1
    return LINES[0] <= lines <= LINES[1]
