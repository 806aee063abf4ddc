"""What a TARGET on the command line means: a file, a dotted module, or a node."""

from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selfsame.compiler.cst.source import Source


def source_of(target: str) -> "tuple[Source, str | None]":
    """The source that TARGET means, and the address of its node, where it names one.

    Raises UserError where there is none.
    """
    from selfsame.compiler.cst.source import Source
    from selfsame.compiler.identity import identify, module_name
    from selfsame.compiler.instrument.files import import_roots

    path = Path(target)
    if path.is_file():
        return Source.read(path, module_name(path, import_roots(path.resolve().parent))), None
    module, colon, _ = target.partition(":")
    source = Source.read(_found(module, target), module)
    if not colon or target == f"{module}:<module>":
        return source, None
    known = set(identify(source).by_address)
    if "/" in target and target not in known:
        from selfsame.compiler.pipeline import lower_source

        known |= {node.address for node in lower_source(source).nodes}
    if target not in known:
        import difflib

        near = difflib.get_close_matches(target, known, 1)
        raise _mistake(source.path, f"there is no node {target}", near)
    return source, target


def _found(module: str, target: str) -> str:
    """The file of a dotted module, from the current directory or sys.path; nothing is imported."""
    import sys

    parts = module.split(".")
    where: list[str] | None = [str(Path.cwd()), *sys.path]
    origin: str | None = None
    for index in range(len(parts)):
        spec = PathFinder.find_spec(".".join(parts[: index + 1]), where)
        if spec is None:
            raise _mistake(target, "there is no such file, nor a module of that name", [])
        origin = spec.origin
        where = list(spec.submodule_search_locations or ())
    if origin is None or not origin.endswith(".py"):
        raise _mistake(target, f"{module} has no Python source", [])
    return origin


def _mistake(place: str, message: str, near: list[str]) -> Exception:
    from selfsame.compiler.errors import Diagnostic, Place, UserError

    suggestion = f"did you mean {near[0]}?" if near else ""
    return UserError(Diagnostic(Place(place, 1), message, suggestion))
