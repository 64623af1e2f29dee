#!/bin/sh
# Peer: Dovecot (LMTP + IMAP) on loopback, one storage format per instance.
#   dovecot.sh FORMAT setup [USERS] | start | stop | pid
# FORMAT: maildir (LMTP 10124, IMAP 10143), sdbox (10224, 10243), mdbox (10324, 10343)
# Debian packages: dovecot-imapd dovecot-lmtpd (test/install --with bench); the
# instance is our own, below $PEERS, and the system's is not touched.
# Durability: mail_fsync = always (LMTP answers 250 after fsync of file and
# index log). FSYNC=optimized in the environment selects Dovecot's own default.
set -eu
F=$1; CMD=$2; USERS=${3:-25000}
BASE=${PEERS:-${TMPDIR:-/tmp}/navette-bench}/run/dovecot-$F
case $F in maildir) N=1;; sdbox) N=2;; mdbox) N=3;; *) echo "bad format" >&2; exit 2;; esac
case $F in
maildir) LOC="maildir:$BASE/mail/%2.26Hn/%n";;
*)       LOC="$F:$BASE/mail/%2.26Hn/%n";;
esac
case $CMD in
setup)
	[ -e /usr/lib/dovecot/lmtp ] && [ -e /usr/lib/dovecot/imap ] ||
		{ echo "dovecot.sh: Dovecot is missing: run test/install --with bench as root" >&2; exit 1; }
	rm -rf "$BASE"; mkdir -p "$BASE/mail" "$BASE/state"
	chown 8:8 "$BASE/mail" # mail:mail
	seq -f 'user%05.0f@load.test:{PLAIN}secret::::::' 1 "$USERS" > "$BASE/users"
	cat > "$BASE/dovecot.conf" <<CONF
base_dir = $BASE/base
state_dir = $BASE/state
instance_name = load-$F
log_path = $BASE/log
protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_cache_size = 16M
passdb {
  driver = passwd-file
  args = scheme=PLAIN username_format=%u $BASE/users
}
userdb {
  driver = static
  args = uid=8 gid=8 home=$BASE/mail/%2.26Hn/%n-home
}
first_valid_uid = 8
first_valid_gid = 8
mail_location = $LOC
mail_fsync = ${FSYNC:-always}
mail_max_userip_connections = 200
mail_attachment_dir =
mdbox_rotate_size = 10M
lmtp_save_to_detail_mailbox = no
default_vsz_limit = 1G
service imap-login {
  service_count = 0
  process_min_avail = 2
  client_limit = 4000
  inet_listener imap {
    port = 10${N}43
  }
  inet_listener imaps {
    port = 0
  }
}
service imap {
  process_limit = 4096
  service_count = 100
}
service lmtp {
  process_limit = 80
  process_min_avail = 2
  inet_listener lmtp {
    address = 127.0.0.1
    port = 10${N}24
  }
}
service auth {
  client_limit = 16000
  unix_listener $BASE/auth-client {
    mode = 0666
  }
}
service anvil {
  client_limit = 16000
}
service stats {
  client_limit = 16000
}
protocol lmtp {
  mail_plugins =
}
CONF
	;;
start) ulimit -n "$(ulimit -Hn)"; dovecot -c "$BASE/dovecot.conf"; sleep 0.5; cat "$BASE/base/master.pid";;
stop) dovecot -c "$BASE/dovecot.conf" stop;;
pid) cat "$BASE/base/master.pid";;
esac
