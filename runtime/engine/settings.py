"""What one engine was started with. Passed as JSON on its command line by ``selfsame run``."""

from dataclasses import dataclass

import msgspec

MODES = ("watch", "shadow", "approve", "auto")


@dataclass(frozen=True)
class Settings:
    """``roots`` are the folders of the user's code, ``leave`` folders below them that are not.

    ``hot`` makes hot nodes candidates without CDL (``--auto``). ``run`` names this run in the store.
    ``parent`` is the process that started the engine: while it lives, programs may still come.
    ``afterwards_s`` is how long the engine may go on working from what was captured once its
    programs have ended. ``keep_inputs`` writes captured calls to the store's directory at the end;
    ``from_last`` begins with those of the last run that did.
    """

    store: str
    run: str
    mode: str = "watch"
    hot: bool = False
    cdl: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    parent: int = 0
    afterwards_s: float = 0.0
    keep_inputs: bool = False
    from_last: bool = False

    def dumps(self) -> str:
        """As JSON."""
        return msgspec.json.encode(self).decode()

    @classmethod
    def loads(cls, text: str | bytes) -> "Settings":
        """From JSON. Raises msgspec.ValidationError."""
        return msgspec.json.decode(text, type=cls)
