"""The C text of all list helpers, put together: for each family of items, and for objects in place."""

from selfsame.compiler.emit.cython.buffers_c import BUFFERS_C
from selfsame.compiler.emit.cython.held_objects import ARRAYS, OBJECTS
from selfsame.compiler.emit.cython.inplace.arithmetic_c import ARITHMETIC_C
from selfsame.compiler.emit.cython.inplace.arrays_c import ARRAY_LAYOUT_C, arrays_c
from selfsame.compiler.emit.cython.inplace.collections_c import COLLECTIONS_C
from selfsame.compiler.emit.cython.inplace.comparing_c import COMPARING_C
from selfsame.compiler.emit.cython.inplace.counts_c import COUNTS_C
from selfsame.compiler.emit.cython.inplace.dicts_c import DICTS_C
from selfsame.compiler.emit.cython.inplace.entries_c import ENTRIES_C
from selfsame.compiler.emit.cython.inplace.enums_c import ENUMS_C
from selfsame.compiler.emit.cython.inplace.errors_c import ERRORS_C
from selfsame.compiler.emit.cython.inplace.heaps_c import HEAPS_C
from selfsame.compiler.emit.cython.inplace.lists_c import LISTS_C
from selfsame.compiler.emit.cython.inplace.lookups_c import LOOKUPS_C
from selfsame.compiler.emit.cython.inplace.makers_c import MAKERS_C
from selfsame.compiler.emit.cython.inplace.own_lists_c import OWN_LISTS_C
from selfsame.compiler.emit.cython.inplace.parts_c import PARTS_C
from selfsame.compiler.emit.cython.inplace.patterns_c import PATTERNS_C
from selfsame.compiler.emit.cython.inplace.places_c import PLACES_C
from selfsame.compiler.emit.cython.inplace.random_c import RANDOM_C
from selfsame.compiler.emit.cython.inplace.rows_c import ROWS_C
from selfsame.compiler.emit.cython.inplace.sets_c import SETS_C
from selfsame.compiler.emit.cython.inplace.sorting_c import SORTING_C
from selfsame.compiler.emit.cython.inplace.texts_c import TEXTS_C
from selfsame.compiler.emit.cython.inplace.unsigned_c import UNSIGNED_C
from selfsame.compiler.emit.cython.inplace.wide_c import WIDE_C
from selfsame.compiler.emit.cython.list_families import (
    COPY_IN,
    FAMILY,
    IN_PLACE,
    SAME,
    SCALARS,
    TOTALS,
)

# Family, C type, C type when read, what a failed read gives, from C to Python, from Python to C.
FAMILIES = (
    ("ints", "long long", "long long", "sf_bad()", "PyLong_FromLongLong", "sf_exact_int"),
    ("floats", "double", "double", "sf_badf()", "PyFloat_FromDouble", "sf_exact_float"),
    ("bools", "_Bool", "int", "sf_bad()", "PyBool_FromLong", "sf_exact_bool"),
    ("chars", "Py_UCS4", "Py_UCS4", "(Py_UCS4)sf_bad()", "sf_box_char", ""),
)


def _fill(text: str, family: tuple[str, ...], held: str = "PLAIN") -> str:
    for mark, value in zip(("L", "T", "R", "FAIL", "BOX", "UNBOX"), family, strict=True):
        text = text.replace(f"@{mark}@", value)
    for mark in ("KEEP", "SHARE", "LOSE"):
        text = text.replace(f"@{mark}@", f"SF_{held}_{mark}")
    return text.replace("@ROWS@", f"SF_{held}")


def sequences_c() -> str:
    """The C text of all list helpers."""
    parts = [SETS_C, DICTS_C, ARRAY_LAYOUT_C, BUFFERS_C, SAME]
    for family in FAMILIES:
        parts.append(_fill(FAMILY + SCALARS, family))
    for family in FAMILIES[:3]:
        parts.append(_fill(COPY_IN, family))
        parts.append(_fill(IN_PLACE.replace("@W@", family[0][:-1]), family))
    rows = ("rows", "sf_list *", "sf_list *", "(sf_deopt(), NULL)", "", "")
    parts.append(_fill(FAMILY, rows, "ROWS"))
    objects = ("objects", "PyObject *", "PyObject *", "(sf_deopt(), NULL)", "sf_kept", "")
    parts.append(_fill(FAMILY + OBJECTS, objects, "OBJECTS"))
    parts += [
        ARRAYS,
        TOTALS,
        PLACES_C,
        OWN_LISTS_C,
        UNSIGNED_C,
        COMPARING_C,
        ARITHMETIC_C,
        RANDOM_C,
        arrays_c(),
        WIDE_C,
        COLLECTIONS_C,
        LISTS_C,
        PARTS_C,
        TEXTS_C,
        ROWS_C,
        ENTRIES_C,
        COUNTS_C,
        LOOKUPS_C,
        MAKERS_C,
    ]
    parts += [HEAPS_C, PATTERNS_C, ENUMS_C, ERRORS_C, SORTING_C]
    return "".join(parts)
