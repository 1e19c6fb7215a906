import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.charts import Chart, layout, merged, segment_colour
from loyalty_site.styleguide_charts import charts
from tests.lib.colours import themes

SAMPLES = {chart.id: chart for chart in charts()}
TREES = st.recursive(
    st.integers(), lambda inner: st.dictionaries(st.sampled_from("abc"), inner), max_leaves=8
)


def chart(**changes: Any) -> Chart:
    given_fields: dict[str, Any] = {
        "id": "sales",
        "title": "June was best",
        "subtitle": "Net revenue, £, by month",
        "figure": {"data": [], "layout": {}},
        "columns": ("Month", "Revenue"),
        "rows": [("May", 1200), ("June", 3400)],
    }
    return Chart(**given_fields | changes)


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings(inner)]
    if isinstance(value, (list, tuple)):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_sample_figures_are_ones_plotly_accepts(sample: Chart) -> None:
    go.Figure(data=sample.figure["data"], layout=sample.figure["layout"])


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_sample_figures_use_only_colours_of_the_page(sample: Chart) -> None:
    found = strings(sample.figure)
    assert not [text for text in found if re.match(r"#[0-9a-f]{3,8}$", text, re.IGNORECASE)]
    used = {match for text in found for match in re.findall(r"^var\(--([\w-]+)\)$", text)}
    assert used
    assert used <= themes()["light"].keys()


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)
def test_sample_tables_have_a_cell_for_each_column(sample: Chart) -> None:
    assert sample.rows
    assert {len(cells) for _, cells in sample.table} == {len(sample.columns)}


def test_layout_overrides_keep_what_they_do_not_name() -> None:
    given_layout = layout(xaxis={"title": {"text": "Month"}}, showlegend=True)
    assert given_layout["xaxis"]["title"]["text"] == "Month"
    assert given_layout["xaxis"]["title"]["font"] == layout()["xaxis"]["title"]["font"]
    assert given_layout["showlegend"] is True
    assert "text" not in layout()["xaxis"]["title"]


@given(TREES, TREES)
def test_merging_leaves_both_sides_as_they_were(base: Any, changes: Any) -> None:
    base, changes = ({"root": tree} for tree in (base, changes))
    before = json.dumps([base, changes])
    result = merged(base, changes)
    assert json.dumps([base, changes]) == before
    assert merged(result, changes) == result


def test_segments_beyond_the_palette_take_its_last_colour() -> None:
    assert segment_colour(1) == "var(--segment-1)"
    assert segment_colour(40) == "var(--segment-12)"
    assert segment_colour(0) == "var(--segment-1)"


def test_table_shows_figures_as_read_and_keeps_them_exact() -> None:
    rows = [("=A1", Decimal("1234.50"), date(2019, 3, 4), None, True)]
    ((_, cells),) = chart(columns=("a", "b", "c", "d", "e"), rows=rows).table
    assert [cell.text for cell in cells] == ["=A1", "1,234.5", "4 Mar 2019", "–", "True"]
    assert [cell.value for cell in cells] == ["=A1", "1234.50", "2019-03-04", "", "True"]
    assert [cell.is_number for cell in cells] == [False, True, False, False, False]


def test_column_is_numeric_by_its_first_known_value() -> None:
    columns = chart(rows=[("May", None), ("June", 5)]).numeric_columns
    assert columns == [("Month", False), ("Revenue", True)]


def test_figures_written_as_text_stand_like_figures_and_labels_do_not() -> None:
    figures = ("26.7%", "+12", "−3", "£1,204", "<0.1%")
    labels = ("0–6", "1→2", "May", "10% bring", "1–3 days late", "–", "2 May")
    ((_, cells),) = chart(columns=tuple("abcdefghijkl"), rows=[(*figures, *labels)]).table
    assert [cell.is_number for cell in cells] == [True] * len(figures) + [False] * len(labels)
    assert chart(rows=[("–", "–"), ("May", "26.7%")]).numeric_columns == [("Month", False), ("Revenue", True)]


def test_links_open_rows_and_must_be_one_a_row() -> None:
    assert [link for link, _ in chart(links=("/a", None)).table] == ["/a", None]
    with pytest.raises(ValueError, match="argument 2"):
        _ = chart(links=("/a",)).table


def test_cells_of_a_row_may_open_people_of_their_own() -> None:
    ((row_link, cells), _) = chart(links=("/a", None), cell_links=((None, "/a/1"), (None, None))).table
    assert (row_link, [cell.link for cell in cells]) == ("/a", [None, "/a/1"])
    with pytest.raises(ValueError, match="argument 2"):
        _ = chart(cell_links=((None,), (None,))).table


@given(st.text())
def test_figure_cannot_end_its_script_element_and_comes_back_whole(text: str) -> None:
    script = chart(figure={"data": [{"text": text + "</script><!--"}]}).script
    body = re.fullmatch(r'<script type="application/json" id="sales-figure">(.*)</script>', script, re.DOTALL)
    assert body is not None
    assert "<" not in body[1]
    assert json.loads(body[1])["data"][0]["text"] == text + "</script><!--"


def test_figure_takes_decimals_and_refuses_what_it_does_not_know() -> None:
    assert json.loads(re.sub("<.*?>", "", chart(figure={"y": [Decimal("1.5")]}).script)) == {"y": [1.5]}
    with pytest.raises(TypeError):
        _ = chart(figure={"y": [object()]}).script
