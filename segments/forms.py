"""What people may ask of the customer list, and what they may set of a scheme; checked, in plain words."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Store
from lib.money import to_decimal, to_minor
from segments.customer_queries import SORTS, CustomerFilter
from segments.models import SchemeVersion, Segment
from segments.presets import PRESETS, Preset
from segments.rules import DIMENSIONS

ANY = ("", "Any")
LARGEST_CUT = 10**9  # days, orders or minor units: a cut point above it is a slip of the finger


class CustomerFilterForm(forms.Form):
    """The customer list's filters, from its address. A field in error filters nothing and says what is wrong."""

    main = ("q", "segment", "last_from", "last_to")  # always in sight; the others open

    q = forms.CharField(
        label="Search",
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "E-mail, name or customer number"}),
    )
    segment = forms.ChoiceField(label="Segment", required=False)
    r = forms.TypedChoiceField(label="Recency score", required=False, coerce=int, empty_value=None)
    f = forms.TypedChoiceField(label="Frequency score", required=False, coerce=int, empty_value=None)
    m = forms.TypedChoiceField(label="Monetary score", required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(
        label="Account",
        required=False,
        choices=[ANY, ("registered", "Registered"), ("guest", "Guest")],
    )
    consent = forms.ChoiceField(
        label="E-mail consent",
        required=False,
        choices=[ANY, ("yes", "Given"), ("no", "Refused"), ("unknown", "Not known")],
    )
    last_from = forms.DateField(
        label="Last order from", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    last_to = forms.DateField(label="to", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    spent_from = forms.DecimalField(label="Spent from", required=False, max_digits=14)
    spent_to = forms.DecimalField(label="to", required=False, max_digits=14)
    value_from = forms.DecimalField(label="Expected value from", required=False, max_digits=14)
    value_to = forms.DecimalField(label="to", required=False, max_digits=14)
    alive = forms.ChoiceField(
        label="P(alive)",
        required=False,
        choices=[
            ANY,
            ("likely", "70% or more"),
            ("doubtful", "30% to 69%"),
            ("unlikely", "Under 30%"),
            ("unknown", "Not known"),
        ],
    )
    overdue = forms.TypedChoiceField(
        label="Overdue by their cadence",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[ANY, ("0", "Overdue"), ("1", "By one gap or more"), ("2", "By two gaps or more")],
    )
    sort = forms.ChoiceField(
        label="Sort", required=False, choices=[(sort, sort) for sort in SORTS], widget=forms.HiddenInput
    )

    def __init__(self, data: Any, *, store: Store, segments: list[Segment], bins: int) -> None:
        super().__init__(data)
        self._currency = store.currency
        self._segments = {segment.key: segment for segment in segments}
        self._choices("segment").choices = [ANY, *((one.key, one.name) for one in segments), ("none", "None")]
        for name in ("r", "f", "m"):
            self._choices(name).choices = [ANY, *((score, str(score)) for score in range(bins, 0, -1))]

    def _choices(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for low, high, what in (
            ("last_from", "last_to", "The first day lies after the last one."),
            ("spent_from", "spent_to", "The lower amount is above the upper one."),
            ("value_from", "value_to", "The lower amount is above the upper one."),
        ):
            first, last = cleaned.get(low), cleaned.get(high)
            if first is not None and last is not None and first > last:
                self.add_error(low, f"{what} Swap them.")
                cleaned.pop(high)
        return cleaned

    @property
    def more_count(self) -> int:
        """How many of the filters out of sight are set."""
        return sum(1 for field in self._more() if field.data)

    @property
    def more_errors(self) -> bool:
        """Whether one of the filters out of sight says that it is wrong."""
        return any(field.errors for field in self._more())

    def _more(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.main]

    def filter(self) -> CustomerFilter:
        """What to look for: every field that was filled in and makes sense."""
        self.is_valid()
        given = self.cleaned_data
        chosen = given.get("segment") or ""
        return CustomerFilter(
            search=given.get("q") or "",
            segment=self._segments.get(chosen),
            unsegmented=chosen == "none",
            r=given.get("r"),
            f=given.get("f"),
            m=given.get("m"),
            registered={"registered": True, "guest": False}.get(given.get("kind") or ""),
            consent=given.get("consent") or "",
            last_from=given.get("last_from"),
            last_to=given.get("last_to"),
            spent_from=self._minor(given.get("spent_from")),
            spent_to=self._minor(given.get("spent_to")),
            value_from=self._minor(given.get("value_from")),
            value_to=self._minor(given.get("value_to")),
            alive=given.get("alive") or "",
            overdue=given.get("overdue"),
        )

    def _minor(self, amount: Decimal | None) -> int | None:
        return None if amount is None else to_minor(amount, self._currency)


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
