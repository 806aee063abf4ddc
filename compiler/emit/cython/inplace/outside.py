"""What a unit needs from outside at each call: globals of the function's module, and of the other modules.

Those of the function's own module are handed in by name, as they are at the call. Other modules' are read in
their namespaces. These come in as their method ``get``: a code object has no hash with a dict in it.
"""

import ast

from selfsame.compiler.emit.cython.inplace.classes import first_line
from selfsame.compiler.emit.cython.inplace.error_classes import ErrorFacts
from selfsame.compiler.emit.cython.inplace.homes import Home, Relied, simple
from selfsame.compiler.emit.cython.inplace.state import Program
from selfsame.compiler.identity import content_hash
from selfsame.compiler.identity.dependencies import binding_text
from selfsame.compiler.rewrite.placeholders import imported

_SPACE = "names_of_"


class Outside:
    """``own``: globals of the own module; ``spaces``: the namespaces of the others, by their parameter.

    ``given`` is what comes in for both; ``told``: what is checked of them, for people; ``relied``: the
    functions and classes of the other modules with their digests.
    """

    def __init__(self, program: Program) -> None:
        linked = program.linked
        self.classes = sorted(_with_bases(program))
        bases = {cls: program.classes[cls].base for cls in self.classes}
        self._bases = [(cls, base) for cls, base in bases.items() if base in bases]
        self._names: dict[str, tuple[Home, str]] = {
            name: program.outside[name] for name in (*program.tables, *program.literals)
        }
        self._names |= {c: (linked.home_of[c], simple(c)) for c in self.classes}
        self._named = sorted(program.named.items())
        self._named_called = [
            (cls, which, linked.named_methods[cls][which])
            for cls, which in sorted(program.named_called)
        ]
        self._enums = sorted((cls, int(linked.is_whole(cls))) for cls in program.enums)
        self._lists = sorted(program.lists)
        compared = {which: linked.functions[which] for which in sorted(program.compared)}
        self._functions = [(w, t.node) for w, t in compared.items() if t.node is not None]
        self._errors = [self._error_text(program.use_error(cls)) for cls in sorted(program.errors)]
        self._links = sorted(linked.relied, key=_order)
        spaces: dict[str, Home] = {}
        for link in self._links:
            self._names[link.home.spelled(link.name)] = link.home, link.name
            if link.target.kind == "module":
                spaces[_SPACE + link.target.home.key] = link.target.home
            else:
                self._names[link.target.spelled] = link.target.home, link.target.name
        homes = [home for home, _ in self._names.values()]
        spaces |= {_SPACE + home.key: home for home in homes if home.key}
        self.own = sorted(name for name, (home, _) in self._names.items() if not home.key)
        self.spaces = sorted(spaces)
        placeholders = [imported(spaces[s].name, "__dict__.get").value for s in self.spaces]
        self.given = (*self.own, *map(str, placeholders))
        self.told = [f"{_told(link.home, link.name)} is {_meant(link)}" for link in self._links]
        self.told += [
            f"{_told(*program.outside[cls])} is a named tuple of {', '.join(fields)}"
            for cls, fields in self._named
        ]
        self.told += [
            f"{_told(*program.outside[cls])}.{which} is as it is written"
            for cls, which, _ in self._named_called
        ]
        self._named_own = sorted(program.named_own)
        self._named_defaults = sorted(program.named_defaults.items())
        self.told += [
            f"{_told(*program.outside[cls])} has by default {', '.join(map(repr, values))}"
            for cls, values in self._named_defaults
        ]
        self.told += [
            f"{_told(*program.outside[cls])}.{which} is what every named tuple has"
            for cls, which in self._named_own
        ]
        self.told += [f"{_told(*program.outside[cls])} is a plain Enum" for cls, _ in self._enums]
        self.told += [
            f"{_told(*program.outside[cls])} does what a list does" for cls in self._lists
        ]
        self.told += [
            f"{_told(*program.outside[cls])} is a plain exception" for cls, *_ in self._errors
        ]
        self.relied = _relied(program, self._names, self.classes)

    def _error_text(self, facts: ErrorFacts) -> tuple[str, str, bool, str]:
        init = facts.init
        text = (f"{simple(facts.name)}.__init__", init.lineno) if init is not None else ()
        return facts.name, facts.base, facts.own, repr(text)

    def reads(self, mark: str) -> list[str]:
        """What gives the other modules' globals their values; ``mark`` stands before every name."""
        return [
            f"    cdef object {mark}{spelled} = sf_global({mark}{_SPACE}{home.key}, {name!r})"
            for spelled, (home, name) in sorted(self._names.items())
            if home.key
        ]

    def checks(self, mark: str) -> list[str]:
        """That names mean the same in all modules, and classes derive from what the text says."""
        found = []
        for link in self._links:
            name = f"{mark}{link.home.spelled(link.name)}"
            if link.target.kind == "module":
                found.append(f"sf_is_module({name}, {mark}{_SPACE}{link.target.home.key})")
            else:
                found.append(f"{name} is {mark}{link.target.spelled}")
        found += [f"sf_derives({mark}{cls}, {mark}{base})" for cls, base in self._bases]
        found += [f"sf_is_named({mark}{cls}, {fields!r})" for cls, fields in self._named]
        found += [f"sf_has_defaults({mark}{cls}, {v!r})" for cls, v in self._named_defaults]
        found += [f"sf_is_named_own({mark}{cls}, {which!r})" for cls, which in self._named_own]
        for cls, which, method in self._named_called:
            place = f"{f'{simple(cls)}.{which}'!r}, {first_line(method)}"
            property_ = int(bool(method.decorator_list))
            found.append(f"sf_has_written({mark}{cls}, {which!r}, {place}, {property_})")
        for cls, base, own, text in self._errors:
            found.append(f"sf_is_error({mark}{cls}, {mark if own else ''}{base}, {text})")
        found += [f"sf_is_list_class({mark}{cls})" for cls in self._lists]
        found += [f"sf_is_written({mark}{w}, {n.name!r}, {n.lineno})" for w, n in self._functions]
        found += [f"sf_is_enum({mark}{cls}, {whole})" for cls, whole in self._enums]
        return found


def _with_bases(program: Program) -> set[str]:
    """The classes in use, with what one derives from where that is not of its module alone."""
    found = set(program.used_classes)
    for cls in program.used_classes:
        line = [cls]
        while base := program.classes[line[-1]].base:
            line.append(base)
        if len({program.linked.home_of[each].key for each in line}) > 1:
            found |= set(line)
    return found


def _order(link: Relied) -> tuple[str, str]:
    return link.home.key, link.name


def _told(home: Home, name: str) -> str:
    return f"{home.name}.{name}" if home.key else name


def _meant(link: Relied) -> str:
    target = link.target
    if target.kind == "module":
        return f"the module {target.home.name}"
    return f"{target.home.name}.{target.name}"


def _relied(
    program: Program, names: dict[str, tuple[Home, str]], classes: list[str]
) -> dict[str, str]:
    found: dict[str, str] = {}
    linked = program.linked
    of_named = {f"{cls}__does__{which}" for cls, which in program.named_called}
    for cls, _ in program.named_called:
        home, name = linked.named_of[cls]
        found[f"{home.name}:{name}"] = content_hash(linked.named_written[cls])
    for known in program.functions.values():
        if known.name.startswith("sf_"):  # made in the text of another one
            continue
        if known.name in of_named:
            continue
        inside = simple(known.inside)
        facts = program.classes.get(known.inside)
        if known.home.key and not (
            facts is not None
            and (
                known.node.name in facts.wrote or (facts.written and known.node.name == "__init__")
            )
        ):
            qualname = f"{inside}.{known.node.name}" if inside else known.node.name
            found[f"{known.home.name}:{qualname}"] = content_hash(
                program.linked.written.get(known.node, known.node)
            )
    for which, target in program.linked.functions.items():  # which no text of the function may name
        if which in program.functions and not target.home.key and target.node is not None:
            written = program.linked.written.get(target.node, target.node)
            found[f"{target.home.name}:{target.name}"] = content_hash(written)
    for cls in classes:
        home, node = program.linked.home_of[cls], program.classes[cls].node
        if home.key and node is not None:
            found[f"{home.name}:{simple(cls)}"] = content_hash(node)
    for home, name in names.values():
        key = f"{home.name}:{name}"
        if home.key and key not in found:
            found[f"{key} (name)"] = binding_text(name, _binding(home.tree, name))
    return found


def _binding(tree: ast.Module, name: str) -> list[ast.stmt]:
    """The statements at the top of a module that bind a name."""
    found: list[ast.stmt] = []
    for statement in tree.body:
        match statement:
            case ast.Import() | ast.ImportFrom():
                if binding_text(name, [statement]) != "builtin":
                    found.append(statement)
            case ast.Assign() | ast.AnnAssign():
                targets = (
                    n.id
                    for n in ast.walk(statement)
                    if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
                )
                if name in targets:
                    found.append(statement)
            case ast.FunctionDef(name=bound) | ast.ClassDef(name=bound) if bound == name:
                found.append(statement)
    return found
