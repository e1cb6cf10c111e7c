#!/usr/bin/env python3
"""Sends simulated developers' telemetry to Pitwall, and the same to another receiver, and prints what each took.

    scripts/bench_ingest.py [--only PART] [--records N]

Parts: `growth`, the same number of records from 10 to 10,000 developers as fast as they are taken; `faults`, with
duplicates, reordering and truncated bodies, and other ways to send; `peers`, the same requests to Rotel, an
OpenTelemetry collector in Rust from PyPI, which is installed into .cache/peers. It answers when it has decoded a request
and put it into a queue in memory; its exporter here drops everything.

Every run starts with an empty data directory. Needs release builds of `pitwall` and `pitwall-load`; Linux.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
PEERS = ROOT / ".cache" / "peers"
ROTEL = "rotel==0.0.1a15"
HTTP = "127.0.0.1:24318"
# What one developer sends in a second, so that a number of records can be turned into a time.
RECORDS_A_SECOND = 0.314


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--only", choices=["growth", "faults", "peers"])
    arguments.add_argument("--records", type=int, default=600_000)
    arguments = arguments.parse_args()
    print("load of the machine before:", " ".join(f"{load:.1f}" for load in os.getloadavg()))
    head = ("what", "records", "records/s", "p50 ms", "p99 ms", "CPU µs/record", "peak MiB", "bytes/record", "ledger")
    row(*head)
    for part in [growth, faults, peers]:
        if arguments.only in (None, part.__name__):
            part(arguments.records)
    print("load of the machine after:", " ".join(f"{load:.1f}" for load in os.getloadavg()))


def growth(records):
    for developers in (10, 100, 1_000, 10_000):
        pitwall(f"{developers} developers", load(records, developers))


def faults(records):
    skewed = ["--duplicates", "0.05", "--reorder", "0.1", "--truncated", "0.02", "--skew", "60", "--insist", "60"]
    pitwall("1000 developers, with faults", [*load(records, 1_000), *skewed])
    cumulative = ["--metrics", "cumulative"]
    pitwall("1000 developers, cumulative", [*load(records, 1_000), *cumulative])
    pitwall("1000 developers, gRPC", load(records, 1_000), grpc=True)
    pitwall("1000 developers, one client's export a request", [*load(records // 10, 1_000), "--records-per-request", "1"])


def peers(records):
    environment = PEERS / "rotel"
    if not environment.exists():
        subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        subprocess.run([str(environment / "bin/pip"), "install", "--quiet", ROTEL], check=True)
    agent = str(next(environment.glob("lib/*/site-packages/rotel/rotel-agent")))
    command = [agent, "start", "--otlp-http-endpoint", HTTP, "--otlp-grpc-endpoint", "127.0.0.1:24317"]
    pitwall("Pitwall", load(records, 1_000))
    other(f"{ROTEL}, blackhole", [*command, "--exporter", "blackhole"], load(records, 1_000))


def load(records, developers):
    """Arguments for about so many records of so many developers, made before the first is sent."""
    seconds = max(60, round(records / developers / RECORDS_A_SECOND))
    return ["--developers", str(developers), "--seconds", str(seconds), "--speed", "0", "--prepare"]


def pitwall(what, arguments, grpc=False):
    with tempfile.TemporaryDirectory(prefix="pitwall-bench-") as data:
        addresses = ["--http", HTTP, "--grpc", "127.0.0.1:24317"]
        command = [str(RELEASE / "pitwall"), "serve", "--no-transcripts", "--data", data, *addresses]
        with Running(command, Path(data) / "server.log") as server:
            send = ["--compare", "90", *(["--grpc", "http://127.0.0.1:24317"] if grpc else [])]
            told = send_to(server, [*arguments, *send])
        size = sum(file.stat().st_size for file in Path(data).glob("ledger.duckdb*"))
        show(what, told, size / told["records"])


def other(what, command, arguments):
    with tempfile.TemporaryDirectory(prefix="pitwall-bench-") as folder:
        files = ["--log-file", f"{folder}/rotel.log", "--pid-file", f"{folder}/rotel.pid"]
        with Running([*command, *files], Path(folder) / "out.log") as server:
            show(what, send_to(server, arguments), None)


class Running:
    """A server that takes requests, and is told to stop at the end."""

    def __init__(self, command, log):
        self.command, self.log = command, log

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=self.log.open("w"))
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://{HTTP}/v1/logs", timeout=1)
            except urllib.error.HTTPError:
                return self.process
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{self.command[0]} does not answer: {self.log.read_text()}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)


def send_to(server, arguments):
    command = [str(RELEASE / "pitwall-load"), "--http", f"http://{HTTP}", "--server-process", str(server.pid), "--json"]
    result = subprocess.run([*command, *arguments], capture_output=True, text=True)
    try:
        return json.loads(result.stdout)
    except json.JSONDecodeError:
        raise SystemExit(f"pitwall-load failed: {result.stderr}") from None


def show(what, told, bytes_a_record):
    latency, server = told["latency_ms"], told["server"]
    differences = told.get("differences")
    ledger = "" if differences is None else "as sent" if not differences else re.sub(r"\s+", " ", differences)
    if told["dropped"]:
        ledger += f" dropped: {told['dropped']}"
    row(
        what,
        f"{told['records']:,}",
        f"{told['records_per_second']:,.0f}",
        f"{latency['p50']:.0f}",
        f"{latency['p99']:.0f}",
        f"{told['server_cpu_micros_per_record']:.1f}",
        f"{server['peak_mib']:.0f}",
        "" if bytes_a_record is None else f"{bytes_a_record:.0f}",
        ledger,
    )


def row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
