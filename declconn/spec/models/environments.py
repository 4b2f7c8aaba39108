"""`environments` `constants` `options` `assets`: what a spec's texts may vary by."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from declconn.spec.models.base import SCALAR, Model, Scalar, Shorthand, word

Environment: TypeAlias = dict[str, Scalar]
"""Any names, read as ``{env.rest}``."""


def _long_option(value: Any) -> Any:
    return value if isinstance(value, dict | Option) else {"default": value}


class Option(Model):
    """Something that the user of a connector may set; read as ``{opt.name}``."""

    default: Scalar | None = word(
        "What it is unless the user says otherwise; without one it is absent.", "starter", None
    )
    choices: tuple[Scalar, ...] = word("The only values allowed; none named: any.", ["starter", "pro"], ())


OptionOrDefault: TypeAlias = Annotated[Option, Shorthand(_long_option, SCALAR)]


class Assets(Model):
    """How the venue spells assets; applied to every asset, base, quote and fee token, both ways."""

    case: Literal["upper", "lower"] | None = word("The case of our names; the venue writes the other.", "upper", None)
    rename: dict[str, str] = word("The venue's name: ours.", {"XBT": "BTC"}, {})
