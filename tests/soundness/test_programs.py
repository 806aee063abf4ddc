"""The generator itself: its programs compile, end, and are different from each other."""

import warnings

from hypothesis import given, settings
from programs import GENERIC, programs, seeded, valid


def test_seeded_programs_run_and_differ():
    texts = {seeded(seed) for seed in range(40)}
    assert len(texts) == 40
    for text in texts:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(text, "<program>", "exec"), {"__name__": "program"})


def test_every_construct_is_made():
    wanted = [
        "async for",
        "except*",
        "match ",
        "nonlocal ",
        "global ",
        "lambda",
        ":=",
        "yield from",
        "finally",
        "*",
    ]
    if GENERIC:
        wanted += ["type Alias", "[T: ", "[U](", ".__type_params__[0].__bound__"]
    everything = "".join(seeded(seed) for seed in range(60))
    assert [word for word in wanted if word not in everything] == []


@settings(max_examples=25, deadline=None)
@given(programs())
def test_hypothesis_draws_programs_that_compile(text):
    assert valid(text)
