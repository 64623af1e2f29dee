package imap

// BadCommand says that one command could not be understood or accepted. The
// decoder is still in step with the client: the server answers it with a
// tagged response and reads on.
type BadCommand struct {
	Tag  string // the command's tag, or "*" when none could be read
	Code Code   // response code, empty for most
	Text string // one English sentence, safe to show
}

func (e *BadCommand) Error() string { return e.Text }

// LostSync says that it is no longer known where the next command begins, or
// that finding out would cost more than the connection is worth. The server
// says BYE and closes.
type LostSync struct {
	Text string // one English sentence, safe to show
}

func (e *LostSync) Error() string { return e.Text }
