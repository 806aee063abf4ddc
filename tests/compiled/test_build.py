"""The builder: one build for one content, whole files only, and plain words where it cannot."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from compiled_workbench import load

from selfsame.compiler.emit import build as build_module
from selfsame.compiler.emit.build import Builder, compiler_status
from selfsame.compiler.emit.cython.helpers import header_text
from selfsame.compiler.errors import InternalError, Skipped

TEXT = "# cython: language_level=3\ndef answer():\n    return {}\n"


def files(cache: Path) -> list[str]:
    return sorted(p.name for p in cache.iterdir())


def test_the_same_text_is_built_once_and_other_text_again(builder, tmp_path) -> None:
    cache = Builder(tmp_path)
    first = cache.build(TEXT.format(1), {})
    made = Path(first.path).stat().st_mtime_ns
    again = cache.build(TEXT.format(1), {})
    assert again == first and Path(first.path).stat().st_mtime_ns == made
    other = cache.build(TEXT.format(2), {})
    cache.close()
    assert other.module != first.module and first.module.isidentifier()
    assert load(first.path, first.module).answer() == 1
    assert load(other.path, other.module).answer() == 2
    assert len(files(tmp_path)) == 2, "nothing but finished modules stays in the cache"


def test_headers_and_the_compiler_are_part_of_the_key(tmp_path, monkeypatch) -> None:
    made = Builder(tmp_path)
    tool = build_module.find_compiler()
    keys = {made._key("x", {}, tool), made._key("x", {"a.h": "1"}, tool)}
    keys.add(made._key("x", {}, build_module.Toolchain(tool.command, "another 1.0")))
    monkeypatch.setattr(build_module, "FLAGS", ["-O1"])
    keys.add(made._key("x", {}, tool))
    assert len(keys) == 4


def test_two_processes_build_the_same_at_once(tmp_path) -> None:
    program = (
        "import sys, pathlib\nfrom selfsame.compiler.emit.build import Builder\n"
        f"b = Builder(pathlib.Path({str(tmp_path)!r}))\n"
        f"r = b.build({TEXT.format(3)!r}, {{}})\nb.close()\nprint(r.path, r.digest)\n"
    )
    children = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = {child.communicate(timeout=120)[0] for child in children}
    assert [child.returncode for child in children] == [0, 0]
    assert len(said) == 1 and len(files(tmp_path)) == 1


def test_without_a_compiler_the_words_say_what_to_install(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CC", raising=False)
    available, described = compiler_status()
    assert not available and "no C compiler" in described and "apt install gcc" in described
    with pytest.raises(Skipped, match="no C compiler"):
        Builder(tmp_path).build("x", {})
    assert files(tmp_path) == []


def test_cc_is_respected(tmp_path, monkeypatch) -> None:
    tool = tmp_path / "mycc"
    tool.write_text("#!/bin/sh\necho mycc 7.0\nexit 0\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CC", f"{tool} -m64")
    available, described = compiler_status()
    assert available and described.startswith("mycc 7.0, Cython ")
    monkeypatch.setenv("CC", "no-such-compiler")
    assert compiler_status()[1].startswith("no C compiler: $CC is no-such-compiler")


def test_a_compiler_that_fails_is_a_reason_and_leaves_nothing(tmp_path, monkeypatch) -> None:
    tool = tmp_path / "badcc"
    tool.write_text(
        '#!/bin/sh\n[ "$1" = --version ] && echo bad 1 && exit 0\necho "x.c:1: error: no" >&2\nexit 1\n'
    )
    tool.chmod(0o755)
    monkeypatch.setenv("CC", str(tool))
    cache = tmp_path / "cache"
    made = Builder(cache)
    with pytest.raises(Skipped, match=r"the C compiler failed: x\.c:1: error: no"):
        made.build(TEXT.format(4), {})
    made.close()
    assert files(cache) == []


def test_a_full_disk_is_a_reason(tmp_path, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(Skipped, match="no space left under"):
        Builder(tmp_path).build(TEXT.format(5), {})
    assert files(tmp_path) == []


def test_a_compiler_that_hangs_is_ended(tmp_path, monkeypatch) -> None:
    tool = tmp_path / "slowcc"
    tool.write_text('#!/bin/sh\n[ "$1" = --version ] && echo slow 1 && exit 0\nexec sleep 600\n')
    tool.chmod(0o755)
    monkeypatch.setenv("CC", str(tool))
    made = Builder(tmp_path / "cache", timeout=8)
    with pytest.raises(Skipped, match="took more than 8 s"):
        made.build(TEXT.format(6), {})
    made.close()


def test_text_that_is_no_cython_is_our_own_bug(builder) -> None:
    with pytest.raises(InternalError, match="Cython does not accept"):
        builder.build("def (:\n", {})


def test_a_worker_that_ends_is_replaced(tmp_path) -> None:
    made = Builder(tmp_path)
    made.build(TEXT.format(7), {})
    assert made._worker is not None
    made._worker.kill()
    made._worker.wait()
    assert made.build(TEXT.format(8), {}).path
    made.close()


def test_only_modules_are_asked_by_names_that_are_made_anew() -> None:
    """CPython's cache of what classes have keeps each text that it was asked by, whatever it is equal to."""
    text = header_text()
    asked = re.findall(r"PyObject_(?:GetAttrString|CallMethod|HasAttrString)\((\w+)", text)
    assert asked and set(asked) == {"module"}
