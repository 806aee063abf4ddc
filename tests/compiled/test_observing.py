"""What captured calls say of the types that compiled code is made for."""

import array

from selfsame.runtime.agent.capture import dump
from selfsame.runtime.mutation.observe import observe


class Cart:
    def __init__(self) -> None:
        self.total = 2.5
        self.items = [1, 2]
        self.inner = None


class Slim:
    __slots__ = ("at", "unset")

    def __init__(self) -> None:
        self.at = 1


def test_attributes_and_arrays_are_named_with_their_types() -> None:
    payload = dump({"args": (Cart(), Slim(), array.array("i", [1])), "globals": {}}, 10_000)
    types = observe([payload], ["cart", "slim", "numbers"]).types
    assert {n.rpartition(".")[2] for n in types["cart"]} == {"Cart"}
    assert types["cart.total"] == {"float"}
    assert types["cart.items"] == {"list[int]"}
    assert types["slim.at"] == {"int"}
    assert "slim.unset" not in types
    assert types["numbers"] == {"array[i]"}


def test_attributes_of_the_instances_in_a_list() -> None:
    payload = dump({"args": ([Cart(), Slim()],), "globals": {}}, 10_000)
    types = observe([payload], ["carts"]).types
    assert types["carts[].total"] == {"float"}
    assert types["carts[].at"] == {"int"}
