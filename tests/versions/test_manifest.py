"""The text of a manifest: reads back as written, and says all that is wrong with it at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfsame.compiler.errors import UserError
from selfsame.runtime.versions.manifest import STATES, Manifest, NodeEntry, print_manifest
from selfsame.runtime.versions.text import parse_manifest

TEXT = st.text(max_size=20) | st.sampled_from(
    ["a = b", "=", " x", "# no", '"', '"a" = 1', "a: b", "<<<<<<<", "\n", "\x85", "\\", "node a"]
)
NAME = TEXT.filter(bool)
MAPPING = st.dictionaries(TEXT, TEXT, max_size=3)
ENTRY = st.builds(
    lambda state, canary, **more: NodeEntry(
        state=state, canary=canary if state == "canary" else "", **more
    ),
    address=NAME,
    content_hash=NAME,
    state=st.sampled_from(STATES),
    canary=st.sampled_from(["5%", "0.5%", "50%"]),
    suspected=st.lists(TEXT, max_size=2).map(tuple),
    rewrite=NAME,
    template=TEXT,
    family=TEXT,
    speedup=TEXT,
    reason=TEXT,
    by=TEXT,
    parameters=MAPPING,
    observed=MAPPING,
    guards=st.lists(TEXT, max_size=3).map(tuple),
    evidence=st.lists(TEXT, max_size=3).map(tuple),
    dependencies=MAPPING,
)
MANIFEST = st.builds(
    Manifest,
    nodes=st.lists(ENTRY, max_size=3).map(lambda entries: {e.address: e for e in entries}),
    parent=TEXT,
    author=TEXT,
    reason=TEXT,
    created=TEXT,
    frozen=TEXT,
)

CANONICAL = """\
selfsame manifest 1
parent: 8d1f0c5a77e2b914
author: ada
created: 2026-03-01T10:00:00.000000Z
reason: "two\\nlines"

node a:f
  state: barred
  content: c1
  rewrite: original

node shop.cart:Cart.total
  state: active
  by: ada
  content: c2
  rewrite: 41d07a55c09e1f02
  template: sum-of-generator
  parameter size = 64
  guard: len(items) < 100
  evidence: fuzzed 500
  evidence: replayed 812
  depends "a=b" = 1
  depends shop.cart:price = 77ab
"""


@settings(max_examples=150, deadline=None)
@given(MANIFEST)
def test_what_is_printed_reads_back(manifest: Manifest) -> None:
    text = print_manifest(manifest)
    again = parse_manifest(text)
    assert again == manifest
    assert print_manifest(again) == text
    assert again.id == manifest.id


def test_canonical_text_is_one_fact_a_line_in_order() -> None:
    assert print_manifest(parse_manifest(CANONICAL)) == CANONICAL


def test_layout_comments_and_order_are_free() -> None:
    head, *nodes = CANONICAL.split("\n\n")
    shuffled = "# ours\n\n" + "\n".join([head, *reversed(nodes)]).replace("  ", "\t ")
    assert parse_manifest(shuffled.replace("\n", "\r\n")) == parse_manifest(CANONICAL)


def test_the_id_covers_parent_author_reason_and_time() -> None:
    ids = {Manifest(**{key: "x"}).id for key in ("parent", "author", "reason", "created")}
    assert len(ids | {Manifest().id}) == 5
    assert all(len(id) == 16 and int(id, 16) >= 0 for id in ids)


def test_all_mistakes_come_at_once_with_their_places() -> None:
    text = (
        "selfsame manifest 1\n"
        "autor: ada\n"
        "node a:f\n"
        "  stat: active\n"
        "  content: c1\n"
        "  rewrite: original\n"
        "node a:g\n"
        "  state: activ\n"
        "  content: c1\n"
        '  rewrite: "open\n'
        "  parameter size\n"
        "node a:f\n"
        "  state: active\n"
        "  content: c\n"
        "  content: c\n"
        "  rewrite: original\n"
        "<<<<<<< ours\n"
        "stray\n"
    )
    with pytest.raises(UserError) as error:
        parse_manifest(text, "my.lock")
    found = [(d.place.line, d.place.column, d.message) for d in error.value.diagnostics]
    assert [(line, column) for line, column, _ in found] == [
        (2, 1),  # autor
        (3, 1),  # a:f has no state
        (4, 3),  # stat
        (7, 1),  # a:g has no rewrite that can be read
        (8, 10),  # activ
        (10, 12),  # the string is not closed
        (11, 12),  # no value
        (15, 3),  # content twice
        (17, 1),  # conflict
        (18, 1),  # stray
    ]
    hints = {d.place.line: d.suggestion for d in error.value.diagnostics}
    assert "`author`" in hints[2]
    assert "`state`" in hints[4]
    assert "`active`" in hints[8]
    assert str(error.value).startswith("my.lock:2:1: no such line: autor")


def test_a_node_that_is_there_twice_is_refused() -> None:
    node = "node a:f\n  state: active\n  content: c\n  rewrite: original\n"
    with pytest.raises(UserError, match="a:f is there twice"):
        parse_manifest("selfsame manifest 1\n" + node + node)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selfsame manifest 2\nwhatever\n", "format 2; this selfsame reads up to 1"),
        ("", "an empty manifest"),
        ("# only this\n", "an empty manifest"),
        ("hello\nworld\n", "not a manifest"),
    ],
)
def test_what_is_no_manifest_of_ours_is_one_mistake(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message) as error:
        parse_manifest(text)
    assert len(error.value.diagnostics) == 1


def test_an_entry_of_no_known_state_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="no such state"):
        NodeEntry("a:f", "c", "paused")
