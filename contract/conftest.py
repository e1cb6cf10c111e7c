"""The real program with known data, for everybody who asks it."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import urllib.request

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = os.environ.get("PITWALL_BIN", ROOT / "target/debug/pitwall")
FIXTURE = ROOT / "fixtures/otlp/http-json/edits-accepted"

# The day of the fixture, its only session, and how many people tell of one like it.
DAY = "2026-11-22"
SESSION = "61d9521f-6079-4237-9fab-8a692783a33e"
PEOPLE = 45


def expected():
    """The truth about the fixture, which the program had no part in."""
    return json.loads((FIXTURE / "expected.json").read_text())


def email_of(number):
    return f"person-{number:03}@example.org"


class Server:
    """A server that runs, on a data directory of its own."""

    def __init__(self, folder):
        self.data = folder
        settings = {
            "PITWALL_ANALYTICS_FRESHNESS": "0s",
            "PITWALL_ANALYTICS_REQUESTS_PER_MINUTE": "0",
        }
        command = [PROGRAM, "serve", "--data", folder, "--no-transcripts"]
        command += ["--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0"]
        self.log = open(pathlib.Path(folder) / "log.txt", "w+")
        self.process = subprocess.Popen(
            command, env=os.environ | settings, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, f"the program did not say where it is, but: {line}"
        self.address = found.group()

    def key(self, kind, name):
        command = [PROGRAM, "key", "create", "--kind", kind, "--name", name, "--json", "--data", self.data]
        return json.loads(subprocess.check_output(command))["key"]

    def send(self, number):
        """Sends the fixture's session as another person's."""
        told = json.dumps({"key": "user.email", "value": {"stringValue": email_of(number)}})
        for file in sorted(FIXTURE.glob("*.json")):
            kind = re.search(r"-(logs|metrics)\.json$", file.name)
            if not kind:
                continue
            body = file.read_text().replace(SESSION, f"00000000-0000-4000-8000-{number:012}")
            body = re.sub(r'\{\s*"key":\s*"session\.id"', lambda found: f"{told},{found.group()}", body)
            body = re.sub(r'"(req_[A-Za-z0-9]+)"', rf'"\g<1>{number}"', body)
            request = urllib.request.Request(
                f"{self.address}/v1/{kind.group(1)}",
                data=body.encode(),
                headers={"content-type": "application/json"},
            )
            with urllib.request.urlopen(request) as answer:
                assert answer.status == 200

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.log.close()


@pytest.fixture(scope="session")
def server():
    with tempfile.TemporaryDirectory(prefix="pitwall-contract-") as folder:
        server = Server(folder)
        try:
            for number in range(PEOPLE):
                server.send(number)
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def admin_key(server):
    return server.key("admin", "contract")
