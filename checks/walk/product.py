"""Requests that the scenes send without a browser: to create what a scene starts with, and to act as visitors."""

from urllib.parse import urlsplit

import boto3
from browser import check
from client import Client
from stack import ACME, token

# User agents of a bot and of two people with different classes of device.
DEVICES = {
    "desktop": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "mobile": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1",
    "bot": "Googlebot/2.1 (+http://www.google.com/bot.html)",
}


class Product:
    def __init__(self, stack):
        self.stack = stack
        self.client = Client(f"http://127.0.0.1:{stack.port}", host=f"localhost:{stack.port}", verbose=False)

    def call(self, method, path, body=None, user="member", **headers):
        """Returns the API's response: the status, and the body as parsed JSON."""
        if user not in self.client.tokens:
            self.client.tokens[user] = token(self.stack.issuer, user)
        answer = self.client.call(method, path, user, body, headers)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status_code, answer.json() if is_json else answer.content

    def request(self, method, path, body, headers):
        """Returns the status, and the body as it was sent, which may be compressed."""
        url = self.client.base + path
        answer = self.client.session.request(method, url, data=body, headers=headers, stream=True, timeout=10)
        return answer.status_code, answer.raw.read()

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
        """Requests a short URL as a visitor does, without following the redirect."""
        headers = {"User-Agent": DEVICES[device], "Accept": "text/html", **headers}
        return self.client.call("GET", urlsplit(short_url).path, headers=headers).status_code

    def rename_creator(self, slug, name, org=ACME):
        """Sets the name of a link's creator in the store, for names that no user of the local issuer has."""
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
