"""Compound statements -> nodes, and the paths through them."""

import ast
from typing import Any

from selfsame.compiler.ir.operations import Branch, Loop, Try, With
from selfsame.compiler.lower.definitions import Definitions
from selfsame.compiler.lower.drafts import Draft
from selfsame.compiler.lower.expressions import Here
from selfsame.compiler.lower.paths import UNBOUND, Block, Cleanup
from selfsame.compiler.lower.patterns import irrefutable, pattern


class Compound(Definitions):
    """The part of lowering that makes paths fork and meet."""

    def delete_target(self, node: ast.expr, draft: Draft, here: Here) -> None:
        """What ``del`` takes away."""
        if isinstance(node, ast.Name):
            self.read(node.id, draft, here)
            here.scope.delete(self.name(node.id, here))
        elif isinstance(node, ast.Tuple | ast.List):
            for element in node.elts:
                self.delete_target(element, draft, here)
        elif isinstance(node, ast.Subscript):
            self.drop(node, draft, here)
        else:
            self.target(node, draft, here)

    def arm(self, form: str, body: list[ast.stmt], into: Draft, here: Here) -> None:
        """``else`` or ``finally`` as a branch of its own."""
        draft = self.drafts.add_block(Branch(form), body, into, here.owner)
        self.block(body, draft, here)

    def if_(self, node: ast.If, into: Draft, here: Here) -> None:
        """``if``: every ``elif`` and the ``else`` are arms of it."""
        paths = here.scope.paths
        whole = self.drafts.add(Branch("if"), node, into, here.owner)
        draft = whole
        first: Block | None = None
        low = 0
        ends: list[Block] = []
        while True:
            self.expression(node.test, draft, here)
            before = paths.cut()
            if first is None:
                first, low = before, paths.count
            self.block(node.body, draft, here)
            ends.append(paths.cut())
            paths.go(before)
            rest = node.orelse
            if len(rest) == 1 and isinstance(rest[0], ast.If):
                node = rest[0]
                # The rest of the chain lies beside it: inside, a chain would be as deep as long.
                draft = self.drafts.add_block(
                    Branch("elif"), node.body, whole, here.owner, [node.test], node
                )
                continue
            if rest:
                self.arm("else", rest, whole, here)
            break
        paths.join(first, low, [*ends, paths.cut()])

    def loop(self, node: Any, into: Draft, here: Here) -> None:
        """``for`` and ``while``."""
        form = {ast.For: "for", ast.AsyncFor: "async-for"}.get(type(node), "while")
        draft = self.drafts.add(Loop(form), node, into, here.owner)
        paths = here.scope.paths
        endless = False
        if form == "while":
            frame = paths.enter_loop()
            self.expression(node.test, draft, here)
            endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
            asked = paths.cut()
        else:
            self.expression(node.iter, draft, here)
            frame = paths.enter_loop()
            asked = paths.cut()
            if stores := self.bind(node.target, draft, here):
                draft.operation = Loop(form, stores)
        self.block(node.body, draft, here)
        paths.cut()
        paths.end_body(frame)
        if endless:
            paths.jump()
        else:
            paths.go(asked)
        if node.orelse:
            self.arm("else", node.orelse, draft, here)
        paths.cut()
        paths.end_loop(frame)

    def try_(self, node: Any, into: Draft, here: Here) -> None:
        """``try``: a handler may follow after any part of the body, a ``finally`` after any of all."""
        paths = here.scope.paths
        draft = self.drafts.add(Try(), node, into, here.owner)
        before, low = paths.cut(), paths.count
        cleanup = Cleanup()
        if node.finalbody:
            paths.frames.append(cleanup)
        self.block(node.body, draft, here)
        body_end = paths.cut()
        star = type(node) is not ast.Try
        ends: list[Block] = []
        paths.after_any(before, low)
        for handler in node.handlers:
            self.handler(handler, star, draft, here, ends)
            if star:  # several may run, each after any step of those before it
                paths.cut()
                paths.after_any(before, low)
        if star:
            ends.append(paths.cut())
        paths.go(body_end)
        if node.orelse:
            self.arm("else", node.orelse, draft, here)
        paths.join(before, low, [*ends, paths.cut()])
        if not node.finalbody:
            return
        paths.frames.pop()
        normal = paths.cut()
        paths.after_any(before, low)
        cleanup.low = paths.count
        self.arm("finally", node.finalbody, draft, here)
        cleanup.high = paths.count
        cleanup.end = paths.cut()
        paths.block = paths.after(normal, cleanup)

    def handler(
        self, node: ast.ExceptHandler, star: bool, into: Draft, here: Here, ends: list[Block]
    ) -> None:
        """One ``except``: goes on with what is not caught by it. Its name is gone at its end."""
        paths = here.scope.paths
        form = Branch("except-star" if star else "except")
        draft = self.drafts.add(form, node, into, here.owner)
        self.expression(node.type, draft, here)
        asked = paths.cut()
        if node.name is None:
            self.block(node.body, draft, here)
            ends.append(paths.cut())
        else:
            name = self.name(node.name, here)
            forget = Cleanup()
            paths.frames.append(forget)
            self.write(node.name, draft, here)
            self.block(node.body, draft, here)
            paths.frames.pop()
            end = paths.cut()
            forget.low = paths.count
            here.scope.delete(name)
            forget.high = paths.count
            forget.end = Block(None, paths.count)
            forget.end.now[name] = UNBOUND
            ends.append(paths.after(end, forget))
        if node.type is None:
            paths.jump()
        else:
            paths.go(asked)

    def with_(self, node: Any, into: Draft, here: Here) -> None:
        """``with``: a manager may swallow an error of anything after it."""
        form = "async-with" if isinstance(node, ast.AsyncWith) else "with"
        draft = self.drafts.add(With(form), node, into, here.owner)
        paths = here.scope.paths
        before: Block | None = None
        low = 0
        stores: tuple[str, ...] = ()
        for item in node.items:
            self.expression(item.context_expr, draft, here)
            plain = item.optional_vars is None or isinstance(item.optional_vars, ast.Name)
            if before is None and not plain:
                before, low = paths.cut(), paths.count
            if item.optional_vars is not None:
                stores += self.bind(item.optional_vars, draft, here)
            if before is None:
                before, low = paths.cut(), paths.count
        assert before is not None
        if stores:
            draft.operation = With(form, stores)
        self.block(node.body, draft, here)
        end = paths.cut()
        paths.after_any(before, low)
        swallowed = paths.cut()
        paths.join(before, low, [end, swallowed])

    def match(self, node: ast.Match, into: Draft, here: Here) -> None:
        """``match``: a pattern that fails may have bound some of its names."""
        draft = self.drafts.add(Branch("match"), node, into, here.owner)
        self.expression(node.subject, draft, here)
        paths = here.scope.paths
        first, low = paths.cut(), paths.count
        ends: list[Block] = []
        for case in node.cases:
            before, start = paths.cut(), paths.count
            head = [part for part in (case.pattern, case.guard) if part is not None]
            arm = self.drafts.add_block(
                Branch("case"), case.body, draft, here.owner, head, case.pattern
            )
            pattern(self, case.pattern, arm, here)
            self.expression(case.guard, arm, here)
            matched = paths.cut()
            if case.guard is None and irrefutable(case.pattern):
                paths.jump()
            else:
                paths.after_any(before, start)
            missed = paths.cut()
            paths.go(matched)
            self.block(case.body, arm, here)
            ends.append(paths.cut())
            paths.go(missed)
        paths.join(first, low, [*ends, paths.cut()])
