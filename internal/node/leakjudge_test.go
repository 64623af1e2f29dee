package node

import (
	"io"
	"maps"
	"mime"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"navette/internal/directory"
	"navette/internal/group"
	"navette/internal/identity"
	"navette/internal/store"
)

// settle waits until all that was accepted is where it goes, and has the senders told what became of it.
func (w *town) settle() {
	w.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for len(w.texts(`SELECT 'queued' FROM outbound WHERE state = 0 UNION ALL SELECT 'apart' FROM mailing_copy WHERE state = 0
		UNION ALL SELECT 'placing' FROM delivery_recipient WHERE placed = 0`)) > 0 {
		select {
		case <-w.Context().Done():
			w.Fatal("what was accepted does not arrive")
		case <-tick.C:
		}
	}
	err := w.house.DB.Write(w.Context(), store.Bulk, func(tx *store.Tx) error {
		_, err := tx.Exec(w.Context(), `UPDATE mailing SET look_at = 0 WHERE state < 2`)
		return err
	})
	if err == nil {
		err = w.house.Mailings.Upkeep(w.Context())
	}
	if err != nil {
		w.Fatal(err)
	}
}

// copyOf is one copy of a letter, with who reads it.
type copyOf struct {
	reader *person
	octets string
}

// markOf finds which letter a copy is of, subjectOf which letters a report is about.
var (
	markOf    = regexp.MustCompile(`\[tour (\d+)\]`)
	subjectOf = regexp.MustCompile(`(Tour|Fil)[ _]\d+`)
)

// judge reads everything that anybody got, or may read.
func (w *town) judge(posts []*post) {
	letters := map[int]*letter{}
	for _, p := range posts {
		maps.Copy(letters, p.letters)
		w.namesNobody("a reply", p.replies...)
	}
	reached := map[*letter]map[*person]bool{}
	reports := 0
	for _, c := range w.copies() {
		switch m := markOf.FindStringSubmatch(c.octets); {
		case strings.Contains(c.octets, "[dehors]"): // stays as it came
		case m == nil:
			reports++
			w.judgeReport(c, letters)
		default:
			l := letters[number(m[1])]
			if l == nil {
				w.waitsForItsWriter(c)
				continue
			}
			if reached[l] == nil {
				reached[l] = map[*person]bool{}
			}
			reached[l][c.reader] = true
			w.judgeCopy(c, l)
		}
	}
	for _, l := range letters {
		w.judgeReach(l, reached[l])
	}
	w.judgeRecords()
	if len(letters) < 50 || reports == 0 {
		w.Errorf("only %d letters were sent, and %d reports made: nothing was tried", len(letters), reports)
	}
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

// waitsForItsWriter: what was refused stands in « Brouillons — à corriger », and nowhere else.
func (w *town) waitsForItsWriter(c copyOf) {
	if !strings.Contains(c.octets, "X-Navette-A-Corriger:") {
		w.Errorf("%s has a letter that was not sent\n%s", c.reader.address, c.octets)
	}
}

// judgeCopy demands that a copy shows its reader no address that they may not read.
func (w *town) judgeCopy(c copyOf, l *letter) {
	for key := range addressesShown(c.octets) {
		if whom := w.guarded(key); whom != nil && !l.mayRead(c.reader, whom) {
			w.Errorf("%s reads %s in letter %d of %s\n%s", c.reader.address, key, l.number, l.writer.address, c.octets)
		}
	}
}

// judgeReport demands that what Navette writes itself, about some letters, names nobody whom their writer did not.
func (w *town) judgeReport(c copyOf, letters map[int]*letter) {
	for key := range addressesShown(c.octets) {
		whom := w.guarded(key)
		if whom == nil || whom == c.reader {
			continue
		}
		wrote := slices.ContainsFunc(subjectOf.FindAllString(c.octets, -1), func(subject string) bool {
			subject = strings.ReplaceAll(subject, "_", " ")
			for _, l := range letters {
				if strings.HasSuffix(l.subject(), subject) && l.names(whom) && l.writer.owns(c.reader) {
					return true
				}
			}
			return false
		})
		if !wrote {
			w.Errorf("Navette tells %s of %s\n%s", c.reader.address, key, c.octets)
		}
	}
}

// names tells whether the writer of a letter wrote somebody's address in it.
func (l *letter) names(p *person) bool {
	return l.quotes == p || slices.ContainsFunc(l.mentions, func(m mention) bool { return m.person == p })
}

// judgeReach demands that a letter that was sent got to everybody.
func (w *town) judgeReach(l *letter, reached map[*person]bool) {
	for _, to := range l.recipients() {
		for _, p := range append([]*person{to}, to.group...) {
			if p.group == nil && !reached[p] {
				w.Errorf("letter %d did not reach %s", l.number, p.address)
			}
		}
	}
}

// judgeRecords demands that what is written down, or leaves as a file, names nobody.
func (w *town) judgeRecords() {
	w.namesNobody("the log", w.log.String())
	for _, table := range []string{`SELECT detail FROM journal`, `SELECT subject FROM journal`, `SELECT reason FROM journal`, `SELECT french FROM remark`,
		`SELECT english FROM remark`, `SELECT subject FROM remark`} {
		w.namesNobody(table, w.texts(table)...)
	}
	for _, format := range []group.Format{group.SCIM, group.CSV} {
		var file strings.Builder
		if err := w.house.Groups.Export(w.Context(), group.AsOperator(), identity.By{Actor: "test", Reason: "test"}, collegeUAI, format, &file); err != nil {
			w.Error(err)
		}
		w.namesNobody("an export", file.String())
	}
}

// guarded gives who is protected and has an address.
func (w *town) guarded(key string) *person {
	if i := slices.IndexFunc(w.guards, func(g *person) bool { return g.key == key }); i >= 0 {
		return w.guards[i]
	}
	return nil
}

// namesNobody demands that texts hold no address of anybody protected.
func (w *town) namesNobody(what string, texts ...string) {
	for _, text := range texts {
		for key := range addressesShown(text) {
			if w.guarded(key) != nil {
				w.Errorf("%s names %s", what, key)
			}
		}
	}
}

// copies are all that left, and all that stands in a mailbox.
func (w *town) copies() (out []copyOf) {
	byKey := map[string]*person{}
	byAccount := map[int64]*person{}
	for _, p := range w.people {
		byKey[p.key] = p
		if p.account != 0 {
			byAccount[p.account] = p
		}
	}
	for _, one := range w.relay.all() {
		out = append(out, copyOf{byKey[directory.MatchKey(one.recipient)], one.octets})
	}
	accounts, messages := w.placed()
	for chunk := range slices.Chunk(messages, 500) {
		err := w.house.DB.Read(w.Context(), func(tx *store.Tx) error {
			loaded, err := w.house.Contents.Load(w.Context(), tx, chunk, false, false)
			if err != nil {
				return err
			}
			for id, m := range loaded {
				r, err := w.house.Contents.Open(w.Context(), &m, 0)
				if err != nil {
					return err
				}
				octets, err := io.ReadAll(r)
				r.Close()
				if err != nil {
					return err
				}
				for _, account := range accounts[id] {
					out = append(out, copyOf{byAccount[account], string(octets)})
				}
			}
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
	}
	return out
}

// placed gives whose each message is.
func (w *town) placed() (accounts map[int64][]int64, messages []int64) {
	accounts = map[int64][]int64{}
	err := w.house.DB.Read(w.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(w.Context(), `SELECT message_id, account_id FROM email`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var message, account int64
			if err := rows.Scan(&message, &account); err != nil {
				return err
			}
			if accounts[message] == nil {
				messages = append(messages, message)
			}
			accounts[message] = append(accounts[message], account)
		}
		return rows.Err()
	})
	if err != nil {
		w.Fatal(err)
	}
	return accounts, messages
}

var (
	addressLike = regexp.MustCompile(`[^\s<>(),;:"\[\]\\]+@[^\s<>(),;:"\[\]\\]+`)
	comment     = regexp.MustCompile(`\([^()]*\)`)
	encoded     = regexp.MustCompile(`=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=`)
	around      = regexp.MustCompile(`\s*([.@])\s*`)
)

// addressesShown gives the keys of all addresses in some octets: as they stand, unfolded, with words decoded, and
// without the quotes, comments and spaces that the obsolete syntax allows; and as quoted-printable reads.
func addressesShown(octets string) map[string]bool {
	out := map[string]bool{}
	decoder := mime.WordDecoder{}
	decoded := encoded.ReplaceAllStringFunc(strings.ReplaceAll(octets, "?=\r\n =?", "?==?"), func(word string) string {
		text, err := decoder.Decode(word)
		if err != nil {
			return word
		}
		return text
	})
	unbroken := strings.ReplaceAll(strings.ReplaceAll(octets, "=\r\n", ""), "=40", "@") // quoted-printable
	for _, text := range []string{octets, decoded, unbroken, around.ReplaceAllString(strings.ReplaceAll(comment.ReplaceAllString(decoded, ""), `"`, ""), "$1")} {
		for _, found := range addressLike.FindAllString(text, -1) {
			if key := directory.MatchKey(strings.Trim(found, ".'")); key != "" {
				out[key] = true
			}
		}
	}
	return out
}
