"""What CDL text means."""

import subprocess
import sys

import pytest

from selfsame.grammar.diagnostics import Place
from selfsame.grammar.model import (
    ANY,
    NONE,
    Bound,
    Canary,
    Document,
    Equality,
    Every,
    Freeze,
    Name,
    Objective,
)
from selfsame.grammar.parse import parse_files, parse_text
from selfsame.grammar.vocabulary import FAMILIES, MEASURES, UNITS

SEED = (
    "constraint node_1 { max_execution_time: 10ms, max_memory_usage: 1MB,"
    " error_rate: < 0.1%, algorithm: [sort_a, sort_b] }"
)


def only(text: str):
    (constraint,) = parse_text(text, "x.cdl").constraints
    return constraint


def body(properties: str):
    return only(f"constraint a {{ {properties} }}")


def value(text: str):
    (statement,) = body(text).statements
    return statement.value


HERE = Place("x.cdl", 1)


def test_the_first_example_means_what_it_says():
    constraint = only(SEED)
    here = HERE
    assert [s.text for s in constraint.selectors] == ["node_1"]
    assert constraint.bounds == (
        Bound("execution_time", "max", "<=", 0.01, "ms", None, None, here),
        Bound("memory_usage", "max", "<=", 1_000_000.0, "MB", None, None, here),
        Bound("error_rate", "ratio", "<", 0.001, "%", None, None, here),
    )
    allowance = constraint.statements[3]
    assert allowance.family == "algorithm"
    assert [name.text for name in allowance.names] == ["sort_a", "sort_b"]
    assert len(constraint.statements) == 4


def test_places_are_those_of_the_text():
    constraint = only(SEED)
    assert constraint.place == Place("x.cdl", 1, 1, 10)
    assert constraint.selectors[0].place == Place("x.cdl", 1, 12, 6)
    assert constraint.bounds[0].place == Place("x.cdl", 1, 21, len("max_execution_time: 10ms"))
    names = constraint.statements[3].names
    assert not isinstance(names, Every)
    assert [n.place.column for n in names] == [SEED.index("sort_a") + 1, SEED.index("sort_b") + 1]


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_measure_in_every_unit(name):
    dimension = MEASURES[name].dimension
    for unit, scale in UNITS[dimension].items():
        (bound,) = body(f"{name}: > 0.5{unit}").bounds
        assert bound.value == pytest.approx(0.5 * float(scale), rel=1e-15)
        assert (bound.property, bound.unit_text, bound.comparator) == (name, unit, ">")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("10ms", 0.01), ("10 ms", 0.01), ("1e1ms", 0.01), ("10.0ms", 0.01), ("10_000us", 0.01),
        (".01s", 0.01), ("+10ms", 0.01), ("10µs", 1e-5), ("10μs", 1e-5), ("2m", 120.0), ("2h", 7200.0),
    ],
)  # fmt: skip
def test_ways_to_write_a_time(written, value):
    assert body(f"max_cpu_time: {written}").bounds[0].value == value


def test_memory_usage_is_its_peak():
    assert body("memory_usage: 1KiB") == body("max_memory_usage: 1KiB")


def test_window_and_samples_in_either_order():
    bound = body("error_rate: < 1% over 5m samples 30").bounds[0]
    assert (bound.window_s, bound.samples) == (300.0, 30)
    assert body("error_rate: < 1% samples 30 over 5m").bounds[0] == bound


@pytest.mark.parametrize("separator", [", ", "; ", "\n", ",\n", "\n\n  ", " # note\n", "; // x\n"])
def test_separators_and_comments(separator):
    assert body(f"mode: auto{separator}partial: yes") == body("mode: auto, partial: yes")


@pytest.mark.parametrize("family", FAMILIES)
def test_families(family):
    assert body(f"{family}: any").statements[0].names is ANY
    assert body(f"{family}: none").statements[0].names is NONE
    names = body(f"{family}: [\n  a,\n  b-c, d.e:f # last\n]").statements[0].names
    assert [n.text for n in names] == ["a", "b-c", "d.e:f"]


def test_never():
    assert value("never") is ANY
    assert value("never: any") is ANY
    assert value("never: none") is NONE
    assert [n.text for n in value("never: [memoise, x-y]")] == ["memoise", "x-y"]


def test_settings():
    assert value("partial: no") is False
    assert value("mode: approve") == "approve"
    assert value("equality: tolerance rel 1e-9 abs 2") == Equality(1e-9, 2.0)
    assert value("equality: exact") == Equality()
    relaxed = Equality(abs=2.0, unordered=True, where_succeeds=True)
    assert value("equality: tolerance unordered abs 2 where_succeeds") == relaxed


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("objective: minimise p99.9_execution_time", Objective(("p99.9_execution_time",))),
        ("objective: minimize mean_cpu_time and memory_usage",
         Objective(("mean_cpu_time", "max_memory_usage"))),
        ("objective: maximise throughput", Objective(("throughput",))),
        ("canary: 5% 25% 50% hold 10m", Canary((0.05, 0.25, 0.5), 600.0)),
        ("canary: 100%", Canary((1.0,))),
        ("freeze: Fri 16:00 to Mon 08:00", (Freeze(4 * 1440 + 960, 480, False),)),
        ("freeze: daily 22:00 to 6:30 and Sat 00:00 to Sun 24:00",
         (Freeze(1320, 390, True), Freeze(5 * 1440, 7 * 1440, False))),
        ("shadow_rate: 5%", 0.05),
        ("cache_memory: 10MB", 1e7),
        ("candidates: 8", 8.0),
        ("irreversible: yes", True),
        ("timing: preserve", "preserve"),
        ("tenants: customer", (Name("customer", HERE),)),
        ("extends: [interactive, careful]", (Name("interactive", HERE), Name("careful", HERE))),
        ("rollback: [bounds, errors]", (Name("bounds", HERE), Name("errors", HERE))),
    ],
)  # fmt: skip
def test_settings_of_each_form(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "property", "value", "relative"),
    [
        ("p99.9_execution_time: 2ms", "p99.9_execution_time", 0.002, False),
        ("error_rate[ValueError]: < 1%", "error_rate[ValueError]", 0.01, False),
        ("latency[shop.db:load]: 5ms", "max_latency[shop.db:load]", 0.005, False),
        ("volume: 1KiB", "max_volume", 1024.0, False),
        ("allocations: 1000", "max_allocations", 1000.0, False),
        ("throughput: >= 120/m", "throughput", 2.0, False),
        ("p99_cpu_time: <= 1.2 x baseline", "p99_cpu_time", 1.2, True),
        ("max_memory_usage: 1.1× baseline", "max_memory_usage", 1.1, True),
    ],
)  # fmt: skip
def test_bounds_of_each_kind(text, property, value, relative):
    (bound,) = body(text).bounds
    assert (bound.property, bound.value, bound.relative) == (
        property,
        pytest.approx(value),
        relative,
    )


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        (Freeze(4 * 1440 + 960, 480, False), [(4, 960), (6, 0), (0, 479)], [(4, 959), (0, 480), (2, 0)]),
        (Freeze(1320, 390, True), [(0, 1320), (3, 0), (6, 389)], [(0, 390), (5, 1319)]),
        (Freeze(540, 1020, True), [(1, 540), (1, 1019)], [(1, 1020), (1, 0)]),
    ],
)  # fmt: skip
def test_freeze_windows_go_over_midnight_and_over_sunday(window, inside, outside):
    assert all(window.contains(*time) for time in inside)
    assert not any(window.contains(*time) for time in outside)


def test_declarations_of_each_kind():
    document = parse_text(
        'import a.cdl, "b c.cdl" # comment\n'
        "selection hot { nodes: [app:*, !app:slow, @others, app:f#2/loop[0]] }\n"
        "profile careful { mode: approve }\n"
        "constraint @hot, !app:g { extends: careful }\n",
        "x.cdl",
    )
    (imported,), (selection,), (profile,) = document.imports, document.selections, document.profiles
    assert [path.text for path in imported.paths] == ["a.cdl", "b c.cdl"]
    texts = [node.text for node in selection.nodes]
    assert texts == ["app:*", "!app:slow", "@others", "app:f#2/loop[0]"]
    assert [node.kind for node in selection.nodes] == ["glob", "address", "selection", "address"]
    assert (profile.name, len(profile.statements)) == ("careful", 1)
    assert [(s.pattern, s.excludes) for s in document.constraints[0].selectors] == [
        ("hot", False),
        ("app:g", True),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("node_1", "label"), ("my-node", "label"), ("v1.rank", "label"), ("größe", "label"),
        ("shop.cart:Cart.total", "address"), ("app:slow", "address"), ("app:f/loop[0]", "address"),
        ("app:f/call[sorted][0]", "address"), ("app:f/call[?][1]", "address"),
        ("app:f#2", "address"), ("app:f.<lambda>#2/comp[1]", "address"), ("my-script:main", "address"),
        ("app:<module>/loop[0]", "address"),
        ("shop.**:Cart.*", "glob"), ("app:*", "glob"), ("app:**/loop[*]", "glob"), ("sort_*", "glob"),
    ],
)  # fmt: skip
def test_selectors(text, kind):
    constraint = only(f"constraint {text}, other {{ }}")
    assert [s.text for s in constraint.selectors] == [text, "other"]
    assert constraint.selectors[0].kind == kind


def test_a_hash_after_a_name_and_a_space_is_a_comment():
    assert [s.text for s in only("constraint a #2 { no }\n, b // c\n{ }").selectors] == ["a", "b"]


def test_line_ends_and_byte_order_mark():
    plain = parse_text("constraint a {\n mode: auto\n}\n", "x.cdl")
    for end in ("\r\n", "\r"):
        text = "\ufeffconstraint a {\n mode: auto\n}\n".replace("\n", end)
        assert parse_text(text, "x.cdl") == plain


def test_an_empty_text_is_an_empty_document():
    assert parse_text("", "x.cdl") == Document((), "x.cdl")
    assert parse_text("# nothing yet\n", "x.cdl") == Document((), "x.cdl")


def test_files_in_order(tmp_path):
    paths = [tmp_path / name for name in ("b.cdl", "a.cdl")]
    for path in paths:
        path.write_text(SEED)
    documents = parse_files(paths)
    assert [d.path for d in documents] == [str(p) for p in paths]
    assert documents[0].constraints == documents[1].constraints


def test_importing_the_parser_imports_no_antlr():
    code = (
        "import sys, selfsame.grammar.parse, selfsame.grammar.text; print('antlr4' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_ten_thousand_lines_parse_in_seconds():
    block = "constraint n{0} {{\n  max_execution_time: < 10ms over 5m\n  algorithm: [a, b]\n}}\n"
    document = parse_text("".join(block.format(n) for n in range(500)), "x.cdl")
    assert len(document.constraints) == 500
