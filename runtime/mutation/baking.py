"""The built parts of a manifest, made here for a wheel."""

from dataclasses import dataclass, field, replace

from selfsame.compiler.emit.baked import Baked, platform_tag
from selfsame.compiler.emit.build import shared_builder
from selfsame.compiler.errors import SelfsameError, Skipped
from selfsame.runtime.engine.modules import Modules
from selfsame.runtime.mutation.adoption import Place, check_current, node_of, remake
from selfsame.runtime.versions.manifest import ORIGINAL, Manifest


@dataclass
class Baking:
    """``manifest`` names the objects of each entry; ``plain`` rewrites need none, ``left`` have reasons."""

    manifest: Manifest
    objects: dict[str, Baked] = field(default_factory=dict)
    baked: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)


def bake(manifest: Manifest, place: Place) -> Baking:
    """Make every rewrite of a manifest again, and gather what was built for it."""
    made = Baking(manifest)
    modules = Modules(place.roots)
    for address, entry in sorted(manifest.nodes.items()):
        if entry.rewrite == ORIGINAL:
            continue
        try:
            node = node_of(address, modules, place)
            check_current(node, modules, entry)
            with shared_builder().recorded() as built:
                variation = remake(node, entry)
        except Skipped as skip:
            made.left[address] = skip.reason
            continue
        except SelfsameError as error:
            made.left[address] = str(error)
            continue
        wanted = {c.path for c in variation.constants if c.kind == "extension"}
        parts = [one for one in built if one.path in wanted]
        if not parts:
            made.plain.append(address)
            continue
        for one in parts:
            made.objects[one.digest] = Baked(one.recipe, one.module, one.path, one.digest, "")
        digests = " ".join(sorted({one.digest for one in parts}))
        new = replace(entry, objects={**entry.objects, platform_tag(): digests})
        made.manifest = made.manifest.with_entry(new)
        made.baked.append(address)
    return made
