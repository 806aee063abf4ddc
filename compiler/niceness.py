"""To leave the processors to the program: niceness that counts against other sessions too, and one for it alone.

Linux shares processor time between sessions first, and by the nice values of processes only within
one; what a session is worth is written to its autogroup. Source: sched(7), "The autogroup feature".
"""

import contextlib
import os
import time

NICENESS = 3
"""Of the engine and what it starts. Of two processors, a program that wants one has it beside two of them;
where all are wanted, a third of one is theirs, so that trials come to an end."""
PATIENT = 10
"""The same where nothing is changed, and so nothing that is won waits: a tenth of a processor."""
AUTOGROUP = "/proc/self/autogroup"
TRIES, PAUSE_S = 5, 0.11
PROCESSORS = len(os.sched_getaffinity(0))
"""How many this process could use when it began, as the program can of which it is the engine: see `leave_one`."""


def be_nice(niceness: int) -> None:
    """Make this process, and those that it will start, at least so nice: a nice value, 0 to 19."""
    had = os.getpriority(os.PRIO_PROCESS, 0)
    if niceness > had:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    share_as_nice()


def leave_one() -> None:
    """Keep this process, and those that it will start, off one of several processors that they may use.

    A program that runs Python runs it on one at a time. Beside two workers on two processors it waits for one
    again and again, as long as their slices last.
    """
    with contextlib.suppress(OSError):  # some sandboxes refuse it
        _, *others = sorted(os.sched_getaffinity(0))
        if others:
            os.sched_setaffinity(0, others)


def share_as_nice() -> None:
    """Make this session worth as much as its process is nice: one that was just begun is worth 0."""
    niceness = str(os.getpriority(os.PRIO_PROCESS, 0))
    for _ in range(TRIES):
        try:
            with open(AUTOGROUP, "w") as file:
                file.write(niceness)
            return
        except BlockingIOError:  # who is not root may, ten times a second on the whole machine
            time.sleep(PAUSE_S)
        except OSError:  # this kernel has no autogroups, or no /proc is here
            return
