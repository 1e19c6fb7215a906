"""What the value page draws of a fit: small tables made of everybody's figures, kept with the fit.

Pure functions of NumPy arrays, one row per customer; the results are plain lists that JSON can hold.
"""

from __future__ import annotations

import numpy as np

from segments.clv.histories import FloatArray, Histories

MOST_BANDS = 9
# Silence is counted in steps that people say: days, weeks, months, quarters, years.
_STEPS = (1, 2, 7, 14, 30, 60, 90, 180, 365)
_MOST_STEPS = 14
# A mean over fewer people says more about them than about their silence.
LEAST_IN_CELL = 5
# Repeat transactions, the first and the last of each group.
ALIVE_GROUPS: tuple[tuple[int, int | None], ...] = ((1, 1), (2, 3), (4, 7), (8, None))

Row = dict[str, int | float | None]


def value_bands(expected_value: FloatArray) -> list[Row]:
    """Customers and their expected value by bands of it, the lowest first: {from, below, customers, value}.

    Bands begin at 0 and at round amounts (1, 2, 5, 10, ..) in the unit of the values; the last has no end.
    """
    edges = _band_edges(expected_value)
    place = np.searchsorted(edges, expected_value, side="right")
    customers = np.bincount(place, minlength=len(edges) + 1)
    value = np.bincount(place, weights=expected_value, minlength=len(edges) + 1)
    bounds = [0, *edges.astype(np.int64).tolist(), None]
    return [
        {"from": bounds[k], "below": bounds[k + 1], "customers": int(customers[k]), "value": round(value[k])}
        for k in range(len(edges) + 1)
    ]


def _band_edges(values: FloatArray) -> FloatArray:
    """The MOST_BANDS - 1 round amounts below what only one customer in two hundred is worth, the lowest first."""
    series = np.sort([step * 10.0**power for step in (1, 2, 5) for power in range(16)])
    high = max(float(np.quantile(values, 0.995)), 1.0)
    return series[series <= high][1 - MOST_BANDS :]


def value_tenths(expected_value: FloatArray) -> list[float]:
    """The share of all expected value that the most valuable tenth brings, two tenths, .. everybody.

    Empty where nothing is expected of anybody.
    """
    highest_first = np.sort(expected_value)[::-1]
    total = highest_first.sum()
    if total <= 0:
        return []
    running = np.cumsum(highest_first) / total
    ends = np.ceil(np.arange(1, 11) / 10 * len(running)).astype(np.int64) - 1
    return [round(float(share), 4) for share in running[ends]]


def alive_by_silence(histories: Histories, p_alive: FloatArray) -> list[Row]:
    """Mean P(alive) by days since the last transaction and by ALIVE_GROUPS, of those who have one.

    Time is in days. Rows {group, from, below, customers, p_alive}; cells of fewer than LEAST_IN_CELL
    customers are left out.
    """
    known = ~np.isnan(p_alive)
    if not known.any():
        return []
    x, silence = histories.x[known], (histories.T - histories.t_x)[known]
    shown = p_alive[known]
    # The longest silences are few; what nineteen in twenty have is drawn.
    reach = float(np.quantile(silence, 0.95))
    width = next((step for step in _STEPS if reach / step <= _MOST_STEPS), _STEPS[-1])
    step = np.floor(silence / width)
    rows: list[Row] = []
    for group, (least, most) in enumerate(ALIVE_GROUPS):
        mine = (x >= least) & (x <= (np.inf if most is None else most)) & (silence <= reach)
        for k in np.unique(step[mine]).tolist():
            cell = mine & (step == k)
            customers = int(cell.sum())
            if customers >= LEAST_IN_CELL:
                start = int(k) * width
                mean = round(float(shown[cell].mean()), 4)
                rows.append(
                    {
                        "group": group,
                        "from": start,
                        "below": start + width,
                        "customers": customers,
                        "p_alive": mean,
                    }
                )
    return rows
