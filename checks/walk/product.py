"""Signpost for a program: what a scene finds already there, and what visitors do meanwhile."""

import http.client
import json
from urllib.parse import urlsplit

import boto3
from browser import check
from stack import ACME, token

# Each is a person in the statistics, from a device of another class.
DEVICES = {
    "desktop": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "mobile": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1",
    "bot": "Googlebot/2.1 (+http://www.google.com/bot.html)",
}


class Product:
    def __init__(self, stack):
        self.stack = stack
        self.tokens = {}

    def call(self, method, path, body=None, user="member", **headers):
        """What the API answers, as status and JSON."""
        if user not in self.tokens:
            self.tokens[user] = token(self.stack.issuer, user)
        headers = {"Authorization": f"Bearer {self.tokens[user]}", "Content-Type": "application/json", **headers}
        return self.request(method, path, json.dumps(body) if body is not None else None, headers)

    def request(self, method, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=10)
        headers = {"Host": f"localhost:{self.stack.port}", **headers}
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        content = response.read()
        is_json = "json" in response.headers.get("Content-Type", "")
        return response.status, json.loads(content) if is_json else content

    def create(self, slug, url=None, user="member", org=ACME, **fields):
        fields = {"url": url or f"https://example.com/{slug}", "id": slug, **fields}
        status, link = self.call("POST", f"/{org}/link", fields, user)
        check(status == 201, f"/{slug} could not be created: {link}")
        return link

    def read(self, slug, user="member", org=ACME):
        return self.call("GET", f"/{org}/link/{slug}", user=user)

    def edit(self, slug, user="member", org=ACME, **fields):
        status, link = self.call("PATCH", f"/{org}/link/{slug}", fields, user)
        check(status == 200, f"/{slug} could not be edited: {link}")
        return link

    def visit(self, short_url, device="desktop", **headers):
        """Follows a short URL as a visitor does, up to the redirect."""
        headers = {"User-Agent": DEVICES[device], "Accept": "text/html", **headers}
        return self.request("GET", urlsplit(short_url).path, None, headers)[0]

    def rename_creator(self, slug, name, org=ACME):
        """Has the store say that a link's creator is called so, which no user of the local issuer is."""
        client = boto3.client(
            "dynamodb",
            endpoint_url=f"http://127.0.0.1:{self.stack.dynamodb_port}",
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        client.update_item(
            TableName="links",
            Key={"org_id": {"S": org}, "id": {"S": slug}},
            UpdateExpression="SET creator_name = :name",
            ConditionExpression="attribute_exists(id)",
            ExpressionAttributeValues={":name": {"S": name}},
        )
