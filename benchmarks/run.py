"""`make bench`: how fast the main jobs are, beside other ways of doing them, as ratios of one interleaved run.

ORDERS=10000000 make bench measures ten million orders (one million unless given; a tenth as many customers).
PARTS="refreshes pages" measures these parts alone and keeps the figures of the others.
Writes benchmarks/latest.json, or benchmarks/latest_<orders>.json for another size, and benchmarks/growth.md, which sets
a million orders beside ten million. Fails only on wrong results: being slow is reported and isn't a failure. The
database is a cluster of its own under var/bench-<orders> with a production's settings.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.goals import Findings

BASE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE))
ORDERS = int(os.environ.get("ORDERS", "1000000"))
DATA = BASE / "var" / f"bench-{ORDERS}"

# Of the settings none is the caller's; and commands find their modules compiled, as a shop's do from the second on.
for _name in [name for name in os.environ if name.startswith(("REGULARS_", "DATABASE_", "PYTHONDONTWRITE"))]:
    del os.environ[_name]
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "loyalty_site.settings",
    "REGULARS_DATA": str(DATA),
    "REGULARS_DATABASE_ROLE": "owner",
    "REGULARS_HTTPS": "false",
    "REGULARS_SECRET_KEY": "for benchmarks alone",
    "REGULARS_HOSTS": "testserver",
}


def main() -> int:
    from loyalty_site import embedded_postgres

    embedded_postgres.ensure(DATA)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("prepare", verbosity=0)
    from benchmarks import growth, imports, kills, lists, measuring, pages, refreshes, tables

    measures: dict[str, Callable[[int], Findings]] = {
        "refreshes": refreshes.measure,
        "tables": tables.measure,
        "pages": pages.measure,
        "lists": lists.measure,
        "retail_imports": imports.measured_retail,
        "plain_imports": imports.measured_plain,
        "killed_imports": kills.measure,
    }
    folder = BASE / "benchmarks"
    path = folder / ("latest.json" if ORDERS == 1_000_000 else f"latest_{ORDERS}.json")
    wanted = os.environ.get("PARTS", "").split() or list(measures)
    parts = {} if set(wanted) == set(measures) or not path.exists() else json.loads(path.read_text())["parts"]
    wrong: list[str] = []
    for name in wanted:
        print(f"{name} ...", flush=True)
        machine = measuring.machine()
        found = measures[name](ORDERS)
        parts[name] = {
            "at": datetime.now(UTC).isoformat(timespec="minutes"),
            "machine": machine,
            "goals": [goal.as_json() for goal in found.goals],
            "figures": found.record,
        }
        # After each part, so that a run that is cut short has told what it found.
        path.write_text(json.dumps({"orders": ORDERS, "parts": parts}, indent=1) + "\n")
        growth.write_growth(folder / "latest.json", folder / "latest_10000000.json", folder / "growth.md")
        for goal in found.goals:
            print(f"  {goal}", flush=True)
        wrong += found.wrong
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
