"""Outlined loops belong to the function that they are written in: what a person says of it holds for them."""


def owner_of(address: str) -> str:
    """``app:main`` of ``app:main/loop[1]``; empty for what is no loop."""
    owner, loop, _ = address.partition("/loop[")
    return owner if loop else ""
