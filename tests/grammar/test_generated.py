"""The committed parser is the one that the grammar gives: checked by hash, without Node."""

import runpy
from pathlib import Path

import selfsame.grammar

HERE = Path(selfsame.grammar.__file__).parent


def test_hashes_of_grammar_and_outputs_are_fresh():
    hashes = runpy.run_path(str(HERE / "generate.py"))["hashes"]
    committed = (HERE / "generated" / "hashes.txt").read_text()
    assert hashes() == committed, "run python grammar/generate.py"
    assert committed.count("\n") == 6


def test_a_changed_output_is_noticed(tmp_path):
    module = runpy.run_path(str(HERE / "generate.py"))
    for name in module["OUTPUTS"]:
        (tmp_path / name).write_bytes((HERE / "generated" / name).read_bytes())
    assert module["hashes"](tmp_path) == module["hashes"]()
    (tmp_path / "CDLParser.py").write_text("# edited\n")
    assert module["hashes"](tmp_path) != module["hashes"]()


def test_every_decision_takes_one_token():
    assert "adaptivePredict" not in (HERE / "generated" / "CDLParser.py").read_text()
