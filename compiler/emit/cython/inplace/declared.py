"""The Cython declarations of the C helpers for objects in place."""

from selfsame.compiler.emit.cython.inplace.arithmetic_c import ARITHMETIC
from selfsame.compiler.emit.cython.inplace.arrays_c import CODES
from selfsame.compiler.emit.cython.inplace.containers_c import CHAR_TESTS
from selfsame.compiler.emit.cython.inplace.unsigned_c import unsigned_declarations

_E = " except -1"
WHOLE = "long long"


def _table() -> dict[str, str]:
    found: dict[str, str] = {}

    def add(result: str, arguments: str, fails: str, *names: str) -> None:
        for name in names:
            found[f"sf_{name}"] = f"{result} sf_{name}({arguments}){fails}"

    add("int", "sf_class *, object, tuple, tuple", _E, "class_of")
    add("int", "sf_place *, object, str", _E, "place_of")
    add("int", "object, sf_class *", _E, "own")
    add("bint", "object, sf_class *", "", "is_of")
    add("bint", "object, sf_class *", _E, "there")
    add("object", "sf_class *", "", "make")
    add("object", "sf_class *, object", "", "of_class")
    for kind, item in (("int", WHOLE), ("float", "double"), ("bool", "bint"), ("object", "object")):
        add(item, "object, sf_place *", "", f"get_{kind}")
        add("int", f"sf_pool *, object, sf_place *, {item}", _E, f"put_{kind}")
    add("object", "object, sf_place *", "", "get_own")
    add("int", "object", _E, "raise", "come")
    add("int", "sf_pool *", _E, "home")
    add("object", "sf_pool *, str", "", "live")
    add("int", "sf_pool *, str, object", _E, "live_put")
    add("int", "sf_pool *, object", _E, "raise_again")
    add("bint", "sf_pool *, tuple, int", "", "caught")
    add("object", "", "", "taken")
    add("object", "sf_pool *", "", "late")
    add("bint", "object, object, tuple", "", "is_error")
    add("object", "object, tuple", "", "new_error")
    add("int", "object, object, tuple", _E, "init_error")
    add("object", "object", "", "error_args", "error_text")
    add("object", "object, str", "", "error_get")
    add("int", "sf_pool *, object, str, object", _E, "error_put")
    add("double", "object, int *", "", "wide")
    add("double", "double, int", "", "wide_of")
    add("double", "double, int, double, int", "", "wide_floordiv", "wide_mod")
    add("bint", "object", _E, "is_deque", "is_Counter", "is_defaultdict")
    add("object", "object", "", "new_deque", "new_defaultdict")
    add("object", "", "", "new_counts", "default_Counter", "default_deque")
    add("object", "sf_pool *, object, object", "", "entry_or_made")
    add("int", "object, object", _E, "counted")
    add(
        "int", "sf_pool *, object, object", _E, "list_append", "heap_push", "heap_add", "member_put"
    )
    add("int", "sf_pool *, object, long long, object", _E, "list_put", "list_insert")
    add("int", "sf_pool *, object, long long, double", _E, "list_put_float")
    add("int", "sf_pool *, object, object, double", _E, "entry_put_float")
    add("object", "sf_pool *, object", "", "list_pop", "heap_pop", "heap_first")
    add("void", "object, long long, long long", "", "heap_swap")
    add("object", "sf_pool *, object, long long", "", "list_pop_at")
    add("int", "sf_pool *, object", _E, "list_reverse", "heapify")
    add("int", "sf_pool *, object, long long, long long, object", _E, "list_splice")
    add("object", "object, long long, long long, long long", "", "part")
    five = "object, long long, long long, long long, object"
    add("int", f"sf_pool *, {five}", _E, "list_stride")
    add("int", five, _E, "bytes_splice")
    add("object", "object, long long", "", "list_times", "letter")
    add(WHOLE, "object", "", "ord_of")
    add("bint", "object, object", _E, "same", "before", "among", "keys_have", "holds")
    add("int", "object, object", _E, "dict_spread")
    add("int", "sf_pool *, object, int", _E, "list_sort")
    add("object", "object, object", "", "by_keys")
    add(WHOLE, "object, object", " except -2", "index_of", "count_of")
    add(WHOLE, "object, object, sf_class *", " except -2", "own_index_of")
    add("bint", "object, tuple", "", "fields_are_keys")
    add("object", "object", "", "next", "lines", "line_by_line", "number_by_number")
    add("object", "object, long long", "", "column")
    add("bint", "object, long long", "", "all_have")
    add(WHOLE, "object, object, int", " except -2", "bisect")
    add("bint", "object, int", "", "is_enum")
    add("bint", "object", _E, "reads_int", "reads_float")
    add("object", "object, object", "", "member", "member_of", "of_member")
    add("object", "object", "", "members")
    add(WHOLE, "object", " except? -2", "member_int")
    add("bint", ", ".join([WHOLE] * 4), _E, "in_range")
    add("object", "object, tuple", "", "own_maker")
    add("object", "object", "", "frozen_of", "told_by_told", "item_giver")
    add("object", "object, object", "", "translated")
    add("bint", "object", "", "frozen_key")
    add("object", "object", "", "dict_copy", "row_of", "set_of")
    add("object", "object, object", "", "item_of", "from_keys")
    add("object", "object, int", "", "deque_take")
    add("int", "object, object, int", _E, "deque_give")
    add(WHOLE, "object", "", "deque_len")
    add("object", "object, long long", "", "item_at")
    add("bint", "object, object", _E, "is_word")
    add("bint", "object", "", "plain", "tells", "are_keys")
    add("object", "object, object", "", "filled")
    add("object", "double, int, int", "", "fixed")
    add("bint", "object", _E, "truth_of")
    add("bint", "object, int", _E, "is_one")
    add(WHOLE, "object", " except -2", "length_of")
    add("object", "sf_pool *, object, object, int", "", "heap_pushpop")
    add("int", "sf_pool *, object, object, object", _E, "entry_put")
    add("bint", "object, object", _E, "next_into", "next_match")
    add("object", "object, str, tuple", "", "of_pattern", "of_match")
    add("object", "object, str", "", "at_match")
    add("object", "object, object", "", "group")
    add("bint", "object", _E, "is_literal", "is_match")
    tests = [f"text_{name}" for name in CHAR_TESTS]
    add("bint", "object", _E, *tests)
    add("bint", "object, object", _E, "text_in")
    add(WHOLE, "object", "", "byte_len")
    add(WHOLE, "object, long long", "", "byte_at")
    add("int", "object, long long, long long", _E, "byte_put")
    add("bint", "object, long long, Py_ssize_t, long long", _E, "dict_more")
    add("int", "sf_pool *, object, object", _E, "entry_drop", "member_drop")
    add("int", "sf_pool *, object", _E, "keep_whole")
    add("object", "object, Py_ssize_t", "", "dict_key_at", "dict_value_at")
    add("Py_ssize_t", "object, Py_ssize_t", "", "dict_after")
    add("bint", "object", "", "exact_bool")
    add("double", "sf_pool *, object", " except? -1.0", "drawn")
    add(WHOLE, "sf_pool *, object, long long", _E, "drawn_bits", "drawn_below")
    add("object", "object", "", "new_random")
    add("object", "sf_pool *, object, str, tuple, dict", "", "drawn_by")
    add("int", "sf_pool *, object, object", _E, "seeded")
    add("int", "sf_pool *, object, object, int", _E, "shuffled")
    add("object", "object", "", "shared_random")
    for code, (_, family) in CODES.items():
        number = WHOLE if family == "int" else "double"
        add("bint", "object", "", f"is_array_{code}")
        add(number, "object, long long", "", f"array_at_{code}")
        add("int", f"sf_pool *, object, long long, {number}", _E, f"array_put_{code}")
        add("int", f"object, {number}", _E, f"array_append_{code}")
    add(WHOLE, "object", "", "array_len")
    add("object", "int, object", "", "new_array")
    for name in ARITHMETIC:
        add("object", "object, object", "", f"any_{name}")
    add("object", "object", "", "any_neg", "any_invert")
    add("bint", "object, object, int", _E, "any_order")
    return found | unsigned_declarations()


INPLACE = _table()
