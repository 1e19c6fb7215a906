"""Settling tables: what a job wrote much of is analysed for the planner and vacuumed for index-only scans.

Autovacuum does the same, but a minute or two later. Until then queries are planned as if the table were as before,
perhaps empty, and every row found in an index has to be fetched from the table as well.
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

    Nobody waits for it: rows can be read and written meanwhile. If autovacuum is working on a table, at its own slow
    pace, it gives way to this. When interrupted, what is done is done, and the next job or autovacuum does the rest.
    It can't be done inside a transaction, and then does nothing.
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
