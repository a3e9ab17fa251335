#!/usr/bin/env python3
"""Refreshes the data in this folder, and measures on public lists of user agents how accurate the rules are.

`lists.py update` rewrites the files in data, except words.txt, and those in tests/data, from the newest versions of packages.

`lists.py accuracy [CLONES]` prints a table that shows for each list how many bots are recognized, how many people are mistaken
for bots, and how many people get the right class of device. CLONES is a folder that can contain clones of browscap/browscap,
omrilotan/isbot and ua-parser/uap-core. If it contains them, the script also measures the rules on their lists.

Both commands need npm and PyYAML, and download packages with pip and npm. `accuracy` runs Cargo.
"""

import glob
import gzip
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

# Sources of the rules. The lists that measure the rules must come from other sources.
CRAWLER_USER_AGENTS = ("pip", "crawler-user-agents")
CRAWLER_DETECT = ("pip", "crawlerdetect")
MOBILE_DETECT = ("npm", "mobile-detect")

# Lists on which the rules are measured.
DEVICE_DETECTOR = ("pip", "device-detector")
FAKE_USERAGENT = ("pip", "fake-useragent")
USER_AGENTS = ("npm", "user-agents")

MATOMO_DEVICES = {
    "camera": "other",
    "car browser": "other",
    "console": "other",
    "desktop": "desktop",
    "feature phone": "mobile",
    "peripheral": "other",
    "phablet": "mobile",
    "smart display": "other",
    "smart speaker": "other",
    "smartphone": "mobile",
    "tablet": "tablet",
    "tv": "other",
    "wearable": "other",
}
BROWSCAP_DEVICES = {
    "Car Entertainment System": "other",
    "Console": "other",
    "Desktop": "desktop",
    "Digital Camera": "other",
    "Ebook Reader": "tablet",
    "Mobile Phone": "mobile",
    "TV Device": "other",
    "Tablet": "tablet",
}

# Patterns that match people's user agents.
PEOPLE = {
    r"AP3A\.240617\.008": "a firmware version of phones",
    "Fluid": "a browser",
    "MetaIAB Facebook": "Facebook's browser",
    "Odin;": "a browser for televisions",
    "QQDownload": "a plug-in for Internet Explorer",
    "Slack\\/": "an app's browser",
    "libwww": "a library that text browsers use",
}


def main():
    if sys.argv[1:] == ["update"]:
        update()
    elif sys.argv[1:2] == ["accuracy"] and len(sys.argv) <= 3:
        accuracy(sys.argv[2] if len(sys.argv) == 3 else None)
    else:
        sys.exit(__doc__)


class Package:
    """The newest version of a package: its version number, and the content of each file by file name."""

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
# Names of crawlers and other programs, from the patterns of two data sets. A name with `^` matches only at the start of a user agent.
# Made by `lists.py update` from crawler-user-agents {user_agents.version} (https://github.com/monperrus/crawler-user-agents) and
# crawlerdetect {detect.version} (https://github.com/moskrc/crawlerdetect). Both are under the MIT licence: see LICENSE-MIT.txt.
""")
    models = Package(MOBILE_DETECT)
    rules = models.text("package/mobile-detect.js").partition('"tablets": {')[2].partition("\n    },")[0]
    names = set()
    for pattern in re.findall(r'^\s+"(?:[^"\\]|\\.)*": ("(?:[^"\\]|\\.)*")', rules, re.MULTILINE):
        names.update(tablet_names(json.loads(pattern)))
    write("tablets.txt", names, f"""\
# Names of tablet models, from the patterns of a data set.
# Made by `lists.py update` from mobile-detect {models.version} (https://github.com/hgoebl/mobile-detect.js). It is under the MIT licence: see
# LICENSE-MIT.txt.
""")


    samples()


def samples():
    """Writes the samples for tests/accuracy.rs: short lists as a whole, and every eighth user agent of long lists."""
    known = instances()
    lists = {**matomo(), **traffic()}
    for file, rows in [
        ("bots", lists["Matomo's bots"]),
        ("browsers", lists["Matomo's browsers"][::8]),
        ("traffic", lists["user-agents"] + lists["fake-useragent"]),
    ]:
        rows = unknown_to_the_rules(rows, known)
        text = "".join(f"{kind}\t{agent}\n" for kind, agent in rows)
        with open(os.path.join(HERE, "tests", "data", f"{file}.tsv.gz"), "wb") as opened:
            opened.write(gzip.compress(text.encode(), mtime=0))
        print(f"{file}.tsv.gz: {len(rows)} agents")
    versions = {source[1]: Package(source).version for source in (DEVICE_DETECTOR, USER_AGENTS, FAKE_USERAGENT, CRAWLER_USER_AGENTS)}
    with open(os.path.join(HERE, "tests", "data", "versions.json"), "w", encoding="utf-8") as opened:
        opened.write(json.dumps(versions, indent=2) + "\n")


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
    """The texts that a part of a pattern matches, in lower case.

    If a part of the pattern matches too many texts to list, only the text before that part is returned.
    """
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
            # A text that ends with "/" or " " is a whole name, and a version follows it. Any other text is left out,
            # because it could be a part of a longer name.
            return [start for start in found if start.endswith(("/", " "))]
        found = [start + end for start in found for end in choices]
    return found


def crawler_names(pattern):
    """The names with which every text that matches the pattern begins. Names of fewer than three characters are left out."""
    sequence = parse(pattern)
    anchor = "^" if sequence[0] == (regex_constants.AT, regex_constants.AT_BEGINNING) else ""
    for name in literals(sequence):
        name = name.strip(" ;")
        if len(name) > 2 and name.isascii() and name[0].isalnum():
            yield anchor + name


def tablet_names(pattern):
    """Yields those names in a pattern's list that contain a digit. Text before the list, like `Android`, is ignored."""

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



# The lists on which the rules are measured: pairs of a sender ("bot", a class of device, or "person" if the device is unknown)
# and a user agent.


def matomo():
    """A user agent of each bot and device that Matomo knows. The data are under the LGPL, so no rules use them."""
    import yaml

    package, bots, browsers, apps = Package(DEVICE_DETECTOR), [], [], []
    for name in sorted(package.files):
        if not re.search(r"tests/fixtures/upstream/[\w-]+\.yml$", name):
            continue
        for entry in yaml.load(package.files[name].decode(), getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if "headers" in entry:
                continue
            if "bot" in entry:
                bots.append(("bot", entry["user_agent"]))
                continue
            client = entry.get("client")
            client = client.get("type") if isinstance(client, dict) else None
            kind = MATOMO_DEVICES.get((entry.get("device") or {}).get("type"), "person")
            if client == "browser":
                browsers.append((kind, entry["user_agent"]))
            elif client != "library":
                apps.append((kind, entry["user_agent"]))
    return {"Matomo's bots": bots, "Matomo's browsers": browsers, "Matomo's apps": apps}


def traffic():
    """User agents that browsers sent to many real sites."""
    intoli = json.loads(Package(USER_AGENTS).text("dist/user-agents.json"))
    fake = [json.loads(line) for line in Package(FAKE_USERAGENT).text("data/browsers.jsonl").splitlines()]
    return {
        "user-agents": [(it["deviceCategory"], it["userAgent"]) for it in intoli],
        "fake-useragent": [({"pc": "desktop"}.get(it["type"], it["type"]), it["useragent"]) for it in fake],
    }


def browscap(clone):
    rows, apps = [], []
    for path in sorted(glob.glob(os.path.join(clone, "tests", "issues", "*.php"))):
        with open(path, encoding="utf-8") as opened:
            text = opened.read()
        for agent, rest in re.findall(r"'ua' => '((?:[^'\\]|\\.)*)',(.*?)'lite' =>", text, re.DOTALL):
            agent = re.sub(r"\\(.)", r"\1", agent)
            properties = dict(re.findall(r"'(\w+)' => '?([^',]*)'?,", rest))
            kind, device = properties.get("Browser_Type"), BROWSCAP_DEVICES.get(properties.get("Device_Type"), "person")
            if kind in ("Bot", "Bot/Crawler"):
                rows.append(("bot", agent))
            elif kind not in (None, "unknown") and properties.get("isFake") != "true":
                (rows if kind == "Browser" else apps).append((device, agent))
    return {"Browscap": rows, "Browscap's apps": apps}


def uap_core(clone):
    import yaml

    with open(os.path.join(clone, "tests", "test_device.yaml"), encoding="utf-8") as opened:
        entries = yaml.load(opened, getattr(yaml, "CSafeLoader", yaml.SafeLoader))["test_cases"]
    return {
        "uap-core": [
            ("bot" if it["family"] == "Spider" else "person", it["user_agent_string"])
            for it in entries
            if it["family"] == "Spider" or it.get("brand") not in (None, "", "Generic", "Generic_Android")
        ]
    }


def isbot(clone):
    import yaml

    with open(os.path.join(clone, "fixtures", "crawlers.yml"), encoding="utf-8") as opened:
        entries = yaml.safe_load(opened)
    return {"isbot": [("bot", agent) for agents in entries.values() for agent in agents or ()]}


REPOSITORIES = {"browscap": browscap, "isbot": isbot, "uap-core": uap_core}


def unknown_to_the_rules(rows, known):
    """Returns the rows that are not in `known`, without duplicates. The rules were written for the rows in `known`."""
    rows = ((kind, re.sub(r"\s+", " ", str(agent)).strip()) for kind, agent in rows)
    return [row for row in dict.fromkeys(rows) if row[1] not in known]


def instances():
    entries = json.loads(Package(CRAWLER_USER_AGENTS).text("crawler-user-agents.json"))
    return {agent for entry in entries for agent in entry.get("instances", ())}


def accuracy(clones):
    known = instances()
    lists = {**matomo(), **traffic()}
    for name, read in REPOSITORIES.items() if clones else ():
        if os.path.isdir(os.path.join(clones, name)):
            lists.update(read(os.path.join(clones, name)))
    print("| list | bots | recognized | people | mistaken for bots | devices | right |\n|---|---:|---:|---:|---:|---:|---:|")
    for name, rows in lists.items():
        print(table_line(name, unknown_to_the_rules(rows, known)))


def table_line(name, rows):
    found = list(zip(rows, classify([agent for _, agent in rows])))
    bots = [it for (kind, _), it in found if kind == "bot"]
    people = [it for (kind, _), it in found if kind != "bot"]
    devices = [kind == it for (kind, _), it in found if kind in ("desktop", "mobile", "tablet", "other")]
    share = lambda part, whole: f"{len(whole):,} | {100 * part / len(whole):.2f} %" if whole else " | "
    mistaken = people.count("bot")
    people_part = f"{len(people):,} | {mistaken:,}" + (f" (1 in {len(people) // mistaken:,})" if mistaken else "") if people else " | "
    return f"| {name} | {share(bots.count('bot'), bots)} | {people_part} | {share(sum(devices), devices)} |"


def classify(agents):
    """The class of each agent, according to the example `classify` or to the program in the variable CLASSIFY."""
    command = [os.environ["CLASSIFY"]] if "CLASSIFY" in os.environ else [
        "cargo", "run", "--quiet", "--locked", "-p", "agents", "--example", "classify"
    ]
    text = "".join(f"{agent}\n" for agent in agents)
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=HERE)
    return done.stdout.lower().split()


if __name__ == "__main__":
    main()
