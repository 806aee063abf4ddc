"""A rewritten function written into its file: only what differs is changed.

    before   for word in words:          # the user's comment stays
                 queue.append(f( word ))
    after    for word in words:          # the user's comment stays
                 queue.append(g(word))

Statements that are the same keep their text, with their comments and layout; of a statement with one
other expression that expression alone is printed anew. The result is held to its meaning: parsed
again it must be the module with the new function in place of the old one, and nothing else.
"""

import ast
import copy
import io
import tokenize
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import Definition

BLOCKS: Final = ("body", "orelse", "finalbody")


def written(
    source: Source,
    definition: Definition,
    new: ast.FunctionDef | ast.AsyncFunctionDef,
    imports: Sequence[tuple[str, str]] = (),
) -> str:
    """The text of the module with ``new`` in place of the function.

    ``imports`` are (module, name) pairs that it needs at the top. Raises Skipped where there is no
    way to say it in the file that keeps everything else.
    """
    old = definition.node
    if not isinstance(old, type(new)) or not isinstance(
        old, ast.FunctionDef | ast.AsyncFunctionDef
    ):
        raise Skipped("it would be another kind of function")
    for part in ("name", "args", "decorator_list", "returns"):
        if _dump(getattr(old, part)) != _dump(getattr(new, part)):
            raise Skipped("its name, parameters or decorators would change")
    needed = [pair for pair in imports if not _imported(source.tree, *pair)]
    expected = _expected(source.tree, old, new, needed)
    text = _Edits(source, old).edited(new, needed)
    try:
        found = ast.parse(text)
    except SyntaxError:
        found = None
    if found is None or _dump(found) != _dump(expected):
        raise Skipped("its layout leaves no place for the change")
    return text


def _imported(tree: ast.Module, module: str, name: str) -> bool:
    """Whether the module has the name by that import; Skipped where it means something else."""
    if module == "builtins":
        if any(name in _binds(node) for node in ast.walk(tree)):
            raise Skipped(f"the name {name} means something else in this module")
        return True
    if any(name in _binds(n) and not _gives(n, module, name) for n in ast.walk(tree)):
        raise Skipped(f"the name {name} means something else in this module")
    return any(_gives(n, module, name) for n in tree.body)


def _gives(node: ast.AST, module: str, name: str) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and (node.module, node.level) == (module, 0)
        and any((a.name, a.asname) == (name, None) for a in node.names)
    )


def _binds(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id, ast.Store() | ast.Del()):
            return {id}
        case ast.arg(arg):
            return {arg}
        case ast.FunctionDef(name) | ast.AsyncFunctionDef(name) | ast.ClassDef(name):
            return {name}
        case ast.Import(names) | ast.ImportFrom(_, names):
            return {(a.asname or a.name).partition(".")[0] for a in names}
        case ast.ExceptHandler(_, str(name)) | ast.MatchAs(_, str(name)) | ast.MatchStar(str(name)):
            return {name}
        case ast.Global(names) | ast.Nonlocal(names):
            return set(names)
    return set()


def _import(module: str, name: str) -> ast.ImportFrom:
    return ast.ImportFrom(module, [ast.alias(name)], 0)


def _after_imports(tree: ast.Module) -> int:
    """Where in the module's body another import belongs: behind the first ones."""
    index = 1 if ast.get_docstring(tree, clean=False) is not None else 0
    while index < len(tree.body) and isinstance(tree.body[index], ast.Import | ast.ImportFrom):
        index += 1
    return index


def _expected(
    tree: ast.Module, old: ast.stmt, new: ast.stmt, imports: Sequence[tuple[str, str]]
) -> ast.Module:
    class Exchange(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return new if node is marked else super().visit(node)

    memo: dict[int, object] = {}
    whole = copy.deepcopy(tree, memo)
    marked = memo[id(old)]
    at = _after_imports(whole)
    Exchange().visit(whole)
    whole.body[at:at] = [_import(*pair) for pair in imports]
    return whole


def _dump(node: object) -> str:
    if isinstance(node, list):
        return ",".join(map(_dump, node))
    return ast.dump(node) if isinstance(node, ast.AST) else repr(node)


class _Edits:
    """Changes of one text, gathered as (start, end, new text) in characters."""

    def __init__(self, source: Source, function: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.text = source.text
        self.tree = source.tree
        self.function = function
        self.edits: list[tuple[int, int, str]] = []
        self._lines = self.text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        first = function.body[0]
        inner = self._lines[first.lineno - 1][: first.col_offset]
        outer = self._lines[function.lineno - 1][: function.col_offset]
        self.unit = inner.removeprefix(outer) if not inner.strip() else "    "
        own = ast.get_source_segment(self.text, function) or ""
        self.double = own.count('"') > own.count("'")

    def edited(
        self, new: ast.FunctionDef | ast.AsyncFunctionDef, imports: Sequence[tuple[str, str]]
    ) -> str:
        """The text after all changes."""
        self.block(self.function.body, new.body)
        if imports:
            lines = "".join(f"from {module} import {name}\n" for module, name in imports)
            at = _after_imports(self.tree)
            if at:
                end = self._starts[self.tree.body[at - 1].end_lineno or 0]
                self.edits.append((end, end, lines))
            else:
                begin = self._starts[self._first_line(self.tree.body[0]) - 1]
                self.edits.append((begin, begin, lines + "\n"))
        text = self.text
        for start, end, put in sorted(self.edits, reverse=True):
            text = text[:start] + put + text[end:]
        return text

    def block(self, old: Sequence[ast.stmt], new: Sequence[ast.stmt]) -> None:
        """Bring the statements of a block to what they should be."""
        for tag, i, j, k, m in _aligned([_dump(s) for s in old], [_dump(s) for s in new]):
            if tag == "equal":
                continue
            # Of what differs, statements of one kind are taken for one that was changed.
            kinds = [type(s).__name__ for s in old[i:j]], [type(s).__name__ for s in new[k:m]]
            for kind, a, b, c, d in _aligned(*kinds):
                if kind == "equal":
                    for one, other in zip(old[i + a : i + b], new[k + c : k + d], strict=True):
                        self.statement(one, other)
                else:
                    self.put(old, i + a, i + b, new[k + c : k + d])

    def put(self, block: Sequence[ast.stmt], i: int, j: int, new: Sequence[ast.stmt]) -> None:
        """Statements in place of ``block[i:j]``; whole lines where one side has none."""
        if i == j:
            beside = block[i] if i < len(block) else block[-1]
            lines = "".join(f"{self.prefix(beside)}{self.printed(s, beside)}\n" for s in new)
            number = self._first_line(beside) - 1 if i < len(block) else beside.end_lineno or 0
            self.edits.append((self._starts[number], self._starts[number], lines))
        elif not new:
            first, last = self._first_line(block[i]) - 1, block[j - 1].end_lineno or 0
            self.prefix(block[i])
            self.edits.append((self._starts[first], self._starts[last], ""))
        else:
            start, end = self.span(block[i])[0], self.span(block[j - 1])[1]
            between = "\n" + self.prefix(block[i])
            self.edits.append((start, end, between.join(self.printed(s, block[i]) for s in new)))

    def statement(self, old: ast.stmt, new: ast.stmt) -> None:
        """Bring one statement to another one of its kind, by its parts where that can be."""
        before = len(self.edits)
        for name in old._fields:
            a, b = getattr(old, name), getattr(new, name)
            if _dump(a) == _dump(b):
                continue
            if name in BLOCKS and a and b:
                self.block(a, b)
            elif isinstance(a, ast.expr) and isinstance(b, ast.expr):
                self.expression(a, b)
            elif name == "handlers" and [_head(h) for h in a] == [_head(h) for h in b]:
                for one, other in zip(a, b, strict=True):
                    self.block(one.body, other.body)
            else:
                del self.edits[before:]
                self.put([old], 0, 1, [new])
                return

    def expression(self, old: ast.expr, new: ast.expr) -> None:
        """Bring an expression that stands by itself to another one."""
        if isinstance(old, ast.Call) and isinstance(new, ast.Call) and _alike(old, new):
            pairs = [*zip(old.args, new.args, strict=True)]
            pairs += [(a.value, b.value) for a, b in zip(old.keywords, new.keywords, strict=True)]
            for a, b in pairs:
                if _dump(a) != _dump(b):
                    self.expression(a, b)
            return
        self.edits.append((*self.span(old), self._quoted(ast.unparse(new))))

    def printed(self, statement: ast.stmt, beside: ast.stmt) -> str:
        """A statement's text, indented as its neighbour; without the indentation of its first line."""
        prefix = self.prefix(beside)
        first, *rest = self._quoted(ast.unparse(statement)).split("\n")
        lines = [first]
        for line in rest:
            depth = (len(line) - len(line.lstrip(" "))) // 4
            lines.append(prefix + self.unit * depth + line.lstrip(" ") if line else line)
        return "\n".join(lines)

    def prefix(self, statement: ast.stmt) -> str:
        """What stands before a statement on its line: nothing but its indentation."""
        found = self._lines[statement.lineno - 1][
            : self._column(statement.lineno, statement.col_offset)
        ]
        if found.strip():
            raise Skipped("it has several statements on one line")
        return found

    def span(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        """Where a node begins and ends in the text."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        if getattr(node, "decorator_list", None):
            raise Skipped("a decorated function inside would be written anew")
        begin = self._starts[node.lineno - 1] + self._column(node.lineno, node.col_offset)
        end = self._starts[node.end_lineno - 1] + self._column(node.end_lineno, node.end_col_offset)
        return begin, end

    def _column(self, number: int, offset: int) -> int:
        """Characters for an offset of ``ast``, which is in bytes of UTF-8."""
        return len(self._lines[number - 1].encode()[:offset].decode())

    @staticmethod
    def _first_line(statement: ast.stmt) -> int:
        decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
        return min([statement.lineno, *(d.lineno for d in decorators)])

    def _quoted(self, text: str) -> str:
        """With double quotes where the function has more of them, and the text allows it."""
        if not self.double:
            return text
        lines = text.split("\n")
        for token in reversed(list(_tokens(text))):
            (row, start), (last, end) = token.start, token.end
            inner = token.string[1:-1]
            if row == last and token.string.startswith("'") and not set(inner) & set("\"'\\"):
                line = lines[row - 1]
                lines[row - 1] = f'{line[:start]}"{inner}"{line[end:]}'
        return "\n".join(lines)


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    for token in tokenize.generate_tokens(io.StringIO(text + "\n").readline):
        if token.type == tokenize.STRING:
            yield token


def _aligned(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    return list(SequenceMatcher(None, old, new, autojunk=False).get_opcodes())


def _head(handler: ast.ExceptHandler) -> str:
    return f"{_dump(handler.type)} {handler.name}"


def _alike(old: ast.Call, new: ast.Call) -> bool:
    """Whether two calls differ in the values of their arguments alone."""
    whole = (ast.GeneratorExp, ast.Starred)
    return (
        _dump(old.func) == _dump(new.func)
        and len(old.args) == len(new.args)
        and [k.arg for k in old.keywords] == [k.arg for k in new.keywords]
        and not any(isinstance(a, whole) for a in [*old.args, *new.args])
    )
