package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

func runIngest(c *config, fs *flag.FlagSet, args []string) (map[string]any, error) {
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	return deliver(c, false)
}

func runSubmit(c *config, fs *flag.FlagSet, args []string) (map[string]any, error) {
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	return deliver(c, true)
}

// deliver sends c.messages single-recipient messages over c.conns connections.
func deliver(c *config, submit bool) (map[string]any, error) {
	co, err := newCorpus(c)
	if err != nil {
		return nil, err
	}
	var next, sent atomic.Int64
	var lat, whole samples
	var errs errlog
	var wg sync.WaitGroup
	book := newLedger()
	last := &recent{}
	m := startMeter(c)
	start := time.Now()
	for w := range c.conns {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := c.rng(uint64(1000 + w))
			d := &deliverer{c: c, co: co, submit: submit, me: r.IntN(c.users)}
			defer d.close()
			for {
				seq := int(next.Add(1)) - 1
				if seq >= c.messages {
					return
				}
				to := r.IntN(c.users)
				t0 := time.Now()
				res, err := d.one(seq, to)
				if err != nil {
					errs.add(err)
					continue
				}
				lat.add(res.latency)
				whole.add(time.Since(t0))
				book.add(to, co.id(seq))
				last.add(to)
				sent.Add(1)
			}
		}()
	}
	wg.Wait()
	took := time.Since(start).Seconds()
	n := float64(sent.Load())
	res := map[string]any{"connections": c.conns, "messages": c.messages, "accept_s": round(took),
		"accept_per_s": round(n / took), "eod_to_250": lat.summary(), "transaction": whole.summary()}
	errs.put(res)
	if c.verify != 0 {
		// The queue is empty when the last accepted messages can be seen.
		err := last.wait(c, book)
		res["delivered_s"] = round(time.Since(start).Seconds())
		res["delivered_per_s"] = round(n / time.Since(start).Seconds())
		if err != nil {
			res["delivered_error"] = err.Error()
		}
	}
	m.stop(res)
	if c.verify != 0 {
		book.verify(c, res)
	}
	m.growth(res)
	return res, nil
}

// deliverer keeps one connection open and reopens it when needed.
type deliverer struct {
	c      *config
	co     *corpus
	submit bool
	me     int
	s      *smtpConn
	used   int
}

func (d *deliverer) one(seq, to int) (sendResult, error) {
	if d.s == nil || (d.c.perConn > 0 && d.used >= d.c.perConn) {
		d.close()
		s, err := dialSMTP(d.c)
		if err != nil {
			return sendResult{}, err
		}
		if d.submit {
			if err := s.auth(d.c.user(d.me), d.c.pass(d.me)); err != nil {
				s.quit()
				return sendResult{}, err
			}
		}
		d.s, d.used = s, 0
	}
	from := d.c.from
	if d.submit {
		from = d.c.addr(d.me)
	}
	rcpt := d.c.addr(to)
	res, err := d.s.send(from, []string{rcpt}, d.co.message(seq, from, rcpt))
	d.used++
	if err == nil && len(res.accepted) == 0 {
		err = res.firstErr
	}
	var refused *smtpError
	if err != nil && (!errors.As(err, &refused) || refused.code == 421) {
		d.s.c.Close()
		d.s = nil
	}
	return res, err
}

func (d *deliverer) close() {
	if d.s != nil {
		d.s.quit()
		d.s = nil
	}
}

// recent remembers the users of the last accepted messages.
type recent struct {
	mu    sync.Mutex
	users []int
}

func (l *recent) add(u int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.users = append(l.users, u); len(l.users) > 32 {
		l.users = l.users[1:]
	}
}

func (l *recent) wait(c *config, book *ledger) error {
	deadline := time.Now().Add(c.settle)
	var wg sync.WaitGroup
	var bad errlog
	sem := make(chan struct{}, 4)
	for _, u := range l.users {
		wg.Add(1)
		sem <- struct{}{}
		go func() {
			defer func() { <-sem; wg.Done() }()
			if lost, _, _, _, err := book.check(c, u, deadline); err != nil {
				bad.add(err)
			} else if lost > 0 {
				bad.add(fmt.Errorf("user %d lacks %d messages after %s", u, lost, c.settle))
			}
		}()
	}
	wg.Wait()
	if bad.n > 0 {
		return fmt.Errorf("%d of %d: %v", bad.n, len(l.users), bad.texts)
	}
	return nil
}

func runFanout(c *config, fs *flag.FlagSet, args []string) (map[string]any, error) {
	batch := fs.Int("batch", 1000, "RCPT per transaction")
	kind := fs.String("kind", "html", "kind of the letter: plain, html, pdf")
	watch := fs.Int("watch", 64, "mailboxes watched by STATUS until the letter shows")
	submit := fs.Bool("submit", false, "authenticate as the first user")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	co, err := newCorpus(c)
	if err != nil {
		return nil, err
	}
	// The watched mailboxes are spread evenly and include the last one.
	var watchers []*watcher
	defer func() {
		for _, w := range watchers {
			w.ic.logout()
		}
	}()
	for i := range min(*watch, c.users) {
		u := c.users - 1 - i*c.users/min(*watch, c.users)
		ic, err := login(c, u)
		if err != nil {
			return nil, err
		}
		n, err := ic.statusMessages()
		watchers = append(watchers, &watcher{ic, n})
		if err != nil {
			return nil, err
		}
	}
	from := c.from
	if *submit {
		from = c.addr(0)
	}
	msg := co.messageOfKind(0, from, "all-staff@load.test", *kind, rand.New(rand.NewPCG(1, 1)))
	book := newLedger()
	m := startMeter(c)
	start := time.Now()
	seen := make(chan error, 1)
	go func() { seen <- watchAll(watchers, c.settle) }()

	var mu sync.Mutex
	var wg sync.WaitGroup
	var errs errlog
	rejected := 0
	work := make(chan int)
	for range c.conns {
		wg.Add(1)
		go func() {
			defer wg.Done()
			s, err := dialSMTP(c)
			if err == nil && *submit {
				err = s.auth(c.user(0), c.pass(0))
			}
			if err != nil {
				errs.add(err)
				for range work {
				}
				return
			}
			defer s.quit()
			for at := range work {
				index := map[string]int{}
				var rcpts []string
				for i := at; i < min(at+*batch, c.users); i++ {
					rcpts = append(rcpts, c.addr(i))
					index[c.addr(i)] = i
				}
				r, err := s.send(from, rcpts, msg)
				if err != nil {
					errs.add(err)
				} else if r.firstErr != nil {
					errs.add(r.firstErr)
				}
				mu.Lock()
				rejected += r.rejected
				mu.Unlock()
				for _, a := range r.accepted {
					book.add(index[a], co.id(0))
				}
			}
		}()
	}
	for at := 0; at < c.users; at += *batch {
		work <- at
	}
	close(work)
	wg.Wait()
	accept := time.Since(start)
	res := map[string]any{"recipients": c.users, "message_bytes": len(msg), "batch": *batch, "connections": c.conns,
		"accept_s": round(accept.Seconds()), "rejected": rejected}
	if err := <-seen; err != nil {
		res["watch_error"] = err.Error()
	}
	res["last_watched_s"] = round(time.Since(start).Seconds())
	res["recipients_per_s"] = round(float64(book.total) / time.Since(start).Seconds())
	errs.put(res)
	m.stop(res)
	if c.verify != 0 {
		book.verify(c, res)
	} else {
		res["accepted"] = book.total
	}
	m.growth(res)
	return res, nil
}

type watcher struct {
	ic     *imapConn
	before int
}

// watchAll polls the mailboxes until each has one message more.
func watchAll(ws []*watcher, settle time.Duration) error {
	deadline := time.Now().Add(settle)
	for i, w := range ws {
		for {
			n, err := w.ic.statusMessages()
			if err != nil {
				return err
			}
			if n > w.before {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("%d of %d watched mailboxes did not show the letter", len(ws)-i, len(ws))
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return nil
}
