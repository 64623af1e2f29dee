// Package authenticator is a passkey in software: it makes and uses credentials as a browser with an authenticator does
// (WebAuthn, ES256, attestation "none"), for tests of what the server makes of them.
package authenticator

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// Passkey is one credential. Two copies of it are a cloned authenticator.
type Passkey struct {
	Origin string // of the page that asks
	RPID   string
	Count  uint32 // signatures so far; 0 for ever where Counts is false
	Counts bool
	UV     bool // what unlocks it was shown

	id     []byte
	handle []byte
	key    *ecdsa.PrivateKey
}

// New gives a passkey that is not registered anywhere yet; it counts, and is unlocked.
func New(origin, rpID string) *Passkey {
	return &Passkey{Origin: origin, RPID: rpID, Counts: true, UV: true}
}

// Clone gives a copy, which counts on its own from here.
func (p *Passkey) Clone() *Passkey {
	c := *p
	return &c
}

// creation is what of navigator.credentials.create's options matters here.
type creation struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

// Create answers the options of a registration.
func (p *Passkey) Create(tb testing.TB, options []byte) []byte {
	tb.Helper()
	var o creation
	must(tb, json.Unmarshal(options, &o))
	var err error
	p.handle, err = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID)
	must(tb, err)
	p.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(tb, err)
	p.id = make([]byte, 16)
	_, err = rand.Read(p.id)
	must(tb, err)
	point, err := p.key.PublicKey.Bytes()
	must(tb, err)
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]}) // RFC 9052: EC2, ES256, P-256
	must(tb, err)
	attested := append(make([]byte, 16), binary.BigEndian.AppendUint16(nil, uint16(len(p.id)))...)
	attested = append(append(attested, p.id...), cose...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": p.data(0x40, attested)})
	must(tb, err)
	return p.answer(tb, map[string]string{
		"clientDataJSON":    encode(p.client(tb, "webauthn.create", o.PublicKey.Challenge)),
		"attestationObject": encode(object),
	})
}

// request is what of navigator.credentials.get's options matters here.
type request struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
	} `json:"publicKey"`
}

// Get answers the options of a sign-in.
func (p *Passkey) Get(tb testing.TB, options []byte) []byte {
	tb.Helper()
	var o request
	must(tb, json.Unmarshal(options, &o))
	if p.Counts {
		p.Count++
	}
	client := p.client(tb, "webauthn.get", o.PublicKey.Challenge)
	data := p.data(0, nil)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, p.key, digest[:])
	must(tb, err)
	return p.answer(tb, map[string]string{
		"clientDataJSON": encode(client), "authenticatorData": encode(data), "signature": encode(signature), "userHandle": encode(p.handle),
	})
}

// data is the authenticator data (WebAuthn §6.1).
func (p *Passkey) data(flags byte, attested []byte) []byte {
	flags |= 0x01 // present
	if p.UV {
		flags |= 0x04
	}
	rp := sha256.Sum256([]byte(p.RPID))
	return append(binary.BigEndian.AppendUint32(append(rp[:], flags), p.Count), attested...)
}

func (p *Passkey) client(tb testing.TB, kind, challenge string) []byte {
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": p.Origin, "crossOrigin": false})
	must(tb, err)
	return text
}

func (p *Passkey) answer(tb testing.TB, response map[string]string) []byte {
	text, err := json.Marshal(map[string]any{"id": encode(p.id), "rawId": encode(p.id), "type": "public-key",
		"clientExtensionResults": map[string]any{}, "response": response})
	must(tb, err)
	return text
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
