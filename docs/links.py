#!/usr/bin/env python3
"""Copies a table out into a file, and back: `links.py export TABLE FILE`, `links.py import TABLE FILE`. What is in the table
already and has the same key is overwritten. A line of the file is an item in DynamoDB's own JSON, so that nothing is lost or
changed on the way.

`links.py remove-name TABLE USER_ID` removes the creator's name from all links that this user made. Nothing else of them changes.

It needs boto3, and goes where AWS_ENDPOINT_URL says, or else to AWS.
"""

import json
import sys
import time

import boto3

# The most that one request writes.
BATCH = 25
TRIES = 10


def items(dynamodb, table, **more):
    # Consistent, so that what was written before is in it.
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True, **more):
        yield from page["Items"]


def write(dynamodb, table, batch):
    requests = {table: [{"PutRequest": {"Item": item}} for item in batch]}
    for attempt in range(TRIES):
        requests = dynamodb.batch_write_item(RequestItems=requests).get("UnprocessedItems")
        if not requests:
            return
        time.sleep(0.05 * 2**attempt)
    sys.exit("DynamoDB keeps turning writes away; import the same file again later.")


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
                # The link may be deleted meanwhile, and its slug another user's.
                ConditionExpression="creator_user_id = :user AND attribute_exists(creator_name)",
                ExpressionAttributeValues={":user": {"S": user}},
            )
            count += 1
        except dynamodb.exceptions.ConditionalCheckFailedException:
            pass
    print(f"The name is removed from {count} links.")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["export", table, file]:
            export_table(boto3.client("dynamodb"), table, file)
        case ["import", table, file]:
            import_table(boto3.client("dynamodb"), table, file)
        case ["remove-name", table, user]:
            remove_name(boto3.client("dynamodb"), table, user)
        case _:
            sys.exit(__doc__)
