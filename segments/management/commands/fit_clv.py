"""manage.py fit_clv SLUG --until DATE [--unit day|week] [--horizon N] [--customers FILE.csv] [--json]"""

from __future__ import annotations

import csv
import math
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import CommandError

from accounts.models import Store
from accounts.store_command import StoreCommand, day
from lib.periods import local_today
from lib.spreadsheets import neutral_text
from lib.whole_files import whole_file
from orders.models import Customer
from segments.clv.bgnbd import BgNbd
from segments.clv.fitting import FitProblem
from segments.clv.gamma_gamma import GammaGamma
from segments.clv.histories import Summary, Unit
from segments.clv.value import CustomerValues, customer_values, fit_value
from segments.value.fitting import HORIZON_DAYS
from segments.value.histories import purchase_histories

# fmt: off
COLUMNS = (
    "external_id", "x", "t_x", "T", "m_x", "expected_orders", "p_alive", "expected_value",
)
# fmt: on


def _horizon(text: str) -> float:
    try:
        units = float(text)
    except ValueError:
        units = math.nan
    if not 0 <= units < math.inf:
        raise ArgumentTypeError(f"“{text}” is no number of units, 0 or more")
    return units


class Command(StoreCommand):
    help = (
        "Fits the value models (BG/NBD and Gamma-Gamma) to a store's orders up to a day and prints them. "
        "A transaction is a customer and a day; money is in major units. Nothing is kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--until",
            type=day,
            metavar="YYYY-MM-DD",
            help="The last day looked at. Default: the store's today.",
        )
        parser.add_argument("--unit", choices=[unit.value for unit in Unit], default=Unit.DAY.value)
        parser.add_argument(
            "--horizon", type=_horizon, metavar="N", help="How many units to look ahead. Default: 365 days."
        )
        parser.add_argument(
            "--customers",
            type=Path,
            metavar="FILE.csv",
            help=f"Also write a row a customer: {','.join(COLUMNS)}; what isn't known is empty.",
        )
        parser.add_argument("--json", action="store_true", help="Print one JSON object.")

    def run(self, store: Store, options: dict[str, Any]) -> None:
        clock, unit = perf_counter(), Unit(options["unit"])
        until = options["until"] or local_today(store.timezone)
        horizon = HORIZON_DAYS / unit.days if options["horizon"] is None else options["horizon"]
        summary = purchase_histories(store, until=until).summary(unit)
        model = fit_value(summary.histories)
        result: dict[str, object] = {
            "until": until.isoformat(),
            "unit": unit.value,
            "customers": summary.histories.customers,
            "repeat_buyers": summary.histories.repeat_buyers,
            "bg_nbd": _printed(model.orders),
            "gamma_gamma": _printed(model.spend),
            "seconds": round(perf_counter() - clock, 3),
        }
        if options["customers"]:
            values = customer_values(model, summary.histories, horizon=horizon)
            _write(options["customers"], store, summary, values)
            result |= {"horizon": horizon, "written": len(summary.customer)}
        self._print(result, as_json=options["json"])
        if isinstance(model.orders, FitProblem):
            raise CommandError(model.orders.sentence)

    def _print(self, result: dict[str, object], *, as_json: bool) -> None:
        if as_json:
            self.print_json(result)
            return
        for name, value in result.items():
            entries = value.items() if isinstance(value, dict) else ()
            self.stdout.write(f"{name:<14}" + ("" if entries else f"{value}"))
            for entry, figure in entries:
                self.stdout.write(f"  {entry:<22} {figure}")


def _printed(model: BgNbd | GammaGamma | FitProblem) -> dict[str, object]:
    """A model's parameters and log-likelihood; or {"problem": why there is none}."""
    if isinstance(model, FitProblem):
        return {"problem": model.sentence}
    return asdict(model)


def _write(path: Path, store: Store, summary: Summary, values: CustomerValues) -> None:
    try:
        with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(_rows(store, summary, values))
    except OSError as error:
        raise CommandError(f"{path} could not be written: {error.strerror}.") from error


def _rows(store: Store, summary: Summary, values: CustomerValues) -> Iterator[list[object]]:
    """One row per customer, by age of their row; times in units, money in major units, unrounded."""
    people = Customer.objects.filter(store=store, external_id__isnull=False)
    names = dict(people.values_list("id", "external_id").iterator(chunk_size=10_000))
    histories = summary.histories
    columns = (
        histories.t_x,
        histories.T,
        histories.m_x,
        values.expected_orders,
        values.p_alive,
        values.expected_value,
    )
    figures = zip(*(column.tolist() for column in columns), strict=True)
    for customer_id, x, row in zip(summary.customer.tolist(), histories.x.tolist(), figures, strict=True):
        name = neutral_text(names.get(customer_id) or "")
        yield [name, int(x), *("" if math.isnan(figure) else figure for figure in row)]
