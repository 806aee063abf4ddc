"""Throws a store's switch, and says what that did."""

import sys

from selfsame.cli.options import author, open_store, store_location


def switch(store: str | None, *, off: bool) -> int:
    """Switch off or on. Where the store itself cannot be opened, off is thrown all the same.

    Then the error follows on stderr, and the exit code is 1: programs stopped, nothing recorded.
    """
    from selfsame.runtime.versions.errors import NoStore, StoreError, StoreRefused
    from selfsame.runtime.versions.orders import Orders

    done = "off: running programs go back to their originals" if off else "on: rewrites run again"
    try:
        with open_store(store) as opened:
            already = opened.is_off() is off
            opened.set_off(off, author())
    except NoStore:
        raise
    except StoreError as error:
        directory = store_location(store)
        orders = Orders(directory)
        if isinstance(error, StoreRefused) or not off or not directory.is_dir():
            raise
        orders.switch(off=True)
        print(done)
        print(f"selfsame: it could not be recorded: {error}", file=sys.stderr)
        return 1
    print(f"{done} (it was so already)" if already else done)
    return 0
