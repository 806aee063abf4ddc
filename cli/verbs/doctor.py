"""``selfsame doctor``: what this machine can do, and what is switched off for which reason."""

import json
from dataclasses import asdict, dataclass

import click


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    text: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(as_json: bool) -> int:
    """Say what this machine can do and what is switched off, with the reason. Exit 1 if anything is.

    \b
    Example:
      selfsame doctor
    """
    findings = examine()
    if as_json:
        print(json.dumps([asdict(f) for f in findings], indent=2))
    else:
        width = max(len(f.name) for f in findings)
        for finding in findings:
            print(f"{'ok' if finding.ok else '--'}  {finding.name:{width}}  {finding.text}")
    return 0 if all(f.ok for f in findings) else 1


def examine() -> list[Finding]:
    """Look at everything, in the order of a program's way through selfsame."""
    return [
        _python(),
        _recorder(),
        _compiler(),
        _memray(),
        _crosshair(),
        *_sandbox(),
        _store(),
        *_others(),
    ]


def _python() -> Finding:
    import platform

    from selfsame.cli.program import unsupported

    reason = unsupported()
    name = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()}"
    return Finding("Python", not reason, reason or name)


def _recorder() -> Finding:
    from selfsame.runtime.agent.backend import describe

    compiled, text = describe()
    return Finding("probes", compiled, text)


def _compiler() -> Finding:
    from selfsame.compiler.emit.build import compiler_status

    available, text = compiler_status()
    if not available:
        text += "; functions are not compiled, everything else works"
    return Finding("C compiler", available, text)


def _memray() -> Finding:
    from importlib.metadata import version

    try:
        import memray  # noqa: F401 - its extension may not load
    except ImportError as error:
        return Finding("memray", False, f"{error}; memory is not measured")
    return Finding("memray", True, f"memray {version('memray')}; memory is measured by replay")


def _crosshair() -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    from selfsame.runtime.shadow.symbolic import NOT_INSTALLED

    try:
        text = f"crosshair-tool {version('crosshair-tool')}; `trial --symbolic` searches by symbols"
    except PackageNotFoundError:  # an extra, which nobody needs to have
        return Finding("CrossHair", True, f"{NOT_INSTALLED}; trials do without")
    return Finding("CrossHair", True, text)


def _sandbox() -> list[Finding]:
    from selfsame.runtime.shadow.sandbox import layers

    return [Finding(f"sandbox: {layer.name}", layer.available, layer.reason) for layer in layers()]


def _store() -> Finding:
    from pathlib import Path

    from selfsame.compiler.errors import SelfsameError
    from selfsame.runtime.versions.store import Store, locate_store

    try:
        directory = locate_store(Path.cwd())
        if not directory.exists():
            return Finding("store", True, f"{directory} (made by the first run)")
        with Store.open(directory) as store:
            text = f"{store.directory}, head version {store.head().id}"
            return Finding("store", not store.is_off(), text + (", off" if store.is_off() else ""))
    except (SelfsameError, OSError) as error:
        return Finding("store", False, str(error))


def _others() -> list[Finding]:
    """Tools that patch code as well: with them, selfsame stands down function by function."""
    from importlib.util import find_spec

    known = ("coverage", "ddtrace", "debugpy", "opentelemetry.instrumentation")
    found = []
    for name in known:
        try:
            present = find_spec(name) is not None
        except ModuleNotFoundError:
            present = False
        if present:
            found.append(name)
    if not found:
        return []
    text = f"{', '.join(found)} installed: where they change a function, selfsame leaves it to them"
    return [Finding("other tools", True, text)]
