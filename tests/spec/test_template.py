"""The template notation: what is read, what is refused, and what the refusal says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from declconn.spec.template import FILTERS, Placeholder, is_choice, parse_source, parse_template, placeholders


def test_a_text_without_braces_is_one_literal():
    template = parse_template("SPOT")
    assert template.parts == ("SPOT",)
    assert not template.placeholders
    assert not template.is_value


def test_an_empty_text_has_no_parts():
    assert parse_template("").parts == ()


def test_one_placeholder_alone_is_a_value():
    assert parse_template("{symbol}").is_value
    assert not parse_template("{symbol}@trade").is_value
    assert not parse_template("{base}{quote}").is_value


def test_literals_and_placeholders_stand_in_order():
    template = parse_template("{symbol|lower}@depth@{opt.speed}ms")
    assert template.parts == (
        Placeholder(("symbol",), filters=(("lower", ()),)),
        "@depth@",
        Placeholder(("opt.speed",)),
        "ms",
    )


def test_doubled_braces_are_braces():
    assert parse_template("{{{symbol}}}").parts == ("{", Placeholder(("symbol",)), "}")
    assert parse_template("a{{b}}c").parts == ("a{b}c",)


@pytest.mark.parametrize(
    ("text", "placeholder"),
    [
        ("symbol", Placeholder(("symbol",))),
        ("session.public.url", Placeholder(("session.public.url",))),
        ("since?", Placeholder(("since",), optional=True)),
        ("since?|s", Placeholder(("since",), optional=True, filters=(("s", ()),))),
        ("a??b", Placeholder(("a", "b"))),
        ("a??b.c??d?", Placeholder(("a", "b.c", "d"), optional=True)),
        ("timeout|s|text", Placeholder(("timeout",), filters=(("s", ()), ("text", ())))),
        ("clock.iso8601s|trim:Z", Placeholder(("clock.iso8601s",), filters=(("trim", ("Z",)),))),
        ("clock.s|plus:-120", Placeholder(("clock.s",), filters=(("plus", ("-120",)),))),
        ("symbols|join:,", Placeholder(("symbols",), filters=(("join", (",",)),))),
        ("symbols|join::", Placeholder(("symbols",), filters=(("join", (":",)),))),
        ("symbol|replace:-:", Placeholder(("symbol",), filters=(("replace", ("-", "")),))),
        ("nonce.uuid|slice::8", Placeholder(("nonce.uuid",), filters=(("slice", ("", "8")),))),
        ("channel.account-id", Placeholder(("channel.account-id",))),
    ],
)
def test_a_source_is_read(text, placeholder):
    assert parse_source(text) == placeholder
    assert parse_template(f"{{{text}}}").placeholders == (placeholder,)
    assert str(placeholder) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{symbol", "'{' at character 1 of '{symbol' is not closed; write '{name}' for a value or '{{' for a brace"),
        ("a}", "'}' at character 2 of 'a}' closes nothing; write '}}' for a brace"),
        ("{}", "an empty placeholder '{}' names nothing; write '{symbol}' for a value or '{{}}' for braces"),
        ("{x|lowr}", "unknown filter 'lowr' in 'x|lowr'; did you mean 'lower'?"),
        ("{x|zzz}", f"unknown filter 'zzz' in 'x|zzz'; known are {', '.join(FILTERS)}"),
        (
            "{x|lower:3}",
            "arguments of filter 'lower' in 'x|lower:3': expected 0, found 1; write 'lower': text in lower case",
        ),
        (
            "{x|replace:a}",
            "arguments of filter 'replace' in 'x|replace:a': expected 2, found 1; "
            "write 'replace:A:B': every occurrence of the first text becomes the second",
        ),
        ("{x|plus:q}", "filter 'plus:q' in 'x|plus:q' needs whole numbers; it gives a number plus this whole number"),
        (
            "{a.b.c.d}",
            "'a.b.c.d' has too many dots; a source has at most three parts, such as 'session.public.url'",
        ),
        ("{a??}", "a name is missing in 'a??'; write 'a??b' for the first that is present, 'a?' for an optional one"),
        ("{a b}", "'a b' in 'a b' is not the name of a source; write 'symbol', 'env.rest' or 'session.public.url'"),
    ],
)
def test_a_broken_template_says_what_to_write(text, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011
        parse_template(text)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{x}" * 200_000, "a template of more than 200 placeholders is not read"),
        ("{a" + "??b" * 200_000 + "}", "a placeholder of more than 500 characters is not read"),
        ("{a" + "|text" * 200_000 + "}", "a placeholder of more than 500 characters is not read"),
        ("{" + "x" * 200_000, "is not closed"),
    ],
)
def test_endless_templates_are_refused_in_few_words(text, message):
    with pytest.raises(ValueError, match=message) as error:
        parse_template(text)
    assert len(str(error.value)) < 200


def test_many_braces_are_fine_as_text():
    assert parse_template("{{}}" * 300 + "{x}").placeholders == (Placeholder(("x",)),)


def test_a_choice_is_a_map_of_by_and_of():
    assert is_choice({"by": "opt.tier", "of": {"pro": 1}})
    assert not is_choice({"by": "opt.tier"})
    assert not is_choice({"by": "x", "of": {}, "more": 1})
    assert not is_choice("by")


def test_every_placeholder_of_a_tree_is_found_with_its_place():
    tree = {
        "symbol": "{symbol}",
        "args": [1, None, {"id": "{request_id}-{nonce.ms}"}],
        "interval": {"by": "interval|upper", "of": {"1m": 1, "*": "{interval}"}},
    }
    assert [(loc, str(placeholder)) for loc, placeholder in placeholders(tree)] == [
        (("symbol",), "symbol"),
        (("args", 2, "id"), "request_id"),
        (("args", 2, "id"), "nonce.ms"),
        (("interval", "by"), "interval|upper"),
        (("interval", "of", "*"), "interval"),
    ]


@given(st.text())
def test_any_text_can_be_written_as_a_literal(text):
    template = parse_template(text.replace("{", "{{").replace("}", "}}"))
    assert "".join(map(str, template.parts)) == text
    assert not template.placeholders


def reading(text):
    """What the text says to a reader, whether it is a template or not."""
    try:
        return str(parse_template(text))
    except ValueError as error:
        return str(error)


@given(st.text(alphabet="{}a.?|:,- "))
def test_any_text_is_read_or_refused(text):
    assert reading(text)
