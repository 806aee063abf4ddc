"""A session is worth as much as its process is nice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from selfsame.compiler.niceness import AUTOGROUP

SHOW = f"""
import os
from selfsame.compiler.niceness import be_nice, share_as_nice
had = os.getpriority(os.PRIO_PROCESS, 0)
{{}}
group = open({AUTOGROUP!r}).read().split()[-1]
print(had, os.getpriority(os.PRIO_PROCESS, 0), group)
"""


def shown(code: str) -> tuple[int, int, int]:
    done = subprocess.run(
        [sys.executable, "-c", SHOW.format(code)],
        check=True,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    had, nice, group = map(int, done.stdout.split())
    return had, nice, group


needs_autogroups = pytest.mark.skipif(
    not Path(AUTOGROUP).exists(), reason="this kernel has no autogroups"
)


@needs_autogroups
def test_a_nice_process_makes_its_session_worth_less() -> None:
    had, nice, group = shown("be_nice(12)")
    assert nice == group == max(had, 12)


@needs_autogroups
def test_a_process_never_becomes_less_nice() -> None:
    had, nice, group = shown("os.nice(3); be_nice(1)")
    assert nice == group == min(19, had + 3)


@needs_autogroups
def test_a_session_that_was_just_begun_takes_over_what_its_process_is() -> None:
    had, nice, group = shown("os.nice(5); share_as_nice()")
    assert nice == group == min(19, had + 5)
