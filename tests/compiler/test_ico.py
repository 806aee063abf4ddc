"""The ICO from source to text and back, its verifier, and the verbs about it."""

import dataclasses
import json
import sysconfig
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfsame.cli.verbs.compile import command as compile_
from selfsame.cli.verbs.dump import command as dump
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import InternalError, Skipped, UserError
from selfsame.compiler.identity import identify
from selfsame.compiler.ir import Graph, parse, print_graph, verify
from selfsame.compiler.ir.interchange import from_json
from selfsame.compiler.pipeline import lower_source, lowered_text

HERE = Path(__file__).parent
STDLIB = Path(sysconfig.get_path("stdlib"))
MODULES = "ast argparse bisect contextlib copy csv dataclasses enum heapq shlex textwrap typing"


def sample() -> Source:
    return Source("ico.py", "ico", (HERE / "samples" / "ico.py.txt").read_text("utf-8"))


def test_golden(update_golden):
    text, kinds = lowered_text(sample())
    golden = HERE / "golden" / "ico.txt"
    if update_golden:
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")
    assert Counter(kinds)["loop"] == 3


@pytest.mark.parametrize("name", MODULES.split())
def test_round_trip(name):
    source = Source.read(STDLIB / f"{name}.py", name)
    graph = lower_source(source)
    assert parse(print_graph(graph)) == graph
    assert {n.address for n in graph.nodes} >= set(identify(source).by_address)


def test_metrics_are_printed_and_read_over():
    graph = lower_source(sample())
    text = print_graph(graph, {"ico:slow": {"calls": "1204", "p99": "8.1ms"}})
    assert "{calls=1204 p99=8.1ms}" in text
    assert parse(text) == graph


def faulty(index: int, **changes: object) -> Graph:
    """The sample's graph with one node changed."""
    right = lower_source(sample())
    graph = Graph(right.module, right.path)
    for node in right.nodes:
        graph.add(dataclasses.replace(node, **changes) if node.id == index else node)
    for edge in right.edges:
        graph.connect(edge.definition, edge.use, edge.variable)
    return graph


def test_the_verifier_finds_planted_faults():
    right = lower_source(sample())
    assert verify(right) == []
    slow = right.find("ico:slow")
    loop = right.find("ico:slow/loop[0]")
    assert slow is not None and loop is not None
    assert "has no address" in str(verify(faulty(slow.id, address="")))
    assert "has no content hash" in str(verify(faulty(slow.id, hash="")))
    assert "has the parent" in str(verify(faulty(loop.id, parent=len(right) + 1)))
    assert "outside of its parent" in str(verify(faulty(loop.id, span=right.nodes[0].span)))
    assert "not in order" in str(verify(faulty(loop.id, reads=("b", "a"))))
    with pytest.raises(InternalError, match="two nodes have the address"):
        faulty(loop.id, address="ico:slow")
    dangling = lower_source(sample())
    dangling.connect(10_000, loop.id, "xs")
    assert "an edge to no node" in str(verify(dangling))


def test_a_wrong_text_has_its_line():
    with pytest.raises(UserError, match=r"^<ico>:2:1: "):
        parse("ico 3 a a.py\nnonsense\n")


@pytest.mark.parametrize(
    ("stage", "shown"),
    [
        ("ico", "function"),
        ("cst", "FunctionDef"),
        ("facts", "pure"),
        ("probes", "def f"),
        ("python", "as it is: no template applies"),
        ("cython", "not scalar-function-to-cython (line 1): nothing was seen of the type of x"),
    ],
)
def test_dump_verb(tmp_path, monkeypatch, stage, shown):
    monkeypatch.chdir(tmp_path)
    Path("shopping.py").write_text("def f(x):\n    return x\n\ndef g(): pass\n")
    for target in ("shopping.py", "shopping", "shopping:f"):
        result = CliRunner().invoke(dump, [target, "--stage", stage])
        assert result.exit_code == 0, result.output
        assert shown in result.output


def test_dump_of_bad_input(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("broken.py").write_text("x = (\n")
    run = CliRunner().invoke
    error = run(dump, ["broken.py"]).exception
    assert isinstance(error, UserError) and str(error).startswith("broken.py:1:5: ")
    assert isinstance(run(dump, ["nowhere_at_all"]).exception, UserError)
    result = run(dump, ["broken.py", "--stage", "bytecode"])
    assert result.exit_code == 2 and "there is no stage 'bytecode': ico, cst" in result.output


SHOP = """\
def common(xs, ys):
    out = []
    for x in xs:
        if x in ys:
            out.append(x)
    return out


class Cart:
    @staticmethod
    def total(rows):
        total = 0.0
        for row in rows:
            total += row
        return total


def total(rows):
    total = 0.0
    for row in rows:
        total += row
    return total
"""


def test_dump_shows_what_templates_would_write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("shop.py").write_text(SHOP)
    run = CliRunner().invoke
    shown = run(dump, ["shop:common", "--stage", "python"]).output
    assert "\n# linear-membership-to-set: " in shown and "\n# guard: container(xs)\n" in shown
    assert "total" not in shown
    compile(shown, "shown", "exec")
    everything = run(dump, ["shop.py", "--stage", "python"]).output
    compile(everything, "everything", "exec")  # refusals are comments: it is Python all through
    assert "# as it is: no template applies\n@staticmethod\ndef total(rows):" in everything
    typed = run(dump, ["shop:total", "--stage", "cython", "--type", "rows=list[float]"]).output
    assert "# scalar-function-to-cython: " in typed and "cdef double" in typed
    untyped = run(dump, ["shop:total", "--stage", "cython"]).output
    assert "# not scalar-function-to-cython (line 18): nothing was seen" in untyped
    assert "def compiled_total(v_rows):" in untyped


def test_dump_takes_types_of_attributes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "class Cart:\n    def add(self, n):\n        for row in self.rows:\n            row.at += n\n"
    Path("cart.py").write_text(text)
    typed = ["--type", "n=float", "--type", "Cart.rows=list[Cart]", "--type", "Cart.at=float"]
    shown = CliRunner().invoke(dump, ["cart.py", "--stage", "cython", *typed]).output
    assert "# in-place-function-to-cython: " in shown and "cdef sf_place sf_p_" in shown


def test_dump_refuses_types_that_say_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("shop.py").write_text(SHOP)
    run = CliRunner().invoke
    for arguments, reason in (
        (["--stage", "cython", "--type", "cols=int"], "no parameter is called cols"),
        (["--stage", "cython", "--type", "rows"], "'rows' is no NAME=TYPE"),
        (["--type", "rows=int"], "for the stages python and cython"),
    ):
        result = run(dump, ["shop:total", *arguments])
        assert result.exit_code == 2 and reason in result.output
    result = run(dump, ["shop:total", "--stage", "cython", "--type", "rows=decimal"])
    assert "rows is decimal, which has no compiled form" in result.output
    assert isinstance(run(dump, ["shop:Cart", "--stage", "python"]).exception, Skipped)


def test_dump_json_and_inner_nodes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("shopping.py").write_text("def f(x):\n    if x:\n        return x\n")
    run = CliRunner().invoke
    graph = from_json(run(dump, ["shopping.py", "--json"]).stdout.encode())
    assert graph.find("shopping:f/branch[0]") is not None
    shown = run(dump, ["shopping:f/branch[0]"]).output
    assert "%2 branch if" in shown and "; if x:" in shown and "function" not in shown
    assert run(dump, ["shopping.py", "--stage", "cst", "--json"]).exit_code == 2
    error = run(dump, ["shopping:f/branch[7]"]).exception
    assert isinstance(error, UserError) and "did you mean shopping:f/branch[0]?" in str(error)
    refused = run(dump, ["shopping:f/branch[0]", "--stage", "cst"]).exception
    assert isinstance(refused, Skipped)


def test_compile_writes_the_graphs_into_the_index(tmp_path):
    (tmp_path / "src" / "shop").mkdir(parents=True)
    module = tmp_path / "src" / "shop" / "cart.py"
    module.write_text("def total(rows):\n    return sum(r.price for r in rows)\n")
    run = CliRunner().invoke
    out = tmp_path / "out"
    assert run(compile_, [str(tmp_path / "src"), str(out)]).exit_code == 0
    index = out / ".selfsame-index" / "shop" / "cart.py.ico"
    graph = parse(index.read_text("utf-8"))
    assert graph == lower_source(Source.read(module, graph.module))
    assert graph.find(f"{graph.module}:total/comp[0]") is not None
    index.unlink()  # a graph that is gone is made again
    assert run(compile_, [str(tmp_path / "src"), str(out)]).exit_code == 0
    assert index.is_file()


def test_facts_say_what_they_rely_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "R = {}\n\ndef one(k):\n    return R[k]\n\ndef both(k):\n    return one(k)\n\ndef top(k):\n    return both(k)\n"
    (tmp_path / "cart.py").write_text(text)
    result = CliRunner().invoke(dump, ["cart.py", "--stage", "facts", "--json"])
    assert result.exit_code == 0, result.output
    functions = {f["address"]: f for f in json.loads(result.output)["functions"]}
    assert functions["cart:top"]["pure"] == "yes"
    relied = functions["cart:top"]["holds_while_same"]
    assert {"cart:one", "cart:both", "python"} <= set(relied)
    assert any("R" in name for name in relied)
    shown = CliRunner().invoke(dump, ["cart.py", "--stage", "facts"]).output
    assert f"holds while these stay as they are: {', '.join(relied)}" in shown
