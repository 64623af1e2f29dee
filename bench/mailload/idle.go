package main

import (
	"flag"
	"fmt"
	"strings"
	"sync"
	"time"
)

// idler is one connection in IDLE; it notes when EXISTS arrives.
type idler struct {
	user int
	ic   *imapConn
	seen chan time.Time
}

func runIdle(c *config, fs *flag.FlagSet, args []string) (map[string]any, error) {
	count := fs.Int("idle", 1000, "idle connections; connection i is user i mod --users")
	gap := fs.Duration("gap", 20*time.Millisecond, "pause between deliveries")
	rest := fs.Duration("rest", 3*time.Second, "pause before memory is read")
	wait := fs.Duration("wait", 40*time.Second, "how long to wait for EXISTS")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	co, err := newCorpus(c)
	if err != nil {
		return nil, err
	}
	rss0, pss0, procs0 := treeMemory(c.pids)
	var errs errlog
	idlers := make([]*idler, *count)
	var wg sync.WaitGroup
	start := time.Now()
	sem := make(chan struct{}, 8)
	for i := range idlers {
		wg.Add(1)
		sem <- struct{}{}
		go func() {
			defer func() { <-sem; wg.Done() }()
			ic, err := login(c, i%c.users)
			if err != nil {
				errs.add(err)
				return
			}
			if _, err := ic.selectInbox(false); err != nil {
				errs.add(err)
				return
			}
			fmt.Fprintf(ic.w, "I1 IDLE\r\n")
			if err := ic.w.Flush(); err != nil {
				errs.add(fmt.Errorf("idle: %w", err))
				return
			}
			for {
				r, err := ic.read()
				if err != nil {
					errs.add(fmt.Errorf("idle: %w", err))
					return
				}
				if strings.HasPrefix(r.line, "+") {
					break
				}
			}
			idlers[i] = &idler{user: i % c.users, ic: ic, seen: make(chan time.Time, 64)}
		}()
	}
	wg.Wait()
	connect := time.Since(start).Seconds()
	ready := 0
	byUser := map[int]*idler{}
	for _, id := range idlers {
		if id == nil {
			continue
		}
		ready++
		if byUser[id.user] == nil {
			byUser[id.user] = id
		}
		go id.listen()
	}
	time.Sleep(*rest)
	rss1, pss1, procs1 := treeMemory(c.pids)
	res := map[string]any{"idle_connections": ready, "connect_s": round(connect), "connects_per_s": round(float64(ready) / connect)}
	if c.pids != "" && ready > 0 {
		res["rss_mb"], res["pss_mb"], res["processes"] = rss1/1024, pss1/1024, procs1
		res["rss_kb_per_connection"] = round(float64(rss1-rss0) / float64(ready))
		res["pss_kb_per_connection"] = round(float64(pss1-pss0) / float64(ready))
		res["processes_before"], res["rss_mb_before"], res["pss_mb_before"] = procs0, rss0/1024, pss0/1024
	}
	m := startMeter(c)
	var from250, fromEOD samples
	book := newLedger()
	missed := 0
	r := c.rng(42)
	d := &deliverer{c: c, co: co}
	var pend sync.WaitGroup
	var mu sync.Mutex
	for seq := range c.messages {
		if len(byUser) == 0 {
			break
		}
		id := byUser[idlers2user(byUser, r.IntN(c.users))]
		pend.Wait() // one message at a time: latency, not throughput
		for len(id.seen) > 0 {
			<-id.seen
		}
		sr, err := d.one(seq, id.user)
		at250 := sr.eod.Add(sr.latency)
		if err != nil {
			errs.add(err)
			continue
		}
		book.add(id.user, co.id(seq))
		pend.Add(1)
		go func() {
			defer pend.Done()
			select {
			case t := <-id.seen:
				fromEOD.add(t.Sub(sr.eod))
				from250.add(max(0, t.Sub(at250)))
			case <-time.After(*wait):
				mu.Lock()
				missed++
				mu.Unlock()
			}
		}()
		time.Sleep(*gap)
	}
	pend.Wait()
	d.close()
	m.stop(res)
	res["exists_after_eod"], res["exists_after_250"], res["missed"] = fromEOD.summary(), from250.summary(), missed
	for _, id := range idlers {
		if id != nil {
			id.ic.c.Close()
		}
	}
	errs.put(res)
	if c.verify != 0 {
		book.verify(c, res)
	}
	return res, nil
}

// idlers2user returns u, or the next user that has an idle connection.
func idlers2user(by map[int]*idler, u int) int {
	for range len(by) + 1<<16 {
		if by[u] != nil {
			return u
		}
		u++
		if u > 1<<20 {
			u = 0
		}
	}
	for k := range by {
		return k
	}
	return 0
}

func (id *idler) listen() {
	id.ic.timeout = time.Hour
	for {
		r, err := id.ic.read()
		if err != nil {
			return
		}
		if strings.HasSuffix(r.line, " EXISTS") {
			select {
			case id.seen <- time.Now():
			default:
			}
		}
	}
}
