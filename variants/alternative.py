"""What a name in ``algorithm: [...]`` means at a site, and how a function hands its call on."""

import ast
import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field

from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import Definition, content_hash, definitions
from selfsame.compiler.rewrite.placeholders import imported
from selfsame.grammar.words import counted
from selfsame.variants.site import Site

Plain = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Alternative:
    """A function that may take over.

    ``definition`` where its source is in the same module. It is named by ``expression`` in the
    function's own scope, or by ``placeholder`` (``module:attribute``) where it has no name there.
    ``method``: the expression must be called on the first parameter.
    """

    name: str
    expression: str
    placeholder: str = ""
    definition: Definition | None = None
    dependencies: Mapping[str, str] = field(default_factory=dict)


def resolve(site: Site, name: str) -> Alternative:
    """The alternative that ``name`` means at the site. Raises Skipped where there is none."""
    address = name if ":" in name else site.registered.get(name, "")
    if address:
        module, _, attribute = address.partition(":")
        if module != site.source.module:
            if "." in attribute or "#" in attribute:
                raise Skipped("only a function at the top of its module can be called from here")
            return Alternative(name, attribute, address, None, {address: ""})
        name = attribute
    own = site.definition.address.partition(":")[2]
    scope = own.rpartition(".")[0]
    wanted = [f"{scope}.{name}", name] if scope else [name]
    known = {d.address.partition(":")[2]: d for d in definitions(site.source)}
    for path in wanted:
        found = known.get(path)
        if found is None:
            continue
        if f"{path}#2" in known:
            raise Skipped("it is defined more than once")
        return _defined(site, name, path, found, scope)
    if _bound_at_top(site, name.partition(".")[0]) or hasattr(builtins, name):
        return Alternative(name, name, "", None, {})
    raise Skipped("there is no such function in scope")


def _defined(site: Site, name: str, path: str, found: Definition, scope: str) -> Alternative:
    if not isinstance(found.node, Plain):
        raise Skipped("it is no function")
    if found.kind != site.definition.kind:
        raise Skipped(f"it is a {found.kind}, not a {site.definition.kind}")
    dependencies = {found.address: content_hash(found.node)}
    if site.facts is not None:
        dependencies = {**site.facts.dependencies(found.address), **dependencies}
    if "." not in path:
        if _times_bound(site.source.tree, path) != 1:
            raise Skipped("it is bound more than once in its module")
        return Alternative(name, path, "", found, dependencies)
    if path.rpartition(".")[0] != scope:
        raise Skipped("it is a method or inner function of another scope")
    parent = {d.address: d for d in definitions(site.source)}.get(found.parent or "")
    is_method = parent is not None and isinstance(parent.node, ast.ClassDef)
    first = (found.node.args.posonlyargs + found.node.args.args)[:1]
    if not is_method:
        return Alternative(name, path.rpartition(".")[2], "", found, dependencies)
    if not first or found.node.decorator_list:
        raise Skipped("it is no ordinary method")
    return Alternative(name, f"{first[0].arg}.{path.rpartition('.')[2]}", "", found, dependencies)


def same_parameters(a: ast.arguments, b: ast.arguments) -> bool:
    """Whether two functions have parameters of the same names and kinds, in the same order."""

    def shape(args: ast.arguments) -> tuple[object, ...]:
        return (
            [p.arg for p in args.posonlyargs],
            [p.arg for p in args.args],
            args.vararg and args.vararg.arg,
            [p.arg for p in args.kwonlyargs],
            args.kwarg and args.kwarg.arg,
        )

    return shape(a) == shape(b)


def forwarding(node: Plain, other: Alternative) -> ast.stmt:
    """``return other(a, b, *rest, key=key, **more)``. Raises Skipped where that cannot be."""
    args = node.args
    known = other.definition.node if other.definition is not None else None
    target = known.args if isinstance(known, Plain) else None
    positional = [p.arg for p in args.posonlyargs + args.args]
    if target is not None:
        accepts(args, target)
    callee: ast.expr
    if other.placeholder:
        callee = imported(*other.placeholder.split(":"))
    else:
        callee = ast.parse(other.expression, mode="eval").body
        if isinstance(callee, ast.Attribute) and other.definition is not None:
            assert isinstance(callee.value, ast.Name)
            callee.value.id = positional[0]
            positional = positional[1:]
    call = ast.Call(callee, [_load(p) for p in positional], [])
    if args.vararg:
        call.args.append(ast.Starred(_load(args.vararg.arg), ast.Load()))
    call.keywords = [ast.keyword(p.arg, _load(p.arg)) for p in args.kwonlyargs]
    if args.kwarg:
        call.keywords.append(ast.keyword(None, _load(args.kwarg.arg)))
    value: ast.expr = ast.Await(call) if isinstance(node, ast.AsyncFunctionDef) else call
    if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in ast.walk(node)):
        if isinstance(node, ast.AsyncFunctionDef):
            raise Skipped("an async generator cannot hand over to another")
        value = ast.YieldFrom(call)
    statement = ast.Return(value)
    for part in ast.walk(statement):
        if "lineno" in part._attributes:
            ast.copy_location(part, node.body[-1])
    return statement


def accepts(mine: ast.arguments, theirs: ast.arguments) -> None:
    """Refuse where a call with all of ``mine`` does not fit ``theirs``."""
    given = len(mine.posonlyargs) + len(mine.args)
    taken = len(theirs.posonlyargs) + len(theirs.args)
    required = taken - len(theirs.defaults)
    if given > taken and not theirs.vararg:
        raise Skipped(f"it takes {counted(taken, 'argument')}, not {given}")
    if given < required and not mine.vararg:
        raise Skipped(f"it needs {counted(required, 'argument')}, and gets {given}")
    if mine.vararg and not theirs.vararg:
        raise Skipped("it takes no *arguments")
    if mine.kwarg and not theirs.kwarg:
        raise Skipped("it takes no **keywords")
    names = {p.arg for p in theirs.kwonlyargs} | {p.arg for p in theirs.args[given:]}
    for parameter in mine.kwonlyargs:
        if parameter.arg not in names and not theirs.kwarg:
            raise Skipped(f"it takes no keyword {parameter.arg!r}")
    own = {p.arg for p in mine.kwonlyargs}
    for keyword, default in zip(theirs.kwonlyargs, theirs.kw_defaults, strict=True):
        if default is None and keyword.arg not in own:
            raise Skipped(f"it needs the keyword {keyword.arg!r}")


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _bound_at_top(site: Site, name: str) -> bool:
    return _times_bound(site.source.tree, name) > 0


def _times_bound(tree: ast.Module, name: str) -> int:
    """How many statements of a module bind a global name, those that declare it `global` too."""
    count = 0
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            count += node.name == name
            inner = [n for n in ast.walk(node) if isinstance(n, ast.Global) and name in n.names]
            count += len(inner)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            count += sum((a.asname or a.name.split(".")[0]) == name for a in node.names)
        elif isinstance(node, ast.Name):
            count += node.id == name and not isinstance(node.ctx, ast.Load)
        elif not isinstance(node, ast.Lambda):
            stack += list(ast.iter_child_nodes(node))
    return count
