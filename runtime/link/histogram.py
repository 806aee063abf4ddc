"""The log-bucketed histogram of times: 16 buckets an octave, so a bucket is at most 6.25 % wide.

Values under 16 have a bucket each. ``bucket`` is what the recorder does in C.
"""

SUBS = 16
BUCKETS = 768


def bucket(value: int) -> int:
    """The index of a time in nanoseconds; negative ones count as 0."""
    if value < SUBS:
        return max(0, value)
    shift = value.bit_length() - 5
    return min(BUCKETS - 1, shift * SUBS + (value >> shift))


def lower_bound(index: int) -> int:
    """The least value of a bucket: ``bucket(lower_bound(i)) == i``."""
    if index < SUBS:
        return index
    shift = index // SUBS - 1
    return (SUBS + index % SUBS) << shift
