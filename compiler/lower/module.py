"""Lowers one module: the entry of this package."""

import libcst as cst

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Skipped
from selfsame.compiler.ir.graph import Graph
from selfsame.compiler.lower.places import Places
from selfsame.compiler.lower.statements import Statements


def lower(source: Source) -> Graph:
    """The ICO of a module.

    Raises UserError where the text is not Python, and Skipped where it is and libcst refuses it or
    its nesting is beyond the interpreter's stack.
    """
    places = Places(source)
    try:
        walk = Statements(places)
        walk.module(cst.parse_module(source.text))
    except cst.ParserSyntaxError as error:
        where = f"{source.path}:{error.raw_line}"
        raise Skipped(f"{where}: valid Python that libcst {_version()} does not parse") from error
    except RecursionError as error:
        raise Skipped(f"{source.path}: nested too deeply to be lowered") from error
    return walk.drafts.graph(source.module, source.path)


def _version() -> str:
    import importlib.metadata

    return importlib.metadata.version("libcst")
