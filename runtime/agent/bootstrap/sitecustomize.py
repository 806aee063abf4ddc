"""Runs in every Python that ``selfsame run`` starts, before its program, and leaves no trace.

Takes its own folder out of ``sys.path``, runs the ``sitecustomize`` that it stands in front of,
and starts the agent. Whatever goes wrong here is one line on stderr; the program runs unchanged.
"""

# Without annotations: any Python may be started with this in its path.
# mypy: ignore-errors


def _start():
    import os
    import sys

    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]
    mine = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # noqa: F401 - the one that this file hides
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
    finally:
        if mine is not None:
            # The import that runs this file looks for it there when it is done.
            sys.modules.setdefault("sitecustomize", mine)
        _activate(os, sys)


def _activate(os, sys):
    link = os.environ.get("SELFSAME_LINK")
    if not link or os.environ.get("SELFSAME") == "off":
        return
    reason = _unsupported(sys)
    if not reason and not _main_interpreter(sys):
        return
    if not reason:
        try:
            reason = _begin(os, link)
        except ImportError as error:
            reason = f"selfsame cannot be imported by {sys.executable}: {error}"
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
    if reason:
        _tell(reason)


def _begin(os, link):
    """Start the agent now, or in a moment where the program's own process started this one."""
    at_once = os.environ.get("SELFSAME_AT_ONCE")
    if at_once and at_once != str(os.getppid()):
        from selfsame.runtime.agent.later import Later

        Later(link, _tell)
        return ""
    from selfsame.runtime.agent.aside import Aside

    with Aside():
        from selfsame.runtime.agent import boot

        return boot.start(link)


def _tell(reason):
    import sys

    sys.stderr.write(f"selfsame: not active in this process: {reason}\n")


def _unsupported(sys):
    if sys.implementation.name != "cpython" or not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return f"{sys.implementation.name} {sys.version.split()[0]} is not supported"
    if not sys.platform.startswith("linux"):
        return f"{sys.platform} is not supported"
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        return "a build without the GIL is not supported"
    return ""


def _main_interpreter(sys):
    """Subinterpreters run this file too; the agent is for the main one."""
    try:
        if sys.version_info >= (3, 13):
            from _interpreters import get_current
        else:
            from _xxsubinterpreters import get_current
    except ImportError:
        return True
    number = get_current()
    return int(number[0] if isinstance(number, tuple) else number) == 0


_start()
