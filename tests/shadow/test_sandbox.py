"""The filter under the audit hook: what it stops when nothing in Python is asked."""

import platform
import subprocess
import sys

import pytest

from selfsame.runtime.shadow import seccomp

PROBE = """
import os, socket, sys, threading
from selfsame.runtime.shadow.seccomp import install
path = sys.argv[1]
install(writes=sys.argv[2] == "writes")

def tried(act):
    try:
        act()
    except OSError as error:
        return type(error).__name__
    return "done"

found = {
    "read": tried(lambda: open("/etc/hostname").close()),
    "write": tried(lambda: open(path, "w").close()),
    "unlink": tried(lambda: os.unlink(path)),
    "mkdir": tried(lambda: os.mkdir(path + ".d")),
    "rename": tried(lambda: os.rename(path, path + ".x")),
    "chmod": tried(lambda: os.chmod(path, 0o700)),
    "socket": tried(socket.socket),
    "fork": tried(os.fork),
    "exec": tried(lambda: os.execv("/bin/true", ["true"])),
    "kill": tried(lambda: os.kill(os.getppid(), 0)),
    "thread": tried(lambda: threading.Thread(target=int).start()),
}
print(found)
"""


@pytest.mark.skipif(platform.machine() not in seccomp.MACHINES, reason="not in the table")
@pytest.mark.parametrize("writes", ["writes", "reads"])
def test_the_filter(tmp_path: object, writes: str) -> None:
    path = f"{tmp_path}/there"
    open(path, "w").close()
    done = subprocess.run(
        [sys.executable, "-c", PROBE, path, writes], capture_output=True, text=True, check=False
    )
    if "OSError" in done.stderr:
        pytest.skip("this host has no seccomp")
    found = eval(done.stdout)  # what the probe printed
    assert found.pop("read") == found.pop("thread") == "done"
    assert found.pop("write") == ("done" if writes == "writes" else "PermissionError")
    assert set(found.values()) == {"PermissionError"}, found


def test_a_program_for_each_machine() -> None:
    for machine in seccomp.MACHINES:
        code = seccomp.program(machine, writes=False, pid=1)
        assert len(code) % 8 == 0
        assert len(code) // 8 < 256  # jumps are one byte; and the kernel's limit is 4096
    with pytest.raises(KeyError):
        seccomp.program("pdp11", writes=False, pid=1)
