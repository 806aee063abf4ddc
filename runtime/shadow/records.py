"""Replays a file of memray's: what was allocated, and how much of it lived at once.

memray's own peak is that of a whole process. Here records are added up one by one, of all threads
or of one, under a function or not. About 4 us a record: never done inside the user's program.
As a program: ``python -m selfsame.runtime.shadow.records FILE TID NAME SOURCE`` prints the result
as JSON.
"""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Final

FREES: Final = frozenset({1, 5, 15})  # PYMALLOC_FREE, FREE, MUNMAP of memray.AllocatorType
MOST_RECORDS = 1_000_000
"""Beyond that many records of one call, only memray's own peak is read."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What one call took: the most bytes that lived at once, and how many blocks it allocated.

    ``allocations`` is None where there were more than `MOST_RECORDS` records.
    """

    peak_bytes: int
    allocations: int | None


@dataclass(frozen=True, slots=True)
class Frames:
    """Which records count: those of thread ``tid`` with a frame of ``name`` in file ``source``."""

    tid: int
    name: str
    source: str


def replay(path: str, only: Frames | None = None, most: int = MOST_RECORDS) -> Weight:
    """Add a file's records up. Blocks freed that were there before are not subtracted.

    Raises OSError where the file is no complete file of memray's.
    """
    import memray

    with memray.FileReader(path) as reader:
        metadata = reader.metadata
        if metadata.total_allocations > most:
            if only is not None:
                raise OSError(f"more than {most:,} records: too many to tell whose they are")
            return Weight(int(metadata.peak_memory), None)
        live: dict[int, int] = {}
        known: dict[int, bool] = {}
        now = peak = count = 0
        for record in reader.get_allocation_records():
            if record.allocator in FREES:
                now -= live.pop(record.address, 0)
                continue
            if only is not None:
                if record.tid != only.tid:
                    continue
                stack = record.stack_id
                inside = known.get(stack)
                if inside is None:
                    inside = known[stack] = _inside(record.stack_trace(), only)
                if not inside:
                    continue
            count += 1
            # An address seen again without a free: the free was not seen, and the block is gone.
            now += record.size - live.get(record.address, 0)
            live[record.address] = record.size
            if now > peak:
                peak = now
    return Weight(peak, count)


def _inside(stack: "list[tuple[str, str, int]]", only: Frames) -> bool:
    return any(name == only.name and source == only.source for name, source, _ in stack)


def main(arguments: list[str]) -> int:
    """Replay one file and print its weight; 1 with the reason on stderr where it cannot be read."""
    path, tid, name, source = arguments
    try:
        weight = replay(path, Frames(int(tid), name, source))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(asdict(weight)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
