"""Rewrites as bytes: what the store keeps of a Variation, and how it is read back."""

import sys
from typing import Any, Final

import msgspec

from selfsame.runtime.versions.errors import WrongPython
from selfsame.variants.variation import Constant, Variation

FORMAT: Final = 1


class _Payload(msgspec.Struct, forbid_unknown_fields=True):
    """The stored form. Field order is the byte order: add at the end, and raise FORMAT."""

    format: int
    python: str
    address: str
    template: str
    family: str
    summary: str
    source: str
    code: bytes
    constants: list[tuple[str, str, str, str, str, str]]
    guards: list[str]
    watch: list[str]
    parameters: list[tuple[str, str]]
    dependencies: list[tuple[str, str]]


def python_tag() -> str:
    """The Python whose marshalled code this process can load, as in pyc names: cpython-311."""
    return sys.implementation.cache_tag or "unknown"


def encode(variation: Variation) -> bytes:
    """The bytes of a rewrite; equal rewrites of one Python have equal bytes."""
    v = variation
    payload = _Payload(
        format=FORMAT,
        python=python_tag(),
        address=v.address,
        template=v.template,
        family=v.family,
        summary=v.summary,
        source=v.source,
        code=v.code,
        constants=[
            (c.placeholder, c.kind, c.module, c.attribute, c.path, c.digest) for c in v.constants
        ],
        guards=list(v.guards),
        watch=list(v.watch),
        parameters=sorted(v.parameters.items()),
        dependencies=sorted(v.dependencies.items()),
    )
    return msgspec.msgpack.encode(payload)


def decode(data: bytes) -> Variation:
    """The rewrite of ``data``. No code is run or unmarshalled here.

    Raises WrongPython for another Python's code or a newer format, ValueError for other bytes.
    """
    head: Any = msgspec.msgpack.decode(data)
    if not isinstance(head, dict):
        raise ValueError("not a rewrite")
    if head.get("format") != FORMAT:
        raise WrongPython(
            f"a rewrite of format {head.get('format')}; this selfsame reads {FORMAT}: "
            "upgrade selfsame"
        )
    if head.get("python") != python_tag():
        raise WrongPython(
            f"built by {head.get('python')}, and this is {python_tag()}: "
            "the code of one Python cannot be loaded by another"
        )
    p = msgspec.convert(head, _Payload)
    return Variation(
        address=p.address,
        template=p.template,
        family=p.family,
        summary=p.summary,
        source=p.source,
        code=p.code,
        constants=tuple(Constant(*fields) for fields in p.constants),
        guards=tuple(p.guards),
        watch=tuple(p.watch),
        parameters=dict(p.parameters),
        dependencies=dict(p.dependencies),
    )
