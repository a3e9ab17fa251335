#!/usr/bin/env python3
"""Uses the console in Chromium as people do: by mouse and by keyboard, on a desk and on a phone, in two tabs, offline, while
Signpost does not respond, and after the session ended; looks at every screen and state with axe; and measures what the page
asks for.

It runs the local stack that `cargo test` made; `.ci/walk/` has the scenes. Nothing is answered in the product's place but by
the 503 and the lost connection that some scenes are about.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from browser import FLAGS, SECONDS, chromium, step
from playwright.sync_api import Error, expect, sync_playwright
from stack import Processes, free_port
from walk import basics, bounds, creating, editing, finding, hostile, many, settings, trouble
from walk.browse import Walk
from walk.looks import Looks
from walk.product import Product

SCENES = [
    bounds.page_is_small,
    bounds.list_needs_two_requests,
    basics.by_mouse,
    basics.by_keyboard,
    creating.already_short_and_taken,
    creating.taken_meanwhile,
    creating.faults_are_at_their_fields,
    creating.every_option,
    creating.without_a_short_name,
    creating.focus_returns,
    creating.from_elsewhere,
    editing.two_tabs,
    editing.not_yours,
    editing.expires_and_off,
    finding.filters_are_remembered,
    finding.nothing_matches_creates,
    finding.a_pasted_url_is_found_or_offered,
    finding.deep_links,
    finding.organizations,
    many.bulk,
    many.more_than_a_page,
    trouble.signpost_does_not_respond,
    trouble.an_answer_is_lost,
    trouble.offline,
    trouble.session_ends_in_a_form,
    trouble.another_tab_signs_out,
    hostile.injected_markup_is_text,
    settings.settings,
    settings.handle,
    settings.phone,
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="WORD", help="only the scenes whose names have this word in them")
    parser.add_argument("--screenshots", metavar="DIR", help="where to keep a picture of every screen and state")
    options = parser.parse_args()
    if options.screenshots:
        Path(options.screenshots).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes, sync_playwright() as playwright:
        port = free_port()
        origin = f"http://localhost:{port}"
        stack = processes.start_stack(port=port, SHORT_BASE_URL=origin)
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, chromium_sandbox=False)
        expect.set_options(timeout=SECONDS * 1000)
        walk = Walk(browser, Product(stack), origin, Looks(options.screenshots))
        for scene in SCENES:
            name = scene.__name__.replace("_", " ")
            if options.only and options.only not in name:
                continue
            start = time.monotonic()
            try:
                scene(walk)
            except (Error, AssertionError) as error:
                sys.exit(f"{name}: {error}")
            step(f"{time.monotonic() - start:5.1f} s  {name}")
        browser.close()
    print(f"The console does what it says; {len(walk.looks.seen)} screens and states are without a fault.")


if __name__ == "__main__":
    main()
