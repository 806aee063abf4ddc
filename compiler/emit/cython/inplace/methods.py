"""Methods of text, lists, dicts, sets and deques, and what a store says of the place that it goes to."""

import ast

from selfsame.compiler.emit.cython.inplace.kinds import (
    ANY,
    BOOL,
    BOTTOM,
    INT,
    NONE,
    SETS,
    STR,
    Kind,
    item_of,
    join,
    list_of,
    tuple_of,
)
from selfsame.compiler.emit.cython.inplace.records import entry_of, named_key
from selfsame.compiler.emit.cython.inplace.sets import Sets
from selfsame.compiler.emit.cython.inplace.state import Value
from selfsame.compiler.emit.cython.inplace.texts_c import CHAR_TESTS
from selfsame.compiler.emit.cython.inplace.values import END
from selfsame.compiler.emit.cython.inplace.writing import said
from selfsame.compiler.emit.cython.refusal import CannotPrint
from selfsame.compiler.emit.cython.texts import TEXT_METHODS

_BY_NUMBER = frozenset({"center", "expandtabs", "join", "ljust", "rjust", "zfill"})
# What has a method of this name, of what may be of several types.
OF_ONE_CLASS = dict.fromkeys(["append", "extend", "insert", "reverse", "sort"], list_of(ANY))
OF_ONE_CLASS |= dict.fromkeys(
    ["get", "items", "keys", "setdefault", "values"], Kind("dict", (ANY, ANY))
)
OF_ONE_CLASS |= {"add": Kind("set", (ANY,))}
PARTS = frozenset({"partition", "rpartition"})
_ENDS = frozenset({"endswith", "startswith"})
_TEXT = {"word": STR, "bool": BOOL, "int": INT, "list": list_of(STR)}


class Methods(Sets):
    """``_on_list`` and the like give the value of a method's call; None where there is no such form."""

    def _text(self, which: str, value: Value, node: ast.Call) -> Value:
        if which == "join" and len(node.args) == 1:
            given = [self._listed(node.args[0])]
        else:
            given = [self.held(self.some(self.expression(a))) for a in node.args]
            if which not in _BY_NUMBER:
                texts = 2 if which == "replace" else 1
                given = [
                    self.as_kind(each, STR if at < texts else INT) for at, each in enumerate(given)
                ]
        if any(each.kind == BOTTOM for each in given) and not self.program.final:
            return Value(BOTTOM, "0")
        if which in PARTS and len(given) != 1:
            raise CannotPrint(f"calls {which} with other arguments than it takes", node)
        for each in given:
            strings = (
                which == "join" and item_of(each.kind) == STR and each.kind.name in {"list", "row"}
            )
            several = which in _ENDS and each is given[0] and each.kind.name in {"row", "tuple"}
            strings = strings or (several and all(part == STR for part in each.kind.parts))
            if each.kind.name not in {"str", "int"} and not strings:
                raise CannotPrint(f"calls {which} with {said(each.kind)}", node)
        if which in CHAR_TESTS and not given:
            return self.made(BOOL, f"sf_text_{which}({value.text})")
        if which in PARTS:
            text = f"(<str>{value.text}).{which}({given[0].text})"
            return self.made(tuple_of(STR, STR, STR), text)
        result = TEXT_METHODS[which]
        kind = list_of(STR) if result.kind == "list" else _TEXT.get(result.kind, STR)
        text = f"(<str>{value.text}).{which}({', '.join(map(self.boxed, given))})"
        return self.checked(kind, text) if kind.name != "list" else self.made(kind, text)

    def _on_list(self, which: str, value: Value, node: ast.Call, base: ast.expr) -> Value | None:
        pool = self._pool(value)
        none = Value(NONE, "None", fresh=True)
        if which == "extend" and len(node.args) == 1 and self.given_one_by_one(node.args[0]):
            return self._extended_by(value, node.args[0], base)
        given = [self.held(self.expression(a)) for a in node.args]
        item = item_of(value.kind)
        match which, given:
            case "append", [new]:
                self.line(f"sf_list_append({pool}, {value.text}, {self.boxed(new, value)})")
                self.refine(base, list_of(new.kind))
            case "_sf_set", [new]:  # of a list of one item, which `closures` puts for a name
                with self.block(f"if sf_seq_len({value.text}) == 0"):
                    self.line(f"sf_list_append({pool}, {value.text}, {self.boxed(new, value)})")
                with self.block("else"):
                    self.line(f"sf_list_put({pool}, {value.text}, 0, {self.boxed(new, value)})")
                self.refine(base, list_of(new.kind))
            case "pop", []:
                self.missed(
                    "IndexError", f"sf_seq_len({value.text}) == 0", repr("pop from empty list")
                )
                text = f"sf_list_pop({pool}, {value.text})"
                return self.checked(self._sure(item), text, self.owns(value))
            case "pop", [at]:
                text = f"sf_list_pop_at({pool}, {value.text}, {self.whole(at, node)})"
                return self.checked(self._sure(item), text, self.owns(value))
            case "index", [sought]:
                where = self.index_in(self.some(sought), value, node)
                self.decline(f"{where} < 0")
                return Value(INT, where)
            case "count", [sought]:
                return self.count_in(self.some(sought), value, node)
            case "remove", [sought]:
                where = self.index_in(self.some(sought), value, node)
                self.decline(f"{where} < 0")
                self.made(ANY, f"sf_list_pop_at({pool}, {value.text}, {where})")
            case "insert", [at, new]:
                where = self.whole(at, node)
                self.line(
                    f"sf_list_insert({pool}, {value.text}, {where}, {self.boxed(new, value)})"
                )
                self.refine(base, list_of(new.kind))
            case "extend", [more]:
                return self.extended(value, more, base, node)
            case "reverse", []:
                self.line(f"sf_list_reverse({pool}, {value.text})")
            case "clear", []:
                self.line(f"sf_list_splice({pool}, {value.text}, 0, {END}, [])")
            case "copy", []:
                return self.made(value.kind, f"sf_part({value.text}, 0, {END}, 1)")
            case "sort", []:
                key, reverse = self.order(node)
                if key is None:
                    self.line(f"sf_list_sort({pool}, {value.text}, {reverse})")
                else:
                    # While it is sorted the list is empty for all who look.
                    named = {ast.unparse(n) for n in ast.walk(key) if isinstance(n, ast.expr)}
                    if ast.unparse(base) in named or isinstance(base, ast.Call):
                        raise CannotPrint("sorts a list by a key that looks at the list", node)
                    items = self.made(value.kind, f"sf_part({value.text}, 0, {END}, 1)")
                    self.line(f"sf_list_splice({pool}, {value.text}, 0, {END}, [])")
                    with self.block("try"):
                        made = self.keyed(items, key, reverse)
                    with self.block("except BaseException"):
                        back = f"{pool}, {value.text}, 0, {END}, {items.text}"
                        self.line(f"sf_list_splice({back})")
                        self.line("raise")
                    self.decline(f"sf_seq_len({value.text}) != 0")
                    self.line(f"sf_list_splice({pool}, {value.text}, 0, {END}, {made.text})")
            case _:
                return None
        return none

    def extended(self, value: Value, more: Value, base: ast.expr, node: ast.AST) -> Value:
        """The items of another list or tuple at the end."""
        more = self.some(more)
        if more.kind.name in SETS | {"dict", "iterator", "str"}:
            more = self.as_list(more) or more
        if more.kind.name not in {"list", "row", "tuple"}:
            if more.kind == BOTTOM and not self.program.final:
                return Value(NONE, "None", fresh=True)
            raise CannotPrint(f"extends a list by {said(more.kind)}", node)
        pool = self._pool(value)
        self.line(f"sf_list_splice({pool}, {value.text}, {END}, {END}, {self.boxed(more, value)})")
        self.refine(base, list_of(item_of(more.kind)))
        return Value(NONE, "None", fresh=True)

    def _extended_by(self, value: Value, node: ast.expr, base: ast.expr) -> Value:
        """What is made while it is put at the end of a list, one after the other."""
        value = self.held(value)

        def put(item: Value) -> None:
            if item.kind != BOTTOM:
                self.line(
                    f"sf_list_append({self._pool(value)}, {value.text}, {self.boxed(item, value)})"
                )
                self.refine(base, list_of(item.kind))

        self._nested(self._each(node), put)
        return Value(NONE, "None", fresh=True)

    def order(self, node: ast.Call) -> tuple[ast.expr | None, int]:
        """The key of a sort, and 1 for ``reverse=True``."""
        key, reverse = None, 0
        for keyword in node.keywords:
            given = keyword.value
            value = given.value if isinstance(given, ast.Constant) else None
            if keyword.arg == "key":
                key = None if isinstance(given, ast.Constant) and value is None else given
            elif keyword.arg == "reverse" and type(value) is bool:
                reverse = int(value)
            else:
                raise CannotPrint("sorts with an unknown argument", node)
        return key, reverse

    def keyed(self, value: Value, key: ast.expr, reverse: int) -> Value:
        """A new list of the items in the order of their keys; equal ones keep theirs."""
        value = self.made(value.kind, f"sf_part({value.text}, 0, {END}, 1)")
        self.count += 1
        item = f"sf_key_of_{self.count}"
        scope, body = self.key_of(key, item)
        keys, at = self.made(list_of(BOTTOM), "[]"), self.temp("long long")
        self.line(f"{at} = 0")
        self.known.loops = True
        with self.block(f"while {at} < sf_seq_len({value.text})"):
            self.line("sf_tick(&sf_ticks)")
            self.scopes.append(scope)
            self.store(
                item, self.read(self._sure(item_of(value.kind)), "sf_seq", f"{value.text}, {at}")
            )
            found = self.expression(body)
            self.scopes.pop()
            place = f"-{at}" if reverse else at
            pair = f"({self.boxed(found)}, (<object>(<long long>{place})))"
            self.line(f"sf_list_append(NULL, {keys.text}, {pair})")
            self.line(f"{at} += 1")
        self.line(f"sf_list_sort(NULL, {keys.text}, {reverse})")
        return self.made(value.kind, f"sf_by_keys({value.text}, {keys.text})")

    def _on_dict(self, which: str, value: Value, node: ast.Call, base: ast.expr) -> Value | None:
        items = value.kind.at(named_key(node))
        given = [self.held(self.expression(a)) for a in node.args]
        match which, given:
            case "get", [at] | [at, _]:
                other = given[1] if len(given) > 1 else Value(NONE, "None")
                if node is self.gone_over and other.items == () and items.name == "list":
                    other = Value(list_of(BOTTOM), "[]")
                key = self.key(at, node)
                kind = join(items, other.kind)
                text = f"sf_dict_object_or({value.text}, {key}, {self.boxed(other)})"
                return self.checked(self._sure(kind), text)
            case "setdefault", [at, new]:
                key = self.temp("object")
                self.line(f"{key} = {self.key(at, node)}")
                found = self.temp("bint")
                self.line(f"{found} = sf_dict_has({value.text}, {key})")
                with self.block(f"if not {found}"):
                    pool = self._pool(value)
                    self.line(
                        f"sf_entry_put({pool}, {value.text}, {key}, {self.boxed(new, value)})"
                    )
                self.refine(base, entry_of(value.kind, node, at.kind, new.kind))
                kind = self._sure(join(items, new.kind))
                return self.read(kind, "sf_dict", f"{value.text}, {key}")
            case "copy", [] if not value.kind.cls:
                return self.made(value.kind, f"sf_dict_copy({value.text})")
            case "pop", [at]:
                key = self.held(Value(ANY, self.key(at, node))).text
                result = self.read(self._sure(items), "sf_dict", f"{value.text}, {key}")
                self.line(f"sf_entry_drop({self._pool(value)}, {value.text}, {key})")
                return result
            case "pop", [at, other]:
                key = self.held(Value(ANY, self.key(at, node))).text
                text = f"sf_dict_object_or({value.text}, {key}, {self.boxed(other)})"
                result = self.checked(self._sure(join(items, other.kind)), text)
                with self.block(f"if sf_dict_has({value.text}, {key})"):
                    self.line(f"sf_entry_drop({self._pool(value)}, {value.text}, {key})")
                return result
            case "popitem", []:
                self._kept(value)
                pair = self.made(tuple_of(*value.kind.parts), f"(<object>{value.text}).popitem()")
                parts = enumerate(map(self._sure, value.kind.parts))
                both = [self.read(k, "sf_tuple", f"{pair.text}, {i}") for i, k in parts]
                return Value(tuple_of(*(v.kind for v in both)), "", items=tuple(both), fresh=True)
            case "clear", []:
                self._kept(value)
                self.line(f"(<object>{value.text}).clear()")
                return Value(NONE, "None", fresh=True)
            case "most_common", [] | [_] if value.kind.cls == "collections.Counter":
                return self._most_common(value, given, node)
            case "update", [more] if value.kind.cls == "collections.Counter":
                self._kept(value)
                self.counted(value, self.some(more), node)
                self.refine(base, Kind("dict", (item_of(more.kind), INT), value.kind.cls))
                return Value(NONE, "None", fresh=True)
            case "update", [more] if not value.kind.cls or "default" in value.kind.cls:
                return self._updated(value, self.some(more), base, node)
        return None

    def _most_common(self, value: Value, given: list[Value], node: ast.Call) -> Value:
        """The entries with the greatest counts, as ``sorted`` has them."""
        pairs = self.made(list_of(tuple_of(*value.kind.parts)), f"sf_dict_items({value.text})")
        pair = ast.copy_location(ast.Name("sf_pair", ast.Load()), node)
        taken = ast.arguments([], [ast.arg("sf_pair")], None, [], [], None, [])
        count = ast.Subscript(pair, ast.Constant(1), ast.Load())
        key = ast.Lambda(taken, ast.copy_location(count, node))
        found = self.keyed(pairs, ast.copy_location(key, node), 1)
        if not given or given[0].kind == NONE:
            return found
        number = self.made(INT, self.whole(given[0], node)).text
        return self.made(found.kind, f"sf_part({found.text}, 0, sf_max({number}, 0), 1)")

    def counted(self, counts: Value, value: Value, node: ast.AST) -> None:
        """One more in a Counter of each item of a list, text or the like."""
        if value.kind.name not in {"list", "row", "tuple", "str", "set", "nothing"}:
            raise CannotPrint(f"counts what {said(value.kind)} holds", node)
        self.count += 1
        each = f"sf_counted_{self.count}"
        self.scopes.append({each: each})
        target = ast.copy_location(ast.Name(each, ast.Store()), node)
        with self.stepping(self._over_value(value, node), target):
            self.line(f"sf_counted({counts.text}, {self.key(self.load(each), node)})")
        self.scopes.pop()

    def _updated(self, value: Value, more: Value, base: ast.expr, node: ast.AST) -> Value:
        """The entries of another dict put into one."""
        more = self.as_kind(more, Kind("dict", (ANY, ANY)))
        if more.kind == BOTTOM and not self.program.final:
            return Value(NONE, "None", fresh=True)
        if more.kind.name != "dict" or more.kind.cls:
            raise CannotPrint(f"updates a dict by {said(more.kind)}", node)
        self._kept(value)
        self.line(f"sf_dict_spread({value.text}, {self.boxed(more, value)})")
        self.refine(base, Kind("dict", more.kind.parts, value.kind.cls))
        return Value(NONE, "None", fresh=True)

    def _on_deque(self, which: str, value: Value, node: ast.Call, base: ast.expr) -> Value | None:
        given = [self.held(self.expression(a)) for a in node.args]
        self._kept(value)
        match which, given:
            case "append" | "appendleft", [new]:
                left = int(which == "appendleft")
                self.line(f"sf_deque_give({value.text}, {self.boxed(new, value)}, {left})")
                self.refine(base, Kind("deque", (new.kind,)))
                return Value(NONE, "None", fresh=True)
            case "pop" | "popleft", []:
                item = self._sure(item_of(value.kind))
                empty = f"sf_deque_len({value.text}) == 0"
                self.missed("IndexError", empty, repr("pop from an empty deque"))
                text = f"sf_deque_take({value.text}, {int(which == 'popleft')})"
                return self.checked(item, text, self.owns(value))
            case "clear" | "reverse", []:
                self.line(f"(<object>{value.text}).{which}()")
                return Value(NONE, "None", fresh=True)
            case "rotate", [*by] if len(by) <= 1:
                by_text = self.bare(Value(INT, self.whole(by[0], node))) if by else "1"
                self.line(f"(<object>{value.text}).rotate({by_text})")
                return Value(NONE, "None", fresh=True)
            case "extend" | "extendleft", [more] if more.kind.name in {"list", "row", "tuple"}:
                if not more.kind.none:
                    self.line(f"(<object>{value.text}).{which}({self.boxed(more, value)})")
                    self.refine(base, Kind("deque", (item_of(more.kind),)))
                    return Value(NONE, "None", fresh=True)
        return None

    def refine(self, base: ast.expr, kind: Kind) -> None:
        """What is put into a container tells what its place holds."""
        match base:
            case ast.Name(id=which) if self.spelled(which) in self.known.locals:
                name = self.spelled(which)
                old = self.known.locals[name]
                new = join(old, kind)
                if new != old and new.name == old.name:
                    self.known.locals[name] = new
                    self.program.changed = True
            case ast.Name(id=which) if not self.own(which) and self.is_live(which):
                if join(self.kind_of(base), kind).name == kind.name:
                    self.program.set_live(which, kind)
            case ast.Attribute(value=owner, attr=attribute):
                for cls in self.kind_of(owner).cls.split("|"):
                    if cls in self.program.classes:
                        spelled = self.program.classes[cls].spelled(attribute, self.inside)
                        old = self.program.attributes.get((cls, spelled), BOTTOM)
                        if join(old, kind).name == old.name:
                            self.program.set_attribute(cls, spelled, kind)
            case ast.Subscript(value=outer):
                held = self.kind_of(outer)
                if held.name in {"list", "own_list"}:
                    self.refine(outer, list_of(kind))
                elif held.name == "dict":
                    self.refine(outer, entry_of(held, base, held.parts[0], kind))
            case ast.Call(func=ast.Attribute(value=outer, attr="setdefault")):
                held = self.kind_of(outer)
                if held.name == "dict":
                    self.refine(outer, entry_of(held, base, held.parts[0], kind))

    def kind_of(self, node: ast.expr) -> Kind:
        """What a place is known to hold, without writing anything."""
        match node:
            case ast.Name(id=which) if not self.own(which) and self.is_live(which):
                return self.kind_of_live(which, node).some if not self.home.key else BOTTOM
            case ast.Name(id=which):
                return self.known.locals.get(self.spelled(which), BOTTOM).some
            case ast.Attribute(value=owner, attr=attribute):
                found = BOTTOM
                for cls in self.kind_of(owner).cls.split("|"):
                    if cls in self.program.classes:
                        spelled = self.program.classes[cls].spelled(attribute, self.inside)
                        held = self.program.attributes.get((cls, spelled), BOTTOM)
                        found = join(found, held)
                return found.some
            case ast.Subscript(value=outer):
                held = self.kind_of(outer)
                if held.name in {"list", "own_list"}:
                    return held.parts[0].some
                if held.name == "dict":
                    return held.at(named_key(node)).some
        return BOTTOM
