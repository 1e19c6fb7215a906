"""Who the shoppers are: a name, an address, a taste, and a rhythm of their own."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from loyalty_site.demo.names import FIRST_NAMES, LAST_NAMES
from loyalty_site.demo.sales import Shopper
from loyalty_site.demo.shop import (
    CHANNELS,
    COUNTRIES,
    PAYMENT_METHODS,
    TASTE_WEIGHTS,
)


@dataclass(frozen=True, slots=True)
class Character:
    """What a shopper tends to do.

    `cadence`: their usual days between orders. `appetite`: 1 is an ordinary basket. `loyalty` scales the
    chance of a second order. `registers_with`: the number of the order with which they register; None: never.
    """

    shopper: Shopper
    taste: str
    cadence: float
    appetite: float
    loyalty: float
    home_channel: str
    method: str
    registers_with: int | None


def character(draw: Random, key: int) -> Character:
    """The shopper with this number; everything about them comes from `draw`."""
    first, last = draw.choice(FIRST_NAMES), draw.choice(LAST_NAMES)
    channel = _pick(draw, CHANNELS)
    taste = _pick(draw, TASTE_WEIGHTS)
    guest_at_first = draw.random() < (0.55 if taste == "gifts" else 0.30)
    registers_with = 1 if not guest_at_first else draw.choices((None, 2, 3, 4), (55, 25, 13, 7))[0]
    consent = draw.choices((True, False, None), (58, 30, 12))[0]
    number = f"07700 900{draw.randrange(1000):03d}" if draw.random() < 0.3 else ""
    return Character(
        shopper=Shopper(
            key=key,
            name=f"{first} {last}",
            email=_address(draw, first, last, key),
            phone=number,
            country=_pick(draw, COUNTRIES),
            registered_at=None,
            accepts_email=None if guest_at_first and not consent else consent,
            accepts_sms=(draw.random() < 0.45) if number else None,
        ),
        taste=taste,
        cadence=min(150.0, max(9.0, draw.lognormvariate(3.24, 0.55))) * (2.2 if taste == "gifts" else 1),
        appetite=draw.lognormvariate(0, 0.4),
        loyalty=0.62 if taste == "gifts" else 1.0,
        home_channel=channel,
        method=_pick(draw, PAYMENT_METHODS),
        registers_with=registers_with,
    )


def strangers_character(draw: Random) -> Character:
    """Somebody at the counter of whom nothing is known but what they buy."""
    nobody = Shopper(-1, "", "", "", "", None, None, None)
    return Character(
        nobody, _pick(draw, TASTE_WEIGHTS), 0, draw.lognormvariate(0, 0.4), 0, "pos", "Card", None
    )


def _address(draw: Random, first: str, last: str, key: int) -> str:
    """An address as people make them; the shopper's number keeps it the only one."""
    form = draw.choice((f"{first}.{last}", f"{first[0]}{last}", f"{last}.{first}", f"{first}_{last}"))
    return f"{form.lower()}{key}@example.com"


def _pick(draw: Random, weights: dict[str, int]) -> str:
    return draw.choices(list(weights), list(weights.values()))[0]
