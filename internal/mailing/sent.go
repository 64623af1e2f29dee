package mailing

import (
	"context"
	"fmt"
	"time"

	"navette/internal/store"
)

// Sent is a message that somebody sent lately, and can take back.
type Sent struct {
	Delivery int64 // to Recall
	Subject  string
	At       time.Time
	Here     int64 // mailboxes that got it here
	Outside  int64 // copies that went or go outside
}

// sentMost is how many deliveries are looked at for what somebody sent: the newest. A message to lists is several.
const sentMost = 200

// Sent gives the messages that an account sent within RecallWithin, by whichever program, the newest first. Copies apart
// are counted with the others: that some are is not told here, for some are so in silence.
func (s *Service) Sent(ctx context.Context, account int64) (list []Sent, err error) {
	err = s.cfg.DB.Read(ctx, func(tx *store.Tx) error {
		var messages []int64
		if list, messages, err = sentBy(ctx, tx, account, s.cfg.Now().Add(-RecallWithin)); err != nil {
			return err
		}
		loaded, err := s.cfg.Contents.Load(ctx, tx, messages, true, false)
		if err != nil {
			return err
		}
		for i, id := range messages {
			if m, there := loaded[id]; there {
				facts, err := m.Facts()
				if err != nil {
					return err
				}
				list[i].Subject = oneLine(facts.SubjectText)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what account %d sent: %w", account, err)
	}
	return list, nil
}

// sentBy gives what an account sent since an instant, and a message of each. The deliveries of one message share its
// content and the instant at which they were accepted; the first of them names it. Those of copies apart are counted by their mailing.
func sentBy(ctx context.Context, tx *store.Tx, account int64, since time.Time) (list []Sent, messages []int64, err error) {
	rows, err := tx.Query(ctx, `SELECT d.delivery_id, d.message_id, d.accepted_at, COALESCE(m.content_id, 0),
			d.recipients + COALESCE((SELECT count(*) FROM mailing_copy c WHERE c.mailing_id = g.mailing_id AND c.target <> 0), 0),
			(SELECT count(*) FROM outbound o WHERE o.message_id = d.message_id)
				+ COALESCE((SELECT count(*) FROM mailing_copy c WHERE c.mailing_id = g.mailing_id AND c.target = 0 AND c.state <> 4), 0)
		FROM delivery d LEFT JOIN mailing g ON g.mailing_id = d.delivery_id LEFT JOIN message m ON m.message_id = d.message_id
		WHERE d.sender = $1 AND d.sender <> 0 AND d.accepted_at > $2
		AND NOT EXISTS (SELECT 1 FROM mailing h WHERE h.author = $1 AND d.delivery_id >= h.first_delivery AND d.delivery_id < h.first_delivery + h.seqs)
		ORDER BY d.delivery_id DESC LIMIT $3`, account, since.UnixMicro(), sentMost)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	list = []Sent{}
	var before int64 // content of the delivery before
	for rows.Next() {
		var one Sent
		var message, at, content int64
		if err := rows.Scan(&one.Delivery, &message, &at, &content, &one.Here, &one.Outside); err != nil {
			return nil, nil, err
		}
		one.At = time.UnixMicro(at).UTC()
		if last := len(list) - 1; last >= 0 && content == before && list[last].At.Equal(one.At) {
			one.Here, one.Outside = one.Here+list[last].Here, one.Outside+list[last].Outside
			list, messages = list[:last], messages[:last]
		}
		list, messages, before = append(list, one), append(messages, message), content
	}
	return list, messages, rows.Err()
}
