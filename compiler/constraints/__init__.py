"""Binds CDL to nodes: the constraint set of each, and the constraints that name none."""

from selfsame.compiler.constraints.bind import Binding, NodeName, bind
from selfsame.compiler.constraints.sets import ConstraintSet

__all__ = ["Binding", "ConstraintSet", "NodeName", "bind"]
