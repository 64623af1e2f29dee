package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"navette/internal/failure"
)

// Resolver turns a name into addresses; *net.Resolver is one.
type Resolver interface {
	// LookupNetIP returns the addresses of host; network is "ip", "ip4" or "ip6".
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options are what a Dialer needs.
type Options struct {
	Resolver Resolver       // required
	Allowed  []netip.Prefix // networks that are reached although they are special: a relay on loopback, an internal S3
	Timeout  time.Duration  // for each address; 0 means 30 s

	// MaxAddresses bounds how many of a name's addresses are tried; 0 means 8. A hostile zone can name thousands.
	MaxAddresses int
}

// Dialer makes connections. It may be used from many goroutines.
type Dialer struct {
	opt    Options
	policy *policy
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
}

// New returns a Dialer.
func New(opt Options) *Dialer {
	if opt.Timeout == 0 {
		opt.Timeout = 30 * time.Second
	}
	if opt.MaxAddresses == 0 {
		opt.MaxAddresses = 8
	}
	d := net.Dialer{Timeout: opt.Timeout, KeepAlive: 30 * time.Second}
	return &Dialer{opt: opt, policy: newPolicy(opt.Allowed), dial: d.DialContext}
}

// DialContext connects to address, HOST:PORT with a name or an IP address, over tcp, tcp4 or tcp6. It has the shape
// that net/http.Transport and SMTP clients take.
//
// Errors: failure.Policy where every address is refused by the rules (asking again is of no use until the name or the
// configuration changes), failure.Permanent where the name does not exist, failure.Temporary for the rest.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	family, err := familyOf(network)
	if err != nil {
		return nil, err
	}
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, failure.Wrap(failure.Permanent, err, "the address to connect to is malformed")
	}
	// The port is a number: names of services would be one more thing to look up.
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || port == 0 {
		return nil, failure.New(failure.Permanent, "%q is no port", portText)
	}
	addrs, err := d.resolve(ctx, family, host)
	if err != nil {
		return nil, err
	}
	return d.dialFirst(ctx, network, host, addrs, uint16(port))
}

// Check tells whether a may be connected to, as DialContext would: nil, or a failure.Policy.
func (d *Dialer) Check(a netip.Addr) error {
	if why := d.policy.check(a); why != "" {
		return failure.New(failure.Policy, "connections to %s are not allowed (%s)", a, why)
	}
	return nil
}

func familyOf(network string) (string, error) {
	switch network {
	case "tcp":
		return "ip", nil
	case "tcp4":
		return "ip4", nil
	case "tcp6":
		return "ip6", nil
	}
	return "", failure.New(failure.Permanent, "connections over %q are not made", network)
}

func (d *Dialer) resolve(ctx context.Context, family, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	addrs, err := d.opt.Resolver.LookupNetIP(ctx, family, host)
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return nil, failure.Wrap(failure.Permanent, err, "the host does not exist")
	case err != nil:
		return nil, failure.Wrap(failure.Temporary, err, "the host's address cannot be found at the moment")
	case len(addrs) == 0:
		return nil, failure.New(failure.Permanent, "the host has no address")
	}
	return addrs, nil
}

// dialFirst connects to the first address that may be dialled and answers.
func (d *Dialer) dialFirst(ctx context.Context, network, host string, addrs []netip.Addr, port uint16) (net.Conn, error) {
	var refused, failed error
	tried := 0
	for _, a := range addrs {
		if err := d.Check(a); err != nil {
			refused = err
			continue
		}
		if tried++; tried > d.opt.MaxAddresses {
			break
		}
		conn, err := d.dial(ctx, network, netip.AddrPortFrom(a.Unmap(), port).String())
		if err == nil {
			return conn, nil
		}
		failed = errors.Join(failed, err)
		if ctx.Err() != nil {
			break
		}
	}
	if failed == nil {
		return nil, refused
	}
	return nil, failure.Wrap(failure.Temporary, fmt.Errorf("connect to %s: %w", host, failed), "the host does not answer")
}
