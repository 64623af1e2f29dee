package mail

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseAddressList(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, raw, want string }{
		{"nothing", "", ""},
		{"bare", "claire.martin@ac-paris.example", "claire.martin@ac-paris.example"},
		{"in brackets", "<claire@ac-paris.example>", "claire@ac-paris.example"},
		{"named", "Claire Martin <claire@ac-paris.example>", "Claire Martin <claire@ac-paris.example>"},
		{"quoted name with a comma", `"Martin, Claire" <claire@ac-paris.example>, b@c`, "Martin, Claire <claire@ac-paris.example>, b@c"},
		{"escaped quotes", `"Claire \"la\" Martin" <c@d>`, `Claire "la" Martin <c@d>`},
		{"encoded name", "=?utf-8?Q?Rectorat_=28Acad=C3=A9mie=29?= <r@d>", "Rectorat (Académie) <r@d>"},
		{"encoded comma is no separator", "=?utf-8?Q?Martin=2C_Claire?= <c@d>", "Martin, Claire <c@d>"},
		{"encoded word in quotes", `"=?utf-8?B?Q29sbMOoZ2U=?=" <c@d>`, "Collège <c@d>"},
		{"raw 8 bit", "Coll\xe8ge <c@d>", "Collège <c@d>"},
		{"name in a comment", "c@d (Claire Martin)", "Claire Martin <c@d>"},
		{"comment after brackets", "<c@d> (Claire)", "Claire <c@d>"},
		{"comments inside", `Pete(A nice \) chap) <pete(his account)@silly.test(his host)>`, "Pete <pete@silly.test>"},
		{"nested comment", "c@d (a (b) c)", "a (b) c <c@d>"},
		{"unquoted dot", "Joe Q. Public <j@d>", "Joe Q. Public <j@d>"},
		{"unquoted at", "Mikel@Lindsaar <r@d>", "Mikel@Lindsaar <r@d>"},
		{"address as its name", "c@d <c@d>", "c@d <c@d>"},
		{"quoted local part", `"claire martin"@d`, "claire martin@d"},
		{"at in the local part", `"a@b"@d`, "a@b@d"},
		{"two at", "a@b@d", "a@b@d"},
		{"obsolete spaces", "jdoe @ one . test", "jdoe@one.test"},
		{"literal", "c@[IPv6:2001:db8::1], e@f", "c@[IPv6:2001:db8::1], e@f"},
		{"semicolons", "a@b; c@d", "a@b, c@d"},
		{"empty members", ", a@b,, c@d,", "a@b, c@d"},
		{"group", "Équipe: a@b, Claire <c@d>;", "Équipe: a@b, Claire <c@d> ;"},
		{"empty group", "undisclosed-recipients:;", "undisclosed-recipients: ;"},
		{"group never ended", "x: a@b", "x: a@b ;"},
		{"two groups", "g: a@b;, h: c@d;", "g: a@b ;, h: c@d ;"},
		{"group inside a group", "g: h: a@b;", "g: h: <a@b> ;"},
		{"no at", "postmaster", "postmaster"},
		{"name without address", "Claire Martin", "Claire Martin <>"},
		{"empty brackets", "Claire <>", "Claire <>"},
		{"nothing in brackets", "<>", ""},
		{"name before a bare address", "Claire Martin c@d", "Claire Martin <c@d>"},
		{"brackets never closed", "Claire <c@d, e@f", "Claire <c@d>, e@f"},
		{"brackets twice", "Claire <<c@d>>", "Claire <c@d>"},
		{"comma forgotten", "Claire <c@d> Paul <e@f>", "Claire <c@d>, Paul <e@f>"},
		{"quote never closed", `"Claire <c@d>`, "Claire <c@d>"},
		{"comment never closed", "c@d (Claire", "Claire <c@d>"},
		{"mailto", "<mailto:c@d>, mailto:e@f", "c@d, e@f"},
		{"folded", "a@b,\r\n\tClaire\r\n <c@d>", "a@b, Claire <c@d>"},
		{"controls", "a\x00 b\r\nc@d", "a b <c@d>"},
	} {
		list := ParseAddressList(c.raw)
		if got := addressText(list); got != c.want {
			t.Errorf("%s: %q gives %q, want %q", c.name, c.raw, got, c.want)
		}
		if err := checkEnvelope(&Envelope{To: list}); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAddressesAreThoseOfAnEnvelope(t *testing.T) {
	t.Parallel()
	got := fmt.Sprintf("%+v", ParseAddressList("A Group: \"Ed\" <ed@x.test>;, <@route,@b:user@domain>, =?utf-8?Q?=C3=A9?= <e@f>"))
	want := "[{Kind:1 Name: Mailbox:A Group Host: Route:} {Kind:0 Name:Ed Mailbox:ed Host:x.test Route:} {Kind:2 Name: Mailbox: Host: Route:} " +
		"{Kind:0 Name: Mailbox:user Host:domain Route:@route,@b} {Kind:0 Name:=?utf-8?Q?=C3=A9?= Mailbox:e Host:f Route:}]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAddressListsAreBounded(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{strings.Repeat("a@b,", 50_000), strings.Repeat("g:a@b;", 50_000), strings.Repeat("(", 50_000), strings.Repeat("\"", 50_001),
		strings.Repeat("<", 50_000), strings.Repeat("a ", 50_000) + "@b"} {
		list := ParseAddressList(raw)
		if len(list) > DefaultLimits().Addresses {
			t.Errorf("%.10q…: %d addresses", raw, len(list))
		}
		if err := checkEnvelope(&Envelope{To: list}); err != nil {
			t.Errorf("%.10q…: %.200v", raw, err)
		}
	}
}
