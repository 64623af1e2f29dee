package mailing

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"

	"navette/internal/mail"
)

// came is what a message is that came back for a copy.
type came int

const (
	fromSomebody came = iota // a person answers
	bounced                  // the copy did not arrive, for good
	delayed                  // not yet, or it did: nothing to tell
	automatic                // a program answers (RFC 3834)
)

// statusMax is how much of a delivery status is read, in octets; reportParts is how many parts of a message are looked
// at for one.
const (
	statusMax   = 64 << 10
	reportParts = 50
)

// read tells what a message is that came back, and of a failure its status code (RFC 3463), "" where it says none. open
// gives the message from its beginning. A copy has one recipient, so whichever recipient a report names is meant: what
// it calls them is never read.
func read(reversePath string, facts *mail.Facts, header []byte, open func() (io.ReadCloser, error)) (came, string, error) {
	if isReport(facts.Root) {
		part := statusPart(facts.Root)
		if part == nil {
			return automatic, "", nil // a receipt, or a complaint: nothing about the way of the copy
		}
		r, err := open()
		if err != nil {
			return 0, "", err
		}
		defer r.Close()
		text, err := io.ReadAll(io.LimitReader(mail.OpenPart(r, part), statusMax))
		if err != nil {
			return 0, "", err
		}
		c, status := readStatus(text)
		return c, status, nil
	}
	if isAutomatic(header) {
		return automatic, "", nil
	}
	if reversePath == "" || isDaemon(reversePath) {
		return oldBounce(facts.SubjectText), "", nil
	}
	return fromSomebody, "", nil
}

func isReport(root *mail.Part) bool { return root.Type == "multipart" && root.Subtype == "report" }

// statusPart is the delivery status of a report (RFC 3464, RFC 6533), nil where it has none.
func statusPart(root *mail.Part) *mail.Part {
	for i, p := range root.Children {
		if i == reportParts {
			break
		}
		if p.Type == "message" && (p.Subtype == "delivery-status" || p.Subtype == "global-delivery-status") {
			return p
		}
	}
	return nil
}

// readStatus reads a delivery status (RFC 3464 §2): the worst that it says of any recipient.
func readStatus(text []byte) (worst came, status string) {
	worst = delayed
	action, code := "", ""
	end := func() {
		if action == "failed" && worst != bounced {
			worst, status = bounced, code
		}
		action, code = "", ""
	}
	for line := range bytes.Lines(text) {
		name, value, isField := bytes.Cut(line, []byte(":"))
		switch field := strings.ToLower(string(bytes.TrimSpace(name))); {
		case len(bytes.TrimSpace(line)) == 0:
			end()
		case !isField:
		case field == "action":
			action = strings.ToLower(string(bytes.TrimSpace(withoutComment(value))))
		case field == "status":
			code = statusCode(string(bytes.TrimSpace(withoutComment(value))))
		}
	}
	end()
	return worst, status
}

// withoutComment is a value up to its first comment.
func withoutComment(value []byte) []byte {
	value, _, _ = bytes.Cut(value, []byte("("))
	return value
}

// statusCode is an enhanced status code: digits and dots, "" for anything else, so that no word of another server is
// kept.
func statusCode(s string) string {
	s, _, _ = strings.Cut(s, " ")
	parts := strings.Split(s, ".")
	if len(parts) != 3 || parts[0] != "4" && parts[0] != "5" {
		return ""
	}
	for _, p := range parts {
		if len(p) == 0 || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return ""
		}
	}
	return s
}

// isAutomatic tells by the header that a program wrote (RFC 3834 §5, and what programs did before it).
func isAutomatic(header []byte) bool {
	for f := range mail.HeaderFields(header) {
		name, value := strings.ToLower(f.Name), strings.ToLower(strings.TrimSpace(string(f.Value)))
		switch name {
		case "auto-submitted":
			keyword, _, _ := strings.Cut(value, ";")
			if strings.TrimSpace(keyword) != "no" {
				return true
			}
		case "precedence":
			if slices.Contains([]string{"bulk", "junk", "auto_reply", "auto-reply", "list"}, value) {
				return true
			}
		case "x-autoreply", "x-autorespond", "x-autoresponder", "x-vacation", "x-auto-response-suppress", "x-mail-autoreply", "list-id":
			return true
		}
	}
	return false
}

// isDaemon tells the reverse-paths of servers that report without the null path.
func isDaemon(reversePath string) bool {
	local, _, _ := strings.Cut(strings.ToLower(reversePath), "@")
	return local == "mailer-daemon" || local == "postmaster" || strings.HasPrefix(local, "bounce")
}

// failureWords begin or stand in the subjects of servers that do not write RFC 3464.
var failureWords = []string{"undeliver", "returned mail", "failure notice", "delivery failure", "delivery status", "mail delivery failed", "non remis",
	"non distribu", "échec de la remise", "delivery has failed", "could not be delivered"}

// oldBounce tells what a message of a server is that says nothing in the way of the standards: a failure where its
// subject says so, else an automatic answer, which has the null reverse-path too (RFC 3834 §3.3).
func oldBounce(subject string) came {
	subject = strings.ToLower(subject)
	if slices.ContainsFunc(failureWords, func(w string) bool { return strings.Contains(subject, w) }) {
		return bounced
	}
	return automatic
}

// headerOf reads the header of what open gives.
func headerOf(open func() (io.ReadCloser, error)) ([]byte, error) {
	r, err := open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return mail.ReadHeader(bufio.NewReader(r), headerMax)
}

// headerMax is how much of a header is looked at, in octets.
const headerMax = 256 << 10
