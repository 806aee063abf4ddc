"""Captured calls of a run in a file, where a person asked for it by name: `run --keep-inputs`.

The file holds the program's own values. It lies in the store's directory with the rights of its user alone, is
signed with the user's own key, written when the engine ends, and read by `optimize --from last`: the
modules as they were registered, how hot each node was, and its calls. Nothing of the user's is unpickled here.
"""

import hashlib
import hmac
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from selfsame.compiler.errors import SelfsameError
from selfsame.runtime.agent.codes import fingerprint
from selfsame.runtime.link.wire import Frames, Message, WireError, pack
from selfsame.runtime.versions.location import own_key

if TYPE_CHECKING:
    from selfsame.runtime.engine.engine import Engine

FILE: Final = "inputs"
FORMAT: Final = 3
TIMES: Final = ("samples", "python", "foreign", "native", "waiting")
LOOKS: Final = ("own", "native", "total", "waiting")


class Unusable(SelfsameError):
    """What was kept cannot be worked from; the message says why, and what to do."""


def write(engine: "Engine", directory: Path) -> int:
    """Write what was captured; how many functions have calls in it. Raises OSError.

    The file of an earlier run is replaced, also where nothing was captured.
    """
    hello = engine.workshop.program
    times = asdict(engine.graph.program)
    head: Message = {
        "t": "corpus",
        "format": FORMAT,
        "run": engine.settings.run,
        "python": sys.version,
        "roots": list(engine.settings.roots),
        "leave": list(engine.settings.leave),
        "command": list(engine.settings.command),
        "main": str(hello.get("main") or ""),
        "program": {"path": list(hello.get("path", ())), "cwd": str(hello.get("cwd", "/"))},
        "times": {name: times[name] for name in TIMES},
    }
    frames = [pack(head)]
    held = 0
    for file, module in list(engine.modules.by_file.items()):
        nodes = [n for n in list(engine.modules.nodes.values()) if n.module is module]
        rows = [
            (n.key[1], n.key[2], fingerprint(n.code), n.definition.kind)
            for n in nodes
            if not n.blocked
        ]
        row: Message = {
            "t": "module",
            "name": nodes[0].key[0] if nodes else module.source.module,
            "file": file,
            "digest": _digest(module.source.text),
            "optimize": module.optimize,
            "main": module.is_main,
            "rows": rows,
        }
        frames.append(pack(row))
    for address in list(engine.modules.nodes):
        calls = engine.captures.calls(address)
        live = engine.graph.nodes.get(address)
        if not calls or live is None:
            continue
        held += 1
        looks = {name: getattr(live, name) for name in LOOKS}
        seen = engine.captures.seen(address)
        refused = engine.captures.refusals(address)
        row = {"t": "node", "address": address, "looks": looks, "seen": seen, "refused": refused}
        order = engine.captures.sequence(address, calls)
        outermost = sorted(engine.captures.outermost(address, calls))
        frames.append(pack(row | {"order": order, "outermost": outermost}))
        frames += [pack({"t": "call", "payload": p, "nanoseconds": ns}) for p, ns in calls]
    data = b"".join(frames)
    signed = hmac.digest(own_key(), data, "sha256") + data
    descriptor, scratch = tempfile.mkstemp(prefix=f"{FILE}.", dir=directory)
    try:
        with os.fdopen(descriptor, "wb") as file_:
            file_.write(signed)
        os.replace(scratch, directory / FILE)
    except BaseException:  # a full disk, say: half of the values are of no use to anybody
        os.unlink(scratch)
        raise
    return held


def read(directory: Path) -> list[Message]:
    """The messages of what the last run kept; the first describes it. Raises Unusable."""
    try:
        data = (directory / FILE).read_bytes()
    except FileNotFoundError:
        raise Unusable(
            "nothing was kept of the last run: captured calls are in memory alone, unless "
            "`selfsame run --keep-inputs …` keeps them"
        ) from None
    except OSError as error:
        raise Unusable(f"{directory / FILE}: {error.strerror}") from error
    digest, body = data[:32], data[32:]
    try:
        signed = hmac.digest(own_key(), body, "sha256")
    except OSError as error:
        raise Unusable(f"{error.filename}: {error.strerror}") from error
    if not hmac.compare_digest(signed, digest):
        raise Unusable(
            f"{directory / FILE} is damaged, or was not written by you on this machine: run the "
            "program again with --keep-inputs"
        )
    try:
        messages = Frames().feed(body)
        head = messages[0]
        known = head["t"] == "corpus" and head["format"] == FORMAT
    except (WireError, IndexError, KeyError) as error:
        raise Unusable(f"{directory / FILE} cannot be read: {error}") from error
    if not known:
        raise Unusable(f"{directory / FILE} was written by another selfsame")
    if head["python"] != sys.version:
        version = str(head["python"]).split()[0]
        raise Unusable(
            f"the last run was one of Python {version}, this is {sys.version.split()[0]}"
        )
    if all(message["t"] != "call" for message in messages):
        raise Unusable(
            "the last run kept no call: none of its functions was hot long enough for one, or none "
            "could be captured (`selfsame why NODE` says why)"
        )
    return messages


def load(engine: "Engine", directory: Path) -> None:
    """Give an engine what the last run kept, as if its program had just ended. Raises Unusable."""
    messages = read(directory)
    head, current = messages[0], set[str]()
    engine.workshop.program = head["program"]
    for name, value in head["times"].items():
        setattr(engine.graph.program, name, value)
    address, order, outermost = "", list[int](), list[int]()
    calls: list[tuple[bytes, int]] = []
    for message in [*messages[1:], {"t": "end"}]:
        kind = message["t"]
        if kind == "call":
            calls.append((message["payload"], message["nanoseconds"]))
            continue
        if calls and address in current:
            known = set(order)
            places = [*order, *(place for place in range(len(calls)) if place not in known)]
            nested = {n for n, place in enumerate(places) if place not in outermost}
            engine.captures.add(address, [calls[place] for place in places], {}, 0, nested)
        calls = []
        if kind == "module":
            current |= _module(engine, message)
        elif kind == "node":
            address, order = message["address"], message["order"]
            outermost = message["outermost"]
            if address in current:
                live = engine.graph.node(address)
                for name, value in message["looks"].items():
                    setattr(live, name, value)
                engine.captures.add(address, [], message["refused"], message["seen"])
    engine.candidates.binding = engine.constraints.bind()


def _module(engine: "Engine", message: Message) -> set[str]:
    """Register a module's functions; the addresses of those that are what they were."""
    registered = engine.modules.register(
        message["name"], message["file"], message["rows"], message["optimize"], message["main"]
    )
    module = engine.modules.by_file.get(message["file"])
    if module is None or _digest(module.source.text) != message["digest"]:
        engine.modules.problems.append(
            f"{message['file']} has changed since: the calls kept of it are left out"
        )
        return set()
    return {node.address for node in registered}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
