"""Runs the user's command as a child so that nothing tells it from running it directly."""

import os
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

    def pass_on(number: int, _: FrameType | None) -> None:
        if child is not None:
            child.send_signal(number)

    previous = {s: signal.signal(s, pass_on) for s in PASSED_ON}

    def as_before() -> None:
        for number, handler in (previous | ignored).items():
            signal.signal(number, handler)

    try:
        child = subprocess.Popen(
            list(command), env=dict(environment), preexec_fn=as_before, close_fds=False
        )
        code = child.wait()
        sys.stdout.flush()
        finish()
    finally:
        for number, handler in (previous | ignored).items():
            signal.signal(number, handler)
    if code < 0:
        number = signal.Signals(-code)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return code
