"""Functions that a program knows by their code object are left alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Skipped
from selfsame.compiler.identity import definitions
from selfsame.compiler.instrument.keepers import keepers, kept_by
from selfsame.compiler.instrument.twins import probed

MARKS = """\
internal = set()


def internalcode(f):
    internal.add(f.__code__)
    return f


def marked(level):
    def mark(function):
        internal.add(function.__code__)
        return function
    return mark


def arity(f):
    code = f.__code__
    f.arity = code.co_argcount
    f.names = f.__code__.co_varnames
    return f
"""
USES = """\
import sys
from . import marks
from .marks import arity, internalcode, internal


@internalcode
def hidden():
    return sys._getframe().f_code in internal


@marks.internalcode
async def later():
    pass


@marks.marked(3)
def outer():
    pass


class Shop:
    @internalcode
    def method(self):
        return sys._getframe().f_code in internal

    @arity
    def counted(self, x):
        return sys._getframe().f_code in internal


def named():
    return sys._getframe().f_code is CODE


CODE = named.__code__


def free():
    return sys._getframe().f_code in internal
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "pkg"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "marks.py").write_text(MARKS)
    (folder / "uses.py").write_text(USES)
    return folder


def test_who_keeps_code_objects(package: Path) -> None:
    assert keepers(str(package)) == {"internalcode", "mark", "marked"}


def test_what_is_kept_is_left_alone(package: Path) -> None:
    source = Source.read(package / "uses.py", "pkg.uses")
    told = {d.qualname: kept_by(source, d) for d in definitions(source)}
    kept = {name for name, why in told.items() if why}
    assert kept == {"hidden", "later", "outer", "Shop.method", "named"}
    assert "its decorator `internalcode` keeps its code object" in told["hidden"]
    hidden = next(d for d in definitions(source) if d.qualname == "hidden")
    with pytest.raises(Skipped, match="keeps its code object"):
        probed(source, hidden, "time")


def test_a_compiled_tree_finds_its_own_code(package: Path) -> None:
    call = (
        "from pkg import uses as u; s = u.Shop(); "
        "print(u.hidden(), s.method(), s.counted(1), u.named(), u.free())"
    )

    def told(folder: Path, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", call],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    compiled = package.parent / "compiled"
    subprocess.run(
        [sys.executable, "-m", "selfsame", "compile", str(package), str(compiled / "pkg")],
        check=True,
        capture_output=True,
    )
    assert told(package.parent) == "True True False True False\n"
    assert told(compiled, SELFSAME_WINDOWS="open") == told(package.parent)
