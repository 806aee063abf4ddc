"""What is interrupted: every word that changes a store; and what must hold of the store afterwards."""

import shutil
import signal
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from selfsame.compiler.errors import SelfsameError
from selfsame.runtime.link.control import ControlError, read_orders, unpack
from selfsame.runtime.versions import bundle, changes, retention, suspicion
from selfsame.runtime.versions.errors import WrongPython
from selfsame.runtime.versions.manifest import Manifest, NodeEntry
from selfsame.runtime.versions.orders import Orders
from selfsame.runtime.versions.store import Store
from selfsame.runtime.versions.text import parse_manifest
from selfsame.variants.variation import Variation

from . import tracer

SCHEMAS = Path(__file__).parents[2] / "tests/versions/schemas"
ME = "ada"
DONE, REFUSED, UNCLEAR = 0, 3, 4
Word = Callable[[Store], object]


def variation(number: int) -> Variation:
    return Variation("app:f", "hoist", "refactor", "", f"def f(): return {number}", b"\0code")


def entry(name: str, state: str, number: int) -> NodeEntry:
    return NodeEntry(
        f"app:{name}",
        "5f0c" * 8,
        state,
        variation(number).id,
        template="hoist",
        canary="5%" if state == "canary" else "",
        evidence=("replayed 812", "fuzzed 300"),
        dependencies={f"shop.cart:price{i}": "77ab34c0" * 4 for i in range(12)},
    )


def closed(directory: Path) -> None:
    """A store with nodes in every state, that nobody has open."""
    with Store.open(directory) as store:
        for number in range(8):
            store.put_rewrite(variation(number))
        states = ("proposed", "active", "canary", "pinned", "frozen")
        first = [entry(s[0] + s[1], s, n) for n, s in enumerate(states)]
        for one in first:
            store.commit(lambda m, e=one: m.with_entry(e), author=ME, reason=f"r {one.address}")
        store.add_trial("app:ac", {"variation": variation(1).id, "verdict": "same"})
        store.put_snapshot("run", {"nodes": []})


def interrupted(directory: Path) -> None:
    """As `closed`, but its last writer was killed between a version and the orders for it."""
    closed(directory)

    def before(call: tracer.Call) -> int:
        return -1 if call.name == "rename" else 0

    def promote() -> int:
        with Store.open(directory) as store:
            store.commit(lambda m: m.with_entry(entry("late", "active", 3)), author=ME, reason="l")
        return DONE

    if tracer.run(promote, before) != -signal.SIGKILL or not (directory / "store.db-wal").exists():
        raise SystemExit("the writer was not interrupted")


def frozen(directory: Path) -> None:
    """As `closed`, and everything is frozen."""
    closed(directory)
    with Store.open(directory) as store:
        store.commit(changes.freeze_everything(ME), author=ME, reason="freeze")


def older(directory: Path) -> None:
    """A store of the first schema, with its orders."""
    directory.mkdir(mode=0o700)
    connection = sqlite3.connect(directory / "store.db")
    connection.executescript((SCHEMAS / "1.sql").read_text())
    connection.execute("PRAGMA journal_mode=WAL")
    query = "SELECT id, text FROM versions ORDER BY number DESC LIMIT 1"
    id, text = connection.execute(query).fetchone()
    connection.close()
    orders = Orders(directory)
    orders.publish(orders.stage(id, parse_manifest(text)), off=False)


def nothing(directory: Path) -> None:
    """No store."""
    directory.mkdir(mode=0o700)


def _say(change: changes.Change, reason: str) -> Word:
    return lambda store: store.commit(change, author=ME, reason=reason)


def _promote(store: Store) -> None:
    store.put_rewrite(variation(50))
    new = entry("new", "canary", 50)
    store.commit(lambda m: m.with_entry(new), author="selfsame", reason="promoted")


def _become(address: str, **new: str) -> Word:
    """selfsame says something else of a node."""

    def change(manifest: Manifest) -> Manifest:
        return manifest.with_entry(replace(manifest.nodes[address], **new))  # type: ignore[arg-type]

    return lambda store: store.commit(change, author="selfsame", reason=f"{address}: {new}")


def _suspect(store: Store) -> None:
    change = suspicion.suspect({"app:ac": variation(1).id, "app:ca": variation(2).id}, "pid 7")
    store.commit(change, author="selfsame", reason="a process died")


def _pin_to(store: Store) -> None:
    store.commit(changes.pin_to("app:ac", store.version("head~1")), author=ME, reason="pin")


def _revert_to(store: Store) -> None:
    store.commit(changes.restore(store.version("head~2")), author=ME, reason="revert")


def _import(store: Store) -> None:
    bundle.bring_in(store, store.directory.parent / "bundle", ME)


WORDS: dict[str, Word] = {
    "promote": _promote,
    "roll back": _become("app:ac", rewrite="original", state="barred", reason="it errs"),
    "widen": _become("app:ca", canary="25%"),
    "in full": _become("app:ca", state="active", canary=""),
    "suspect": _suspect,
    "approve": _say(changes.approve_node("app:pr"), "approve"),
    "approve --canary": _say(changes.approve_node("app:pr", "5%"), "approve"),
    "pin": _say(changes.pin_as_it_is("app:ac"), "pin"),
    "pin =original": _say(changes.pin_original("app:zz"), "pin"),
    "pin =version": _pin_to,
    "unpin": _say(changes.unpin("app:pi"), "unpin"),
    "revert node": _say(changes.revert_node("app:ac", ME), "revert"),
    "revert version": _revert_to,
    "freeze": _say(changes.freeze_everything(ME), "freeze"),
    "freeze node": _say(changes.freeze_node("app:ac"), "freeze"),
    "thaw node": _say(changes.thaw_node("app:fr"), "thaw"),
    "off": lambda store: store.set_off(True, ME),
    "on": lambda store: store.set_off(False, ME),
    "mode": lambda store: store.set_mode("auto", "app:*", author=ME),
    "mode of all": lambda store: store.set_mode("watch", author=ME),
    "gc": lambda store: retention.collect(store, 2),
    "import": _import,
    "events": lambda store: [store.add_event("tried", "app:ac", x=1) for _ in range(3)],
    "trial": lambda store: store.add_trial("app:ac", {"variation": "v", "verdict": "same"}),
    "snapshot": lambda store: store.put_snapshot("run", {"nodes": [1]}),
}
OTHERS: dict[str, Word] = {
    "thaw": _say(changes.thaw_everything(), "thaw"),
    "open": lambda store: store.head(),
}
# In which state the store is at first, and the words that are said to it then.
BEGINNINGS: dict[str, tuple[Callable[[Path], None], tuple[str, ...]]] = {
    "closed": (closed, tuple(WORDS)),
    "interrupted": (interrupted, tuple(WORDS)),
    "frozen": (frozen, ("thaw",)),
    "older": (older, ("open",)),
    "nothing": (nothing, ("open",)),
}


@dataclass(frozen=True)
class State:
    """What people and programs see of a store."""

    head: str
    off: bool
    modes: str
    rewrites: tuple[str, ...]


def look(directory: Path) -> State:
    """Open a store and read all of it. Raises StoreError on damage."""
    with Store.open(directory, create=False) as store:
        return _look(store)


def _look(store: Store) -> State:
    store.check()
    head = store.head()
    needed = tuple(sorted(e.rewrite for e in head.manifest.nodes.values() if e.runs or e.tries))
    for rewrite in needed:
        with suppress(WrongPython):  # whole, and for another than this one
            store.get_rewrite(rewrite)
    orders = read_orders(store.directory)
    assert orders["version"] == head.id, "the orders name another version than the head"
    assert_orders(orders, store)
    return State(_content(head.text), store.is_off(), store.modes().dumps(), needed)


def assert_orders(orders: dict[str, object], store: Store) -> None:
    """The orders are those of the version that they name: no mixture."""
    manifest = store.version(str(orders["version"])).manifest
    nodes: dict[str, dict[str, str]] = orders["nodes"]  # type: ignore[assignment]
    said = {a: n["rewrite"] for a, n in nodes.items()}
    assert said == {a: e.runs for a, e in manifest.nodes.items()}, "the orders are a mixture"


def _content(text: str) -> str:
    """A manifest without what two runs of one word do not share."""
    return "\n".join(x for x in text.splitlines() if not x.startswith(("created:", "parent:")))


def speak(directory: Path, word: str) -> int:
    """Say a word in this process; the exit code says how it ended."""
    try:
        with Store.open(directory) as store:
            (WORDS | OTHERS)[word](store)
    except SelfsameError:
        return REFUSED
    except BaseException:
        return UNCLEAR
    return DONE


def judge(directory: Path, old: State | None, new: State) -> str:
    """``old`` or ``new``, or what is wrong with what a fault left behind.

    ``old`` is None where there was no store: then it can be made.
    """
    try:
        if old is not None:
            # What running programs read, before anybody repairs anything.
            unpack((directory / "control").read_bytes())
            read_orders(directory)
    except (OSError, ControlError) as error:
        return f"programs cannot read their orders: {error}"
    there = (directory / "orders.json").exists()
    try:
        with Store.open(directory, create=old is None) as store:
            found = _look(store)
            if found not in (old, new):
                return "neither the old state nor the new one"
            before = store.head()
            after = store.commit(
                lambda m: m.with_entry(entry("next", "active", 1)), author=ME, reason="n"
            )
            if after.parent != before.id or read_orders(directory)["version"] != after.id:
                return "the next commit does not follow"
    except (AssertionError, SelfsameError) as error:
        return f"{type(error).__name__}: {error}"
    if old is None:
        return "new" if there else "old"
    return "new" if found == new and found != old else "old"


def fresh(source: Path, target: Path) -> Path:
    """A copy of the store that a fault may spoil."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    return target
