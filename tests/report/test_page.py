"""The page of a run: what it shows, that it stands alone, and that nothing in it is taken as HTML."""

import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from selfsame.cli.main import main
from selfsame.report.page import Scale
from selfsame.runtime.monitor.graph import LivingGraph
from selfsame.runtime.monitor.seen import Window
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import Store

NODE = "shop:total"
HOSTILE = "<script>alert(1)</script>"


def trial(**changes: Any) -> dict[str, Any]:
    return {
        "template": "sum-of-generator",
        "same": "same",
        "faster": "faster",
        "reason": "the median gain is above 5%",
        "speedup": {"median": 4.0, "low": 3.5, "high": 4.5},
        "evidence": ["replayed 400"],
        "counterexample": "",
        "promotable": True,
    } | changes


@pytest.fixture
def store(tmp_path: Path) -> Store:
    graph = LivingGraph()
    node = graph.node(NODE)
    for rewrite, ns in (("", 4_000_000), ("41d0", 1_000_000)):
        node.windows.append(Window(1.0, 100, 100 * ns, 100 * ns, {}, {}, 10**9, rewrite, 100))
    node.rewrite = "41d0"
    data = graph.snapshot() | {
        "run": "r1",
        "command": ["python", HOSTILE],
        "mode": "auto",
        "cdl": [],
        "agents": [],
        "processes": 1,
        "functions": 1,
        "left_alone": {},
        "problems": [HOSTILE],
        "at": 1.0,
        "running": False,
    }
    data["nodes"][0] |= {
        "verdicts": ["max_execution_time: pass"],
        "outcomes": ["pass"],
        "state": "",
        "blocked": "",
        "templates": [],
        "refusals": [],
    }
    store = Store.open(tmp_path / "store")
    store.put_snapshot("r1", data)
    store.add_trial(NODE, trial())
    store.add_trial(
        NODE, trial(same="different", speedup=None, promotable=False, counterexample=HOSTILE)
    )
    store.add_event("promoted", address=NODE, reason="4.0 times faster")
    entry = NodeEntry(NODE, "5f0c" * 8, "barred", "original", reason="it was slower later")
    store.commit(lambda m: m.with_entry(entry), author="selfsame", reason=f"rolled back {NODE}")
    return store


def report(store: Store, output: Path | str, monkeypatch: pytest.MonkeyPatch) -> int:
    words = ["selfsame", "report", "--store", str(store.directory), "-o", str(output)]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


def test_the_page_tells_what_ran_what_was_tried_and_why(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "run.html"
    assert report(store, output, monkeypatch) == 0
    text = output.read_text("utf-8")
    for told in ("4.0x", "4.00x (3.50 to 4.50)", "different", "barred", "it was slower later"):
        assert told in text
    assert store.head().id in text
    assert not list(tmp_path.glob(".run.html*"))


def test_names_from_the_program_are_text_and_nothing_is_fetched(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "run.html"
    report(store, output, monkeypatch)
    text = output.read_text("utf-8")
    tags: list[str] = []
    parser = HTMLParser()
    monkeypatch.setattr(parser, "handle_starttag", lambda tag, attributes: tags.append(tag))
    parser.feed(text)
    assert "article" in tags and "script" not in tags and "link" not in tags
    assert text.count("&lt;script&gt;") >= 3
    assert not re.search(r"(src|href)=|url\(|https?:", text)


def test_no_run_and_no_room_are_said(
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert report(store, tmp_path / "none" / "run.html", monkeypatch) == 2
    assert "No such file or directory" in capsys.readouterr().err
    with Store.open(tmp_path / "empty") as empty:
        assert report(empty, tmp_path / "run.html", monkeypatch) == 1
    assert "nothing was watched yet" in capsys.readouterr().err


def test_the_scale_holds_every_interval_and_one() -> None:
    slow, fast = trial(speedup={"median": 0.1, "low": 0.05, "high": 0.2}), trial()
    scale = Scale.over([slow, fast])
    for each in (slow, fast):
        interval = scale.interval(each)
        assert interval is not None
        assert 0 <= interval.left <= interval.median <= interval.right <= 100
    assert (1, scale.at(1)) in scale.marks()
    assert Scale.over([]).interval(trial(speedup=None)) is None
