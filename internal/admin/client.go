package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"navette/internal/directory"
	"navette/internal/failure"
	"navette/internal/history"
	"navette/internal/identity"
	"navette/internal/roster"
)

// Client has the server behind a socket do operations.
type Client struct{ http http.Client }

var _ Operations = (*Client)(nil)

// Dial returns a client of the server at a socket, or nil where none answers there.
func Dial(ctx context.Context, path string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
	probe, err := dial(ctx, "", "")
	if err != nil {
		return nil
	}
	probe.Close()
	return &Client{http.Client{Transport: &http.Transport{DialContext: dial}}}
}

// call sends a request and gives each event to each; it returns the last one.
func (c *Client) call(ctx context.Context, method, path string, body io.Reader, each func(event) error) (event, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://navette"+path, body)
	if err != nil {
		return event{}, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return event{}, fmt.Errorf("ask the running server: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return event{}, fmt.Errorf("the running server does not know this command (%s)", resp.Status)
	}
	dec := json.NewDecoder(resp.Body)
	for {
		var e event
		if err := dec.Decode(&e); err != nil {
			return event{}, fmt.Errorf("the running server broke off: %w", err)
		}
		if e.End {
			if e.Error != nil {
				return e, &failure.Error{Kind: e.Error.Kind, Text: e.Error.Text}
			}
			return e, nil
		}
		if err := each(e); err != nil {
			return event{}, err
		}
	}
}

// ImportHR sends the file.
func (c *Client) ImportHR(ctx context.Context, file io.ReadSeeker, opt ImportOptions, progress func(done, total int)) (roster.Report, error) {
	last, err := c.call(ctx, http.MethodPost, "/import/hr?"+opt.query(), io.NopCloser(file), func(e event) error {
		progress(e.Done, e.Total)
		return nil
	})
	if last.Report == nil {
		return roster.Report{}, err
	}
	return *last.Report, err
}

// Accounts lists.
func (c *Client) Accounts(ctx context.Context, each func(identity.AccountLine) error) error {
	_, err := c.call(ctx, http.MethodGet, "/accounts", nil, func(e event) error {
		if e.Account == nil {
			return errors.New("the running server answered something else")
		}
		return each(*e.Account)
	})
	return err
}

// History reads the history.
func (c *Client) History(ctx context.Context, who string) ([]history.Event, error) {
	var events []history.Event
	_, err := c.call(ctx, http.MethodGet, "/history?"+url.Values{"who": {who}}.Encode(), nil, func(e event) error {
		events = append(events, e.History...)
		return nil
	})
	return events, err
}

// Person does it there.
func (c *Client) Person(ctx context.Context, by identity.By, act PersonAct) ([]string, error) {
	return c.lines(ctx, "/person", personRequest{By: by, Act: act})
}

// Box does it there.
func (c *Client) Box(ctx context.Context, by identity.By, act BoxAct) ([]string, error) {
	return c.lines(ctx, "/box", boxRequest{By: by, Act: act})
}

// Establishments lists them.
func (c *Client) Establishments(ctx context.Context) (lines []string, err error) {
	_, err = c.call(ctx, http.MethodGet, "/establishments", nil, func(e event) error {
		lines = append(lines, e.Lines...)
		return nil
	})
	return lines, err
}

// SetEstablishment has one described.
func (c *Client) SetEstablishment(ctx context.Context, by identity.By, e directory.Establishment) error {
	_, err := c.lines(ctx, "/establishment", establishmentRequest{By: by, Establishment: e})
	return err
}

// List does it there.
func (c *Client) List(ctx context.Context, by identity.By, act ListAct) ([]string, error) {
	return c.lines(ctx, "/list", listRequest{By: by, Act: act})
}

// Device does it there.
func (c *Client) Device(ctx context.Context, by identity.By, act DeviceAct) ([]string, error) {
	return c.lines(ctx, "/device", deviceRequest{By: by, Act: act})
}

// lines sends a request that is answered with lines to print.
func (c *Client) lines(ctx context.Context, path string, request any) (lines []string, err error) {
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	_, err = c.call(ctx, http.MethodPost, path, bytes.NewReader(body), func(e event) error {
		lines = append(lines, e.Lines...)
		return nil
	})
	return lines, err
}

// SetPassword sets or activates.
func (c *Client) SetPassword(ctx context.Context, by identity.By, who, secret string) error {
	return c.act(ctx, "password", act{by.Actor, by.Reason, who, secret})
}

// Suspend closes an account.
func (c *Client) Suspend(ctx context.Context, by identity.By, who string) error {
	return c.act(ctx, "suspend", act{by.Actor, by.Reason, who, ""})
}

// Resume opens it again.
func (c *Client) Resume(ctx context.Context, by identity.By, who string) error {
	return c.act(ctx, "resume", act{by.Actor, by.Reason, who, ""})
}

func (c *Client) act(ctx context.Context, name string, a act) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = c.call(ctx, http.MethodPost, "/account/"+name, bytes.NewReader(body), func(event) error { return nil })
	return err
}
