"""``selfsame check`` as users run it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SEED = (
    "constraint node_1 { max_execution_time: 10ms, max_memory_usage: 1MB,"
    " error_rate: < 0.1%, algorithm: [sort_a, sort_b] }\n"
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    package = tmp_path / "shop"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "cart.py").write_text(
        "class Cart:\n"
        "    def total(self):  # selfsame: node_1\n"
        "        return sum(x for x in sort_a(self.items))\n"
        "    def slow(self):\n"
        "        for item in self.items:\n"
        "            item.load()\n"
        "def sort_a(rows):\n"
        "    return sorted(rows)\n"
        "def sort_b(rows):\n"
        "    return sorted(list(rows))\n"
        "def sort_two(rows, key):\n"
        "    return sorted(rows, key=key)\n"
    )
    return tmp_path


def check(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "selfsame", "check", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def test_what_is_right_is_explained(tmp_path):
    (tmp_path / "a.cdl").write_text(SEED)
    done = check(tmp_path, "a.cdl")
    assert done.returncode == 0, done.stderr
    assert "constraint node_1\n  wall time of a call" in done.stdout
    assert "may use as algorithm: sort_a, sort_b  (a.cdl:1)" in done.stdout
    assert done.stdout.endswith("a.cdl: ok, 1 constraint\n")


def test_names_that_are_not_there_are_told_at_once_with_what_is_written_wrong(shop):
    (shop / "a.cdl").write_text(
        "constraint node_1, shop.cart:sort { extends: interactiv, max_execution_time: 5mb }\n"
        "constraint shop.cart:sort_a { container: [list-pop-to-deque], mode: ato }\n"
    )
    done = check(shop, "a.cdl", "--source", "shop")
    assert done.returncode == 2
    assert [line for line in done.stderr.split("\n") if "a.cdl:" in line] == [
        "a.cdl:1:20: there is no node `shop.cart:sort`",
        "a.cdl:1:46: there is no profile `interactiv`",
        "a.cdl:1:79: `mb` is a unit of size, but max_execution_time is a time",
        "a.cdl:2:43: there is no template `list-pop-to-deque`",
        "a.cdl:2:69: mode takes `watch`, `shadow`, `approve` or `auto`, not `ato`",
    ]
    assert len(json.loads(check(shop, "a.cdl", "--json").stdout)["diagnostics"]) == 4


@pytest.mark.parametrize(
    "broken",
    [
        "profil careful { mode: watch }\nselection hot { nodes: [shop.cart:*] }\n",
        "profile care]ful { mode: watch }\nselection hot { nodes: [shop.cart:*] }\n",
        "profile careful { mode: watch }\nselection hot { nods: [shop.cart:*] }\n",
        "profile careful { mode: watch }\nselection hot { nodes: [shop.cart:* }\n",
        "import nowhere.cdl\n",
    ],
)
def test_a_name_whose_declaration_may_be_the_broken_one_is_not_missed(shop, broken):
    (shop / "a.cdl").write_text(broken + "constraint @hot { extends: careful }\n")
    done = check(shop, "a.cdl", "--source", "shop")
    assert done.returncode == 2
    assert done.stderr.count("a.cdl:") == 1, done.stderr


def test_all_mistakes_of_all_files(tmp_path):
    (tmp_path / "a.cdl").write_text("constraint a { mode: ato, partial: yse }\n")
    (tmp_path / "b.cdl").write_text("constraint b { max_cpu_time: 1MB }\n")
    (tmp_path / "c.cdl").write_bytes(b"\xff\n")
    done = check(tmp_path, "a.cdl", "b.cdl", "c.cdl")
    assert done.returncode == 2
    assert done.stdout == ""
    assert [line for line in done.stderr.split("\n") if ".cdl:" in line] == [
        "a.cdl:1:22: mode takes `watch`, `shadow`, `approve` or `auto`, not `ato`",
        "a.cdl:1:36: partial takes `yes` or `no`, not `yse`",
        "b.cdl:1:31: `MB` is a unit of size, but max_cpu_time is a time",
        "c.cdl:1:1: this file is not UTF-8: byte 0xff cannot be decoded",
    ]
    assert "  constraint a { mode: ato, partial: yse }\n                       ^^^\n" in done.stderr
    assert "Traceback" not in done.stderr


def test_bound_to_a_tree(shop):
    (shop / "a.cdl").write_text(
        SEED
        + "constraint shop.**:Cart.* { mode: auto }\nconstraint shop.cart:Cart.slow/loop[0] { never }\n"
    )
    done = check(shop, "a.cdl", "--source", ".")
    assert done.returncode == 0, done.stderr
    assert "constraint node_1  (a.cdl:1)\n  names shop.cart:Cart.total\n" in done.stdout
    assert "  names shop.cart:Cart.total, shop.cart:Cart.slow\n" in done.stdout
    assert "shop.cart:Cart.slow/loop[0]\n  never touched  (a.cdl:3)\n" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("ok: 3 of ")


@pytest.mark.parametrize("source", [".", "shop", "shop/cart.py"])
def test_a_package_has_its_name_wherever_the_tree_starts(shop, source):
    (shop / "a.cdl").write_text("constraint shop.cart:Cart.slow { mode: auto }\n")
    done = check(shop, "a.cdl", "--source", source)
    assert done.returncode == 0, done.stderr


def test_a_constraint_that_names_nothing(shop):
    (shop / "a.cdl").write_text("constraint node_2 { mode: auto }\nconstraint x:* { never }\n")
    done = check(shop, "a.cdl", "--source", "shop")
    assert done.returncode == 2
    assert "a.cdl:1:12: no node has the label `node_2`\n" in done.stderr
    assert "did you mean `node_1`?" in done.stderr
    assert "a.cdl:2:12: there is no module `x` with nodes\n" in done.stderr


def test_what_cannot_be_read_in_the_tree_is_noted(shop):
    (shop / "shop" / "broken.py").write_text("def f(:\n")
    (shop / "shop" / "lost.py").write_text("x = 1  # selfsame: lost\n")
    (shop / "a.cdl").write_text("constraint node_1 { mode: auto }\n")
    done = check(shop, "a.cdl", "--source", "shop")
    assert done.returncode == 0
    assert "note: shop/broken.py:1:" in done.stderr
    assert "the label `lost` is on a line without a node" in done.stderr


def test_algorithms_that_are_not_there_or_take_other_arguments(shop):
    (shop / "a.cdl").write_text(
        "constraint shop.cart:sort_a { algorithm: [sort_a, sort_bb, sort_two] }\n"
        "constraint shop.cart:Cart.slow { algorithm: [sort_a, sort_b] }\n"
        "constraint shop.cart:Cart.* { container: any }\n"
        "constraint shop.cart:* { algorithm: [sort_a, sort_b] }\n"
    )
    done = check(shop, "a.cdl", "--source", ".")
    assert done.returncode == 2
    lines = [line for line in done.stderr.split("\n") if line.startswith("a.cdl:")]
    assert lines == [
        "a.cdl:1:51: sort_bb: there is no such function in scope (at shop.cart:sort_a)",
        "a.cdl:1:60: sort_two: it needs 2 arguments, and gets 1 (at shop.cart:sort_a)",
        "a.cdl:2:34: it is none of sort_a, sort_b and calls none of them (at shop.cart:Cart.slow)",
    ]
    assert "did you mean `sort_b`?" in done.stderr


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ("p50_execution_time: > 10ms, p99_execution_time: 5ms",
         "p50_execution_time > 10ms cannot hold where p99_execution_time is 5ms"),
        ("mean_cpu_time: >= 2s; max_cpu_time: < 2s",
         "mean_cpu_time >= 2s cannot hold where max_cpu_time is < 2s"),
        ("never; algorithm: [a, b]", "`algorithm` has no effect: the node is never touched"),
        ("timing: preserve; mode: auto",
         "`mode` has no effect: the node is never rewritten (timing: preserve)"),
        ("algorithm: [x]; never: [x]", "nothing is left of this algorithm: `never` forbids all of it"),
        ("memoise: [repeated-call-to-memo]; tenants: customer; compile: any",
         None),
    ],
)  # fmt: skip
def test_contradictions(tmp_path, properties, message):
    (tmp_path / "a.cdl").write_text(f"constraint node_1 {{ {properties} }}\n")
    done = check(tmp_path, "a.cdl")
    if message is None:
        message = "nothing is left of this memoise: tenants forbid it"
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("a.cdl:1:") == 1


def test_bounds_that_can_hold_together_are_no_contradiction(tmp_path):
    (tmp_path / "a.cdl").write_text(
        "constraint a { p50_execution_time: > 1ms; p99_execution_time: 5ms; mean_execution_time: 9ms\n"
        "error_rate[ValueError]: > 1%; error_rate[KeyError]: < 1%; max_cpu_time: 1s }\n"
    )
    assert check(tmp_path, "a.cdl").returncode == 0


def test_json(shop):
    (shop / "a.cdl").write_text(SEED)
    done = check(shop, "a.cdl", "--source", "shop", "--json")
    facts = json.loads(done.stdout)
    assert (done.returncode, facts["ok"], facts["diagnostics"]) == (0, True, [])
    (constraint,) = facts["documents"][0]["constraints"]
    assert constraint["bound_to"] == ["shop.cart:Cart.total"]
    assert constraint["bounds"][0] == {
        "property": "max_execution_time",
        "comparator": "<=",
        "value": 0.01,
        "unit": "ms",
        "window_s": None,
        "samples": None,
        "relative": False,
    }
    assert list(facts["nodes"]) == ["shop.cart:Cart.total"]


def test_json_of_mistakes(shop):
    (shop / "a.cdl").write_text("constraint a { mode: ato }\n")
    done = check(shop, "a.cdl", "--json")
    facts = json.loads(done.stdout)
    assert (done.returncode, facts["ok"]) == (2, False)
    (mistake,) = facts["diagnostics"]
    assert (mistake["line"], mistake["column"], mistake["width"]) == (1, 22, 3)
    assert mistake["suggestion"] == "did you mean `auto`?"
    (shop / "a.cdl").write_text("constraint nowhere { mode: auto }\n")
    done = check(shop, "a.cdl", "--source", "shop", "--json")
    assert (done.returncode, json.loads(done.stdout)["ok"]) == (2, False)


@pytest.mark.parametrize("arguments", [[], ["not_there.cdl"], ["."], ["--no-such-option"]])
def test_wrong_usage(tmp_path, arguments):
    done = check(tmp_path, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_help_has_an_example(tmp_path):
    done = check(tmp_path, "--help")
    assert done.returncode == 0
    assert "selfsame check shop.cdl --source shop/" in done.stdout


def test_algorithms_of_another_module_are_looked_at_there(shop):
    (shop / "shop" / "sorting.py").write_text(
        "import selfsame\n"
        "def sort_c(rows):\n    return sorted(rows)\n"
        "def sort_many(rows, key, way):\n    return sorted(rows)\n"
        "@selfsame.algorithm\ndef sort_reg(rows):\n    return sorted(rows)\n"
        "def sort_gen(rows):\n    yield from sorted(rows)\n"
    )
    with open(shop / "shop" / "cart.py", "a") as cart:
        cart.write("from .sorting import sort_gen, sort_many as many\n")
    (shop / "a.cdl").write_text(
        "constraint shop.cart:sort_a { algorithm: [sort_a, shop.sorting:sort_c, sort_reg] }\n"
        "constraint shop.cart:sort_b { algorithm: [sort_b, shop.sorting:sort_cc, shop.sorting:sort_many] }\n"
        "constraint shop.cart:sort_two { algorithm: [sort_two, sort_gen, many, os:getcwd] }\n"
    )
    done = check(shop, "a.cdl", "--source", ".")
    lines = [line for line in done.stderr.split("\n") if line.startswith("a.cdl:")]
    assert lines == [
        "a.cdl:2:51: shop.sorting:sort_cc: there is no function sort_cc in shop.sorting; "
        "did you mean `sort_c`? (at shop.cart:sort_b)",
        "a.cdl:2:73: shop.sorting:sort_many: it needs 3 arguments, and gets 1 (at shop.cart:sort_b)",
        "a.cdl:3:55: sort_gen: it is a generator, not a function (at shop.cart:sort_two)",
        "a.cdl:3:65: many: it needs 3 arguments, and gets 2 (at shop.cart:sort_two)",
    ]


@pytest.mark.parametrize(
    ("properties", "message", "hint"),
    [
        ("never: [memoize]", "there is no template `memoize`", "did you mean `memoise`?"),
        ("container: [nosuch]", "there is no template `nosuch`", "`selfsame templates` lists them"),
        (
            "compile: [linear-membership-to-set]",
            "`linear-membership-to-set` is a template of algorithm, not of compile",
            "algorithm: [linear-membership-to-set]",
        ),
        (
            "algorithm: [sort_a, sort_b, linear-membershp-to-set]",
            "there is no template `linear-membershp-to-set`",
            "did you mean `linear-membership-to-set`?",
        ),
    ],
)
def test_templates_that_are_not_there(shop, properties, message, hint):
    (shop / "a.cdl").write_text(f"constraint node_1 {{ {properties} }}\n")
    for more in ([], ["--source", "."]):
        done = check(shop, "a.cdl", *more)
        assert (done.returncode, done.stdout) == (2, "")
        assert [line for line in done.stderr.split("\n") if "a.cdl:1:" in line] == [
            f"a.cdl:1:{done.stderr.split(':')[2]}: {message}"
        ]
        assert f"\n  {hint}\n" in done.stderr


@pytest.mark.parametrize(
    ("properties", "message", "hint"),
    [
        (
            "p95_latency[shop.cart:sort_x]: 1ms",
            "there is no node `shop.cart:sort_x`",
            "did you mean `shop.cart:sort_b`?",
        ),
        ("tenants: key, mode: auto", "no function here has a parameter `key`", ""),
        (
            "tenants: slf, mode: auto",
            "no function here has a parameter `slf`",
            "did you mean `self`?",
        ),
    ],
)
def test_what_no_node_has(shop, properties, message, hint):
    (shop / "a.cdl").write_text(f"constraint node_1, shop.cart:Cart.slow {{ {properties} }}\n")
    assert check(shop, "a.cdl").returncode == 0
    done = check(shop, "a.cdl", "--source", ".")
    assert done.returncode == 2
    assert done.stderr.count("a.cdl:1:") == 1 and message in done.stderr
    assert hint in done.stderr
    (shop / "a.cdl").write_text(
        "constraint shop.cart:* { tenants: [key, rows], p95_latency[shop.cart:sort_two]: 1ms\n"
        "  max_volume[json:loads]: 1MB }\n"
    )
    assert check(shop, "a.cdl", "--source", ".").returncode == 0


def test_templates_by_name(shop):
    (shop / "a.cdl").write_text(
        "profile careful { never: [memoise, compiled, sort_b, list-pop0-to-deque] }\n"
        "constraint node_1 { extends: careful, algorithm: [sort_a, sort_b, linear-membership-to-set] }\n"
    )
    done = check(shop, "a.cdl")
    assert done.returncode == 0, done.stderr
    assert "may use as algorithm: sort_a, linear-membership-to-set" in done.stdout
    (shop / "a.cdl").write_text("constraint node_1 { algorithm: [linear-membership-to-set] }\n")
    assert check(shop, "a.cdl", "--source", ".").returncode == 0
