"""Settling tables: what a job wrote a large part of is made known to the planner, and readable from indexes alone.

The server does so itself, a minute or two later. Until then pages are planned as if the table were as it was
before, perhaps empty, and every row found in an index is looked up in its table too.
"""

from __future__ import annotations

import logging

from django.db import DatabaseError, connection

from lib import sql

SHARE = 0.1  # of a table's rows, unless it has one of its own; a night writes less of most
LEAST = 1_000  # rows: below that nothing is slow

log = logging.getLogger(__name__)


def settle_tables() -> None:
    """Analyses and vacuums the tables of which more than their share was written since that was last done.

    Nobody waits for it: rows can be read and written meanwhile. Where the server is at a table itself, at its own
    slow pace, it gives way to this. Broken off anywhere it has done a part, and is run again by the next job or by
    the server. In a transaction it can't be done, and isn't.
    """
    if connection.in_atomic_block:
        return
    try:
        sql.rows("jobs", "report_writes")
        tables = sql.rows("jobs", "unsettled_tables", {"share": SHARE, "least": LEAST})
        with connection.cursor() as cursor:
            for table in tables:
                cursor.execute(table.statement)
    except DatabaseError:  # the work itself needs none of it
        log.exception("Tables couldn't be settled")
