"""What every screen in every state must satisfy: axe finds no fault, in light and dark, on a desktop and on a phone, and the page
does not scroll sideways."""

from pathlib import Path

from stack import ROOT

from .browse import NARROW, WIDE

AXE = ROOT / ".ci/tools/console/node_modules/axe-core/axe.min.js"
OPTIONS = {
    # axe's rules for WCAG 2.2 are off by default.
    "light": {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]},
    # Only these rules depend on the colors.
    "dark": {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]},
}
# A window of 1280 by 1024 pixels at a zoom of 400 %.
ZOOMED = {"width": 320, "height": 256}


class Looks:
    def __init__(self, pictures=None):
        self.axe = AXE.read_text()
        self.pictures = pictures
        self.seen = []
        # Each fault, with the screens that have it. A scene continues after a fault, so one run reports all faults.
        self.faults = {}

    def check(self, page, name):
        """Checks what `page` shows in each width and color scheme. `name` is the screen's name in reports."""
        before = page.viewport_size
        for width in WIDE, NARROW:
            page.set_viewport_size(width)
            for scheme in "light", "dark":
                page.emulate_media(color_scheme=scheme)
                self.settle(page)
                self.collect_violations(page, scheme, f"{name}, {width['width']} px, {scheme}")
                self.photograph(page, f"{name}-{width['width']}-{scheme}")
            self.is_not_wider(page, name)
        page.set_viewport_size(ZOOMED)
        self.settle(page)
        self.is_not_wider(page, name)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(before)
        self.settle(page)
        self.seen.append(name)

    def settle(self, page):
        """Waits until a chart has been redrawn, which happens one frame after a change of width, and until animations have
        ended."""
        page.evaluate(
            """async () => {
                await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
                const ending = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime < Infinity);
                await Promise.allSettled(ending.map(({ finished }) => finished));
            }"""
        )

    def collect_violations(self, page, scheme, name):
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(self.axe)
        found = page.evaluate("(options) => axe.run(document, options)", OPTIONS[scheme])
        for violation in found["violations"]:
            for node in violation["nodes"]:
                fault = f"{violation['id']} ({violation['help']}): {node['html']} {node['failureSummary']}"
                self.faults.setdefault(fault, []).append(name)

    def photograph(self, page, name):
        if self.pictures:
            page.screenshot(path=Path(self.pictures) / f"{name}.png")

    def is_not_wider(self, page, name):
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 0:
            width = page.viewport_size["width"]
            self.faults.setdefault(f"{wider} pixels wider than a screen of {width}", []).append(name)
