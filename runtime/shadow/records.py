"""Replays a file of memray's: what was allocated, and how much of it lived at once.

memray's own peak is that of a whole process. Here records are added up one by one, of all threads
or of one. About 4 us a record: never done inside the user's program.
As a program: ``python -m selfsame.runtime.shadow.records FILE MARK`` prints the result
as JSON.
"""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Final

FREES: Final = frozenset({1, 5, 15})  # PYMALLOC_FREE, FREE, MUNMAP of memray.AllocatorType
AGENT_S: Final = "/runtime/agent/memory.py"
MOST_RECORDS = 1_000_000
"""Beyond that many records of one call, only memray's own peak is read."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What one call took: the most bytes that lived at once, and how many blocks it allocated.

    ``allocations`` is None where there were more than `MOST_RECORDS` records.
    """

    peak_bytes: int
    allocations: int | None


def replay(path: str, mark: int = 0, most: int = MOST_RECORDS) -> Weight:
    """Add a file's records up. Blocks freed that were there before are not subtracted.

    With ``mark``, only those of the thread that allocates the first block of that many bytes, from
    then on: memray numbers threads in its own way, and does not know the frames that run when it is
    started. That block does not count, nor does what the agent itself allocates.

    Raises OSError where the file is no complete file of memray's.
    """
    import memray

    with memray.FileReader(path) as reader:
        metadata = reader.metadata
        if metadata.total_allocations > most:
            if mark:
                raise OSError(f"more than {most:,} records: too many to tell whose they are")
            return Weight(int(metadata.peak_memory), None)
        live: dict[int, int] = {}
        known: dict[int, bool] = {}
        now = peak = count = 0
        tid = -1
        for record in reader.get_allocation_records():
            if record.allocator in FREES:
                now -= live.pop(record.address, 0)
                continue
            if mark:
                if tid < 0:
                    if record.size == mark:
                        tid = record.tid
                    continue
                if record.tid != tid:
                    continue
                stack = record.stack_id
                ours = known.get(stack)
                if ours is None:
                    frames = record.stack_trace()
                    ours = known[stack] = any(source.endswith(AGENT_S) for _, source, _ in frames)
                if ours:
                    continue
            count += 1
            # An address seen again without a free: the free was not seen, and the block is gone.
            now += record.size - live.get(record.address, 0)
            live[record.address] = record.size
            if now > peak:
                peak = now
    return Weight(peak, count)


def main(arguments: list[str]) -> int:
    """Replay one file and print its weight; 1 with the reason on stderr where it cannot be read."""
    path, mark = arguments
    try:
        weight = replay(path, int(mark))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(asdict(weight)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
