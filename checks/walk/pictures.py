"""The README's pictures of the console: the list in `cargo run -- --demo`, light and dark."""

from pathlib import Path

from playwright.sync_api import expect

from .screens import Console


def pictures(walk):
    """Signs in to the demo, waits for its list and its numbers, and takes the pictures."""
    with walk.profile("member") as profile:
        page = profile.tab("/")
        last = Console(page).rows().nth(9)
        expect(last).to_be_visible()
        box = last.bounding_box()
        clip = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": box["y"] + box["height"]}
        for scheme in "light", "dark":
            page.emulate_media(color_scheme=scheme)
            walk.looks.settle(page)
            page.screenshot(path=Path(walk.pictures) / f"console-{scheme}.png", clip=clip)
