"""The sha256 of bytes, without ``hashlib``, which would import OpenSSL into the program."""

from __future__ import annotations

import sys


def sha256(data: bytes) -> str:
    """64 hex digits."""
    try:
        if sys.version_info >= (3, 12):
            from _sha2 import sha256 as made
        else:
            from _sha256 import sha256 as made  # type: ignore[import-not-found]
    except ImportError:
        from hashlib import sha256 as made
    return str(made(data).hexdigest())
