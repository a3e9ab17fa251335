#!/usr/bin/env python3
"""Computes the tables of docs/cost.md from prices and amounts. `cost.py` prints them; `cost.py --check` fails if docs/cost.md
differs."""

import math
import sys
from pathlib import Path

MILLION = 1_000_000
GIB = 1024**3

# US dollars in us-east-1, without the free tiers. docs/cost.md lists the sources.
PRICE = {
    "API Gateway, a request": 1.00 / MILLION,
    "Lambda, a request": 0.20 / MILLION,
    "Lambda, a GB-second": 0.0000166667,
    "DynamoDB, a read unit": 0.125 / MILLION,
    "DynamoDB, a write unit": 0.625 / MILLION,
    "DynamoDB, a GB-month": 0.25,
    "DynamoDB, a GB-month of point-in-time recovery": 0.20,
    "logs, a GB ingested": 0.50,
    "logs, a GB-month stored": 0.03,
    "transfer, a GB out": 0.09,
    "CloudFront, a request": 1.00 / MILLION,
    "alarm, a metric": 0.10,
    "dashboard": 3.00,
    "custom metric": 0.30,
    "public IPv4 address, a month": 0.005 * 730,
    "t4g.small, a month": 0.0168 * 730,
    "db.t4g.micro with 20 GB, a month": 0.016 * 730 + 20 * 0.115,
    "load balancer, a month": 0.0225 * 730,
}

# Amounts. The bytes of a log event include the 26 that CloudWatch adds.
MEMORY_GB = 0.25
REDIRECT_MS = 10
TALLY_MS = 30
# A cold start's initialization is billed like the rest of the invocation.
INIT_MS = 60
CLICK_LINE = 330 + 26
ACCESS_LINE = 230 + 26
ANSWER = 600
# Stored logs are compressed to about this fraction of their size.
COMPRESSED = 0.15
# The memory of `import`. With this much memory, Lambda gives a function one full processor.
IMPORT_GB = 1769 / 1024
# A batch with clicks of one link writes four items of at most 1 KB: a marker, the total, the day and the day's referrers. They
# cost twice the units because they are in a transaction. The day in the index `days` costs one more unit.
BATCH_WRITE_UNITS = 4 * 2 + 1
MARKER = 200
LINK = 800
# The size of a history record that contains a whole link, and of one that contains the values that an edit changed.
WHOLE_RECORD = 1200
EDIT_RECORD = 600


def lambda_run(milliseconds, memory=MEMORY_GB):
    return PRICE["Lambda, a request"] + memory * milliseconds / 1000 * PRICE["Lambda, a GB-second"]


def log_line(size, days):
    gigabytes = size / GIB
    kept = gigabytes * COMPRESSED * PRICE["logs, a GB-month stored"] * days / 30
    return gigabytes * PRICE["logs, a GB ingested"] + kept


def counting(clicks_per_batch, cold):
    batch = lambda_run(TALLY_MS) + initialization(cold) + BATCH_WRITE_UNITS * PRICE["DynamoDB, a write unit"]
    batch += MARKER / GIB * PRICE["DynamoDB, a GB-month"]
    return batch / clicks_per_batch


def initialization(cold, memory=MEMORY_GB):
    return cold * memory * INIT_MS / 1000 * PRICE["Lambda, a GB-second"]


def redirect(clicks_per_batch=None, read=1.0, cold=0.0, memory=MEMORY_GB, days=30, front="api", access_log=True):
    """Returns the cost of a redirect, by part. `read` is the fraction of redirects that read the table, and `cold` the fraction
    that start cold."""
    fronts = {"api": ("API Gateway, a request",), "url": (), "cdn": ("CloudFront, a request",),
              "cdn and api": ("CloudFront, a request", "API Gateway, a request")}  # fmt: skip
    return {
        "API Gateway": sum(PRICE[part] for part in fronts[front]),
        "function": lambda_run(REDIRECT_MS, memory),
        "initialization": initialization(cold, memory),
        "read": read * 0.5 * PRICE["DynamoDB, a read unit"],
        "access log": log_line(ACCESS_LINE, days) if access_log and "api" in front else 0,
        "transfer": ANSWER / GIB * PRICE["transfer, a GB out"],
        "click lines": log_line(CLICK_LINE, days) if clicks_per_batch else 0,
        "counting": counting(clicks_per_batch, cold) if clicks_per_batch else 0,
    }


SPARSE = {"clicks_per_batch": 1, "cold": 0.02}
DENSE = {"clicks_per_batch": 100, "read": 0.05, "cold": 0.001}


def redirects():
    columns = {"sparse": redirect(**SPARSE), "dense": redirect(**DENSE)}
    yield "| a million redirects | one click per batch | a hundred clicks per batch |"
    yield "|---|--:|--:|"
    for part in columns["sparse"]:
        yield f"| {part} | {columns['sparse'][part] * MILLION:.2f} | {columns['dense'][part] * MILLION:.2f} |"
    totals = [sum(column.values()) * MILLION for column in columns.values()]
    yield f"| **total** | **{totals[0]:.2f}** | **{totals[1]:.2f}** |"


def options():
    yield "| a million redirects, with this change | one click per batch | a hundred clicks per batch |"
    yield "|---|--:|--:|"
    for name, changed in {
        "128 MB": {"memory": 0.125},
        "512 MB": {"memory": 0.5},
        "logs kept for 1 day": {"days": 1},
        "logs kept for 400 days": {"days": 400},
        "`AccessLog=false`": {"access_log": False},
        "every redirect is a cold start": {"cold": 1.0},
        "a Function URL in front": {"front": "url"},
        "CloudFront and a Function URL": {"front": "cdn"},
        "CloudFront and the HTTP API": {"front": "cdn and api"},
    }.items():
        totals = (sum(redirect(**{**kind, **changed}).values()) * MILLION for kind in (SPARSE, DENSE))
        yield f"| {name} | {' | '.join(f'{total:.2f}' for total in totals)} |"


def links():
    write, read = PRICE["DynamoDB, a write unit"], PRICE["DynamoDB, a read unit"]
    request = PRICE["API Gateway, a request"] + lambda_run(REDIRECT_MS) + log_line(ACCESS_LINE, 30)
    stored = 3 * (PRICE["DynamoDB, a GB-month"] + PRICE["DynamoDB, a GB-month of point-in-time recovery"])
    rows = {
        "created (10 write units)": 1000 * (request + 10 * write),
        "created with an `Idempotency-Key` (12 write units)": 1000 * (request + 12 * write),
        "imported (12 write units, 2.5 read units), in one request of 10 s": 1000 * (12 * write + 2.5 * read)
        + request
        + lambda_run(10_000, IMPORT_GB),
        "edited (7 write units, 1 read unit)": 1000 * (request + 7 * write + read),
        "edited, with a new URL (8 write units, 1 read unit)": 1000 * (request + 8 * write + read),
        "renamed for the first time (11 write units, 1 read unit)": 1000 * (request + 11 * write + read),
        "deleted (10 write units, 1 read unit)": 1000 * (request + 10 * write + read),
        "deletions undone (16 write units, 1 read unit)": 1000 * (request + 16 * write + read),
        "records in the history, each read once, 50 per page (60,000 bytes: 8 read units)": 20 * (request + 8 * read),
        "listed once each, 50 per page (40,000 bytes: 5 read units)": 20 * (request + 5 * read),
        "exported, 1,000 per page (800,000 bytes: 98 read units)": request + 98 * read,
        "exported with clicks (4,098 read units)": request + lambda_run(1000) - lambda_run(REDIRECT_MS) + 4098 * read,
        "searched, 2,000 per request (1,600,000 bytes: 196 read units, 300 ms)": 0.5
        * (request + lambda_run(300) - lambda_run(REDIRECT_MS) + 196 * read),
        "stored for a month (800 bytes, three times, with recovery)": 1000 * LINK / GIB * stored,
        "created and edited once, their records stored for a month": 1000
        * (WHOLE_RECORD + EDIT_RECORD)
        / GIB
        * stored
        * 2
        / 3,
    }
    yield "| a thousand links | US$ |"
    yield "|---|--:|"
    yield from (f"| {name} | {cost:.5f} |" for name, cost in rows.items())


# An overview of one month makes a query for each shard of each day, a query for each link in `links`, and one batch
# read of these links.
DAYS = 31
SHARDS = 8
NAMED_LINKS = 100
# Sizes in bytes: an item in the index `days`, and all items of one link for one day, referrers included.
INDEXED_DAY = 144
LINK_DAY = 650
OVERVIEW_MEMORY_GB = 1769 / 1024


def query(size):
    """Returns the read units of an eventually consistent query that reads `size` bytes."""
    return 0.5 * max(1, math.ceil(size / 4096))


def overview_units(links):
    """Returns the read units of an overview if, on every day, each link has clicks in one shard."""
    named = min(links, NAMED_LINKS)
    return DAYS * SHARDS * query(links / SHARDS * INDEXED_DAY) + named * query(DAYS * LINK_DAY) + named * 0.5


def overviews():
    request = PRICE["API Gateway, a request"] + log_line(ACCESS_LINE, 30)
    yield "| a thousand overviews of 31 days | items in the index | read units each | ms | US$ |"
    yield "|---|--:|--:|--:|--:|"
    for links, milliseconds in ((0, 200), (100, 400), (3_000, 1_000), (30_000, 2_000)):
        units = overview_units(links)
        cost = request + units * PRICE["DynamoDB, a read unit"] + lambda_run(milliseconds, OVERVIEW_MEMORY_GB)
        yield f"| {links:,} links, all clicked daily | {links * DAYS:,} | {units:,.0f} | {milliseconds:,} | {1000 * cost:.2f} |"


ALARM_METRICS = 37


def months():
    fixed = ALARM_METRICS * PRICE["alarm, a metric"] + PRICE["dashboard"] + PRICE["custom metric"]
    address = PRICE["public IPv4 address, a month"]
    small = PRICE["t4g.small, a month"] + address + PRICE["db.t4g.micro with 20 GB, a month"]
    # A load balancer has an address in each of its two zones.
    pair = 2 * small + PRICE["load balancer, a month"] + 2 * address
    yield "| redirects per month | Signpost, one click per batch | a hundred | one server | two servers |"
    yield "|--:|--:|--:|--:|--:|"
    for millions in (0, 0.01, 0.1, 1, 10, 100):
        sparse, dense = (sum(redirect(**kind).values()) * millions * MILLION + fixed for kind in (SPARSE, DENSE))
        yield f"| {int(millions * MILLION):,} | {sparse:.2f} | {dense:.2f} | {small:.2f} | {pair:.2f} |"


def main():
    tables = ["\n".join(table()) for table in (redirects, options, links, overviews, months)]
    if "--check" not in sys.argv:
        print("\n\n".join(tables))
        return
    page = (Path(__file__).parent / "cost.md").read_text()
    template = (Path(__file__).parent.parent / "template.yaml").read_text()
    watched = alarm_metrics(template)
    if watched != ALARM_METRICS:
        sys.exit(f"the template's alarms watch {watched} metrics, but docs/cost.py counts {ALARM_METRICS}")
    for table in tables:
        if table not in page:
            sys.exit(f"docs/cost.md differs from this table:\n{table}")
    print("docs/cost.md agrees with its formulas.")


def alarm_metrics(template):
    """Returns how many metrics the alarms watch. An alarm watches one metric, or all metrics in its expression."""
    count = 0
    for part in template.split("    Type: AWS::CloudWatch::Alarm\n")[1:]:
        alarm = part.split("\n\n")[0]
        count += alarm.count("MetricName:")
    return count


if __name__ == "__main__":
    main()
