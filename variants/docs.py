"""A template's docstring, read into its parts, and the catalogue as a page."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from selfsame.compiler.errors import InternalError
from selfsame.variants.template import Template, title

HEADINGS = ("Before", "After", "Precondition", "When it is wrong")

INTRODUCTION = """\
# Templates

<!-- Written by `python -m selfsame.variants.docs > docs/templates.md` from the docstrings. -->

A template is a rule that can produce variations of a function: one file under `variants/`. Every
Before/After below is run as a test. Values are *plain* where they are an exact int, float, complex,
bool, str, bytes or None, or an exact tuple of those. `selfsame_deopt()` counts a call that went on
with the original code; helpers such as `plain` and `membership_index` are constants of the code
object, not names in your module.

## Add a template in ten minutes

1. Write `variants/<family>/<name>.py`. There is no list to add it to.
2. Begin with its docstring: a title, then `Before:` and `After:` (the same function twice),
   `Precondition:` and `When it is wrong:`. The tests run the example, so start from what
   `selfsame templates NAME` prints for a template near yours.
3. Set `name`, `family`, `wins`, and `watch` (what a trial should look at).
4. Say what is replaced, in one of three forms:
   - **quasi-quotes**: functions `before`, `prepare` and `after` that are read, never run. Their
     parameters are metavariables, annotated with what they stand for (`Expr`, `Target`, `Block`,
     `Call`, `Local`, `Loop`, `Only[x]`). `with_hole(BLOCK, pattern)` means the pattern anywhere in
     the block. Names that `prepare` and `after` store are fresh; what they call comes from
     `helpers = {"deque": "collections:deque"}`, or is a builtin.
     With `retries = True` the function must be pure: `after` replaces an expression, `once(E)` in it
     is made on first use where `f.repeats(m, E)` found that it stays the same, and helpers may
     decline at any time, because the original can then start over.
   - **a closed world**: `define` and `uses` tables for a local variable `Q`, and `seeks`, the uses
     that make it interesting. A use outside the tables refuses the variable, with the reason.
   - **code**: `variations(site, template)` returns variations and refusals.
5. Write `where(m, f)`: questions to the facts. Only yes passes; what is not yes is the refusal.
   `guards` are Python expressions over the metavariables, checked at run time.
6. Add cases to `tests/variants/`: a differential test against the original on odd inputs, and one
   for each refusal.

"""


@dataclass(frozen=True, slots=True)
class Card:
    """The parts of a template's docstring; the examples without their indentation."""

    title: str
    text: str
    before: str
    after: str
    precondition: str
    wrong: str


def card(template: Template) -> Card:
    """The docstring's parts. Raises InternalError where a heading is missing."""
    parts: dict[str, list[str]] = {}
    current = parts.setdefault("", [])
    for line in template.doc.strip().split("\n"):
        if line.endswith(":") and line[:-1] in HEADINGS:
            current = parts.setdefault(line[:-1], [])
        else:
            current.append(line)
    missing = [heading for heading in HEADINGS if heading not in parts]
    if missing:
        raise InternalError(f"{template.module}: its docstring has no {missing[0]!r}")
    texts = {k: textwrap.dedent("\n".join(v)).strip("\n") for k, v in parts.items()}
    return Card(
        title(template.doc),
        "\n".join(parts[""][1:]).strip(),
        *(texts[heading].rstrip() for heading in HEADINGS),
    )


def page(templates: Sequence[Template]) -> str:
    """The catalogue in Markdown."""
    rows = ["| template | family | wins |", "|---|---|---|"]
    for t in templates:
        wins = "; ".join(f"{k}: {v}" for k, v in t.wins.items())
        rows.append(f"| [{t.name}](#{t.name}) | {t.family} | {wins} |")
    sections = [section(t) for t in templates]
    return INTRODUCTION + "## Catalogue\n\n" + "\n".join(rows) + "\n\n" + "\n".join(sections)


def section(template: Template) -> str:
    """One template in Markdown."""
    parts = card(template)
    watch = ", ".join(template.watch)
    return (
        f"### {template.name}\n\n{parts.title}. {parts.text}\n\n"
        f"```python\n# before\n{parts.before}\n\n# after\n{parts.after}\n```\n\n"
        f"**Precondition.** {parts.precondition}\n\n"
        f"**When it is wrong.** {parts.wrong}\n\n"
        f"Deployed: {template.deploy}. A trial watches: {watch}.\n"
    )


if __name__ == "__main__":
    from selfsame.variants.catalogue import templates

    print(page(templates()), end="")
