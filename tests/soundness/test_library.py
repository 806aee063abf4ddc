"""Real modules of the standard library at work: what their uses read is an edge of their graphs."""

import os
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from edges import missing
from observe import Observed, prepared

from selfsame.compiler.cst.source import Source
from selfsame.compiler.lower import lower

STDLIB = Path(sysconfig.get_path("stdlib"))
TEXT = (STDLIB / "bisect.py").read_text("utf-8")


def use_textwrap(m: dict[str, Any]) -> None:
    m["fill"](TEXT, 40)
    m["shorten"](TEXT, 60)
    m["indent"](m["dedent"](TEXT), "  ")
    m["TextWrapper"](max_lines=3, fix_sentence_endings=True, width=30).wrap(TEXT)


def use_difflib(m: dict[str, Any]) -> None:
    one, two = TEXT.split("\n")[:40], TEXT.replace("lo", "low").split("\n")[:44]
    list(m["unified_diff"](one, two))
    list(m["ndiff"](one[:12], two[:12]))
    m["get_close_matches"]("appel", ["ape", "apple", "peach"])


def use_heapq(m: dict[str, Any]) -> None:
    m["nsmallest"](3, [5, 1, 4, 2], key=lambda x: -x)
    m["nlargest"](2, [5, 1, 4, 2])
    list(m["merge"]([1, 4], [2, 3], [0], key=lambda x: x))


def use_configparser(m: dict[str, Any]) -> None:
    parser = m["ConfigParser"]()
    parser.read_string("[a]\nx = 1\ny = %(x)s\n  more\n[b]\nz : on\n")
    parser.getboolean("b", "z")
    try:
        parser.get("a", "nothing")
    except Exception as error:
        assert type(error).__name__ == "NoOptionError"


def use_shlex(m: dict[str, Any]) -> None:
    m["split"]('a \'b c\' "d\\"e" # f', comments=True)
    m["quote"]("a b")
    list(m["shlex"]("a;b && c", punctuation_chars=True))


def use_fnmatch(m: dict[str, Any]) -> None:
    m["filter"](["a.py", "b.txt"], "*.[pP]y")
    m["translate"]("[!a-c]*?")


def use_statistics(m: dict[str, Any]) -> None:
    m["median"]([1, 2, 3, 4]), m["stdev"]([1.0, 2.0, 4.0]), m["multimode"]("aabb")
    m["quantiles"](range(20), n=4), m["linear_regression"]([1, 2, 3], [2, 4, 7])


def use_json_decoder(m: dict[str, Any]) -> None:
    m["JSONDecoder"]().decode('{"a": [1, 2.5, "x\\n\\u00e9", null], "b": {}}')
    m["py_scanstring"]('a\\u00e9\\n"', 0)
    m["JSONObject"](('{"a": 1}', 1), True, lambda s, i: (1, i + 1), None, None)


USES: dict[str, Callable[[dict[str, Any]], None]] = {
    "textwrap.py": use_textwrap,
    "difflib.py": use_difflib,
    "heapq.py": use_heapq,
    "configparser.py": use_configparser,
    "shlex.py": use_shlex,
    "fnmatch.py": use_fnmatch,
    "statistics.py": use_statistics,
    "json/decoder.py": use_json_decoder,
}


@pytest.mark.parametrize("name", USES)
def test_library(name: str) -> None:
    module = name.removesuffix(".py").replace(os.sep, ".")
    source = Source.read(STDLIB / name, module)
    found = Observed()
    namespace = prepared(source.text, found, module, 2_000_000)
    exec(namespace.pop("ɵcode"), namespace)
    USES[name](namespace)
    assert len(found.pairs) > 50
    assert missing(lower(source), found) == []
