package main

import (
	"flag"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func runSync(c *config, fs *flag.FlagSet, args []string) (map[string]any, error) {
	rounds := fs.Int("rounds", 3, "sessions per client")
	bodies := fs.Int("bodies", 100, "messages fetched whole per session")
	search := fs.String("search", "dormitory", "word of SEARCH TEXT, empty to leave out")
	stores := fs.Int("stores", 10, "messages flagged per session (and unflagged again)")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	ops := map[string]*samples{}
	for _, k := range []string{"login", "select", "fetch_list", "fetch_body", "search_text", "store", "logout", "session"} {
		ops[k] = &samples{}
	}
	var errs errlog
	var wg sync.WaitGroup
	var done, exists, hits, bytesIn atomic.Int64
	m := startMeter(c)
	start := time.Now()
	for w := range c.conns {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := c.rng(uint64(2000 + w))
			for range *rounds {
				err := func() error {
					t0 := time.Now()
					lap := func(op string, f func() error) error {
						t := time.Now()
						err := f()
						if err != nil {
							return fmt.Errorf("%s: %w", op, err)
						}
						ops[op].add(time.Since(t))
						return nil
					}
					var ic *imapConn
					if err := lap("login", func() (err error) { ic, err = login(c, w%c.users); return }); err != nil {
						return err
					}
					defer ic.c.Close()
					n := 0
					if err := lap("select", func() (err error) { n, err = ic.selectInbox(false); return }); err != nil {
						return err
					}
					exists.Store(int64(n))
					if n == 0 {
						return fmt.Errorf("mailbox of %s is empty", c.user(w%c.users))
					}
					err := lap("fetch_list", func() error {
						rs, err := ic.cmd("FETCH 1:* (UID FLAGS ENVELOPE BODYSTRUCTURE RFC822.SIZE)")
						got := 0
						for _, r := range rs {
							if strings.Contains(r.line, "ENVELOPE") {
								got++
							}
						}
						if err == nil && got != n {
							err = fmt.Errorf("%d of %d messages listed", got, n)
						}
						return err
					})
					if err != nil {
						return err
					}
					for range *bodies {
						err := lap("fetch_body", func() error {
							rs, err := ic.cmd("FETCH %d BODY.PEEK[]", 1+r.IntN(n))
							lits := 0
							for _, r := range rs {
								lits += len(r.lits)
							}
							if err == nil && lits != 1 {
								err = fmt.Errorf("%d bodies", lits)
							}
							return err
						})
						if err != nil {
							return err
						}
					}
					if *search != "" {
						err := lap("search_text", func() error {
							rs, err := ic.cmd("SEARCH TEXT \"%s\"", *search)
							for _, r := range rs {
								if strings.HasPrefix(r.line, "* SEARCH") {
									hits.Store(int64(len(strings.Fields(r.line)) - 2))
								}
							}
							return err
						})
						if err != nil {
							return err
						}
					}
					for i := range 2 * *stores {
						sign := "+-"[i%2]
						if err := lap("store", func() error {
							_, err := ic.cmd("STORE %d %cFLAGS (\\Flagged)", 1+r.IntN(n), sign)
							return err
						}); err != nil {
							return err
						}
					}
					if err := lap("logout", func() error { _, err := ic.cmd("LOGOUT"); return err }); err != nil {
						return err
					}
					ops["session"].add(time.Since(t0))
					bytesIn.Add(ic.bytesIn)
					done.Add(1)
					return nil
				}()
				if err != nil {
					errs.add(err)
				}
			}
		}()
	}
	wg.Wait()
	took := time.Since(start).Seconds()
	res := map[string]any{"clients": c.conns, "sessions": done.Load(), "sessions_per_s": round(float64(done.Load()) / took),
		"exists": exists.Load(), "search_hits": hits.Load(), "mb_per_s": round(float64(bytesIn.Load()) / took / 1e6)}
	per := map[string]any{}
	for k, s := range ops {
		per[k] = s.summary()
	}
	res["ops"] = per
	errs.put(res)
	m.stop(res)
	return res, nil
}

func runAppend(c *config, fs *flag.FlagSet, args []string) (map[string]any, error) {
	multi := fs.Int("multi", 1, "messages per APPEND when MULTIAPPEND is offered")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	co, err := newCorpus(c)
	if err != nil {
		return nil, err
	}
	var next, sent atomic.Int64
	var lat samples
	var errs errlog
	var wg sync.WaitGroup
	var used, plus atomic.Bool
	book := newLedger()
	m := startMeter(c)
	start := time.Now()
	for w := range c.conns {
		wg.Add(1)
		go func() {
			defer wg.Done()
			u := w % c.users
			ic, err := login(c, u)
			if err == nil {
				err = ic.loadCaps()
			}
			if err != nil {
				errs.add(err)
				return
			}
			defer ic.logout()
			lp := ic.has("LITERAL+")
			batch := 1
			if ic.has("MULTIAPPEND") {
				batch = *multi
			}
			plus.Store(lp)
			used.Store(batch > 1)
			for {
				at := int(next.Add(int64(batch))) - batch
				if at >= c.messages {
					return
				}
				var msgs [][]byte
				for s := at; s < min(at+batch, c.messages); s++ {
					msgs = append(msgs, co.message(s, c.from, c.addr(u)))
				}
				t := time.Now()
				if err := ic.appendMessages(msgs, lp); err != nil {
					errs.add(err)
					return
				}
				lat.add(time.Since(t))
				for i := range msgs {
					book.add(u, co.id(at+i))
				}
				sent.Add(int64(len(msgs)))
			}
		}()
	}
	wg.Wait()
	took := time.Since(start).Seconds()
	res := map[string]any{"connections": c.conns, "users": c.users, "append_per_s": round(float64(sent.Load()) / took),
		"append_s": round(took), "multiappend": used.Load(), "literal_plus": plus.Load(), "command": lat.summary()}
	errs.put(res)
	m.stop(res)
	if c.verify != 0 {
		book.verify(c, res)
	}
	m.growth(res)
	return res, nil
}

func runCount(c *config, fs *flag.FlagSet, args []string) (map[string]any, error) {
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	total, boxes := 0, 0
	var errs errlog
	for i := range c.users {
		ic, err := login(c, i)
		if err != nil {
			errs.add(err)
			continue
		}
		n, err := ic.statusMessages()
		if err != nil {
			errs.add(err)
		}
		total, boxes = total+n, boxes+1
		ic.logout()
	}
	res := map[string]any{"mailboxes": boxes, "messages": total}
	errs.put(res)
	return res, nil
}
