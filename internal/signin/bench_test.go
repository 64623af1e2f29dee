package signin_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"navette/internal/factor"
	"navette/internal/identity"
	"navette/internal/notice"
	"navette/internal/session"
	"navette/internal/signin"
	"navette/internal/store"
	"navette/internal/testkit/agents"
	"navette/internal/testkit/clock"
	"navette/internal/testkit/house"
	"navette/internal/testkit/stores"
	"navette/internal/ticket"
)

// rush is the services of a bench, with passwords as dear as this machine bears.
type rush struct {
	house    *house.House
	identity *identity.Service
	factors  *factor.Service
	sessions *session.Service
	signin   *signin.Service
	clock    *clock.Clock
	phones   []string
}

func newRush(b *testing.B, people int) *rush {
	b.Helper()
	r := &rush{clock: clock.New(time.Now())}
	db := stores.OpenAt(b, stores.SQLiteURL(b), r.clock.Now)
	r.house = house.New(b, db)
	cost, err := identity.TuneArgon2(b.Context(), db, time.Now)
	check(b, err)
	b.Logf("Argon2id: %+v", cost)
	path := filepath.Join(b.TempDir(), "pepper")
	check(b, identity.CreatePepper(path, rand.Reader))
	pepper, err := identity.LoadPepper(path)
	check(b, err)
	log := slog.New(slog.DiscardHandler)
	r.identity, err = identity.New(b.Context(), identity.Options{DB: db, Log: log, Pepper: pepper, Argon2: cost})
	check(b, err)
	origin, err := url.Parse(agents.Origin)
	check(b, err)
	notices := notice.New(notice.Config{Contents: r.house.Contents, Delivery: r.house.Delivery, Domain: house.Domain, Hostname: house.Domain, Now: r.clock.Now, Random: rand.Reader})
	tickets := ticket.New(db, rand.Reader)
	r.factors, err = factor.New(factor.Config{DB: db, Identity: r.identity, Tickets: tickets, Mailer: notices, Log: log, Random: rand.Reader, Origin: origin})
	check(b, err)
	r.sessions = session.New(session.Config{DB: db, Identity: r.identity, Teller: notices, Log: log, Random: rand.Reader})
	r.signin = signin.New(signin.Config{DB: db, Identity: r.identity, Tickets: tickets, Factors: r.factors, Sessions: r.sessions, Teller: notices, Log: log, Random: rand.Reader})
	r.appoint(b, db, people)
	return r
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// appoint makes people with a password and a telephone each.
func (r *rush) appoint(b *testing.B, db *store.DB, people int) {
	b.Helper()
	ctx := b.Context()
	ids := r.house.Accounts(b, people)
	hash, err := r.identity.HashPassword(ctx, agents.Password)
	check(b, err)
	check(b, db.Write(ctx, store.Bulk, func(tx *store.Tx) error {
		for _, id := range ids {
			_, err := tx.Exec(ctx, `INSERT INTO credential (account_id, credential_id, kind, hash, label, created_at) VALUES ($1, 1, 'password', $2, '', 0)`, id, hash)
			if err != nil {
				return err
			}
		}
		return nil
	}))
	for _, id := range ids {
		o := identity.Owner{Account: id, Login: fmt.Sprintf("agent%d", id)}
		made, err := r.factors.BeginTOTP(ctx, o)
		check(b, err)
		secret := strings.ReplaceAll(made.Secret, " ", "")
		code, err := totp.GenerateCode(secret, r.clock.Now())
		check(b, err)
		_, err = r.factors.FinishTOTP(ctx, o, made.Ticket, "", code)
		check(b, err)
		r.phones = append(r.phones, secret)
	}
	check(b, r.identity.Poll(ctx))
}

// enter signs a person in: password, code, session, and the first request under it.
func (r *rush) enter(ctx context.Context, n int) error {
	c := session.Client{Peer: netip.AddrFrom4([4]byte{198, 51, byte(n >> 8), byte(n)}), Agent: "Firefox/130.0"}
	out, err := r.signin.Password(ctx, c, fmt.Sprintf("agent%d", n+1), agents.Password)
	if err != nil {
		return err
	}
	code, err := totp.GenerateCode(r.phones[n], r.clock.Now())
	if err != nil {
		return err
	}
	if out, err = r.signin.Code(ctx, c, out.Ticket, signin.Answer{TOTP: code}, false); err != nil {
		return err
	}
	_, err = r.sessions.Check(ctx, out.Tokens.Session)
	return err
}

// BenchmarkSignIns is the morning of the rentrée: full sign-ins, each of another person with password, time-based code
// and the notice of a new device, sixteen at a time, while a message a moment is delivered beside them.
func BenchmarkSignIns(b *testing.B) {
	const people = 400
	r := newRush(b, people)
	r.clock.Add(time.Minute) // the codes of the making are used up
	check(b, r.identity.Poll(b.Context()))
	ctx, stop := context.WithCancel(b.Context())
	var mails atomic.Int64
	var beside sync.WaitGroup
	beside.Go(func() {
		for ctx.Err() == nil {
			r.house.Deliver(b, []byte("Subject: beside\r\n\r\nmail that flows\r\n"), 1)
			mails.Add(1)
		}
	})
	var next atomic.Int64
	start := time.Now()
	for range b.N { // one iteration: everybody once
		next.Store(0)
		var running sync.WaitGroup
		for range 16 {
			running.Go(func() {
				for n := int(next.Add(1)) - 1; n < people; n = int(next.Add(1)) - 1 {
					if err := r.enter(ctx, n); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		running.Wait()
		r.clock.Add(time.Minute)
		check(b, r.identity.Poll(b.Context()))
	}
	took := time.Since(start)
	stop()
	beside.Wait()
	b.ReportMetric(float64(people*b.N)/took.Minutes(), "sign-ins/min")
	b.ReportMetric(float64(mails.Load())/took.Seconds(), "mails/s")
}
