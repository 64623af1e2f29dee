#!/usr/bin/env python3
"""Medians of the results of bench.sh: table.py FILE.jsonl..."""

import json
import re
import statistics
import sys

FIGURES = (
    "accept_per_s accept_s delivered_per_s last_watched_s append_per_s sessions_per_s mb_per_s connects_per_s "
    "rss_kb_per_connection pss_kb_per_connection rss_mb processes missed server_cpu_s disk_flushes disk_mb_written "
    "data_growth_mb data_growth_files accepted errors"
).split()
LATENCIES = "eod_to_250 exists_after_250 exists_after_eod command".split()


def read(path):
    """The runs of a file by label; the warm runs of one part share a label."""
    runs = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            run = json.loads(line)
            runs.setdefault(re.sub(r"warm\d+$", "warm", run["label"]), []).append(run)
    return runs


def median(runs, *keys):
    """The median of a figure, found by its path of keys; None when no run has it."""
    values = []
    for run in runs:
        for key in keys:
            run = run.get(key) if isinstance(run, dict) else None
        if isinstance(run, (int, float)):
            values.append(run)
    return round(statistics.median(values), 3) if values else None


def faults(runs, key):
    """How many messages all runs lost, or doubled."""
    return sum(run.get("verify", {}).get(key, 0) for run in runs)


def line(label, runs):
    cells = [f"runs={len(runs)}"]
    cells += [f"{f}={v}" for f in FIGURES if (v := median(runs, f)) is not None]
    paths = [(f,) for f in LATENCIES] + [("ops", f) for f in runs[0].get("ops", {})]
    for path in paths:
        if (p50 := median(runs, *path, "p50_ms")) is not None:
            cells.append(f"{path[-1]}={p50}/{median(runs, *path, 'p99_ms')}")
    cells += [f"lost={faults(runs, 'lost')}", f"dup={faults(runs, 'duplicate')}"]
    return label + " " + " ".join(cells)


def main():
    for path in sys.argv[1:]:
        print("##", path.rsplit("/", 1)[-1])
        for label, runs in read(path).items():
            print(line(label, runs))


if __name__ == "__main__":
    main()
