"""Pages in a real Chromium: whatever goes wrong in the console or against the content policy fails the test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from accounts.models import User

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),  # Chromium refuses its sandbox to root
]
WIDE, PHONE = (1440, 900), (390, 844)
PATIENCE = 60_000  # milliseconds: a busy machine is slow, not wrong
expect.set_options(timeout=PATIENCE)
REPORT_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`))"""


@dataclass(frozen=True)
class Look:
    """One way a page is looked at."""

    theme: str
    size: tuple[int, int]
    touch: bool = False


LOOKS = [Look(theme, size) for theme in ("light", "dark") for size in (WIDE, PHONE)]


@dataclass
class Window:
    """Opens pages and keeps what went wrong in them; a test may clear what it expects."""

    browser: Browser
    base_url: str
    problems: list[str] = field(default_factory=list)
    cookies: list[Any] = field(default_factory=list)

    def sign_in(self, user: User) -> None:
        """The pages opened from here on are this person's."""
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.cookies = [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": self.base_url}]

    def open(self, path: str, look: Look = LOOKS[0]) -> Page:
        """The page at the path, its text and style loaded, seen in the look."""
        width, height = look.size
        context = self.browser.new_context(
            base_url=self.base_url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if look.theme == "dark" else "light",
            has_touch=look.touch,
            is_mobile=look.touch,
            accept_downloads=True,
        )
        context.add_init_script(REPORT_VIOLATIONS)
        context.add_cookies(self.cookies)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.goto(path)
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


@pytest.fixture(scope="session")
def chromium_program() -> str:
    """The path of a Chromium on this machine."""
    program = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"no Chromium on this machine (looked for {', '.join(CHROMIUM)})")
    return program


@pytest.fixture(scope="session")
def chromium(chromium_program: str) -> Iterator[Browser]:
    """One Chromium for the whole run.

    Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=chromium_program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, live_server: Any) -> Iterator[Window]:
    """A window on the running site. Anything left in `problems` at the end fails the test."""
    opened = Window(chromium, live_server.url)
    yield opened
    for context in chromium.contexts:
        context.close()
    assert opened.problems == []


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look.theme}-{look.size[0]}")
def look(request: pytest.FixtureRequest) -> Look:
    """Light and dark, on a desk and on a phone."""
    return request.param


@pytest.fixture
def barriers() -> Callable[[Page], list[str]]:
    """Serious and critical findings of axe on a page, one line each."""

    def find(page: Page) -> list[str]:
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        return [
            f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
            for each in found
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]

    return find


def settle(page: Page) -> None:
    """Scrolls through the page until each chart near the way is drawn, then back to the top."""
    charts = page.locator("[data-chart]:visible")
    for place in range(charts.count()):
        charts.nth(place).scroll_into_view_if_needed()
        charts.nth(place).locator(".chart__skeleton").wait_for(state="detached")
    page.evaluate("scrollTo(0, 0)")


def width_beyond_the_window(page: Page) -> int:
    """Pixels by which the page is wider than its window: 0 where nothing sticks out."""
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def saved(download: Any, folder: Path) -> Path:
    """The file of a download, under the name it was given."""
    path = folder / download.suggested_filename
    download.save_as(path)
    return path
