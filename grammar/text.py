"""Prints documents as CDL in canonical form: ``parse_text(print_document(d), d.path) == d``."""

from decimal import Context, Decimal

from selfsame.grammar.model import (
    ANY,
    Allowance,
    Bound,
    Canary,
    Constraint,
    Declaration,
    Document,
    Equality,
    Every,
    Freeze,
    Import,
    Names,
    Objective,
    Profile,
    Selection,
    Setting,
    Statement,
)
from selfsame.grammar.vocabulary import DAYS, LONE_NAMES, MEASURES, SETTINGS, UNITS, Dimension

_EXACT = Context(prec=40)


def print_document(document: Document) -> str:
    """The canonical text of a document; comments of the text it came from are not in it.

    >>> from selfsame.grammar.parse import parse_text
    >>> print(print_document(parse_text("constraint f { mode: auto; max_cpu_time: <= 1e1 ms }")))
    constraint f {
      mode: auto
      max_cpu_time: 10ms
    }
    <BLANKLINE>
    """
    return "\n".join(print_declaration(declared) for declared in document.declarations)


def print_declaration(declared: Declaration) -> str:
    """The canonical text of a declaration, with a newline at its end."""
    if isinstance(declared, Import):
        return f"{print_import(declared)}\n"
    if isinstance(declared, Selection):
        return f"{print_head(declared)} {{\n  {print_nodes(declared)}\n}}\n"
    body = "".join(f"  {print_statement(statement)}\n" for statement in declared.statements)
    return f"{print_head(declared)} {{\n{body}}}\n"


def print_head(declared: Constraint | Profile | Selection) -> str:
    """What stands before the ``{``: ``constraint app:f, app:g``."""
    if isinstance(declared, Constraint):
        return f"constraint {', '.join(selector.text for selector in declared.selectors)}"
    kind = "profile" if isinstance(declared, Profile) else "selection"
    return f"{kind} {declared.name}"


def print_import(declared: Import) -> str:
    """``import common.cdl``; quoted where the path could not be read otherwise."""
    plain = "".join(sorted(set('{},;"# \t')))
    paths = (
        f'"{path.text}"' if any(c in path.text for c in plain) else path.text
        for path in declared.paths
    )
    return f"import {', '.join(paths)}"


def print_nodes(selection: Selection) -> str:
    """``nodes: [shop.cart:*, !shop.cart:debug]``."""
    return f"nodes: [{', '.join(selector.text for selector in selection.nodes)}]"


def print_statement(statement: Statement) -> str:
    """A property with its value: ``error_rate: < 0.1% over 5m``."""
    if isinstance(statement, Bound):
        return f"{statement.property}: {print_bound(statement)}"
    if isinstance(statement, Allowance):
        return f"{statement.family}: {print_names(statement.names)}"
    if statement.name == "never" and statement.value is ANY:
        return "never"
    return f"{statement.name}: {print_setting(statement)}"


def print_value(statement: Statement) -> str:
    """What stands behind the ``:`` of a property."""
    if isinstance(statement, Bound):
        return print_bound(statement)
    if isinstance(statement, Allowance):
        return print_names(statement.names)
    return print_setting(statement)


def print_setting(setting: Setting) -> str:
    """The value of a setting."""
    value = setting.value
    match value:
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case float():
            shape = SETTINGS[setting.name]
            return print_amount(value, shape.dimension, setting.unit_text)
        case Equality():
            return print_equality(value)
        case Objective():
            return print_objective(value)
        case Canary():
            return print_canary(value)
        case Every():
            return print_names(value)
    freezes = [part for part in value if isinstance(part, Freeze)]
    names = [part.text for part in value if not isinstance(part, Freeze)]
    if freezes:
        return " and ".join(map(print_freeze, freezes))
    if setting.name in LONE_NAMES and len(names) == 1:
        return names[0]
    return f"[{', '.join(names)}]"


def print_bound(bound: Bound) -> str:
    """A bound without its property: ``< 0.1% over 5m samples 30``."""
    dimension = MEASURES[bound.measured].dimension
    if bound.relative:
        text = f"{_shortest(bound.value, Decimal(1))} x baseline"
    else:
        text = print_amount(bound.value, dimension, bound.unit_text)
    if bound.comparator != "<=" or dimension == "rate":
        text = f"{bound.comparator} {text}"
    if bound.window_s is not None:
        text += f" over {print_window(bound.window_s)}"
    if bound.samples is not None:
        text += f" samples {bound.samples}"
    return text


def print_amount(value: float, dimension: Dimension, unit: str) -> str:
    """A value in SI as a number of ``unit``: the shortest number that gives the value again."""
    return f"{_shortest(value, UNITS[dimension][unit])}{unit}"


def print_window(seconds: float) -> str:
    """A length of time in the largest unit of which it is a whole number, else in seconds."""
    for unit in ("h", "m", "s", "ms", "us"):
        text = print_amount(seconds, "time", unit)
        if text.removesuffix(unit).isdecimal():
            return text
    return print_amount(seconds, "time", "s")


def print_names(names: Names) -> str:
    """``any``, ``none`` or ``[a, b]``."""
    if isinstance(names, Every):
        return names.value
    return f"[{', '.join(name.text for name in names)}]"


def print_equality(equality: Equality) -> str:
    """``exact``, or ``tolerance rel 1e-9``, or what is relaxed, or both of these."""
    tolerances = [("rel", equality.rel), ("abs", equality.abs)]
    words = [f"{n} {repr(amount).replace('e-0', 'e-')}" for n, amount in tolerances if amount]
    if words:
        words.insert(0, "tolerance")
    words += [n for n in ("unordered", "any_message", "where_succeeds") if getattr(equality, n)]
    return " ".join(words) or "exact"


def print_objective(objective: Objective) -> str:
    """``minimise p99_execution_time and max_memory_usage``."""
    rising = MEASURES[objective.goals[0]].dimension == "rate"
    return f"{'maximise' if rising else 'minimise'} {' and '.join(objective.goals)}"


def print_canary(canary: Canary) -> str:
    """``5% 25% 50% hold 10m``."""
    text = " ".join(print_amount(step, "ratio", "%") for step in canary.steps)
    return text if canary.hold_s is None else f"{text} hold {print_window(canary.hold_s)}"


def print_freeze(freeze: Freeze) -> str:
    """``Fri 16:00 to Mon 08:00`` or ``daily 22:00 to 06:00``."""
    if freeze.daily:
        return f"daily {_clock(freeze.start)} to {_clock(freeze.end)}"
    sides = []
    for minutes in (freeze.start, freeze.end):
        day, rest = divmod(minutes, 1440)
        sides.append(f"{DAYS[day]} {_clock(rest)}" if day < 7 else "Sun 24:00")
    return " to ".join(sides)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _shortest(value: float, scale: Decimal) -> str:
    exact = _EXACT.divide(Decimal(repr(value)), scale)
    number = exact
    for digits in range(1, 41):
        number = Context(prec=digits).plus(exact)
        if float(_EXACT.multiply(number, scale)) == value:
            break
    return _plain(number)


def _plain(number: Decimal) -> str:
    text = format(number.normalize(), "f")
    return text if len(text) <= 20 else str(number.normalize())
