"""What people may set of a scheme; checked, in plain words."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Store
from lib.money import to_decimal, to_minor
from segments.models import SchemeVersion, Segment
from segments.rules import DIMENSIONS
from segments.schemes.presets import PRESETS, Preset

LARGEST_CUT = 10**9  # days, orders or minor units: a cut point above it is a slip of the finger

_AXES = {
    "rf": "recency and frequency",
    "r_fm": "recency and the mean of frequency and monetary",
    "rfm": "recency, frequency and monetary",
}


def _described(preset: Preset) -> str:
    return f"{preset.name}: {len(preset.segments)} segments by {_AXES[preset.axes]}"


class SchemeForm(forms.Form):
    """A preset, the orders that count, and cut points fixed by hand over those found by share.

    Cut points are numbers with a space between: recency in days, frequency in orders, monetary in the store's
    currency. Left empty, a dimension is cut into equal shares of customers at every refresh (or, where the
    preset fixes it, as the preset does). A cell of the grid is a field `cell-<preset>-<scores>`: the preset is in
    its name so that cells of a grid that has just been left aren't taken for those of another.
    """

    preset = forms.ChoiceField(
        label="Scheme",
        choices=[(preset.key, _described(preset)) for preset in PRESETS.values()],
        widget=forms.RadioSelect,
    )
    window_months = forms.IntegerField(
        label="Months that count",
        required=False,
        min_value=1,
        max_value=240,
        help_text="Orders of so many months back count. Empty: every order counts.",
        error_messages={"invalid": "Give a whole number of months, such as 24, or leave it empty."},
    )
    recency = forms.CharField(label="Recency, days", required=False, max_length=120)
    frequency = forms.CharField(label="Frequency, orders", required=False, max_length=120)
    monetary = forms.CharField(label="Monetary", required=False, max_length=120)

    def __init__(self, data: Any, *, store: Store, version: SchemeVersion) -> None:
        self._currency = store.currency
        self._segments = set(Segment.objects.filter(store=store).values_list("key", flat=True))
        self.painted: dict[tuple[int, ...], str] = {}
        super().__init__(data, initial=self._written(version))
        self.fields["monetary"].label = f"Monetary, {store.currency}"

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        preset = PRESETS.get(cleaned.get("preset", ""))
        if preset is not None:
            for name in DIMENSIONS:
                try:
                    cleaned[name] = self._cut_points(name, cleaned.get(name) or "", preset.bins)
                except ValidationError as error:
                    self.add_error(name, error)
            self.painted = self._painted(preset)
        return cleaned

    def _painted(self, preset: Preset) -> dict[tuple[int, ...], str]:
        """The cells that differ from the preset's own, by where they are."""
        known = self._segments | {segment.key for segment in preset.segments}
        painted = {}
        for at, own in preset.grid.items():
            key = self.data.get(f"cell-{preset.key}-{'-'.join(map(str, at))}") or own
            if key not in known:
                self.add_error(None, "A cell names a segment that this store doesn't have. Choose another.")
                return {}
            if key != own:
                painted[at] = key
        return painted

    def thresholds(self) -> dict[str, list[int]]:
        """The cut points fixed by hand, as a scheme keeps them: days, orders, minor units."""
        return {name: self.cleaned_data[name] for name in DIMENSIONS if self.cleaned_data[name]}

    def _written(self, version: SchemeVersion) -> dict[str, Any]:
        """The version in force as a person would have filled it in."""
        fixed = {name: list(cuts) for name, cuts in version.thresholds.items()}
        by_preset = PRESETS[version.preset].thresholds if version.preset in PRESETS else {}
        texts = {
            name: " ".join(self._text(name, cut) for cut in cuts)
            for name, cuts in fixed.items()
            if by_preset.get(name) != cuts
        }
        return {"preset": version.preset, "window_months": version.window_months, **texts}

    def _text(self, name: str, cut: int) -> str:
        return f"{to_decimal(cut, self._currency):f}" if name == "monetary" else str(cut)

    def _cut_points(self, name: str, text: str, bins: int) -> list[int]:
        """The ascending cut points written in `text`; none where it is empty."""
        words = [word.rstrip(",;") for word in text.split()]
        if not words:
            return []
        cuts = [self._cut_point(name, word) for word in words]
        if len(cuts) != bins - 1:
            raise ValidationError(
                f"This scheme has {bins} scores, so it needs {bins - 1} cut points; there are {len(cuts)} here."
            )
        if any(lower >= upper for lower, upper in pairwise(cuts)):
            raise ValidationError("Each cut point must be above the one before it.")
        if name != "monetary" and cuts[0] < 1:
            raise ValidationError("The first cut point is at least 1.")
        return cuts

    def _cut_point(self, name: str, word: str) -> int:
        try:
            cut = to_minor(Decimal(word), self._currency) if name == "monetary" else int(word)
        except (ArithmeticError, ValueError):
            cut = None
        if cut is None or not abs(cut) < LARGEST_CUT:
            example = "25 60.50 120 300" if name == "monetary" else "30 90 180 365"
            raise ValidationError(
                f"“{word}” can't be a cut point. Write numbers with a space between them, such as {example}."
            )
        return cut
