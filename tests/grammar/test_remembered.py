"""Files that did not change are not parsed again; what changed is."""

import os
import runpy
from pathlib import Path

from selfsame.compiler.constraints.nodes import tree_nodes
from selfsame.compiler.constraints.remembered import Remembered

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "cdl.py"


def names(tree, cache, version="1"):
    found = tree_nodes(tree, Remembered(tree, version, cache))
    return found, [(node.address, node.labels) for node in found.nodes]


def test_only_what_changed_is_parsed_again(tmp_path):
    tree, cache = tmp_path / "tree", tmp_path / "cache"
    tree.mkdir()
    (tree / "a.py").write_text("def f(x):  # selfsame: hot\n    for y in x: print(y)\n")
    (tree / "b.py").write_text("x = 1  # selfsame: lost\n")
    (tree / "c.py").write_text("def f(:\n")
    plain = tree_nodes(tree)
    first, addresses = names(tree, cache)
    assert (first.files, first.parsed) == (3, 3)
    assert addresses == [(node.address, node.labels) for node in plain.nodes]
    assert ("a:f", ("hot",)) in addresses
    again, same = names(tree, cache)
    assert (again.parsed, same, again.notes) == (0, addresses, plain.notes)
    os.utime(tree / "a.py", ns=(1, 1))  # another time, the same content
    assert names(tree, cache)[0].parsed == 0
    (tree / "a.py").write_text("def g(x):  # selfsame: hot\n    for y in x: print(y)\n")
    changed, now = names(tree, cache)
    assert changed.parsed == 1
    assert ("a:g", ("hot",)) in now
    (tree / "b.py").unlink()
    assert names(tree, cache)[0].files == 2


def test_another_version_or_a_broken_cache_starts_anew(tmp_path):
    tree, cache = tmp_path / "tree", tmp_path / "cache"
    tree.mkdir()
    (tree / "a.py").write_text("def f(): pass\n")
    names(tree, cache)
    assert names(tree, cache, "2")[0].parsed == 1
    (file,) = (cache / "names").iterdir()
    file.write_bytes(b"\xff not msgpack")
    found, addresses = names(tree, cache, "2")
    assert (found.parsed, addresses) == (1, [("a:f", ())])


def test_a_cache_that_cannot_be_written_costs_nothing(tmp_path):
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a.py").write_text("def f(): pass\n")
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert names(tree, tmp_path / "cache")[1] == [("a:f", ())]


def test_the_benchmark_binds_what_it_says():
    benchmark = runpy.run_path(str(BENCHMARK))
    figures = benchmark["measure"](lines=4000, count=50, runs=1)
    assert figures["warm_files_parsed"] == 0
    assert figures["cold_files_parsed"] > 8
    assert figures["constraints"] == benchmark["constraints"](50, 10).count("constraint ")
