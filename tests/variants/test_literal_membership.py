"""A look-up in a constant set finds what a search of the literal finds, whatever is asked for."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NAME = "literal-list-membership-to-frozenset"
TEXT = """
def f(values):
    found = []
    for value in values:
        found.append(value in ["a", 1, None, b"a", "ab", False])
        found.append(value not in (2, "b", 3, ""))
        found.append(str(value)[:1] in ("1", "a", "b", "["))
    return found
"""


@given(indices=st.lists(st.integers(0, 99), max_size=12))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_sort_of_value_is_found_or_not_as_before(indices, bench, values) -> None:
    pair = bench.pair(NAME, TEXT)
    pair.check(lambda: (values(indices),))


@pytest.mark.parametrize(
    ("literal", "reason"),
    [
        ("[1, 2, 3]", "3 constants: 4 pay off"),
        ("[1, 2, 3, x]", "not every element is a constant"),
        ("[1, 2, 3, 1.5]", "not every element is a constant"),
        ("{1, 2, 3, 4}", "no literal list or tuple"),
        ("x", "no literal list or tuple"),
    ],
)
def test_what_is_no_such_literal_is_refused(bench, literal: str, reason: str) -> None:
    assert reason in bench.refused(NAME, f"def f(x):\n    return x in {literal}\n").reason
