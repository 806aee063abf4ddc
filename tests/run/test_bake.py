"""Compiled rewrites in a wheel: installed elsewhere, without a compiler, and by hash alone."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from selfsame.compiler.emit.baked import platform_tag
from selfsame.compiler.emit.build import compiler_status
from selfsame.runtime.versions.manifest import print_manifest
from selfsame.runtime.versions.text import parse_manifest
from tests.run.test_manifest import lock

pytestmark = pytest.mark.skipif(not compiler_status()[0], reason="nothing can be built here")

PROGRAM = """
import sys, time

def shared(words: int, known: int) -> int:
    total = 0
    for n in range(words):
        total = (total * 31 + n * known) % 1009
    return total

end = time.monotonic() + float(sys.argv[1])
plain = shared.__code__.co_code
changed = False
while time.monotonic() < end and not changed:
    assert shared(300, 7) == 695
    changed = shared.__code__.co_code != plain
    time.sleep(0.002)
print("rewritten" if changed else "original", flush=True)
"""


@dataclass
class Image:
    """An environment of its own in which nothing can be built: no gcc on its PATH, no cache."""

    python: Path
    folder: Path

    def install(self, wheel: Path) -> None:
        pip = [sys.executable, "-m", "pip", "--python", str(self.python), "install", "-q"]
        command = [*pip, "--no-index", "--force-reinstall", str(wheel)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)

    def run(self, seconds: str) -> subprocess.CompletedProcess[str]:
        words = ["--store", "store", "--manifest", "selfsame.lock", "--passive", "app.py", seconds]
        return subprocess.run(
            [str(self.python), "-m", "selfsame", "run", *words],
            cwd=self.folder,
            env={"PATH": str(self.python.parent), "HOME": str(self.folder / "home")},
            capture_output=True,
            text=True,
            timeout=120,
        )

    def fresh(self) -> None:
        shutil.rmtree(self.folder / "store", ignore_errors=True)

    @property
    def object(self) -> Path:
        (found,) = self.python.parent.parent.glob("lib/*/site-packages/selfsame_baked_*/*.so")
        return found


@pytest.fixture
def image(tmp_path: Path) -> Image:
    place = tmp_path / "image"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    python = place / "bin" / "python"
    (packages,) = place.glob("lib/*/site-packages")
    here = [p for p in sys.path if p.endswith("site-packages")]
    lines = "".join(f"import site; site.addsitedir({path!r})\n" for path in here)
    (packages / "these.pth").write_text(lines)
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "app.py").write_text("# another checkout\n" + PROGRAM)
    return Image(python, folder)


def bake(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "selfsame", "bake", *options, "selfsame.lock"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120)


def baked(home: Path, image: Image) -> tuple[str, Path]:
    """What `bake --json` says of a manifest with one compiled rewrite, in ``home``, and the wheel."""
    home.mkdir()
    (home / "app.py").write_text(PROGRAM)
    (home / "selfsame.lock").write_text(lock(home, "scalar-function-to-cython", types="int"))
    done = bake(home, "--json", "-o", "out")
    assert done.returncode == 0, done.stderr
    shutil.copy(home / "selfsame.lock", image.folder)
    return done.stdout, home / json.loads(done.stdout)["wheel"]


def test_what_was_baked_runs_where_nothing_can_be_built(tmp_path: Path, image: Image) -> None:
    said, wheel = baked(tmp_path / "home", image)
    facts = json.loads(said)
    assert (facts["baked"], facts["plain"], facts["left"]) == (["app:shared"], [], {})
    assert wheel.name.endswith(f"-{platform_tag()}.whl")
    assert platform_tag().endswith(sysconfig.get_platform().replace("-", "_").replace(".", "_"))
    after = parse_manifest((tmp_path / "home" / "selfsame.lock").read_text())
    assert len(after.nodes["app:shared"].objects[platform_tag()]) == 64
    assert parse_manifest(print_manifest(after)) == after
    image.install(wheel)
    done = image.run("20")
    assert (done.returncode, done.stdout) == (0, "rewritten\n"), done.stderr
    assert "1 rewrite put in, 0 left out" in done.stderr
    assert not list((image.folder / "home").rglob("*.so"))


@pytest.mark.slow
def test_only_what_was_baked_is_taken(tmp_path: Path, image: Image) -> None:
    _, wheel = baked(tmp_path / "home", image)
    nothing = image.run("0.1")
    assert "no C compiler" in nothing.stderr and "is not installed" in nothing.stderr
    image.install(wheel)
    image.fresh()
    assert image.run("20").stdout == "rewritten\n"
    # Another file than the one that was baked is refused, though this start was prepared.
    true = sha256(image.object.read_bytes()).hexdigest()
    image.object.write_bytes(image.object.read_bytes() + b"\n")
    done = image.run("0.3")
    assert done.stdout == "original\n", done.stderr
    assert "is not the object that was baked: install the wheel again" in done.stderr
    # And so is one that its own wheel says is right, where the lock does not.
    index = image.object.parent / "objects.json"
    forged = sha256(image.object.read_bytes()).hexdigest()
    index.write_text(index.read_text().replace(true, forged))
    image.fresh()
    done = image.run("0.3")
    assert done.stdout == "original\n" and "is not installed for this platform" in done.stderr


def test_what_cannot_be_baked_is_said(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PROGRAM)
    text = lock(tmp_path, "scalar-function-to-cython", types="int")
    (tmp_path / "selfsame.lock").write_text(text)
    (tmp_path / "app.py").write_text(PROGRAM.replace("31", "37"))
    done = bake(tmp_path)
    assert done.returncode == 1
    assert "app:shared is left out: its code has changed" in done.stderr
    assert "nothing to bake" in done.stderr and not (tmp_path / "dist").exists()
    assert (tmp_path / "selfsame.lock").read_text() == text


def test_a_wheel_is_one_that_installers_take(tmp_path: Path) -> None:
    from selfsame.compiler.emit.baked import Baked, write_wheel

    file = tmp_path / "sf_x.so"
    file.write_bytes(b"object")
    one = Baked("recipe", "sf_x", str(file), "digest", "")
    wheel = write_wheel(tmp_path / "out", "My Shop", [one])
    first = wheel.read_bytes()
    assert write_wheel(tmp_path / "out", "My Shop", [one]).read_bytes() == first
    assert wheel.name.startswith("selfsame_baked_my_shop-0+")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        record = archive.read(next(n for n in names if n.endswith("RECORD"))).decode()
        assert {line.split(",")[0] for line in record.splitlines()} == set(names)
        about = archive.read(next(n for n in names if n.endswith("METADATA"))).decode()
    assert "Name: selfsame-baked-my-shop\n" in about
    assert os.path.basename(str(wheel)).count("-") == 4
