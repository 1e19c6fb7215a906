"""What the invented shop is: its shelves, its carriers, the names of the people who buy there.

Nothing here is drawn at random and nothing refers to a real shop or person; e-mails end in example.com.
"""

from __future__ import annotations

from dataclasses import dataclass

SLUG = "copperleaf"
NAME = "Copperleaf Tea & Coffee"
CURRENCY = "GBP"
TIMEZONE = "Europe/London"


@dataclass(frozen=True, slots=True)
class Article:
    """Something on the shelf. The price is in pence, tax included."""

    sku: str
    title: str
    category: str
    price: int
    taxed: bool


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who brings parcels: share of parcels, and the share it brings late in an ordinary month."""

    name: str
    share: float
    late: float


# category: what its articles are called, lowest and highest price in pence, whether tax is due, shelf code
_SHELVES: dict[str, tuple[str, int, int, bool, str]] = {
    "Black tea": ("Breakfast black tea, 125 g", 550, 1150, False, "BT"),
    "Green tea": ("Valley green tea, 100 g", 690, 1490, False, "GT"),
    "Herbal tea": ("Garden infusion, 20 bags", 420, 690, False, "HT"),
    "Coffee beans": ("Roast coffee beans, 500 g", 1190, 1890, False, "CB"),
    "Ground coffee": ("Roast ground coffee, 250 g", 690, 1090, False, "GC"),
    "Biscuits": ("Oat biscuits, 180 g", 320, 590, False, "BI"),
    "Gift boxes": ("Gift box", 1990, 4490, True, "GB"),
    "Cups and mugs": ("Stoneware mug", 990, 2190, True, "CM"),
    "Teapots": ("Teapot", 2490, 5990, True, "TP"),
    "Brewing": ("Brewer", 1290, 6490, True, "BR"),
}
_RANGES = (
    "Harbour",
    "Orchard",
    "Moorland",
    "Lantern",
    "Quayside",
    "Foxglove",
    "Chapel",
    "Bramble",
    "Kiln",
    "Heron",
    "Juniper",
    "Saltmarsh",
    "Copper",
    "Thistle",
    "Winter",
)


def _articles() -> dict[str, tuple[Article, ...]]:
    shelves = {}
    for category, (what, low, high, taxed, code) in _SHELVES.items():
        step = (high - low) // (len(_RANGES) - 1)
        # 4 and 15 share no divisor: neighbouring ranges differ in price, and every price is used once
        shelves[category] = tuple(
            Article(
                sku=f"{code}-{index + 1:02d}",
                title=f"{range_name} {what[0].lower()}{what[1:]}",
                category=category,
                price=(low + step * (index * 4 % len(_RANGES))) // 10 * 10,
                taxed=taxed,
            )
            for index, range_name in enumerate(_RANGES)
        )
    return shelves


SHELVES = _articles()

# What somebody with a taste mostly puts into the basket: weights by category.
TASTES: dict[str, dict[str, int]] = {
    "tea": {
        "Black tea": 34,
        "Green tea": 20,
        "Herbal tea": 20,
        "Biscuits": 13,
        "Cups and mugs": 5,
        "Teapots": 4,
    },
    "coffee": {"Coffee beans": 46, "Ground coffee": 22, "Biscuits": 12, "Cups and mugs": 6, "Brewing": 6},
    "both": {
        "Black tea": 18,
        "Herbal tea": 12,
        "Coffee beans": 28,
        "Ground coffee": 10,
        "Biscuits": 14,
        "Teapots": 3,
    },
    "gifts": {"Gift boxes": 34, "Cups and mugs": 22, "Teapots": 16, "Biscuits": 14, "Brewing": 10},
}
TASTE_WEIGHTS = {"tea": 36, "coffee": 34, "both": 18, "gifts": 12}

CARRIERS = (
    Carrier("Northway", 0.46, 0.075),
    Carrier("Swiftline", 0.33, 0.05),
    Carrier("Parcelwise", 0.21, 0.15),
)
LETTER_POST = "Letter post"  # small packets: no promised day, never scanned on arrival

CHANNELS = {"web": 78, "phone": 4, "social": 8, "pos": 10}
PAYMENT_METHODS = {"Card": 55, "PayPal": 24, "Apple Pay": 14, "Bank transfer": 4, "Gift card": 3}
COUNTER_METHODS = {"Card": 70, "Cash": 26, "Gift card": 4}
COUNTRIES = {"United Kingdom": 930, "Ireland": 34, "France": 14, "Germany": 12, "Netherlands": 10}

REFUND_REASONS = {
    "Arrived damaged": 30,
    "Not as described": 18,
    "Wrong item sent": 16,
    "Changed my mind": 22,
    "Item out of stock": 14,
}
LATE_REFUND_REASON = "Arrived too late"
