"""The published reference and schema say what the code does."""

import json
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.ir.interchange import from_json, schema, to_json
from selfsame.compiler.ir.reference import operations_reference
from selfsame.compiler.pipeline import lower_source, lowered_text

HERE = Path(__file__).parent
DOCS = HERE.parent.parent / "docs"


def blocks(text: str) -> list[str]:
    """The indented examples of a page."""
    found = re.findall(r"(?:^(?: {4}.*)?\n)+", text, re.MULTILINE)
    return [
        re.sub(r"^ {4}", "", b, flags=re.MULTILINE).strip("\n") + "\n" for b in found if b.strip()
    ]


def test_the_example_of_the_reference_is_true(update_golden: bool) -> None:
    page = (DOCS / "ico.md").read_text("utf-8")
    source, graph = blocks(page)[:2]
    made = lowered_text(Source("shop.py", "shop", source))[0]
    if update_golden and made != graph:
        indent = lambda text: re.sub(r"^(?=.)", "    ", text, flags=re.MULTILINE)  # noqa: E731
        (DOCS / "ico.md").write_text(page.replace(indent(graph), indent(made)), "utf-8")
        graph = made
    assert made == graph


def test_every_operation_is_in_the_reference(update_golden: bool) -> None:
    page = (DOCS / "ico.md").read_text("utf-8")
    before, rest = page.split("<!-- operations -->\n")
    _, after = rest.split("<!-- end of operations -->")
    made = f"{before}<!-- operations -->\n{operations_reference()}<!-- end of operations -->{after}"
    if update_golden:
        (DOCS / "ico.md").write_text(made, "utf-8")
        page = made
    assert page == made


def test_the_schema_is_the_published_one(update_golden: bool) -> None:
    path = DOCS / "ico.schema.json"
    made = json.dumps(schema(), indent=2, sort_keys=True) + "\n"
    if update_golden:
        path.write_text(made, "utf-8")
    assert path.read_text("utf-8") == made


def test_json_means_the_same_graph() -> None:
    text = (HERE / "samples" / "ico.py.txt").read_text("utf-8")
    graph = lower_source(Source("ico.py", "ico", text))
    raw = to_json(graph)
    assert from_json(raw) == graph
    wrong = json.loads(raw)
    wrong["nodes"][1]["parent"] = "none"
    with pytest.raises(msgspec.ValidationError, match="parent"):
        from_json(json.dumps(wrong).encode())
    wrong = json.loads(raw)
    wrong["nodes"][1]["fields"] = {"nonsense": 1}
    with pytest.raises(msgspec.ValidationError, match="node 1"):
        from_json(json.dumps(wrong).encode())


def test_the_benchmark_of_lowering_gives_its_figures() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.lowering", "--json", "--files", "6", "--lines", "0"],
        capture_output=True, text=True, check=True, cwd=DOCS.parent,
    )  # fmt: skip
    figures = json.loads(run.stdout)
    assert figures["files"] > 2 and figures["times_libcst_parse"] > 0
    assert figures["us_per_line"] == figures["of_one_module"] == {}
