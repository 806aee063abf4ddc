"""Which code a value of unknown type may bring: the methods and properties of the classes that can be met."""

import ast
from collections.abc import Sequence

from selfsame.compiler.analysis.program import ClassInfo, Program, nowhere
from selfsame.compiler.analysis.static import GlobalNames, known_entry
from selfsame.compiler.analysis.values import BOTTOM, Value, join, ordered

Methods = dict[str, list[tuple[ClassInfo, str]]]
Properties = dict[str, list[ClassInfo]]
Asked = tuple[str, str]
"""A question whose answer depends on which classes are met: its kind, and the name it is about."""


class Names(GlobalNames):
    """The names of a program, in an open world or a closed one.

    ``met``: the classes of the tree of which instances can be met (see `worlds`), None where any.
    ``asked`` takes what is asked of them; who wants to know puts a set of their own there.
    """

    def __init__(self, program: Program, met: frozenset[str] | None = None) -> None:
        super().__init__(program)
        self.met = met
        # What rests on the open world must hold wherever the program runs next.
        self.absent = program.absent if met is not None else nowhere
        self.asked: set[Asked] = set()
        self._answers: dict[Asked, object] = {}
        self._any: dict[str, Value] = {}
        self._below: dict[str, list[ClassInfo]] | None = None
        self._narrowed: tuple[Methods, Properties] | None = None
        self._descriptors: dict[str, list[tuple[ClassInfo, str]]] | None = None

    def of_any(self, name: str) -> Value:
        """What an instance of any class that can be met has from its class under ``name``."""
        self.asked.add(("any", name))
        if name not in self._any:
            known = self.program.classes if self.met is None else self.met
            self._any[name] = BOTTOM
            self._any[name] = join(self.of_instances(t, name) for t in sorted(known))
        return self._any[name]

    def answer(self, asked: Asked) -> object:
        """What these names say to a question: equal where two of them do not differ in it."""
        if asked not in self._answers:
            self._answers[asked] = self._answer(*asked)
        return self._answers[asked]

    def _answer(self, kind: str, name: str) -> object:
        match kind:
            case "any":
                return self.of_any(name)
            case "subclasses":
                return [info.address for info in self.subclasses(name)]
            case "methods":
                return [(info.address, method) for info, method in self.methods(name)]
            case "properties":
                return [info.address for info in self.properties(name)]
            case "running code":
                return self.running_code()
            case "descriptors":
                return [(info.address, described) for info, described in self.descriptors(name)]
            case "classes":
                return self.classes_met()
        raise ValueError(kind)

    def classes_met(self) -> list[str]:
        """The classes of the tree of a closed world, sorted."""
        self.asked.add(("classes", ""))
        return sorted(self.met or ())

    def subclasses(self, address: str) -> Sequence[ClassInfo]:
        """The classes of the tree that inherit from one, itself left out."""
        self.asked.add(("subclasses", address))
        return self._subclasses(address)

    def _subclasses(self, address: str) -> Sequence[ClassInfo]:
        if self._below is None:
            self._below = {}
            for other, info in list(self.program.classes.items()):  # a copy, as below
                if self.met is None or other in self.met:
                    for above in self.mro(other)[0]:
                        if above is not info:
                            self._below.setdefault(above.address, []).append(info)
        return self._below.get(address, ())

    def methods(self, name: str) -> Sequence[tuple[ClassInfo, str]]:
        """The methods of a name that a value of unknown type may have, each with its class."""
        self.asked.add(("methods", name))
        return (self._met()[0] if self.met is not None else self.program.methods).get(name, ())

    def properties(self, name: str) -> Sequence[ClassInfo]:
        """The classes with a property of a name that a value of unknown type may be of."""
        self.asked.add(("properties", name))
        return (self._met()[1] if self.met is not None else self.program.properties).get(name, ())

    def running_code(self) -> list[str]:
        """The names of attributes that code answers for: properties and descriptors of any class met."""
        self.asked.add(("running code", ""))
        properties = self._met()[1] if self.met is not None else self.program.properties
        self.descriptors("")
        return sorted(
            {*properties, *(n for n, found in (self._descriptors or {}).items() if found)}
        )

    def descriptors(self, name: str) -> Sequence[tuple[ClassInfo, str]]:
        """The classes that hold, under a name, an object that decides what reading the name does.

        With the address of the object's class, or empty where that is not known.
        """
        self.asked.add(("descriptors", name))
        if self._descriptors is None:
            self._descriptors = {}
            known = self.program.classes if self.met is None else self.met
            for address in sorted(known):  # a copy: looking at one class may load a module
                for info in self.mro(address)[0]:
                    for attribute, value in info.data.items():
                        entries = self._descriptors.setdefault(attribute, [])
                        for described in self._described(info, value):
                            if (info, described) not in entries:
                                entries.append((info, described))
        return self._descriptors.get(name, ())

    def _described(self, info: ClassInfo, value: ast.expr | None) -> list[str]:
        if not isinstance(value, ast.Call):
            return []
        callee = self.expression(info.module, value.func)
        found = []
        for ref in ordered(callee.refs):
            if ref[0] == "class":
                own, beyond = self.mro(ref[1])
                if any(m in i.methods for i in own for m in ("__get__", "__set__", "__delete__")):
                    found.append(ref[1])
                elif any(base.startswith("?") for base in beyond):
                    found.append("")
            elif ref[0] != "known" or known_entry(str(ref[1])) is None:
                found.append("")
        return found if callee.is_code else [*found, ""]

    def _met(self) -> "tuple[Methods, Properties]":
        if self._narrowed is None:
            methods: Methods = {}
            properties: Properties = {}
            infos = {c.address: c for a in sorted(self.met or ()) for c in self.mro(a)[0]}
            for info in infos.values():
                for name, addresses in info.methods.items():
                    methods.setdefault(name, []).extend((info, a) for a in addresses)
                for name in info.properties:
                    properties.setdefault(name, []).append(info)
            self._narrowed = methods, properties
        return self._narrowed
