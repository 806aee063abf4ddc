"""What the lookout reads while a frame is being made is no reason to fall over it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from selfsame.runtime.agent import backend

# A frame in the midst of a call holds what was there before: any bits where its caller will stand.
PROGRAM = """
import ctypes, sys, threading, time
from selfsame.runtime.agent import looks

FRAME = 3 * 8  # in PyFrameObject, after the head and f_back
PREVIOUS = 6 * 8 if sys.version_info < (3, 12) else 8  # in _PyInterpreterFrame

def word(address):
    return ctypes.c_size_t.from_address(address)

def outermost():
    caller = word(word(id(sys._getframe()) + FRAME).value + PREVIOUS)
    before = caller.value
    for torn in (2**64 - 1, 2**64 - 8, 2**64 - 72, 2**63, 1, 8, before + 4096):
        caller.value = torn
        end = looks.cost()[0] + 20
        while looks.cost()[0] < end:
            time.sleep(0.001)
    caller.value = before

looks.start(0.0005, 1.0, 0)
inside = threading.Thread(target=outermost)
inside.start()
inside.join()
looks.stop()
print("looks", looks.cost()[0] >= 140)
"""


@pytest.mark.skipif(backend.looks is None, reason="the extensions are not built")
def test_a_frame_whose_caller_is_any_bits_is_left_out() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stdout) == (0, "looks True\n"), done.stderr
