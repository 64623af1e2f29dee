package check_test

import (
	"fmt"
	"testing"

	"navette/internal/check"
	"navette/internal/mail"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
)

// BenchmarkVerify looks at 5,000 accounts with two letters each and 500 mails.
func BenchmarkVerify(b *testing.B) {
	h := house.New(b, stores.SQLite(b))
	ids := h.Accounts(b, 5000)
	h.Delivery.Start(b.Context())
	defer h.Delivery.Stop()
	for i := range 2 {
		if err := h.Placed(b.Context(), h.Deliver(b, fmt.Appendf(nil, "Subject: %d\r\n\r\n", i), ids...)); err != nil {
			b.Fatal(err)
		}
	}
	for i := range 500 {
		h.Deliver(b, fmt.Appendf(nil, "Subject: %d\r\n\r\n", i), ids[i])
	}
	c := &check.Checker{DB: h.DB, Blobs: h.Blobs, Contents: h.Contents, Limits: mail.DefaultLimits()}
	for b.Loop() {
		if r, err := c.Verify(b.Context(), check.Options{}); err != nil || !r.Clean() {
			b.Fatal(err, r.Findings)
		}
	}
	b.ReportMetric(float64(len(ids))*float64(b.N)/b.Elapsed().Seconds(), "accounts/s")
}
