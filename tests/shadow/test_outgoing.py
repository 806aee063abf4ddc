"""Functions that print, log and warn: a trial compares what goes out, and sends nothing."""

import logging
import pickle
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from selfsame.runtime.shadow.outgoing import Outgoing
from selfsame.runtime.shadow.request import Trial

TEXT = """
import logging
import sys
import warnings

log = logging.getLogger(__name__)


def told(xs):
    log.debug("of %d", len(xs))
    total = 0
    for x in xs:
        total += x
    found = [total]
    log.info("found %s", found)
    found.append(len(xs))
    print("total", total)
    if total % 2:
        warnings.warn("odd", RuntimeWarning)
        sys.stderr.write("odd" + chr(10))
    return found
"""
LOOP = "    total = 0\n    for x in xs:\n        total += x\n"
FASTER = TEXT.replace(LOOP, "    total = sum(xs)\n")
CALLS = [pickle.dumps({"args": (list(range(300 + n)),), "globals": {}}) for n in range(60)]


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("telling")


def tried(bench: Any, folder: Path, variation: str, text: str = TEXT, **more: Any) -> Trial:
    known = type(bench)(folder, text, "telling")
    found: Trial = known.trial("told", variation, CALLS, **{"outgoing": True, "typed": True} | more)
    return found


def test_what_sends_the_same_is_the_same(bench: Any, telling: Path) -> None:
    found = tried(bench, telling, FASTER)
    assert found.same == "same", found.counterexample
    assert found.captured == 60
    assert any("logs and warns had to be the same" in line for line in found.evidence)


def test_a_text_is_the_same_in_other_pieces(bench: Any, telling: Path) -> None:
    whole = FASTER.replace('print("total", total)', 'print(f"total {total}")')
    assert tried(bench, telling, whole).same == "same"


def test_without_that_a_print_is_an_effect(bench: Any, telling: Path) -> None:
    found = tried(bench, telling, FASTER, outgoing=False)
    assert found.same == "inconclusive"
    assert "prints" in found.refused


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('    log.debug("of %d", len(xs))\n', ""),
        ('log.debug("of %d", len(xs))', 'log.debug("of %d", len(xs) + (len(xs) > 320))'),
        ('log.debug("of %d", len(xs))', 'log.debug("of %s", len(xs))'),
        ('log.debug("of %d", len(xs))', 'log.info("of %d", len(xs))'),
        ('log.debug("of %d", len(xs))', 'logging.debug("of %d", len(xs))'),
        ('    log.info("found %s", found)\n    found.append(len(xs))\n',
         '    found.append(len(xs))\n    log.info("found %s", found)\n'),
        ('print("total", total)', 'print("total", float(total))'),
        ('print("total", total)', 'print("total", total, file=sys.stderr)'),
        ('print("total", total)', 'print("total", total) or print(end="")or print()'),
        ('        warnings.warn("odd", RuntimeWarning)\n', ""),
        ('"odd" + chr(10)', '"odd"'),
        ('warnings.warn("odd", RuntimeWarning)', 'warnings.warn("odd", RuntimeWarning, 2)'),
        ('        warnings.warn("odd", RuntimeWarning)\n        sys.stderr.write("odd" + chr(10))\n',
         '        sys.stderr.write("odd" + chr(10))\n        warnings.warn("odd", RuntimeWarning)\n'),
    ],
    ids=["not logged", "another value", "another form", "another level", "another logger",
         "logged later", "another text", "another stream", "a line more", "not warned", "no end",
         "warned of the caller", "warned later"],
)  # fmt: skip
def test_what_sends_something_else_is_different(
    bench: Any, telling: Path, old: str, new: str
) -> None:
    assert old in FASTER
    found = tried(bench, telling, FASTER.replace(old, new))
    assert found.same == "different", found


def test_what_goes_past_the_streams_is_an_effect(bench: Any, telling: Path) -> None:
    text = TEXT.replace("import sys\n", "import sys\nfrom sys import stdout\n").replace(
        'print("total", total)', "stdout.write('x')"
    )
    found = tried(bench, telling, text.replace(LOOP, "    total = sum(xs)\n"), text)
    assert found.same == "inconclusive"
    assert "prints" in found.refused


def test_a_record_that_cannot_be_compared_leaves_the_call_out(bench: Any, telling: Path) -> None:
    text = TEXT.replace('"of %d", len(xs)', '"of %s", iter(lambda: xs, 1)')
    found = tried(bench, telling, text.replace(LOOP, "    total = sum(xs)\n"), text)
    assert found.same == "inconclusive"
    assert "what it logs cannot be compared" in found.reason + found.refused


@contextmanager
def taken() -> Iterator[Outgoing]:
    logger: Any = logging.Logger
    kept = sys.stdout, sys.stderr, logger.isEnabledFor, logger._log
    try:
        yield Outgoing()
    finally:
        sys.stdout, sys.stderr, logger.isEnabledFor, logger._log = kept


def test_order_and_place_are_told_apart() -> None:
    def told(outgoing: Outgoing, *parts: tuple[str, str]) -> bytes:
        outgoing.start()
        for stream, text in parts:
            if stream == "log":
                logging.getLogger("a").warning(text)
            else:
                getattr(sys, stream).write(text)
        return outgoing.told

    cases = [
        [],
        [("stdout", "ab")],
        [("stderr", "ab")],
        [("log", "ab")],
        [("stdout", "a"), ("stderr", "b")],
        [("stderr", "b"), ("stdout", "a")],
        [("stdout", "a"), ("log", ""), ("stdout", "b")],
        [("stdout", "ab"), ("log", "")],
        [("log", ""), ("stdout", "ab")],
        [("stdout", "a"), ("stderr", "c"), ("stdout", "b")],
        [("stdout", "a\0003\000errb")],
        [("stdout", "a\0\0003\0\000errb")],
    ]
    with taken() as outgoing:
        digests = [told(outgoing, *case) for case in cases]
        again = [told(outgoing, *case) for case in cases]
        pieces = told(outgoing, ("stdout", "a"), ("stderr", ""), ("stdout", "b"))
    assert len(set(digests)) == len(cases)
    assert digests == again
    assert pieces == digests[1]


def test_an_exception_that_is_logged_belongs_to_the_record() -> None:
    found = []
    with taken() as outgoing:
        for error in (ValueError(1), ValueError(1), ValueError(2), TypeError(1)):
            outgoing.start()
            try:
                raise error
            except Exception:
                logging.getLogger("a").exception("failed")
            found.append(outgoing.told)
    assert found[0] == found[1] and len(set(found)) == 3


def test_an_exception_is_named_by_what_python_makes_of_it_too() -> None:
    """``exc_info`` may be what `sys.exc_info` gave, long after the except clause."""
    found = []
    with taken() as outgoing:
        for error in (ValueError(1), ValueError(2)):
            outgoing.start()
            logging.getLogger("a").error("failed", exc_info=(type(error), error, None))
            found.append(outgoing.told)
    assert found[0] != found[1]


def test_text_that_the_programs_stream_may_not_take_leaves_the_call_out(
    bench: Any, telling: Path
) -> None:
    text = TEXT.replace('print("total", total)', "print(chr(0xD800))")
    found = tried(bench, telling, text.replace(LOOP, "    total = sum(xs)\n"), text)
    assert found.same == "inconclusive"
    assert "no text that every stream takes" in found.reason + found.refused
