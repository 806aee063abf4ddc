"""Jobs for processes of their own, which import them by name."""

import os
import signal


def dies_of_three(job: int) -> int:
    if job == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if job == 5:
        raise ValueError("five")
    return job * job
