"""What a loop that is outlined is called: as a function, in addresses, and in tracebacks.

>>> loop_name("main", 0), loop_path("selfsame_loop_0_of_main"), owner_name("selfsame_loop_0_of_main")
('selfsame_loop_0_of_main', 'main/loop[0]', 'main')
>>> loop_name("", 2), loop_path("selfsame_loop_2"), owner_name("selfsame_loop_2")
('selfsame_loop_2', '<module>/loop[2]', '<module>')
>>> loop_path("main")
''
"""

import re

PREFIX = "selfsame_loop_"
_NAME = re.compile(PREFIX + r"(\d+)(?:_of_(.+))?")


def loop_name(owner: str, index: int) -> str:
    """The name of the function that the loop ``owner/loop[index]`` becomes; no owner: the module's."""
    return f"{PREFIX}{index}" + (f"_of_{owner}" if owner else "")


def loop_path(name: str) -> str:
    """What stands behind the module in the address of a loop by its function's name; empty for others."""
    found = _NAME.fullmatch(name)
    return f"{found[2] or '<module>'}/loop[{found[1]}]" if found else ""


def owner_name(name: str) -> str:
    """The name that tracebacks show for the function: that of the code which the loop is written in."""
    found = _NAME.fullmatch(name)
    return (found[2] or "<module>") if found else name
