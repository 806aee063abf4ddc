"""A seccomp filter for workers: system calls that change anything outside fail with EPERM.

A deny list by number for x86-64 and aarch64 (asm/unistd.h), installed by prctl through ctypes:
processes, files made, changed or opened for writing, sockets, signals to others, limits, roots and
namespaces.
Threads stay possible, because native libraries need them. See seccomp(2).
"""

import errno
import os
import platform
import struct
from dataclasses import dataclass

EPERM = 0x00050000 | errno.EPERM
ENOSYS = 0x00050000 | errno.ENOSYS
ALLOW = 0x7FFF0000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
CLONE_THREAD = 0x00010000
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
CLONE3 = 435

# fmt: off
X86_64 = (
    41, 42, 49, 50, 57, 58, 59, 62, 76, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94, 101, 129,
    133, 155, 160, 161, 165, 166, 188, 189, 190, 200, 235, 258, 259, 260, 261, 263, 264, 265, 266,
    268, 272, 280, 297, 308, 311, 316, 321, 322, 424, 425, 437,
)
AARCH64 = (
    5, 6, 7, 33, 34, 35, 36, 37, 38, 39, 40, 41, 45, 51, 52, 53, 54, 55, 88, 97, 117, 129, 130, 138,
    164, 198, 200, 201, 203, 221, 240, 268, 271, 276, 280, 281, 424, 425, 437,
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Machine:
    """Numbers of one kind of machine; ``opens`` are (open-like call, index of its flags)."""

    audit: int
    clone: int
    opens: tuple[tuple[int, int], ...]
    tgkill: int
    prlimit: int
    denied: tuple[int, ...]


MACHINES = {
    "x86_64": Machine(0xC000003E, 56, ((2, 1), (257, 2)), 234, 302, X86_64),
    "aarch64": Machine(0xC00000B7, 220, ((56, 2),), 131, 261, AARCH64),
}


def program(machine: str, writes: bool, pid: int) -> bytes:
    """The filter as BPF instructions; with ``writes`` files may be opened for writing.

    ``pid`` is the process that it is for, which may send signals to itself. Raises KeyError for a
    machine that is not in the table.
    """
    own = MACHINES[machine]
    steps: list[tuple[int, int, int, int]] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, own.audit),
        (RETURN, 0, 0, EPERM),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, 0x40000000),  # the x32 numbers
        (RETURN, 0, 0, EPERM),
        (EQUAL, 0, 1, CLONE3),  # its flags cannot be read here; libc falls back to clone
        (RETURN, 0, 0, ENOSYS),
        (EQUAL, 0, 4, own.clone),
        (LOAD, 0, 0, ARGUMENTS),
        (ANY_BIT, 0, 1, CLONE_THREAD),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, EPERM),
    ]
    # Limits may be read (a null pointer where new ones would be), and not be set.
    bits = [(own.prlimit, 2, 0xFFFFFFFF)]
    bits += [(number, index, WRITING) for number, index in (() if writes else own.opens)]
    for number, index, mask in bits:
        steps += [
            (EQUAL, 0, 4, number),
            (LOAD, 0, 0, ARGUMENTS + 8 * index),
            (ANY_BIT, 0, 1, mask),
            (RETURN, 0, 0, EPERM),
            (RETURN, 0, 0, ALLOW),
        ]
    steps += [
        (EQUAL, 0, 4, own.tgkill),  # what abort and raise use
        (LOAD, 0, 0, ARGUMENTS),
        (EQUAL, 0, 1, pid),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, EPERM),
    ]
    for number in own.denied:
        steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, EPERM)]
    steps.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def install(writes: bool) -> None:
    """Put the filter on this process for good. Raises OSError or KeyError where it cannot be."""
    import ctypes

    code = program(platform.machine(), writes, os.getpid())
    buffer = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    whole = Program(len(code) // 8, ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if libc.prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(whole), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")
