#!/usr/bin/env python3
"""Navette beside its peer, figure by figure, with the target of DESIGN §7:

    ratios.py NAVETTE.jsonl PEER.jsonl

A ratio above 1 is in Navette's favour. Targets against Cyrus need Cyrus and are not shown; what a run did not measure
is left out. Prints a Markdown table, and exits with 1 when a message was lost or doubled.
"""

import sys

import table


def figure(*keys):
    return lambda runs: table.median(runs, *keys)


def per_message(key):
    return lambda runs: over(table.median(runs, key), table.median(runs, "accepted"))


def tail(key):
    return lambda runs: over(table.median(runs, key, "p99_ms"), table.median(runs, key, "p50_ms"))


def over(a, b):
    return None if a is None or not b else round(a / b, 3)


def slope(runs_of):
    """Bytes an extra recipient: the difference of two kinds of letters to mailboxes that hold mail."""
    growth = [table.median(runs_of.get(label, []), "data_growth_mb") for label in ("slope-1k", "slope-11k")]
    return None if None in growth else round((growth[1] - growth[0]) * 1e6 / 10_000)


def disturbed(runs_of):
    """How many times longer another client's STORE takes (p99) while a letter is placed."""
    alone, letter = (table.median(runs_of.get(label, []), "ops", "store", "p99_ms") for label in ("store-alone", "store-letter"))
    return over(letter, alone)


# label, what it is, figure, "more" or "less" is better, target
ROWS = [
    ("ingest-c1", "ingest C=1, msg/s", figure("delivered_per_s"), "more", ""),
    ("ingest-c16", "ingest C=16, msg/s", figure("delivered_per_s"), "more", ""),
    ("ingest-c64", "ingest C=64, msg/s", figure("delivered_per_s"), "more", "≥ 3 × Dovecot"),
    ("ingest-c64", "ingest C=64, p99 / p50", tail("eod_to_250"), "less", "≤ 3"),
    ("ingest-c64", "ingest C=64, flushes a message", per_message("disk_flushes"), "less", "< 0.3"),
    ("ingest-c16", "ingest C=16, server CPU s a message", per_message("server_cpu_s"), "less", ""),
    ("fan1k-warm", "letter to 1,000, s until visible", figure("last_watched_s"), "less", ""),
    ("fan25k-warm", "letter to 25,000, s until visible", figure("last_watched_s"), "less", "≤ 1 s"),
    ("fan25k-warm", "letter to 25,000, flushes", figure("disk_flushes"), "less", "< 100"),
    ("append-single", "APPEND, msg/s", figure("append_per_s"), "more", ""),
    ("append-multi20", "MULTIAPPEND by 20, msg/s", figure("append_per_s"), "more", ""),
    ("sync-warm", "IMAP sessions/s, 16 clients", figure("sessions_per_s"), "more", ""),
    ("sync-nosearch", "IMAP sessions/s without SEARCH", figure("sessions_per_s"), "more", "≥ 2 × Dovecot"),
    ("sync-warm", "SEARCH TEXT p50, ms", figure("ops", "search_text", "p50_ms"), "less", "≤ 100 ms"),
    ("sync-warm", "STORE p99, ms", figure("ops", "store", "p99_ms"), "less", ""),
    ("idle-1000-memory", "idle connection, kB (PSS)", figure("pss_kb_per_connection"), "less", "≤ 40 kB"),
    ("idle-100-latency", "EXISTS after end of data p99, ms", figure("exists_after_eod", "p99_ms"), "less", "≤ 20 ms"),
    ("submit-c16", "submission C=16, msg/s", figure("accept_per_s"), "more", ""),
]


def ratio(ours, theirs, better):
    if better == "less":
        ours, theirs = theirs, ours
    return f"{ours / theirs:.2f}" if ours is not None and theirs else ""


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    ours, theirs = (table.read(path) for path in sys.argv[1:])
    print("| work | Navette | peer | ratio | target |\n|---|---|---|---|---|")
    rows = [(name, get(ours.get(label, [])), get(theirs.get(label, [])), better, target)
            for label, name, get, better, target in ROWS]
    rows.append(("STORE p99 during a letter to 25,000 / alone", disturbed(ours), disturbed(theirs), "less", "≤ 5"))
    rows.append(("disk an extra recipient, bytes", slope(ours), slope(theirs), "less", "≤ 300 B"))
    for name, a, b, better, target in rows:
        if a is not None or b is not None:
            cells = ["" if v is None else v for v in (a, b)]
            print(f"| {name} | {cells[0]} | {cells[1]} | {ratio(a, b, better)} | {target} |")
    broken = False
    for name, runs_of in (("Navette", ours), ("peer", theirs)):
        for label, runs in runs_of.items():
            lost, doubled = table.faults(runs, "lost"), table.faults(runs, "duplicate")
            errors = sum(run.get("errors", 0) for run in runs)
            if lost or doubled or errors or any("error" in run for run in runs):
                print(f"\n{name} {label}: lost {lost}, doubled {doubled}, errors {errors}")
                broken = broken or name == "Navette" and (lost or doubled)
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
