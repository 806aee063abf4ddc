"""Outlining: loops in code that runs once become functions, which are called again and again."""

from selfsame.compiler.outline.loops import Outline, OutlinedLoop, outline
from selfsame.compiler.outline.program import OutlinedSource, Prepared, prepared

__all__ = ["Outline", "OutlinedLoop", "OutlinedSource", "Prepared", "outline", "prepared"]
