package outbound

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"navette/internal/content"
	"navette/internal/delivery"
	"navette/internal/fault"
	"navette/internal/store"
)

// Config is what the service needs besides its transport. A zero duration or number takes its default.
type Config struct {
	Hostname string // our name as Reporting-MTA
	Domain   string // of postmaster, who reports are from
	Now      func() time.Time
	Random   io.Reader // crypto/rand.Reader
	Log      *slog.Logger

	Workers     int           // parcels sent at a time: 4
	NoticeAfter time.Duration // a sender is told once that a message waits: 4 h
	FirstRetry  time.Duration // after the first temporary failure, doubling from there: 5 min
	LastRetry   time.Duration // at most: 2 h
}

const (
	leaseFor       = 10 * time.Minute
	sendWithin     = leaseFor - time.Minute // what is not settled when its lease ends is sent twice
	batchSize      = 1000                   // rows leased at a time
	parcelSize     = 100                    // recipients of one transaction (RFC 5321 §4.5.3.1.8)
	sweepEvery     = time.Minute            // in case that a hint was lost: another node may have accepted
	errorPause     = 10 * time.Second       // after the database failed
	reportPatience = 48 * time.Hour         // how long past its expiry a row waits for its report to be possible
)

// Service works off the queue.
type Service struct {
	db        *store.DB
	contents  *content.Contents
	delivery  delivery.Accepter
	transport Transport
	cfg       Config

	kick chan struct{}
	stop context.CancelFunc
	wg   sync.WaitGroup
}

// New returns the service; Start runs it.
func New(db *store.DB, contents *content.Contents, accepter delivery.Accepter, transport Transport, cfg Config) *Service {
	cfg.Workers = orDefault(cfg.Workers, 4)
	cfg.NoticeAfter = orDefault(cfg.NoticeAfter, 4*time.Hour)
	cfg.FirstRetry = orDefault(cfg.FirstRetry, 5*time.Minute)
	cfg.LastRetry = orDefault(cfg.LastRetry, 2*time.Hour)
	return &Service{db: db, contents: contents, delivery: accepter, transport: transport, cfg: cfg, kick: make(chan struct{}, 1)}
}

func orDefault[T int | time.Duration](v, usual T) T {
	if v <= 0 {
		return usual
	}
	return v
}

// Kick says that rows were written (delivery.Service.OnOutbound). It does not block.
func (s *Service) Kick() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// Start works until Stop, beginning with what waits.
func (s *Service) Start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.wg.Go(func() {
		if err := s.releaseAll(ctx); err != nil && ctx.Err() == nil {
			s.cfg.Log.Error("outbound", "error", err) // leases end by themselves
		}
		for ctx.Err() == nil {
			pause := s.round(ctx)
			t := time.NewTimer(pause)
			select {
			case <-ctx.Done():
			case <-s.kick:
			case <-t.C:
			}
			t.Stop()
		}
	})
}

// Stop ends the work: what is being sent is cut short and stays due.
func (s *Service) Stop() {
	if s.stop != nil {
		s.stop()
		s.wg.Wait()
	}
}

// round works off what is due, and tells how long nothing else will be.
func (s *Service) round(ctx context.Context) time.Duration {
	for {
		n, err := s.WorkOnce(ctx)
		if err != nil {
			if ctx.Err() == nil {
				s.cfg.Log.Error("outbound", "error", err)
			}
			return errorPause
		}
		if n == 0 {
			break
		}
	}
	at, ok, err := s.nextDue(ctx)
	if err != nil {
		return errorPause
	}
	if !ok {
		return sweepEvery
	}
	return min(max(at.Sub(s.cfg.Now()), 0)+time.Second, sweepEvery)
}

// WorkOnce leases what is due, up to a batch, sends it, settles it, and tells how many rows that were.
func (s *Service) WorkOnce(ctx context.Context) (int, error) {
	items, err := s.lease(ctx, batchSize)
	if err != nil {
		return 0, err
	}
	parcels := group(items)
	var wg sync.WaitGroup
	free := make(chan struct{}, s.cfg.Workers)
	for _, p := range parcels {
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			if err := s.send(ctx, p); err != nil && ctx.Err() == nil {
				// The rows stay leased, and are due again when the lease ends.
				s.cfg.Log.Error("outbound", "delivery", p[0].delivery, "recipients", len(p), "error", err)
			}
		})
	}
	wg.Wait()
	return len(items), ctx.Err()
}

// group puts rows of one message together, in the order of their ids, parcelSize at most.
func group(items []item) [][]item {
	type key struct {
		message     int64
		reversePath string
	}
	byMessage := map[key][]item{}
	var order []key
	for _, it := range items {
		k := key{it.message, it.reversePath}
		if byMessage[k] == nil {
			order = append(order, k)
		}
		byMessage[k] = append(byMessage[k], it)
	}
	var parcels [][]item
	for _, k := range order {
		list := byMessage[k]
		slices.SortFunc(list, func(a, b item) int { return int(a.id - b.id) })
		parcels = slices.AppendSeq(parcels, slices.Chunk(list, parcelSize))
	}
	return parcels
}

// send hands one parcel over and settles its rows.
func (s *Service) send(ctx context.Context, items []item) error {
	message, err := s.load(ctx, items[0].message)
	if err != nil {
		return err
	}
	p := Parcel{ID: items[0].id, ReversePath: items[0].reversePath, Size: message.Size, EightBit: message.eightBit,
		Open: func(ctx context.Context) (io.ReadCloser, error) {
			return s.contents.Open(ctx, &message.Message, 0)
		}}
	for _, it := range items {
		p.Recipients = append(p.Recipients, it.recipient)
	}
	sending, cancel := context.WithTimeout(ctx, sendWithin)
	outcomes := s.transport.Send(sending, p)
	cancel()
	fault.Point("outbound.after-send")
	if len(outcomes) != len(items) {
		return fmt.Errorf("%d outcomes for %d recipients", len(outcomes), len(items))
	}
	// What was handed over is settled even while the service stops: else it would be sent again.
	return s.conclude(context.WithoutCancel(ctx), message, items, outcomes)
}

// retryAfter is how long a row waits after its nth temporary failure, from 1: doubling, with a fifth more or less, so
// that what failed together does not come back together.
func (s *Service) retryAfter(attempts int) time.Duration {
	d := s.cfg.FirstRetry
	for i := 1; i < attempts && d < s.cfg.LastRetry; i++ {
		d *= 2
	}
	d = min(d, s.cfg.LastRetry)
	var b [2]byte
	if _, err := io.ReadFull(s.cfg.Random, b[:]); err != nil {
		return d
	}
	return d*4/5 + d*2/5*time.Duration(binary.BigEndian.Uint16(b[:]))/(1<<16)
}
