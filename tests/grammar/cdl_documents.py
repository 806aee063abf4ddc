"""Generated CDL documents, for tests of what prints, formats and parses them."""

from hypothesis import strategies as st

from selfsame.grammar.diagnostics import Place
from selfsame.grammar.model import (
    ANY,
    NONE,
    Allowance,
    Bound,
    Canary,
    Constraint,
    Document,
    Equality,
    Freeze,
    Import,
    Name,
    Objective,
    Profile,
    Selection,
    Selector,
    Setting,
)
from selfsame.grammar.vocabulary import (
    COMPARATORS,
    DECLARATIONS,
    FAMILIES,
    MEASURES,
    SETTINGS,
    UNITS,
)

HERE = Place("drawn.cdl", 1)
WORDS = st.from_regex(r"[a-z_][a-z0-9_]{0,6}(-[a-z0-9]{1,4})?", fullmatch=True).filter(
    lambda word: word != "constraint"
)
IDENTIFIERS = st.from_regex(r"[a-zA-Z_é][a-zA-Z0-9_]{0,6}", fullmatch=True).filter(
    lambda word: word != "constraint"
)


@st.composite
def selectors(draw):
    module = ".".join(
        draw(st.lists(IDENTIFIERS | st.just("**") | st.just("*"), min_size=1, max_size=3))
    )
    name = ".".join(
        draw(
            st.lists(
                IDENTIFIERS | st.sampled_from(["<lambda>", "*", "**", "t*l"]),
                min_size=1,
                max_size=3,
            )
        )
    )
    inner = draw(
        st.sampled_from(["", "", "#2", "/loop[0]", "/comp[12]", "/call[sorted][0]", "#3/loop[*]"])
    )
    text = draw(st.sampled_from([f"{module}:{name}{inner}", draw(IDENTIFIERS), "@checkout"]))
    return Selector(text, HERE)


SUBJECTS = {
    "": st.just(""),
    "exception": st.sampled_from(["", "ValueError", "shop.errors.Refused"]),
    "callee": st.sampled_from(["", "shop.db:load", "app:f#2", "app:f/loop[0]"]),
}


@st.composite
def bounds(draw, name):
    measure = MEASURES[name]
    comparator = draw(st.sampled_from(COMPARATORS))
    relative = draw(st.booleans())
    unit = "" if relative else draw(st.sampled_from(sorted(UNITS[measure.dimension])))
    top = 0.999999 if measure.dimension == "ratio" else 1e15
    value = draw(st.floats(1e-12, top))
    window = draw(st.none() | st.floats(1e-9, 1e9) | st.integers(1, 10**6).map(float))
    samples = draw(st.none() | st.integers(1, 10**9))
    subject = draw(SUBJECTS[measure.subject])
    kind = measure.metric, measure.statistic
    return Bound(*kind, comparator, value, unit, window, samples, HERE, subject, relative)


NAMES = st.lists(WORDS, min_size=1, max_size=4, unique=True).map(
    lambda words: tuple(Name(word, HERE) for word in words)
)
CHOICES = NAMES | st.sampled_from([ANY, NONE])
EQUALITIES = st.builds(
    Equality,
    st.sampled_from([0.0, 1e-9, 1e-6]) | st.floats(1e-300, 0.99),
    st.sampled_from([0.0, 1e-12]) | st.floats(1e-300, 1e20),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
SHARES = st.floats(1e-9, 1.0)
GOALS = st.lists(
    st.sampled_from([name for name, measure in MEASURES.items() if measure.dimension != "rate"]),
    min_size=1,
    max_size=2,
    unique=True,
).map(tuple)
FREEZES = st.one_of(
    st.tuples(st.integers(0, 1440), st.integers(0, 1440), st.just(True)),
    st.tuples(st.integers(0, 10079), st.integers(0, 10079), st.just(False)),
).filter(lambda window: window[0] != window[1])


def setting(name, shape):
    values = {
        "word": st.sampled_from(shape.words),
        "flag": st.booleans(),
        "number": st.integers(1, 10**6).map(float),
        "names": CHOICES,
        "equality": EQUALITIES,
        "objective": (GOALS | st.just(("throughput",))).map(Objective),
        "steps": st.builds(
            Canary,
            st.lists(SHARES, min_size=1, max_size=3, unique=True).map(sorted).map(tuple),
            st.none() | st.floats(1e-9, 1e9),
        ),
        "windows": st.lists(FREEZES, min_size=1, max_size=3).map(
            lambda rows: tuple(Freeze(*row) for row in rows)
        ),
    }
    if name in ("extends", "tenants"):
        plain = NAMES.filter(lambda names: not {"any", "none"} & {n.text for n in names})
        return st.builds(Setting, st.just(name), plain, st.just(HERE))
    if name == "rollback":
        reasons = st.lists(st.sampled_from(shape.words), min_size=1, unique=True)
        values["names"] = reasons.map(lambda rs: tuple(Name(r, HERE) for r in rs))
    if shape.form == "amount":
        amounts = SHARES if shape.dimension == "ratio" else st.floats(1e-9, 1e9)
        units = st.sampled_from(sorted(UNITS[shape.dimension]))
        return st.builds(Setting, st.just(name), amounts, st.just(HERE), units)
    return st.builds(Setting, st.just(name), values[shape.form], st.just(HERE))


STATEMENTS = {
    **{name: bounds(name) for name in MEASURES},
    **{
        family: st.builds(Allowance, st.just(family), CHOICES, st.just(HERE)) for family in FAMILIES
    },
    **{name: setting(name, shape) for name, shape in SETTINGS.items()},
}


@st.composite
def statements(draw):
    names = draw(st.lists(st.sampled_from(sorted(STATEMENTS)), max_size=6, unique=True))
    return tuple(draw(STATEMENTS[name]) for name in names)


NODES = st.lists(selectors(), min_size=1, max_size=3, unique_by=lambda s: s.text)
PLAIN = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True).filter(
    lambda word: word not in DECLARATIONS
)
PATHS = st.lists(
    st.sampled_from(["a.cdl", "../b c.cdl", "lib/d#1.cdl", "é.json"]),
    min_size=1,
    max_size=2,
    unique=True,
).map(lambda paths: tuple(Name(path, HERE) for path in paths))
DECLARED = st.one_of(
    st.builds(Constraint, NODES.map(tuple), statements()),
    st.builds(Constraint, NODES.map(tuple), statements()),
    st.builds(Profile, PLAIN, statements(), st.just(HERE)),
    st.builds(Selection, PLAIN, NODES.map(tuple), st.just(HERE)),
    st.builds(Import, PATHS, st.just(HERE)),
)
DOCUMENTS = st.lists(DECLARED, max_size=4).map(lambda ds: Document(tuple(ds), "drawn.cdl"))
