"""Connect functions and classes with the calls that run them.

A callee is known where every definition of its name that reaches the call is a ``def`` or ``class``
of this module without decorators, or an import: then the edge comes from the import, which says what of
which module it binds. So it is with ``shop.total()`` after ``import shop``. A name that is a builtin's
too may be the builtin, and one of more than 16 definitions has no edge. Methods: ``known_methods``.

Module:

    def double(x):
        return x + x

    print(double(2))

Before:

    %0 module :<module>
      %1 function def :double parameters=[x] writes=[double x]
        %2 statement return :double/statement[0] reads=[x] <- x:%1
      %3 statement expression :<module>/statement[0] <- =:%4
        %4 call print :<module>/call[print][0] positional=1 reads=[print] <- =:%5
          %5 call double :<module>/call[double][0] positional=1 reads=[double] <- double:%1

After:

    %0 module :<module>
      %1 function def :double parameters=[x] writes=[double x]
        %2 statement return :double/statement[0] reads=[x] <- x:%1
      %3 statement expression :<module>/statement[0] <- =:%4
        %4 call print :<module>/call[print][0] positional=1 reads=[print] <- =:%5
          %5 call double :<module>/call[double][0] positional=1 reads=[double] <- ():%1 double:%1

It assumes that no other module rebinds a function of this one.
"""

import builtins

from selfsame.compiler.identity.names import own_name
from selfsame.compiler.ir import CALLEE, Graph, Node, Problem
from selfsame.compiler.ir.operations import Call, Class, Function, Import

_BUILTINS = frozenset(dir(builtins))


def requires(graph: Graph) -> list[Problem]:
    """That no callee was connected before."""
    return [
        Problem(edge.use, "has an edge to its callee")
        for node in graph.nodes
        for edge in graph.definitions(node.id)
        if edge.variable == CALLEE
    ]


def call(graph: Graph) -> None:
    """Add the edges ``()``."""
    for node in graph.nodes:
        operation = node.operation
        if not isinstance(operation, Call) or operation.callee in _BUILTINS:
            continue
        name = operation.callee.partition(".")[0]
        reaching = [e.definition for e in graph.definitions(node.id) if e.variable == name]
        if reaching and all(_is_callee(graph.nodes[d], operation.callee) for d in reaching):
            for definition in reaching:
                graph.connect(definition, node.id, CALLEE)


def ensures(graph: Graph) -> list[Problem]:
    """That a callee's edge goes with one for its name."""
    found = []
    for node in graph.nodes:
        edges = graph.definitions(node.id)
        named = {e.definition for e in edges if e.variable not in (CALLEE, "=")}
        found += [
            Problem(node.id, f"calls %{e.definition} and does not read it")
            for e in edges
            if e.variable == CALLEE and e.definition not in named
        ]
    return found


def _is_callee(node: Node, callee: str) -> bool:
    """Whether ``node`` binds what ``callee`` calls: a function, a class, or what an import brings."""
    if not isinstance(node.operation, Import):
        return _is_definition(node, callee)
    module, dot, _ = callee.rpartition(".")
    if node.operation.names:
        return not dot  # a method of what was imported is anybody's
    return bool(dot) and (module in node.operation.modules or "." not in module)


def _is_definition(node: Node, name: str) -> bool:
    """Whether ``node`` binds ``name`` to the function or class that it defines."""
    operation = node.operation
    if not isinstance(operation, Function | Class) or operation.decorators:
        return False
    if isinstance(operation, Function) and (
        operation.form == "lambda" or name in operation.parameters
    ):
        return False
    return own_name(node.address) == name
