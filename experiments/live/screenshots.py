"""Pictures of the live page for the documentation: desktop and phone, with the photo that comes with the program.

    python -m semcom.experiments.live.screenshots

Needs Chromium and Playwright's Python package: scripts/setup live,browser. Writes docs/images/live*.jpg.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from semcom.experiments.live.served import served

LIMIT_MS = 300_000.0
MOST_BYTES = 200_000
SIZES = {"live": (1600, 1150), "live_phone": (390, 844)}


def show_a_photo(page: Page) -> None:
    """Send the demo photo and wait until all of it is there, twice: so that lines have more than one point."""
    for number in (1, 2):
        page.get_by_role("button", name="Demo photo").click()
        page.locator(f"#thumbs img[src*='/{number}/views/received']").wait_for(state="attached")
        expect(page.locator("#came")).to_contain_text("complete", timeout=LIMIT_MS)
        expect(page.locator("#stage")).to_contain_text("sent", timeout=LIMIT_MS)


def take(browser: Browser, address: str, folder: Path) -> None:
    """Both pictures, each in at most `MOST_BYTES`."""
    for name, (width, height) in SIZES.items():
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light")
        page.set_default_timeout(LIMIT_MS)
        page.goto(address)
        expect(page.locator("#status")).to_contain_text("connected", timeout=LIMIT_MS)
        if not page.locator("#thumbs li").count():
            show_a_photo(page)
        expect(page.locator("#shown")).to_have_js_property("complete", True, timeout=LIMIT_MS)
        if name == "live_phone":
            page.locator("#receiver").scroll_into_view_if_needed()
            page.evaluate("document.getElementById('receiver').scrollIntoView()")
        for quality in (85, 75, 65, 55, 45):
            file = folder / f"{name}.jpg"
            page.screenshot(path=file, type="jpeg", quality=quality)
            if file.stat().st_size <= MOST_BYTES:
                break
        print(f"{file}: {file.stat().st_size} bytes")
        page.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("docs/images"))
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with served() as live, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        take(browser, live.address, options.folder)
        browser.close()


if __name__ == "__main__":
    main()
