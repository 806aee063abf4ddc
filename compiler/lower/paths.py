"""Which definitions of a name reach a point of one scope, along all paths through it.

The paths are made while a scope is walked: a ``Block`` is a stretch without a join. What a block
knows of a name is asked for when a use needs it, and kept (after Braun et al., "Simple and
Efficient Construction of Static Single Assignment Form", 2013). Since Python's jumps are
structured, every join belongs to a statement, and what that statement did not touch is looked up
before it: ``dom`` is the block before the statement, ``low`` and ``high`` its part of the log.

Exceptions: what follows a ``try`` body's failure may follow any step of it, so its block is *weak*:
a name has there what it had before the body, or what any definition in the body gave it. So has it
where more than ``MANY`` paths join of which most leave it as it was: asking each path about each name
would cost their product.

Blocks form a tree by ``dom``, as deep as a scope has statements. A block also knows one ancestor
further up, so that the way to where a name was last touched is logarithmic (after Myers, "An applicative
random-access stack", 1983). No such step crosses the beginning of a loop: what its body touches later
comes in there.
"""

from bisect import bisect_left

MANY = 16  # one use of a name in about 10,000 has more definitions, and few statements more ends
UNBOUND = -1  # the name has no value: before its first definition, and after `del`


class Phi:
    """The definitions that meet where paths join; without operands: no path comes here."""

    __slots__ = ("operands",)

    def __init__(self, operands: "list[int | Phi] | None" = None) -> None:
        self.operands: list[int | Phi] = [] if operands is None else operands


NOWHERE = Phi()
Value = int | Phi
_ALONE = {UNBOUND: frozenset((UNBOUND,))}


class Block:
    """A stretch of code. ``now`` is what names are known to have at its end."""

    __slots__ = (
        "alive",
        "depth",
        "dom",
        "far",
        "header",
        "high",
        "loop",
        "low",
        "now",
        "open",
        "preds",
        "start",
        "waiting",
        "weak",
    )

    def __init__(
        self,
        dom: "Block | None",
        start: int,
        preds: "tuple[Block, ...]" = (),
        low: int = 0,
        high: int = 0,
        alive: bool = True,
        weak: bool = False,
    ) -> None:
        self.dom = dom
        self.preds = preds
        self.low = low
        self.high = high
        self.alive = alive
        self.weak = weak
        self.now: dict[str, Value] = {}
        self.start = start  # its place in the log: what lies on the way to it is before that
        self.header = False  # a loop's beginning
        self.open = False  # and its body is being walked
        self.waiting: list[tuple[str, Phi]] = []
        self.loop: Block | None = None  # the nearest header above
        self.far = self  # some ancestor
        self.depth = 0
        if dom is not None:
            self.loop = dom if dom.header else dom.loop
            self.depth = dom.depth + 1
            far = dom.far
            even = dom.depth - far.depth == far.depth - far.far.depth
            self.far = far.far if even else dom


class Cleanup:
    """A ``finally``, which every jump out of its ``try`` runs through; made before it is walked."""

    __slots__ = ("end", "high", "low")

    def __init__(self) -> None:
        self.end: Block | None = None
        self.low = self.high = 0


class LoopFrame:
    """A loop that is being walked, and the jumps out of its body."""

    __slots__ = ("before", "breaks", "continues", "header", "low")

    def __init__(self, before: Block, header: Block, low: int) -> None:
        self.before = before
        self.header = header
        self.low = low
        self.breaks: list[tuple[Block, tuple[Cleanup, ...]]] = []
        self.continues: list[tuple[Block, tuple[Cleanup, ...]]] = []


class Paths:
    """The paths through one scope. ``block`` is where the walk stands."""

    def __init__(self) -> None:
        self._first = self.block = Block(None, 0)
        self.frames: list[LoopFrame | Cleanup] = []
        self.count = 0  # of definitions so far: a place in the log
        self._places: dict[str, list[int]] = {}
        self._values: dict[str, list[int]] = {}

    # --- names -------------------------------------------------------------------------------

    def write(self, name: str, value: int) -> None:
        """``name`` gets a definition here, or ``UNBOUND``."""
        self.block.now[name] = value
        places = self._places.get(name)
        if places is None:
            places = self._places[name] = []
            self._values[name] = []
        places.append(self.count)
        self._values[name].append(value)
        self.count += 1

    def declare(self, name: str) -> None:
        """``name`` belongs to this scope, though nothing here writes it in turn."""
        self._places.setdefault(name, [])
        self._values.setdefault(name, [])

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def every(self, name: str) -> list[int]:
        """All definitions of a name, wherever they are."""
        return [v for v in dict.fromkeys(self._values.get(name, ())) if v != UNBOUND]

    def read(self, name: str) -> Value:
        """What ``name`` has here."""
        value = self.block.now.get(name)
        return self._find(self.block, name) if value is None else value

    def _find(self, start: Block, name: str) -> Value:
        pending: list[tuple[Phi, Block]] = []
        found = self._walk(start, name, pending)
        while pending:
            phi, block = pending.pop()
            phi.operands.append(self._walk(block, name, pending))
        return found

    def _walk(self, start: Block, name: str, pending: list[tuple[Phi, Block]]) -> Value:
        block, passed = start, []
        places = self._places.get(name)
        while True:
            value = block.now.get(name)
            if value is not None:
                break
            if block.open:
                value = block.now[name] = Phi()
                block.waiting.append((name, value))
                break
            if not block.alive:
                value = NOWHERE
                break
            before = block.dom
            if before is None:
                value = UNBOUND
                break
            if places and block.low != block.high:
                first = bisect_left(places, block.low)
                last = bisect_left(places, block.high, first)
                if first < last:
                    if not block.weak and len(block.preds) == 1:
                        passed.append(block)
                        block = block.preds[0]
                        continue
                    value = block.now[name] = Phi()
                    if block.weak or len(block.preds) > max(MANY, last - first):
                        value.operands += self._values[name][first:last]
                        pending.append((value, before))
                    else:
                        pending += [(value, pred) for pred in block.preds]
                    break
            passed.append(block)
            block = self._above(block, before, places)
        for block in passed:
            block.now[name] = value
        return value

    def _above(self, block: Block, before: Block, places: list[int] | None) -> Block:
        """The next block above ``block`` that may know more of a name with these places."""
        at = bisect_left(places, block.start) if places else 0
        last = places[at - 1] if places and at else -1
        if before.start <= last:
            return before
        loop = block.loop
        if loop is not None and last < loop.start:
            return loop
        if last < 0:
            return self._first
        # The highest one that begins after the last touch: it may be what the touch leads to.
        above = before
        while True:
            if above.far.start > last:
                above = above.far
                continue
            higher = above.dom
            if higher is None or higher.start <= last:
                return above
            above = higher

    # --- joins -------------------------------------------------------------------------------

    def cut(self) -> Block:
        """End the block; gives it, and goes on in a new one."""
        done = self.block
        self.block = Block(done, self.count, alive=done.alive)
        return done

    def go(self, before: Block) -> None:
        """Go on after ``before``, which has ended."""
        self.block = Block(before, self.count, alive=before.alive)

    def jump(self) -> None:
        """Nothing after this is reached from here."""
        self.block = Block(None, self.count, alive=False)

    def join(self, before: Block, low: int, ends: list[Block]) -> None:
        """Go on where ``ends`` meet, all within one statement that began after ``before``."""
        alive = tuple(block for block in ends if block.alive)
        self.block = Block(before, self.count, alive, low, self.count, alive=bool(alive))

    def after_any(self, before: Block, low: int) -> None:
        """Go on as after any step of what was walked since ``before``, or after none."""
        self.block = Block(before, self.count, (), low, self.count, alive=before.alive, weak=True)

    def after(self, before: Block, cleanup: Cleanup) -> Block:
        """What follows ``before`` once ``cleanup`` has run."""
        end = cleanup.end
        assert end is not None
        alive = before.alive and end.alive
        return Block(before, self.count, (end,), cleanup.low, cleanup.high, alive=alive)

    # --- loops -------------------------------------------------------------------------------

    def enter_loop(self) -> LoopFrame:
        """A loop begins: what follows is its test, or the next item's arrival."""
        before = self.cut()
        header = self.block
        header.header = header.open = True
        frame = LoopFrame(before, header, self.count)
        self.frames.append(frame)
        self.block = Block(header, self.count, alive=header.alive)
        return frame

    def leave(self, word: str) -> None:
        """``break`` or ``continue``."""
        crossed: list[Cleanup] = []
        for frame in reversed(self.frames):
            if isinstance(frame, Cleanup):
                crossed.append(frame)
                continue
            jumps = frame.breaks if word == "break" else frame.continues
            jumps.append((self.block, tuple(crossed)))
            break
        self.jump()

    def end_body(self, frame: LoopFrame) -> None:
        """The body has been walked: its end and every ``continue`` lead to the beginning."""
        self.frames.pop()
        header = frame.header
        preds = [frame.before, self.block, *self._landed(frame.continues)]
        header.preds = tuple(block for block in preds if block.alive)
        header.low, header.high = frame.low, self.count
        header.open = False
        for name, phi in header.waiting:
            # What the body did not touch comes from before it.
            touches = self._touches(name, header)
            several = len(header.preds) > max(MANY, len(touches))
            if several:
                phi.operands += touches
            for pred in (frame.before,) if several or not touches else header.preds:
                phi.operands.append(self._find(pred, name))
        header.waiting = []

    def end_loop(self, frame: LoopFrame) -> None:
        """After the ``else``: every ``break`` comes in."""
        self.join(frame.before, frame.low, [self.block, *self._landed(frame.breaks)])

    def _landed(self, jumps: list[tuple[Block, tuple[Cleanup, ...]]]) -> list[Block]:
        landed = []
        for block, crossed in jumps:
            for cleanup in crossed:
                block = self.after(block, cleanup)
            landed.append(block)
        return landed

    def _touches(self, name: str, block: Block) -> list[int]:
        """What the statement before a block gave to a name."""
        places = self._places.get(name, [])
        first, last = bisect_left(places, block.low), bisect_left(places, block.high)
        return self._values[name][first:last] if first < last else []
