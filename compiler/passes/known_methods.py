"""Connect methods with the calls that run them.

``self.grow()`` in a method may run the ``grow`` of its class and of every class of the module below it;
``Cart.grow(cart)`` runs that of ``Cart``; ``Cart()`` runs its ``__new__`` and ``__init__``. Where one of
those cannot be told (an attribute of that name is stored somewhere, a decorator, several bases, a base
of another module that would have to be asked), the call gets no edge.

Module:

    class Cart:
        def __init__(self):
            self.grow()

        def grow(self):
            pass

    Cart()

Before:

    %0 module :<module>
      %1 class :Cart writes=[Cart]
        %2 function def :Cart.__init__ parameters=[self] writes=[__init__ self]
          %3 statement expression :Cart.__init__/statement[0] <- =:%4
            %4 call self.grow :Cart.__init__/call[grow][0] reads=[self] <- self:%2
        %5 function def :Cart.grow parameters=[self] writes=[grow self]
          %6 statement pass :Cart.grow/statement[0]
      %7 statement expression :<module>/statement[0] <- =:%8
        %8 call Cart :<module>/call[Cart][0] reads=[Cart] <- Cart:%1

After:

    %0 module :<module>
      %1 class :Cart writes=[Cart]
        %2 function def :Cart.__init__ parameters=[self] writes=[__init__ self]
          %3 statement expression :Cart.__init__/statement[0] <- =:%4
            %4 call self.grow :Cart.__init__/call[grow][0] reads=[self] <- ():%5 self:%2
        %5 function def :Cart.grow parameters=[self] writes=[grow self]
          %6 statement pass :Cart.grow/statement[0]
      %7 statement expression :<module>/statement[0] <- =:%8
        %8 call Cart :<module>/call[Cart][0] reads=[Cart] <- ():%2 Cart:%1

It assumes that a method is called on instances of its class, that no other module overrides, rebinds or
hides it, and that the bases in other modules have no ``__getattribute__`` and no metaclass with a way of
its own to make instances.
"""

from selfsame.compiler.identity.names import mangled, own_name
from selfsame.compiler.ir import CALLEE, Graph, Problem
from selfsame.compiler.ir.classes import Classes, Functions
from selfsame.compiler.ir.operations import Call, Class, Function

_BOUND = ((), ("property",), ("classmethod",))
_MAKE = ("__new__", "__init__")


def requires(graph: Graph) -> list[Problem]:
    """Nothing: edges that are there already stay."""
    return []


def call(graph: Graph) -> None:
    """Add the edges ``()``."""
    if not any(isinstance(node.operation, Class) for node in graph.nodes):
        return
    classes = Classes(graph)
    for node in graph.nodes:
        operation = node.operation
        if isinstance(operation, Call) and operation.callee != "?":
            for function in _callees(graph, classes, node.id, operation.callee) or ():
                graph.connect(function, node.id, CALLEE)


def ensures(graph: Graph) -> list[Problem]:
    """That a function is called by its own name, or is what makes an instance."""
    return [
        Problem(node.id, f"calls {operation.callee} and has an edge from {found.address}")
        for node in graph.nodes
        if isinstance(operation := node.operation, Call)
        for edge in graph.definitions(node.id)
        if edge.variable == CALLEE
        and isinstance((found := graph.nodes[edge.definition]).operation, Function)
        and own_name(found.address) not in (operation.callee.rpartition(".")[2], *_MAKE)
    ]


def _callees(graph: Graph, classes: Classes, use: int, callee: str) -> Functions | None:
    first, _, name = callee.partition(".")
    reaching = [e.definition for e in graph.definitions(use) if e.variable == first]
    if len(reaching) != 1 or "." in name:
        return None
    found = reaching[0]
    if classes.plain(found, first):
        if not classes.made_by_type(found):
            return None
        if not name:
            return tuple(f for way in _MAKE for f in classes.find(found, way) or ())
        return None if _hidden(classes, name) else classes.find(found, mangled(name, first))
    around = _class_of(graph, found, first)
    if around is None or not name or _hidden(classes, name):
        return None
    return classes.dispatch(around, mangled(name, own_name(graph.nodes[around].address)))


def _hidden(classes: Classes, name: str) -> bool:
    return classes.by_name or name in classes.stored


def _class_of(graph: Graph, function: int, parameter: str) -> int | None:
    """The class whose instances, or that or a class below it, a method has as its first parameter."""
    node = graph.nodes[function]
    operation = node.operation
    if not isinstance(operation, Function) or operation.parameters[:1] != (parameter,):
        return None
    if operation.decorators not in _BOUND or own_name(node.address) == parameter:
        return None
    if any(e.variable in operation.decorators for e in graph.definitions(function)):
        return None
    return node.parent if isinstance(graph.nodes[node.parent].operation, Class) else None
