package imapd

import (
	"context"
	"unicode/utf8"

	"navette/internal/imap"
	"navette/internal/mailbox"
)

// search is SEARCH (RFC 3501 §6.4.4, RFC 4731). It looks first at what placements tell; only the messages that this
// leaves open are loaded.
func (s *session) search(ctx context.Context, tag string, c imap.Search) (reply, error) {
	if c.Charset != "" && c.Charset != "UTF-8" && c.Charset != "US-ASCII" {
		return no(imap.CodeBadCharset(), "search in UTF-8"), nil
	}
	if c.Key.Any(func(k imap.SearchKey) bool { return !utf8.ValidString(k.Text) }) {
		return bad("the text to search for is not UTF-8"), nil
	}
	q := newQuery(s, c.Key)
	s.condStore = s.condStore || q.modSeq
	r := results{}
	var open imap.NumSet
	err := s.srv.cfg.Mailboxes.Fetch(ctx, s.box.account, s.box.id, rangesOf(q.within(&s.box.uids)), 0, func(items []mailbox.Item) error {
		for i := range items {
			switch q.glance(&q.key, &items[i]) {
			case yes:
				r.add(&items[i])
			case maybe:
				open = open.Add(items[i].UID)
			}
		}
		return s.out.Err()
	})
	if err != nil {
		return reply{}, err
	}
	if len(open) > 0 {
		if err := s.searchOpen(ctx, q, open, &r); err != nil {
			return reply{}, err
		}
	}
	s.writeResults(tag, c, q, &r)
	return ok("searched"), nil
}

// searchOpen decides about the messages that their placements leave open.
func (s *session) searchOpen(ctx context.Context, q *query, open imap.NumSet, r *results) error {
	m := matcher{ctx: ctx, srv: s.srv, now: s.srv.cfg.Now()}
	return s.srv.cfg.Mailboxes.Fetch(ctx, s.box.account, s.box.id, rangesOf(open), q.need, func(items []mailbox.Item) error {
		for i := range items {
			found, err := m.matches(q, &items[i])
			if err != nil {
				return err
			}
			if found {
				r.add(&items[i])
			}
		}
		return s.out.Err()
	})
}

// results are the UIDs that were found, and their mod-sequences as RFC 7162 §3.1.5 wants them.
type results struct {
	uids                 []uint32
	first, last, highest int64 // mod-sequences
	firstUID, lastUID    uint32
}

func (r *results) add(it *mailbox.Item) {
	r.uids = append(r.uids, it.UID)
	if r.firstUID == 0 || it.UID < r.firstUID {
		r.firstUID, r.first = it.UID, it.Modseq
	}
	if it.UID > r.lastUID {
		r.lastUID, r.last = it.UID, it.Modseq
	}
	r.highest = max(r.highest, it.Modseq)
}

// modSeq is the mod-sequence that goes with what is returned.
func (r *results) modSeq(ret imap.SearchReturn) uint64 {
	switch {
	case ret.All || ret.Count || ret == imap.SearchReturn{}:
		return uint64(r.highest)
	case ret.Min && ret.Max:
		return uint64(max(r.first, r.last))
	case ret.Min:
		return uint64(r.first)
	}
	return uint64(r.last)
}

// writeResults writes the SEARCH or ESEARCH response.
func (s *session) writeResults(tag string, c imap.Search, q *query, r *results) {
	found := make(imap.NumSet, 0, len(r.uids))
	for _, uid := range r.uids {
		found = append(found, imap.Range{First: uid, Last: uid})
	}
	found = found.Bounded(s.box.uids.Max())
	if c.UID {
		found = s.box.uids.Intersect(found)
	} else {
		found = s.box.uids.Seqs(found)
	}
	modSeq := uint64(0)
	if q.modSeq {
		modSeq = r.modSeq(c.Return)
	}
	if c.Extended {
		s.out.ExtendedSearch(imap.ExtendedResult{Tag: tag, UID: c.UID, Found: found, Return: c.Return, ModSeq: modSeq})
		return
	}
	s.out.SearchResult(found, modSeq)
}
