package proof

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"navette/internal/safeio"
)

// Key is one of the installation's.
type Key struct {
	ID      string // 8 hexadecimal digits: of the SHA-256 of the public key
	Since   string // ISO 8601 day of its making
	private ed25519.PrivateKey
}

// Public is the half that may be given away.
func (k Key) Public() ed25519.PublicKey { return k.private.Public().(ed25519.PublicKey) }

// Keys are those of a file, the newest last. They are immutable.
type Keys struct{ list []Key }

// List gives them, the newest last.
func (k *Keys) List() []Key { return k.list }

// newest is the one that signs.
func (k *Keys) newest() Key { return k.list[len(k.list)-1] }

func (k *Keys) find(id string) (Key, bool) {
	for _, key := range k.list {
		if key.ID == id {
			return key, true
		}
	}
	return Key{}, false
}

// header begins a file of keys.
const header = `# Signing keys of this installation (internal/proof): ID DAY SEED, the newest last. It signs, all verify.
# Keep this file outside the database and its backups. Take out a key that somebody else has seen.
`

// Load reads the keys of a file, and refuses one that others than its owner may read, or that holds none.
func Load(path string) (*Keys, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read the signing keys: %w", err)
	}
	if loose := info.Mode().Perm() & 0o077; loose != 0 {
		return nil, fmt.Errorf("the signing keys in %s may be read by others (mode %v): chmod 600 it", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the signing keys: %w", err)
	}
	k, err := parseKeys(string(text))
	if err != nil {
		return nil, fmt.Errorf("the signing keys in %s: %w", path, err)
	}
	return k, nil
}

func parseKeys(text string) (*Keys, error) {
	k := &Keys{}
	for n, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		if len(words) != 3 {
			return nil, fmt.Errorf("line %d is no key", n+1)
		}
		seed, err := hex.DecodeString(words[2])
		if err != nil || len(seed) != ed25519.SeedSize {
			return nil, fmt.Errorf("line %d: a seed has %d octets in hexadecimal", n+1, ed25519.SeedSize)
		}
		key := newKey(seed, words[1])
		if key.ID != words[0] {
			return nil, fmt.Errorf("line %d: the seed is not that of key %s", n+1, words[0])
		}
		k.list = append(k.list, key)
	}
	if len(k.list) == 0 {
		return nil, errors.New("there is none")
	}
	return k, nil
}

func newKey(seed []byte, since string) Key {
	private := ed25519.NewKeyFromSeed(seed)
	sum := sha256.Sum256(private.Public().(ed25519.PublicKey))
	return Key{ID: hex.EncodeToString(sum[:4]), Since: since, private: private}
}

// Rotate adds a new key to the file of a path, which is made where it is not there, and gives the keys as they then are.
func Rotate(path string, random io.Reader, now time.Time) (*Keys, error) {
	k := &Keys{}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		if k, err = Load(path); err != nil {
			return nil, err
		}
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("draw a signing key: %w", err)
	}
	next := &Keys{list: append(k.list[:len(k.list):len(k.list)], newKey(seed, now.UTC().Format(time.DateOnly)))}
	var b bytes.Buffer
	b.WriteString(header)
	for _, key := range next.list {
		fmt.Fprintf(&b, "%s %s %s\n", key.ID, key.Since, hex.EncodeToString(key.private.Seed()))
	}
	if err := safeio.WriteFile(path, b.Bytes()); err != nil {
		return nil, fmt.Errorf("write the signing keys to %s: %w", filepath.Base(path), err)
	}
	return next, nil
}

// Open is Load, and makes the first key where there is no file yet.
func Open(path string, random io.Reader, now time.Time) (*Keys, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return Rotate(path, random, now)
	}
	return Load(path)
}

// String hides the keys, as GoString does from %#v.
func (*Keys) String() string { return "Keys(hidden)" }

// GoString hides them.
func (k *Keys) GoString() string { return k.String() }

// String names a key without its secret.
func (k Key) String() string { return "Key(" + k.ID + ")" }

// GoString hides the secret.
func (k Key) GoString() string { return k.String() }
