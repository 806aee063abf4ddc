"""The verbs, through the command line's own entry: what is printed, and the exit codes."""

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from selfsame.cli.main import cli
from selfsame.cli.options import print_table
from selfsame.runtime.link.control import ControlWord, read_orders
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import PinnedError, Store, Version
from selfsame.runtime.versions.text import parse_manifest
from selfsame.runtime.versions.word import person

from .conftest import Said

Selfsame = Callable[..., Said]
NODE = "shop.cart:Cart.total"
VERBS = (
    "history",
    "show",
    "diff",
    "approve",
    "pin",
    "unpin",
    "revert",
    "off",
    "on",
    "mode",
    "freeze",
    "thaw",
    "apply",
)
WITH_JSON = (
    "history",
    "show",
    "diff",
    "approve",
    "pin",
    "unpin",
    "revert",
    "mode",
    "freeze",
    "thaw",
    "apply",
)
ME = person(pwd.getpwuid(os.getuid()).pw_name)


@pytest.fixture
def proposed(store: Store, entry: NodeEntry) -> Version:
    said = replace(entry, state="proposed")
    return store.commit(lambda m: m.with_entry(said), author="selfsame", reason="it is faster")


@pytest.mark.parametrize("verb", VERBS)
def test_help_has_an_example(verb: str) -> None:
    result = CliRunner().invoke(cli, [verb, "--help"])
    assert result.exit_code == 0
    assert f"Example:\n    selfsame {verb}" in result.output
    assert "--store DIR" in result.output
    assert ("--json" in result.output) is (verb in WITH_JSON)


@pytest.mark.parametrize("verb", VERBS)
def test_without_a_store_the_answer_is_no(selfsame: Selfsame, tmp_path: Path, verb: str) -> None:
    arguments = {"diff": ["head"], "approve": ["head"], "revert": ["head"]}.get(verb, [])
    arguments = [NODE] if verb in ("pin", "unpin") else arguments
    said = selfsame(verb, *arguments, location=tmp_path / "none")
    assert said.code == 1
    assert "no store at" in said.err and "selfsame run" in said.err
    assert not (tmp_path / "none").exists()


def test_history_tells_who_what_and_why(
    selfsame: Selfsame, store: Store, proposed: Version
) -> None:
    selfsame("approve", NODE)
    lines = selfsame("history").out.splitlines()
    assert lines[0].split() == ["version", "when", "author", "node", "what", "why"]
    assert [line.split()[0] for line in lines[1:]] == [v.id for v in store.history()]
    assert f"{ME}  " in lines[1] and "active 41d07a55 (sum-of-generator), was proposed" in lines[1]
    assert "  proposed 41d07a55 (sum-of-generator)  " in lines[2]
    assert lines[2].endswith("  it is faster")
    data = json.loads(selfsame("history", NODE, "--limit", "1", "--json").out)
    (row,) = data
    assert row["version"] == store.head().id
    assert [c["address"] for c in row["changes"]] == [NODE]
    assert row["changes"][0]["before"]["state"] == "proposed"
    assert row["changes"][0]["after"]["state"] == "active"


def test_a_short_history_shows_changes_and_not_the_whole_manifest(
    selfsame: Selfsame, store: Store, proposed: Version, entry: NodeEntry
) -> None:
    other = replace(entry, address="app:f")
    store.commit(lambda m: m.with_entry(other), author="selfsame", reason="x")
    (row,) = json.loads(selfsame("history", "--limit", "1", "--json").out)
    assert [c["address"] for c in row["changes"]] == ["app:f"]


def test_show_prints_the_canonical_text(
    selfsame: Selfsame, store: Store, proposed: Version
) -> None:
    said = selfsame("show")
    assert said.out == proposed.text
    assert parse_manifest(said.out) == proposed.manifest
    assert selfsame("show", proposed.id[:6]).out == proposed.text
    data = json.loads(selfsame("show", "--json").out)
    assert data["version"] == proposed.id
    assert data["nodes"][NODE]["evidence"] == ["fuzzed 500", "replayed 812"]


def test_diff_prints_what_changed(selfsame: Selfsame, store: Store, proposed: Version) -> None:
    selfsame("approve", NODE)
    lines = selfsame("diff", "head~1", "head").out.splitlines()
    assert lines[:2] == [f"--- {proposed.id}", f"+++ {store.head().id}"]
    assert "-  state: proposed" in lines and "+  state: active" in lines
    data = json.loads(selfsame("diff", proposed.id, "--json").out)
    assert [c["what"] for c in data["changes"]] == [
        "active 41d07a55 (sum-of-generator), was proposed"
    ]
    assert selfsame("diff", "head", "head").out == ""


@pytest.mark.parametrize("target", [NODE, "head"])
def test_approve_puts_it_in(
    selfsame: Selfsame, store: Store, proposed: Version, entry: NodeEntry, target: str
) -> None:
    said = selfsame("approve", target)
    assert said.code == 0
    head = store.head()
    assert (head.author, head.manifest.nodes[NODE].state) == (ME, "active")
    assert head.id in said.out
    assert read_orders(store.directory)["nodes"][NODE]["rewrite"] == entry.rewrite
    again = selfsame("approve", NODE)
    assert again.code == 1 and "it is active, not proposed" in again.err


def test_pin_unpin_and_revert(
    selfsame: Selfsame, store: Store, proposed: Version, entry: NodeEntry
) -> None:
    selfsame("approve", NODE)
    assert "pinned 41d07a55" in selfsame("pin", NODE).out
    with pytest.raises(PinnedError, match=f"pinned by {ME.replace('(', '.').replace(')', '.')}"):
        store.commit(lambda m: m.without(NODE), author="selfsame", reason="slow")
    before = store.head()
    assert "so already" in selfsame("pin", NODE).out
    assert store.head() == before
    assert "active 41d07a55" in selfsame("unpin", NODE).out
    assert selfsame("unpin", NODE).code == 1

    assert "barred, the original" in selfsame("revert", NODE).out
    assert read_orders(store.directory)["nodes"][NODE]["rewrite"] is None
    with pytest.raises(PinnedError):
        store.commit(lambda m: m.with_entry(entry), author="selfsame", reason="again")
    assert selfsame("revert", NODE).code == 1
    assert "no longer barred" in selfsame("unpin", NODE).out
    store.commit(lambda m: m.with_entry(entry), author="selfsame", reason="again")


def test_pin_to_a_version_or_the_original(
    selfsame: Selfsame, store: Store, proposed: Version, entry: NodeEntry
) -> None:
    selfsame("approve", NODE)
    selfsame("pin", f"{NODE}=original")
    assert store.head().manifest.nodes[NODE].content_hash == "any"
    assert store.head().manifest.nodes[NODE].runs is None
    said = selfsame("pin", f"{NODE}=head~1")
    assert said.code == 0
    assert store.head().manifest.nodes[NODE].runs == entry.rewrite
    assert selfsame("pin", f"{NODE}=nope").code == 2


def test_revert_to_a_version(selfsame: Selfsame, store: Store, proposed: Version) -> None:
    selfsame("approve", NODE)
    said = json.loads(selfsame("revert", "head~1", "--json").out)
    assert said["made"] is True and said["version"] == store.head().id
    assert store.head().manifest.nodes[NODE].state == "proposed"
    assert store.head().reason == f"revert to {proposed.id}"


def test_off_and_on_reach_a_mapped_control_word(
    selfsame: Selfsame, store: Store, proposed: Version
) -> None:
    word = ControlWord(store.directory)
    generation = word.generation
    assert selfsame("off").code == 0
    assert word.off and word.generation > generation
    assert "was so already" in selfsame("off").out
    assert "selfsame is off" in selfsame("pin", NODE).out
    assert selfsame("on").code == 0
    assert not word.off
    assert [e.kind for e in store.events() if e.kind in ("off", "on")] == ["off", "off", "on"]
    assert {e.numbers["author"] for e in store.events() if e.kind == "off"} == {ME}
    word.close()


def test_off_works_on_a_damaged_store(selfsame: Selfsame, tmp_path: Path) -> None:
    directory = tmp_path / "broken"
    Store.open(directory).close()
    (directory / "store.db").write_bytes(b"garbage")
    word = ControlWord(directory)
    said = selfsame("off", location=directory)
    assert said.code == 1
    assert word.off
    assert "could not be recorded" in said.err and "not a SQLite database" in said.err
    assert selfsame("on", location=directory).code == 2
    assert word.off
    word.close()


def test_mode_is_said_shown_and_taken_back(selfsame: Selfsame, store: Store) -> None:
    assert selfsame("mode", "approve").code == 0
    assert selfsame("mode", "auto", "shop.**:*").code == 0
    assert store.mode(NODE) == "approve"  # a star stands within one name
    assert store.mode("shop.cart:total") == "auto"
    data = json.loads(selfsame("mode", "--json").out)
    assert data == {"program": "approve", "patterns": [{"glob": "shop.**:*", "mode": "auto"}]}
    assert "shop.**:*        auto" in selfsame("mode").out
    selfsame("mode", "default", "shop.**:*")
    assert store.mode("shop.cart:total") == "approve"
    assert selfsame("mode", "turbo").code == 2


def test_mode_says_where_a_pattern_names_nothing_known(
    selfsame: Selfsame, store: Store, proposed: Version
) -> None:
    for right in ("shop.cart", "shop.**:Cart.*", NODE, "**:**"):
        assert selfsame("mode", "auto", right).err == ""
    for wrong, meant in (
        ("shop.carts", "did you mean shop.cart"),
        ("shop.cart:Cart.totl", f"did you mean {NODE}?"),
        ("Cart.total", f"did you mean {NODE}?"),
        ("zzz:*", ""),
    ):
        said = selfsame("mode", "watch", wrong)
        assert said.code == 0
        assert f"no node that is known so far is named by {wrong!r}" in said.err
        assert meant in said.err
        # It holds all the same: the node may be yet to run.
        assert wrong in selfsame("mode").out


def test_what_is_unknown_suggests_the_nearest(
    selfsame: Selfsame, store: Store, proposed: Version
) -> None:
    store.put_snapshot("run", {"nodes": [{"address": "app:watched"}]})
    for verb in ("history", "pin", "unpin"):
        said = selfsame(verb, "shop.cart:Cart.totla")
        assert said.code == 2
        assert f"did you mean {NODE}?" in said.err
    assert "app:watched" in selfsame("pin", "app:watch").err
    assert selfsame("pin", "app:watched").code == 0
    assert f"did you mean the node {NODE}" in selfsame("revert", "total").err
    wrong = selfsame("show", proposed.id[:-1] + "x")
    assert wrong.code == 2 and proposed.id in wrong.err


def test_a_table_that_is_not_for_a_terminal_is_aligned_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(("a", "long"), [("xxx", "y"), ("", "[red]")])
    assert capsys.readouterr().out == "a    long\nxxx  y\n     [red]\n"


def test_a_table_for_a_terminal_keeps_what_looks_like_markup(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    print_table(("node",), [("app:f/loop[0]",)])
    assert "app:f/loop[0]" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["history"], ["show"], ["diff", "head~1"], ["why", NODE]])
def test_what_only_reads_versions_imports_neither_cdl_nor_what_rewrites(
    proposed: Version, store: Store, words: list[str]
) -> None:
    code = (
        "import contextlib, io, sys\nfrom selfsame.cli.main import cli\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        f"    cli.main({[*words, '--store', str(store.directory)]!r}, standalone_mode=False)\n"
        "heavy = {'libcst', 'rich', 'antlr4', 'scipy', 'sqlalchemy', 'alembic', 'Cython', 'memray'}\n"
        "heavy |= {'jinja2', 'selfsame.compiler.constraints', 'selfsame.grammar.model'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_off_is_thrown_before_anything_heavy_is_imported(store: Store) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from selfsame.runtime.versions.orders import Orders\n"
        "from selfsame.runtime.versions.location import check_permissions\n"
        f"Orders(Path({str(store.directory)!r})).switch(True)\n"
        "print(sorted({'sqlalchemy', 'libcst', 'msgspec'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert store.is_off()
