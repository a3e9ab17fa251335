#!/usr/bin/env python3
"""Uses the console in Chromium as people do: by mouse and by keyboard, on a desk and on a phone, in two tabs, offline, while
Signpost does not respond, and after the session ended. Also looks at every screen and state with axe, counts the page's
requests, and takes the README's pictures.

It runs the local stack that `cargo test` built; `checks/walk/` has the scenes. All responses come from the product, except where
a scene needs another one: a 503, a lost connection, a late response, and names that no local user has.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from browser import FLAGS, SECONDS, chromium, step
from playwright.sync_api import Error, expect, sync_playwright
from stack import Processes, free_port
from walk import basics, bounds, clicks, creating, editing, finding, history, hostile, keys, many, moving, odd, overview, pictures, settings, trouble, visitors
from walk.browse import Walk
from walk.looks import Looks
from walk.product import Product

from walk import docs_page, sign_in

SCENES = [
    bounds.pages_are_small,
    bounds.list_needs_two_requests,
    bounds.an_answer_that_is_late,
    basics.by_mouse,
    basics.by_keyboard,
    keys.everything_is_reached,
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
    clicks.bots_on_request,
    clicks.bots_by_keyboard,
    clicks.most_clicked_first,
    history.deleted_by_mistake,
    history.several_are_undone_at_once,
    history.changed_by_mistake,
    history.found_who_did_it,
    history.renamed,
    history.handed_over,
    history.brought_back,
    many.bulk,
    many.more_than_a_page,
    trouble.signpost_does_not_respond,
    trouble.an_answer_is_lost,
    trouble.offline,
    trouble.session_ends_in_a_form,
    trouble.another_person_signs_in,
    trouble.another_tab_changes_the_account,
    trouble.another_tab_signs_out,
    trouble.copying_is_blocked,
    odd.escape_pressed_often,
    odd.given_up_is_not_sent,
    odd.other_fields_stay,
    odd.the_name_is_another_links,
    odd.addresses_open_one_dialog,
    odd.a_browser_that_keeps_nothing,
    hostile.injected_markup_is_text,
    settings.settings,
    settings.first_run,
    settings.phone,
    overview.overview_of_no_clicks,
    overview.overview_by_mouse,
    overview.overview_by_keyboard,
    overview.overview_on_a_phone,
    overview.overview_lacks_something,
    visitors.pages_of_visitors,
    visitors.login_pages,
    moving.a_shlink_file,
    moving.a_bitly_file,
    moving.pasted_rows,
    moving.moved_out_and_in_again,
    moving.import_without_a_session,
    moving.five_thousand_rows,
]
# Each of these scenes starts without a session and has its own links.
SIGN_IN = [sign_in.a_members_link_is_opened, docs_page.the_api_is_tried_with_a_token, docs_page.the_api_is_tried_in_a_session]
# Signpost is not registered as a client of this issuer.
OTHER_ISSUER = {"AUTH_PROVIDER": "auth0", "AUTH_ISSUER": "https://id.example.com/", "AUTH_AUDIENCE": "signpost"}
# The scenes, with the options and settings of the stack that they run on.
STACKS = [
    (SCENES, ["--ephemeral"], {}),
    # The destinations and the other sites in these scenes are on this machine, so their addresses are private.
    (SIGN_IN, ["--ephemeral"], {"ALLOW_PRIVATE_TARGETS": "true"}),
    ([visitors.sign_in_is_not_set_up], ["--ephemeral"], OTHER_ISSUER),
    ([pictures.pictures], ["--demo"], {}),
]


def name_of(scene):
    return scene.__name__.replace("_", " ")


def play(scenes, walk):
    """Plays the scenes, and returns the names of those that failed. After a failed scene the others still run."""
    failed = []
    for scene in scenes:
        name = name_of(scene)
        start = time.monotonic()
        try:
            scene(walk)
        except (Error, AssertionError, SystemExit) as error:
            failed.append(name)
            # The rest of the message is the text of the whole page.
            step(f"FAILED   {name}: {str(error).split('Aria snapshot')[0].strip()}")
        else:
            step(f"{time.monotonic() - start:5.1f} s  {name}")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="WORDS", help="play only the scenes with these words in their names")
    parser.add_argument("--screenshots", metavar="DIR", help="where to save a picture of every screen and state")
    parser.add_argument("--pictures", metavar="DIR", help="where to save the README's pictures; the repository has them in docs")
    options = parser.parse_args()
    for folder in filter(None, [options.screenshots, options.pictures]):
        Path(folder).mkdir(parents=True, exist_ok=True)
    looks = Looks(options.screenshots)
    failed = []
    with tempfile.TemporaryDirectory() as folder, Processes(folder) as processes, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, chromium_sandbox=False)
        expect.set_options(timeout=SECONDS * 1000)
        for scenes, stack_options, environment in STACKS:
            wanted = [scene for scene in scenes if not options.only or options.only in name_of(scene)]
            if not wanted:
                continue
            port = free_port()
            origin = f"http://localhost:{port}"
            stack = processes.start_stack(port, stack_options, SHORT_BASE_URL=origin, **environment)
            walk = Walk(browser, Product(stack), origin, looks, options.pictures or folder)
            if scenes is SCENES:
                # Most scenes expect an organization that has a link; one scene uses another organization, which has none.
                walk.product.create("already-there")
            failed += play(wanted, walk)
            processes.stop("local")
        browser.close()
    for fault, places in looks.faults.items():
        step(f"\n{fault}\n  in {'; '.join(places)}")
    if failed or looks.faults:
        sys.exit(f"\n{len(failed)} scenes failed: {', '.join(failed)}. The screens have {len(looks.faults)} faults.")
    print(f"All scenes passed; {len(looks.seen)} screens and states have no fault.")


if __name__ == "__main__":
    main()
