"""Anthropic's own Python SDK, with nothing changed but its base address."""

import anthropic
import pytest

from conftest import DAY, PEOPLE, email_of, expected

USAGE = "/v1/organizations/usage_report/claude_code"


@pytest.fixture(scope="module")
def client(server, admin_key):
    return anthropic.Anthropic(api_key=admin_key, base_url=server.address)


def all_pages(client, limit=None):
    """All records of the day. The loop is the one of Anthropic's documentation."""
    records, page = [], None
    while True:
        query = {"starting_at": DAY} | ({"limit": limit} if limit else {}) | ({"page": page} if page else {})
        answer = client.get(USAGE, cast_to=object, options={"params": query})
        records += answer["data"]
        if not answer["has_more"]:
            assert answer["next_page"] is None
            return records
        page = answer["next_page"]


def test_all_pages_are_read(client):
    whole = all_pages(client, limit=1000)
    assert [record["actor"]["email_address"] for record in whole] == [email_of(n) for n in range(PEOPLE)]
    for limit in (None, 1, 7):
        assert all_pages(client, limit) == whole


def test_a_record_is_true(client):
    truth = expected()
    [record] = [r for r in all_pages(client) if r["actor"]["email_address"] == email_of(7)]
    assert record["core_metrics"]["num_sessions"] == truth["sessions_started"]
    assert record["core_metrics"]["lines_of_code"] == truth["lines"]
    breakdown = {model["model"]: model for model in record["model_breakdown"]}
    assert breakdown.keys() == truth["tokens"].keys()
    for name, tokens in truth["tokens"].items():
        assert breakdown[name]["tokens"] == {
            "input": tokens["input"],
            "output": tokens["output"],
            "cache_read": tokens["cacheRead"],
            "cache_creation": tokens["cacheCreation"],
        }
    cents = sum(model["estimated_cost"]["amount"] for model in record["model_breakdown"])
    assert cents == round(truth["cost_usd"] * 100)


def test_errors_become_the_sdks_own(server, client):
    with pytest.raises(anthropic.BadRequestError) as refused:
        client.get(USAGE, cast_to=object, options={"params": {"starting_at": "soon"}})
    assert refused.value.body["error"]["type"] == "invalid_request_error"
    assert refused.value.request_id == refused.value.body["request_id"]
    stranger = anthropic.Anthropic(api_key="sk-ant-admin01-nobody", base_url=server.address)
    with pytest.raises(anthropic.AuthenticationError):
        stranger.get(USAGE, cast_to=object, options={"params": {"starting_at": DAY}})
    viewer = anthropic.Anthropic(api_key=server.key("viewer", "contract"), base_url=server.address)
    with pytest.raises(anthropic.PermissionDeniedError):
        viewer.get(USAGE, cast_to=object, options={"params": {"starting_at": DAY}})
    with pytest.raises(anthropic.NotFoundError):
        client.get("/v1/organizations/workspaces", cast_to=object)


def test_a_bearer_token_is_a_key_too(server, admin_key):
    client = anthropic.Anthropic(auth_token=admin_key, base_url=server.address)
    assert len(all_pages(client, limit=1000)) == PEOPLE


def test_the_sdks_typed_resources_read_the_neighbours(client):
    organization = client.beta.organization.retrieve()
    assert (organization.type, bool(organization.id)) == ("organization", True)
    users = list(client.beta.organization.users.list(limit=20))
    assert sorted(user.email for user in users) == [email_of(n) for n in range(PEOPLE)]
    assert client.beta.organization.users.retrieve(users[3].id) == users[3]
    assert [user.email for user in client.beta.organization.users.list(email=email_of(9))] == [email_of(9)]
    keys = list(client.beta.organization.api_keys.list(status="active"))
    assert "contract" in [key.name for key in keys]
    assert all(key.scope.type == "organization" for key in keys)
