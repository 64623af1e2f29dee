package identity

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"navette/internal/safeio"
)

const pepperBytes = 32

// Pepper is the secret that stands between a stolen database and the NUMENs. It lies in a file of its own, outside the
// database and its backups; without it stored NUMENs cannot be checked, and their owners start with a sheet handed
// over in person.
type Pepper struct {
	seal []byte // for NUMENs that wait for their hash
	hash []byte // under which they are hashed

	codes   []byte // for digests of short codes
	secrets []byte // for secrets that are needed in the clear
	former  []byte // for addresses that must be recognised, and no longer known
	mailing []byte // for the reverse-paths of copies apart
}

// CreatePepper draws a new pepper into a file of mode 0600 that must not exist yet: overwriting one would lose every
// NUMEN under it.
func CreatePepper(path string, random io.Reader) (err error) {
	key := make([]byte, pepperBytes)
	if _, err := io.ReadFull(random, key); err != nil {
		return fmt.Errorf("draw a pepper: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("create the pepper file: %w", err)
	}
	_, werr := f.WriteString(hex.EncodeToString(key) + "\n")
	if err := errors.Join(werr, f.Sync(), f.Close()); err != nil {
		os.Remove(path)
		return fmt.Errorf("write the pepper file: %w", err)
	}
	return safeio.SyncDir(filepath.Dir(path))
}

// LoadPepper reads a pepper, and refuses one that others than its owner may read.
func LoadPepper(path string) (*Pepper, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the pepper file: %w", err)
	}
	if loose := info.Mode().Perm() & 0o077; loose != 0 {
		return nil, fmt.Errorf("the pepper file %s may be read by others (mode %v): chmod 600 it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the pepper file: %w", err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != pepperBytes {
		return nil, fmt.Errorf("the pepper file %s does not hold %d octets in hexadecimal", path, pepperBytes)
	}
	return newPepper(key)
}

// newPepper derives a key for each use, so that none says anything about the other.
func newPepper(key []byte) (*Pepper, error) {
	p := &Pepper{}
	for info, to := range map[string]*[]byte{
		"navette numen sealed v1": &p.seal, "navette numen hashed v1": &p.hash,
		"navette code digest v1": &p.codes, "navette secret sealed v1": &p.secrets,
		"navette former address v1": &p.former, "navette mailing v1": &p.mailing,
	} {
		derived, err := hkdf.Key(sha256.New, key, nil, info, 32)
		if err != nil {
			return nil, fmt.Errorf("derive from the pepper: %w", err)
		}
		*to = derived
	}
	return p, nil
}

// MailingKey is the key of the reverse-paths that copies apart bear, and of the hashes of where they went
// (mailing.Config). Without the pepper, what comes back for copies that are out is no longer understood.
func (p *Pepper) MailingKey() []byte { return p.mailing }

// FormerDigest is what is kept of a guardian's or a pupil's former address (table protected_former): 32 octets by which
// a match key (directory.MatchKey) is recognised, and which say nothing without the pepper.
func (p *Pepper) FormerDigest(matchKey string) []byte {
	mac := hmac.New(sha256.New, p.former)
	mac.Write([]byte(matchKey))
	return mac.Sum(nil)
}

// String hides the pepper.
func (*Pepper) String() string { return "Pepper(hidden)" }

// GoString hides the pepper from %#v.
func (p *Pepper) GoString() string { return p.String() }

// LogValue hides the pepper from slog.
func (p *Pepper) LogValue() slog.Value { return slog.StringValue(p.String()) }
