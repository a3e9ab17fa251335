"""The README's pictures of the console: the list of `cargo run -- --demo`, light and dark."""

from pathlib import Path

from playwright.sync_api import expect

from .screens import Console


def pictures(walk):
    """Signs in at the demo, waits for its list and its numbers, and takes the pictures."""
    with walk.profile("member") as profile:
        page = profile.tab("/")
        rows = Console(page).rows()
        expect(rows.nth(9)).to_be_visible()
        for scheme in "light", "dark":
            page.emulate_media(color_scheme=scheme)
            walk.looks.settle(page)
            page.screenshot(path=Path(walk.pictures) / f"console-{scheme}.png")
