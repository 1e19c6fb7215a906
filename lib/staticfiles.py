"""Serves plotly.js from the installed plotly package: no third-party file is committed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

_PLOTLY = "plotly/plotly.min.js"


class PlotlyFinder(BaseFinder):
    """Finds plotly/plotly.min.js in the plotly wheel, and nothing else there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        spec = find_spec("plotly")
        assert spec is not None
        assert spec.origin is not None
        package_data = Path(spec.origin).parent / "package_data"
        self.storage = FileSystemStorage(location=str(package_data))
        self.storage.prefix = "plotly"  # type: ignore[attr-defined]  # collectstatic puts it under this folder
        self.path = package_data / "plotly.min.js"

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != _PLOTLY:
            return []
        return [str(self.path)] if find_all else str(self.path)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        yield "plotly.min.js", self.storage
