"""Prints documents as CDL in canonical form: ``parse_text(print_document(d), d.path) == d``."""

from decimal import Context, Decimal

from selfsame.grammar.model import Bound, Constraint, Document, Equality, Every, Names
from selfsame.grammar.vocabulary import MEASURES, UNITS, Dimension

_EXACT = Context(prec=40)


def print_document(document: Document) -> str:
    """The canonical text of a document; comments of the text it came from are not in it.

    >>> from selfsame.grammar.parse import parse_text
    >>> print(print_document(parse_text("constraint f { mode: auto; max_cpu_time: <= 1e1 ms }")))
    constraint f {
      max_cpu_time: 10ms
      mode: auto
    }
    <BLANKLINE>
    """
    return "\n".join(print_constraint(constraint) for constraint in document.constraints)


def print_constraint(constraint: Constraint) -> str:
    """The canonical text of one constraint, with a newline at its end."""
    lines = [f"  {bound.property}: {print_bound(bound)}" for bound in constraint.bounds]
    lines += [f"  {a.family}: {print_names(a.names)}" for a in constraint.allowances]
    if constraint.never is not None:
        lines.append(f"  never: {print_names(constraint.never)}")
    if constraint.partial is not None:
        lines.append(f"  partial: {'yes' if constraint.partial else 'no'}")
    if constraint.mode is not None:
        lines.append(f"  mode: {constraint.mode}")
    if constraint.equality is not None:
        lines.append(f"  equality: {print_equality(constraint.equality)}")
    heads = ", ".join(selector.text for selector in constraint.selectors)
    body = "".join(f"{line}\n" for line in lines)
    return f"constraint {heads} {{\n{body}}}\n"


def print_bound(bound: Bound) -> str:
    """A bound without its property: ``< 0.1% over 5m samples 30``."""
    dimension = MEASURES[bound.property].dimension
    amount = print_amount(bound.value, dimension, bound.unit_text)
    text = amount if bound.comparator == "<=" else f"{bound.comparator} {amount}"
    if bound.window_s is not None:
        text += f" over {print_window(bound.window_s)}"
    if bound.samples is not None:
        text += f" samples {bound.samples}"
    return text


def print_amount(value: float, dimension: Dimension, unit: str) -> str:
    """A value in SI as a number of ``unit``: the shortest number that gives the value again."""
    scale = UNITS[dimension][unit]
    exact = _EXACT.divide(Decimal(repr(value)), scale)
    number = exact
    for digits in range(1, 41):
        number = Context(prec=digits).plus(exact)
        if float(_EXACT.multiply(number, scale)) == value:
            break
    return f"{_plain(number)}{unit}"


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
    """``exact`` or ``tolerance rel 1e-9``."""
    if equality.exact:
        return "exact"
    parts = [("rel", equality.rel), ("abs", equality.abs)]
    given = (f" {name} {amount!r}" for name, amount in parts if amount)
    return f"tolerance{''.join(given)}"


def _plain(number: Decimal) -> str:
    text = format(number.normalize(), "f")
    return text if len(text) <= 20 else str(number.normalize())
