package egress_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"

	"navette/internal/egress"
	"navette/internal/failure"
)

// zone answers look-ups, one answer after the other, and counts them; the last answer stays.
type zone struct {
	mu      sync.Mutex
	answers [][]netip.Addr
	err     error
	lookups int
}

func (z *zone) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.lookups++
	if z.err != nil {
		return nil, z.err
	}
	answer := z.answers[0]
	if len(z.answers) > 1 {
		z.answers = z.answers[1:]
	}
	return answer, nil
}

func addrs(texts ...string) (out []netip.Addr) {
	for _, text := range texts {
		out = append(out, netip.MustParseAddr(text))
	}
	return out
}

func loopback() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")} }

// listen accepts connections on a loopback address and counts them until the test's end.
func listen(t *testing.T, host string) (port string, accepted func() int) {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	var n int
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n++
			c.Close()
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	stop := sync.OnceFunc(func() {
		l.Close()
		<-done
	})
	t.Cleanup(stop)
	return port, func() int { stop(); return n }
}

func dial(t *testing.T, d *egress.Dialer, address string) error {
	t.Helper()
	c, err := d.DialContext(t.Context(), "tcp", address)
	if err == nil {
		c.Close()
	}
	return err
}

func TestAnAllowedRelayIsReachedByNameAndByAddress(t *testing.T) {
	t.Parallel()
	port, _ := listen(t, "127.0.0.1")
	d := egress.New(egress.Options{Resolver: &zone{answers: [][]netip.Addr{addrs("127.0.0.1")}}, Allowed: loopback()})
	for _, host := range []string{"relay.example", "127.0.0.1", "[::ffff:127.0.0.1]"} {
		if err := dial(t, d, host+":"+port); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestARefusedAddressIsNeverDialled(t *testing.T) {
	t.Parallel()
	port, accepted := listen(t, "127.0.0.1")
	d := egress.New(egress.Options{Resolver: &zone{answers: [][]netip.Addr{addrs("127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0")}}})
	for _, host := range []string{"inside.example", "127.0.0.1", "0.0.0.0", "[::ffff:7f00:1]", "[::]"} {
		if err := dial(t, d, host+":"+port); !failure.Is(err, failure.Policy) {
			t.Errorf("%s: %v", host, err)
		}
	}
	if n := accepted(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

func TestANameIsResolvedOnceAndItsAllowedAddressesAreTried(t *testing.T) {
	t.Parallel()
	port, accepted := listen(t, "127.0.0.1")
	// A rebinding zone: a second look-up would give another address.
	z := &zone{answers: [][]netip.Addr{addrs("10.0.0.1", "127.0.0.1"), addrs("10.0.0.1")}}
	if err := dial(t, egress.New(egress.Options{Resolver: z, Allowed: loopback()}), "rebind.example:"+port); err != nil {
		t.Fatal(err)
	}
	if z.lookups != 1 {
		t.Errorf("%d look-ups", z.lookups)
	}
	if n := accepted(); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestTheNextAddressIsTriedWhenOneDoesNotAnswer(t *testing.T) {
	t.Parallel()
	port, _ := listen(t, "127.0.0.1")
	// Nobody listens on this port of 127.0.0.2: the connection is refused at once.
	z := &zone{answers: [][]netip.Addr{addrs("127.0.0.2", "127.0.0.1")}}
	allowed := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	if err := dial(t, egress.New(egress.Options{Resolver: z, Allowed: allowed}), "two.example:"+port); err != nil {
		t.Error(err)
	}
	if err := dial(t, egress.New(egress.Options{Resolver: z, Allowed: allowed, MaxAddresses: 1}), "two.example:"+port); !failure.Is(err, failure.Temporary) {
		t.Errorf("more addresses were tried than allowed: %v", err)
	}
}

func TestEachErrorSaysWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	one := &zone{answers: [][]netip.Addr{addrs("127.0.0.1")}}
	tests := []struct {
		name, network, address string
		resolver               *zone
		want                   failure.Kind
	}{
		{"no such host", "tcp", "a.example:25", &zone{err: &net.DNSError{IsNotFound: true}}, failure.Permanent},
		{"a resolver that fails", "tcp", "a.example:25", &zone{err: &net.DNSError{IsTimeout: true}}, failure.Temporary},
		{"a resolver that fails otherwise", "tcp", "a.example:25", &zone{err: errors.New("broken")}, failure.Temporary},
		{"a host without address", "tcp", "a.example:25", &zone{answers: [][]netip.Addr{nil}}, failure.Permanent},
		{"no port", "tcp", "a.example", one, failure.Permanent},
		{"a port by name", "tcp", "a.example:smtp", one, failure.Permanent},
		{"port zero", "tcp", "a.example:0", one, failure.Permanent},
		{"a port too large", "tcp", "a.example:65536", one, failure.Permanent},
		{"datagrams", "udp", "a.example:53", one, failure.Permanent},
		{"a local socket", "unix", "/run/x.sock", one, failure.Permanent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := egress.New(egress.Options{Resolver: tt.resolver, Allowed: loopback()})
			c, err := d.DialContext(t.Context(), tt.network, tt.address)
			if c != nil || failure.KindOf(err) != tt.want {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}
