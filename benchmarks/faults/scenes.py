"""What is interrupted: every word that changes a store; and what must hold of the store afterwards."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from selfsame.compiler.errors import SelfsameError
from selfsame.runtime.link.control import ControlError, read_orders, unpack
from selfsame.runtime.versions import bundle, changes, retention
from selfsame.runtime.versions.manifest import NodeEntry
from selfsame.runtime.versions.store import Store
from selfsame.variants.variation import Variation

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


def template(directory: Path) -> Path:
    """A store with nodes in every state, two versions deep."""
    with Store.open(directory) as store:
        for number in range(8):
            store.put_rewrite(variation(number))
        states = ("proposed", "active", "canary", "pinned", "frozen")
        first = [entry(s[0] + s[1], s, n) for n, s in enumerate(states)]
        for one in first:
            store.commit(lambda m, e=one: m.with_entry(e), author=ME, reason=f"r {one.address}")
        store.add_trial("app:ac", {"variation": variation(1).id, "verdict": "same"})
        store.put_snapshot("run", {"nodes": []})
    return directory


def _say(change: changes.Change, reason: str) -> Word:
    return lambda store: store.commit(change, author=ME, reason=reason)


def _promote(store: Store) -> None:
    store.put_rewrite(variation(50))
    new = entry("new", "canary", 50)
    store.commit(lambda m: m.with_entry(new), author="selfsame", reason="promoted")


def _roll_back(store: Store) -> None:
    def change(manifest: object) -> object:
        old = manifest.nodes["app:ac"]  # type: ignore[attr-defined]
        return manifest.with_entry(  # type: ignore[attr-defined]
            replace(old, rewrite="original", state="barred", reason="it errs")
        )

    store.commit(change, author="selfsame", reason="rolled back app:ac")  # type: ignore[arg-type]


def _pin_to(store: Store) -> None:
    store.commit(changes.pin_to("app:ac", store.version("head~1")), author=ME, reason="pin")


def _revert_to(store: Store) -> None:
    store.commit(changes.restore(store.version("head~2")), author=ME, reason="revert")


def _import(store: Store) -> None:
    bundle.bring_in(store, store.directory.parent / "bundle", ME)


WORDS: dict[str, Word] = {
    "promote": _promote,
    "roll back": _roll_back,
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
    "gc": lambda store: retention.collect(store, 2),
    "import": _import,
    "events": lambda store: [store.add_event("tried", "app:ac", x=1) for _ in range(3)],
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
        store.check()
        head = store.head()
        needed = tuple(sorted(e.rewrite for e in head.manifest.nodes.values() if e.runs or e.tries))
        for rewrite in needed:
            store.get_rewrite(rewrite)
        orders = read_orders(directory)
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
            WORDS[word](store)
    except SelfsameError:
        return REFUSED
    except BaseException:
        return UNCLEAR
    return DONE


def judge(directory: Path, old: State, new: State) -> str:
    """``old`` or ``new``, or what is wrong with what a fault left behind."""
    try:
        # What running programs read, before anybody repairs anything.
        unpack((directory / "control").read_bytes())
        read_orders(directory)
    except (OSError, ControlError) as error:
        return f"programs cannot read their orders: {error}"
    try:
        found = look(directory)
    except (AssertionError, SelfsameError) as error:
        return f"{type(error).__name__}: {error}"
    if found not in (old, new):
        return "neither the old state nor the new one"
    with Store.open(directory) as store:
        before = store.head()
        after = store.commit(
            lambda m: m.with_entry(entry("next", "active", 1)), author=ME, reason="n"
        )
        if after.parent != before.id or read_orders(directory)["version"] != after.id:
            return "the next commit does not follow"
    return "new" if found == new and found != old else "old"


def fresh(source: Path, target: Path) -> Path:
    """A copy of the store that a fault may spoil."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    return target
