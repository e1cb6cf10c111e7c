#!/usr/bin/env python3
"""Makes the dictionary that small batches of evidence are compressed with.

    scripts/evidence_dictionary.py --pitwall target/release/pitwall OUT

A batch of a session that sends a record every few seconds is so small that it hardly repeats itself. What batches
have in common with each other is in a dictionary, which is part of the program (`crates/store/src/codec.rs`): the
names of fields, of models and tools, and how often each letter follows. It is made from the captures in
`fixtures/otlp`, taken in by a server. Whatever differs from one sender or moment to the next (ids, addresses, times,
figures) is replaced by random values of the same shape first, so that none of it is taken for typical.

A dictionary that ledgers were written with is never changed: another one gets another number, in its file's name and
in the format of what is written with it.

Needs Python's `duckdb` and `zstandard`, which are installed into .cache/dictionary.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CAPTURES = ROOT / "fixtures" / "otlp"
# The one in use, to read what is written with it.
DICTIONARY = ROOT / "crates" / "store" / "src" / "codec" / "evidence-2.dict"
ENVIRONMENT = ROOT / ".cache" / "dictionary"
HTTP = "127.0.0.1:25418"
# Larger ones save no more than they cost to look through.
BYTES = 8 << 10
# How many records a batch has, and how often one of so many is told.
SIZES = {1: 4, 2: 3, 3: 2, 5: 2, 9: 2, 20: 1}
WORDS = "alpha brook cedar delta ember fjord grove harbor inlet juniper kelp lumen maple north onyx pine quartz".split()


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--pitwall", type=Path, required=True, help="the program, built")
    arguments.add_argument("out", type=Path)
    arguments = arguments.parse_args()
    python = ENVIRONMENT / "bin" / "python"
    if not ENVIRONMENT.exists():
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        subprocess.run([str(ENVIRONMENT / "bin/pip"), "install", "--quiet", "duckdb", "zstandard"], check=True)
    if Path(sys.prefix) != ENVIRONMENT:
        os.execv(python, [str(python), *sys.argv])
    import zstandard

    dice = random.Random(1)
    samples = list(samples_of(payloads(arguments.pitwall), dice))
    dice.shuffle(samples)
    dictionary = zstandard.train_dictionary(BYTES, samples, level=3)
    arguments.out.write_bytes(dictionary.as_bytes())
    plain = zstandard.ZstdCompressor(level=3)
    primed = zstandard.ZstdCompressor(level=3, dict_data=dictionary)
    sizes = [sum(len(by.compress(sample)) for sample in samples) for by in (plain, primed)]
    print(f"{len(samples)} batches: {sizes[0]} bytes without it, {sizes[1]} with it")


def payloads(pitwall):
    """What a server keeps of all captures."""
    import duckdb
    import zstandard

    with tempfile.TemporaryDirectory(prefix="pitwall-dictionary-") as data:
        addresses = ["--http", HTTP, "--grpc", "127.0.0.1:25417"]
        command = [pitwall, "serve", "--no-transcripts", "--data", data, *addresses]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for meta in sorted(CAPTURES.rglob("*.meta.json")):
                send(meta)
        finally:
            server.terminate()
            server.wait(timeout=60)
        ledger = duckdb.connect(f"{data}/ledger.duckdb", read_only=True)
        rows = ledger.execute("SELECT payload FROM evidence ORDER BY session, source, posted_at").fetchall()
    plain = zstandard.ZstdDecompressor()
    primed = zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(DICTIONARY.read_bytes()))
    for (payload,) in rows:
        if payload[0] == 1:
            yield json.loads(plain.decompress(payload[1:]))
        elif payload[0] == 2:
            # What follows the frame are the keys.
            yield json.loads(primed.decompress(payload[1:]))
        else:
            raise SystemExit(f"evidence of format {payload[0]}, which this script does not know")


def send(meta):
    """One captured export, to the path of its signal."""
    name = meta.name.removesuffix(".meta.json")
    body = next(file for ending in (".pb", ".json") if (file := meta.with_name(name + ending)).exists())
    kind = "application/json" if body.suffix == ".json" else "application/x-protobuf"
    address = f"http://{HTTP}/v1/{name.rsplit('-', 1)[1]}"
    request = urllib.request.Request(address, body.read_bytes(), {"Content-Type": kind})
    for _ in range(100):
        try:
            urllib.request.urlopen(request, timeout=10).read()
            return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"cannot send {body}")


def samples_of(payloads, dice):
    """Batches of a few records each, as sessions send them."""
    for payload in payloads:
        for size, times in SIZES.items():
            for first in range(0, len(payload["records"]), size):
                records = payload["records"][first : first + size]
                for _ in range(times):
                    yield disguised(batch_of(payload["contexts"], records), dice).encode()


def batch_of(contexts, records):
    used = sorted({record["context"] for record in records})
    records = [{**record, "context": used.index(record["context"])} for record in records]
    # Keys are written apart.
    for record in records:
        record.pop("key", None)
    batch = {"contexts": [contexts[place] for place in used], "records": records}
    return json.dumps(batch, separators=(",", ":"), ensure_ascii=False)


def disguised(batch, dice):
    """The batch with other ids, addresses, times and figures, each the same wherever it stands."""
    known = {}

    def other(make):
        return lambda found: known.setdefault(found.group(), make(found))

    def digits(count):
        return str(dice.randrange(10 ** (count - 1), 10**count))

    def hexadecimal(count):
        return f"{dice.getrandbits(4 * count):0{count}x}"

    def letters(count):
        return "".join(dice.choices("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789", k=count))

    def uuid(_):
        return "-".join(hexadecimal(count) for count in (8, 4, 4, 4, 12))

    def named(found):
        return f'"{found[1]}":"{dice.choice(WORDS)}/{dice.choice(WORDS)}-{dice.randrange(100)}"'

    names = "project|repository|branch|team|login|file|ingest_key"
    for pattern, make in [
        (rf'"({names})":"[^"]*"', named),
        (r"[\w.+-]+@[\w.-]+", lambda _: f"{dice.choice(WORDS)}.{dice.choice(WORDS)}@{dice.choice(WORDS)}.example"),
        (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", uuid),
        (r'(?<=")[0-9a-f]{16,}(?=")', lambda found: hexadecimal(len(found.group()))),
        (r"\b(req|msg|toolu)_[A-Za-z0-9]+", lambda found: f"{found[1]}_01{letters(22)}"),
        (r"(?<=[:,\[])-?\d{17,19}(?=[,}\]])", lambda _: str(dice.randrange(-(2**63), 2**63))),
        (r"(?<=[:,\[])1[78]\d{14}(?=[,}\]])", lambda _: str(dice.randrange(1_760_000_000_000_000, 1_860_000_000_000_000))),
        (r"(?<=[:,\[])\d{2,12}(?=[.,}\]])", lambda found: digits(len(found.group()))),
        (r"(?<=\d\.)\d{2,}(?=[,}\]])", lambda found: digits(len(found.group()))),
    ]:
        batch = re.sub(pattern, other(make), batch)
    return batch


if __name__ == "__main__":
    main()
