package proof

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"navette/internal/mail"
)

// Field is the name of the field.
const Field = "X-Navette-Agent"

// Kind says what an account is, as the field has it.
type Kind string

// The kinds.
const (
	Agent Kind = "agent" // a person whom HR has named on a document
	Box   Kind = "boite" // a functional box
)

// French is what a reader sees.
func (k Kind) French() string {
	if k == Box {
		return "Boîte vérifiée"
	}
	return "Agent vérifié"
}

// English is French in English.
func (k Kind) English() string {
	if k == Box {
		return "Verified box"
	}
	return "Verified agent"
}

// Claim is what a message proves of who wrote it.
type Claim struct {
	Kind    Kind
	Account int64
	Signed  time.Time // to the second
	Key     string    // ID
	Body    [sha256.Size]byte

	From string // the signed field, decoded; Verify sets it. The name in it is its author's choice.
}

// version of the field and of what is signed.
const version = "1"

// text is what is signed: the claim, then the fields of the message.
func (c Claim) text(fields signedFields) []byte {
	b := fmt.Appendf(nil, "navette-proof-%s\n%s\n", version, c.values())
	for _, name := range signedNames() {
		b = fmt.Appendf(b, "%s:%s\n", name, fields[name])
	}
	return b
}

func (c Claim) values() string {
	return fmt.Sprintf("v=%s; c=%s; a=%d; t=%d; k=%s; b=%s", version, c.Kind, c.Account, c.Signed.Unix(), c.Key,
		base64.StdEncoding.EncodeToString(c.Body[:]))
}

// sign gives the field with its line end.
func (k *Keys) sign(c Claim, fields signedFields) []byte {
	key := k.newest()
	c.Key = key.ID
	s := ed25519.Sign(key.private, c.text(fields))
	return fmt.Appendf(nil, "%s: %s;\r\n\ts=%s\r\n", Field, c.values(), base64.StdEncoding.EncodeToString(s))
}

// signedFields are the values of the fields that are signed, by their names in lower case.
type signedFields map[string]string

func signedNames() []string { return []string{"from", "date", "message-id", "subject"} }

// read gives the signed fields of a header and the proofs that stand in it. ok is false where a signed field stands
// twice: readers would not agree on which of them counts.
func read(header []byte) (fields signedFields, proofs []string, ok bool) {
	fields, ok = signedFields{}, true
	for f := range mail.HeaderFields(header) {
		name, value := strings.ToLower(f.Name), strings.Join(strings.Fields(string(f.Value)), " ")
		switch {
		case strings.EqualFold(name, Field):
			proofs = append(proofs, value)
		case slices.Contains(signedNames(), name):
			if _, twice := fields[name]; twice {
				ok = false
			}
			fields[name] = value
		}
	}
	return fields, proofs, ok
}

// parse reads the value of a field: its claim and signature.
func parse(value string) (c Claim, signature []byte, ok bool) {
	words := map[string]string{}
	for _, part := range strings.Split(value, ";") {
		name, text, found := strings.Cut(strings.TrimSpace(part), "=")
		if _, twice := words[name]; !found || twice {
			return c, nil, false
		}
		words[name] = text
	}
	account, err1 := strconv.ParseInt(words["a"], 10, 64)
	at, err2 := strconv.ParseInt(words["t"], 10, 64)
	body, err3 := base64.StdEncoding.Strict().DecodeString(words["b"])
	signature, err4 := base64.StdEncoding.Strict().DecodeString(words["s"])
	if errors.Join(err1, err2, err3, err4) != nil || len(body) != sha256.Size || words["v"] != version || len(words) != 7 {
		return c, nil, false
	}
	c = Claim{Kind: Kind(words["c"]), Account: account, Signed: time.Unix(at, 0), Key: words["k"]}
	copy(c.Body[:], body)
	return c, signature, c.Kind == Agent || c.Kind == Box
}
