#!/usr/bin/env python3
"""Imports Claude directories with Pitwall and reads them with other programs, in turn, and prints the medians.

    scripts/bench_transcripts.py [--runs N] [--peers] CORPUS...

CORPUS is a Claude directory, such as make_transcripts.py makes. --peers installs the other programs, each of one
pinned version, into .cache/peers; they never see the user's own home. Each run starts from nothing: no data
directory, no cache of the program's. Files are in the page cache, because the first round is not counted.

Time is given twice: as it passed, and as the processor spent it on the program, which other work on the machine
disturbs less. Memory is the most that the process had resident.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".cache" / "peers"
PITWALL = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "pitwall"

CCUSAGE = "ccusage@20.0.24"
TOKSCALE = "@tokscale/cli-linux-x64-gnu@4.17.0"
AGENTSVIEW = "agentsview==0.46.1"


def install():
    """The other programs, as their registries hand them out."""
    PEERS.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "install", "--silent", "--prefix", str(PEERS), CCUSAGE, TOKSCALE], check=True)
    if not (PEERS / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEERS / "python")], check=True)
    subprocess.run([str(PEERS / "python/bin/pip"), "install", "--quiet", AGENTSVIEW], check=True)


def binary(pattern):
    found = sorted(path for path in PEERS.glob(pattern) if os.access(path, os.X_OK) and path.is_file())
    return str(found[0]) if found else None


def programs(with_peers):
    """(name, command, further environment) of each program; WORK and CORPUS stand for the run's folders."""
    data = ["--data", "WORK/data"]
    first = [("Pitwall, import into an empty ledger", [str(PITWALL), "import", "transcripts", "CORPUS", *data], {})]
    again = [("Pitwall, import once more", [str(PITWALL), "import", "transcripts", "CORPUS", *data], {"AGAIN": "1"})]
    if not with_peers:
        return first + again
    # The launcher of ccusage is a Node script that starts the native program; that alone is what is measured.
    peers = [
        (CCUSAGE, "node_modules/**/@ccusage/ccusage-linux-*/bin/ccusage", ["daily", "--json", "--offline"], {}),
        (TOKSCALE, "node_modules/@tokscale/*/bin/tokscale", ["models", "--json", "-c", "claude"], {}),
        (AGENTSVIEW, "python/lib/*/site-packages/agentsview/bin/agentsview", ["sync"], {"AGENTSVIEW_NO_DAEMON": "1"}),
    ]
    found = [(name, binary(pattern), arguments, more) for name, pattern, arguments, more in peers]
    return first + [(name, [path, *arguments], more) for name, path, arguments, more in found if path] + again


def run(command, more, corpus):
    """Seconds that passed, seconds of the processor, and the most memory in bytes, of one run from nothing."""
    with tempfile.TemporaryDirectory(prefix="pitwall-bench-") as work:
        home = Path(work) / "home"
        home.mkdir()
        (home / ".claude").symlink_to(corpus)
        environment = {"PATH": os.environ["PATH"], "HOME": str(home), "CLAUDE_CONFIG_DIR": str(corpus), "TZ": "UTC"}
        environment |= more
        command = [part.replace("WORK", work).replace("CORPUS", str(corpus)) for part in command]
        if "AGAIN" in more:
            measure(command, environment)
        return measure(command, environment)


def measure(command, environment):
    began = time.monotonic()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command} ended with {process.returncode}")
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--peers", action="store_true")
    arguments = parser.parse_args()
    if arguments.peers:
        install()
    for corpus in arguments.corpora:
        corpus = corpus.resolve()
        files = list(corpus.glob("projects/**/*.jsonl"))
        size = sum(path.stat().st_size for path in files)
        print(f"\n{corpus.name}: {len(files)} files, {size / 1e6:.0f} MB; {arguments.runs} runs\n")
        print("| | s passed | s of processor | MB of memory |\n|---|---|---|---|")
        measured = {name: [] for name, _, _ in programs(arguments.peers)}
        for number in range(arguments.runs + 1):
            for name, command, more in programs(arguments.peers):
                result = run(command, more, corpus)
                if number > 0:
                    measured[name].append(result)
        for name, results in measured.items():
            passed, processor, memory = (statistics.median(column) for column in zip(*results))
            print(f"| {name} | {passed:.2f} | {processor:.2f} | {memory / 1e6:.0f} |")


if __name__ == "__main__":
    main()
