package submission_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"navette/internal/failure"
	"navette/internal/guard"
	"navette/internal/identity"
	"navette/internal/limits"
	"navette/internal/reach"
	"navette/internal/submission"
	"navette/internal/testkit/house"
)

// bounded opens the service with the windows of the national messaging.
func (c *college) bounded() {
	c.windows = limits.SenderWindows()
	c.open()
}

// Whoever has got hold of an account reaches few families: a group is one recipient, and bounded by itself.
func TestAnAccountWritesToSoManyGroupsOfFamiliesAnHour(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		c.bounded()
		page := submission.Letter{To: []string{c.parents}, Text: "Bonjour.\n"}
		octets := letter(c.teacher.Address, "To: "+c.parents)
		for i := range submission.GroupsAnHour - 1 {
			if err := c.submits(c.teacher, octets, c.parents); err != nil {
				t.Fatalf("message %d: %v", i+1, err)
			}
		}
		if _, err := c.service.Send(t.Context(), principal(c.teacher), page); err != nil {
			t.Fatalf("the last that the hour allows: %v", err)
		}
		c.exec(`DELETE FROM outbound`)
		if err := c.submits(c.teacher, octets, c.parents); !failure.Is(err, failure.Temporary) {
			t.Errorf("one more by a mail program: %v", err)
		}
		if _, err := c.service.Send(t.Context(), principal(c.teacher), page); !failure.Is(err, failure.Temporary) {
			t.Errorf("one more from the page: %v", err)
		}
		if copies := c.outside(); len(copies) != 0 {
			t.Errorf("what is refused for now goes to %d addresses", len(copies))
		}
		if err := c.submits(c.teacher, letter(c.teacher.Address, "To: "+c.staff), c.staff); err != nil {
			t.Errorf("to colleagues: %v", err)
		}
		if err := c.submits(c.head, letter(c.head.Address, "To: "+c.parents), c.parents); err != nil {
			t.Errorf("another account: %v", err)
		}
		c.clock.Add(time.Hour)
		if err := c.submits(c.teacher, octets, c.parents); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	})
}

// An ENT is bounded by how many schools it writes for; another one is not, by what the first has sent.
func TestAnENTWritesToSoManyGroupsOfFamiliesAnHour(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		c.bounded()
		schools := map[string][]string{"ent.example": {"0759001B"}, "grand-ent.example": {"0759001B", "0750654D"}}
		for domain, of := range schools {
			e := reach.ENT{Name: strings.TrimSuffix(domain, ".example"), Sender: domain, Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, Schools: of}
			if err := c.reach.AddENT(t.Context(), identity.By{Actor: "test"}, e, house.Domain); err != nil {
				t.Fatal(err)
			}
		}
		posts := func(path string) error {
			in := submission.Injection{Door: guard.Reception, Peer: netip.MustParseAddr("192.0.2.7"), ReversePath: path, Recipients: []string{c.parents},
				To: c.resolved(c.parents), Prefix: []byte("Return-Path: <" + path + ">\r\n")}
			_, err := c.service.Inject(t.Context(), in, strings.NewReader(letter(path, "To: "+c.parents)))
			return err
		}
		for domain, of := range schools {
			for i := range submission.RelayedAnHour * len(of) {
				if err := posts("vie@" + domain); err != nil {
					t.Fatalf("message %d of %s: %v", i+1, domain, err)
				}
			}
			if err := posts("autre@" + strings.ToUpper(domain)); !failure.Is(err, failure.Temporary) {
				t.Errorf("one more of %s: %v", domain, err)
			}
		}
		c.clock.Add(time.Hour)
		if err := posts("vie@ent.example"); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	})
}

// A letter of too many recipients is refused whoever they are, before anybody asks who they are: it costs what a letter
// to nobody costs.
func TestALetterNamesAThousandRecipientsAndNoMore(t *testing.T) {
	t.Parallel()
	onColleges(t, func(c *college) {
		many := slices.Repeat([]string{lawyer}, submission.LetterRecipientsMax)
		most := submission.Letter{To: many[1:], Bcc: []string{anne}}
		if _, err := c.service.Check(t.Context(), principal(c.teacher), most); err != nil {
			t.Errorf("as many as may be: %v", err)
		}
		for name, l := range map[string]submission.Letter{"one more in Cci": {To: many, Bcc: []string{anne}}, "one more in Cc": {To: many, Cc: []string{anne}}} {
			refused := func(l submission.Letter) (check, send cost) {
				check = c.cost(func() {
					if _, err := c.service.Check(t.Context(), principal(c.teacher), l); !failure.Is(err, failure.Permanent) {
						t.Errorf("%s, checked: %v", name, err)
					}
				})
				send = c.cost(func() {
					if _, err := c.service.Send(t.Context(), principal(c.teacher), l); !failure.Is(err, failure.Permanent) {
						t.Errorf("%s, sent: %v", name, err)
					}
				})
				return check, send
			}
			check, send := refused(l)
			if nobodyChecked, nobodySent := refused(submission.Letter{}); check != nobodyChecked || send != nobodySent {
				t.Errorf("%s costs %v and %v, one to nobody %v and %v", name, check, send, nobodyChecked, nobodySent)
			}
		}
	})
}
