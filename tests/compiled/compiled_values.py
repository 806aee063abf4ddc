"""Hypothesis strategies for arguments of an observed type, with the values that break things."""

from hypothesis import strategies as st

INTS = [0, 1, -1, 2, 3, 7, 10, -7, 62, 63, 64, 2**31, 2**53, 2**53 + 1, -(2**53) - 1, 2**62,
        2**63 - 1, -(2**63), 2**63, 2**64, -(2**63) - 1, 10**30]  # fmt: skip
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.1, 0.5, 1.5, 2.5, -2.5, 3.0, 1e300, -1e300, 5e-324, 2.0**53,
          2.0**63, float("inf"), float("-inf"), float("nan")]  # fmt: skip
TEXTS = ["", "a", "ab", "aé", "a€b", "\U0001f600x", "\ud800", "a\udfff", "aeiou", "([])", "79927398713",
         "٣", "a\x00b", "ǅ"]  # fmt: skip


class IntLike(int):
    """An int that is not exactly one."""


class TextLike(str):
    """A str that is not exactly one."""


ints = st.sampled_from(INTS) | st.integers(-(2**65), 2**65) | st.integers(-20, 20)
floats = st.sampled_from(FLOATS) | st.floats()
texts = st.sampled_from(TEXTS) | st.text(max_size=12) | st.text("ab", max_size=10)
wrong = st.sampled_from(
    [True, False, IntLike(5), 3, 2.5, None, "x", TextLike("ab"), b"x", [1], [1.5], (1, 2), 1j,
     ["a", 1], [1, 2.5], [True], [None], [[1.0], [2]], [[1.0], (2.0,)], bytearray(b"ab")]
)  # fmt: skip
RIGHT = {
    "int": ints,
    "float": floats,
    "bool": st.booleans(),
    "str": texts,
    "bytes": st.binary(max_size=12),
    "list[int]": st.lists(ints, max_size=8),
    "list[float]": st.lists(floats, max_size=8),
    "list[bool]": st.lists(st.booleans(), max_size=8),
    "list[str]": st.lists(texts, max_size=8),
    "tuple[int]": st.lists(ints, max_size=8).map(tuple),
    "list[list[int]]": st.lists(st.lists(ints, max_size=4), max_size=4),
    "list[list[float]]": st.lists(st.lists(floats, max_size=4), max_size=4),
}
SMALL = {**RIGHT, "int": st.integers(-3, 22), "list[int]": st.lists(st.integers(-9, 9), max_size=8)}


def mixed(kind: str, small: bool = False) -> st.SearchStrategy[object]:
    """Mostly values of the type, now and then one that is not."""
    right = (SMALL if small else RIGHT)[kind]
    return st.one_of(right, right, right, right, right, wrong)
