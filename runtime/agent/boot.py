"""Starts the agent in this process. Called by ``bootstrap/sitecustomize.py``."""

from __future__ import annotations

import atexit

from selfsame.runtime.agent.agent import Agent
from selfsame.runtime.link.quickjson import loads

agent: Agent | None = None


def start(link: str) -> str:
    """Start the agent that ``SELFSAME_LINK`` describes; the reason where it does not start."""
    if reason := load(link):
        return reason
    try:
        if agent is not None:
            agent.start()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def load(link: str) -> str:
    """Make the agent, without its thread; the reason where that cannot be."""
    global agent
    if agent is not None:
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
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""
