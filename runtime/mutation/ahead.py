"""Makes the next variation while one is tried: a build takes seconds, and so does a trial."""

import threading
from collections.abc import Iterator

from selfsame.variants.site import Refusal
from selfsame.variants.variation import Variation


def ahead(results: Iterator[Variation | Refusal]) -> Iterator[Variation | Refusal]:
    """The same, of which the next is made in a thread while one is worked on.

    The thread keeps no engine from ending, as an executor's would.
    """
    coming = _Coming(results)
    try:
        while (result := coming.result()) is not None:
            coming = _Coming(results)
            yield result
    finally:
        coming.join()  # nobody else makes variations meanwhile


class _Coming(threading.Thread):
    """The next of some results, on its way."""

    def __init__(self, results: Iterator[Variation | Refusal]) -> None:
        super().__init__(name="variations", daemon=True)
        self._results = results
        self._made: Variation | Refusal | Exception | None = None
        self.start()

    def run(self) -> None:
        """Make it."""
        try:
            self._made = next(self._results, None)
        except Exception as error:
            self._made = error

    def result(self) -> Variation | Refusal | None:
        """Wait for it: None at the end. Raises what making it raised."""
        self.join()
        if isinstance(self._made, Exception):
            raise self._made
        return self._made
