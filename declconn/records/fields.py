"""What a field of a record is: its kind, and whether a mapping must fill it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What a field of a record holds, and so how a venue's value is converted."""

    TEXT = "text"
    TEXTS = "list of text"
    DECIMAL = "decimal"
    AMOUNT = "amount"
    PRICE = "price"
    TIME = "time"
    BOOL = "boolean"
    INT = "integer"
    SYMBOL = "symbol"
    ASSET = "asset"
    SIDE = "side"
    STATE = "order state"
    MODE = "position mode"
    MODES = "list of position modes"
    POSITION_SIDE = "position side"
    POSITION_ACTION = "position action"
    CAUSE = "cause of a fill"
    TRIGGER = "trigger"
    AMOUNT_UNIT = "amount unit"
    LEVELS = "levels"
    CHANGES = "changes"
    FEE = "fee"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record.

    Attributes:
        kind: how a venue's value becomes ours.
        doc: what it is for.
        required: every mapping of a whole record must fill it (an update may carry a part).
        one_of: the name of a group of which at least one field must be mapped.
    """

    kind: Kind
    doc: str
    required: bool = False
    one_of: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One canonical record.

    Attributes:
        type: its class.
        fields: its fields, in the class's own order of attributes where it matters.
        needs: the name of a group of fields of which every row has at least one, or else it tells nothing.
    """

    type: type[msgspec.Struct]
    fields: Mapping[str, Field]
    needs: str = ""
