package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"navette/internal/admin"
	"navette/internal/proof"
)

type proofCmd struct {
	Keys   proofKeysCmd   `cmd:"" help:"Print the public keys that prove who wrote, the newest last: id, since when, key (Ed25519, base64)."`
	Rotate proofRotateCmd `cmd:"" help:"Make a new signing key; what the others have signed stays proved."`
}

// proof has a server do an act on its keys, and prints what it says.
func (w *where) proof(ctx context.Context, con *console, reason string, act admin.ProofAct) error {
	return w.act(ctx, con, func(ops admin.Operations) ([]string, error) { return ops.Proof(ctx, operator(reason), act) })
}

type proofKeysCmd struct{ where }

func (cmd *proofKeysCmd) Run(ctx context.Context, con *console) error {
	return cmd.proof(ctx, con, "", admin.ProofAct{Act: admin.ProofKeys})
}

type proofRotateCmd struct {
	where
	Reason string `help:"Why, for the journal." required:""`
}

func (cmd *proofRotateCmd) Run(ctx context.Context, con *console) error {
	return cmd.proof(ctx, con, cmd.Reason, admin.ProofAct{Act: admin.ProofRotate})
}

type verifyCmd struct {
	where
	File string `arg:"" help:"A message as it was saved (.eml), or - for standard input." type:"path"`
}

// Help says what is looked at.
func (verifyCmd) Help() string {
	return `Says whether an agent or a functional box of this installation wrote a message: its author, date, subject and text are
compared with the signature that Navette put into it when it was sent. Needs the file of keys (identity.proof_file) and no
running server. Exits with 0 if the message is proved, and with 1 and the reason if it is not.`
}

func (cmd *verifyCmd) Run(con *console) error {
	c, err := cmd.load()
	if err != nil {
		return err
	}
	keys, err := proof.Load(c.Identity.Proof())
	if err != nil {
		return err
	}
	var in io.Reader = con.in
	if cmd.File != "-" {
		f, err := os.Open(cmd.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	claim, err := keys.VerifyMessage(in)
	if err != nil {
		return err
	}
	fmt.Fprintf(con.out, "%s\t%s\tcompte %d\tsigné le %s\tclé %s\n", claim.Kind.French(), claim.From, claim.Account,
		claim.Signed.Format("02/01/2006 à 15:04:05"), claim.Key)
	return nil
}
