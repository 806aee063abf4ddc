"""From a function's ``ast`` and the types of its arguments to Cython source that keeps its meaning.

Stages, one file each: ``declining`` (branches that are left to the original), ``closures`` (inner
functions), ``instances`` (attributes become locals, methods functions), ``columns`` (lists of instances),
``normalise`` (fewer kinds of statement), ``infer`` (a type for each local), ``lower`` (checked helper calls, with
``hoisting`` and ``ranging`` for loops), ``printer`` (text). ``objects`` prints a pure function as it
is, on ordinary objects, by the rules of ``object_rules``; ``inplace`` works on objects as they are,
with types. ``prelude``, ``sequences``,
``list_families`` and ``held_objects`` hold the C helpers; ``unit`` runs the stages. What a stage
cannot handle raises ``CannotPrint``.
"""

from selfsame.compiler.emit.cython.instances import flatten
from selfsame.compiler.emit.cython.module_names import ModuleNames
from selfsame.compiler.emit.cython.objects import ObjectUnit, print_pure, recursive
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.types import Type, parse_type
from selfsame.compiler.emit.cython.unit import Unit, print_unit

__all__ = [
    "CannotPrint",
    "ModuleNames",
    "ObjectUnit",
    "Type",
    "Unit",
    "flatten",
    "parse_type",
    "print_pure",
    "print_unit",
    "recursive",
]
