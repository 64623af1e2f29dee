package imapd

import (
	"context"
	"strings"

	"navette/internal/imap"
)

// startIdle is IDLE (RFC 2177). The selection is subscribed already; what happened up to here is told, then the session
// waits. A hint that comes meanwhile ends the first wait at once.
func (s *session) startIdle(ctx context.Context, tag string) (reply, error) {
	s.idle = &idling{tag: tag, stop: make(chan struct{})}
	s.wire.woken.Store(false)
	s.out.Continue("idling")
	if s.box == nil {
		return reply{}, nil
	}
	go forward(s.box.wake, s.idle.stop, s.wire)
	if err := s.catchUp(ctx, true); err != nil {
		s.stopIdling()
		return reply{}, err
	}
	return reply{}, nil
}

// forward wakes a wire for each token.
func forward(wake <-chan struct{}, stop <-chan struct{}, w *wire) {
	for {
		select {
		case <-wake:
			w.wake()
		case <-stop:
			return
		}
	}
}

// tellIdler writes what happened while the client idles.
func (s *session) tellIdler() outcome {
	if s.box == nil {
		return goOn
	}
	s.anew()
	if err := s.catchUp(s.wire.ctx, true); err != nil {
		return s.failed(err)
	}
	return settle
}

// endIdle reads DONE and answers the IDLE.
func (s *session) endIdle() outcome {
	line, err := s.dec.Line(1 << 10)
	if err != nil {
		return s.refuse(err)
	}
	tag := s.idle.tag
	s.stopIdling()
	if !strings.EqualFold(line, "DONE") {
		s.out.Status(tag, imap.BAD, "", "IDLE ends with DONE")
	} else {
		if s.box != nil {
			s.anew()
			if err := s.catchUp(s.wire.ctx, true); err != nil {
				return s.failed(err)
			}
		}
		s.out.Status(tag, imap.OK, "", "done")
	}
	return goOn
}

// stopIdling ends an IDLE, if there is one.
func (s *session) stopIdling() {
	if s.idle == nil {
		return
	}
	close(s.idle.stop)
	s.idle = nil
}
