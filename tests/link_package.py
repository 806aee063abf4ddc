"""Makes ``.typed/selfsame``, a tree of links under which mypy sees the folders by their real names."""

import importlib.util
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def link() -> Path:
    """Link every mapped folder into ``.typed/selfsame`` and return ``.typed``."""
    spec = importlib.util.spec_from_file_location("selfsame_setup", ROOT / "setup.py")
    assert spec is not None and spec.loader is not None
    setup = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(setup)
    typed = ROOT / ".typed"
    shutil.rmtree(typed, ignore_errors=True)
    base = typed / "selfsame"
    base.mkdir(parents=True)
    for package, folder in setup.package_dir.items():
        if package == "selfsame":
            for entry in (ROOT / folder).iterdir():
                (base / entry.name).symlink_to(entry)
        else:
            (base / package.removeprefix("selfsame.")).symlink_to(ROOT / folder)
    return typed


if __name__ == "__main__":
    link()
