package proof

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/subtle"
	"fmt"
	"io"

	"navette/internal/failure"
	"navette/internal/mail"
)

// Verify tells what the header of a message proves: prefix and content, or prefix alone with the content's fields
// after it. It says nothing of the body: use it where the field stands in the prefix of a message that Navette
// delivered (Delivered tells), and VerifyMessage everywhere else.
func (k *Keys) Verify(header []byte) (Claim, bool) {
	fields, proofs, ok := read(header)
	if !ok || len(proofs) != 1 {
		return Claim{}, false
	}
	c, signature, ok := parse(proofs[0])
	if !ok {
		return Claim{}, false
	}
	key, known := k.find(c.Key)
	if !known || !ed25519.Verify(key.Public(), c.text(fields), signature) {
		return Claim{}, false
	}
	c.From = mail.DecodeHeader(fields["from"])
	return c, true
}

// Delivered tells what a message that Navette delivered proves: prefix is what it wrote before the content, header the
// header of the content. A field in the content alone is not believed.
func (k *Keys) Delivered(prefix, header []byte) (Claim, bool) {
	if _, proofs, _ := read(prefix); len(proofs) == 0 {
		return Claim{}, false
	}
	return k.Verify(append(bytes.Clone(prefix), header...))
}

// headerMax is how long the header of a message may be that VerifyMessage looks at.
const headerMax = 1 << 20

// VerifyMessage tells what a whole message proves, its body too. failure.NotFound where it holds no proof,
// failure.Policy where what it holds proves nothing, else the reader's error.
func (k *Keys) VerifyMessage(r io.Reader) (Claim, error) {
	body := bufio.NewReader(r)
	header, err := mail.ReadHeader(body, headerMax)
	if err != nil {
		return Claim{}, fmt.Errorf("read the message: %w", err)
	}
	if _, proofs, _ := read(header); len(proofs) == 0 {
		return Claim{}, failure.New(failure.NotFound, "ce message ne porte pas de preuve de Navette / this message bears no proof of Navette's")
	}
	c, ok := k.Verify(header)
	if !ok {
		return Claim{}, failure.New(failure.Policy, "la preuve ne vaut rien : l'expéditeur, la date ou l'objet ne sont pas ceux qui ont été signés, ou la clé est inconnue ici"+
			" / the proof is worth nothing: sender, date or subject are not what was signed, or the key is unknown here")
	}
	digest := NewBody()
	if _, err := io.Copy(digest, body); err != nil {
		return Claim{}, fmt.Errorf("read the message: %w", err)
	}
	if sum := digest.Sum(); subtle.ConstantTimeCompare(sum[:], c.Body[:]) != 1 {
		return Claim{}, failure.New(failure.Policy, "la preuve ne vaut rien : le texte n'est pas celui qui a été signé / the proof is worth nothing: the text is not what was signed")
	}
	return c, nil
}
