"""The reference of the operations, made from their definitions: the table in docs/ico.md."""

from dataclasses import fields
from inspect import cleandoc

from selfsame.compiler.ir.operations import OPERATIONS
from selfsame.compiler.ir.words import FIELDS


def operations_reference() -> str:
    """A section for each kind: its text, what it may do by itself, and what it means."""
    parts = []
    for kind, operation in OPERATIONS.items():
        words = [f.name.upper() for f in FIELDS[kind] if f.positional]
        named = [f"{f.name}=…" for f in fields(operation) if f.name.upper() not in words]
        text = " ".join([kind, *words, *(f"[{n}]" for n in named)])
        effects = ", ".join(operation.effects) or "none"
        value = "used by the node around it" if operation.value else "none"
        parts.append(
            f"### {kind}\n\n    {text}\n\nEffects: {effects}. Value: {value}.\n\n"
            f"{cleandoc(operation.__doc__ or '')}\n"
        )
    return "\n".join(parts)
