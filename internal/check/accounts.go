package check

import (
	"context"

	"navette/internal/store"
)

// accountPage is how many accounts one snapshot looks at.
const accountPage = 100

func (r *run) accounts(ctx context.Context) error {
	return r.pages(ctx, "account_state", "account_id", accountPage, &r.report.Accounts, func(tx *store.Tx, after, last int64) error {
		if err := r.mailboxes(ctx, tx, after, last); err != nil {
			return err
		}
		return r.apply(ctx, tx, accountRules, after, last)
	})
}

// The bits of placement.flags that the queries below name: 1 \Seen, 16 \Deleted, 1024 HasKeywords.

// counted is what the placements of each mailbox add up to.
const counted = `SELECT p.account_id, p.mailbox_id, count(*) AS messages,
		count(*) FILTER (WHERE p.flags & 1 = 0) AS unseen, count(*) FILTER (WHERE p.flags & 16 <> 0) AS deleted,
		CAST(sum(m.size) AS BIGINT) AS size, max(p.uid) AS uid, max(p.modseq) AS modseq
	FROM placement p
	LEFT JOIN email e ON e.account_id = p.account_id AND e.email_id = p.email_id
	LEFT JOIN message m ON m.message_id = e.message_id
	WHERE p.account_id > $1 AND p.account_id <= $2 GROUP BY p.account_id, p.mailbox_id`

func (r *run) mailboxes(ctx context.Context, tx *store.Tx, after, last int64) error {
	rows, err := tx.Query(ctx, `SELECT s.account_id, s.mailbox_id, s.messages, COALESCE(c.messages, 0), s.unseen, COALESCE(c.unseen, 0),
			s.deleted, COALESCE(c.deleted, 0), s.size, COALESCE(c.size, 0), s.uidnext, COALESCE(c.uid, 0), s.modseq, COALESCE(c.modseq, 0), a.modseq
		FROM mailbox_state s JOIN account_state a ON a.account_id = s.account_id
		LEFT JOIN (`+counted+`) AS c ON c.account_id = s.account_id AND c.mailbox_id = s.mailbox_id
		WHERE s.account_id > $1 AND s.account_id <= $2`, after, last)
	if err != nil {
		return err
	}
	return eachRow(rows, func(v []int64) {
		at := Finding{Account: v[0], Mailbox: v[1]}
		if v[2] != v[3] || v[4] != v[5] || v[6] != v[7] || v[8] != v[9] {
			at.Kind = MailboxCounters
			r.found(at, "messages %d, unseen %d, deleted %d, size %d; its placements add up to %d, %d, %d, %d", v[2], v[4], v[6], v[8], v[3], v[5], v[7], v[9])
		}
		if v[10] <= v[11] || v[10] > 1<<32 {
			at.Kind = MailboxUID
			r.found(at, "UIDNEXT is %d, and UID %d is given", v[10], v[11])
		}
		if v[12] < v[13] || v[12] > v[14] {
			at.Kind = MailboxModseq
			r.found(at, "modseq is %d; a placement has %d, the account %d", v[12], v[13], v[14])
		}
	})
}

func accountOnly(f *Finding, row []int64) { f.Account = row[0] }

func accountAndMailbox(f *Finding, row []int64) { f.Account, f.Mailbox = row[0], row[1] }

func accountAndEmail(f *Finding, row []int64) { f.Account, f.Email = row[0], row[1] }

func placementIDs(f *Finding, row []int64) {
	f.Account, f.Mailbox, f.UID, f.Email = row[0], row[1], row[2], row[3]
}

var accountRules = []rule{
	{AccountSpace, `SELECT s.account_id, s.used_bytes, COALESCE(u.used, 0) FROM account_state s LEFT JOIN (
			SELECT e.account_id, CAST(sum(m.size) AS BIGINT) AS used FROM email e JOIN message m ON m.message_id = e.message_id
			WHERE e.account_id > $1 AND e.account_id <= $2
			AND EXISTS (SELECT 1 FROM placement p WHERE p.account_id = e.account_id AND p.email_id = e.email_id)
			GROUP BY e.account_id) AS u ON u.account_id = s.account_id
		WHERE s.account_id > $1 AND s.account_id <= $2 AND s.used_bytes <> COALESCE(u.used, 0)`,
		accountOnly, "%[2]d octets used, its emails add up to %[3]d"},
	{AccountBounds, `SELECT s.account_id, s.next_email_id, COALESCE(e.top, 0), s.next_mailbox_id, COALESCE(b.top, 0) FROM account_state s
		LEFT JOIN (SELECT account_id, max(email_id) AS top FROM email WHERE account_id > $1 AND account_id <= $2 GROUP BY account_id) AS e
			ON e.account_id = s.account_id
		LEFT JOIN (SELECT account_id, max(mailbox_id) AS top FROM mailbox WHERE account_id > $1 AND account_id <= $2 GROUP BY account_id) AS b
			ON b.account_id = s.account_id
		WHERE s.account_id > $1 AND s.account_id <= $2 AND (s.next_email_id <= COALESCE(e.top, 0) OR s.next_mailbox_id <= COALESCE(b.top, 0))`,
		accountOnly, "the next email would be %[2]d, and %[3]d is given; the next mailbox %[4]d, and %[5]d is given"},
	{ChangeLog, `SELECT s.account_id, s.modseq, c.first, c.last, c.n FROM account_state s JOIN (
			SELECT account_id, min(modseq) AS first, max(modseq) AS last, count(*) AS n FROM change
			WHERE account_id > $1 AND account_id <= $2 GROUP BY account_id) AS c ON c.account_id = s.account_id
		WHERE c.last <> s.modseq OR c.n <> c.last - c.first + 1`,
		accountOnly, "the account is at modseq %[2]d; its log has %[5]d changes from %[3]d to %[4]d"},
	{ChangeLog, `SELECT s.account_id, m.purge_floor, COALESCE(c.first, s.modseq + 1) FROM account_state s
		JOIN mailbox m ON m.account_id = s.account_id AND m.mailbox_id = 1
		LEFT JOIN (SELECT account_id, min(modseq) AS first FROM change WHERE account_id > $1 AND account_id <= $2 GROUP BY account_id) AS c
			ON c.account_id = s.account_id
		WHERE s.account_id > $1 AND s.account_id <= $2 AND COALESCE(c.first, s.modseq + 1) > m.purge_floor + 1`,
		accountOnly, "it is said to reach back to modseq %[2]d, and begins at %[3]d"},
	{MailboxHalf, `SELECT m.account_id, m.mailbox_id FROM mailbox m WHERE m.account_id > $1 AND m.account_id <= $2
			AND NOT EXISTS (SELECT 1 FROM mailbox_state s WHERE s.account_id = m.account_id AND s.mailbox_id = m.mailbox_id)
		UNION ALL SELECT s.account_id, s.mailbox_id FROM mailbox_state s WHERE s.account_id > $1 AND s.account_id <= $2
			AND NOT EXISTS (SELECT 1 FROM mailbox m WHERE s.account_id = m.account_id AND s.mailbox_id = m.mailbox_id)
		UNION ALL SELECT a.account_id, 1 FROM account_state a WHERE a.account_id > $1 AND a.account_id <= $2
			AND NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.account_id = a.account_id AND m.mailbox_id = 1)`,
		accountAndMailbox, "its name or its counters are missing"},
	{PlacementEmail, `SELECT p.account_id, p.mailbox_id, p.uid, p.email_id FROM placement p WHERE p.account_id > $1 AND p.account_id <= $2
		AND NOT EXISTS (SELECT 1 FROM email e WHERE e.account_id = p.account_id AND e.email_id = p.email_id)`,
		placementIDs, "the email is not there"},
	{PlacementMailbox, `SELECT p.account_id, p.mailbox_id, p.uid, p.email_id FROM placement p WHERE p.account_id > $1 AND p.account_id <= $2
		AND NOT EXISTS (SELECT 1 FROM mailbox m WHERE m.account_id = p.account_id AND m.mailbox_id = p.mailbox_id)`,
		placementIDs, "the mailbox is not there"},
	{PlacementFlags, `SELECT p.account_id, p.mailbox_id, p.uid, p.email_id, p.flags, e.flags FROM placement p
		JOIN email e ON e.account_id = p.account_id AND e.email_id = p.email_id
		WHERE p.account_id > $1 AND p.account_id <= $2 AND p.flags <> e.flags | (p.flags & 16)`,
		placementIDs, "its flags are %[5]d, its email's %[6]d"},
	{EmailMessage, `SELECT e.account_id, e.email_id, e.message_id FROM email e WHERE e.account_id > $1 AND e.account_id <= $2
		AND NOT EXISTS (SELECT 1 FROM message m WHERE m.message_id = e.message_id)`,
		func(f *Finding, row []int64) { accountAndEmail(f, row); f.Message = row[2] }, "the message is not there"},
	{EmailKeywords, `SELECT e.account_id, e.email_id, e.flags FROM email e WHERE e.account_id > $1 AND e.account_id <= $2
		AND (e.flags & 1024 <> 0) <> (e.keywords <> '')`,
		accountAndEmail, "its flags %[3]d and its keywords disagree on whether it has any"},
	{EmailThread, `SELECT e.account_id, e.email_id, e.thread_id FROM email e JOIN account_state s ON s.account_id = e.account_id
		WHERE e.account_id > $1 AND e.account_id <= $2 AND (e.thread_id < 1 OR e.thread_id >= s.next_email_id)`,
		accountAndEmail, "thread %[3]d was never given"},
}
