#!/usr/bin/env python3
"""Refreshes the data in this folder, and measures on public lists of user agents how well it does.

`lists.py update` writes data/crawlers.txt and data/tablets.txt anew, from the newest versions of three packages.

`lists.py accuracy [CLONES]` prints a table: of each list, how many bots are recognized, how many people are taken for bots, and
of how many people the device is right. It needs PyYAML. CLONES is a folder with clones of the repositories in REPOSITORIES that
are to be measured, too; each is called as the repository is.

Both need npm, and download packages by pip and npm. `accuracy` runs Cargo.
"""

import glob
import io
import json
import os
import re
import re._constants as regex_constants
import re._parser as regex_parser
import subprocess
import sys
import tarfile
import tempfile
import warnings
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))

# What the rules are made of. Whatever is measured must not be made of these, nor they of it.
CRAWLER_USER_AGENTS = ("pip", "crawler-user-agents")
CRAWLER_DETECT = ("pip", "crawlerdetect")
MOBILE_DETECT = ("npm", "mobile-detect")

# Patterns that people's agents match.
PEOPLE = {
    r"AP3A\.240617\.008": "firmware of phones",
    r"Code\/1\.": "an editor's browser",
    "Fluid": "a browser",
    "MetaIAB Facebook": "Facebook's browser",
    "Odin;": "a browser of televisions",
    "QQDownload": "a plug-in of Internet Explorer",
    "Trae\\/": "an editor's browser",
    "Viber": "an app's browser",
    "^Silk\\/": "a browser of tablets",
    "libwww": "a library of text browsers",
    "mail\\.ru": "a browser's provider",
}


def main():
    if sys.argv[1:] == ["update"]:
        update()
    elif sys.argv[1:2] == ["accuracy"] and len(sys.argv) <= 3:
        accuracy(sys.argv[2] if len(sys.argv) == 3 else None)
    else:
        sys.exit(__doc__)


class Package:
    """The newest version of a package, by its files' names."""

    def __init__(self, source):
        registry, self.name = source
        with tempfile.TemporaryDirectory() as folder:
            if registry == "pip":
                command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
            else:
                command = ["npm", "pack", "--silent"]
            subprocess.run([*command, self.name], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            (file,) = os.listdir(folder)
            with open(os.path.join(folder, file), "rb") as opened:
                archive = io.BytesIO(opened.read())
        if registry == "pip":
            self.version = file.split("-")[1]
            with zipfile.ZipFile(archive) as files:
                self.files = {name: files.read(name) for name in files.namelist()}
        else:
            self.version = re.search(r"-(\d[^-]*(?:-[\w.]+)?)\.tgz$", file).group(1)
            with tarfile.open(fileobj=archive) as files:
                self.files = {it.name: files.extractfile(it).read() for it in files.getmembers() if it.isfile()}

    def text(self, ending):
        (found,) = [name for name in self.files if name.endswith(ending)]
        return self.files[found].decode()


def update():
    user_agents, detect = Package(CRAWLER_USER_AGENTS), Package(CRAWLER_DETECT)
    patterns = [entry["pattern"] for entry in json.loads(user_agents.text("crawler-user-agents.json"))]
    data = {}
    exec(detect.text("providers/crawlers.py"), data)  # A list of strings.
    patterns += data["data"]
    names = set()
    for pattern in patterns:
        if pattern not in PEOPLE:
            names.update(crawler_names(pattern))
    write("crawlers.txt", names, f"""\
# Names of crawlers and other programs, as the patterns of two data sets have them; `^` before one that only begins an agent.
# Made by `lists.py update` from crawler-user-agents {user_agents.version} (MIT licence, Copyright (c) Martin Monperrus,
# https://github.com/monperrus/crawler-user-agents) and crawlerdetect {detect.version} (MIT licence,
# https://github.com/moskrc/crawlerdetect, a port of https://github.com/JayBizzle/Crawler-Detect, Copyright (c) Mark Beech).
""")
    models = Package(MOBILE_DETECT)
    rules = models.text("package/mobile-detect.js").partition('"tablets": {')[2].partition("\n    },")[0]
    names = set()
    for pattern in re.findall(r'^\s+"(?:[^"\\]|\\.)*": ("(?:[^"\\]|\\.)*")', rules, re.MULTILINE):
        names.update(tablet_names(json.loads(pattern)))
    write("tablets.txt", names, f"""\
# Names of tablets' models, as the patterns of a data set have them.
# Made by `lists.py update` from mobile-detect {models.version} (MIT licence, Copyright (c) Heinrich Goebl,
# https://github.com/hgoebl/mobile-detect.js, made of https://github.com/serbanghita/Mobile-Detect).
""")


def write(file, names, header):
    path = os.path.join(HERE, "data", file)
    with open(path, "w", encoding="utf-8") as opened:
        opened.write(header + "".join(f"{name}\n" for name in sorted(names)))
    print(f"{file}: {len(names)} names")


def parse(pattern):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(regex_parser.parse(pattern))


def literals(sequence):
    """What a sequence of a pattern matches, in lower case. It ends before what matches too much to be listed."""
    found = [""]
    for kind, value in sequence:
        if kind is regex_constants.AT:
            continue
        if kind is regex_constants.LITERAL:
            choices = {chr(value).lower()}
        elif kind is regex_constants.IN and all(it[0] is regex_constants.LITERAL for it in value):
            choices = {chr(code).lower() for _, code in value}
        elif kind is regex_constants.SUBPATTERN:
            choices = set(literals(value[3]))
        elif kind is regex_constants.BRANCH:
            choices = {literal for branch in value[1] for literal in literals(branch)}
        elif kind is regex_constants.MAX_REPEAT and value[:2] == (0, 1):
            choices = {"", *literals(value[2])}
        else:
            # What goes before a version is a name. Of any other pattern too little would be left.
            return [start for start in found if start.endswith(("/", " "))]
        found = [start + end for start in found for end in choices]
    return found


def crawler_names(pattern):
    """The names that begin what a pattern matches; none where such a name would be no more than three letters."""
    sequence = parse(pattern)
    anchor = "^" if sequence[0] == (regex_constants.AT, regex_constants.AT_BEGINNING) else ""
    for name in literals(sequence):
        name = name.strip(" ;")
        if len(name) > 2 and name.isascii() and name[0].isalnum():
            yield anchor + name


def tablet_names(pattern):
    """The models that a pattern lists: names with a digit. What it says before them, such as `Android`, does not matter."""

    def listed(sequence):
        far = [at for at, (kind, value) in enumerate(sequence) if kind is regex_constants.MAX_REPEAT and value[1] > 1]
        if far:
            yield from listed(sequence[far[-1] + 1 :])
            return
        inner = [it for it in sequence if it[0] is not regex_constants.AT]
        if len(inner) == 1 and inner[0][0] is regex_constants.BRANCH:
            for branch in inner[0][1][1]:
                yield from listed(list(branch))
        elif len(inner) == 1 and inner[0][0] is regex_constants.SUBPATTERN:
            yield from listed(list(inner[0][1][3]))
        else:
            yield from literals(sequence)

    for name in listed(parse(pattern)):
        name = name.strip()
        if len(name) > 3 and name[0].isalnum() and re.search("[a-z]", name) and re.search("[0-9]", name):
            yield name


if __name__ == "__main__":
    main()
