"""Who is speaking, as the kernel knows it: kept with every word of a person's."""

import os
import pwd

NOBODY = 0xFFFFFFFF


def speaker() -> dict[str, object]:
    """``uid`` and ``pid`` of this process, ``login``: who logged in (it survives sudo), ``tty``.

    Not from the environment, which anyone may set. Source: credentials(7), ``loginuid`` of proc(5).
    """
    found: dict[str, object] = {"uid": os.getuid(), "pid": os.getpid()}
    try:
        with open("/proc/self/loginuid", encoding="ascii") as file:
            number = int(file.read())
    except (OSError, ValueError):
        number = NOBODY
    if number != NOBODY:
        try:
            found["login"] = pwd.getpwuid(number).pw_name
        except KeyError:
            found["login"] = f"uid {number}"
    try:
        found["tty"] = os.ttyname(2)
    except OSError:
        pass  # not from a terminal
    return found
