#!/usr/bin/env python3
"""Imports Claude directories and asks for reports, with Pitwall and with other programs in turn, and prints medians.

    scripts/bench_transcripts.py [--only imports|reports|new-lines] [--runs N] [--limit S] [--peers] CORPUS...

CORPUS is a Claude directory, such as make_transcripts.py makes. --peers installs the other programs, each of one
pinned version, into .cache/peers; they never see the user's own home.

imports     Each run starts from nothing: no data directory, no cache of the program's. Files are in the page cache,
            because the first round is not counted.
reports     What each report takes as a whole process, once the program has seen the corpus: Pitwall its ledger, the
            others whatever they keep. Where a program has no such report, the one that comes nearest is taken.
new-lines   The same reports, each after a megabyte of lines was appended to a copy of the corpus that every
            program has a part in: all of them see the same new lines before each report.

Time is given twice: as it passed, and as the processor spent it on the program, which other work on the machine
disturbs less. Memory is the most that the process had resident. A run that takes longer than the limit is ended and not
repeated; the program is then left out of whatever follows from it.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".cache" / "peers"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PITWALL = Path(os.environ.get("PITWALL", TARGET / "release" / "pitwall"))

CCUSAGE = "ccusage@20.0.24"
TOKSCALE = "@tokscale/cli-linux-x64-gnu@4.17.0"
AGENTSVIEW = "agentsview==0.46.1"

# The launcher of ccusage is a Node script that starts the native program; that alone is what is measured.
BINARIES = {
    CCUSAGE: "node_modules/**/@ccusage/ccusage-linux-*/bin/ccusage",
    TOKSCALE: "node_modules/@tokscale/*/bin/tokscale",
    AGENTSVIEW: "python/lib/*/site-packages/agentsview/bin/agentsview",
}
NO_DAEMON = {"AGENTSVIEW_NO_DAEMON": "1"}
NEW_BYTES = 1_000_000
# A program that takes longer than this is run once more only, in seconds.
SLOW = 10.0

# Report, and what comes nearest to it: what a program is asked, after its name. agentsview tells more, but from a
# server that has to run beside it.
REPORTS = {
    "daily": {
        CCUSAGE: ["daily", "--json", "--offline"],
        TOKSCALE: ["graph", "-c", "claude", "--no-spinner"],
        AGENTSVIEW: ["usage", "daily", "--all", "--json", "--offline"],
    },
    "weekly": {CCUSAGE: ["weekly", "--json", "--offline"]},
    "monthly": {
        CCUSAGE: ["monthly", "--json", "--offline"],
        TOKSCALE: ["monthly", "--json", "-c", "claude", "--no-spinner"],
    },
    "session": {
        CCUSAGE: ["session", "--json", "--offline"],
        TOKSCALE: ["models", "--json", "-c", "claude", "--no-spinner", "--group-by", "session,model"],
    },
    "blocks": {CCUSAGE: ["blocks", "--json", "--offline"]},
    "models": {
        CCUSAGE: ["claude", "daily", "--json", "--offline", "--breakdown"],
        TOKSCALE: ["models", "--json", "-c", "claude", "--no-spinner"],
        AGENTSVIEW: ["usage", "daily", "--all", "--json", "--offline", "--breakdown"],
    },
    "projects": {
        CCUSAGE: ["claude", "daily", "--json", "--offline", "--instances"],
        TOKSCALE: ["models", "--json", "-c", "claude", "--no-spinner", "--group-by", "workspace,model"],
    },
    "tools": {},
}
# What a program has to do so that it has seen the corpus, where its reports do not do so by themselves.
BEFORE = {AGENTSVIEW: ["sync"]}


class TookTooLong(Exception):
    """A run was ended."""


class Program:
    """A program with a home of its own, and perhaps a data directory."""

    def __init__(self, name, path):
        self.name = name
        self.path = path
        self.is_ours = name == "Pitwall"

    def import_of(self, corpus, work):
        if self.is_ours:
            return [self.path, "import", "transcripts", str(corpus), "--data", f"{work}/data"]
        return [self.path, *BEFORE.get(self.name, REPORTS["models"][self.name])]

    def report(self, report, corpus, work):
        """The command; none where the program has nothing like it."""
        if self.is_ours:
            return [self.path, "report", report, "--json", "--data", f"{work}/data"]
        asked = REPORTS[report].get(self.name)
        return asked and [self.path, *asked]

    def run(self, command, corpus, work, limit):
        """Seconds that passed, seconds of the processor, and the most memory in bytes."""
        home = Path(work) / "home"
        if not home.exists():
            home.mkdir()
            (home / ".claude").symlink_to(corpus)
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "CLAUDE_CONFIG_DIR": str(corpus), "TZ": "UTC"}
        return measure(command, environment | NO_DAEMON, limit)


def measure(command, environment, limit):
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ended = threading.Event()
    too_long = threading.Timer(limit, lambda: (ended.set(), process.kill()))
    too_long.start()
    _, status, usage = os.wait4(process.pid, 0)
    passed = time.monotonic() - began
    too_long.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if ended.is_set():
        raise TookTooLong
    if process.returncode != 0:
        sys.exit(f"{command} ended with {process.returncode}")
    return passed, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def install():
    """The other programs, as their registries hand them out."""
    PEERS.mkdir(parents=True, exist_ok=True)
    if not all(binary(pattern) for pattern in (BINARIES[CCUSAGE], BINARIES[TOKSCALE])):
        subprocess.run(["npm", "install", "--silent", "--prefix", str(PEERS), CCUSAGE, TOKSCALE], check=True)
    if not binary(BINARIES[AGENTSVIEW]):
        subprocess.run([sys.executable, "-m", "venv", str(PEERS / "python")], check=True)
        subprocess.run([str(PEERS / "python/bin/pip"), "install", "--quiet", AGENTSVIEW], check=True)


def binary(pattern):
    found = sorted(path for path in PEERS.glob(pattern) if os.access(path, os.X_OK) and path.is_file())
    return str(found[0]) if found else None


def programs(with_peers):
    peers = [Program(name, binary(pattern)) for name, pattern in BINARIES.items()] if with_peers else []
    return [Program("Pitwall", str(PITWALL)), *(peer for peer in peers if peer.path)]


class Series:
    """Runs of one thing, and whether they have taken too long."""

    def __init__(self):
        self.results = []
        self.too_long = False

    def add(self, run, counted):
        if self.too_long or len(self.results) > 1 and self.results[-1][0] > SLOW:
            return
        try:
            result = run()
        except TookTooLong:
            self.too_long = True
            return
        # What is slow is not disturbed by files that were not in memory yet.
        if counted or result[0] > SLOW:
            self.results.append(result)

    def medians(self):
        return tuple(statistics.median(column) for column in zip(*self.results))


def temporary():
    return tempfile.TemporaryDirectory(prefix="pitwall-bench-", ignore_cleanup_errors=True)


def imports(corpus, options):
    """From nothing, and once more by Pitwall, which has to notice that nothing has changed."""
    all_programs = programs(options.peers)
    first = {program.name: Series() for program in all_programs}
    again = Series()
    for number in range(options.runs + 1):
        for program in all_programs:
            with temporary() as work:
                command = program.import_of(corpus, work)
                run = lambda: program.run(command, corpus, work, options.limit)
                first[program.name].add(run, number > 0)
                if program.is_ours and not first[program.name].too_long:
                    again.add(run, number > 0)
    print("| | s passed | s of processor | MB of memory |\n|---|---|---|---|")
    rows = [("Pitwall, import into an empty ledger", first.pop("Pitwall")), ("Pitwall, import once more", again)]
    for name, series in rows + list(first.items()):
        if series.too_long:
            print(f"| {name} | more than {options.limit:g} | | |")
        elif series.results:
            passed, processor, memory = series.medians()
            print(f"| {name} | {passed:.2f} | {processor:.2f} | {memory / 1e6:.0f} |")


def reports(corpus, options):
    table_of_reports(corpus, options, lambda: None)


def new_lines(corpus, options):
    """On a copy, since lines are appended to it."""
    with temporary() as place:
        copy = Path(place) / corpus.name
        shutil.copytree(corpus, copy)
        table_of_reports(copy, options, Growth(copy).append)


def table_of_reports(corpus, options, before_each):
    """Milliseconds of every report by every program. Before each round of a report something may happen.

    Every report of Pitwall's reads what is new in the Claude directory first, as the others do.
    """
    with temporary() as place:
        works, all_programs = {}, []
        for program in programs(options.peers):
            works[program.name] = Path(place) / str(len(works))
            works[program.name].mkdir()
            try:
                command = program.import_of(corpus, works[program.name])
                program.run(command, corpus, works[program.name], options.limit)
                all_programs.append(program)
            except TookTooLong:
                print(f"{program.name}: has not seen the corpus within {options.limit:g} s\n")
        print("ms passed (ms of processor)\n")
        print("| |" + "".join(f" {program.name} |" for program in all_programs))
        print("|---|" + "---|" * len(all_programs))
        for report in REPORTS:
            series = {program.name: Series() for program in all_programs}
            for number in range(options.runs + 1):
                before_each()
                for program in all_programs:
                    command = program.report(report, corpus, works[program.name])
                    if command:
                        run = lambda: program.run(command, corpus, works[program.name], options.limit)
                        series[program.name].add(run, number > 0)
            print(f"| `{report}` |" + "".join(f" {cell(one, options.limit)} |" for one in series.values()), flush=True)


def cell(series, limit):
    if series.too_long:
        return f"more than {limit:g} s"
    if not series.results:
        return ""
    passed, processor, _ = series.medians()
    return f"{1000 * passed:.0f} ({1000 * processor:.0f})"


class Growth:
    """Appends lines to the corpus as a session does that goes on: as they stand there, under new ids."""

    def __init__(self, corpus):
        files = sorted(corpus.glob("projects/*/*.jsonl"), key=lambda path: path.stat().st_size)
        self.file = files[len(files) // 2]
        self.lines = []
        size = 0
        for path in reversed(files):
            for line in path.read_text(errors="replace").splitlines():
                if size >= NEW_BYTES:
                    return
                self.lines.append(json.loads(line))
                size += len(line) + 1

    def append(self):
        renamed = lambda text: f"{text}-{mark}" if isinstance(text, str) else text
        mark = uuid.uuid4().hex[:8]
        with self.file.open("a") as file:
            for line in self.lines:
                line = dict(line)
                for name in ("uuid", "parentUuid", "requestId", "promptId"):
                    if name in line:
                        line[name] = renamed(line[name])
                message = line.get("message")
                if isinstance(message, dict) and "id" in message:
                    line["message"] = message | {"id": renamed(message["id"])}
                line["sessionId"] = self.file.stem
                file.write(json.dumps(line, separators=(",", ":")) + "\n")


PARTS = {"imports": imports, "reports": reports, "new-lines": new_lines}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds that one run may take")
    parser.add_argument("--peers", action="store_true")
    options = parser.parse_args()
    if options.peers:
        install()
    began = time.monotonic()
    for corpus in (path.resolve() for path in options.corpora):
        files = list(corpus.glob("projects/**/*.jsonl"))
        size = sum(path.stat().st_size for path in files)
        for name, part in PARTS.items():
            if options.only in (None, name):
                print(f"\n{name}, {corpus.name}: {len(files)} files, {size / 1e6:.0f} MB; {options.runs} runs\n", flush=True)
                part(corpus, options)
    print(f"\n{time.monotonic() - began:.0f} s in all")


if __name__ == "__main__":
    main()
