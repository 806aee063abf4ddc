"""A Landlock domain for workers: no file is made, changed, removed or executed, no TCP port is used.

Without privileges, on kernels that have it (Linux 5.13; ports from 6.7, signals to others from 6.12).
It holds where the seccomp filter is missing, and the other way round. See landlock(7).
"""

import ctypes
import os
import struct

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
GET_VERSION, PATH_BENEATH = 1, 1
PR_SET_NO_NEW_PRIVS = 38
EXECUTE, READ_FILE, READ_DIR = 1 << 0, 1 << 2, 1 << 3
FIRST = (1 << 13) - 1 - READ_FILE - READ_DIR
"""All of the first version but reading: executing, writing, removing, making of every kind."""
REFER, TRUNCATE, DEVICE_IOCTL = 1 << 13, 1 << 14, 1 << 15
BIND_AND_CONNECT = 3
SOCKETS_AND_SIGNALS = 3


def rights(version: int) -> tuple[int, int, int]:
    """What a kernel with this version of Landlock can deny: on files, ports, other processes."""
    files = FIRST
    for least, right in ((2, REFER), (3, TRUNCATE), (5, DEVICE_IOCTL)):
        if version >= least:
            files |= right
    return files, BIND_AND_CONNECT * (version >= 4), SOCKETS_AND_SIGNALS * (version >= 6)


def install(writable: str) -> None:
    """Put this thread in a domain for good; ``writable`` is a folder it may write in, or "".

    Raises OSError where the kernel has no Landlock, or it is switched off.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = _call(libc, CREATE_RULESET, None, ctypes.c_size_t(0), GET_VERSION)
    files, ports, others = rights(version)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    attributes = struct.pack("=QQQ", files, ports, others)[:size]
    ruleset = _call(libc, CREATE_RULESET, attributes, ctypes.c_size_t(size), 0)
    try:
        if writable:
            folder = os.open(writable, os.O_PATH | os.O_CLOEXEC)
            try:
                rule = struct.pack("=Qi", files & ~EXECUTE, folder)
                _call(libc, ADD_RULE, ruleset, PATH_BENEATH, rule, 0)
            finally:
                os.close(folder)
        if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "no_new_privs")
        _call(libc, RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _call(libc: ctypes.CDLL, number: int, *arguments: object) -> int:
    found = int(libc.syscall(number, *arguments))
    if found < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return found
