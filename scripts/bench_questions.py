#!/usr/bin/env python3
"""Asks a server the main questions over ledgers of rising size, and prints how long the answers took: the first, the
median of the next, and the processor time of the server for one, which other work on the machine disturbs less.

    scripts/bench_questions.py DATA COPIES...

DATA is a data directory that `pitwall demo --fill-only` has made; nobody may have it open. For each number of COPIES
its ledger lines are written that often into a new ledger: other people, other sessions, and two thirds of them
27 or 54 days later. Evidence is not copied: no question reads it. Needs a release build of `pitwall` and the Python
package `duckdb` of the same version as the library; Linux.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
PITWALL = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "pitwall"
HTTP = "127.0.0.1:24418"
RUNS = 5
DAY_MICROS = 86_400_000_000


def main():
    data, copies = Path(sys.argv[1]), [int(count) for count in sys.argv[2:]]
    print("load of the machine:", " ".join(f"{load:.1f}" for load in os.getloadavg()))
    for count in copies:
        with tempfile.TemporaryDirectory(prefix="pitwall-questions-", dir=os.environ.get("BENCH_DIR")) as work:
            work = Path(work)
            newest, lines = multiply(data, work, count)
            size = (work / "ledger.duckdb").stat().st_size
            print(f"\n{lines:,} lines, {size / lines:.0f} bytes each in the file", flush=True)
            ask_all(work, newest)
    print("load of the machine:", " ".join(f"{load:.1f}" for load in os.getloadavg()))


def multiply(data, work, copies):
    """Writes the new ledger; returns the newest day in it and how many lines there are."""
    target = work / "ledger.duckdb"
    shutil.copy(data / "ledger.duckdb", target)
    if (log := data / "ledger.duckdb.wal").exists():
        shutil.copy(log, work / "ledger.duckdb.wal")
    database = duckdb.connect(str(target))
    database.execute("SET preserve_insertion_order = false; SET memory_limit = '2GB'")
    database.execute("DELETE FROM evidence")
    database.execute("CREATE TEMP TABLE base AS SELECT * FROM lines")
    for copy in range(1, copies):
        later = (copy % 3) * 27 * DAY_MICROS
        database.execute(
            f"""INSERT INTO lines SELECT * REPLACE (
                "at" + {later} AS "at", session || '-{copy}' AS session, '{copy}-' || actor_name AS actor_name,
                CASE item WHEN 0 THEN 0 ELSE xor(item, {copy * 7_919_000_017}) END AS item,
                CASE request WHEN 0 THEN 0 ELSE xor(request, {copy * 7_919_000_017}) END AS request,
                CASE message WHEN 0 THEN 0 ELSE xor(message, {copy * 7_919_000_017}) END AS message)
            FROM base"""
        )
    newest, lines = database.execute('SELECT max("at"), count(*) FROM lines').fetchone()
    database.execute("CHECKPOINT")
    database.close()
    return datetime.fromtimestamp(newest / 1e6, timezone.utc).date(), lines


def questions(newest):
    def days(count):
        return f"start={newest - timedelta(days=count - 1)}&end={newest}&timezone=Europe/Berlin"

    reports = "/api/v1/reports"
    return [
        ("overview, 7 days", f"/api/v1/overview?{days(7)}"),
        ("overview, 90 days", f"/api/v1/overview?{days(90)}"),
        ("daily report, 90 days", f"{reports}/daily?{days(90)}"),
        ("monthly report, 90 days", f"{reports}/monthly?{days(90)}"),
        ("models, 30 days", f"{reports}/models?{days(30)}"),
        ("projects, 30 days", f"{reports}/projects?{days(30)}"),
        ("tools, 30 days", f"{reports}/tools?{days(30)}"),
        ("20 newest sessions, 30 days", f"{reports}/session?{days(30)}&limit=20"),
        ("newest requests", "/api/v1/requests/recent"),
        ("everybody's totals, 30 days", f"/api/analytics?start_date={newest - timedelta(days=29)}&end_date={newest}&aggregate=true&users=true"),
    ]


def ask_all(work, newest):
    command = [str(PITWALL), "serve", "--no-transcripts", "--data", str(work), "--http", HTTP, "--grpc", "127.0.0.1:0"]
    began = time.monotonic()
    with (work / "server.log").open("w") as log:
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
    try:
        until_ready(server)
        print(f"ready after {(time.monotonic() - began) * 1e3:.0f} ms")
        for name, path in questions(newest):
            first = timed(path)
            used = processor_seconds(server)
            times = [timed(path) for _ in range(RUNS)]
            used = (processor_seconds(server) - used) / RUNS * 1e3
            print(f"| {name} | {first:.0f} | {statistics.median(times):.0f} | {used:.0f} |", flush=True)
        memory = next(line for line in Path(f"/proc/{server.pid}/status").open() if line.startswith("VmHWM"))
        print(f"memory at most {int(memory.split()[1]) // 1024} MiB")
    finally:
        server.terminate()
        server.wait(timeout=120)


def processor_seconds(server):
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def until_ready(server):
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"http://{HTTP}/readyz", timeout=10)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise SystemExit("the server ended")


def timed(path):
    """Milliseconds until the whole answer is there."""
    began = time.monotonic()
    with urllib.request.urlopen(f"http://{HTTP}{path}", timeout=180) as answer:
        answer.read()
    return (time.monotonic() - began) * 1e3


if __name__ == "__main__":
    main()
