"""Probes of what lies inside a function: a loop, a comprehension, a call.

Each is a set of instructions. Wherever control comes into it ``enter`` is called, wherever it goes out
``leave``: between two instructions that follow each other, on a jump (which then goes by way of the end of
the code), before a return, and when an exception passes, which then goes on to the handler that it had::

        LOAD_FAST  rows                     enter(1)
        GET_ITER                            LOAD_FAST  rows
    a:  FOR_ITER   b                        GET_ITER
        ...                             a:  FOR_ITER   out
        JUMP_BACKWARD  a                    ...
    b:  LOAD_CONST None                     JUMP_BACKWARD  a
        RETURN_VALUE                    b:  LOAD_CONST None
                                            RETURN_VALUE
                                   out:     leave(1)
                                            JUMP_BACKWARD  b
"""

import ast
from collections.abc import Callable, Collection, Sequence
from opcode import opmap

from selfsame.compiler.emit.assembly import Handler, Instruction, Position
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import InnerNode

MOST = 63
"""So many of one function: the recorder tells them apart by what is smaller than a frame."""
Calling = Callable[[str, Position], list[Instruction]]
Handling = Callable[[str, Handler | None], tuple[Handler, list[Instruction]]]

_CALLS = ("CALL", "CALL_KW", "CALL_FUNCTION_EX")
_STORES = ("STORE_FAST", "STORE_FAST_STORE_FAST", "POP_TOP", "SWAP", "NOP")
_BEFORE_CALLS = ("PRECALL", "KW_NAMES")
_ENDS = frozenset(
    opmap[name]
    for name in (
        *("RETURN_VALUE", "RETURN_CONST", "RERAISE", "RAISE_VARARGS"),
        *("JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"),
    )
    if name in opmap
)
_RETURNS = frozenset(opmap[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in opmap)


def untimed(node: InnerNode) -> str:
    """Why one is never timed by itself; empty where it may be."""
    if isinstance(node.node, ast.GeneratorExp):
        return "a generator expression runs where it is asked for its values, not where it stands"
    if isinstance(node.node, ast.AsyncFor) or _waits(node.node):
        return "it can be suspended inside: only its function as a whole is timed"
    return ""


def _waits(node: ast.AST) -> bool:
    """Whether something inside suspends the function that it stands in."""
    if isinstance(node, ast.Yield | ast.YieldFrom | ast.Await | ast.AsyncWith | ast.AsyncFor):
        return True
    if isinstance(node, ast.comprehension) and node.is_async:
        return True
    other = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.GeneratorExp
    return any(
        _waits(child) for child in ast.iter_child_nodes(node) if not isinstance(child, other)
    )


def timed(
    user: list[Instruction], nodes: Sequence[InnerNode], calling: Calling, handling: Handling
) -> list[Instruction]:
    """The instructions of a function with probes of the ``nodes``, numbered from 1 in their order.

    ``calling(placeholder, position)`` calls one; ``handling(placeholder, outer)`` is a handler that does
    so and goes on to ``outer``, with its instructions. Raises Skipped where one has no instructions.
    """
    spans = [(_span(node.node), number, node) for number, node in enumerate(nodes, 1)]
    probes = _Probes(user, calling, handling)
    # The outer ones first: what is put around the inner ones is inside them.
    for _, number, node in sorted(spans, key=lambda s: (s[0][:2], tuple(-n for n in s[0][2:]))):
        probes.add(number, node)
    return probes.instructions


def _span(node: ast.AST) -> tuple[int, int, int, int]:
    line, column = node.lineno, node.col_offset  # type: ignore[attr-defined]
    return line, column, node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]


class _Probes:
    def __init__(self, user: list[Instruction], calling: Calling, handling: Handling) -> None:
        self.instructions = user
        self._calling = calling
        self._handling = handling
        self._added: set[int] = set()

    def add(self, number: int, node: InnerNode) -> None:
        """Put a probe around the instructions of one node."""
        inside = self._of_call(node) if node.kind == "call" else self._of_span(node)
        inside = self._glued(inside)
        if not inside:
            raise Skipped("the compiler made no instructions of its own for it")
        enter, leave = f"\0selfsame:enter:{number}", f"\0selfsame:leave:{number}"
        before = {id(i): i.handler for i in self.instructions}
        at_end: list[Instruction] = []
        by_way: dict[tuple[int, str], Instruction] = {}
        new: list[Instruction] = []
        returning: dict[int, Instruction] = {}
        for at, instruction in enumerate(self.instructions):
            last = self.instructions[at - 1] if at else None
            came = last is not None and id(last) in inside
            here = id(instruction) in inside
            if last is not None and last.opcode not in _ENDS and came != here:
                new += self._call(enter if here else leave, instruction, before)
            if here and instruction.opcode in _RETURNS:
                calling = self._call(leave, instruction, before)
                returning[id(instruction)] = calling[0]
                new += calling
                self._added.add(id(instruction))  # what lies further in has been left by then
            target = instruction.target
            if target is not None and here != (id(target) in inside):
                name = leave if here else enter
                way = by_way.get((id(target), name))
                if way is None:
                    going = self._call(name, target, before)
                    back = Instruction(opmap["JUMP_BACKWARD"], 0, target.position, target)
                    back.handler = before[id(target)]
                    self._added.add(id(back))
                    at_end += [*going, back]
                    way = by_way[id(target), name] = going[0]
                instruction.opcode = _forward(instruction)
                instruction.target = way
            new.append(instruction)
        self.instructions = new + at_end
        for instruction in self.instructions:
            if instruction.target is not None:
                instruction.target = returning.get(id(instruction.target), instruction.target)
        self._catch(inside, leave)

    def _call(
        self, name: str, beside: Instruction, before: dict[int, Handler | None]
    ) -> list[Instruction]:
        calling = self._calling(name, beside.position)
        for instruction in calling:
            instruction.handler = before[id(beside)]
            self._added.add(id(instruction))
        return calling

    def _catch(self, inside: Collection[int], leave: str) -> None:
        """Leave it where an exception does."""
        made: dict[Handler | None, Handler] = {}
        for instruction in list(self.instructions):
            outer = instruction.handler
            if id(instruction) not in inside or (outer and id(outer.target) in inside):
                continue
            if outer not in made:
                made[outer], catching = self._handling(leave, outer)
                self._added.update(map(id, catching))
                self.instructions += catching
            instruction.handler = made[outer]

    def _of_call(self, node: InnerNode) -> set[int]:
        """The call itself, once its function and arguments are there."""
        line, column, end, end_column = _span(node.node)
        return {
            id(i)
            for i in self.instructions
            if i.name in _CALLS
            and id(i) not in self._added
            and (i.position[1], i.position[3]) == (end, end_column)
            and (i.position[0], i.position[2]) >= (line, column)
        }

    def _glued(self, inside: set[int]) -> set[int]:
        """With what the interpreter does right before a call: nothing may come between."""
        inside = set(inside)
        following: Instruction | None = None
        for instruction in reversed(self.instructions):
            if instruction.name in _BEFORE_CALLS and following is not None:
                (inside.add if id(following) in inside else inside.discard)(id(instruction))
            following = instruction
        return inside

    def _of_span(self, node: InnerNode) -> set[int]:
        """All that is written between its first and its last character, and what belongs to that."""
        line, column, end, end_column = _span(node.node)
        known: dict[int, bool] = {}
        for instruction in self.instructions:
            first, last, start, stop = instruction.position
            if id(instruction) in self._added:
                known[id(instruction)] = False
            elif first is not None and last is not None and start is not None and stop is not None:
                within = (line, column) <= (first, start) and (last, stop) <= (end, end_column)
                known[id(instruction)] = within
        before = self._before()
        while True:
            settled = {}
            for instruction in self.instructions:
                if id(instruction) in known or not (come := before.get(id(instruction))):
                    continue
                found = [known.get(id(other)) for other in come]
                if False in found:
                    settled[id(instruction)] = False
                elif None not in found:
                    settled[id(instruction)] = True
            if not settled:
                break
            known |= settled
        inside = {key for key, found in known.items() if found}
        return self._joined(inside | self._closing(inside), before)

    def _joined(self, inside: set[int], before: dict[int, list[Instruction]]) -> set[int]:
        """With stores that the compiler has put between: ``x = [i for i in y]`` gives ``i`` back last."""
        inside, run = set(inside), list[Instruction]()
        for at, instruction in enumerate(self.instructions):
            if id(instruction) in inside:
                inside.update(map(id, run))
                run = []
            elif instruction.name not in _STORES or before.get(id(instruction)) != [
                self.instructions[at - 1]
            ]:
                run = []
            elif run or id(self.instructions[at - 1]) in inside:
                run.append(instruction)
        return inside

    def _before(self) -> dict[int, list[Instruction]]:
        """From where control may come to each instruction."""
        before: dict[int, list[Instruction]] = {}
        for at, instruction in enumerate(self.instructions):
            follows = [instruction.target, instruction.handler and instruction.handler.target]
            if instruction.opcode not in _ENDS and at + 1 < len(self.instructions):
                follows.append(self.instructions[at + 1])
            for one in follows:
                if one is not None:
                    before.setdefault(id(one), []).append(instruction)
        return before

    def _closing(self, inside: Collection[int]) -> set[int]:
        """What ends a loop from 3.12 on, which the interpreter expects where ``FOR_ITER`` goes."""
        found = set()
        for at, instruction in enumerate(self.instructions):
            if instruction.name == "END_FOR":
                come = [i for i in self.instructions if i.target is instruction]
                if any(id(i) in inside for i in come):
                    found.add(id(instruction))
                    following = self.instructions[at + 1]
                    if following.name == "POP_TOP":
                        found.add(id(following))
        return found


def _forward(instruction: Instruction) -> int:
    """The opcode of the same jump forwards: to the end of the code."""
    name = instruction.name.replace("_NO_INTERRUPT", "").replace("BACKWARD", "FORWARD")
    return opmap[name]
