"""Turns the first sheet of a workbook that can be a table into a CSV file, in a process of its own with bounded memory.

    python spreadsheet_spooling.py WORKBOOK.xlsx OUT.csv MEMORY_BYTES

A workbook is a zip file that says of itself how large it is, and may lie: whatever it unpacks to, only this
process dies of it. It knows nothing of the project and imports nothing of it.
Exit status: 0 done, 3 not a workbook or damaged, 4 no rows, 5 out of memory.
"""

from __future__ import annotations

import csv
import datetime
import sys

DAMAGED, EMPTY, TOO_LARGE = 3, 4, 5
EXACT = 2**53  # whole numbers beyond it aren't what was typed


def cell_text(value: object) -> str:
    """A cell as the text that a CSV file would hold."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) <= EXACT else f"{value:.15g}"
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def spool(workbook_path: str, output_path: str) -> int:
    """Writes the first sheet with several columns, else the first with rows, hidden ones last; the exit status."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    with open(workbook_path, "rb") as file:  # noqa: PTH123  # by its content: its name may end in .xls
        workbook = CalamineWorkbook.from_filelike(file)
    known = sorted(workbook.sheets_metadata, key=lambda sheet: sheet.visible != SheetVisibleEnum.Visible)
    chosen = None
    for one in known:  # one after the other: together they may need more memory than there is
        sheet = workbook.get_sheet_by_name(one.name)
        if sheet.height and (chosen is None or sheet.width > 1):
            chosen = sheet
        if chosen is not None and chosen.width > 1:
            break
    if chosen is None:
        return EMPTY
    with open(output_path, "w", encoding="utf-8", newline="") as output:  # noqa: PTH123  # stdlib alone
        writer = csv.writer(output)
        writer.writerows([cell_text(value) for value in row] for row in chosen.iter_rows())
    return 0


def limit_memory(limit: int) -> None:
    """No more than `limit` bytes for this process, where the system can do that."""
    try:
        import resource
    except ImportError:  # Windows has no such limit; the declared sizes were checked before
        return
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    limit_memory(int(sys.argv[3]))
    try:
        sys.exit(spool(sys.argv[1], sys.argv[2]))
    except MemoryError:
        sys.exit(TOO_LARGE)
    except Exception:
        sys.exit(DAMAGED)
