"""Runs a function over many jobs in processes of their own, and outlives the death of any of them.

Each worker is a fresh interpreter (a fork of a process with threads may hang) and holds one job at a
time, so that it is known which job a worker died of; the others go on.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar, final

Job = TypeVar("Job")
Result = TypeVar("Result")


@final
@dataclass(frozen=True, slots=True)
class Died(Generic[Job]):
    """A job that has no result: its worker ended, or raised what the function should not raise."""

    job: Job
    reason: str


def count() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    function: Callable[[Job], Result], jobs: Sequence[Job], workers: int
) -> Iterator[Result | Died[Job]]:
    """The results as they come, in no order. ``function`` and jobs must be picklable.

    With one worker, or no more than one job, it runs in this process.
    """
    workers = min(workers, len(jobs))
    if workers < 2:
        yield from map(function, jobs)
        return
    waiting = list(reversed(jobs))
    crew = [_Worker(function) for _ in range(workers)]
    try:
        for worker in crew:
            worker.give(waiting.pop())
        while crew:
            by_pipe = {worker.pipe: worker for worker in crew}
            for pipe in wait(list(by_pipe)):
                worker = by_pipe[pipe]  # type: ignore[index]
                done = worker.take()
                if worker.dead:
                    crew.remove(worker)
                    if waiting:
                        worker = _Worker(function)
                        crew.append(worker)
                if waiting:
                    worker.give(waiting.pop())
                elif not worker.dead:
                    worker.stop()
                    crew.remove(worker)
                yield done
    finally:
        for worker in crew:
            worker.kill()


class _Worker(Generic[Job, Result]):
    """One process and the job it has."""

    def __init__(self, function: Callable[[Job], Result]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(function, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.dead = False
        self.job: Job

    def give(self, job: Job) -> None:
        self.job = job
        try:
            self.pipe.send(job)
        except OSError:
            pass  # it is dead already: `take` finds that out

    def take(self) -> Result | Died[Job]:
        try:
            raised, found = self.pipe.recv()
        except (EOFError, OSError):
            self.dead = True
            self.process.join()
            self.pipe.close()
            return Died(self.job, _ending(self.process.exitcode))
        result: Result = found
        return Died(self.job, found) if raised else result

    def stop(self) -> None:
        self.pipe.close()
        self.process.join()

    def kill(self) -> None:
        self.process.kill()
        self.stop()


def _serve(function: Callable[[Job], Result], pipe: Connection) -> None:
    """The life of a worker: it ends when its pipe does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    # Deep nesting takes C stack here and there; the first thread's size is not ours to choose.
    threading.stack_size(256 * 1024 * 1024)
    thread = threading.Thread(target=_work, args=(function, pipe))
    thread.start()
    thread.join()


def _work(function: Callable[[Job], Result], pipe: Connection) -> None:
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        try:
            answer: tuple[bool, object] = False, function(job)
        except Exception as error:
            answer = True, f"{type(error).__name__}: {error}"
        try:
            pipe.send(answer)
        except OSError:
            return  # nobody waits for it any more


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"its worker was ended by {signal.Signals(-code).name}"
    return f"its worker ended with exit code {code}"
