"""Throws a store's switch, and says what that did."""

import sys

from selfsame.cli.options import author, open_store, store_location

AGAIN = " (it was so already)"


def switch(store: str | None, *, off: bool) -> int:
    """Switch off or on. Off is thrown first, before anything heavy is imported or opened.

    Where it then cannot be recorded, the error follows on stderr, and the exit code is 1.
    """
    from selfsame.runtime.link.control import CONTROL
    from selfsame.runtime.versions.errors import NoStore, StoreError
    from selfsame.runtime.versions.location import DATABASE, check_permissions
    from selfsame.runtime.versions.orders import Orders

    directory = store_location(store)
    if not any((directory / name).exists() for name in (DATABASE, CONTROL)):
        raise NoStore(directory)
    check_permissions(directory)
    orders = Orders(directory)
    already = orders.is_off() is off
    if off:
        orders.switch(off)
        print("off: running programs go back to their originals" + AGAIN * already, flush=True)
    try:
        with open_store(str(directory)) as opened:
            opened.set_off(off, author())
    except StoreError as error:
        if not off:
            raise
        print(f"selfsame: it could not be recorded: {error}", file=sys.stderr)
        return 1
    if not off:
        print("on: rewrites run again" + AGAIN * already)
    return 0
