"""``apply``: accepted rewrites in the user's files, and nothing else changed there."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from selfsame.compiler.analysis.effects import ModuleFacts
from selfsame.compiler.cst.source import Source
from selfsame.compiler.identity import definitions
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import Store
from selfsame.variants.catalogue import template_named
from selfsame.variants.site import AnyTemplate, Site
from selfsame.variants.variation import Variation

from .test_verbs import Selfsame

PLANT = '''\
"""A plant."""

import math


def drain(start, links):
    # breadth first
    queue = [start]
    order = []
    while queue:
        node = queue.pop(0)  # the oldest
        order.append(node)
        queue.extend([n for n in links if n > node])
    return order


def known(words, names):
    count = 0
    for word in words:
        if word in names:
            count += 1
    return count
'''


def accept(store: Store, path: Path, address: str, template: str, state: str = "active") -> str:
    """Commit what a template makes of a function of the file, as a promotion does."""
    source = Source.read(path, path.stem)
    definition = next(d for d in definitions(source) if d.address == address)
    facts = ModuleFacts.of(source, lambda name: None)
    found = template_named(template)
    assert found is not None
    site = Site(source=source, definition=definition, facts=facts, constraints=AnyTemplate())
    (made,) = [v for v in found.variations(site) if isinstance(v, Variation)]
    store.put_rewrite(made)
    entry = NodeEntry(
        address,
        facts.dependencies(address)[address],
        state,
        made.id,
        template=template,
        dependencies=made.dependencies,
    )
    store.commit(lambda m: m.with_entry(entry), author="selfsame", reason="faster")
    return made.id


@pytest.fixture
def plant(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "plant.py"
    path.write_text(PLANT)
    path.chmod(0o640)
    monkeypatch.chdir(tmp_path)
    accept(store, path, "plant:drain", "list-pop0-to-deque")
    return path


def test_a_diff_is_shown_and_written(selfsame: Selfsame, plant: Path) -> None:
    shown = selfsame("apply", "--diff")
    assert shown.code == 0 and plant.read_text() == PLANT
    lines = shown.out.splitlines()
    assert lines[:2] == ["--- a/plant.py", "+++ b/plant.py"]
    changed = [x for x in lines[2:] if x[0] in "+-"]
    assert changed == [
        "+from collections import deque",
        "-    queue = [start]",
        "+    queue = deque([start])",
        "-        node = queue.pop(0)  # the oldest",
        "+        node = queue.popleft() if queue else [].pop(0)  # the oldest",
    ]
    done = selfsame("apply", "plant:drain")
    assert done.code == 0 and "plant:drain" in done.out
    text = plant.read_text()
    assert "# breadth first" in text and text.endswith(PLANT[PLANT.index("def known") :])
    assert plant.stat().st_mode & 0o777 == 0o640
    space: dict[str, object] = {}
    exec(compile(text, "plant.py", "exec"), space)
    assert space["drain"](1, [2, 3]) == [1, 2, 3, 3]  # type: ignore[operator]
    again = selfsame("apply", "plant:drain")
    assert again.code == 1 and "its code has changed" in again.err
    assert plant.read_text() == text


def test_line_ends_and_encoding_stay(selfsame: Selfsame, store: Store, plant: Path) -> None:
    text = "# -*- coding: latin-1 -*-\n" + PLANT.replace("A plant", "Grün")
    plant.write_bytes(text.replace("\n", "\r\n").encode("latin-1"))
    accept(store, plant, "plant:drain", "list-pop0-to-deque")
    assert selfsame("apply").code == 0
    data = plant.read_bytes()
    assert data.count(b"\r\n") == data.count(b"\n") == text.count("\n") + 1
    assert "Grün".encode("latin-1") in data and b"deque([start])" in data


def test_what_was_edited_is_left(selfsame: Selfsame, plant: Path) -> None:
    plant.write_text(PLANT.replace("n > node", "n >= node"))
    said = selfsame("apply")
    assert said.code == 1 and "plant:drain is left as it is: its code has changed" in said.err
    assert "popleft" not in plant.read_text()


def test_what_has_no_source_form_is_left_and_named(
    selfsame: Selfsame, store: Store, plant: Path
) -> None:
    accept(store, plant, "plant:known", "linear-membership-to-set")
    said = selfsame("apply", "--diff")
    assert said.code == 0 and "+    queue = deque([start])" in said.out
    assert "plant:known is left as it is: it has no source form: " in said.err
    assert selfsame("apply", "plant:known").code == 1
    assert plant.read_text() == PLANT


@pytest.mark.parametrize("state", ["proposed", "canary", "reverted"])
def test_only_what_runs_in_full_is_written(
    selfsame: Selfsame, store: Store, plant: Path, state: str
) -> None:
    entry = store.head().manifest.nodes["plant:drain"]
    new = replace(entry, state=state, canary="5%" if state == "canary" else "")
    store.commit(lambda m: m.with_entry(new), author="ada", reason=state)
    assert f"it is {state}" in selfsame("apply", "plant:drain").err
    assert "no rewrite runs in full" in selfsame("apply").err
    assert plant.read_text() == PLANT


def test_every_template_has_a_clean_source_form_or_none(tmp_path: Path) -> None:
    """The examples of all templates: written, the module is the one with the rewrite in it."""
    from selfsame.compiler.emit.edits import written
    from selfsame.compiler.errors import Skipped
    from selfsame.runtime.mutation.applying import source_form
    from selfsame.variants.catalogue import templates
    from selfsame.variants.docs import card

    wrote = []
    for template in templates():
        text = card(template).before + "\n"
        source = Source(str(tmp_path / "m.py"), "m", text)
        for definition in definitions(source):
            if definition.kind != "function":
                continue
            both = ("sort_a", "sort_b") if template.name == "alternatives" else ()
            site = Site(
                source=source,
                definition=definition,
                facts=ModuleFacts.of(source, lambda n: None),
                constraints=AnyTemplate(algorithms=both),
            )
            for made in template.could(site) if template.family != "compiled" else ():
                if not isinstance(made, Variation):
                    continue
                try:
                    new, imports = source_form(made)
                    after = written(source, definition, new, imports)
                except Skipped:
                    continue
                assert "selfsame" not in after
                assert ast.dump(new) in ast.dump(ast.parse(after))
                wrote.append(template.name)
    assert {"alternatives", "list-pop0-to-deque"} <= set(wrote)
