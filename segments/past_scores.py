"""Everybody's statistics and scores as of a past day, from the orders as they are known now.

They are temporary tables, which last until the end of the transaction or until they are dropped.
"""

from __future__ import annotations

from datetime import date

from lib import sql
from segments.models import SchemeVersion
from segments.rules import CutPoints
from segments.scoring import cut_points_from, shares_of
from segments.stats import Basis


def read_past(*, store_id: int, basis: Basis) -> None:
    """Makes past_statistics: a row for every customer of the store, as of the day of the basis."""
    looked_at = {
        "store_id": store_id,
        "timezone": basis.timezone,
        "until": basis.until,
        "window_from": basis.window_from or "-infinity",
    }
    sql.execute("segments", "past_statistics", looked_at)


def score_past(*, scheme: SchemeVersion, as_of: date) -> tuple[CutPoints, int]:
    """Makes past_scores: past_statistics scored by their own cut points, which it returns together with the number of
    customers scored. `as_of`: the day past_statistics is of.
    """
    found = sql.one("segments", "past_cut_points", {"shares": shares_of(scheme)})
    cuts = cut_points_from(found, scheme, as_of)
    cells = {"cells": scheme.cube(), "prospects": scheme.prospects_id}
    sql.execute("segments", "past_scores", {**cuts.bounds(as_of), **cells})
    return cuts, int(found.customers)
