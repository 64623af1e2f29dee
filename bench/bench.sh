#!/bin/sh
# Runs the standard measurements against one server and appends JSON lines to
# $OUT. A server is known by environment variables only:
#
#   NAME SMTP LMTP(=--lmtp or empty) SUBMIT IMAP PID DATA [PATTERN or ACCOUNTS] [EXTRA]
#   ML (the load tool) OUT DISK (block device, for flushes) REPEAT
#
# usage: bench.sh PART...   PART: fan1k fan25k letter slope ingest fill sync idle submit
set -eu
: "${ML:?path of mailload}" "${OUT:?file for the results}"
PATTERN=${PATTERN:-user%05d@load.test}
LMTP=${LMTP:-}; EXTRA=${EXTRA:-}; REPEAT=${REPEAT:-3}; DISK=${DISK:-}
run() { # run LABEL MODE FLAG...
	label=$1; mode=$2; shift 2
	# $LMTP and $EXTRA are lists of flags: they are split on purpose.
	"$ML" "$mode" --label "$label" --imap "$IMAP" --pattern "$PATTERN" ${ACCOUNTS:+--accounts "$ACCOUNTS"} \
		--pid "$PID" --disk "$DISK" $EXTRA "$@" >> "$OUT" || true
	tail -n 1 "$OUT" | cut -c1-"${CUT:-240}"
}
ingest() { # ingest LABEL CONNECTIONS MESSAGES SEED
	run "$1" smtp-ingest --smtp "$SMTP" $LMTP --data-dir "$DATA" --verify "${VERIFY:--1}" -c "$2" -n "$3" --seed "$4"
}
fanout() { # fanout LABEL RECIPIENTS FLAG...
	label=$1; users=$2; shift 2
	run "$label" smtp-fanout --smtp "$SMTP" $LMTP --data-dir "$DATA" --users "$users" --size 33000 "$@"
}
stores() { # stores LABEL: one client that changes flags, one after the other
	run "$1" imap-sync --first "${BIG:-1001}" --users 1 -c 1 --rounds 1 --bodies 0 --search '' --stores 200
}
for part in "$@"; do case $part in
fan1k) # one 50 kB letter to 1,000: first time (it may make mailboxes), then warm
	for i in cold $(seq -f 'warm%.0f' 1 "$REPEAT"); do
		fanout "fan1k-$i" 1000 -c 1 --verify 200
	done;;
fan25k) # one 50 kB letter to 25,000, in as few transactions as the server takes (FANBATCH)
	for i in cold $(seq -f 'warm%.0f' 1 "$REPEAT"); do
		fanout "fan25k-$i" 25000 -c "${FANCONNS:-4}" --batch "${FANBATCH:-1000}" --verify "${FANVERIFY:--1}" --settle 400s --timeout 400s --watch 200
	done;;
letter) # what another client's STORE notices of a letter to 25,000 (after fill)
	stores store-alone
	fanout letter 25000 -c "${FANCONNS:-4}" --batch "${FANBATCH:-1000}" --verify 0 --settle 400s --timeout 400s --watch 50 &
	letter=$!
	while kill -0 "$letter" 2>/dev/null; do stores store-letter; done
	wait "$letter";;
slope) # ten letters to 1,000 and ten to 11,000: the difference is the price of a recipient on disk
	for i in $(seq 1 10); do fanout slope-1k 1000 -c 1 --verify 0; done
	for i in $(seq 1 10); do fanout slope-11k 11000 -c 1 --batch "${FANBATCH:-1000}" --verify 0; done;;
ingest)
	for i in $(seq 1 "$REPEAT"); do
		ingest ingest-c1 1 "${N1:-500}" "$i"
		ingest ingest-c16 16 "${N:-2000}" "1$i"
		ingest ingest-c64 64 "${N:-2000}" "2$i"
	done;;
fill) # four mailboxes of 1,000 messages, by single and by multiple APPEND
	run append-single append --data-dir "$DATA" --first "${BIG:-1001}" --users 4 -c 4 -n "${NFILL:-2000}" --mix plain=60,html=37,pdf=3
	run append-multi20 append --data-dir "$DATA" --first "${BIG:-1001}" --users 4 -c 4 -n "${NFILL:-2000}" --multi 20 --mix plain=60,html=37,pdf=3 --seed 9;;
sync)
	run sync-first imap-sync --first "${BIG:-1001}" --users 4 -c 16 --rounds 1
	for i in $(seq 1 "$REPEAT"); do
		run sync-warm imap-sync --first "${BIG:-1001}" --users 4 -c 16 --rounds "${ROUNDS:-2}" --seed "$i"
		run sync-nosearch imap-sync --first "${BIG:-1001}" --users 4 -c 16 --rounds 3 --search ''
	done;;
idle)
	# 1,000 for memory; 100 for latency, because Dovecot needs one inotify
	# instance a connection and Linux allows 128 a user by default.
	run idle-1000-memory imap-idle --smtp "$SMTP" $LMTP --users 1000 --idle 1000 -n "${NIDLE:-1}" --mix plain=1 --gap 0s
	run idle-100-latency imap-idle --smtp "$SMTP" $LMTP --users 100 --idle 100 -n "${NLAT:-100}" --mix plain=1 --gap 0s --wait 5s;;
submit)
	for i in $(seq 1 "$REPEAT"); do
		run submit-c16 smtp-submit --smtp "$SUBMIT" -c 16 -n "${N:-2000}" --seed "3$i"
	done;;
*)
	echo "bench.sh: no part called $part" >&2
	exit 2;;
esac; done
