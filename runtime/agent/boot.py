"""Starts the agent in this process. Called by ``bootstrap/sitecustomize.py``."""

from __future__ import annotations

import atexit
import sys

from selfsame.runtime.agent.agent import Agent
from selfsame.runtime.link.quickjson import loads

agent: Agent | None = None


def start(link: str) -> str:
    """Start the agent that ``SELFSAME_LINK`` describes; the reason where it does not start."""
    global agent
    if agent is not None or not _main_interpreter():
        return ""
    try:
        found = loads(link)
    except ValueError as error:
        return f"SELFSAME_LINK cannot be read: {error}"
    if type(found) is not dict:
        return "SELFSAME_LINK is not what selfsame writes"
    try:
        agent = Agent(found)
        atexit.register(agent.finish)
        agent.start()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _main_interpreter() -> bool:
    """Subinterpreters run ``sitecustomize`` too; the agent is for the main one."""
    try:
        if sys.version_info >= (3, 13):
            from _interpreters import get_current
        else:
            from _xxsubinterpreters import get_current
    except ImportError:
        return True
    number = get_current()
    return int(number[0] if isinstance(number, tuple) else number) == 0
