"""What goes into a basket, and what it comes to. Money is pence; prices include tax."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from loyalty_site.demo.sales import Item
from loyalty_site.demo.shop import SHELVES, TASTES

_FREE_SHIPPING_FROM = 3500
_GIFT_SEASON = {11: 14, 12: 22}


@dataclass(frozen=True, slots=True)
class Basket:
    """Items and their sums: total = subtotal - discount + shipping; `tax` is the part of it that is tax."""

    items: tuple[Item, ...]
    subtotal: int
    discount: int
    discount_code: str
    shipping: int
    tax: int

    @property
    def total(self) -> int:
        return self.subtotal - self.discount + self.shipping


def fill_basket(draw: Random, taste: str, appetite: float, day: date) -> tuple[Item, ...]:
    """One to seven lines after the taste; a gift box more often in November and December."""
    weights = dict(TASTES[taste])
    weights["Gift boxes"] = weights.get("Gift boxes", 0) + _GIFT_SEASON.get(day.month, 0)
    lines = 1 + sum(draw.random() < min(0.75, 0.24 * appetite) for _ in range(6))
    items = []
    for category in draw.choices(list(weights), list(weights.values()), k=lines):
        article = draw.choice(SHELVES[category])
        items.append(Item(article, draw.choices((1, 2, 3), (84, 13, 3))[0]))
    return tuple(items)


def add_up(
    items: tuple[Item, ...],
    *,
    percent_off: int = 0,
    code: str = "",
    counter: bool = False,
    abroad: bool = False,
) -> Basket:
    """The basket's sums; shipping is free from £35 at home, and a full discount covers it too."""
    subtotal = sum(item.quantity * item.article.price for item in items)
    discount = subtotal * percent_off // 100
    taxed = sum(item.quantity * item.article.price for item in items if item.article.taxed)
    shipping = 0
    if not counter and percent_off < 100:
        shipping = 995 if abroad else 0 if subtotal >= _FREE_SHIPPING_FROM else 350
    tax = taxed * (100 - percent_off) // 100 // 6 + shipping // 6  # 20% included: a sixth of the price
    return Basket(items, subtotal, discount, code, shipping, tax)
