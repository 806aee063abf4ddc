"""ast -> ICO."""

from selfsame.compiler.lower.module import lower

__all__ = ["lower"]
