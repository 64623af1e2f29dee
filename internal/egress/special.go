package egress

import "net/netip"

// reason says why an address is refused; empty when it may be dialled.
type reason string

// rule is a network that is not to be reached.
type rule struct {
	net netip.Prefix
	why reason
}

// special4 are the IPv4 networks that are not globally reachable unicast (IANA IPv4 Special-Purpose Address Registry,
// RFC 6890, and RFC 5771 for multicast).
func special4() []rule {
	return []rule{
		{netip.MustParsePrefix("0.0.0.0/8"), "this network"},             // RFC 791
		{netip.MustParsePrefix("10.0.0.0/8"), "private"},                 // RFC 1918
		{netip.MustParsePrefix("100.64.0.0/10"), "carrier-grade NAT"},    // RFC 6598
		{netip.MustParsePrefix("127.0.0.0/8"), "loopback"},               // RFC 1122
		{netip.MustParsePrefix("169.254.0.0/16"), "link-local"},          // RFC 3927
		{netip.MustParsePrefix("172.16.0.0/12"), "private"},              // RFC 1918
		{netip.MustParsePrefix("192.0.0.0/24"), "protocol assignments"},  // RFC 6890
		{netip.MustParsePrefix("192.0.2.0/24"), "documentation"},         // RFC 5737
		{netip.MustParsePrefix("192.88.99.0/24"), "6to4 relay"},          // RFC 7526
		{netip.MustParsePrefix("192.168.0.0/16"), "private"},             // RFC 1918
		{netip.MustParsePrefix("198.18.0.0/15"), "benchmarking"},         // RFC 2544
		{netip.MustParsePrefix("198.51.100.0/24"), "documentation"},      // RFC 5737
		{netip.MustParsePrefix("203.0.113.0/24"), "documentation"},       // RFC 5737
		{netip.MustParsePrefix("224.0.0.0/4"), "multicast"},              // RFC 5771
		{netip.MustParsePrefix("240.0.0.0/4"), "reserved, or broadcast"}, // RFC 1112, RFC 919
	}
}

// special6 are the same within IPv6's global unicast space 2000::/3; all outside it is refused, but for NAT64.
func special6() []rule {
	return []rule{
		{netip.MustParsePrefix("2001::/23"), "protocol assignments"}, // RFC 2928: Teredo, ORCHID, benchmarking…
		{netip.MustParsePrefix("2001:db8::/32"), "documentation"},    // RFC 3849
		{netip.MustParsePrefix("3fff::/20"), "documentation"},        // RFC 9637
	}
}

// metadata are the addresses at which machines of a cloud find their own credentials.
func metadata() []netip.Addr {
	return []netip.Addr{
		netip.MustParseAddr("169.254.169.254"), // most
		netip.MustParseAddr("169.254.170.2"),   // AWS ECS
		netip.MustParseAddr("169.254.170.23"),  // AWS EKS
		netip.MustParseAddr("fd00:ec2::254"),   // AWS, IPv6
		netip.MustParseAddr("fd00:ec2::23"),    // AWS EKS, IPv6
		netip.MustParseAddr("fd20:ce::254"),    // Google, IPv6
		netip.MustParseAddr("100.100.100.200"), // Alibaba
		netip.MustParseAddr("192.0.0.192"),     // Oracle
		netip.MustParseAddr("168.63.129.16"),   // Azure, a public address by its look
	}
}

// policy decides about addresses; its lists are made once a Dialer.
type policy struct {
	allowed   []netip.Prefix
	v4, v6    []rule
	metadata  []netip.Addr
	global6   netip.Prefix
	nat64     netip.Prefix
	sixToFour netip.Prefix
}

func newPolicy(allowed []netip.Prefix) *policy {
	return &policy{
		allowed: allowed, v4: special4(), v6: special6(), metadata: metadata(),
		global6:   netip.MustParsePrefix("2000::/3"),
		nat64:     netip.MustParsePrefix("64:ff9b::/96"), // RFC 6052
		sixToFour: netip.MustParsePrefix("2002::/16"),    // RFC 3056
	}
}

// check says why a must not be dialled.
func (p *policy) check(a netip.Addr) reason {
	if !a.IsValid() || a.Zone() != "" {
		return "not an address of the Internet"
	}
	a = a.Unmap()
	if carried, ok := p.carries(a); ok {
		// Dialling it reaches, through a translator, the IPv4 address within.
		return p.check(carried)
	}
	for _, m := range p.metadata {
		if a == m {
			if p.allows(a, a.BitLen()) {
				return ""
			}
			return "metadata of a cloud"
		}
	}
	if p.allows(a, 0) {
		return ""
	}
	rules := p.v4
	if a.Is6() {
		if !p.global6.Contains(a) {
			return "not global unicast"
		}
		rules = p.v6
	}
	for _, r := range rules {
		if r.net.Contains(a) {
			return r.why
		}
	}
	return ""
}

// allows tells whether the configuration names a network of at least so many bits with a in it.
func (p *policy) allows(a netip.Addr, bits int) bool {
	for _, n := range p.allowed {
		if n.Bits() >= bits && n.Contains(a) {
			return true
		}
	}
	return false
}

// carries returns the IPv4 address within a translated IPv6 address.
func (p *policy) carries(a netip.Addr) (netip.Addr, bool) {
	b := a.As16()
	switch {
	case !a.Is6():
		return netip.Addr{}, false
	case p.nat64.Contains(a):
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case p.sixToFour.Contains(a):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}
