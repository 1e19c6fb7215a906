"""Pictures of the main pages for the documentation: `make screenshots`.

Starts the site with a demo store of its own in a temporary folder, signs in by the demo buttons, and writes
docs/screenshots/*.png. Needs Chromium.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
READY_SECONDS = 180
DESKTOP, PHONE = (1280, 800), (390, 844)

# name, role, path below the store, theme, size
PICTURES = [
    ("today-light", "manager", "", "light", DESKTOP),
    ("today-phone-dark", "manager", "", "dark", PHONE),
    ("segments-light", "manager", "segments/", "light", DESKTOP),
    ("moves-light", "manager", "segments/moves/", "light", DESKTOP),
    ("why-light", "manager", "segments/why/", "light", DESKTOP),
    ("retention-light", "manager", "segments/retention/", "light", DESKTOP),
    ("value-light", "manager", "segments/value/", "light", DESKTOP),
    ("grading-dark", "manager", "segments/grading/", "dark", DESKTOP),
    ("customers-light", "manager", "customers/", "light", DESKTOP),
    ("delivery-dark", "manager", "orders/delivery/", "dark", DESKTOP),
    ("imports-light", "manager", "imports/", "light", DESKTOP),
    ("scheme-light", "admin", "settings/scheme/", "light", DESKTOP),
]


def main() -> int:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("No Chromium was found; install it to take screenshots.")
        return 1
    pictures = HERE / "screenshots"
    pictures.mkdir(exist_ok=True)
    flags = [
        "--disable-gpu",
        "--disable-background-networking",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]
    with site() as address, sync_playwright() as playwright:
        for old in pictures.glob("*.png"):
            old.unlink()
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        wait_for_tasks(browser, address)
        for name, role, path, theme, size in PICTURES:
            page = signed_in(browser, address, role, theme, size)
            show(page, page.url.rstrip("/") + "/" + path)
            page.screenshot(path=str(pictures / f"{name}.png"))
            if name == "customers-light":  # the first customer of the list, the one with the most revenue
                page.locator("tbody a").first.click()
                page.wait_for_load_state("networkidle")
                show(page, page.url)
                page.screenshot(path=str(pictures / "customer-light.png"))
            page.context.close()
            print(name)
        browser.close()
    return 0


def wait_for_tasks(browser: Browser, address: str) -> None:
    """Returns when no task is under way: until then some pages only say that their figures are being computed."""
    page = signed_in(browser, address, "admin", "light", DESKTOP)
    tasks, deadline = f"{page.url.rstrip('/')}/settings/tasks/", time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        page.goto(tasks)
        if not page.locator("#unfinished").count():
            page.context.close()
            return
        page.wait_for_timeout(1000)
    raise SystemExit("The tasks of the demo store didn't end.")


def signed_in(browser: Browser, address: str, role: str, theme: str, size: tuple[int, int]) -> Page:
    """A window that shows the store's first page to the person of the role."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if theme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(f"{address}/accounts/login/")
    with page.expect_navigation():
        page.click(f"button[name=role][value={role}]")
    return page


def show(page: Page, url: str) -> None:
    """Opens the page and waits until every chart in the window is drawn."""
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(
        """() => [...document.querySelectorAll("[data-chart]")].every(chart =>
            chart.getBoundingClientRect().top > innerHeight || chart.querySelector(".main-svg"))"""
    )


@contextmanager
def site() -> Iterator[str]:
    """The address of a running site with a demo store; stopped and removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="regulars-pictures-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {**os.environ, "REGULARS_DATA": folder, "PORT": str(port)}
        environment.pop("DATABASE_URL", None)
        command = [sys.executable, "-m", "loyalty_site.run"]
        process = subprocess.Popen(command, cwd=HERE.parent, env=environment)
        address = f"http://127.0.0.1:{port}"
        try:
            wait_until_ready(address, process)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def wait_until_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5):  # noqa: S310  # our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit("The site didn't start.")


if __name__ == "__main__":
    sys.exit(main())
