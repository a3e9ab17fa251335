"""The console's screens. The scenes find controls by their visible words, and use the mouse or the keyboard."""

import datetime
import re

from browser import check
from playwright.sync_api import expect


class Console:
    """One tab of the console."""

    def __init__(self, page):
        self.page = page
        self.search = page.get_by_role("searchbox", name="Search or paste a URL")
        self.new_link = page.get_by_role("button", name="New link")
        self.main = page.get_by_role("main")
        self.dialog = page.get_by_role("dialog")
        self.toast = page.locator("#toast")

    def link(self, slug):
        return self.main.get_by_role("link", name=f"/{slug}", exact=True)

    def row(self, slug):
        return self.main.get_by_role("listitem").filter(has=self.page.get_by_role("link", name=f"/{slug}", exact=True))

    def rows(self):
        return self.main.get_by_role("listitem").filter(has=self.page.get_by_role("button", name="Copy"))

    def is_listed(self, slug):
        expect(self.row(slug)).to_be_visible()
        return self.row(slug)

    def is_not_listed(self, slug):
        expect(self.row(slug)).to_have_count(0)

    def open_link(self, slug):
        self.link(slug).click()
        expect(self.button("Copy link")).to_be_visible()

    def open_link_while_away(self, slug):
        """Opens a link's page while none of the page's data can be loaded."""
        self.link(slug).click()

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def in_dialog(self, name):
        """Returns a button of the open dialog."""
        return self.dialog.get_by_role("button", name=name, exact=True)

    def field(self, name):
        """Returns a field of the open dialog. The label of an optional field says that it is optional."""
        return self.dialog.get_by_label(re.compile(rf"^{name}\b"))

    def switch_off(self):
        self.dialog.get_by_role("switch", name=re.compile("^On")).uncheck()

    def expires_in(self, days):
        end = datetime.datetime.now() + datetime.timedelta(days=days)
        self.field("Expires").select_option("At a date and time")
        self.dialog.get_by_label("Date and time").fill(end.strftime("%Y-%m-%dT%H:%M"))

    def filter(self, name, option):
        self.page.get_by_role("combobox", name=name).select_option(option)

    def switch_organization(self, name):
        self.page.get_by_role("combobox", name="Organization").select_option(name)

    def says(self, words):
        """Checks the words of a message at the bottom of the screen."""
        expect(self.toast).to_contain_text(words)

    def paste(self, text):
        """Pastes as a person does: from the system's clipboard, wherever the focus is."""
        self.page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
        self.page.keyboard.press("Control+v")

    def has_copied(self, text):
        """Waits until the system's clipboard has this text, and then clears the clipboard for the next time."""
        self.page.wait_for_function("async (text) => (await navigator.clipboard.readText()) === text", arg=text)
        self.page.evaluate("() => navigator.clipboard.writeText('')")

    def copied(self):
        return self.page.evaluate("() => navigator.clipboard.readText()")

    def tab_to(self, target, most=40):
        """Moves the focus with the Tab key until it is on `target`."""
        for _ in range(most):
            if has_focus(target):
                return
            self.page.keyboard.press("Tab")
        focused = self.page.evaluate("() => document.activeElement?.outerHTML.slice(0, 200)")
        check(False, f"After the Tab key was pressed {most} times, the focus is not on {target}, but on {focused}.")

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)


def has_focus(target):
    return target.count() == 1 and target.evaluate("(element) => element === document.activeElement")


def is_focused(target):
    """Waits until the focus is on `target`, and checks that it is visible."""
    expect(target).to_be_focused()
    # If a field has a prefix, the outline is around both. If a row's link has the focus, the outline is around the row.
    outlined = target.evaluate(
        """(element) => [[element], [element.parentElement], [element, "::after"]]
            .some((box) => getComputedStyle(...box).outlineStyle !== "none")"""
    )
    check(outlined, f"The focus on {target} is not visible.")
