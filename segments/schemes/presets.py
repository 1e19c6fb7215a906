"""The segment schemes a store can start from, as data. Grids are read as printed: best recency first.

Sources: Classic is the usual recency x frequency grid of ten segments; Eleven follows the groups Shopify
shows; Thirds those of Klaviyo, with its recency thresholds of half a year and a year.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

from segments.rules import Axes, cube_from_grid


@dataclass(frozen=True)
class PresetSegment:
    """A segment of a preset; presets list them in order of health, the healthiest first."""

    key: str
    name: str
    meaning: str
    advice: str


@dataclass(frozen=True)
class Preset:
    """A scheme to start from: its segments, and which cell of scores belongs to which.

    `grid`: cell of scores, as the axes read it, to the key of a segment. `prospects`: the key of the segment
    of customers without a counted order. `summary`: what to choose it for. `thresholds` as in SchemeVersion.
    `healths`: each segment's place on the scale of health, which decides its colour, so that At risk is ochre and the
    lapsed are grey even where there are few segments; 1, 2, 3 and so on if empty.
    """

    key: str
    name: str
    axes: Axes
    bins: int
    summary: str
    segments: tuple[PresetSegment, ...]
    grid: dict[tuple[int, ...], str]
    prospects: str | None = None
    thresholds: dict[str, list[int]] = field(default_factory=dict)
    healths: tuple[int, ...] = ()

    @property
    def ranked(self) -> list[tuple[int, PresetSegment]]:
        """Each segment with its health, the healthiest first."""
        return list(zip(self.healths or range(1, len(self.segments) + 1), self.segments, strict=True))

    @property
    def cube(self) -> list[str]:
        """The segment keys of all bins**3 cells, flat (see rules.cell_index)."""
        return cube_from_grid(self.axes, self.bins, self.grid)


def _printed_grid(rows: dict[tuple[int, ...], str]) -> dict[tuple[int, ...], str]:
    """A grid of (r, column) from one line of segment keys for several r, columns 1 upwards."""
    return {
        (r, column): key
        for scores, line in rows.items()
        for r, (column, key) in product(scores, enumerate(line.split(), start=1))
    }


def _listed_grid(lists: dict[str, str]) -> dict[tuple[int, ...], str]:
    """A grid of (r, f, m) from each segment's list of cells, such as 333 332."""
    cells = [(tuple(map(int, cell)), key) for key, line in lists.items() for cell in line.split()]
    if len({cell for cell, _ in cells}) != len(cells):
        raise ValueError("a cell is listed twice")
    return dict(cells)


CLASSIC = Preset(
    key="classic",
    name="Classic",
    axes="rf",
    bins=5,
    summary="How recently and how often people buy. The usual grid, and a good start for most shops.",
    segments=(
        PresetSegment(
            "champions",
            "Champions",
            "Bought very recently and among your most frequent buyers.",
            "Thank them by name, show them new things first, and ask them for a review; no discount is needed.",
        ),
        PresetSegment(
            "loyal",
            "Loyal",
            "Buy often, and have bought not long ago.",
            "Keep every promise on delivery and give early access or a small surprise rather than money off.",
        ),
        PresetSegment(
            "potential-loyalist",
            "Potential loyalist",
            "Recent buyers who have begun to come back.",
            "Suggest what goes with their last order and say what being a regular brings.",
        ),
        PresetSegment(
            "new",
            "New",
            "Placed their first order very recently.",
            "Make the first delivery faultless, then write within a week with help on what they bought.",
        ),
        PresetSegment(
            "promising",
            "Promising",
            "Bought once, fairly recently, and not since.",
            "Give them a reason for the second order now: it is the hardest one to win.",
        ),
        PresetSegment(
            "needs-attention",
            "Needs attention",
            "Average buyers whose last order is getting old.",
            "Remind them of what they buy and make ordering it again one click.",
        ),
        PresetSegment(
            "about-to-sleep",
            "About to sleep",
            "Bought once or twice, and have been quiet for a while.",
            "Send one message about what is new since they last looked, before they forget the shop.",
        ),
        PresetSegment(
            "at-risk",
            "At risk",
            "Used to buy regularly, and stopped long ago.",
            "Find out whether something went wrong, put it right, and only then invite them back.",
        ),
        PresetSegment(
            "cant-lose",
            "Can't lose",
            "Once among your most frequent buyers, and gone quiet.",
            "Call or write to each one in person this week, and offer what they always bought.",
        ),
        PresetSegment(
            "hibernating",
            "Hibernating",
            "Few orders, and the last one long ago.",
            "Include them in seasonal news only; spend no discount and no effort on them one by one.",
        ),
    ),
    grid=_printed_grid(
        {
            (5,): "new potential-loyalist potential-loyalist champions champions",
            (4,): "promising potential-loyalist potential-loyalist loyal loyal",
            (3,): "about-to-sleep about-to-sleep needs-attention loyal loyal",
            (2, 1): "hibernating hibernating at-risk at-risk cant-lose",
        }
    ),
)

ELEVEN = Preset(
    key="eleven",
    name="Eleven",
    axes="r_fm",
    bins=5,
    summary="How recently people buy, and how often and for how much taken together. It counts people without an order, too.",
    segments=(
        PresetSegment(
            "champions",
            "Champions",
            "Bought very recently, buy often and spend the most.",
            "Thank them by name, show them new things first, and ask them for a review; no discount is needed.",
        ),
        PresetSegment(
            "loyal",
            "Loyal",
            "Buy often and spend well, and have bought not long ago.",
            "Keep every promise on delivery and give early access or a small surprise rather than money off.",
        ),
        PresetSegment(
            "active",
            "Active",
            "Bought recently, with a middling number of orders and spend.",
            "Suggest what goes with their last order, and say what being a regular brings.",
        ),
        PresetSegment(
            "new",
            "New",
            "Bought very recently, with few orders and little spend so far.",
            "Make the first delivery faultless, then write within a week with help on what they bought.",
        ),
        PresetSegment(
            "promising",
            "Promising",
            "Bought fairly recently, with few orders and little spend.",
            "Give them a reason for the next order now, while they still remember the last one.",
        ),
        PresetSegment(
            "needs-attention",
            "Needs attention",
            "Middling buyers whose last order is getting old.",
            "Remind them of what they buy and make ordering it again one click.",
        ),
        PresetSegment(
            "almost-lost",
            "Almost lost",
            "Few orders, little spend, and quiet for a while.",
            "Send one message about what is new since they last looked, before they forget the shop.",
        ),
        PresetSegment(
            "at-risk",
            "At risk",
            "Good buyers who stopped long ago.",
            "Find out whether something went wrong, put it right, and only then invite them back.",
        ),
        PresetSegment(
            "previously-loyal",
            "Previously loyal",
            "Once among your best, and gone quiet for long.",
            "Call or write to each one in person this week, and offer what they always bought.",
        ),
        PresetSegment(
            "dormant",
            "Dormant",
            "Few orders, little spend, and the last one long ago.",
            "Include them in seasonal news only; spend no discount and no effort on them one by one.",
        ),
        PresetSegment(
            "prospects",
            "Prospects",
            "Known to the shop, without an order that counts.",
            "Welcome them with what others buy first, and make the first order easy to place.",
        ),
    ),
    grid=_printed_grid(
        {
            (5,): "new active active champions champions",
            (4,): "promising active active loyal loyal",
            (3,): "almost-lost almost-lost needs-attention loyal loyal",
            (2, 1): "dormant dormant at-risk at-risk previously-loyal",
        }
    ),
    prospects="prospects",
)

THIRDS = Preset(
    key="thirds",
    name="Thirds",
    axes="rfm",
    bins=3,
    summary="How recently, how often and for how much, in thirds, with half a year and a year as fixed bounds.",
    segments=(
        PresetSegment(
            "champions",
            "Champions",
            "Bought within half a year, often, and for much.",
            "Thank them by name, show them new things first, and ask them for a review; no discount is needed.",
        ),
        PresetSegment(
            "loyal",
            "Loyal",
            "Come back often or spend much, and bought within a year.",
            "Keep every promise on delivery and give early access or a small surprise rather than money off.",
        ),
        PresetSegment(
            "recent",
            "Recent",
            "Bought not long ago, and are still few orders into knowing you.",
            "Follow up on the last order with help and one fitting suggestion for the next.",
        ),
        PresetSegment(
            "needs-attention",
            "Needs attention",
            "Good buyers by number or by value whose last order is getting old.",
            "Remind them of what they buy and make ordering it again one click.",
        ),
        PresetSegment(
            "at-risk",
            "At risk",
            "Drifting away: the last order is old, or there were few.",
            "Find out whether something went wrong, put it right, and only then invite them back.",
        ),
        PresetSegment(
            "inactive",
            "Inactive",
            "No order within a year, and few or small ones before.",
            "Include them in seasonal news only; spend no discount and no effort on them one by one.",
        ),
    ),
    grid=_listed_grid(
        {
            "champions": "333 332 323",
            "loyal": "321 322 331 232 233",
            "recent": "311 312 313 222 223",
            "needs-attention": "213 221 123 132 133",
            "at-risk": "231 212 122 131 211",
            "inactive": "111 112 113 121",
        }
    ),
    healths=(1, 2, 4, 6, 8, 10),
    thresholds={"recency": [181, 366]},  # R3: up to 180 days; R2: up to 365
)

PRESETS = {preset.key: preset for preset in (CLASSIC, ELEVEN, THIRDS)}
