"""JMESPath trees as Python statements: one function for each kind of node.

Every one takes a node and the name of the value that it is applied to, writes statements, and returns the
name that holds the result. The library's interpreter (``jmespath.visitor.TreeInterpreter``) is the definition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from declconn.compile.codegen import Body
from declconn.compile.functions import NUMBERS, ORDERINGS, Expression, Functions, equal, flatten
from declconn.spec.path import Ast, ParsedPath, walk

NAMES: Mapping[str, Any] = {"NUMBERS": NUMBERS, "Expression": Expression, "equal": equal, "flatten": flatten}
"""What the generated statements refer to."""

CONTEXT = "key, frame"
"""What every generated function takes besides its value: the row's key, and the whole message."""

_DEEPEST = 16
"""Python allows 20 nested blocks; what is nested deeper becomes a function of its own."""

_FUNCTIONS = Functions()
_CLASSES: Mapping[str, tuple[type, ...]] = {
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
    "string": (str,),
    "number": (int, float, Decimal),
    "expref": (Expression,),
}


def write_path(body: Body, parsed: ParsedPath, value: str) -> str:
    """Write a whole path: a constant, a JMESPath tree, or a JSONPath that searches."""
    if parsed.kind == "constant":
        return body.module.constant(parsed.value)
    if parsed.ast is None:
        from declconn.spec.jsonpath import finder  # jsonpath-ng takes 50 ms to load, and hardly any spec needs it

        return body.assign(f"{body.module.constant(finder(parsed.text))}({value})")
    return write(body, parsed.ast, value)


def write(body: Body, node: Ast, value: str) -> str:
    """Write one node."""
    if body.depth > _DEEPEST:
        return body.assign(f"{_function(body, node)}({value}, {CONTEXT})")
    return _WRITERS[node["type"]](body, node, value)


def truth(node: Ast | None, name: str) -> str:
    """A test of JMESPath's truth: 0 is true; null, false, and what is empty are false."""
    if node is not None and node["type"] in ("comparator", "not_expression"):
        return name
    return f"({name} or {name}.__class__ in NUMBERS)"


def _function(body: Body, node: Ast) -> str:
    name = body.module.fresh("f")
    inner = Body(body.module)
    inner.put(f"return {write(inner, node, 'value')}")
    body.module.define(name, f"value, {CONTEXT}", inner)
    return name


# -- reading


def _field(body: Body, node: Ast, value: str) -> str:
    guard = "" if body.shapes.get(value) is dict else f" if {value}.__class__ is dict else None"
    return body.remember(("field", node["value"], value), f"{value}.get({node['value']!r}){guard}")


def _index(body: Body, node: Ast, value: str) -> str:
    place = node["value"]
    within = f"len({value}) > {place}" if place >= 0 else f"len({value}) >= {-place}"
    guard = within if body.shapes.get(value) is list else f"{value}.__class__ is list and {within}"
    return body.remember(("index", place, value), f"{value}[{place}] if {guard} else None")


def _slice(body: Body, node: Ast, value: str) -> str:
    start, stop, step = ("" if part is None else part for part in node["children"])
    return body.assign(f"{value}[{start}:{stop}:{step}] if {value}.__class__ is list else None")


def _current(_body: Body, _node: Ast, value: str) -> str:
    return value


def _literal(body: Body, node: Ast, _value: str) -> str:
    return body.module.constant(node["value"])


def _chain(body: Body, node: Ast, value: str) -> str:
    for child in node["children"]:
        value = write(body, child, value)
    return value


# -- lists


def _projection(body: Body, node: Ast, value: str) -> str:
    return _collect(body, node, write(body, node["children"][0], value))


def _value_projection(body: Body, node: Ast, value: str) -> str:
    base = write(body, node["children"][0], value)
    return _collect(body, node, body.assign(f"list({base}.values()) if {base}.__class__ is dict else None"))


def _collect(body: Body, node: Ast, base: str, *, first: bool = False) -> str:
    """Write the loop of a projection, of all its results or of the first."""
    result = body.assign("None")
    item = body.module.fresh()
    with body.block(f"if {base}.__class__ is list:"):
        if not first:
            body.put(f"{result} = []")
        with body.block(f"for {item} in {base}:"):
            if node["type"] == "filter_projection":
                condition = node["children"][2]
                with body.block(f"if {truth(condition, write(body, condition, item))}:"):
                    _keep(body, node, item, result, first)
            else:
                _keep(body, node, item, result, first)
    return result


def _keep(body: Body, node: Ast, item: str, result: str, first: bool) -> None:
    found = write(body, node["children"][1], item)
    with body.block(f"if {found} is not None:"):
        if first:
            body.put(f"{result} = {found}")
            body.put("break")
        else:
            body.put(f"{result}.append({found})")


def _pipe(body: Body, node: Ast, value: str) -> str:
    left, right = node["children"]
    if left["type"] in ("projection", "filter_projection") and _is_first(right) and _cannot_fail(left):
        return _collect(body, left, write(body, left["children"][0], value), first=True)
    return _chain(body, node, value)


def _is_first(node: Ast) -> bool:
    parts = [(child["type"], child.get("value")) for child in node["children"]]
    return node["type"] == "index_expression" and parts == [("identity", None), ("index", 0)]


def _cannot_fail(node: Ast) -> bool:
    # A loop may stop at the first hit only if the items after it could not have raised an error.
    return not any(child["type"] == "function_expression" for child in walk(node))


def _flatten(body: Body, node: Ast, value: str) -> str:
    base = write(body, node["children"][0], value)
    return body.assign(f"flatten({base}) if {base}.__class__ is list else None")


# -- building


def _multi_select_list(body: Body, node: Ast, value: str) -> str:
    result = body.assign("None")
    with body.block(f"if {value} is not None:"):
        items = [write(body, child, value) for child in node["children"]]
        body.put(f"{result} = [{', '.join(items)}]")
    return result


def _multi_select_dict(body: Body, node: Ast, value: str) -> str:
    result = body.assign("None")
    with body.block(f"if {value} is not None:"):
        items = [(child["value"], write(body, child["children"][0], value)) for child in node["children"]]
        body.put(f"{result} = {{{', '.join(f'{key!r}: {item}' for key, item in items)}}}")
    return result


# -- logic


def _and(body: Body, node: Ast, value: str) -> str:
    return _either(body, node, value, "")


def _or(body: Body, node: Ast, value: str) -> str:
    return _either(body, node, value, "not ")


def _either(body: Body, node: Ast, value: str, negation: str) -> str:
    left, right = node["children"]
    result = body.assign(write(body, left, value))
    with body.block(f"if {negation}{truth(left, result)}:"):
        body.put(f"{result} = {write(body, right, value)}")
    return result


def _not(body: Body, node: Ast, value: str) -> str:
    operand = node["children"][0]
    return body.assign(f"not {truth(operand, write(body, operand, value))}")


def _comparator(body: Body, node: Ast, value: str) -> str:
    sign = node["value"]
    left, right = (write(body, child, value) for child in node["children"])
    if sign in ORDERINGS:
        return body.assign(f"{body.module.constant(ORDERINGS[sign])}({left}, {right})")
    first, second = node["children"]
    test = _equals_literal(first, right) or _equals_literal(second, left) or f"equal({left}, {right})"
    return body.assign(test if sign == "eq" else f"not ({test})")


def _equals_literal(node: Ast, other: str) -> str:
    """A test without a call, where one side is a text, a boolean or null."""
    if node["type"] != "literal" or not isinstance(node["value"], (str, bool, type(None))):
        return ""
    sign = "==" if isinstance(node["value"], str) else "is"
    return f"{other} {sign} {node['value']!r}"


# -- functions


def _call(body: Body, node: Ast, value: str) -> str:
    name = node["value"]
    if name in ("key", "frame"):
        return str(name)
    arguments = [write(body, child, value) for child in node["children"]]
    checked = body.module.constant(_FUNCTIONS.call_function)
    careful = f"{checked}({name!r}, [{', '.join(arguments)}])"
    signature = Functions.FUNCTION_TABLE[name]["signature"]
    if any("variadic" in wanted or any("-" in kind for kind in wanted["types"]) for wanted in signature):
        return body.assign(careful)
    direct = f"{body.module.constant(getattr(_FUNCTIONS, '_func_' + name))}({', '.join(arguments)})"
    tests = [
        f"{argument}.__class__ in {body.module.constant(_classes(wanted['types']))}"
        for argument, wanted in zip(arguments, signature, strict=True)
        if wanted["types"]
    ]
    return body.assign(f"{direct} if {' and '.join(tests)} else {careful}" if tests else direct)


def _classes(types: list[str]) -> frozenset[type]:
    return frozenset(each for kind in types for each in _CLASSES[kind])


def _expref(body: Body, node: Ast, _value: str) -> str:
    return body.assign(f"Expression({_function(body, node['children'][0])}, {CONTEXT})")


_WRITERS: Mapping[str, Callable[[Body, Ast, str], str]] = {
    "field": _field,
    "index": _index,
    "slice": _slice,
    "current": _current,
    "identity": _current,
    "literal": _literal,
    "subexpression": _chain,
    "index_expression": _chain,
    "pipe": _pipe,
    "projection": _projection,
    "filter_projection": _projection,
    "value_projection": _value_projection,
    "flatten": _flatten,
    "multi_select_list": _multi_select_list,
    "multi_select_dict": _multi_select_dict,
    "and_expression": _and,
    "or_expression": _or,
    "not_expression": _not,
    "comparator": _comparator,
    "function_expression": _call,
    "expref": _expref,
}
