"""The OpenAPI description against the program: a minute of made-up requests."""

import json
import pathlib
import subprocess
import sys
import urllib.request

SECONDS = 60

# Both start something that does not end by itself.
NOT_ASKED = ["/api/v1/live", "/api/v1/demo"]

# What the checks leave out, since it is meant: unknown parameters are ignored by the Analytics API, and a cursor
# or an id of the right form need not be one that was given out.
NOT_CHECKED = ["negative_data_rejection", "positive_data_acceptance"]


def first_user(server, admin_key):
    request = urllib.request.Request(
        f"{server.address}/v1/organizations/users?limit=1", headers={"x-api-key": admin_key}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["data"][0]["id"]


def test_answers_conform_and_nothing_fails(server, admin_key, tmp_path):
    config = tmp_path / "schemathesis.toml"
    user = first_user(server, admin_key)
    config.write_text(
        f"""
        [[operations]]
        include-name = "GET /v1/organizations/users/{{user_id}}"
        parameters = {{ user_id = "{user}" }}
        """
    )
    program = pathlib.Path(sys.executable).with_name("schemathesis")
    command = [program, "--config-file", config, "run", f"{server.address}/api/openapi.json"]
    command += ["--max-time", str(SECONDS), "--continue-on-failure", "--no-shrink", "--warnings", "off"]
    command += ["--exclude-checks", ",".join(NOT_CHECKED), "--header", f"x-api-key: {admin_key}"]
    for path in NOT_ASKED:
        command += ["--exclude-path", path]
    run = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
