"""Runs the user's command as a child so that nothing tells it from running it directly."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

PASSED_ON = (
    signal.SIGTERM,
    signal.SIGHUP,
    signal.SIGUSR1,
    signal.SIGUSR2,
)


def run_child(
    command: Sequence[str], environment: Mapping[str, str], finish: Callable[[], None]
) -> int:
    """Run a command to its end, call ``finish``, then end as it ended.

    Returns its exit code. Where a signal killed it, this process dies of the same signal. SIGINT and
    SIGQUIT come from the terminal to both; here they are ignored while the child lives.
    Raises OSError where the command cannot be started.
    """
    ignored = {s: signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGQUIT)}
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _: FrameType | None) -> None:
        if child is None:
            early.append(number)
        else:
            child.send_signal(number)

    previous = {s: signal.signal(s, pass_on) for s in PASSED_ON}

    def as_before() -> None:
        for number, handler in (previous | ignored).items():
            signal.signal(number, handler)

    try:
        child = subprocess.Popen(
            list(command), env=dict(environment), preexec_fn=as_before, close_fds=False
        )
        for number in early:
            child.send_signal(number)
        code = child.wait()
        sys.stdout.flush()
        finish()
    finally:
        for number, handler in (previous | ignored).items():
            signal.signal(number, handler)
    if code < 0:
        _die_of(-code)
        return 128 - code
    return code


def _die_of(number: int) -> None:
    """End this process by a signal; without a core file, which would replace the program's."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with contextlib.suppress(OSError):  # SIGKILL has no handler to reset
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
