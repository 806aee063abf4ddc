"""Runs in every Python that ``selfsame run`` starts, before its program, and leaves no trace.

Takes its own folder out of ``sys.path``, runs the ``sitecustomize`` that it stands in front of,
and starts the agent: at once, or when the process has lived a moment. Whatever goes wrong here is
one line on stderr; the program runs unchanged.

All that a short process pays is in this one file: nothing else of selfsame is imported by it.
"""

# Without annotations: any Python may be started with this in its path.
# mypy: ignore-errors

MOMENT_S = 0.5  # the start of the agent takes 3 % of it
LONGEST_WAIT_S = 0.5


def _start():
    import os
    import sys

    here = os.path.dirname(__file__)  # `site` has made all that is in the path absolute
    sys.path[:] = [path for path in sys.path if path != here]
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
        _activate(os, sys, here)


def _activate(os, sys, here):
    link = os.environ.get("SELFSAME_LINK")
    if not link or os.environ.get("SELFSAME") == "off":
        return
    reason = _unsupported(sys)
    if not reason and not _main_interpreter(sys):
        return
    if not reason:
        try:
            reason = _begin(os, sys, here, link)
        except ImportError as error:
            reason = _not_imported(error)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
    if reason:
        _tell(reason)


def _begin(os, sys, here, link):
    """Start the agent now, or in a moment where the program's own process started this one."""
    at_once = os.environ.get("SELFSAME_AT_ONCE")
    if at_once and at_once != str(os.getppid()):
        _Moment(os, sys, os.path.dirname(here), link)
        return ""
    from selfsame.runtime.agent.aside import Aside

    with Aside():
        from selfsame.runtime.agent import boot

        return boot.start(link)


def _tell(reason):
    import sys

    sys.stderr.write(f"selfsame: not active in this process: {reason}\n")


def _not_imported(error):
    import sys

    return f"selfsame cannot be imported by {sys.executable}: {error}"


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
    from _signal import signal

    try:
        signal(0, 0)  # there is no such signal; other interpreters are refused any
    except ValueError as error:
        if "out of range" in str(error):
            return True
    try:  # this takes as long as all the rest here
        if sys.version_info >= (3, 13):
            from _interpreters import get_current
        else:
            from _xxsubinterpreters import get_current
    except ImportError:
        return True
    number = get_current()
    return int(number[0] if isinstance(number, tuple) else number) == 0


class _Moment:
    """Starts the agent once the process has lived a moment: of those a program starts, most are short.

    Until then there is one thread that waits. A fork ends the waiting: what forks is a server or a
    pool, and a child could not start what its parent was in the middle of importing. What opens files
    is done by a thread with descriptors of its own (where the extensions are there), which ends with
    it: the program may count on the lowest that is free.
    """

    def __init__(self, os, sys, agent, link):
        from _functools import partial
        from _thread import allocate_lock
        from atexit import register

        self.agent = agent  # its folder
        self.link = link
        # By these selfsame is found later on as it is now, whatever the program does to them.
        self.path, self.finders = sys.path[:], sys.meta_path[:]
        self.stopping = self.over = False
        self.problem = ""
        self.numbers = []  # the kernel's, of the threads that a fork has not yet seen gone
        self.wake, self.ended, self.loaded = allocate_lock(), allocate_lock(), allocate_lock()
        self.wake.acquire()
        self.ended.acquire()
        _thread(self.wait)
        self.hook = partial(self.before_fork)
        os.register_at_fork(before=self.hook)
        register(self.at_exit)

    def wait(self):
        try:
            self.number_this()
            if not self.wake.acquire(timeout=MOMENT_S):
                self.loaded.acquire()
                _thread(self.load)
                self.wake.acquire()
                # That takes long beside a busy program, which may be about to end or to fork by now.
                if not self.problem and not self.stopping:
                    self.problem = self.boot().start(self.link)
        except Exception as error:
            self.problem = f"{type(error).__name__}: {error}"
        finally:
            # Of a program that ends meanwhile, what no longer works is no problem.
            if self.problem and not self.stopping:
                _tell(self.problem)
            self.over = True
            self.ended.release()

    def load(self):
        """Load the agent, beside the program."""
        try:
            self.number_this()
            self.own_descriptors()
            self.problem = self.boot().load(self.link)
        except ImportError as error:
            self.problem = _not_imported(error)
        except Exception as error:
            self.problem = f"{type(error).__name__}: {error}"
        finally:
            self.loaded.release()
            self.poke()

    def own_descriptors(self):
        """Straight from the extension's file: to look for it would open folders."""
        from _frozen_importlib import _load
        from _frozen_importlib_external import spec_from_file_location
        from _imp import extension_suffixes

        name = "selfsame.runtime.agent.looks"
        try:
            file = f"{self.agent}/looks{extension_suffixes()[0]}"
            _load(spec_from_file_location(name, file)).own_descriptors()
        except ImportError:
            pass

    def boot(self):
        """The module that starts the agent, from where it would have been imported at first."""
        from sys import modules

        if "selfsame" not in modules:
            from _frozen_importlib import _load

            for finder in self.finders:
                find = getattr(finder, "find_spec", None)  # an old finder has none
                if find is not None and (spec := find("selfsame", self.path)) is not None:
                    _load(spec)
                    break
        from selfsame.runtime.agent import boot

        return boot

    def number_this(self):
        from _thread import get_native_id

        self.numbers.append(get_native_id())

    def poke(self):
        try:
            self.wake.release()
        except RuntimeError:  # nobody waits
            pass

    def stop(self):
        """End the waiting; whether it ended now."""
        if self.over or self.stopping:
            return False
        self.stopping = True
        self.poke()
        return self.ended.acquire(timeout=LONGEST_WAIT_S)

    def before_fork(self):
        """The agent is there, and at rest: its own hooks start it on both sides."""
        try:
            if not self.over:
                if not self.stop() or not self.loaded.acquire(timeout=LONGEST_WAIT_S):
                    return
                boot = self.boot()
                if boot.agent is not None:
                    boot.agent.rest(LONGEST_WAIT_S)
                elif reason := boot.load(self.link):
                    _tell(reason)
            numbers, self.numbers = self.numbers, []
            if numbers:
                from selfsame.runtime.agent.thread import gone

                for number in numbers:
                    gone(number, LONGEST_WAIT_S)
            # Hooks cannot be taken out. This one is done: from here on it calls no code of Python, in
            # which the program's handlers of signals would run.
            self.hook.__setstate__((int, (), {}, None))
        except BaseException as error:
            from selfsame.runtime.agent.native import pass_on

            pass_on(error)

    def at_exit(self):
        from sys import modules

        if self.stop():
            # Where it is still being imported, nothing of it has begun.
            agent = getattr(modules.get("selfsame.runtime.agent.boot"), "agent", None)
            if agent is not None:
                agent.finish()


def _thread(body):
    """Run it in a thread in which all signals are blocked: they are the program's."""
    from _signal import SIG_BLOCK, SIG_SETMASK, pthread_sigmask, valid_signals
    from _thread import start_new_thread

    before = pthread_sigmask(SIG_BLOCK, valid_signals())
    try:
        start_new_thread(body, ())
    finally:
        pthread_sigmask(SIG_SETMASK, before)


_start()
