package opsd_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"navette/internal/opsd"
)

func TestTheDoorTellsHealthReadinessAndCounts(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	s := opsd.New(opsd.Config{
		Ready: func(context.Context) error {
			if broken.Load() {
				return errors.New("the database of claire@ac-paris.example is away")
			}
			return nil
		},
		Counters: []opsd.Counter{{Name: "store_commits_total", Help: "Commits.", Value: func() int64 { return 42 }}},
		Gauges:   []opsd.Gauge{{Name: "boxes_without_owner", Help: "Boxes.", Value: func() int64 { return 3 }}},
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ln) }()
	defer func() {
		if err := errors.Join(s.Shutdown(context.Background()), <-done); err != nil {
			t.Error(err)
		}
	}()
	get := func(path string) (int, string) {
		resp, err := http.Get("http://" + ln.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	if code, _ := get("/healthz"); code != 200 {
		t.Errorf("healthz: %d", code)
	}
	if code, _ := get("/readyz"); code != 200 {
		t.Errorf("readyz: %d", code)
	}
	if _, body := get("/metrics"); !strings.Contains(body, "navette_store_commits_total 42") || !strings.Contains(body, "navette_boxes_without_owner 3") {
		t.Errorf("metrics: %s", body)
	}
	broken.Store(true)
	if code, body := get("/readyz"); code != 503 || strings.Contains(body, "claire") {
		t.Errorf("readyz of a broken server: %d %q", code, body)
	}
	if code, _ := get("/healthz"); code != 200 {
		t.Errorf("healthz of a broken server: %d", code)
	}
}
