package webd_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"navette/internal/webd"
)

// script is what pages() has as its only script, and packed as its better half.
const (
	script = "console.log('navette')"
	packed = "not really brotli"
)

// pages are built pages, as small as can be.
func pages() fstest.MapFS {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"index.html":               file("<!doctype html><title>placeholder</title>"),
		"portal.html":              file("<!doctype html><title>portal</title>"),
		"portal.html.br":           file("brotli of portal.html"),
		"composants.html":          file("<!doctype html><title>components</title>"),
		"assets/app-0a1b2c.js":     file(script),
		"assets/app-0a1b2c.js.br":  file(packed),
		"assets/app-0a1b2c.js.gz":  file("not really gzip"),
		"assets/icon-0a1b2c.svg":   file("<svg/>"),
		"assets/style-0a1b2c.css":  file("body{}"),
		"assets/other-0a1b2c.woff": file("font"),
	}
}

// door is a running Server.
type door struct {
	*webd.Server
	url string
	log *lines
}

// newDoor opens a door as change makes it: by default that of a demonstration without people.
func newDoor(t *testing.T, change func(*webd.Config)) *door {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{url: "http://" + ln.Addr().String(), log: &lines{}}
	cfg := webd.Config{Pages: pages(), Origin: parse(t, d.url), Local: true, Now: time.Now, Log: slog.New(slog.NewTextHandler(d.log, nil)),
		About: webd.About{Name: "Académie d’essai"}}
	if change != nil {
		change(&cfg)
	}
	if d.Server, err = webd.New(cfg); err != nil {
		t.Fatal(err)
	}
	serve(t, d, ln, d.Serve)
	return d
}

// serve serves a listener until the test ends.
func serve(t *testing.T, d *door, ln net.Listener, with func(net.Listener) error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- with(ln) }()
	t.Cleanup(func() {
		if err := errors.Join(d.Shutdown(context.Background()), <-done); err != nil {
			t.Error(err)
		}
	})
}

func parse(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
}

// ask sends a request; words are pairs of header names and values. Redirections are not followed.
func (d *door) ask(t *testing.T, method, path, body string, words ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(words); i += 2 {
		if words[i] == "Host" {
			req.Host = words[i+1]
		} else {
			req.Header.Set(words[i], words[i+1])
		}
	}
	return send(t, &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}, req)
}

func send(t *testing.T, client *http.Client, req *http.Request) answer {
	t.Helper()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp, string(text)}
}

// page is what a page of ours adds to its requests.
func (d *door) page(words ...string) []string {
	return append([]string{"Origin", d.url, "Sec-Fetch-Site", "same-origin", "X-Navette-CSRF", "1", "Content-Type", "application/json"}, words...)
}

// lines is a log that several goroutines write.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
