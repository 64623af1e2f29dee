package node

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
	"navette/internal/webd"
)

// How many letters are written, on each engine.
const (
	leakRounds         = 10_000
	leakRoundsPostgres = 1_000
	leakRoundsShort    = 300
	leakWorkers        = 4
)

// Invariant 5, by adversaries: whoever writes whatever to whomever through whichever door, in every octet that each
// reader gets, and in every reply, log line, journal entry and report, no address of a guardian or a pupil stands that
// GUARD.md does not give that reader; and what GUARD.md lets through arrives.
func TestNoLetterShowsAProtectedAddressToWhomTheTableDoesNotGiveIt(t *testing.T) {
	t.Parallel()
	stores.EachURL(t, func(t *testing.T, url string) {
		w := newTown(t, url)
		rounds := leakRounds
		if !strings.HasPrefix(url, "sqlite:") {
			rounds = leakRoundsPostgres
		}
		if testing.Short() || underRace {
			rounds = leakRoundsShort
		}
		const seed = 20261124
		var each sync.WaitGroup
		posts := make([]*post, leakWorkers)
		for n := range leakWorkers {
			posts[n] = w.newPost(rand.New(rand.NewPCG(seed, uint64(n))))
			each.Go(func() {
				for i := n; i < rounds && !t.Failed(); i += leakWorkers {
					posts[n].round(i)
				}
			})
		}
		each.Wait()
		w.settle()
		w.judge(posts)
	})
}

// post is one worker: its conversations, the letters that it sent, and what it was answered.
type post struct {
	*town
	random  *rand.Rand
	smtp    map[*writer]*talk
	lmtp    *talk
	mx      *talk
	web     map[*writer]*http.Client
	threads map[*writer][]*thread
	letters map[int]*letter
	replies []string
}

func (w *town) newPost(r *rand.Rand) *post {
	p := &post{town: w, random: r, smtp: map[*writer]*talk{}, web: map[*writer]*http.Client{}, threads: map[*writer][]*thread{}, letters: map[int]*letter{}}
	for _, from := range w.writers {
		p.smtp[from] = &talk{door: DoorSubmission, login: from.login}
		p.web[from] = w.browser(from.login)
	}
	p.lmtp, p.mx = &talk{door: DoorLMTP}, &talk{door: DoorSMTP}
	return p
}

// round is one letter, or something that comes from outside.
func (p *post) round(number int) {
	from := p.writers[p.random.IntN(len(p.writers))]
	switch p.random.IntN(10) {
	case 0:
		p.arrives(number, from)
	case 1:
		p.comesBack(number)
		p.injects(from)
	default:
		l := p.draw(p.random, number, from, p.threads[from])
		got := p.submits(l)
		if want := l.expected(); got != want && (want != either || got == asked) {
			p.Errorf("letter %d was %s, expected %s\n%s\n%s", number, got, want, l.octets(rand.New(rand.NewPCG(1, 1))), p.replies[len(p.replies)-1])
		}
		if got == sent {
			p.letters[number] = l
		}
	}
}

// submits sends a letter through its door.
func (p *post) submits(l *letter) outcome {
	if l.web {
		return p.posts(l)
	}
	c := p.smtp[l.writer]
	err := p.deliver(c, l.writer.address, addressesOf(l.recipients()), l.octets(p.random))
	if err == nil {
		return sent
	}
	return p.refusal(c, err)
}

func addressesOf(people []*person) (out []string) {
	for _, p := range people {
		out = append(out, p.address)
	}
	return out
}

// talk is a conversation with a door of SMTP, which hangs up on who makes many mistakes.
type talk struct {
	door, login string
	client      *smtp.Client
	mistakes    int
}

// mistakesMax is how many a conversation makes before it is begun again.
const mistakesMax = 5

// deliver hands a message over.
func (p *post) deliver(c *talk, from string, to []string, octets string) (err error) {
	if c.client == nil || c.mistakes >= mistakesMax {
		if c.client != nil {
			c.client.Close()
		}
		c.mistakes = 0
		if c.client, err = p.client(c.door, c.login); err != nil {
			return err
		}
	}
	if err := c.client.Mail(from, nil); err != nil {
		return err
	}
	for _, r := range to {
		if err := c.client.Rcpt(r, nil); err != nil {
			return err
		}
	}
	data, err := c.client.Data()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(data, octets); err != nil {
		return err
	}
	return data.Close()
}

// refusal notes what a door answered.
func (p *post) refusal(c *talk, err error) outcome {
	p.replies = append(p.replies, err.Error())
	c.mistakes++
	if c.client == nil {
		p.Error(err)
		return refused
	}
	if reset := c.client.Reset(); reset != nil {
		p.Errorf("%v, after %v", reset, err)
	}
	if answer := new(smtp.SMTPError); !errors.As(err, &answer) || answer.Code != 550 {
		p.Errorf("a door answered %v", err)
	}
	return refused
}

// browser is signed in at the pages.
func (w *town) browser(login string) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.Fatal(err)
	}
	c := &http.Client{Jar: secureJar{jar}}
	if status, text := w.call(c, "session", webd.SignInRequest{Login: login, Password: leakPassword}); status != http.StatusOK {
		w.Fatalf("%s signs in: %d %s", login, status, text)
	}
	return c
}

// secureJar gives out cookies on localhost, as browsers do.
type secureJar struct{ *cookiejar.Jar }

func (j secureJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.Jar.SetCookies(secured(u), cookies)
}
func (j secureJar) Cookies(u *url.URL) []*http.Cookie { return j.Jar.Cookies(secured(u)) }

func secured(u *url.URL) *url.URL {
	s := *u
	s.Scheme = "https"
	return &s
}

// call sends a request of a page.
func (w *town) call(c *http.Client, path string, body any) (status int, text string) {
	octets, err := json.Marshal(body)
	if err != nil {
		w.Fatal(err)
	}
	origin := fmt.Sprintf("http://localhost:%d", w.server.Ports[DoorHTTP])
	req, err := http.NewRequestWithContext(w.Context(), http.MethodPost, fmt.Sprintf("http://localhost:%d/api/%s", w.server.Ports[DoorHTTP], path), bytes.NewReader(octets))
	if err != nil {
		w.Fatal(err)
	}
	for name, value := range map[string]string{"Origin": origin, "Sec-Fetch-Site": "same-origin", "X-Navette-CSRF": "1", "Content-Type": "application/json"} {
		req.Header.Set(name, value)
	}
	resp, err := c.Do(req)
	if err != nil {
		w.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		w.Error(err)
	}
	return resp.StatusCode, string(answer)
}

// posts sends a letter by the pages, asking first now and then, and confirms what is asked.
func (p *post) posts(l *letter) outcome {
	m := webd.MessageRequest{From: l.writer.address, To: l.in(inTo), Cc: l.in(inCc), Bcc: l.in(inBcc), Subject: l.subject(), Text: l.text()}
	if l.thread != nil {
		m.InReplyTo = l.thread.id
	}
	if p.random.IntN(10) == 0 {
		status, text := p.call(p.web[l.writer], "messages/check", m)
		p.replies = append(p.replies, text)
		if want := map[outcome]string{sent: "send", asked: "confirm", refused: "refuse"}[l.expected()]; want != "" && status == http.StatusOK && !strings.Contains(text, `"verdict":"`+want+`"`) {
			p.Errorf("a check of letter %d says %s, expected %s", l.number, text, want)
		}
	}
	status, text := p.call(p.web[l.writer], "messages", m)
	p.replies = append(p.replies, text)
	switch status {
	case http.StatusOK:
		return sent
	case http.StatusConflict:
		m.Confirmed = true
		if status, text := p.call(p.web[l.writer], "messages", m); status != http.StatusOK {
			p.Errorf("confirmed, letter %d is answered %d %s", l.number, status, text)
			return refused
		}
		p.letters[l.number] = l
		return asked
	case http.StatusUnprocessableEntity:
		return refused
	}
	p.Errorf("letter %d is answered %d %s", l.number, status, text)
	return refused
}

// arrives is mail from outside: a parent or a stranger writes to an agent, others in Cc; or a program does, by LMTP.
func (p *post) arrives(number int, to *writer) {
	author := p.guards[p.random.IntN(len(p.guards))]
	th := &thread{id: fmt.Sprintf("fil.%d@dehors.example", number), subject: fmt.Sprintf("Fil %d", number), author: author, visible: []*person{author, to.person}}
	cc := ""
	for range p.random.IntN(4) {
		other := p.people[p.random.IntN(len(p.people))]
		if other.group == nil && !slices.Contains(th.visible, other) {
			th.visible = append(th.visible, other)
			cc += "Cc: <" + other.address + ">\r\n"
		}
	}
	octets := fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\n%sSubject: %s\r\nMessage-ID: <%s>\r\n\r\n[dehors]\r\n", author.address, to.address, cc, th.subject, th.id)
	c := p.mx
	if p.random.IntN(4) == 0 {
		c = p.lmtp
	}
	if err := p.deliver(c, author.address, []string{to.address}, octets); err != nil {
		p.Errorf("mail from outside: %v", err)
		p.refusal(c, err)
		return
	}
	p.threads[to] = append(p.threads[to], th)
	if p.random.IntN(8) == 0 { // a stranger writes to a group
		group := p.people[slices.IndexFunc(p.people, func(x *person) bool { return x.group != nil })]
		if err := p.deliver(c, author.address, []string{group.address}, octets); err == nil {
			p.Error("a stranger wrote to a group of guardians")
		} else {
			p.refusal(c, err)
		}
	}
}

// injects is a program of ours, which hands in by LMTP what shows some families to an agent.
func (p *post) injects(to *writer) {
	var shown []*person
	for range 1 + p.random.IntN(3) {
		if one := p.people[p.random.IntN(len(p.people))]; one.account == 0 && one.group == nil && !slices.Contains(shown, one) {
			shown = append(shown, one)
		}
	}
	want := sent
	guarded, elected := 0, 0
	for _, one := range shown {
		if one.protected() {
			guarded++
		}
		if one.elected {
			elected++
		}
	}
	if guarded > 0 && len(shown) > 1 && elected < len(shown) {
		want = refused
	}
	octets := field(p.random, "To", addressesOf(shown))
	octets = "From: <absences@" + house.Domain + ">\r\nSubject: Absences\r\n" + octets + "\r\n[dehors]\r\n"
	got := sent
	if err := p.deliver(p.lmtp, "absences@"+house.Domain, []string{to.address}, octets); err != nil {
		got = p.refusal(p.lmtp, err)
	}
	if got != want {
		p.Errorf("what a program injects is %s, expected %s\n%s", got, want, octets)
	}
}

// comesBack answers what left: reports of non-delivery, automatic answers, people who write back.
func (p *post) comesBack(number int) {
	for _, one := range p.relay.some(p.random.IntN(4)) {
		if one.reversePath == "" {
			continue
		}
		other := p.guards[p.random.IntN(len(p.guards))].address
		var octets, from string
		switch header, _, _ := strings.Cut(one.octets, "\r\n\r\n"); p.random.IntN(3) {
		case 0:
			octets = fmt.Sprintf("From: MAILER-DAEMON@dehors.example\r\nTo: <%s>\r\nSubject: failed\r\nMIME-Version: 1.0\r\n"+
				"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n[dehors] %s\r\n"+
				"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; dehors.example\r\n\r\nFinal-Recipient: rfc822; %s\r\n"+
				"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 <%s>\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n%s\r\n\r\n--b--\r\n",
				one.reversePath, other, other, other, header)
		case 1:
			from = one.recipient
			octets = fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\nSubject: Absent\r\nAuto-Submitted: auto-replied\r\n\r\n[dehors] Ecrivez à %s\r\n", from, one.reversePath, other)
		default:
			from = one.recipient
			octets = fmt.Sprintf("From: <%s>\r\nTo: <%s>\r\nCc: <%s>\r\nSubject: Re: %d\r\n\r\n[dehors] Merci\r\n", from, one.reversePath, other, number)
		}
		if err := p.deliver(p.mx, from, []string{one.reversePath}, octets); err != nil {
			p.Errorf("what comes back to %s: %v", one.reversePath, err)
			p.refusal(p.mx, err)
		}
	}
}
