"""How figures grow with a shop: two sizes side by side, from what the benchmark wrote of each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Parts = dict[str, Any]

_SECONDS = {
    "rebuild": ("refreshes", "rebuild", "regulars"),
    "first refresh of an empty shop": ("refreshes", "rebuild", "first_refresh"),
    "night, 1% changed": ("refreshes", "nights", "one_percent_changed"),
    "night, nothing changed": ("refreshes", "nights", "nothing_changed"),
    "retention": ("tables", "retention", "next"),
    "fit of the value models": ("tables", "value models", "next"),
    "the same, tested on the past, and everybody's value written": ("tables", "value fit", "next"),
    "cadence": ("tables", "cadence", "next"),
    "grading": ("tables", "grading", "next"),
}


def write_growth(small: Path, large: Path, into: Path) -> None:
    """Writes the table, in Markdown, if both sizes were measured."""
    if small.exists() and large.exists():
        into.write_text("\n".join(_lines(*(json.loads(path.read_text()) for path in (small, large)))) + "\n")


def _lines(small: Parts, large: Parts) -> Iterator[str]:
    sizes = " | ".join(f"{measured['orders']:,} orders" for measured in (small, large))
    yield f"# From {small['orders']:,} orders to {large['orders']:,}\n"
    yield "Written by `make bench`. A tenth as many customers as orders.\n"
    yield f"| seconds of a job, median | {sizes} | growth |\n|---|---:|---:|---:|"
    for name, (part, *keys) in _SECONDS.items():
        yield _row(name, *(_figure(measured, part, *keys, "median_s") for measured in (small, large)))
    yield f"\n| milliseconds of a page on the server, p95 | {sizes} | growth | queries |\n|---|---:|---:|---:|---:|"
    for name in small["parts"]["pages"]["figures"]:
        of_name = [_figure(measured, "pages", name) for measured in (small, large)]
        if all(of_name):
            queries = " and ".join(dict.fromkeys(str(figure["queries"]) for figure in of_name))
            yield f"{_row(name, *(figure['p95_ms'] for figure in of_name))} {queries} |"


def _row(name: str, small: float | None, large: float | None) -> str:
    if small is None or large is None:
        return f"| {name} | {small or ''} | {large or ''} | |"
    return f"| {name} | {small:g} | {large:g} | {large / small:.1f} x |"


def _figure(measured: Parts, part: str, *keys: str) -> Any:
    figure = measured["parts"].get(part, {}).get("figures", {})
    for key in keys:
        figure = figure.get(key) if figure else None
    return figure
