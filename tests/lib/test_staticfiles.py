import re
from pathlib import Path

from django.contrib.staticfiles import finders

from loyalty_site.paths import BASE_DIR


def found(path: str) -> Path:
    place = finders.find(path)
    assert isinstance(place, str), path
    return Path(place)


def test_plotly_comes_from_its_package_and_nothing_else_does() -> None:
    assert "plotly.js" in found("plotly/plotly.min.js").read_text(encoding="utf-8")[:200]
    assert finders.find("plotly/widgetbundle.js") is None


def test_htmx_comes_from_its_package() -> None:
    assert "htmx" in found("django_htmx/htmx-2.min.js").read_text(encoding="utf-8")[:500]


def test_style_of_plotlys_maps_is_held_off_by_the_right_id() -> None:
    """plotly.js adds this style element unless there is one with its id; the policy would refuse it."""
    plotly = found("plotly/plotly.min.js").read_text(encoding="utf-8")
    added = set(re.findall(r'createElement\("style"\);e\.id="(\w+)"', plotly))
    charts = (BASE_DIR / "static/js/charts.js").read_text()
    assert added == set(re.findall(r'MAP_STYLE = "(\w+)"', charts))


def test_no_template_carries_inline_style_or_script() -> None:
    for template in (BASE_DIR / "templates").rglob("*.html"):
        text = template.read_text()
        assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|hx-on", text), template.name
        scripts = re.findall(r"<script\b[^>]*>", text)
        assert all("src=" in tag for tag in scripts), template.name


def test_every_icon_used_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (BASE_DIR / "static/icons.svg").read_text()))
    for template in (BASE_DIR / "templates").rglob("*.html"):
        assert set(re.findall(r'{% icon "([\w-]+)"', template.read_text())) <= drawn, template.name
