package directory

import "strings"

// ReturnLocal is the local part of the reverse-paths of copies apart (retour+TAG@): what
// comes back there is about one copy, and reaches no mailbox of that name.
const ReturnLocal = "retour"

// Reserved reports the local parts that belong to a role or a service and are
// never issued to a person: the mailboxes of RFC 2142, the administrative boxes of
// an académie, and the names a swindler would like. Lower case is expected.
// ce.* is the family of the establishments' boxes (ce.0759001B), and what ends in a UAI that of
// computed groups (parents.4e3.0759001b).
func Reserved(local string) bool {
	if strings.HasPrefix(local, "ce.") || IsGroupLocal(local) {
		return true
	}
	switch local {
	case "abuse", "hostmaster", "postmaster", "webmaster", "noc", "security", // RFC 2142
		"ftp", "news", "usenet", "uucp", "www", "info", "marketing", "sales", "support",
		ReturnLocal, "noreply", "no-reply", "nepasrepondre", "ne-pas-repondre", "mailer-daemon", "bounce", "bounces",
		"root", "admin", "administrateur", "administrator", "system", "daemon", "nobody",
		"ce", "dsi", "assistance", "guichet", "support-dsi", "dpd", "dpo", "rssi", "cert",
		"recteur", "rectorat", "cabinet", "communication", "secretariat", "drh", "paye",
		"informalire", "inform-lire", "lettre", "iprof", "mouvement", "elections",
		"autoconfig", "autodiscover", "mta-sts", "tls-rpt", "dmarc", "demo", "test":
		return true
	}
	return false
}
