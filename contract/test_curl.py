"""curl, as Anthropic's page on the Claude Code Analytics API shows it, with another address."""

import json
import subprocess

from conftest import DAY, PEOPLE


def curl(server, query, *headers):
    """The words are the documentation's; only the host is another."""
    command = ["curl", "--silent", "--show-error", "--noproxy", "*"]
    command += [f"{server.address}/v1/organizations/usage_report/claude_code?{query}"]
    for header in headers:
        command += ["--header", header]
    return json.loads(subprocess.check_output(command))


def test_the_documented_request(server, admin_key):
    answer = curl(
        server,
        f"starting_at={DAY}&limit=20",
        "anthropic-version: 2023-06-01",
        f"x-api-key: {admin_key}",
    )
    assert len(answer["data"]) == 20
    assert answer["has_more"] is True
    following = curl(
        server,
        f"starting_at={DAY}&page={answer['next_page']}",
        "anthropic-version: 2023-06-01",
        f"x-api-key: {admin_key}",
    )
    assert len(following["data"]) == 20
    seen = [record["actor"]["email_address"] for record in answer["data"] + following["data"]]
    assert len(set(seen)) == 40 < PEOPLE


def test_an_integration_that_names_itself(server, admin_key):
    answer = curl(
        server,
        f"starting_at={DAY}",
        "anthropic-version: 2023-06-01",
        f"authorization: Bearer {admin_key}",
        "content-type: application/json",
        "User-Agent: YourApp/1.0.0 (https://yourapp.example)",
    )
    assert len(answer["data"]) == 20
