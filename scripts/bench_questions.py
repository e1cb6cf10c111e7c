#!/usr/bin/env python3
"""Asks a server the main questions over ledgers of rising size, and prints how long the answers took: the first, the
median of the next, and the processor time of the server for one, which other work on the machine disturbs less.

    scripts/bench_questions.py DATA [--plot FILE.svg] PEOPLExSPANS...

DATA is a data directory that `pitwall demo --fill-only --days 90` has made; nobody may have it open. For each PEOPLExSPANS
the example `multiply` of `store-duckdb` makes a ledger of it in which everybody is there so many times, over so many times
90 days. It is asked once its lines are added up, which is timed too. Ledgers are made in BENCH_DIR [default: a
temporary folder] and are kept there if it is set. Needs release builds of `pitwall` and of the example; Linux.
"""

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
HTTP = "127.0.0.1:24418"
RUNS = 5
SPAN_DAYS = 90


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("sizes", nargs="+", metavar="PEOPLExSPANS")
    arguments.add_argument("--plot", type=Path, help="draw the processor times into this file")
    arguments = arguments.parse_args()
    print("load of the machine:", " ".join(f"{load:.1f}" for load in os.getloadavg()))
    measured = []
    with tempfile.TemporaryDirectory(prefix="pitwall-questions-") as temporary:
        folder = Path(os.environ.get("BENCH_DIR", temporary))
        for size in arguments.sizes:
            work, lines = multiplied(arguments.data, folder, size)
            measured.append((lines, ask_all(work)))
    if arguments.plot:
        arguments.plot.write_text(plot(measured))
    print("load of the machine:", " ".join(f"{load:.1f}" for load in os.getloadavg()))


def multiplied(data, folder, size):
    """Makes the ledger unless it is there; returns its directory and how many lines it has."""
    people, spans = size.split("x")
    work, told = folder / size, folder / f"{size}.lines"
    if not told.exists():
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(data, work, ignore=shutil.ignore_patterns("*.lock", "server.json"))
        command = [RELEASE / "examples" / "multiply", work / "ledger.duckdb", people, spans, str(SPAN_DAYS)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        told.write_text(printed.split()[-2])
    return work, int(told.read_text())


def ask_all(work):
    command = [RELEASE / "pitwall", "serve", "--no-transcripts", "--data", work, "--http", HTTP, "--grpc", "127.0.0.1:0"]
    began = time.monotonic()
    with (work / "server.log").open("w") as log:
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
    try:
        until_ready(server)
        ready = (time.monotonic() - began) * 1e3
        summed = until_added_up(server)
        size = sum(file.stat().st_size for file in work.glob("ledger.duckdb*"))
        print(f"\n{work.name}: {size / 1e6:,.0f} MB; ready after {ready:.0f} ms, added up after {summed:.0f} s", flush=True)
        print("| question | first, ms | median, ms | of processor, ms |")
        newest = newest_day()
        used = [asked(server, name, path) for name, path in questions(newest)]
        memory = next(line for line in Path(f"/proc/{server.pid}/status").open() if line.startswith("VmHWM"))
        print(f"memory at most {int(memory.split()[1]) // 1024} MiB", flush=True)
        return used
    finally:
        server.terminate()
        server.wait(timeout=120)


def asked(server, name, path):
    first = timed(path)
    before = processor_seconds(server)
    times = [timed(path) for _ in range(RUNS)]
    used = (processor_seconds(server) - before) / RUNS * 1e3
    print(f"| {name} | {first:.0f} | {statistics.median(times):.0f} | {used:.0f} |", flush=True)
    return name, used


def questions(newest):
    def days(count):
        return f"start={newest - timedelta(days=count - 1)}&end={newest}&timezone=Europe/Berlin"

    reports = "/api/v1/reports"
    users = f"start_date={newest - timedelta(days=29)}&end_date={newest}&aggregate=true&users=true"
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
        ("everybody's totals, 30 days", f"/api/analytics?{users}"),
    ]


def newest_day():
    """The last day that the ledger tells of."""
    with urllib.request.urlopen(f"http://{HTTP}/api/v1/requests/recent", timeout=180) as answer:
        requests = json.load(answer)["requests"]
    return date.fromisoformat(max(request["at"] for request in requests)[:10])


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


def until_added_up(server):
    """Waits until the server does nothing any more; returns the seconds that took."""
    began = idle_since = time.monotonic()
    used = processor_seconds(server)
    while time.monotonic() - idle_since < 3:
        time.sleep(0.5)
        now = processor_seconds(server)
        if now - used > 0.05:
            idle_since = time.monotonic()
        used = now
    return idle_since - began


def timed(path):
    """Milliseconds until the whole answer is there."""
    began = time.monotonic()
    with urllib.request.urlopen(f"http://{HTTP}{path}", timeout=180) as answer:
        answer.read()
    return (time.monotonic() - began) * 1e3


COLOURS = ["#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e", "#9498a0"]


def plot(measured):
    """Processor time over lines, both logarithmic, as SVG."""
    width, height, left, right, top, bottom = 860, 460, 70, 240, 20, 50
    lines = [count for count, _ in measured]
    times = [max(time, 1) for _, used in measured for _, time in used]
    low_x, high_x = math.log10(min(lines)), math.log10(max(lines))
    low_y, high_y = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))

    def x(count):
        return left + (math.log10(count) - low_x) / max(high_x - low_x, 1e-9) * (width - left - right)

    def y(time):
        return height - bottom - (math.log10(max(time, 1)) - low_y) / (high_y - low_y) * (height - top - bottom)

    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for power in range(low_y, high_y + 1):
        at = y(10**power)
        drawn.append(f'<line x1="{left}" x2="{width - right}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ddd"/>')
        drawn.append(f'<text x="{left - 8}" y="{at + 4:.1f}" text-anchor="end" fill="#555">{10**power:,} ms</text>')
    for count in lines:
        drawn.append(f'<line x1="{x(count):.1f}" x2="{x(count):.1f}" y1="{top}" y2="{height - bottom}" stroke="#eee"/>')
        label = f"{count / 1e6:.3g} M"
        drawn.append(f'<text x="{x(count):.1f}" y="{height - bottom + 18}" text-anchor="middle" fill="#555">{label}</text>')
    middle = left + (width - left - right) / 2
    drawn.append(f'<text x="{middle}" y="{height - 10}" text-anchor="middle" fill="#555">lines in the ledger</text>')
    names = [name for name, _ in measured[0][1]]
    for index, name in enumerate(names):
        points = " ".join(f"{x(count):.1f},{y(used[index][1]):.1f}" for count, used in measured)
        colour = COLOURS[index % len(COLOURS)]
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        at = top + 20 + index * 22
        drawn.append(f'<rect x="{width - right + 20}" y="{at - 9}" width="14" height="4" fill="{colour}"/>')
        drawn.append(f'<text x="{width - right + 42}" y="{at - 3}" fill="#222">{name}</text>')
    return "\n".join([*drawn, "</svg>", ""])


if __name__ == "__main__":
    main()
