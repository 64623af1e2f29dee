package annuaire

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"navette/internal/failure"
	"navette/internal/store"
)

// Config is what a Service needs.
type Config struct {
	DB     *store.DB
	Zone   *time.Location // nil: UTC
	Now    func() time.Time
	Log    *slog.Logger
	Limits Limits // zero: DefaultLimits
}

// Service is the directory as this node searches it. Its methods may be called from many goroutines.
type Service struct {
	cfg      Config
	catching sync.Mutex // one reads the database at a time
	current  atomic.Pointer[view]
	seen     atomic.Int64 // when current was compared with the database, in microseconds
	meter    *meter
}

// New gives the service. It reads nothing until Run, CatchUp or the first search.
func New(cfg Config) *Service {
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	if cfg.Limits == (Limits{}) {
		cfg.Limits = DefaultLimits()
	}
	return &Service{cfg: cfg, meter: newMeter(cfg)}
}

// Asker is who asks. The zero Asker is nobody: they have no colleagues, see no liste rouge, and are counted together.
type Asker struct {
	Account  int64
	Operator bool // a command of the DSI: sees the liste rouge, and is not counted
}

// Query is what is looked for. All that is given must hold.
type Query struct {
	Text       string // words in any order, each of which may be the beginning of one; "": all that the filters let through, else one's colleagues
	Kinds      []Kind // none: all
	UAI        string // of the establishment
	Function   string // code: DIR, ENS…
	Department string
	Limit      int    // 0: DefaultLimit; at most MaxLimit
	After      string // Page.Next of the page before; the other fields are the same as there
}

// The sizes of a page.
const (
	DefaultLimit = 10
	MaxLimit     = 50
)

// maxWords and maxText bound what a query costs: what is beyond is not looked at.
const (
	maxWords = 8
	maxText  = 200
)

// Page is one page of an answer: the best entries first.
type Page struct {
	Entries []Entry
	Next    string // for Query.After; "" on the last page
}

// Search looks for entries. Words are looked for in names first, whole words before beginnings; then in functions,
// corps and establishments too; then inside names. Among equals colleagues come first, then the order of names.
//
// It fails with failure.Policy, and a text to show, for who has been shown too much lately (Limits); with
// failure.Permanent for a cursor that is none; with failure.Temporary where the database cannot be read.
func (s *Service) Search(ctx context.Context, who Asker, q Query) (Page, error) {
	a, err := q.asked()
	if err != nil {
		return Page{}, err
	}
	if err := s.meter.admit(ctx, who); err != nil {
		return Page{}, err
	}
	v, err := s.now(ctx)
	if err != nil {
		return Page{}, err
	}
	self := v.record(who.Account)
	a.schools = schoolsOf(self)
	hits := v.search(a, v.sees(who, self))
	var page Page
	if len(hits) == a.limit { // one more than the page
		hits = hits[:a.limit-1]
		last := hits[len(hits)-1]
		page.Next = position{last.level, last.far, last.record.key, last.record.account}.String()
	}
	var strangers []*record
	for _, h := range hits {
		e := h.record.entry()
		e.Colleague = h.far == 0
		if !e.Colleague && h.record != self {
			strangers = append(strangers, h.record)
		}
		page.Entries = append(page.Entries, e)
	}
	return page, s.meter.shown(ctx, who, q.typed(), strangers)
}

// asked reads a query.
func (q Query) asked() (*asked, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	a := &asked{limit: min(limit, MaxLimit) + 1}
	text := q.Text
	if local, _, ok := strings.Cut(text, "@"); ok { // an address as it is typed
		text = local
	}
	a.words = spellings(strings.ToValidUTF8(text[:min(len(text), maxText)], ""))
	a.words = a.words[:min(len(a.words), maxWords)]
	add := func(f func(s *segment) *require) { a.filters = append(a.filters, f) }
	if len(q.Kinds) > 0 {
		keys := make([]string, len(q.Kinds))
		for i, k := range q.Kinds {
			keys[i] = kindKey(k)
		}
		add(func(s *segment) *require { return s.having(keys...) })
	}
	if q.UAI != "" {
		add(func(s *segment) *require { return s.having(facetSchool + strings.ToUpper(q.UAI)) })
	}
	if q.Department != "" {
		add(func(s *segment) *require { return s.having(facetRegion + q.Department) })
	}
	if q.Function != "" {
		add(func(s *segment) *require { return s.havingPrefix(facetFunction + q.Function + "/") })
	}
	if len(a.words) == 0 && strings.TrimSpace(q.Text) != "" {
		a.words = [][]string{{"\x00"}} // signs alone name nobody
	}
	a.everyone = len(a.words) == 0 && len(a.filters) == 0
	if q.After != "" {
		a.after = &position{}
		if err := a.after.read(q.After); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// String is the cursor of a position. It tells of the entry before it, which was shown, and of nothing else.
func (p position) String() string {
	b, _ := json.Marshal(p)
	return base64.RawURLEncoding.EncodeToString(b)
}

// read reads a cursor.
func (p *position) read(text string) error {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, p)
	}
	if err != nil {
		return failure.Wrap(failure.Permanent, err, "La page suivante n'est pas reconnue : recommencer la recherche. / The next page is not known: search again.")
	}
	return nil
}

// schoolsOf gives the establishments in which somebody works.
func schoolsOf(r *record) (uais []string) {
	if r == nil || r.kind != Person {
		return nil
	}
	for _, p := range r.posts {
		if p.school.UAI != "" {
			uais = append(uais, p.school.UAI)
		}
	}
	return uais
}

// Get gives the entries of accounts, for protocols that keep them by number. What the asker may not see is left out like
// what is not there. It fails as Search does.
func (s *Service) Get(ctx context.Context, who Asker, accounts ...int64) ([]Entry, error) {
	if err := s.meter.admit(ctx, who); err != nil {
		return nil, err
	}
	v, err := s.now(ctx)
	if err != nil {
		return nil, err
	}
	self := v.record(who.Account)
	mine, sees := schoolsOf(self), v.sees(who, self)
	var out []Entry
	var strangers []*record
	for _, account := range accounts[:min(len(accounts), MaxLimit)] {
		r := v.record(account)
		if r == nil || r.hidden && (sees == nil || !sees(r)) {
			continue
		}
		e := r.entry()
		e.Colleague = slices.ContainsFunc(r.posts, func(p post) bool { return slices.Contains(mine, p.school.UAI) })
		if !e.Colleague && r != self {
			strangers = append(strangers, r)
		}
		out = append(out, e)
	}
	return out, s.meter.shown(ctx, who, "", strangers)
}
