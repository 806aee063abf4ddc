"""The helpers' Cython declarations, and the header file that holds their C text."""

from selfsame.compiler.emit.cython.complex_helpers import COMPLEX_C, complex_declarations
from selfsame.compiler.emit.cython.inplace.declared import INPLACE
from selfsame.compiler.emit.cython.inplace.texts_c import CHAR_TESTS
from selfsame.compiler.emit.cython.prelude import LEAVING_C, NUMBERS_C, TEXT_C
from selfsame.compiler.emit.cython.sequences import sequences_c

HEADER = "selfsame_compiled.h"

# What computes numbers only notes that it failed: see ``prelude``.
_N = ""
_E = " except -1"
_P = " except NULL"


def _table() -> dict[str, str]:
    found: dict[str, str] = {}

    def add(result: str, arguments: str, fails: str, *names: str) -> None:
        for name in names:
            found[f"sf_{name}"] = f"{result} sf_{name}({arguments}){fails}"

    whole, two_whole = "long long", "long long, long long"
    add(whole, two_whole, _N, "add", "sub", "mul", "floordiv", "mod", "shl", "shr", "pow", "gcd")
    add(whole, two_whole, "", "low_add", "low_sub", "low_mul", "min", "max")
    add(whole, two_whole, _N, "low_shl")
    add(whole, whole, _N, "neg", "abs", "isqrt")
    add(whole, whole, "", "inc")
    add(whole, "long long, long long, long long", "", "span")
    add(whole, "long long, long long, long long", _N, "range_len", "powmod")
    add("double", two_whole, _N, "truediv")
    add("double", "double, double", _N, "fdiv", "fmod", "ffloordiv", "fpow", "atan2")
    add("double", "double, double", "", "fmin", "fmax")
    add("double", "double", _N, *FLOAT_MATH, "log", "sqrt")
    add("double", "double", "", "c_fabs")
    add("bint", "double", "", "c_isnan", "c_isinf")
    add("double", whole, _N, "exact")
    add("double", "double, bint", _N, "need_float")
    add(whole, f"bint, {whole}", _N, "some_int")
    add("double", "bint, double", _N, "some_float")
    add("bint", "bint, bint", _N, "some_bool")
    add("Py_UCS4", "bint, Py_UCS4", _N, "some_char")
    add("object", "bint, object", "", "some_object")
    add("object", "double, bint", "", "box_wide")
    add("object", "double", "", "box_float")
    add(whole, "double", _N, "trunc", "floor", "ceil", "round")
    add("int", "", _E, "deopt", "sound")
    add("object", "object", "", "whole")
    add("object", "object, object", "", "global")
    add("bint", "object, object", "", "is_module", "derives", "is_named")
    add("object", "object, object", "", "new_named")
    add("bint", "object", "", "named_key")
    add("int", "unsigned *", _E, "tick")
    add("int", "", "", "interrupted", "within")
    add("long", "", "", "depth")
    add("bint", "", "", "deeper")
    add("void", "", "", "shallower")
    add("bint", "object, object", "", "runs")
    add("int", "long", _E, "enter")
    add(whole, "object", _N, "int_of", "exact_int")
    add("double", "object", _N, "exact_float")
    # Text.
    add("sf_text", "object", "", "text_of")
    add("object", "sf_text", "", "text_object")
    add("object", "object, object", "", "text_append")
    add("Py_UCS4", "sf_text, long long", "", "text_read")
    add("Py_UCS4", "sf_text, long long", _N, "text_at")
    add(whole, "sf_text, long long", "", "bytes_read")
    add(whole, "sf_text, long long", _N, "bytes_at")
    add("int", "sf_text, sf_text", "", "text_cmp")
    add("bint", "sf_text, long long", "", "text_has")
    add("bint", "sf_text, Py_UCS4", "", "text_is")
    add("Py_UCS4", whole, _N, "chr")
    add(whole, "Py_UCS4", _N, "digit")
    add("bint", "Py_UCS4", "", *CHAR_TESTS)
    # Lists.
    add("void", "sf_pool *, bint", "", "open")
    add("void", "sf_pool *", "", "close", "undo")
    add("int", "sf_pool *", _E, "commit")
    add("sf_list *", "sf_list *", "", "ref")
    add("void", "sf_pool *, sf_list **, sf_list *", "", "set")
    add("void", "sf_pool *, sf_list *", "", "drop")
    add(whole, "sf_list *", "", "len")
    add("void", "sf_list *", "", "touch")
    add("bint", "long long, long long, long long", "", "fits")
    add(whole, "object", "", "seq_len")
    add(whole, "object, long long", _N, "seq_int")
    add("double", "object, long long", _N, "seq_float")
    add("bint", "object, long long", _N, "seq_bool")
    add("object", "object, long long, object", "", "seq_row")
    add("object", "object, long long", "", "seq_word")
    add("bint", "object, object", "", "word_eq")
    readers = {
        "ints": ("long long", _N),
        "floats": ("double", _N),
        "bools": ("bint", _N),
        "chars": ("Py_UCS4", _N),
        "rows": ("sf_list *", _P),
        "objects": ("object", ""),
    }
    for family, (item, fails) in readers.items():
        add(item, "sf_list *, long long", fails, f"{family}_at")
        add(item, "sf_list *, long long", "", f"{family}_read")
        add(item, "sf_list *", fails, f"{family}_pop")
        add(item, "sf_list *, long long", fails, f"{family}_pop_at")
        add("int", f"sf_list *, long long, {item}", _E, f"{family}_insert")
        add("int", "sf_list *", _E, f"{family}_reverse")
        add("sf_list *", "sf_pool *", _P, f"{family}_new")
        three = "long long, long long, long long"
        add("sf_list *", f"sf_pool *, sf_list *, {three}", _P, f"{family}_slice")
        splice = "sf_pool *, sf_list *, long long, long long, sf_list *"
        add("int", splice, _E, f"{family}_splice")
        if family == "rows":
            add("int", "sf_pool *, sf_list *, sf_list *", _E, "rows_cell")
            continue
        if family == "objects":
            add("int", "sf_list *, object", _E, "objects_append", "objects_cell")
            add("int", "sf_list *, long long, object", _E, "objects_put")
            add("object", "sf_list *", "", "objects_box", "objects_rows_box")
            continue
        add("int", f"sf_list *, {item}", _E, f"{family}_append")
        add("int", f"sf_list *, long long, {item}", _E, f"{family}_put")
        add("void", f"sf_list *, long long, {item}", "", f"{family}_set")
        add("int", f"sf_list *, {item}", _E, f"{family}_cell")
        add("bint", f"sf_list *, {item}", "", f"{family}_has")
        add("sf_list *", "sf_pool *, sf_list *, long long", _P, f"{family}_repeat")
        add("sf_list *", "sf_pool *, sf_list *, sf_list *", _P, f"{family}_concat")
        add("sf_list *", f"sf_pool *, {item}", _P, f"{family}_one")
        add("object", "sf_list *", "", f"{family}_box")
        if family != "chars":
            add("sf_list *", "sf_pool *, object", _P, f"{family}_in")
            add("sf_list *", "sf_pool *, object, object", _P, f"{family}_rows_in")
            add("object", "sf_list *", "", f"{family}_rows_box")
            add("sf_list *", f"sf_pool *, object, object, {item}", _P, f"{family}_cell_in")
            one = family[:-1]
            add("int", f"sf_pool *, object, long long, {item}", _E, f"seq_put_{one}")
            add("int", f"sf_pool *, object, {item}", _E, f"seq_append_{one}")
            add(item, "sf_pool *, object", fails, f"seq_pop_{one}")
    add("int", "sf_pool *, object, long long, object", _E, "seq_put_object")
    add("int", "sf_pool *, object, object", _E, "seq_append_object")
    add("object", "sf_pool *, object", "", "seq_pop_object")
    add("int", "sf_list *, long long", _E, "ints_sort", "floats_sort")
    add("object", "object, sf_list *", "", "objects_join", "chars_join")
    add("object", "sf_text, long long, long long, long long", "", "text_slice")
    add("object", "object, long long", "", "text_repeat", "tuple_object", "seq_object")
    for kind, (item, fails) in {
        "int": (whole, _N), "float": ("double", _N), "bool": ("bint", _N), "object": ("object", ""),
    }.items():  # fmt: skip
        add(item, "object, object", fails, f"dict_{kind}")
        add(item, f"object, object, {item}", fails, f"dict_{kind}_or")
        add(item, "object, long long", fails, f"tuple_{kind}")
    add("int", "object, object, object", _E, "dict_put")
    add("int", "object, object", _E, "dict_drop", "set_put", "set_drop")
    add("bint", "object, object", _E, "dict_has", "set_has")
    add(whole, "object", "", "dict_len", "set_len")
    add("object", "object", "", "dict_keys", "dict_values", "dict_items", "set_keys")
    add("sf_list *", "sf_pool *, object, int", _P, "ints_array_in", "floats_array_in")
    add(whole, "sf_list *", _N, "ints_sum", "ints_min", "ints_max")
    add("double", "sf_list *", _N, "floats_min", "floats_max")
    add("sf_list *", "sf_pool *, object, dict", _P, "tokens_in")
    add("sf_list *", "sf_list *, long long", "", "rows_peek")
    add("int", "sf_pool *, sf_list *, sf_list *", _E, "rows_push")
    add("int", "sf_pool *, sf_list *, long long, sf_list *", _E, "rows_store")
    return found


FLOAT_MATH = ("sin", "cos", "tan", "exp", "atan", "asin", "acos", "sinh", "cosh", "tanh")
DECLARATIONS = _table() | complex_declarations() | INPLACE


def header_text() -> str:
    """The header that every compiled module includes."""
    return (
        "#include <Python.h>\n#include <frameobject.h>\n#include <string.h>\n"
        + LEAVING_C
        + NUMBERS_C
        + COMPLEX_C
        + TEXT_C
        + sequences_c()
    )


def declarations(used: set[str]) -> list[str]:
    """The lines of the ``cdef extern`` block for the helpers in ``used``."""
    lines = [
        "ctypedef struct sf_text:",
        "    long long n",
        "ctypedef struct sf_complex:",
        "    double real",
        "ctypedef struct sf_list:",
        "    pass",
        "ctypedef struct sf_pool:",
        "    pass",
        "ctypedef struct sf_class:",
        "    int frozen",
        "ctypedef struct sf_place:",
        "    pass",
    ]
    return lines + [DECLARATIONS[name] for name in sorted(used)]
