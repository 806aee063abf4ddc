"""What installed wheels have of the objects that a manifest names: taken by hash, and no other."""

from collections.abc import Mapping

from selfsame.compiler.emit.baked import installed, platform_tag
from selfsame.compiler.emit.build import Built
from selfsame.compiler.errors import Skipped


def offered(objects: Mapping[str, str]) -> dict[str, Built]:
    """What installed wheels have of the objects that an entry names for this platform, by recipe.

    Raises Skipped where a file is not what it was when it was baked.
    """
    wanted = objects.get(platform_tag(), "").split()
    found: dict[str, Built] = {}
    for one in installed() if wanted else ():
        if one.digest not in wanted:
            continue
        if not one.genuine:
            raise Skipped(
                f"refused: {one.path} of {one.wheel} is not the object that was baked: install "
                "the wheel again"
            )
        found[one.recipe] = Built(one.module, one.path, one.digest, one.recipe)
    return found
