"""What a program holds at its end is let go of as it is without selfsame."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Engine

PROGRAM = """
import time
class Mortal:
    def __del__(self, write=print): write("died")
def main(): return Mortal()
one = main()
left_open = open("out.txt", "w")
left_open.write("all of it")
time.sleep(0.3)
"""


def test_files_that_are_left_open_are_written_at_the_end(engine: Engine) -> None:
    ended = engine.run(str(engine.program(PROGRAM)))
    assert (ended.stdout, ended.stderr) == ("died\n", "")
    assert (engine.folder / "out.txt").read_text() == "all of it"
