"""What the programs import as ``pyperf``: their work runs a number of times, and its CPU is noted.

It is told by the environment: ``OVERHEAD_LOOPS`` (0: as many as take ``OVERHEAD_S`` seconds),
``OVERHEAD_RESULT`` (a file for the figures), ``OVERHEAD_FOR`` (the seconds for which it is repeated), ``OVERHEAD_WITH`` (``trace``, or one of the peers that
work from inside: ``monitoring``, ``opentelemetry``).
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time

perf_counter = time.perf_counter


def python_implementation():
    return "cpython"


class Runner:
    def __init__(self, *args, add_cmdline_args=None, **kwargs):
        self.metadata = {}
        self.args = None
        self.argparser = argparse.ArgumentParser()
        self._done = False

    def parse_args(self, args=None):
        self.args = self.argparser.parse_args(args)
        return self.args

    def bench_func(self, name, function, *args, **kwargs):
        def run(loops):
            began = perf_counter()
            for _ in range(loops):
                function(*args)
            return perf_counter() - began

        self._run(run)

    def bench_time_func(self, name, function, *args, **kwargs):
        self._run(lambda loops: function(loops, *args))

    def bench_async_func(self, name, function, *args, **kwargs):
        def run(loops):
            async def all_of_them():
                for _ in range(loops):
                    await function(*args)

            began = perf_counter()
            asyncio.run(all_of_them())
            return perf_counter() - began

        self._run(run)

    def bench_command(self, name, command):
        def run(loops):
            began = perf_counter()
            for _ in range(loops):
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            return perf_counter() - began

        self._run(run)

    def _run(self, run):
        if self._done:
            return
        self._done = True
        wanted, loops = float(os.environ["OVERHEAD_S"]), int(os.environ["OVERHEAD_LOOPS"])
        if not loops:
            loops, spent = 1, cpu_of(run, 1)
            while spent < wanted / 8:
                loops *= 2
                spent = cpu_of(run, loops)
            loops = max(1, int(loops * wanted / spent))
        if "OVERHEAD_FOR" in os.environ:
            ends = time.monotonic() + float(os.environ["OVERHEAD_FOR"])
            rounds = []
            while time.monotonic() < ends:
                rounds.append(cpu_of(run, loops) / loops)
            write({"loops": loops, "rounds": rounds})
            return
        using = os.environ.get("OVERHEAD_WITH", "")
        trace = None
        if using == "trace":
            import cProfile

            trace = cProfile.Profile()
        elif using == "monitoring":
            monitor()
        elif using == "opentelemetry":
            span_each_function()
        began, wall = cpu(), time.monotonic()
        if trace is not None:
            trace.runcall(run, loops)
        else:
            run(loops)
        result = {"cpu": cpu() - began, "loops": loops}
        result["wall"] = time.monotonic() - wall
        if trace is not None:
            trace.create_stats()
            places = list(trace.stats)
            number = {place: at for at, place in enumerate(places)}
            result["functions"] = [
                [file, name, calls, own, [[number[c], n[0], n[3]] for c, n in callers.items()]]
                for (file, _, name), (_, calls, own, _, callers) in trace.stats.items()
            ]
        write(result)


def write(result):
    with open(os.environ["OVERHEAD_RESULT"], "w") as handle:
        json.dump(result, handle)


def cpu():
    """Seconds of processor time, with what children took that have ended (known to 10 ms)."""
    return time.process_time() + sum(os.times()[2:4])


def cpu_of(run, loops):
    began = cpu()
    run(loops)
    return max(1e-6, cpu() - began)


def monitor():
    """Count and time every call of Python code with callbacks that are compiled."""
    from compiled_callbacks import returned, started

    monitoring = sys.monitoring
    events = monitoring.events
    monitoring.use_tool_id(4, "overhead")
    for event in (events.PY_START, events.PY_RESUME):
        monitoring.register_callback(4, event, started)
    for event in (events.PY_RETURN, events.PY_YIELD, events.PY_UNWIND):
        monitoring.register_callback(4, event, returned)
    monitoring.set_events(
        4,
        events.PY_START | events.PY_RESUME | events.PY_RETURN | events.PY_YIELD | events.PY_UNWIND,
    )


def span_each_function():
    """A span around each call of the script's functions and methods, as the SDK records them."""
    from functools import wraps
    from types import FunctionType

    from opentelemetry.sdk.trace import TracerProvider

    tracer = TracerProvider().get_tracer("overhead")

    def spanned(function):
        name = function.__qualname__

        @wraps(function)
        def inside(*args, **kwargs):
            with tracer.start_as_current_span(name):
                return function(*args, **kwargs)

        return inside

    script = sys.modules["__main__"]
    for owner in [script, *(v for v in vars(script).values() if isinstance(v, type))]:
        if owner is not script and owner.__module__ != "__main__":
            continue
        for name, value in list(vars(owner).items()):
            if isinstance(value, FunctionType) and value.__module__ == "__main__":
                setattr(owner, name, spanned(value))
