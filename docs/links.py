#!/usr/bin/env python3
"""Copies a table into a file, and back: `links.py export TABLE FILE`, `links.py import TABLE FILE`. An import overwrites items
with the same key that are already in the table. Each line of the file is an item in DynamoDB's own JSON, so that no data is
lost or changed.

`links.py remove-name TABLE USER_ID` removes the creator's name from all links that this user made. It changes nothing else.

`links.py remove-name-from-history TABLE USER_ID` removes the name of this user from all records of the history, both as the user who
made a change and as a link's creator.

`links.py index TABLE` fills the index `target`: it adds the links that a Signpost version without this index created or edited. Run it
after you have deployed functions that use the index; you can run it again. It changes nothing that the API shows, and skips links
that are given a new URL meanwhile.

`links.py days CLICKS_TABLE LINKS_TABLE` fills the index `days`: it adds the days of clicks that a Signpost version without
this index counted. Run it after you have deployed functions that use the index; you can run it again. Counts and their expiry times
do not change.

The script needs boto3, and connects to AWS_ENDPOINT_URL if it is set, or else to AWS.
"""

import hashlib
import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

# The maximum number of items in one request.
BATCH = 25
TRIES = 10
# How many items are put into an index concurrently. That gives a few hundred writes a second; a partition
# accepts a thousand.
WRITERS = 16


def patient():
    return boto3.client("dynamodb", config=Config(retries={"total_max_attempts": TRIES}))


def items(dynamodb, table, **more):
    # The scan is strongly consistent, so that it includes all earlier writes.
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True, **more):
        yield from page["Items"]


def write(dynamodb, table, batch):
    requests = {table: [{"PutRequest": {"Item": item}} for item in batch]}
    for attempt in range(TRIES):
        requests = dynamodb.batch_write_item(RequestItems=requests).get("UnprocessedItems")
        if not requests:
            return
        time.sleep(0.05 * 2**attempt)
    sys.exit("DynamoDB keeps throttling writes; import the same file again later.")


def export_table(dynamodb, table, file):
    count = 0
    with open(file, "x") as lines:
        for count, item in enumerate(items(dynamodb, table), 1):
            lines.write(json.dumps(item) + "\n")
    print(f"{count} items are in {file}.")


def import_table(dynamodb, table, file):
    count = 0
    batch = []
    with open(file) as lines:
        for line in lines:
            batch.append(json.loads(line))
            if len(batch) == BATCH:
                write(dynamodb, table, batch)
                count += len(batch)
                batch = []
    if batch:
        write(dynamodb, table, batch)
    print(f"{count + len(batch)} items are in {table}.")


def remove_name(dynamodb, table, user):
    named = {
        "FilterExpression": "creator_user_id = :user AND attribute_exists(creator_name)",
        "ProjectionExpression": "org_id, id",
        "ExpressionAttributeValues": {":user": {"S": user}},
    }
    count = 0
    for item in items(dynamodb, table, **named):
        try:
            dynamodb.update_item(
                TableName=table,
                Key=item,
                UpdateExpression="REMOVE creator_name",
                # The link may have been deleted meanwhile, and another user may have taken its slug.
                ConditionExpression="creator_user_id = :user AND attribute_exists(creator_name)",
                ExpressionAttributeValues={":user": {"S": user}},
            )
            count += 1
        except dynamodb.exceptions.ConditionalCheckFailedException:
            pass
    print(f"The name was removed from {count} links.")


def remove_name_from_history(dynamodb, table, user):
    values = {":user": {"S": user}}
    # A record has three places for a user: who made the change, the creator before the change, and the creator after the change.
    paths = {"user_id": "user_name", "#before.creator_user_id": "#before.creator_name",
             "#after.creator_user_id": "#after.creator_name"}  # fmt: skip
    sides = {"#before": "before", "#after": "after"}
    count = 0
    for owner, name in paths.items():
        condition = f"{owner} = :user AND attribute_exists({name})"
        used = {side: word for side, word in sides.items() if side in condition}
        more = {"ExpressionAttributeNames": used} if used else {}
        for item in items(dynamodb, table, FilterExpression=condition, ExpressionAttributeValues=values,
                          ProjectionExpression="org_id, id", **more):  # fmt: skip
            try:
                # The record may expire meanwhile, and the update must not create it again.
                dynamodb.update_item(TableName=table, Key=item, UpdateExpression=f"REMOVE {name}",
                                     ConditionExpression=condition, ExpressionAttributeValues=values, **more)  # fmt: skip
                count += 1
            except dynamodb.exceptions.ConditionalCheckFailedException:
                pass
    print(f"The name is removed from {count} places in the history.")


def target(org_id, url):
    """Returns the key of the index, built as in shared/src/store/item.rs."""
    return f"{org_id}#{hashlib.sha256(url.encode()).hexdigest()[:32]}"


def fill(dynamodb, table, names, condition, put):
    """Calls `put` with these attributes of each item that meets the condition, and returns the sum of the results."""
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        ProjectionExpression=", ".join(f"#{name}" for name in names),
        FilterExpression=condition,
        ExpressionAttributeNames={f"#{name}": name for name in names},
    )
    with ThreadPoolExecutor(WRITERS) as writers:
        return sum(sum(writers.map(put, page["Items"])) for page in pages)


def index_links(dynamodb, table):
    def put(link):
        org_id, url = link["org_id"]["S"], link["url"]["S"]
        if link.get("target") == {"S": target(org_id, url)}:
            return 0
        try:
            dynamodb.update_item(
                TableName=table,
                Key={"org_id": link["org_id"], "id": link["id"]},
                UpdateExpression="SET #target = :target",
                # A link that is deleted meanwhile must not be created again, and an edited link must keep its new URL.
                ConditionExpression="#url = :url",
                ExpressionAttributeNames={"#target": "target", "#url": "url"},
                ExpressionAttributeValues={":target": {"S": target(org_id, url)}, ":url": link["url"]},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return 0
        return 1

    names = ("org_id", "id", "url", "target")
    count = fill(dynamodb, table, names, "attribute_exists(#url)", put)
    print(f"{count} links were put into the index of {table}.")


def slugs(dynamodb, table):
    """Returns the slugs of all existing links, keyed by the partition of their clicks."""
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        ProjectionExpression="#org_id, #id, #birth, #created_at",
        FilterExpression="attribute_exists(#url)",
        ExpressionAttributeNames={f"#{name}": name for name in ("org_id", "id", "birth", "created_at", "url")},
    )
    found = {}
    for page in pages:
        for link in page["Items"]:
            org_id, slug = link["org_id"]["S"], link["id"]["S"]
            birth = link["birth"]["S"] if "birth" in link else f"{slug}#{link['created_at']['N']}"
            found[f"{org_id}#{birth}"] = slug
    return found


def index_days(dynamodb, clicks, links):
    slug_of = slugs(dynamodb, links)

    def put(item):
        link, bucket = item["link"]["S"], item["bucket"]["S"]
        # The index contains no totals, no referrers and no markers.
        if not re.fullmatch(r"\d{4}-\d\d-\d\d#\d", bucket):
            return 0
        org_id, *birth = link.split("#")
        # A derived birth begins with the slug.
        slug = birth[0] if len(birth) == 2 else slug_of.get(link)
        values = {"org_day": f"{org_id}#{bucket}", "id": slug}
        missing = {name: value for name, value in values.items() if value and name not in item}
        if not missing:
            return 0
        try:
            dynamodb.update_item(
                TableName=clicks,
                Key={"link": item["link"], "bucket": item["bucket"]},
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in missing),
                # A day that has expired meanwhile must not come back.
                ConditionExpression="attribute_exists(#link)",
                ExpressionAttributeNames={"#link": "link"} | {f"#{name}": name for name in missing},
                ExpressionAttributeValues={f":{name}": {"S": value} for name, value in missing.items()},
            )
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return 0
        return 1

    names = ("link", "bucket", "org_day", "id")
    count = fill(dynamodb, clicks, names, "attribute_not_exists(#org_day) OR attribute_not_exists(#id)", put)
    print(f"{count} days were put into the index of {clicks}.")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["export", table, file]:
            export_table(boto3.client("dynamodb"), table, file)
        case ["import", table, file]:
            import_table(boto3.client("dynamodb"), table, file)
        case ["remove-name", table, user]:
            remove_name(boto3.client("dynamodb"), table, user)
        case ["remove-name-from-history", table, user]:
            remove_name_from_history(boto3.client("dynamodb"), table, user)
        case ["index", table]:
            index_links(patient(), table)
        case ["days", clicks, links]:
            index_days(patient(), clicks, links)
        case _:
            sys.exit(__doc__)
