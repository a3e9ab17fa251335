"""Links move in from the files of other shorteners, and move out to files again."""

import csv
import io
import json
import re

from browser import check
from playwright.sync_api import expect
from stack import ACME, GLOBEX, ROOT

from .screens import Console, is_focused
from .trouble import Outage

SAMPLES = ROOT / "tests/it/import/samples"
MANY = 5_000


class ImportPage:
    def __init__(self, page):
        self.page = page
        self.console = Console(page)
        self.part = page.get_by_role("main")

    def choose(self, *files):
        self.page.locator("input[type=file]").set_input_files(*files)

    def plan(self, timeout=15_000, **groups):
        """Checks the number of rows in each group."""
        for group, number in groups.items():
            words = {"new": "New", "imported": "Imported", "here": "Already here", "conflict": "Conflict", "left": "Left out", "refused": "Refused"}[group]
            expect(self.console.button(f"{words} {number:,}")).to_be_visible(timeout=timeout)

    def show(self, group):
        self.page.get_by_role("group", name="Rows to show").get_by_role("button", name=re.compile(f"^{group}")).click()

    def row(self, number):
        return self.part.get_by_role("listitem").filter(has=self.page.get_by_text(str(number), exact=True))

    def outcome(self, sentence):
        expect(self.part.get_by_text(sentence, exact=True)).to_be_visible()

    def download(self, button):
        with self.page.expect_download() as download:
            self.console.button(button).click()
        return download.value.suggested_filename, download.value.path().read_bytes().decode("utf-8-sig")


def a_shlink_file(walk):
    """Two rows differ only in case, one name has a slash, one destination is not a web address. The user resolves the conflict,
    imports, looks at the links and the report, and undoes the import."""
    with walk.profile("member", refused={404}) as profile:
        page = profile.tab(f"/-/import#/{ACME}")
        screen, console = ImportPage(page), Console(page)
        walk.looks.check(page, "import")
        is_current = page.get_by_role("navigation", name="Console").get_by_role("link", name="Import")
        expect(is_current).to_have_attribute("aria-current", "page")
        screen.choose(SAMPLES / "shlink.csv")
        expect(screen.part.get_by_text("Recognized as an export of Shlink: 4 rows.")).to_be_visible()
        expect(screen.part.get_by_text("Columns that are not imported: createdAt, domain, visits.")).to_be_visible()
        expect(page.get_by_role("heading", name="shlink.csv")).to_be_focused()
        screen.plan(new=1, here=0, conflict=2, left=0, refused=1)
        walk.looks.check(page, "plan of an import")
        screen.show("Refused")
        expect(screen.part).to_contain_text("market://details?id=org.example")
        screen.show("Conflict")
        walk.looks.check(page, "conflicts of an import")
        console.button("Edit row 2").click()
        walk.looks.check(page, "dialog for a row")
        console.field("Short name").fill("Spring Sale")
        console.in_dialog("Save").click()
        # Row 3 can keep its name, because row 2 no longer has that name.
        screen.plan(new=3, conflict=0)
        screen.show("New")
        console.button("Leave out row 4").click()
        screen.plan(new=2, left=1)
        check(walk.product.read("spring-sale")[0] == 404, "A link was written before the import began.")
        console.button("Import 2 links").click()
        screen.outcome("2 links imported.")
        walk.looks.check(page, "result of an import")
        status, link = walk.product.read("spring-sale")
        check(status == 200, f"The link was not imported: {link}")
        check(link["title"] == 'Spring "sale", page 1', f"The title is {link['title']}.")
        check(link["creator_name"] == "Maya Rao", f"The link belongs to {link['creator_name']}.")
        [tag] = [tag for tag in link["tags"] if tag.startswith("imported-")]
        name, report = screen.download("Download report")
        check(name.startswith("import-") and name.endswith(".csv"), f"The report is called {name}.")
        rows = {row["row"]: row for row in csv.DictReader(io.StringIO(report))}
        check(rows["2"]["result"] == "imported" and rows["2"]["short link"] == link["short_url"], f"The report says {rows['2']}.")
        check(rows["2"]["old short name"] == "aB3xK" and rows["2"]["short name"] == "spring-sale", f"The report says {rows['2']}.")
        results = [row["result"] for row in rows.values()]
        check(sorted(results) == ["imported", "imported", "left out", "refused"], f"The report says {results}.")

        # The undo finds the links with the import's tag, and deletes only these.
        walk.product.create("not-imported")
        console.button("Undo this import").click()
        walk.looks.check(page, "question before an import is undone")
        console.in_dialog("Delete the links").click()
        screen.outcome("2 links deleted.")
        check(walk.product.read("spring-sale")[0] == 404, "The undone link is still there.")
        check(walk.product.read("not-imported")[0] == 200, "The undo deleted a link that was not imported.")
        # After the undo the same rows can be imported again.
        console.button("Import 2 links").click()
        screen.outcome("2 links imported.")
        with page.expect_popup() as popup:
            page.get_by_role("link", name="See the links").click()
        listed = Console(popup.value)
        listed.is_listed("spring-sale")
        listed.is_not_listed("not-imported")
        check(f"tag={tag}" in popup.value.url, f"The list shows other links: {popup.value.url}")
        # If the file is chosen again, the user's decisions about its rows still apply, and the whole import can be undone.
        page.reload()
        screen.choose(SAMPLES / "shlink.csv")
        screen.plan(new=0, here=2, conflict=0, left=1, refused=1)
        console.button("Undo this import").click()
        console.in_dialog("Delete the links").click()
        screen.outcome("2 links deleted.")


def a_bitly_file(walk):
    """A link with another destination has the row's short name. The file is dropped on the page, and imported with the keyboard."""
    walk.product.create("spring-sale-2024", url="https://example.com/another")
    walk.product.create("spring-sale", url="https://example.com/another", org=GLOBEX, user="outsider")
    with walk.profile("outsider") as profile:
        page = profile.tab(f"/-/import#/{GLOBEX}")
        screen, console = ImportPage(page), Console(page)
        file = (SAMPLES / "bitly-web.csv").read_text()
        expect(console.button("Choose a file")).to_be_visible()
        page.evaluate(
            """(text) => {
                const dataTransfer = new DataTransfer();
                dataTransfer.items.add(new File([text], "bitly.csv"));
                for (const type of ["dragover", "drop"]) {
                    document.querySelector("main").dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
                }
            }""",
            file,
        )
        expect(screen.part.get_by_text("Recognized as an export of Bitly: 1 row.")).to_be_visible()
        screen.plan(new=0, conflict=1)
        console.button("Use spring-sale-2").press("Enter")
        screen.plan(new=1, conflict=0)
        console.button("Import 1 link").press("Enter")
        screen.outcome("1 link imported.")
        status, link = walk.product.read("spring-sale-2", user="outsider", org=GLOBEX)
        check(status == 200 and link["title"].endswith("…"), f"The link was not imported: {link}")
        console.button("Choose another file").press("Enter")
        is_focused(console.button("Choose a file"))
        # The same file again: nothing is new.
        screen.choose({"name": "again.csv", "mimeType": "text/csv", "buffer": file.encode()})
        screen.plan(new=0, here=1, conflict=0)


def pasted_rows(walk):
    with walk.profile("member", refused={400}, offline=True) as profile:
        page = profile.tab(f"/-/import#/{ACME}")
        screen, console = ImportPage(page), Console(page)
        page.get_by_text("Paste rows").click()
        console.button("Check rows").click()
        expect(screen.part.get_by_text("Paste at least one row.")).to_be_visible()
        page.get_by_label("Rows").fill("name,colour\nspring,green\n")
        console.button("Check rows").click()
        # The page says what is wrong, and keeps the pasted rows.
        expect(page.get_by_role("alert").first).to_contain_text(re.compile("."))
        walk.looks.check(page, "rows that are not recognized")
        page.get_by_label("Rows").fill("https://example.com/pasted-1\nhttps://example.com/pasted-2,pasted-two\n")
        page.get_by_text("Options").click()
        page.get_by_label("Tag for all links").fill("Pasted")
        page.get_by_label("Put before each short name").fill("my-")
        walk.looks.check(page, "options of an import")
        console.button("Check rows").click()
        screen.plan(new=2)

        # The first response is lost. The next attempt continues the same import, so all of it can be undone.
        def lose(route):
            route.fetch()
            route.abort()

        page.route("**/-/import*", lose, times=1)
        console.button("Import 2 links").click()
        console.button("Retry now").click()
        screen.outcome("2 links imported.")
        status, link = walk.product.read("my-pasted-two")
        check(status == 200 and "pasted" in link["tags"], f"The options were not used: {link}")
        expect(page.locator("#outage-banner")).to_be_hidden()
        console.button("Undo this import").click()
        console.in_dialog("Delete the links").click()
        screen.outcome("2 links deleted.")


def five_thousand_rows(walk):
    """The import shows its progress, waits while Signpost does not respond, and can be paused. After the tab is closed, the same file
    resumes where it stopped."""
    rows = "".join(f"https://example.com/many/{number},row-{number}\r\n" for number in range(MANY))
    file = {"name": "many.csv", "mimeType": "text/csv", "buffer": f"url,id\r\n{rows}".encode()}
    with walk.profile("member", refused={503}) as profile:
        page = profile.tab(f"/-/import#/{ACME}")
        screen, console = ImportPage(page), Console(page)
        screen.choose(file)
        screen.plan(new=MANY, timeout=90_000)
        expect(screen.part.get_by_text(f"50 of {MANY:,} rows shown")).to_be_visible()
        console.button("Show 50 more").click()
        expect(screen.part.get_by_role("listitem")).to_have_count(100)
        console.button(f"Import {MANY:,} links").click()
        bar = page.get_by_role("progressbar")
        expect(bar).to_have_attribute("max", str(MANY))
        walk.looks.check(page, "progress of an import")
        outage = Outage(page, 1)
        expect(page.locator("#outage-banner")).to_be_visible()
        outage.end()
        console.button("Retry now").click()
        expect(page.locator("#outage-banner")).to_be_hidden()
        console.button("Pause").click()
        expect(page.get_by_role("button", name=re.compile("^Resume"))).to_be_visible()
        walk.looks.check(page, "paused import")
        done = page.evaluate("() => document.querySelector('progress').value")
        check(0 < done < MANY, f"{done} rows were imported at the pause.")
        page.get_by_role("button", name=re.compile("^Resume")).click()
        page.wait_for_function("(done) => document.querySelector('progress').value > done", arg=done)
        page.close()

        page = profile.tab(f"/-/import#/{ACME}")
        screen, console = ImportPage(page), Console(page)
        screen.choose(file)
        left = page.get_by_role("button", name=re.compile(r"^Import [\d,]+ links$"))
        expect(left).to_be_visible(timeout=90_000)
        words = left.text_content()
        check(words != f"Import {MANY:,} links", "The rows that were imported are not recognized.")
        number = int(re.sub(r"\D", "", words))
        left.click()
        expect(screen.part.get_by_text(f"{number:,} links imported.")).to_be_visible(timeout=300_000)
        check(walk.product.read(f"row-{MANY - 1}")[0] == 200, "The last row was not imported.")
        kinds, links = exported(screen, "CSV")
        found = [link["id"] for link in csv.DictReader(io.StringIO(links)) if link["id"].startswith("row-")]
        check(len(found) == len(set(found)) == MANY, f"The export has {len(found)} of the links.")
        check(kinds == "csv", f"The file is a {kinds}.")


def exported(screen, kind):
    name, text = screen.download(f"Download {kind}")
    expect(screen.part.get_by_text(re.compile("^Downloaded"))).to_be_visible()
    return name.rsplit(".", 1)[1], text


def moved_out_and_in_again(walk):
    """An organization imports what another organization has exported."""
    walk.product.create("moved", title='=1+1, "quoted"', tags=["moved"], access="members", forward="query")
    with walk.profile("member") as profile:
        page = profile.tab(f"/-/import#/{ACME}")
        screen = ImportPage(page)
        page.get_by_label("With the number of clicks").check()
        _, text = exported(screen, "NDJSON")
        links = [json.loads(line) for line in text.splitlines()]
        [moved] = [link for link in links if link["id"] == "moved"]
        check(moved["title"] == '=1+1, "quoted"' and moved["clicks"] == 0, f"The export has {moved}.")
        _, table = exported(screen, "CSV")
        check("\"'=1+1, \"\"quoted\"\"\"" in table, "A cell of the table starts a formula.")
    with walk.profile("outsider") as profile:
        page = profile.tab(f"/-/import#/{GLOBEX}")
        screen, console = ImportPage(page), Console(page)
        header, *lines = table.splitlines()
        [line] = [line for line in lines if line.startswith("moved,")]
        screen.choose({"name": "moved.csv", "mimeType": "text/csv", "buffer": f"{header}\r\n{line}\r\n".encode()})
        console.button("Import 1 link").click()
        screen.outcome("1 link imported.")
        _, link = walk.product.read("moved", user="outsider", org=GLOBEX)
        same = ["url", "title", "access", "forward", "enabled", "expires_at"]
        check({name: link[name] for name in same} == {name: moved[name] for name in same}, f"The imported link is {link}.")


def import_without_a_session(walk):
    """A sign-in returns to the page. If the session ends during an import, the import waits."""
    with walk.profile() as profile:
        page = profile.tab(f"/-/import#/{ACME}")
        page.get_by_role("link", name="Sign in", exact=True).click()
        page.get_by_role("button", name=re.compile("Maya")).click()
        expect(page.get_by_role("heading", name="Import and export")).to_be_visible()
        check(page.url.endswith(f"/-/import#/{ACME}"), f"After the sign-in the page is {page.url}.")
