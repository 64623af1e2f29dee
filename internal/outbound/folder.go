package outbound

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"navette/internal/safeio"
)

// Folder is the demo's next hop: nothing leaves the machine. A parcel becomes two files in a folder, N.eml, exactly as
// it would have gone over the wire, and N.json, its envelope, which appears after it and says that it is whole. N is
// the parcel's ID, so a parcel that is sent twice is there once.
type Folder struct{ dir string }

var _ Transport = (*Folder)(nil)

// NewFolder writes into dir, which exists.
func NewFolder(dir string) *Folder { return &Folder{dir} }

// envelope is the shape of N.json.
type envelope struct {
	MailFrom string   `json:"mail_from"`
	RcptTo   []string `json:"rcpt_to"`
}

// Send implements Transport.
func (f *Folder) Send(ctx context.Context, p Parcel) []Outcome {
	if err := f.write(ctx, p); err != nil {
		return all(len(p.Recipients), Outcome{Verdict: Deferred, Enhanced: "4.3.0", Text: "the folder cannot be written", Cause: err})
	}
	return all(len(p.Recipients), Outcome{Verdict: Sent, Code: 250, Enhanced: "2.0.0", Text: "written"})
}

func (f *Folder) write(ctx context.Context, p Parcel) error {
	message, err := p.Open(ctx)
	if err != nil {
		return fmt.Errorf("open the message: %w", err)
	}
	defer message.Close()
	file, err := safeio.Create(f.dir)
	if err != nil {
		return err
	}
	defer file.Abort()
	if _, err := io.Copy(file, message); err != nil {
		return fmt.Errorf("copy the message: %w", err)
	}
	if err := file.Commit(fmt.Sprintf("%d.eml", p.ID)); err != nil {
		return err
	}
	env, err := json.Marshal(envelope{p.ReversePath, p.Recipients})
	if err != nil {
		return fmt.Errorf("encode the envelope: %w", err)
	}
	return safeio.WriteFile(filepath.Join(f.dir, fmt.Sprintf("%d.json", p.ID)), append(env, '\n'))
}
