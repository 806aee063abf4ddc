"""``selfsame compile``: the tree it writes, and what a Python that imports it sees."""

import json
import os
import subprocess
import sys
import textwrap

import pytest
from click.testing import CliRunner

from selfsame.cli.main import cli

SHOP = {
    "shop/__init__.py": '''\
        """A shop."""
        from __future__ import annotations

        import functools
        REGISTRY = []


        def register(function):
            REGISTRY.append(function)
            return None


        @register
        def hidden(a: int) -> int:
            return a + 1


        def deco(f):
            @functools.wraps(f)
            def wrapper(*a):
                return f(*a)
            return wrapper


        @deco
        def slow(n):
            """Of n."""
            return sum(i for i in range(n))


        class Cart:
            @property
            def total(self):
                return 1

            @functools.cached_property
            def once(self):
                return 2

            @staticmethod
            def s():
                return __class__.__name__

            @classmethod
            def k(cls):
                def inner():
                    return cls.__name__
                return inner

            def boom(self):
                return 1 / 0
    ''',
    "shop/nothing.py": "",
    "shop/data/table.txt": "1\n",
    "app.py": "import shop\n\ndef main():\n    return shop.slow(3)\n",
}


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))


def compile_(*arguments, code=0):
    result = CliRunner().invoke(cli, ["compile", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def tree(tmp_path):
    write(tmp_path / "src", SHOP)
    compile_(tmp_path / "src", tmp_path / "dst")
    return tmp_path / "dst"


def python(tree, text, *options, **variables):
    """Run ``text`` in a Python that imports from ``tree``: its stdout, what it wrote to stderr."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "SELFSAME"))}
    done = subprocess.run(
        [sys.executable, "-B", *options, "-c", textwrap.dedent(text)],
        cwd=tree,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout, done.stderr


PROBED = """
    import gc, types
    import shop, app
    shop.Cart.k()
    closure = shop.Cart.k()
    names = set()
    for f in gc.get_objects():
        if type(f) is types.FunctionType and f.__module__ in ("shop", "app"):
            if any(type(c).__name__ == "builtin_function_or_method" or hasattr(c, "__self__")
                   for c in f.__code__.co_consts):
                names.add(f.__qualname__)
"""


def test_the_users_files_are_there_byte_for_byte(tree, tmp_path):
    for name in SHOP:
        assert (tree / name).read_bytes() == (tmp_path / "src" / name).read_bytes()
    tag = sys.implementation.cache_tag
    pycs = sorted(p.name for p in (tree / "shop" / "__pycache__").iterdir())
    assert pycs == sorted(
        f"{stem}.{tag}{level}.pyc"
        for stem in ("__init__", "nothing")
        for level in ("", ".opt-1", ".opt-2")
    )
    assert not [p for p in tree.rglob(".selfsame-*") if p.is_file()]


def test_an_import_registers_the_module_and_leaves_its_namespace_alone(tree, tmp_path):
    names = "import shop; print(sorted(vars(shop)))"
    assert python(tree, names) == python(tmp_path / "src", names)
    out, err = python(
        tree,
        """
        import shop, app
        from selfsame.runtime.agent import loaded
        for name, (namespace, file, key) in loaded.modules.items():
            print(name, namespace is vars(__import__(name)), file, key)
        print(loaded.reasons)
        """,
    )
    assert err == ""
    assert out.splitlines() == [
        f"shop True {tree}/shop/__init__.py shop/__init__.py",
        f"app True {tree}/app.py app.py",
        "{}",
    ]


def test_without_selfsame_nothing_is_said_and_nothing_differs(tree, tmp_path):
    text = """
        import sys
        try:
            import selfsame
        except ImportError:
            print("not installed")
        import shop, app
        print(app.main(), shop.Cart.s(), sys.modules["selfsame.runtime.agent.loaded"])
    """
    out, err = python(tree, text, "-S")
    assert err == ""
    assert out == "not installed\n3 Cart None\n"


def test_an_edit_runs_as_edited(tree):
    (tree / "app.py").write_text("def main():\n    return 'edited'\n")
    assert python(tree, "import app; print(app.main())") == ("edited\n", "")


def test_windows_forced_open_reach_every_function(tree):
    text = PROBED + "\n    print(sorted(names)); print(app.main(), closure())"
    out, err = python(tree, text, SELFSAME_WINDOWS="open")
    assert err == ""
    assert out.splitlines() == [
        str(
            sorted(
                [
                    "Cart.boom",
                    "Cart.k",
                    "Cart.k.<locals>.inner",
                    "Cart.once",
                    "Cart.s",
                    "Cart.total",
                    "deco",
                    "hidden",
                    "main",
                    "register",
                    "slow",
                ]
            )
        ),
        "3 Cart",
    ]
    out, _ = python(tree, PROBED + "\n    print(sorted(names))")
    assert out == "[]\n"


@pytest.mark.parametrize("how", ["open", "rotate", "swap"])
def test_code_that_is_exchanged_all_the_while_does_the_same(tmp_path, how):
    text = """
        import contextlib, types
        @types.coroutine
        def bare(): yield
        async def awaits():
            await bare()
            return 7
        def drive(coroutine):
            coroutine.send(None)
            return run(coroutine)
        def plain(n): return 0 if n == 0 else 1 + plain(n - 1)
        def numbers(n):
            for i in range(n):
                yield plain(i)
        def walk(n):
            yield from numbers(n)
            yield -1
        def fails(n):
            try:
                raise KeyError(n)
            finally:
                plain(2)
        async def leaf(n): return n
        async def tree(n): return n and await leaf(1) + await tree(n - 1)
        class C:
            def __init__(self, n): self.n = n
            @property
            def twice(self): return 2 * self.n
            @staticmethod
            def of(n): return C(n).twice
            @contextlib.contextmanager
            def held(self): yield self.twice
        def run(coroutine):
            try: coroutine.send(None)
            except StopIteration as stop: return stop.value
        def everything():
            found = [list(walk(4)), run(tree(3)), drive(awaits()), C.of(3), sorted([2, 1], key=lambda x: -x)]
            try: fails(1)
            except KeyError as e: found.append(e.args)
            with C(2).held() as h: found.append(h)
            return found
    """
    write(tmp_path / "src", {"work.py": text})
    compile_(tmp_path / "src", tmp_path / "dst")
    out, err = python(
        tmp_path / "dst",
        """
        import os, time, threading, work
        from selfsame.runtime.agent.forced import _made
        expected = work.everything()
        found, end = set(), time.monotonic() + 20
        def again():
            for n in range(10**9):
                if n > 20 and (not _made or _made[0].swaps >= 300 or time.monotonic() > end): break
                found.add(str(work.everything()))
        threads = [threading.Thread(target=again) for _ in range(3)]
        [t.start() for t in threads]; [t.join() for t in threads]
        # The kernel may still count the threads that have just ended.
        import warnings; warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
        if not pid: os._exit(found != {str(work.everything())})
        print(found == {str(expected)}, os.waitpid(pid, 0)[1], not _made or _made[0].swaps >= 300)
        """,
        SELFSAME_WINDOWS=how,
    )
    assert (out, err) == ("True 0 True\n", "")


def test_an_unknown_way_to_force_windows_is_said(tree):
    out, err = python(tree, "import app; print(app.main())", SELFSAME_WINDOWS="wide")
    assert out == "3\n"
    assert "SELFSAME_WINDOWS is one of open, rotate, swap, not wide" in err


@pytest.mark.parametrize("option", ["-O", "-OO"])
def test_every_optimisation_level_has_its_twins(tree, option):
    text = PROBED + "\n    print(len(names), shop.slow.__doc__)"
    out, err = python(tree, text, option, SELFSAME_WINDOWS="open")
    assert (out, err) == (f"11 {'Of n.' if option == '-O' else None}\n", "")


def test_a_module_that_ends_while_the_agent_cannot_be_imported_waits(tmp_path):
    """As one does that a module imports which the agent needs."""
    write(tmp_path / "src", dict.fromkeys(("early.py", "later.py"), "def f(): pass\n"))
    compile_(tmp_path / "src", tmp_path / "dst")
    text = """
        import sys, types
        from selfsame.runtime.agent import loaded
        for name in ("codes", "recorder"):
            sys.modules.pop("selfsame.runtime.agent." + name, None)
        half = sys.modules["types"] = types.ModuleType("types")
        half.__spec__ = types.SimpleNamespace(_initializing=True)
        import early
        probed = [len(early.f.__code__.co_consts)]
        sys.modules["types"] = types
        import later
        print(probed, len(early.f.__code__.co_consts), len(later.f.__code__.co_consts))
    """
    out, err = python(tmp_path / "dst", text, SELFSAME_WINDOWS="open")
    assert (out, err) == ("[1] 3 3\n", "")


def test_live_closures_are_probed_too(tree, tmp_path):
    """``slow`` is the wrapper that ``deco`` made while the module was being imported."""
    text = """
        import shop
        code = shop.slow.__code__
        print(any(hasattr(c, "__self__") for c in code.co_consts), code.co_qualname)
    """
    out, err = python(tree, text, SELFSAME_WINDOWS="open")
    assert (out, err) == ("True deco.<locals>.wrapper\n", "")


@pytest.mark.parametrize("windows", ["", "open"])
def test_tracebacks_are_those_of_the_plain_tree(tree, tmp_path, windows):
    def trace(folder, **variables):
        _, err = python(folder, "import shop; shop.Cart().boom()", **variables)
        return err.replace(str(folder), "")

    plain = trace(tmp_path / "src")
    assert "ZeroDivisionError" in plain
    assert trace(tree, SELFSAME_WINDOWS=windows) == plain


@pytest.mark.parametrize("windows", ["", "open"])
def test_a_tracer_sees_the_lines_of_the_plain_module(tree, tmp_path, windows):
    text = """
        import sys
        seen = []
        def trace(frame, event, argument):
            if frame.f_code.co_filename.startswith({folder!r}):
                seen.append((event, frame.f_code.co_name, frame.f_lineno))
                return trace
        try:
            import selfsame.runtime.agent.loaded
        except ImportError:
            pass
        sys.settrace(trace)
        import shop, app
        app.main(), shop.Cart.k()()
        sys.settrace(None)
        print(seen)
    """

    def events(folder, *options, **variables):
        out, _ = python(folder, text.format(folder=str(folder)), *options, **variables)
        return out

    plain = events(tmp_path / "src")
    assert plain.count("'line'") > 20
    assert events(tree, SELFSAME_WINDOWS=windows) == plain


def test_what_does_not_fit_its_index_is_said_once_and_only_when_asked(tree):
    tag = sys.implementation.cache_tag
    index = tree / ".selfsame-index"
    for name in ("app.py", "shop/__init__.py"):
        (index / f"{name}.{tag}.probes").unlink()
    out, err = python(tree, "import shop, app; print(app.main())", SELFSAME_WINDOWS="open")
    assert out == "3\n"
    assert err == "selfsame: shop: not active: its index is not beside it\n"
    assert python(tree, "import shop, app; print(app.main())") == ("3\n", "")


def test_functions_other_than_the_indexs_are_left_alone(tree, tmp_path):
    """Two texts that differ in one function: the index of one, the module of the other."""
    write(tmp_path / "other", SHOP | {"app.py": SHOP["app.py"].replace("slow(3)", "slow(4)")})
    compile_(tmp_path / "other", tmp_path / "dst2")
    name = f".selfsame-index/app.py.{sys.implementation.cache_tag}.probes"
    (tree / name).write_bytes((tmp_path / "dst2" / name).read_bytes())
    out, err = python(tree, "import app; print(app.main())", SELFSAME_WINDOWS="open")
    assert out == "3\n"
    assert err == (
        "selfsame: app: not active: 1 functions are not those that the index was made from\n"
    )


def test_unchanged_modules_are_kept(tree, tmp_path):
    src = tmp_path / "src"
    before = {p: p.stat().st_mtime_ns for p in tree.rglob("*") if p.is_file()}
    assert "(3 unchanged)" in compile_(src, tree)
    after = {p: p.stat().st_mtime_ns for p in tree.rglob("*") if p.is_file()}
    table = tree / ".selfsame-index" / f"modules.{sys.implementation.cache_tag}.json"
    assert {p for p in before if before[p] != after[p]} == {table}
    (src / "app.py").write_text("def main():\n    return 'new'\n")
    (src / "shop/nothing.py").unlink()
    facts = json.loads(compile_(src, tree, "--json"))
    assert (facts["made"], facts["kept"], facts["removed"]) == (1, 1, 1)
    assert not list(tree.rglob("nothing*"))
    assert python(tree, "import app; print(app.main())") == ("'new'\n".replace("'", ""), "")
    assert json.loads(compile_(src, tree, "--again", "--json"))["made"] == 2


def test_a_file_that_does_not_parse_is_copied_and_named(tmp_path):
    write(tmp_path / "src", SHOP | {"bad.py": "x = 1\ny = (\n", "late.py": "return 1\n"})
    result = subprocess.run(
        [sys.executable, "-m", "selfsame", "compile", "src", "dst"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert f"{tmp_path}/src/bad.py:2:5: syntax error: '(' was never closed\n  y = (\n      ^\n" in (
        result.stderr
    )
    assert "late.py:1:1: does not compile: 'return' outside function" in result.stderr
    assert (tmp_path / "dst/bad.py").read_text() == "x = 1\ny = (\n"
    assert "3 modules in dst" in result.stdout
    assert python(tmp_path / "dst", "import app; print(app.main())") == ("3\n", "")
    write(tmp_path / "src", {"bad.py": "x = 1\n", "late.py": "y = 1\n"})
    assert "5 modules" in compile_(tmp_path / "src", tmp_path / "dst")


def test_a_module_that_stops_parsing_loses_its_old_probes(tree, tmp_path):
    (tmp_path / "src/app.py").write_text("def main(:\n")
    facts = json.loads(compile_(tmp_path / "src", tree, "--json", code=1))
    assert facts["errors"][0]["line"] == 1
    assert facts["errors"][0]["path"].endswith("app.py")
    assert not list(tree.rglob("app.*.p*"))


@pytest.mark.parametrize(
    ("src", "dst", "reason"),
    [
        ("src", "src", "never writes into your sources"),
        ("src", "src/build", "inside SRC"),
        ("src/shop", ".", "SRC is inside DST"),
        ("src/app.py", "src", "never writes into your sources"),
        ("src", "src/app.py", "is a file"),
        ("src", "out.py", "is a file"),
        ("nowhere", "dst", "does not exist"),
        ("src/shop/data/table.txt", "dst", "not a Python file"),
        ("src", "full", "did not write"),
    ],
)
def test_places_that_make_no_sense_are_refused(src, dst, reason, tmp_path, monkeypatch):
    write(tmp_path, {f"src/{name}": text for name, text in SHOP.items()})
    write(tmp_path, {"full/mine.txt": "precious"})
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert reason in compile_(src, dst, code=2)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    write(tmp_path / "src", SHOP)
    assert "/proc" in compile_(tmp_path / "src", "/proc/selfsame-dst", code=2)


def test_one_file(tmp_path):
    write(tmp_path / "src", SHOP)
    assert "1 module in" in compile_(tmp_path / "src/app.py", tmp_path / "dst")
    files = {p.name for p in (tmp_path / "dst").iterdir()}
    assert files == {"app.py", "__pycache__", ".selfsame-index"}


def test_links_folders_and_what_is_left_out(tmp_path):
    src = tmp_path / "src"
    write(src, SHOP | {".git/config": "x", "env/pyvenv.cfg": "", "env/lib.py": "x = 1\n"})
    write(tmp_path, {"elsewhere/m.py": "value = 5\n"})
    (src / "empty").mkdir()
    (src / "alias").symlink_to("shop")
    (src / "outside").symlink_to(tmp_path / "elsewhere")
    (src / "loop").symlink_to(".")
    (src / "dangling.txt").symlink_to("gone.txt")
    (src / "shop/run.sh").write_text("true\n")
    (src / "shop/run.sh").chmod(0o755)
    os.mkfifo(src / "pipe")
    facts = json.loads(compile_(src, tmp_path / "dst", "--json"))
    dst = tmp_path / "dst"
    assert facts["not_copied"] == [["env", "a virtual environment"], ["pipe", "not a regular file"]]
    assert not (dst / ".git").exists()
    assert not (dst / "env").exists()
    assert (dst / "empty").is_dir()
    assert os.readlink(dst / "alias") == "shop"
    assert (dst / "outside/m.py").read_text() == "value = 5\n"
    assert os.readlink(dst / "loop") == "."
    assert os.readlink(dst / "dangling.txt") == "gone.txt"
    assert os.access(dst / "shop/run.sh", os.X_OK)


def test_a_tree_reached_through_a_link_finds_its_index(tree, tmp_path):
    away = tmp_path / "away"
    away.mkdir()
    (away / "shop").symlink_to(tree / "shop")
    text = "import shop; print(any(hasattr(c, '__self__') for c in shop.deco.__code__.co_consts))"
    assert python(away, text, SELFSAME_WINDOWS="open") == ("True\n", "")


def test_a_moved_tree_still_works(tree, tmp_path):
    moved = tmp_path / "moved"
    tree.rename(moved)
    text = "import app; print(app.main.__code__.co_filename, len(app.main.__code__.co_consts))"
    out, err = python(moved, text, SELFSAME_WINDOWS="open")
    assert (out, err) == (f"{moved}/app.py 4\n", "")


def test_many_modules_in_parallel(tmp_path):
    names = [f"pkg/m{i}.py" for i in range(30)]
    write(tmp_path / "src", dict.fromkeys(["pkg/__init__.py", *names], "def f(a):\n    return a\n"))
    facts = json.loads(compile_(tmp_path / "src", tmp_path / "dst", "--json"))
    assert (facts["made"], facts["probed"], facts["left"]) == (31, 31, {})
    text = "import pkg.m7, pkg.m29; print(pkg.m7.f(7), len(pkg.m29.f.__code__.co_consts))"
    assert python(tmp_path / "dst", text, SELFSAME_WINDOWS="open") == ("7 3\n", "")


def test_the_summary_groups_what_was_left_alone(tmp_path):
    write(
        tmp_path / "src",
        {"m.py": "def a():\n    yield 1\n\npair = lambda: 1, lambda: 2\n"},
    )
    out = compile_(tmp_path / "src", tmp_path / "dst")
    assert "1 function probed, 2 left alone" in out
    assert "    2  a line has two definitions with this name" in out


PAIR = "pair = lambda: 1, lambda: 2\n"  # two that cannot be told apart


def test_names_come_from_the_import_root(tmp_path):
    write(tmp_path / "src", {"src/lib/mod.py": PAIR, "top.py": PAIR})
    facts = json.loads(compile_(tmp_path / "src", tmp_path / "dst", "--json"))
    assert [sorted(a) for a in facts["left"].values()] == [
        [f"{m}:<lambda>{n}" for m in ("lib.mod", "top") for n in ("", "#2")]
    ]
    write(tmp_path / "p", {"shop/__init__.py": "", "shop/cart.py": PAIR})
    facts = json.loads(compile_(tmp_path / "p/shop", tmp_path / "dst2", "--json"))
    assert list(facts["left"].values()) == [["shop.cart:<lambda>", "shop.cart:<lambda>#2"]]


def test_cdl_is_checked_before_anything_is_written(tmp_path):
    write(tmp_path / "src", SHOP)
    good, bad = tmp_path / "good.cdl", tmp_path / "bad.cdl"
    good.write_text("constraint app:main { max_execution_time: 10ms }\n")
    bad.write_text("constraint app:mian { max_execution_time: 10ms }\n")
    assert compile_(tmp_path / "src", tmp_path / "dst", "--cdl", good)
    done = subprocess.run(
        [sys.executable, "-m", "selfsame", "compile", "src", "dst2", "--cdl", "bad.cdl"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "bad.cdl:1:" in done.stderr
    assert not (tmp_path / "dst2").exists()


def test_the_cost_of_a_module_is_microseconds(tree):
    text = """
        import sys, timeit
        import shop
        from selfsame.runtime.agent import loaded
        call = "__import__('selfsame.runtime.agent.loaded', None, None, ('loaded',)).{}('app.py')"
        each = [min(timeit.repeat(call.format(n), number=2000, repeat=5)) / 2000
                for n in ("loaded", "finished")]
        print(sum(each) < 20e-6, {m for m in sys.modules if m.startswith("selfsame")})
    """
    out, err = python(tree, text)
    assert err == ""
    assert out.startswith("True")
    assert "recorder" not in out
