package check

import (
	"context"

	"navette/internal/store"
)

const deliveryPage = 100

// deliveries compares each delivery with the emails that it made. A recipient row makes one email of the message in
// its account; that email is there until it was removed and its retention is over.
func (r *run) deliveries(ctx context.Context) error {
	kept := r.DB.Now().Add(-r.Retention).UnixMicro()
	return r.pages(ctx, "delivery", "delivery_id", deliveryPage, &r.report.Deliveries, func(tx *store.Tx, after, last int64) error {
		if err := r.apply(ctx, tx, deliveryRules, after, last); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, `SELECT d.delivery_id, d.message_id, d.accepted_at, r.account_id, r.placed, r.waiting,
				(SELECT count(*) FROM email e WHERE e.message_id = d.message_id AND e.account_id = r.account_id)
			FROM delivery d JOIN (
				SELECT delivery_id, account_id, CAST(sum(placed) AS BIGINT) AS placed, count(*) FILTER (WHERE placed = 0) AS waiting
				FROM delivery_recipient WHERE delivery_id > $1 AND delivery_id <= $2 GROUP BY delivery_id, account_id
			) AS r ON r.delivery_id = d.delivery_id
			WHERE d.delivery_id > $1 AND d.delivery_id <= $2`, after, last)
		if err != nil {
			return err
		}
		return eachRow(rows, func(v []int64) {
			at := Finding{Delivery: v[0], Message: v[1], Account: v[3]}
			placed, emails := v[4], v[6]
			switch {
			case emails > placed:
				at.Kind = DeliveryTwice
				r.found(at, "%d recipients are placed, and there are %d emails of the message", placed, emails)
			case emails < placed && v[2] >= kept:
				at.Kind = DeliveryLost
				r.found(at, "%d recipients are placed, and there are %d emails of the message", placed, emails)
			}
		})
	})
}

var deliveryRules = []rule{
	{DeliveryMessage, `SELECT d.delivery_id, d.message_id FROM delivery d WHERE d.delivery_id > $1 AND d.delivery_id <= $2 AND d.state IN (0, 2)
		AND NOT EXISTS (SELECT 1 FROM message m WHERE m.message_id = d.message_id)`,
		func(f *Finding, row []int64) { f.Delivery, f.Message = row[0], row[1] }, "it is open, and its message is not there"},
	{DeliveryUnfinished, `SELECT d.delivery_id, count(*) FROM delivery d JOIN delivery_recipient r ON r.delivery_id = d.delivery_id
		WHERE d.delivery_id > $1 AND d.delivery_id <= $2 AND d.state = 1 AND r.placed = 0 GROUP BY d.delivery_id`,
		func(f *Finding, row []int64) { f.Delivery = row[0] }, "it is done, and %[2]d recipients wait"},
}
