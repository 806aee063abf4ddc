"""What goes over the wire: frames, and payloads in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfsame.runtime.link import wire
from selfsame.runtime.link.wire import Frames, WireError, pack, pieces, whole

PAYLOADS = st.lists(st.binary(min_size=1, max_size=40), max_size=30)


@given(PAYLOADS)
def test_payloads_come_as_they_were_in_pieces_that_are_small(payloads: list[bytes]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(wire, "PIECE", 16)
        found = list(pieces(payloads))
    assert all(0 < sum(map(len, piece)) <= 16 for piece in found)
    assert whole([p for piece in found for p in piece], map(len, payloads)) == payloads


def test_a_long_payload_is_parts_and_many_short_ones_are_one_piece() -> None:
    assert [len(piece) for piece in pieces([b"a" * (3 * wire.PIECE)])] == [1, 1, 1]
    assert [len(piece) for piece in pieces([b"a"] * 1000)] == [1000]


@pytest.mark.parametrize("parts", [[], [b"ab"], [b"abc", b"defg"]])
def test_parts_of_other_sizes_are_refused(parts: list[bytes]) -> None:
    with pytest.raises(WireError, match="bytes of payloads came, not 6"):
        whole(parts, [2, 4])


@given(st.lists(st.binary(max_size=30), max_size=8), st.integers(1, 50))
def test_frames_come_whole_however_they_are_read(values: list[bytes], step: int) -> None:
    stream = b"".join(pack({"t": "piece", "data": value}) for value in values)
    frames = Frames()
    came = [
        message
        for at in range(0, len(stream), step)
        for message in frames.feed(stream[at : at + step])
    ]
    assert [message["data"] for message in came] == values
