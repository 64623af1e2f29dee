package e2e

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// The folders of an account that has just been made.
const (
	inbox   = "INBOX"
	sent    = "Envoyés"
	drafts  = "Brouillons"
	archive = "Archives"
	trash   = "Corbeille"
	junk    = "Indésirables"
)

// folders are all of them.
var folders = []string{inbox, archive, drafts, trash, sent, junk}

// signIn opens an IMAP connection that every wait on is bounded, and that the end of the test closes.
func signIn(tb testing.TB, d *demo, a account) *imapclient.Client {
	tb.Helper()
	c, err := signInTo(d.address("imap"), a, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	return c
}

func signInTo(address string, a account, opt *imapclient.Options) (*imapclient.Client, error) {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return nil, err
	}
	if err := conn.SetDeadline(time.Now().Add(2 * patience)); err != nil {
		return nil, err
	}
	c := imapclient.New(conn, opt)
	if err := c.Login(a.login, a.password).Wait(); err != nil {
		c.Close()
		return nil, fmt.Errorf("sign in as %s: %w", a.login, err)
	}
	return c, nil
}

// message is one as IMAP shows it.
type message struct {
	uid   imap.UID
	flags string // sorted, \Recent left out
	bytes string
}

// list reads a folder as it is, by UID, and marks nothing as seen.
func list(tb testing.TB, c *imapclient.Client, folder string) []message {
	tb.Helper()
	found, err := listFolder(c, folder, &imap.FetchItemBodySection{Peek: true})
	if err != nil {
		tb.Fatal(err)
	}
	return found
}

// listFolder reads a section of every message of a folder.
func listFolder(c *imapclient.Client, folder string, section *imap.FetchItemBodySection) ([]message, error) {
	selected, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", folder, err)
	}
	if selected.NumMessages == 0 {
		return nil, nil
	}
	options := &imap.FetchOptions{UID: true, Flags: true, BodySection: []*imap.FetchItemBodySection{section}}
	buffers, err := c.Fetch(imap.SeqSet{{Start: 1, Stop: 0}}, options).Collect()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", folder, err)
	}
	var found []message
	for _, b := range buffers {
		found = append(found, message{b.UID, flagText(b.Flags), string(b.FindBodySection(section))})
	}
	return found, nil
}

// flagText is a set of flags in one order; \Recent tells about the session, not about the message.
func flagText(flags []imap.Flag) string {
	var words []string
	for _, f := range flags {
		if f != `\Recent` {
			words = append(words, string(f))
		}
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// put appends a message to a folder, byte for byte.
func put(tb testing.TB, c *imapclient.Client, folder, text string, flags ...imap.Flag) imap.UID {
	tb.Helper()
	data, err := appendTo(c, folder, text, flags...)
	if err != nil {
		tb.Fatal(err)
	}
	return data.UID
}

func appendTo(c *imapclient.Client, folder, text string, flags ...imap.Flag) (*imap.AppendData, error) {
	cmd := c.Append(folder, int64(len(text)), &imap.AppendOptions{Flags: flags})
	if _, err := io.WriteString(cmd, text); err != nil {
		return nil, err
	}
	if err := cmd.Close(); err != nil {
		return nil, err
	}
	return cmd.Wait()
}

// awaitMessage waits until a folder holds a message with a mark in it, and returns it.
func awaitMessage(tb testing.TB, c *imapclient.Client, folder, mark string) message {
	tb.Helper()
	var found message
	await(tb, "a message with "+mark+" in "+folder, func() bool {
		for _, m := range list(tb, c, folder) {
			if strings.Contains(m.bytes, mark) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// count is how many messages of a folder hold a mark.
func count(tb testing.TB, c *imapclient.Client, folder, mark string) int {
	tb.Helper()
	n := 0
	for _, m := range list(tb, c, folder) {
		if strings.Contains(m.bytes, mark) {
			n++
		}
	}
	return n
}

func itoa(uid imap.UID) string { return strconv.FormatUint(uint64(uid), 10) }

// live is count without what is marked as deleted, which some clients leave until the folder is closed.
func live(tb testing.TB, c *imapclient.Client, folder, mark string) int {
	tb.Helper()
	n := 0
	for _, m := range list(tb, c, folder) {
		if strings.Contains(m.bytes, mark) && !strings.Contains(m.flags, `\Deleted`) {
			n++
		}
	}
	return n
}
