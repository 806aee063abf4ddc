"""What a look-up of an attribute finds in the classes of one module.

Python asks the class, then its bases; here a class with more than one base, or with a base that is no
class of the module, is asked for its own names only: what lies beyond is not known.
"""

from typing import final

from selfsame.compiler.identity.names import mangled, own_name
from selfsame.compiler.ir.graph import Graph
from selfsame.compiler.ir.operations import (
    Assign,
    Call,
    Class,
    Comprehension,
    Function,
    Import,
    Join,
    Loop,
    Statement,
    With,
)

MANY = 16  # a call that may run more functions than these has no edges
_STORE = frozenset({"setattr", "delattr", "__setattr__", "__delattr__"})
_PLAIN = frozenset({"staticmethod", "classmethod"})
Functions = tuple[int, ...]


@final
class Classes:
    """The classes of a graph, by the ids of their nodes."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._own: dict[int, dict[str, list[int | None]]] = {}
        self._bases: dict[int, list[int | None]] = {}
        self._loose: set[int] = set()  # some base may be any class of the module
        self._below: dict[int, list[int]] = {}
        self._dispatched: dict[tuple[int, str], Functions | None] = {}
        self.stored: set[str] = set()  # names of attributes that something is stored to
        self.by_name = False  # whether attributes are stored under names that are not in the source
        scopes: list[int] = []
        for node in graph.nodes:
            operation = node.operation
            around = scopes[node.parent] if node.id else 0
            scopes.append(node.id if isinstance(operation, Function | Class) else around)
            if isinstance(graph.nodes[around].operation, Class) and node.id != around:
                self._bind(around, node.id)
            if isinstance(operation, Class):
                self._enter(node.id, operation)
            elif isinstance(operation, Assign | Loop | With | Comprehension):
                self.stored.update(s.rpartition(".")[2] for s in operation.stores)
                if isinstance(operation, Assign) and operation.form == "walrus":
                    self._bind_around(scopes, node.id)  # a default's is the class's around
            elif isinstance(operation, Call):
                last = operation.callee.rpartition(".")[2]
                self.by_name |= last in _STORE or ".__dict__." in operation.callee

    def _enter(self, node: int, operation: Class) -> None:
        self._own[node] = {}
        self._bases[node] = []
        for base in operation.bases:
            reaching = self._graph.definitions(node)
            found = [e.definition for e in reaching if e.variable == base.partition(".")[0]]
            known = [d for d in found if self.plain(d, base)]
            for each in found:
                self._below.setdefault(each, []).append(node)
            imported = found and all(
                isinstance(self._graph.nodes[d].operation, Import) for d in found
            )
            if len(found) == len(known) == 1:
                self._bases[node].append(known[0])
            elif found or base != "object":
                self._bases[node].append(None)
                if base == "?" or (found and not imported and len(known) < len(found)):
                    self._loose.add(node)

    def _bind(self, around: int, node: int) -> None:
        """What one node of a class body binds there."""
        operation, found = self._graph.nodes[node].operation, self._graph.nodes[node]
        own = self._own[around]
        inside = own_name(self._graph.nodes[around].address)
        if isinstance(operation, Function) and operation.form != "lambda":
            name = mangled(own_name(found.address), inside)
            own.setdefault(name, []).append(node if self._callable(node, operation) else None)
        elif isinstance(operation, Class):
            own.setdefault(mangled(own_name(found.address), inside), []).append(None)
        elif isinstance(operation, Statement) and operation.word in ("global", "nonlocal"):
            own.setdefault("*", []).append(None)
        elif not isinstance(operation, Comprehension | Join | Function):
            for name in found.writes:
                own.setdefault(name, []).append(None)

    def _bind_around(self, scopes: list[int], node: int) -> None:
        """A name that may be bound in any class around, by what stands in headers inside it."""
        around = node
        while around:
            around = scopes[self._graph.nodes[around].parent]
            for name in self._graph.nodes[node].writes if around in self._own else ():
                self._own[around].setdefault(name, []).append(None)

    def _callable(self, node: int, operation: Function) -> bool:
        """Whether what the name is bound to runs the function when it is called."""
        read = {e.variable for e in self._graph.definitions(node)}
        decorators = operation.decorators
        return len(decorators) < 2 and all(d in _PLAIN and d not in read for d in decorators)

    def plain(self, node: int, name: str) -> bool:
        """Whether a node binds ``name`` to a class that no decorator has exchanged."""
        found = self._graph.nodes[node]
        operation = found.operation
        named = isinstance(operation, Class) and own_name(found.address) == name
        return named and isinstance(operation, Class) and not operation.decorators

    def find(self, node: int, name: str) -> Functions | None:
        """The functions that ``name`` may be on an instance of exactly this class."""
        for _ in range(len(self._own) + 1):
            own = self._own[node]
            if "*" in own or "__getattribute__" in own:
                return None
            if name in own:
                functions = tuple(f for f in own[name] if f is not None)
                return functions if len(functions) == len(own[name]) else None
            bases = self._bases[node]
            if len(bases) != 1 or bases[0] is None:
                return None
            node = bases[0]
        return None

    def dispatch(self, node: int, name: str) -> Functions | None:
        """The functions that ``name`` may be on an instance of this class or one below it; None where
        that is not known, or they are many."""
        if (node, name) not in self._dispatched:
            found = self._dispatch(node, name)
            few = found is not None and len(found) <= MANY
            self._dispatched[node, name] = found if few else None
        return self._dispatched[node, name]

    def _dispatch(self, node: int, name: str) -> Functions | None:
        found: list[int] = []
        for each in self._with_those_below(node):
            functions = self.find(each, name)
            if functions is None:
                return None
            found += functions
        for each in self._loose:
            found += self.find(each, name) or ()
            if name in self._own[each] and self.find(each, name) is None:
                return None
        return tuple(dict.fromkeys(found))

    def made_by_type(self, node: int) -> bool:
        """Whether neither the class nor a base of it in the module names a metaclass."""
        above = {node}  # in a loop a class may be a base of itself
        todo = [node]
        for each in todo:
            operation = self._graph.nodes[each].operation
            assert isinstance(operation, Class)
            if {"metaclass", "?"} & set(operation.keywords):
                return False
            for base in self._bases[each]:
                if base is not None and base not in above:
                    above.add(base)
                    todo.append(base)
        return True

    def _with_those_below(self, node: int) -> list[int]:
        found, todo = {node}, [node]
        for each in todo:
            for below in self._below.get(each, ()):
                if below not in found:
                    found.add(below)
                    todo.append(below)
        return todo
