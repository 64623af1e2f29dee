package demo

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"navette/internal/directory"
)

// addressOf stands for what the directory issues.
func addressOf(a *Academie) func(int) string {
	return func(agent int) string {
		p := a.Agents[agent].Person
		local, err := directory.LocalPart(p.Forenames, p.Surname(), 0)
		if err != nil {
			panic(err)
		}
		return local + "@" + Domain
	}
}

func yearOfMail(seed uint64, agents int) (*Academie, []Message) {
	a := Generate(seed, agents)
	m := a.Mail(addressOf(a))
	return a, m
}

func TestTheSameSeedGivesTheSameMailToTheByte(t *testing.T) {
	t.Parallel()
	_, one := yearOfMail(5, 80)
	_, two := yearOfMail(5, 80)
	if len(one) != len(two) {
		t.Fatalf("%d messages, then %d", len(one), len(two))
	}
	for i := range one {
		if !bytes.Equal(one[i].Raw, two[i].Raw) || fmt.Sprint(one[i].Copies) != fmt.Sprint(two[i].Copies) {
			t.Fatalf("message %d differs", i)
		}
	}
}

func TestTheFirstAccountsHaveAYearOfMailAndTheOthersALittle(t *testing.T) {
	t.Parallel()
	a, messages := yearOfMail(1, 400)
	count, roles, unseen := make([]int, len(a.Agents)), make([]map[string]bool, len(a.Agents)), 0
	for _, m := range messages {
		for _, c := range m.Copies {
			if roles[c.Agent] == nil {
				roles[c.Agent] = map[string]bool{}
			}
			count[c.Agent]++
			roles[c.Agent][c.Role] = true
			if !c.Seen {
				unseen++
			}
		}
	}
	for agent, n := range count {
		role := a.Agents[agent].Role
		switch {
		case agent < richAccounts && (n < 40 || n > 140 || len(roles[agent]) < 4):
			t.Errorf("agent %d (%s) has %d messages in %v", agent, role, n, roles[agent])
		case agent >= richAccounts && (n < 1 || n > 12):
			t.Errorf("agent %d (%s) has %d messages", agent, role, n)
		}
	}
	if unseen == 0 {
		t.Error("everything was read")
	}
}

func TestTheSmallestAcademiesHaveMailToo(t *testing.T) {
	t.Parallel()
	for _, agents := range []int{0, 1, 2, 3, 7} {
		a, messages := yearOfMail(2, agents)
		held := map[int]int{}
		for _, m := range messages {
			for _, c := range m.Copies {
				held[c.Agent]++
			}
		}
		if len(held) != len(a.Agents) {
			t.Errorf("of %d agents %d have mail", agents, len(held))
		}
	}
}

func TestEveryMessageIsWellFormed(t *testing.T) {
	t.Parallel()
	_, messages := yearOfMail(3, 120)
	var html, pdfs, odts, encoded, replies int
	dates := map[string]time.Time{}
	for _, m := range messages {
		checkLines(t, m.Raw)
		parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
		if err != nil {
			t.Fatalf("%v\n%s", err, m.Raw)
		}
		date, err := parsed.Header.Date()
		if err != nil || !date.Equal(m.Date) || date.After(now()) || date.Before(at(2025, time.August, 1, 0, 0)) {
			t.Errorf("date %v, %v, want %v", date, err, m.Date)
		}
		id := parsed.Header.Get("Message-ID")
		if _, twice := dates[id]; twice {
			t.Errorf("Message-ID %s twice", id)
		}
		dates[id] = date
		for _, field := range []string{"From", "To", "Cc"} {
			if parsed.Header.Get(field) == "" {
				continue
			}
			list, err := parsed.Header.AddressList(field)
			if err != nil {
				t.Errorf("%s: %v: %q", field, err, parsed.Header.Get(field))
			}
			for _, address := range list {
				if !strings.HasSuffix(address.Address, ".example") {
					t.Errorf("%s: %s", field, address.Address)
				}
			}
		}
		if subject, err := new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil || subject == "" || strings.Contains(subject, "{") {
			t.Errorf("subject %q, %v", subject, err)
		}
		if strings.Contains(parsed.Header.Get("Subject"), "=?utf-8?q?") {
			encoded++
		}
		if parsed.Header.Get("In-Reply-To") != "" {
			replies++
		}
		walk(t, parsed.Header.Get("Content-Type"), parsed.Header.Get("Content-Transfer-Encoding"), parsed.Body, func(media string, name string, data []byte) {
			switch media {
			case "text/html":
				html++
			case "application/pdf":
				pdfs++
				if !bytes.HasPrefix(data, []byte("%PDF-1.4")) || !strings.HasSuffix(name, ".pdf") {
					t.Errorf("%s is no PDF", name)
				}
			case "application/vnd.oasis.opendocument.text":
				odts++
				z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
				if err != nil || z.File[0].Name != "mimetype" || z.File[0].Method != zip.Store {
					t.Errorf("%s is no ODT: %v", name, err)
				}
			}
		})
	}
	for _, m := range messages {
		parsed, _ := mail.ReadMessage(bytes.NewReader(m.Raw))
		if to := parsed.Header.Get("In-Reply-To"); to != "" && !dates[to].Before(m.Date) {
			t.Errorf("an answer of %v to a message of %v", m.Date, dates[to])
		}
	}
	if html == 0 || pdfs == 0 || odts == 0 || encoded == 0 || replies == 0 {
		t.Errorf("%d HTML parts, %d PDF, %d ODT, %d encoded subjects, %d replies", html, pdfs, odts, encoded, replies)
	}
}

// checkLines wants CRLF everywhere, short header lines, and no line that a server would refuse.
func checkLines(t *testing.T, raw []byte) {
	t.Helper()
	if bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\n")) || bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\r")) {
		t.Errorf("a bare CR or LF in\n%s", raw)
	}
	head, _, _ := strings.Cut(string(raw), "\r\n\r\n")
	for _, line := range strings.Split(head, "\r\n") {
		if len(line) > 998 || !isASCII(line) {
			t.Errorf("header line %q", line)
		}
	}
	for _, line := range strings.Split(string(raw), "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d octets", len(line))
		}
	}
}

// walk visits the leaves of a message.
func walk(t *testing.T, contentType, encoding string, body io.Reader, leaf func(media, name string, data []byte)) {
	t.Helper()
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("%q: %v", contentType, err)
	}
	if !strings.HasPrefix(media, "multipart/") {
		if encoding == "base64" {
			body = base64.NewDecoder(base64.StdEncoding, body)
		}
		data, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		leaf(media, params["name"], data)
		return
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		walk(t, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part, leaf)
	}
}

func TestNoMessageHoldsANUMENOrARealDomain(t *testing.T) {
	t.Parallel()
	numen := regexp.MustCompile(`\b[0-4][0-9][A-Z][0-9]{7}[A-Z]{3}\b`)
	domain := regexp.MustCompile(`[A-Za-z0-9]\.(fr|com|org|net|eu)\b`)
	_, messages := yearOfMail(4, 60)
	for _, m := range messages {
		if numen.Match(m.Raw) {
			t.Errorf("a NUMEN in\n%s", m.Raw)
		}
		if found := domain.Find(m.Raw); found != nil && !bytes.Contains(m.Raw, []byte("base64")) {
			t.Errorf("%q in\n%s", found, m.Raw)
		}
	}
}

func TestTheCalendarIsThatOfParis(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		t    time.Time
		want string
	}{
		{at(2025, time.September, 16, 9, 5), "2025-09-16T09:05:00+02:00"},
		{at(2025, time.October, 25, 9, 5), "2025-10-25T09:05:00+02:00"},
		{at(2025, time.October, 27, 9, 5), "2025-10-27T09:05:00+01:00"},
		{at(2026, time.March, 28, 9, 5), "2026-03-28T09:05:00+01:00"},
		{at(2026, time.March, 30, 9, 5), "2026-03-30T09:05:00+02:00"},
		{workday(at(2025, time.October, 25, 9, 5)), "2025-10-27T09:05:00+01:00"},
	} {
		if got := c.t.Format(time.RFC3339); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	if got := french(at(2025, time.September, 1, 0, 0)); got != "lundi 1er septembre" {
		t.Errorf("french = %q", got)
	}
}

func BenchmarkMail25000(b *testing.B) {
	a := Generate(1, 25_000)
	for b.Loop() {
		a.Mail(addressOf(a))
	}
}
