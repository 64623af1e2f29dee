package webd

import (
	"net"
	"net/netip"

	"navette/internal/limits"
)

// network is the key by which strangers are counted.
type network = netip.Prefix

// conns counts the connections of all listeners, and refuses those that are too many: in all, or of one network.
type conns struct {
	all       *limits.Concurrent[struct{}]
	byNetwork *limits.Concurrent[network]
	trusted   limits.Networks
	counts    *counts
}

func newConns(all, perNetwork int, trusted limits.Networks, c *counts) *conns {
	return &conns{all: limits.NewConcurrent[struct{}](all), byNetwork: limits.NewConcurrent[network](perNetwork), trusted: trusted, counts: c}
}

func (c *conns) bound(ln net.Listener) net.Listener { return &boundListener{ln, c} }

// boundListener accepts what conns has room for; the others are closed at once, before they cost anything.
type boundListener struct {
	net.Listener
	conns *conns
}

func (l *boundListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if release, ok := l.conns.take(conn.RemoteAddr()); ok {
			return &countedConn{conn, release}, nil
		}
		l.conns.counts.connectionsRefused.Add(1)
		conn.Close()
	}
}

// take takes a place for a peer; with ok true, release gives it back.
func (c *conns) take(peer net.Addr) (release func(), ok bool) {
	leaveAll, ok := c.all.Acquire(struct{}{})
	if !ok {
		return nil, false
	}
	address := addressOf(peer.String())
	if c.trusted.Contain(address) {
		return leaveAll, true
	}
	leaveNetwork, ok := c.byNetwork.Acquire(limits.NetworkOf(address))
	if !ok {
		leaveAll()
		return nil, false
	}
	return func() { leaveNetwork(); leaveAll() }, true
}

// countedConn gives its place back when it is closed.
type countedConn struct {
	net.Conn
	release func()
}

func (c *countedConn) Close() error {
	defer c.release()
	return c.Conn.Close()
}

// addressOf reads the address of a peer as net.Addr or http.Request have it; the zero Addr for what is none.
func addressOf(hostPort string) netip.Addr {
	ap, err := netip.ParseAddrPort(hostPort)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap()
}
