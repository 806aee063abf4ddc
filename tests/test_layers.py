"""The direction of imports, what the agent may import, and that ``import selfsame`` is lazy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import selfsame.compiler
import selfsame.grammar
import selfsame.runtime
import selfsame.variants

HEAVY = (
    "libcst",
    "Cython",
    "sqlalchemy",
    "antlr4",
    "scipy",
    "numpy",
    "memray",
    "click",
    "rich",
    "msgspec",
    "astor",
    "dataclasses",
    "inspect",
)
MAY_IMPORT = {
    "grammar": {"grammar"},
    "compiler": {"grammar", "compiler", "runtime.agent.codes", "runtime.agent.shared"},
    "variants": {"grammar", "compiler", "variants"},
    "runtime.link": {"runtime.link"},
    "runtime.agent": {"runtime.agent", "runtime.link"},
    "runtime": {"grammar", "compiler", "variants", "runtime"},
}
BASES = {
    "grammar": selfsame.grammar,
    "compiler": selfsame.compiler,
    "variants": selfsame.variants,
    "runtime": selfsame.runtime,
}


def layer_of(module: str) -> str:
    known = [layer for layer in MAY_IMPORT if module == layer or module.startswith(layer + ".")]
    return max(known, key=len) if known else module.partition(".")[0]


def modules() -> list[tuple[str, Path]]:
    found = []
    for name, package in BASES.items():
        base = Path(package.__path__[0])
        for path in sorted(base.rglob("*.py")):
            if "generated" in path.parts or "bootstrap" in path.parts:
                continue
            parts = path.relative_to(base).with_suffix("").parts
            found.append((".".join([name, *(p for p in parts if p != "__init__")]), path))
    return found


def imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {n.removeprefix("selfsame.") for n in names if n.startswith("selfsame.")}


def test_imports_point_one_way() -> None:
    wrong = []
    for module, path in modules():
        allowed = MAY_IMPORT[layer_of(module)]
        for imported in imports(path):
            target = layer_of(imported)
            fits = target in allowed or any(
                imported == a or imported.startswith(a + ".") for a in allowed
            )
            if not fits and target in {*MAY_IMPORT, "cli", "report"}:
                wrong.append(f"{module} imports {imported}")
    assert not wrong


def test_no_folder_is_imported_as_a_top_level_package() -> None:
    wrong = []
    for module, path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                top = node.module.partition(".")[0]
                if top in ("compiler", "runtime", "grammar", "variants", "cli", "report"):
                    wrong.append(f"{module}: from {node.module}")
    assert not wrong


def loaded_after(statement: str) -> set[str]:
    program = f"{statement}\nimport sys\nprint('\\n'.join(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def test_import_selfsame_is_lazy() -> None:
    bare = loaded_after("pass")
    extra = loaded_after("import selfsame") - bare
    assert {m for m in extra if m.startswith("selfsame.")} == set()
    assert not extra & set(HEAVY)


@pytest.mark.parametrize("module", ["agent", "boot"])
def test_the_agent_imports_nothing_heavy(module: str) -> None:
    bare = loaded_after("pass")
    extra = loaded_after(f"import selfsame.runtime.agent.{module}") - bare
    heavy = {m for m in extra if m.partition(".")[0] in HEAVY}
    assert not heavy
    ours = {m for m in extra if m.startswith("selfsame.")}
    allowed = ("selfsame.runtime.agent", "selfsame.runtime.link")
    assert {m for m in ours if m.count(".") > 1 and not m.startswith(allowed)} == set()
