"""CDL in JSON, equal in meaning: ``parse_json(print_json(d), d.path) == d``.

{"cdl": 1, "declarations": [
  {"import": ["common.cdl"]},
  {"selection": "hot", "nodes": ["app:*", "!app:slow"]},
  {"profile": "careful", "extends": ["interactive"], "mode": "approve"},
  {"constraint": ["@hot"], "max_execution_time": "10ms", "algorithm": ["sort_a"], "partial": true}
]}

Values are what the text has behind the ``:``, in quotes; lists are lists, yes and no may be true
and false, and numbers may be numbers.
"""

import json
from typing import Any, Final

from selfsame.grammar.composed import Composer
from selfsame.grammar.diagnostics import CDLError, Diagnostic
from selfsame.grammar.json_text import NoJson, Value, read_json
from selfsame.grammar.model import (
    Allowance,
    Constraint,
    Document,
    Import,
    Profile,
    Selection,
    Setting,
    Statement,
)
from selfsame.grammar.positions import Positions
from selfsame.grammar.text import print_value
from selfsame.grammar.vocabulary import (
    DECLARATIONS,
    FAMILIES,
    LONE_NAMES,
    MEASURES,
    SETTINGS,
    SHORT_FORMS,
)
from selfsame.grammar.words import listed

FORMAT: Final = 1


def parse_json(text: str, path: str) -> Document:
    """The document that JSON text is. Raises CDLError with every mistake, at its place."""
    try:
        top = read_json(text)
    except NoJson as error:
        place = Positions(path, text).place(error.start, error.start)
        raise CDLError((Diagnostic(place, str(error)),), {path: text}) from error
    composer = Composer(path, text)
    _document(top, composer)
    return composer.document()


def print_json(document: Document) -> str:
    """A document as JSON text."""
    declarations = [_declaration_json(declared) for declared in document.declarations]
    content = {"cdl": FORMAT, "declarations": declarations}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the form; values are checked by the parser."""
    names = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    text = {"type": ["string", "number"]}
    either = {"anyOf": [names, {"enum": ["any", "none"]}]}
    properties: dict[str, Any] = dict.fromkeys([*MEASURES, *SHORT_FORMS], text)
    properties |= dict.fromkeys(FAMILIES, either)
    for name, shape in SETTINGS.items():
        kind: dict[str, Any] = text
        if shape.form == "word":
            kind = {"enum": list(shape.words)}
        elif shape.form == "flag":
            kind = {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no"]}]}
        elif name in LONE_NAMES:
            kind = {"anyOf": [names, {"type": "string"}]}
        elif shape.form == "names":
            kind = either
        properties[name] = {**kind, "description": shape.meaning, "examples": [shape.example]}
    subjects = {f"^({name})\\[.+\\]$": text for name, m in MEASURES.items() if m.subject}
    subjects |= {f"^({s})\\[.+\\]$": text for s, n in SHORT_FORMS.items() if MEASURES[n].subject}

    def declared(word: str, head: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "required": [word, *(["nodes"] if word == "selection" else [])],
            "properties": {word: head, **more},
            "patternProperties": subjects if word in ("constraint", "profile") else {},
            "additionalProperties": False,
        }

    kinds = [
        declared("constraint", names, properties),
        declared("profile", {"type": "string"}, properties),
        declared("selection", {"type": "string"}, {"nodes": names}),
        declared("import", names, {}),
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "CDL",
        "type": "object",
        "required": ["cdl", "declarations"],
        "additionalProperties": False,
        "properties": {
            "cdl": {"const": FORMAT},
            "declarations": {"type": "array", "items": {"anyOf": kinds}},
        },
    }


def _declaration_json(declared: Constraint | Profile | Selection | Import) -> dict[str, Any]:
    if isinstance(declared, Import):
        return {"import": [path.text for path in declared.paths]}
    if isinstance(declared, Selection):
        return {"selection": declared.name, "nodes": [node.text for node in declared.nodes]}
    head: dict[str, Any] = {"constraint": []}
    if isinstance(declared, Profile):
        head = {"profile": declared.name}
    else:
        head = {"constraint": [selector.text for selector in declared.selectors]}
    return head | {s.property: _value_json(s) for s in declared.statements}


def _value_json(statement: Statement) -> Any:
    value = statement.names if isinstance(statement, Allowance) else None
    if isinstance(statement, Setting):
        if isinstance(statement.value, bool):
            return statement.value
        if SETTINGS[statement.name].form == "names":
            value = statement.value  # type: ignore[assignment]  # a Names, by its form
    if isinstance(value, tuple):
        return [name.text for name in value]
    return print_value(statement)


def _document(top: Value, composer: Composer) -> None:
    content = top.content
    if not isinstance(content, dict) or "declarations" not in content:
        example = '{"cdl": 1, "declarations": []}'
        composer.fail(top.start, top.start + 1, "expected an object with `declarations`", example)
        return
    for name, (key, value) in content.items():
        if name == "cdl" and value.content != FORMAT:
            composer.fail(value.start, value.stop, "this form of CDL is not known", '"cdl": 1')
        elif name not in ("cdl", "declarations"):
            known = "`cdl` and `declarations`"
            composer.fail(key.start, key.stop, f"unknown key `{name}`", f"the keys are {known}")
    declarations = content["declarations"][1]
    if not isinstance(declarations.content, list):
        composer.fail(declarations.start, declarations.stop, "`declarations` is a list")
        return
    for declared in declarations.content:
        _declaration(declared, composer)


def _declaration(declared: Value, composer: Composer) -> None:
    members = declared.content
    kinds = [k for k in DECLARATIONS if isinstance(members, dict) and k in members]
    if not isinstance(members, dict) or len(kinds) != 1:
        message = f"a declaration is an object with one of {listed(DECLARATIONS)}"
        composer.fail(declared.start, declared.start + 1, message)
        return
    (kind,) = kinds
    key, head = members[kind]
    composer.written(kind, key.start, key.stop)
    composer.add(" ")
    quote = '"' if kind == "import" else ""
    heads = head.content if isinstance(head.content, list) else [head]
    if not heads:
        composer.fail(head.start, head.stop, f"`{kind}` names nothing")
    for number, part in enumerate(heads):
        composer.add(f"{', ' if number else ''}{quote}")
        _string(part, composer, f"`{kind}`", kind == "import", kind == "constraint")
        composer.add(quote)
    if kind == "import":
        if len(members) > 1:
            composer.fail(declared.start, declared.start + 1, "an import has no properties")
        composer.add("\n")
        return
    composer.add(" {\n")
    for name, (own, value) in members.items():
        if name != kind:
            _property(name, own, value, composer)
    composer.add("}\n")


def _property(name: str, key: Value, value: Value, composer: Composer) -> None:
    inner, start = name, key.start + 1
    word, bracket, subject = inner.partition("[")
    if bracket and subject.endswith("]"):
        composer.value(word, start, start + len(word), "a property")
        composer.add("[")
        begins = start + len(word) + 1
        composer.value(subject[:-1], begins, key.stop - 2, "what is in brackets", True)
        composer.add("]")
    else:
        composer.value(inner, start, key.stop - 1, "a property")
    composer.add(": ")
    if isinstance(value.content, list):
        composer.add("[")
        for number, part in enumerate(value.content):
            composer.add(", " if number else "")
            _string(part, composer, f"a name of `{name}`", inner=name == "nodes")
        composer.add("]")
    else:
        _string(value, composer, f"`{name}`")
    composer.add("\n")


def _string(
    value: Value, composer: Composer, what: str, path: bool = False, inner: bool = False
) -> None:
    """Add a scalar. ``path``: it may have all but quotes in it; ``inner``: it may be app:f/loop[0]."""
    content = value.content
    if isinstance(content, bool):
        composer.written("yes" if content else "no", value.start, value.stop)
    elif isinstance(content, float):
        composer.value(
            composer.origin.text[value.start : value.stop], value.start, value.stop, what
        )
    elif isinstance(content, str) and path:
        if '"' in content or "\n" in content or not content:
            composer.fail(value.start, value.stop, "this is not the path of a file")
            content = "0"
        composer.written(content, value.start + 1, value.stop - 1)
    elif isinstance(content, str):
        composer.value(content, value.start + 1, value.stop - 1, what, inner)
    else:
        composer.fail(value.start, max(value.start + 1, value.stop), f"{what} is text in quotes")
