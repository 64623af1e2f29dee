package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCompareSeesWhatWasLostDoubledAndNeverSent(t *testing.T) {
	t.Parallel()
	want := map[string]int{"kept": 1, "lost": 1, "twice sent, once there": 2, "doubled": 1}
	have := map[string]int{"kept": 1, "twice sent, once there": 1, "doubled": 3, "never sent": 1}
	lost, dup, alien, found := compare(want, have)
	if lost != 2 || dup != 2 || alien != 1 || found != 5 {
		t.Errorf("lost %d, duplicate %d, unexpected %d, found %d; want 2, 2, 1, 5", lost, dup, alien, found)
	}
}

func TestMessagesAreRepeatableUniqueAndFitForTheWire(t *testing.T) {
	t.Parallel()
	c := &config{mix: "plain=1,html=1,pdf=1", size: 4096, attach: 10_000, seed: 1, runID: "run"}
	a, err := newCorpus(c)
	if err != nil {
		t.Fatal(err)
	}
	b, err := newCorpus(c)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for seq := range 50 {
		msg := a.message(seq, "a@x.example", "b@x.example")
		if !bytes.Equal(msg, b.message(seq, "a@x.example", "b@x.example")) {
			t.Fatalf("message %d differs for the same seed", seq)
		}
		if seen[string(msg)] {
			t.Fatalf("message %d is a repetition", seq)
		}
		seen[string(msg)] = true
		if !bytes.Contains(msg, []byte("X-Load-Id: "+a.id(seq)+"\r\n")) {
			t.Errorf("message %d lacks its load id", seq)
		}
		for i, line := range strings.SplitAfter(string(msg), "\n") {
			if strings.HasPrefix(line, ".") || line != "" && !strings.HasSuffix(line, "\r\n") || len(line) > 1000 {
				t.Fatalf("message %d line %d would need care on the wire: %q", seq, i+1, line)
			}
		}
	}
}

func TestParseMix(t *testing.T) {
	t.Parallel()
	if kinds, err := parseMix("plain=2,pdf=1"); err != nil || strings.Join(kinds, " ") != "plain plain pdf" {
		t.Errorf("parseMix = %q, %v", kinds, err)
	}
	for _, bad := range []string{"", "plain", "plain=-1", "video=1", "plain=0"} {
		if _, err := parseMix(bad); err == nil {
			t.Errorf("parseMix(%q) found no fault", bad)
		}
	}
}

func TestAccountsAreReadByColumnName(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "accounts.csv")
	text := "uai,password,login,address\n0750001A,secret,amartin,alice.martin@ac-paris.example\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := readAccounts(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := (account{"amartin", "alice.martin@ac-paris.example", "secret"}); len(got) != 1 || got[0] != want {
		t.Errorf("accounts %v, want %v alone", got, want)
	}
}

// TestEachRecipientOfLMTPHasItsOwnFate sends one transaction to a scripted peer that refuses one recipient at RCPT and
// another after the data: neither may count as accepted.
func TestEachRecipientOfLMTPHasItsOwnFate(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	served := make(chan error, 1)
	go func() { served <- servePeer(l) }()
	s, err := dialSMTP(&config{smtp: l.Addr().String(), lmtp: true, timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.send("x@y.example", []string{"good@z.example", "unknown@z.example", "full@z.example"}, []byte("Subject: x\r\n\r\nx\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	s.quit()
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	if len(res.accepted) != 1 || res.accepted[0] != "good@z.example" || res.rejected != 2 {
		t.Errorf("accepted %q, rejected %d; want good alone and 2", res.accepted, res.rejected)
	}
}

// servePeer answers one LMTP connection without PIPELINING: unknown@ has no mailbox, full@ no room.
func servePeer(l net.Listener) error {
	c, err := l.Accept()
	if err != nil {
		return err
	}
	defer c.Close()
	r := bufio.NewReader(c)
	fmt.Fprint(c, "220 peer\r\n")
	var rcpts []string
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(line, "RCPT TO:<unknown@"):
			fmt.Fprint(c, "550 5.1.1 unknown\r\n")
		case strings.HasPrefix(line, "RCPT"):
			rcpts = append(rcpts, line)
			fmt.Fprint(c, "250 ok\r\n")
		case strings.HasPrefix(line, "DATA"):
			fmt.Fprint(c, "354 go\r\n")
			for line != ".\r\n" {
				if line, err = r.ReadString('\n'); err != nil {
					return err
				}
			}
			for _, rcpt := range rcpts {
				if strings.Contains(rcpt, "<full@") {
					fmt.Fprint(c, "452 4.2.2 full\r\n")
				} else {
					fmt.Fprint(c, "250 ok\r\n")
				}
			}
		case strings.HasPrefix(line, "QUIT"):
			fmt.Fprint(c, "221 bye\r\n")
			return nil
		default:
			fmt.Fprint(c, "250 ok\r\n")
		}
	}
}
