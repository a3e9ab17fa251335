"""What is asked of every screen and every state: no fault that axe can find, in light and dark, on a desk and on a phone, and
nothing to scroll sideways."""

from pathlib import Path

from stack import ROOT

from .browse import NARROW, WIDE

AXE = ROOT / ".ci/tools/console/node_modules/axe-core/axe.min.js"
OPTIONS = {
    # The rules of WCAG 2.2, which are off by default.
    "light": {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]},
    # Only this scene depends on the colors.
    "dark": {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]},
}
# 400 % of a window of 1280 by 1024.
ZOOMED = {"width": 320, "height": 256}


class Looks:
    def __init__(self, pictures=None):
        self.axe = AXE.read_text()
        self.pictures = pictures
        self.seen = []
        # Faults, each with its places. A scene continues after a fault, so that one run reports all of them.
        self.faults = {}

    def check(self, page, name):
        """Looks at what `page` shows, which is called `name`, in every way."""
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
        """A chart is drawn anew at another width, in a frame after that, and what moves comes to an end."""
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
