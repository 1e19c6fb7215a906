"""What people may set of a scheme; checked, in plain words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Store
from lib.choices import offer
from lib.money import to_decimal
from lib.numbers import number_among, whole_number
from segments.rules import BINS, DIMENSIONS, Axes
from segments.schemes.drafts import At, Draft, axes_of, preset_draft, reshaped
from segments.schemes.grids import cell_field
from segments.schemes.palette import MOST_SEGMENTS, PLACES
from segments.schemes.presets import PRESETS
from segments.schemes.segment_words import Words
from segments.schemes.versions import LONGEST_WINDOW, SchemeError, check_cut_points, minor_cut_point

AXES: dict[Axes, str] = {
    "rf": "Recency and frequency",
    "r_fm": "Recency and the mean of frequency and monetary",
    "rfm": "Recency, frequency and monetary",
}


_SHAPE = {"data-shape": "", "autocomplete": "off"}  # to the page's script: another choice brings another grid


class SchemeForm(forms.Form):
    """A preset; the changes to it: axes, scores, window and cut points; and the segment of each cell of the grid.

    Cut points are numbers with a space between: recency in days, frequency in orders, monetary in the store's
    currency. Left empty, a dimension is cut into equal shares of customers at every refresh (or, where the
    preset fixes it, as the preset does). A cell of the grid is a field `cell-<shape>-<scores>`: preset, axes and
    number of scores are in its name, so that cells of a grid that has just been left aren't taken for those of
    another. What isn't given stays as in force, or, with another preset, is as that preset has it.
    """

    preset = forms.ChoiceField(
        label="Scheme",
        choices=[(preset.key, preset.name) for preset in PRESETS.values()],
        widget=forms.RadioSelect,
    )
    axes = forms.ChoiceField(
        label="Scores that decide",
        required=False,
        choices=list(AXES.items()),
        widget=forms.Select(attrs=_SHAPE),
    )
    bins = forms.TypedChoiceField(
        label="Scores",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[(bins, f"1 to {bins}") for bins in BINS],
        widget=forms.Select(attrs=_SHAPE),
    )
    window_months = forms.IntegerField(
        label="Months that count",
        required=False,
        min_value=1,
        max_value=LONGEST_WINDOW,
        help_text="Only orders of this many months back count. Empty: every order counts.",
        error_messages={"invalid": "Give a whole number of months, such as 24, or leave it empty."},
    )
    built_on = forms.IntegerField(required=False, widget=forms.HiddenInput)
    recency = forms.CharField(label="Recency, days", required=False, max_length=120)
    frequency = forms.CharField(label="Frequency, orders", required=False, max_length=120)
    monetary = forms.CharField(label="Monetary", required=False, max_length=120)

    def __init__(
        self, data: Any, *, store: Store, in_force: Draft, number: int, segments: Collection[str]
    ) -> None:
        """`in_force`: the scheme, `number`: of its version; `segments`: keys of those that a cell may be given to."""
        self._currency = store.currency
        self._in_force = in_force
        self._segments = segments
        super().__init__(data, initial={**self._written(in_force), "built_on": number})
        self.fields["monetary"].label = f"Monetary, {store.currency}"

    def shape(self, query: Mapping[str, str]) -> Draft:
        """The scheme to begin from, by the preset, axes and number of scores named; nonsense is left out."""
        preset = PRESETS.get(query.get("preset", ""), self._in_force.preset)
        from_preset = preset != self._in_force.preset or "afresh" in query
        begin = preset_draft(preset) if from_preset else self._in_force
        axes, bins = query.get("axes", ""), query.get("bins", "")
        if query.get("shaped", preset.key) != preset.key:  # they are of a preset that has just been left
            axes, bins = "", ""
        return reshaped(
            begin,
            axes_of(axes) if axes in AXES else begin.axes,
            number_among(bins, BINS, otherwise=begin.bins),
        )

    def show_shape(self, draft: Draft) -> None:
        """Lets the fields of the shape say that of the grid beside them."""
        shown = {"preset": draft.preset.key, "axes": draft.axes, "bins": str(draft.bins)}
        self.initial = {**self.initial, **shown}
        self.data = {**self.data, **shown} if self.is_bound else self.data

    def build_on(self, number: int) -> None:
        """Lets the form be saved over a newer version, of which the person has just been told."""
        self.data = {**self.data, "built_on": number}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "preset" in cleaned:
            bins = self.shape(self.data).bins
            for name in DIMENSIONS:
                try:
                    cleaned[name] = self._cut_points(name, cleaned.get(name) or "", bins)
                except ValidationError as error:
                    self.add_error(name, error)
            if self._painted().keys() - self._segments:
                self.add_error(None, "A cell names a segment that this store doesn't have. Choose another.")
        return cleaned

    def draft(self) -> Draft:
        """The scheme that a valid form describes."""
        begin = self.shape(self.data)
        own = begin.preset.thresholds if begin.bins == begin.preset.bins else {}
        fixed = {name: self.cleaned_data[name] for name in DIMENSIONS if self.cleaned_data[name]}
        return replace(
            self.painted(begin),
            thresholds={**own, **fixed},
            window_months=self.cleaned_data["window_months"],
        )

    def painted(self, begin: Draft) -> Draft:
        """The draft with its cells as painted; cells that weren't painted, or with an unknown segment, stay as
        they were.
        """
        painted = {at: key for key, cells in self._painted().items() if key in self._segments for at in cells}
        return replace(begin, grid={**begin.grid, **painted})

    def _painted(self) -> dict[str, list[At]]:
        """The cells of each segment named."""
        begin = self.shape(self.data)
        painted = defaultdict(list)
        for at in begin.grid:
            if key := self.data.get(cell_field(begin, at)):
                painted[key].append(at)
        return painted

    def _written(self, draft: Draft) -> dict[str, Any]:
        """The scheme in force as a person would have filled it in."""
        texts = {
            name: " ".join(self._text(name, cut) for cut in cuts)
            for name, cuts in draft.thresholds.items()
            if draft.preset.thresholds.get(name) != cuts
        }
        return {
            "preset": draft.preset.key,
            "axes": draft.axes,
            "bins": draft.bins,
            "window_months": draft.window_months,
            **texts,
        }

    def _text(self, name: str, cut: int) -> str:
        return f"{to_decimal(cut, self._currency):f}" if name == "monetary" else str(cut)

    def _cut_points(self, name: str, text: str, bins: int) -> list[int]:
        """The ascending cut points written in `text`; none where it is empty."""
        words = [word.rstrip(",;") for word in text.split()]
        if not words:
            return []
        cuts = [self._cut_point(name, word) for word in words]
        try:
            check_cut_points(name, cuts, bins)
        except SchemeError as error:
            raise ValidationError(str(error)) from error
        return cuts

    def _cut_point(self, name: str, word: str) -> int:
        cut = self._amount(word) if name == "monetary" else whole_number(word)
        if cut is None:
            example = "25 60.50 120 300" if name == "monetary" else "30 90 180 365"
            raise ValidationError(
                f"“{word}” can't be a cut point. Write numbers with a space between them, such as {example}."
            )
        return cut

    def _amount(self, word: str) -> int | None:
        try:
            return minor_cut_point(Decimal(word), self._currency)
        except ArithmeticError:  # it is no number
            return None


class SegmentForm(forms.Form):
    """A segment's words and place."""

    name = forms.CharField(
        label="Name", max_length=60, error_messages={"required": "Give the segment a name."}
    )
    place = forms.TypedChoiceField(
        label="Place",
        coerce=int,
        help_text="From the healthiest down. It decides the colour, and what counts as moving up.",
    )
    meaning = forms.CharField(
        label="Who they are", required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )
    advice = forms.CharField(
        label="What to do about them",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(
        self, data: Any, *, places: Collection[int] = PLACES, holders: Mapping[int, str], **options: Any
    ) -> None:
        """`places`: those to choose from; `holders`: the names of the segments that have one now."""
        super().__init__(data, **options)
        offer(self, "place", [(place, _place_text(place, holders.get(place, ""))) for place in places])

    def words(self) -> Words:
        """What a valid form says."""
        return Words(**self.cleaned_data)


def _place_text(place: int, holder: str) -> str:
    ends = {1: ", the healthiest", MOST_SEGMENTS: ", the least healthy"}
    return f"{place}{ends.get(place, '')}" + (f" (changes places with {holder})" if holder else "")
