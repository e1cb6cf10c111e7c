#!/usr/bin/env python3
"""Sends simulated developers' telemetry in real time for a long while, and prints what the server takes up meanwhile.

    scripts/bench_soak.py [--minutes 60] [--rate 5000] [--every 5]

Starts with an empty data directory. A row every few minutes: records so far, memory, the ledger's file and its
write-ahead log, sessions at hand, how far settlement is behind, and how long an overview takes.
At the end the ledger is compared with what was sent, and `pitwall verify` looks through it. Needs release builds of
`pitwall` and `pitwall-load`; Linux.
"""

import argparse
import json
import os
import re
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from bench_ingest import HTTP, RECORDS_A_SECOND, RELEASE, Running, row

NEW = 'pitwall_ingest_records_total{kind="new"}'
REFUSED = "pitwall_ingest_submissions_refused_total"
COLUMNS = [
    "minute",
    "records",
    "refused",
    "memory MiB",
    "ledger MiB",
    "log MiB",
    "at hand MiB",
    "sessions at hand",
    "settled within 1 s",
    "commit ms, mean",
    "overview ms",
    "CPU s",
]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--minutes", type=int, default=60)
    arguments.add_argument("--rate", type=int, default=5_000, help="records a second")
    arguments.add_argument("--every", type=int, default=5, help="minutes between two rows")
    arguments = arguments.parse_args()
    developers = round(arguments.rate / RECORDS_A_SECOND)
    print(f"{developers:,} developers; load of the machine before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="pitwall-soak-") as folder:
        data = Path(folder)
        addresses = ["--http", HTTP, "--grpc", "127.0.0.1:24317"]
        serve = [str(RELEASE / "pitwall"), "serve", "--no-transcripts", "--data", folder, *addresses]
        with Running(serve, data / "server.log") as server:
            told = soak(server, data, developers, arguments)
        faults = subprocess.run([serve[0], "verify", "--data", folder], capture_output=True, text=True)
        complaints = [line for line in (data / "server.log").read_text().splitlines() if re.search("WARN|ERROR", line)]
    latency = told["latency_ms"]
    print(f"{told['records']:,} records, {told['records_per_second']:,.0f} a second; answered after "
          f"{latency['p50']:.0f} ms (half), {latency['p99']:.0f} ms (99 of 100); dropped: {told['dropped']}")
    print("ledger:", told["differences"] or "as sent")
    print("verify:", (faults.stdout + faults.stderr).strip())
    print(f"warnings and errors in the server's log: {len(complaints)}", *complaints[:10], sep="\n")


def soak(server, data, developers, arguments):
    load = [str(RELEASE / "pitwall-load"), "--http", f"http://{HTTP}", "--server-process", str(server.pid), "--json"]
    load += ["--developers", str(developers), "--seconds", str(arguments.minutes * 60), "--compare", "300"]
    row(*COLUMNS)
    with subprocess.Popen(load, stdout=subprocess.PIPE, text=True) as sender:
        start = time.monotonic()
        for minute in range(arguments.every, arguments.minutes + 1, arguments.every):
            time.sleep(max(0, start + minute * 60 - time.monotonic()))
            if sender.poll() is not None:
                break
            sample(minute, server.pid, data)
        answer = sender.communicate()[0]
    sample("end", server.pid, data)
    return json.loads(answer)


def sample(minute, process, data):
    before = time.monotonic()
    with urllib.request.urlopen(f"http://{HTTP}/api/v1/overview", timeout=60) as answer:
        answer.read()
    overview = time.monotonic() - before
    figures = metrics()
    lag = "pitwall_settlement_lag_seconds"
    settled = figures.get(f'{lag}_bucket{{le="1"}}', 0) / max(1, figures.get(f"{lag}_count", 0))
    commit = "pitwall_store_commit_seconds"
    ticks = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
    row(
        str(minute),
        f"{figures[NEW]:,.0f}",
        f"{sum(value for name, value in figures.items() if name.startswith(REFUSED)):.0f}",
        mib(resident(process)),
        mib(size(data / "ledger.duckdb")),
        mib(size(data / "ledger.duckdb.wal")),
        mib(figures["pitwall_settlement_at_hand_bytes"]),
        f"{figures['pitwall_settlement_at_hand_sessions']:.0f}",
        f"{settled:.2%}",
        f"{1000 * figures[f'{commit}_sum'] / max(1, figures[f'{commit}_count']):.0f}",
        f"{1000 * overview:.0f}",
        f"{sum(map(int, ticks)) / os.sysconf('SC_CLK_TCK'):.0f}",
    )


def metrics():
    """Every sample of the server's own metrics, by name and labels."""
    with urllib.request.urlopen(f"http://{HTTP}/metrics", timeout=60) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line and line[0] != "#")}


def resident(process):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())[1]) * 1024


def size(file):
    return file.stat().st_size if file.exists() else 0


def mib(size):
    return f"{size / 2**20:,.0f}"


if __name__ == "__main__":
    main()
