"""What is known of code that is not the user's: how an entry is written, and how one is looked up."""

from dataclasses import dataclass

ITERATES = ("__iter__", "__next__", "__len__", "__getitem__", "__length_hint__")
ITEMS = ("__getitem__", "__missing__")
TRUTH = ("__bool__", "__len__")
MAPPING = ("keys", "__iter__", *ITEMS)  # of what is not exactly a dict and is unpacked as one
HASHES = ("__hash__", "__eq__")
ORDERS = ("__lt__", "__gt__", "__le__", "__ge__", "__eq__")
SHOWS = ("__str__", "__repr__", "__format__")
_NUMBER = "add sub mul truediv floordiv mod pow lshift rshift and or xor matmul"
ARITHMETIC = tuple(f"__{side}{name}__" for name in _NUMBER.split() for side in ("", "r"))
IN_PLACE = tuple(f"__i{name}__" for name in _NUMBER.split())


@dataclass(frozen=True, slots=True)
class Known:
    """The effects of one function or method.

    ``result``: ``data`` (nothing of the arguments in it); ``copy`` (new, holds their parts), ``rows``
    (new, holds rows of their parts), ``fresh`` (new, may hold anything of them); ``flat`` (new, holds the
    parts of their parts); ``element`` (may be a
    part of an argument); ``anew`` (new objects of any class, in which nothing is of the arguments);
    ``first`` (may be the first argument itself); ``second`` (is the second). Of a mapping: ``entry`` (one of
    its values, or the default that is the second argument), ``values`` and ``pairs`` (new, hold those).
    ``mutates``: positions of the arguments it changes; a method's receiver is -1. ``calls``: positions
    and keywords of the arguments it calls. ``runs``: the special methods it may run on what it is
    given. ``outside``: what it does beyond the program's own memory, empty where nothing. ``puts``:
    what goes into an object that it changes: ``all`` (its arguments and their parts), ``items`` (its
    arguments), ``none``, ``pairs`` (all of them and what their parts hold), ``entry`` (the first as a
    key, the others as items).
    ``placed``: it tells where its argument is in memory, where the class has none of these methods.
    ``replayed``: the dotted name of a function with an effect whose results can be recorded in the
    program and given to a trial's calls (`compiler/analysis/replayed.py`). ``outgoing``: what it does
    outside is to show its arguments to people, which a trial compares and does not do. ``seeds``: a
    generator of random numbers begins with its first argument, from None on with what the system says.
    """

    result: str = "data"
    type: str = ""
    mutates: tuple[int, ...] = ()
    calls: tuple[int | str, ...] = ()
    runs: tuple[str, ...] = ()
    outside: str = ""
    puts: str = "all"
    placed: tuple[str, ...] = ()
    replayed: str = ""
    outgoing: bool = False
    seeds: bool = False


Table = dict[str, Known]


def add(table: Table, names: str, entry: Known, prefix: str = "") -> None:
    """Enter each of the blank-separated ``names``; a name is entered once. Raises ValueError."""
    for name in names.split():
        if prefix + name in table:
            raise ValueError(f"{prefix + name} is entered twice")
        table[prefix + name] = entry
