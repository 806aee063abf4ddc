"""Instances of a captured graph keep their attributes themselves, as they do in the program."""

import pytest

from selfsame.runtime.agent import backend, capture
from selfsame.runtime.shadow.inputs import NO_RENAMES, unpickle
from selfsame.runtime.shadow.taught import teach

needs_native = pytest.mark.skipif(
    backend.native is None, reason="uncompiled, every instance has a dict"
)


class Link:
    """One of a chain that is longer than a class learns from."""

    def __init__(self, number: int, behind: "Link | None") -> None:
        self.number = number
        self.behind = behind


class Closing:
    """Says so when it goes."""

    gone = 0

    def __init__(self) -> None:
        self.number = 1

    def __del__(self) -> None:
        type(self).gone += 1


def chain(cls: type[Link], length: int) -> Link | None:
    last = None
    for number in range(length):
        last = cls(number, last)
    return last


def fresh(name: str) -> type[Link]:
    """A class that never had an instance, where a payload finds it."""
    made = type(name, (Link,), {"__module__": __name__})
    globals()[name] = made
    return made


def read(payload: bytes) -> list[bool]:
    """Whether each of the chain in a payload keeps its attributes itself."""
    (link,) = unpickle(payload)["args"]
    found = []
    while link is not None:
        kept = backend.attributes(link)
        found.append(kept is not None)
        link = link.behind if kept is None else kept["behind"]
    return found


@needs_native
def test_a_long_chain_is_read_without_dicts() -> None:
    payload = capture.dump({"args": (chain(fresh("Learned"), 80),)}, 1_000_000)
    fresh("Learned")  # as in a worker, whose import makes no instance
    taught: set[type] = set()
    teach([payload], NO_RENAMES, taught)
    assert [kind.__name__ for kind in taught] == ["Learned"]
    assert read(payload) == [True] * 80


@needs_native
def test_without_it_a_class_knows_no_attribute() -> None:
    payload = capture.dump({"args": (chain(fresh("Untaught"), 80),)}, 1_000_000)
    fresh("Untaught")
    assert not all(read(payload))


def test_nothing_of_the_programs_runs_for_it() -> None:
    payload = capture.dump({"args": ([Closing() for _ in range(60)],)}, 1_000_000)
    Closing.gone = 0
    teach([payload], NO_RENAMES, set())
    assert Closing.gone == 0


def test_what_cannot_be_read_is_left_for_the_call_to_tell() -> None:
    teach([b"no payload" * 100], NO_RENAMES, set())
