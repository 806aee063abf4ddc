"""The few nodes that Cython has beyond Python's ``ast``."""

import ast


class AddressOf(ast.expr):
    """``&name``."""

    _fields = ("name",)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class Cast(ast.expr):
    """``<double>value``."""

    _fields = ("type", "value")

    def __init__(self, type: str, value: ast.expr) -> None:
        super().__init__()
        self.type = type
        self.value = value


class Declare(ast.stmt):
    """``cdef long long total = 0``; without a value where ``value`` is None."""

    _fields = ("type", "name", "value")

    def __init__(self, type: str, name: str, value: str | None) -> None:
        super().__init__()
        self.type = type
        self.name = name
        self.value = value


class CFunction(ast.stmt):
    """``cdef long long name(parameters) except ...:`` with a body."""

    _fields = ("result", "name", "parameters", "fails", "body")

    def __init__(
        self, result: str, name: str, parameters: list[str], fails: str, body: list[ast.stmt]
    ) -> None:
        super().__init__()
        self.result = result
        self.name = name
        self.parameters = parameters
        self.fails = fails
        self.body = body
