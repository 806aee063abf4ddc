"""Addresses of what a function does besides its loops, comprehensions and calls.

``shop:f/branch[0]``, ``shop:f/try[1]``, ``shop:f/assign[4]``: counted by word within the function,
class or module, in source order. Loops, comprehensions and calls get theirs from ``identify``.
"""


class Steps:
    """Hands out the addresses of one module, in source order."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def address(self, owner: str, word: str) -> str:
        """The address of the next ``word`` of ``owner``."""
        stem = f"{owner}/{word}"
        number = self._next.get(stem, 0)
        self._next[stem] = number + 1
        return f"{stem}[{number}]"
