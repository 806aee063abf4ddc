"""What running a function does beyond giving a result: the facts that shadowing and rewriting ask for.

**Shadowable**: running the function again on copies of its arguments, in another process, has no
effect outside: no input or output, clock, randomness, writes to classes, waiting, unknown calls.
Changing its arguments is allowed, because a trial compares them; so is changing data of the tree's
modules, which goes with every captured call and is compared as well, and giving items one by one.
**Pure**: shadowable, and nothing that was there before is changed, so that it may be run again after it
was left halfway; nor does it tell where objects are in memory (``id``, the hash or the text of an object
that has none of its own), which is another place in another process.
**Dry**: what stands in the way of that is not known, or a write to a class, function or module, and
is seen when it happens: a worker, which has classes and modules of its own, may run a call and look.
**Replayable**: shadowable, but for calls in its own body of outside functions whose results are recorded
in the program and given to the calls of a trial, and for lines that are printed, logged or warned with,
which a trial compares. No rewrite's conditions rest on that.
Both hold for arguments that are data: values of builtin types and of the tree's own classes, no
iterators. What cannot be seen (a function that is passed in, code of other packages) is unknown.

Much more is known where it is known what comes in: a `World` is what is assumed of all that a function
did not make itself. Captured calls name the classes and functions in them, and so prove a world for
these calls; facts in it hold for them, and say nothing of others.
"""

import ast
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import thread_time

from selfsame.compiler.analysis.containers import Container
from selfsame.compiler.analysis.depending import Dependencies
from selfsame.compiler.analysis.frame import LEVELS, Mutation, Problem, Summary, TooLong
from selfsame.compiler.analysis.interprocedural import Analysis, analysis_of, settled
from selfsame.compiler.analysis.program import Module, Program, nowhere, shared
from selfsame.compiler.analysis.replayed import OutsideCall
from selfsame.compiler.analysis.tri import Tri
from selfsame.compiler.analysis.worlds import Named, World, seen
from selfsame.compiler.cst.source import Source
from selfsame.compiler.errors import Diagnostic, Place, UserError
from selfsame.compiler.identity import Definition
from selfsame.runtime.agent.shared import GENERATOR


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of one function. ``reasons`` say, with lines, why something is not ``YES``.

    ``callees`` are the functions of the tree that it calls itself; ``globals_read`` the data of
    modules, as (module, name), that it reads or writes with all that it calls, ``globals_changed``
    what of it may be another or hold something else afterwards. ``replayable``: shadowable, but for
    the calls in ``replayed``, which a trial answers with what they gave in the program, and for what it
    prints and logs, if it is ``outgoing``, itself or by what it calls. ``dry``: it is not ``replayable``,
    and nothing that was found reaches out of the process for sure, so that a worker can tell.
    """

    pure: Tri
    shadowable: Tri
    reasons: tuple[str, ...]
    may_raise: Tri
    callees: tuple[str, ...]
    globals_read: tuple[tuple[str, str], ...]
    globals_changed: tuple[tuple[str, str], ...] = ()
    replayable: Tri = Tri.UNKNOWN
    replayed: tuple[OutsideCall, ...] = ()
    outgoing: bool = False
    dry: bool = False

    @property
    def told(self) -> str:
        """The reasons that weigh most, in one line."""
        return "; ".join(self.reasons[:2]) or "its effects are not known"


class ModuleFacts:
    """The facts of one module's functions. Addresses are of this module or of its callees'.

    Effects that take over ``patience_s`` seconds of this thread to find out are unknown, then in
    every world, until what they hang on was found for others.
    """

    def __init__(self, program: Program, module: Module, patience_s: float = math.inf) -> None:
        self._patience_s = patience_s
        self._program = program
        self._module = module
        self._effects: dict[tuple[str, World | None], Effects] = {}
        self._too_long: set[str] = set()
        self._version = -1

    @classmethod
    def of(
        cls,
        source: Source,
        resolve: Callable[[str], Source | None],
        patience_s: float = math.inf,
        script: bool = False,
        absent: Callable[[str], bool] = nowhere,
    ) -> "ModuleFacts":
        """The facts of ``source``; ``resolve`` gives the tree's other modules by dotted name.

        ``script``: it runs as ``__main__``, of which a worker executes definitions alone. ``absent``
        tells which modules the program cannot import. Work is shared between modules with the same
        ``resolve`` until a source changes. Raises UserError where ``source`` does not parse.
        """
        program = shared(resolve, source, script, absent)
        module = program.modules[source.module]
        assert module is not None
        return cls(program, module, patience_s)

    def effects(self, address: str, world: World | None = None) -> Effects:
        """The effects of the function at ``address`` on calls of a world, by default on all.

        Raises UserError where there is no such function.
        """
        with self._program.lock:
            while True:
                self._begin_anew_where_modules_came()
                found = self._effects.get((address, world)) or self._follow(address, world)
                if self._version == self._program.version:
                    return found  # no module was loaded meanwhile

    def _begin_anew_where_modules_came(self) -> None:
        if self._version != self._program.version:
            self._effects.clear()
            self._too_long.clear()
            self._version = self._program.version

    def _follow(self, address: str, world: World | None) -> Effects:
        definition = self._definition(address)
        # What took too long once may be known by now: others asked for the rest of it.
        patience_s = 0.0 if address in self._too_long else self._patience_s
        try:
            with self._patiently(patience_s):
                analysis = settled(self._program, address, world)
                opened = world if analysis.world is None else None
                found = self._effects[address, world] = _effects(analysis, definition, opened)
            return found
        except TooLong:
            if not self._program.hurried:
                self._too_long.add(address)
        return _too_long(definition, self._patience_s)

    @contextmanager
    def _patiently(self, patience_s: float) -> Iterator[None]:
        """A block that ends with TooLong where it takes longer than it may. The lock is held."""
        program = self._program
        program.until_s = thread_time() + patience_s
        try:
            yield
        finally:
            program.until_s = math.inf

    def plain(self, address: str) -> Effects:
        """The effects on data of builtin types: what a function and its globals are given at best.

        Of a method the receiver is an instance of its class. What this does not allow, no world does.
        """
        return self.effects(address, self._plain_world(address))

    def reached(self, address: str) -> tuple[tuple[Module, Definition], ...]:
        """The function and all of the tree that it calls on data of builtin types, each once."""
        with self._program.lock:
            analysis = settled(self._program, address, self._plain_world(address))
            found = []
            for each in analysis.reached(address):
                module, definition = self._program.of(each), self._program.definition(each)
                if module is not None and definition is not None:
                    found.append((module, definition))
            return tuple(found)

    def _plain_world(self, address: str) -> World:
        parent = self._definition(address).parent
        classes = {parent} & set(self._program.classes) if parent is not None else ()
        return World().with_classes(classes)

    def containers(self, address: str, world: World | None = None) -> tuple[Container, ...] | None:
        """The containers that the function makes, with whether they escape; None where not known."""
        with self._program.lock:
            self._definition(address)
            analysis = settled(self._program, address, world)
            analysis.summary(address)
            return analysis.containers.get(address)

    def never_shadowable(self, address: str) -> str:
        """Why no call may be run again, whatever comes in; empty where that depends on what does."""
        plain = self.plain(address)  # first: it takes least
        return "" if plain.dry else self.never_cleared(address)

    def never_cleared(self, address: str) -> str:
        """Why facts clear no call, so that each had to be run dry first; empty where they may clear some."""
        plain = self.plain(address)
        return "" if plain.replayable or self.effects(address).replayable else plain.told

    def seen(self, named: Sequence[Named]) -> World | None:
        """The world of calls that name these classes and functions."""
        with self._program.lock:
            for module, *_ in named:  # first: what is known begins anew with each that is loaded
                self._program.module(module)
            return seen(analysis_of(self._program).names, named)

    def globals_read(self, address: str) -> tuple[tuple[str, str], ...]:
        """The data globals that a call reads, transitively, as (module, name)."""
        return self.effects(address).globals_read

    def callees(self, address: str) -> tuple[str, ...]:
        """The tree's functions that the function calls itself."""
        return self.effects(address).callees

    def source(self, module: str) -> Source | None:
        """Another module of the tree, by its dotted name; None where there is none."""
        with self._program.lock:
            if module in self._program.modules:
                known = self._program.modules[module]
                return known.source if known is not None else None
            return self._program.resolve(module)

    def dependencies(self, address: str, world: World | None = None) -> dict[str, str]:
        """The dependency set of the function: see ``compiler/identity/dependencies.py``.

        With what its facts in ``world`` rely on, too.
        """
        with self._program.lock:
            definition = self._definition(address)
            analysis = analysis_of(self._program)
            found = Dependencies(self._program, self._module, analysis.names)
            narrowed = settled(self._program, address, world)
            reached = dict.fromkeys([*analysis.reached(address), *narrowed.reached(address)])
            reads = analysis.summary(address).reads | narrowed.summary(address).reads
            return found.of(definition, reached, reads)

    def _definition(self, address: str) -> Definition:
        definition = self._program.definition(address)
        if definition is None or isinstance(definition.node, ast.ClassDef):
            place = Place(self._module.source.path, 1)
            raise UserError(Diagnostic(place, f"there is no function at {address}"))
        return definition


def _effects(analysis: Analysis, definition: Definition, opened: World | None) -> Effects:
    """``opened``: the world that is assumed, of whose code an analysis in the open world knows nothing."""
    code_comes_in = opened is not None and opened.has_code
    summary = analysis.summary(definition.address)
    problems = set(summary.problems)
    changes: set[Mutation] = set()
    dry = True
    for mutation in summary.mutations:
        kind, name = mutation.root
        name = name.partition(".")[0]
        if kind in ("free", "in-free"):
            dry = False  # variables of another call, which a worker does not have
            text = f"changes `{name}` of an enclosing function"
            problems.add(Problem(mutation.line, "no" if mutation.sure else "unknown", text))
        else:
            changes.add(mutation)
            if code_comes_in and kind not in ("global", "place"):
                text = "may set an attribute of a function, class or module"
                problems.add(Problem(mutation.line, "unknown", text))
    if opened is not None and opened.module_values:
        text = f"may call what the module {opened.module_values[0]} has, which comes in"
        problems.add(Problem(definition.line, "unknown", text))
    if definition.kind in ("coroutine", "asyncgen"):
        problems.add(Problem(definition.line, "no", "is asynchronous"))
    replayable = shadowable = Tri.YES
    replayed = sorted({call for problem in problems for call in problem.replayed})
    told = [(True, True, 1 << 30, _change(m)) for m in sorted(changes)]
    for problem in problems:
        shadowable &= problem.answer
        # What goes on between the steps of a generator is not of one call.
        compared = bool(problem.replayed) or problem.outgoing
        compared = compared and definition.kind in ("function", "lambda")
        if not compared:
            replayable &= problem.answer
            dry = dry and problem.level not in ("no", "reaches out")
        # What stands in the way is told before what a trial compares.
        sentence = _sentence(analysis, problem)
        told.append((compared, problem.level == "unknown", problem.line, sentence))
    pure = shadowable
    if definition.kind == "generator":  # what was done up to an item is seen, and not done again
        pure &= Tri.NO
        told.append((True, True, 1 << 30, f"line {definition.line}: others run between its steps"))
    if changes:
        pure &= Tri.NO if any(m.sure for m in changes) else Tri.UNKNOWN
    reasons = tuple(dict.fromkeys(text for *_, text in sorted(told)))
    return Effects(
        pure,
        shadowable,
        reasons,
        _may_raise(definition.node, summary),
        tuple(sorted(summary.callees)),
        tuple(sorted(summary.reads)),
        tuple(sorted({_global(m.root[1]) for m in changes if m.root[0] == "global"})),
        replayable,
        tuple(replayed),
        any(problem.outgoing for problem in problems),
        dry and not replayable,
    )


def _too_long(definition: Definition, seconds: float) -> Effects:
    reason = f"line {definition.line}: what it calls takes over {seconds:g} s to follow"
    unknown = Tri.UNKNOWN
    return Effects(unknown, unknown, (reason,), unknown, (), (), dry=True)


def _global(dotted: str) -> tuple[str, str]:
    module, _, name = dotted.rpartition(".")
    return module, name


def _change(mutation: Mutation) -> str:
    kind, name = mutation.root
    if kind == "place":
        what = "draw a seed from the system" if name else "tell where something is in memory"
        return f"line {mutation.line}: may {what}: {mutation.text}"
    if kind == "global":
        if name == ".".join(GENERATOR):
            return f"line {mutation.line}: draws random numbers: {mutation.text}"
        verb = "writes" if mutation.sure else "may write"
        return (
            f"line {mutation.line}: {verb} to global `{name.rpartition('.')[2]}`: {mutation.text}"
        )
    name = name.partition(".")[0]
    what = f"argument `{name}`" if kind == "param" else f"what argument `{name}` holds"
    verb = "changes" if mutation.sure else "may change"
    return f"line {mutation.line}: {verb} {what}: {mutation.text}"


def _sentence(analysis: Analysis, problem: Problem) -> str:
    """The problem with, for a callee's, the nearest cause below it."""
    text = f"line {problem.line}: {problem.text}"
    queue = [problem.via] if problem.via else []
    seen = set(queue)
    for address in queue:
        found = [
            p
            for p in analysis.summary(address).problems
            if p.outgoing == problem.outgoing and not p.own_only
        ]
        worst = min((LEVELS.index(p.level) for p in found), default=0)
        inner = sorted(p for p in found if p.level == LEVELS[worst])
        for cause in inner:
            if not cause.via:
                where = f"line {cause.line} of {address.partition(':')[0]}"
                return f"{text}, which {cause.text} ({where})"
        for cause in inner:
            if cause.via not in seen:
                seen.add(cause.via)
                queue.append(cause.via)
    return text


_CANNOT_RAISE = (
    ast.arguments,
    ast.arg,
    ast.Constant,
    ast.expr_context,
    ast.Return,
    ast.Pass,
    ast.Is,
    ast.IsNot,
    ast.Lambda,
    ast.Expr,
    ast.Tuple,
    ast.List,
    ast.Dict,
)


def _may_raise(node: ast.AST, summary: Summary) -> Tri:
    """``YES`` where a ``raise`` or ``assert`` is reached, ``NO`` where nothing in it can raise."""
    if summary.raises:
        return Tri.YES
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    names = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    for part in body:
        for inner in ast.walk(part):
            if isinstance(inner, ast.Compare):
                if not all(isinstance(op, ast.Is | ast.IsNot) for op in inner.ops):
                    return Tri.UNKNOWN
            elif isinstance(inner, ast.Name):
                if inner.id not in names:
                    return Tri.UNKNOWN
            elif isinstance(inner, ast.Dict):
                if not all(isinstance(k, ast.Constant) for k in inner.keys):
                    return Tri.UNKNOWN
            elif not isinstance(inner, _CANNOT_RAISE):
                return Tri.UNKNOWN
    return Tri.NO
