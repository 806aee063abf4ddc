"""What a template produces: a variation of one node, ready to be tried and to be swapped in."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Constant:
    """What the agent puts in place of a placeholder string among the code's constants.

    ``kind`` is ``"import"`` (attribute ``attribute`` of module ``module``), ``"extension"``
    (attribute of the compiled module at ``path``, whose sha256 is ``digest``), ``"deopt"``
    (a function without arguments that counts one deopt of this rewrite), or ``"memory"``
    (a method of the `selfsame.runtime.agent.memo.Memory` for address ``path`` and what the results
    depend on, ``digest``; ``module`` is the number of bytes that it may hold).
    """

    placeholder: str
    kind: str
    module: str = ""
    attribute: str = ""
    path: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Variation:
    """A template (or a short chain) applied to one node.

    ``code`` is the marshalled code object that replaces the function's, with placeholder
    strings among its constants (at any depth) for what marshal cannot carry. ``source`` is what a
    person reads: the new Python text, or the ``.pyx``. ``dependencies`` is the dependency set.
    ``scales``: what it wins grows with the input, by its template's word.
    """

    address: str
    template: str
    family: str
    summary: str
    source: str
    code: bytes
    constants: tuple[Constant, ...] = ()
    guards: tuple[str, ...] = ()
    watch: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    dependencies: Mapping[str, str] = field(default_factory=dict)
    scales: bool = False

    @cached_property
    def kept_bytes(self) -> int:
        """What it may hold of results between calls; 0 where it keeps none."""
        return max((int(c.module) for c in self.constants if c.kind == "memory"), default=0)

    @cached_property
    def id(self) -> str:
        """16 hex digits over all that the rewrite is: the same rewrite has the same id."""
        text = json.dumps(
            [
                self.address,
                self.template,
                self.source,
                dict(self.parameters),
                dict(self.dependencies),
            ],
            sort_keys=True,
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]
