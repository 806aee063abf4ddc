"""``fmt``: canonical, idempotent, and neither the meaning nor a comment is lost."""

import doctest
import re
import subprocess
import sys

import pytest
from cdl_documents import DOCUMENTS
from hypothesis import given, settings
from hypothesis import strategies as st

import selfsame.grammar.format
from selfsame.grammar.format import format_text
from selfsame.grammar.json_form import parse_json, print_json
from selfsame.grammar.parse import parse_text
from selfsame.grammar.text import print_document

MESSY = """\
# The shop.

# What all of them need.
import   common.cdl,lib/b.cdl   # shared
import c.cdl
selection hot{nodes:[app:*,   # all
   !app:slow  # but not this
   ]}
constraint   node_1 , app:f // two of them
{   # begins
  max_execution_time:<=1e1 ms;error_rate : < 0.10 %  # both

  # allowed:

  algorithm: [ sort_a
     // the fast one
     , sort_b ] // list
  never
  # nothing more
}  // end of node_1

# the end
"""

TIDY = """\
# The shop.

# What all of them need.
import common.cdl, lib/b.cdl  # shared
import c.cdl

selection hot {
  # all
  # but not this
  nodes: [app:*, !app:slow]
}

// two of them
constraint node_1, app:f {
  # begins
  max_execution_time: 10ms
  error_rate: < 0.1%  # both

  # allowed:

  // the fast one
  algorithm: [sort_a, sort_b]  // list
  never
  # nothing more
}  // end of node_1

# the end
"""


def comments(text: str) -> list[str]:
    return sorted(re.findall(r"~\d+~", text))


def test_a_messy_file():
    tidy = format_text(MESSY, "x.cdl")
    assert tidy == TIDY
    assert format_text(tidy, "x.cdl") == tidy
    assert parse_text(tidy) == parse_text(MESSY)


def test_a_long_head_is_wrapped_between_addresses_not_within_one():
    nodes = [f"shop.a_long_name.cart:Cart.total/call[sorted][{n}]" for n in range(3)]
    text = f"constraint {', '.join(nodes)} {{\n  mode: auto\n}}\n"
    tidy = format_text(text)
    assert [line.strip(" ,{") for line in tidy.split("\n")[1:3]] == nodes[1:]
    assert format_text(tidy) == tidy
    assert parse_text(tidy) == parse_text(text)


@st.composite
def messy(draw):
    """The text of a document, with comments, empty lines and other separators drawn in."""
    document = draw(DOCUMENTS)
    lines = []
    number = 0
    for line in print_document(document).split("\n"):
        for _ in range(draw(st.integers(0, 2))):
            number += 1
            lines.append(draw(st.sampled_from(["", "  ", f"  # ~{number}~", f"// ~{number}~ x"])))
        mark = "#" if line.startswith("import") else draw(st.sampled_from(["#", "//"]))
        if draw(st.integers(0, 3)) == 0:
            number += 1
            line += f" {mark} ~{number}~"
        elif draw(st.booleans()) and line.startswith("  "):
            line += draw(st.sampled_from([";", " ,", "  "]))
        if "[" in line and "]" in line and " # " not in line and draw(st.booleans()):
            number += 1
            head, _, rest = line.partition(": [")
            if rest:
                line = f"{head}: [ // ~{number}~\n {rest}"
        lines.append(line)
    return document, "\n".join(lines)


@settings(max_examples=40, deadline=None)
@given(messy())
def test_meaning_and_comments_are_kept_and_formatting_is_idempotent(drawn):
    document, text = drawn
    formatted = format_text(text, document.path)
    assert parse_text(formatted, document.path) == document
    assert comments(formatted) == comments(text)
    assert format_text(formatted, document.path) == formatted


@settings(max_examples=30, deadline=None)
@given(DOCUMENTS)
def test_json_and_text_parse_to_the_same_model(document):
    assert parse_json(print_json(document), document.path) == document


def test_long_lists_and_heads_are_wrapped():
    names = [f"shop.module_{n}:function_{n}" for n in range(8)]
    text = f"constraint {', '.join(names)} {{ algorithm: [{', '.join(names)}] }}"
    formatted = format_text(text)
    assert max(map(len, formatted.split("\n"))) <= 100
    assert parse_text(formatted) == parse_text(text)
    assert format_text(formatted) == formatted


def test_docstrings():
    failed, tried = doctest.testmod(selfsame.grammar.format)
    assert (failed, tried) == (0, 1)


def fmt(folder, *arguments, **options):
    command = [sys.executable, "-m", "selfsame", "fmt", *arguments]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=60, **options
    )


def test_the_verb(tmp_path):
    path = tmp_path / "a.cdl"
    path.write_text(MESSY)
    done = fmt(tmp_path, "--check", "a.cdl")
    assert (done.returncode, path.read_text()) == (1, MESSY)
    assert done.stdout == "a.cdl: would be formatted\n"
    done = fmt(tmp_path, "a.cdl")
    assert (done.returncode, done.stdout) == (0, "a.cdl: formatted\n")
    assert path.read_text() == format_text(MESSY)
    assert fmt(tmp_path, "--check", "a.cdl").returncode == 0
    assert fmt(tmp_path, "-", input="constraint a{}").stdout == "constraint a {\n}\n"
    done = fmt(tmp_path, "--to", "json", "a.cdl")
    assert parse_json(done.stdout, "a.cdl") == parse_text(MESSY, "a.cdl")
    (tmp_path / "b.json").write_text(done.stdout)
    assert parse_text(fmt(tmp_path, "--to", "cdl", "b.json").stdout) == parse_text(MESSY)
    assert '"$schema"' in fmt(tmp_path, "--schema").stdout


def test_a_file_with_mistakes_is_left_as_it_is(tmp_path):
    path = tmp_path / "a.cdl"
    path.write_text("constraint a { mode: ato }\n")
    done = fmt(tmp_path, "a.cdl")
    assert done.returncode == 2
    assert "did you mean `auto`?" in done.stderr
    assert path.read_text() == "constraint a { mode: ato }\n"


@pytest.mark.parametrize("arguments", [[], ["not_there.cdl"], ["--to", "yaml", "a.cdl"]])
def test_wrong_usage(tmp_path, arguments):
    done = fmt(tmp_path, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
