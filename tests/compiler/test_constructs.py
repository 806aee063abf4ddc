"""The whole ICO of one small module for each kind of construct: ``--update-golden`` writes them anew."""

import sys
from pathlib import Path

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.ir import parse
from selfsame.compiler.pipeline import lowered_text

HERE = Path(__file__).parent
SAMPLES = sorted((HERE / "samples" / "constructs").glob("*.py.txt"))
NEEDS = {"type_parameters": (3, 12)}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name.partition(".")[0])
def test_construct(sample: Path, update_golden: bool) -> None:
    name = sample.name.partition(".")[0]
    if sys.version_info < NEEDS.get(name, (3, 11)):
        pytest.skip("its syntax is newer than this Python")
    made, kinds = lowered_text(Source(f"{name}.py", name, sample.read_text("utf-8")))
    golden = HERE / "golden" / "constructs" / f"{name}.txt"
    if update_golden:
        golden.write_text(made, "utf-8")
    assert made == golden.read_text("utf-8")
    assert len(parse(made)) == len(kinds)
    assert ("opaque" in kinds) is (name == "imports")  # a star import alone is not treated
