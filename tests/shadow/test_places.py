"""Inputs for the places where two functions differ: made, compared, and kept for the next variation."""

from dataclasses import replace
from typing import Any

import pytest

from selfsame.runtime.shadow.pair import named, request_for
from selfsame.runtime.shadow.request import Corpus, Reach
from selfsame.runtime.shadow.trial import run_trial

MODULE = '''
def lines(a, b):
    """
    >>> lines(["x"], ["y"])
    'xy'
    """
    if a and not isinstance(a[0], str):
        raise TypeError("text, not %s" % type(a[0]).__name__)
    return "".join(a) + "".join(b)


def unguarded(a, b):
    return "".join(a) + "".join(b)


def reworded(a, b):
    if a and not isinstance(a[0], str):
        raise TypeError("text, and no %s" % type(a[0]).__name__)
    return "".join(a) + "".join(b)


def turned(a, b):
    if not a or isinstance(a[0], str):
        return "".join(a) + "".join(b)
    raise TypeError("text, not %s" % type(a[0]).__name__)
'''


@pytest.mark.parametrize(
    ("other", "same"), [("unguarded", "different"), ("reworded", "different"), ("turned", "same")]
)
def test_a_guard_against_other_types_is_come_to(tmp_path: Any, other: str, same: str) -> None:
    file = tmp_path / "texts.py"
    file.write_text(MODULE)
    first, second = (named(f"{file}:{name}", []) for name in ("lines", other))
    request = request_for(first, [str(tmp_path)], 10.0)
    asked = {**vars(request), "other": second.target, "timed": False}
    trial = run_trial(type(request)(**asked))
    assert trial.same == same, trial
    if same == "same":
        again = run_trial(type(request)(**asked))  # with what the first one left in the corpus
        assert again.same == same, again
        assert request.corpus.known


A, B, C = ((n, n, 0, 9) for n in (1, 2, 3))


def test_only_what_comes_again_is_known() -> None:
    corpus = Corpus(payloads=[b"one"])
    reached = {A: b"one", B: b"of this trial alone", C: b"made"}
    corpus.learn(Reach(frozenset({A, B, C}), frozenset(), reached, (b"made",)))
    assert corpus.known == {A: b"one", C: b"made"}
    assert corpus.payloads == [b"one", b"made"]
    corpus.learn(Reach(frozenset({B}), frozenset({B}), {}, ()))
    assert corpus.given_up == {B}
    corpus.learn(Reach(frozenset({B}), frozenset(), {B: b"one"}, ()))
    assert not corpus.given_up


def test_an_input_that_decided_nothing_reaches_nothing() -> None:
    found = Reach(frozenset({A, B}), frozenset(), {A: b"one", B: b"made", C: b"made"}, (b"made",))
    less = found.without(b"made")
    assert less.missed == {B}
    assert less.reached == {A: b"one"}
    assert less.made == ()


CLASSES = """
class Base:
    def __init__(self):
        self.seen = 0

    def told(self, n: int) -> int:
        if self.__class__ != Base:
            return n + 1
        return n

    def other(self, n: int) -> int:
        if self.__class__ != Base:
            return n + 2
        return n


class Below(Base):
    pass
"""


def test_a_method_is_tried_on_classes_that_inherit_it(tried: Any) -> None:
    trial = tried(CLASSES, "Base.told", "Base.other", 6.0)
    assert trial.same == "different", trial
    assert "Below" in trial.counterexample


SELDOM = """
def told(n: int):
    if n > 1000 and pow(n, 65537, 1000000007) == 2:
        return n - 1
    return n + 1


def seldom(n: int):
    if n > 1000 and pow(n, 65537, 1000000007) == 2:
        return n - 2
    return n + 1


def both(n: int):
    if n > 1000 and pow(n, 65537, 1000000007) == 2:
        return n - 2
    return n + 2
"""


def test_where_no_input_came_it_is_not_looked_for_again(tmp_path: Any) -> None:
    file = tmp_path / "seldom.py"
    file.write_text(SELDOM)
    first, seldom, both = (named(f"{file}:{name}", []) for name in ("told", "seldom", "both"))
    request = replace(request_for(first, [str(tmp_path)], 6.0), timed=False)
    found = run_trial(replace(request, other=seldom.target))
    assert found.same == "inconclusive", found
    assert request.corpus.given_up
    again = run_trial(replace(request, other=seldom.target))
    assert (again.same, again.reason.split(" and ")[0]) == (
        found.same,
        found.reason.split(" and ")[0],
    )
    assert again.invented
    assert not again.amplified
    assert run_trial(replace(request, other=both.target)).same == "different"
