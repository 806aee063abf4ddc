"""Pairs of functions that are the same, written by hand: ``NAME`` and ``NAME_2``.

What people rewrite by hand: loops and comprehensions, sets for lists, early exits, tables for
chains of ``if``, formulas for loops. Some say their types and some do not, as people's functions.
"""

from benchmarks.pairs import lists, mappings, numbers, objects, text

MODULES = (lists, text, numbers, mappings, objects)
