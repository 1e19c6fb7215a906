"""`make bench`: how fast the main jobs are, beside other ways of doing them, as ratios of one interleaved run.

ORDERS=10000000 make bench measures ten million orders (one million unless given; a tenth as many customers).
Writes benchmarks/latest.json, or benchmarks/latest_<orders>.json for another size. Fails only on wrong results:
slowness is told, not judged. The database is a cluster of its own under var/bench with a production's settings.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE))
DATA = BASE / "var" / "bench"
ORDERS = int(os.environ.get("ORDERS", "1000000"))

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
    from benchmarks import imports, kills, measuring, pages, refreshes

    report: dict[str, object] = {
        "orders": ORDERS,
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": measuring.machine(),
    }
    path = BASE / "benchmarks" / ("latest.json" if ORDERS == 1_000_000 else f"latest_{ORDERS}.json")
    goals: list[dict[str, object]] = []
    wrong: list[str] = []
    parts = {
        "refreshes": refreshes.measure,
        "pages": pages.measure,
        "retail_imports": imports.measured_retail,
        "plain_imports": imports.measured_plain,
        "killed_imports": kills.measure,
    }
    for name, measure in parts.items():
        print(f"{name} ...", flush=True)
        found = measure(ORDERS)
        report[name] = found.record
        goals += [goal.as_json() for goal in found.goals]
        wrong += found.wrong
        report["goals"] = goals
        path.write_text(
            json.dumps(report, indent=1) + "\n"
        )  # after each part: a run that is cut short is told
        for goal in found.goals:
            print(f"  {goal}", flush=True)
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
