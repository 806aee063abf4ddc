"""Fault injection into the store: at every system call of every word, and what is left afterwards.

``python -m benchmarks.faults [--json] [--out FILE [--seconds N]] [--every N]``; ``--help`` has the rest.

Killed: the process dies before its Nth system call. Failing: the Nth call that writes fails with
ENOSPC, EIO or EROFS, or the Nth that reads with EIO, and so does every later one. Power cuts: the
writes of a word are recorded and replayed up to a moment; what was not synced by then is dropped,
torn or reordered at random. Flips: a bit in each page of the database. Racing: many processes commit
at once. Newer schema: refused and left as it is. Two engines: one of them has the store. Each time
the store must be whole, at the old version or at the new one, its history unbroken, and take the
next commit.

The store is at first closed, left by a writer that was killed, frozen, of the first schema, or not
there. The work is in units of one word, one beginning and one kind of fault; each is a line of FILE,
and a later run with the same FILE does what is not there yet.

Linux on x86-64, as the tracer reads registers.
"""
