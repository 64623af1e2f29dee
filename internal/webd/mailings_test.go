package webd_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"navette/internal/store"
	"navette/internal/testkit/agents"
	"navette/internal/webd"
)

// What went out in separate copies is seen with what became of them, and taken back, by its sender alone.
func TestAMailingIsSeenAndTakenBackInThePages(t *testing.T) {
	t.Parallel()
	agents.Each(t, func(a *agents.Agents) {
		d := newDesk(a, nil)
		sent := d.call("POST", "messages", webd.MessageRequest{Bcc: []string{anne, paul}, Cc: []string{d.head.Address}, Subject: "Sortie", Text: "Bonjour."})
		d.want("send", sent, 200, "")
		id := decode[webd.SentAnswer](a.T, sent.body).Delivery
		err := d.DB.Write(d.Context(), store.Interactive, func(tx *store.Tx) error {
			_, err := tx.Exec(d.Context(), `UPDATE outbound SET state = 2, status = '5.1.1' WHERE recipient = $1`, anne)
			return err
		})
		if err != nil {
			a.Fatal(err)
		}
		d.Pass(2 * time.Minute)
		if err := d.mailings.Upkeep(d.Context()); err != nil {
			a.Fatal(err)
		}
		list := d.call("GET", "mailings", nil)
		d.want("list", list, 200, "")
		lines := decode[[]webd.MailingLine](a.T, list.body)
		if len(lines) != 1 || lines[0].Subject != "Sortie" || lines[0].Total != 2 || lines[0].Failed != 1 || lines[0].Waiting != 1 {
			a.Fatalf("mailings: %+v", lines)
		}
		report := d.call("GET", "mailings/"+lines[0].ID, nil)
		d.want("report", report, 200, "")
		// She wrote the address herself.
		if diff := cmp.Diff([]webd.MailingPerson{{Name: anne, State: "failed", Status: "5.1.1"}}, decode[webd.MailingReport](a.T, report.body).People); diff != "" {
			a.Errorf("people (-want +got)\n%s", diff)
		}
		messages := d.call("GET", "deliveries", nil)
		d.want("what was sent", messages, 200, "")
		if got := decode[[]webd.SentLine](a.T, messages.body); len(got) != 1 || got[0].ID != id || got[0].Subject != "Sortie" || got[0].Here != 1 || got[0].Outside != 2 {
			a.Errorf("sent: %+v", got)
		}
		recalled := d.call("POST", "deliveries/"+id+"/recall", nil)
		d.want("recall", recalled, 200, "")
		if got := decode[webd.RecallAnswer](a.T, recalled.body); got != (webd.RecallAnswer{Taken: 1, Cancelled: 1}) {
			a.Errorf("recalled %+v", got)
		}
		for _, path := range []string{"mailings/x", "mailings/999999"} {
			d.want(path, d.call("GET", path, nil), 404, "not-found")
		}
		d.want("recall of nothing", d.call("POST", "deliveries/999999/recall", nil), 404, "not-found")
		if other := d.call("GET", "groups/1/preview", nil); other.StatusCode != 403 || strings.Contains(other.body, "@") {
			a.Errorf("a group without a directory: %d %s", other.StatusCode, other.body)
		}
	})
}
