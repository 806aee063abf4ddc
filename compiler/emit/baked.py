"""Built rewrites as an ordinary wheel, and what of such wheels is installed here.

For images without a C compiler, and without paths that can be written and executed. A wheel holds extension
modules and an index of them. An object is known by its *recipe*, the hash of the text that it was
built from and of what else decides what the compiler makes of it, and by the sha256 of its file: a
manifest names that, so nothing in a wheel is believed.
"""

import base64
import hashlib
import io
import json
import os
import platform
import re
import sys
import sysconfig
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Final

FORMAT: Final = 1
GROUP: Final = "selfsame.baked"
INDEX: Final = "objects.json"
EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Baked:
    """One object of an installed wheel. ``digest`` is what its index says of the file at ``path``."""

    recipe: str
    module: str
    path: str
    digest: str
    wheel: str

    @property
    def genuine(self) -> bool:
        """Whether the file is the one that the index speaks of."""
        try:
            return hashlib.sha256(Path(self.path).read_bytes()).hexdigest() == self.digest
        except OSError:
            return False


def platform_tag() -> str:
    """What a wheel with built code is for: ``cp311-cp311-linux_x86_64``."""
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    system = re.sub(r"[^A-Za-z0-9]+", "_", sysconfig.get_platform())
    return f"{python}-{python}-{system}"


def recipe(text: str, headers: Mapping[str, str], flags: Iterable[str]) -> str:
    """What is built of a text, whichever compiler does it."""
    parts = [text, sorted(headers.items()), list(flags), sys.implementation.cache_tag]
    return hashlib.sha256(json.dumps([*parts, platform.machine()]).encode()).hexdigest()


def installed() -> list[Baked]:
    """The objects of all wheels that are installed in this environment, as their indexes say."""
    found = []
    for entry in entry_points(group=GROUP):
        if entry.dist is None:
            continue
        folder = Path(str(entry.dist.locate_file(entry.value)))
        try:
            index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
            rows = index["objects"] if index["format"] == FORMAT else ()
            for row in rows:
                path = str(folder / Path(row["file"]).name)
                wheel = f"{entry.dist.name} {entry.dist.version}"
                found.append(Baked(row["recipe"], row["module"], path, row["sha256"], wheel))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # no wheel of ours: what it does not offer is built or left out, and said
    return found


def write_wheel(folder: Path, name: str, objects: Iterable[Baked]) -> Path:
    """A wheel of built objects, named after its content: the same objects make the same bytes.

    Raises OSError.
    """
    objects = sorted(objects, key=lambda one: one.recipe)
    label = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "rewrites"
    package, tag = f"selfsame_baked_{label}", platform_tag()
    digest = hashlib.sha256("".join(o.recipe + o.digest for o in objects).encode()).hexdigest()
    version = f"0+{digest[:12]}"
    files: dict[str, bytes] = {f"{package}/__init__.py": b'"""Built rewrites, for selfsame."""\n'}
    rows = []
    for one in objects:
        file = Path(one.path).name
        files[f"{package}/{file}"] = Path(one.path).read_bytes()
        row = {"recipe": one.recipe, "module": one.module, "file": file, "sha256": one.digest}
        rows.append(row)
    index = json.dumps({"format": FORMAT, "objects": rows}, indent=1) + "\n"
    files[f"{package}/{INDEX}"] = index.encode()
    about = f"{package}-{version}.dist-info"
    summary = f"Built rewrites of {' '.join(name.split())} for selfsame"
    metadata = f"Metadata-Version: 2.1\nName: {package.replace('_', '-')}\nVersion: {version}\n"
    files[f"{about}/METADATA"] = f"{metadata}Summary: {summary}\n".encode()
    wheel = f"Wheel-Version: 1.0\nGenerator: selfsame\nRoot-Is-Purelib: false\nTag: {tag}\n"
    files[f"{about}/WHEEL"] = wheel.encode()
    files[f"{about}/entry_points.txt"] = f"[{GROUP}]\n{label} = {package}\n".encode()
    record = [f"{path},{_hashed(data)},{len(data)}" for path, data in files.items()]
    files[f"{about}/RECORD"] = "\n".join([*record, f"{about}/RECORD,,", ""]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, data in files.items():
            entry = zipfile.ZipInfo(file, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    path = folder / f"{package}-{version}-{tag}.whl"
    scratch = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        scratch.write_bytes(packed.getvalue())
        scratch.replace(path)
    except OSError:  # a full disk, say: half a wheel is none
        scratch.unlink(missing_ok=True)
        raise
    return path


def _hashed(data: bytes) -> str:
    """As RECORD has it (PEP 376, PEP 427)."""
    found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={found.decode()}"
