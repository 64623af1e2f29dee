package limits

import (
	"fmt"
	"net/netip"
	"strings"
)

// Networks is a list of networks, such as trusted_networks: those of the académie itself, where thousands of people
// stand behind one address and network limits would hit them all.
type Networks []netip.Prefix

// ParseNetworks reads prefixes (192.0.2.0/24, 2001:db8::/32) and single addresses.
func ParseNetworks(texts []string) (Networks, error) {
	out := make(Networks, 0, len(texts))
	for _, text := range texts {
		text = strings.TrimSpace(text)
		if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
			a = a.Unmap()
			out = append(out, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%q is no network: write it as 192.0.2.0/24 or 2001:db8::/32", text)
		}
		if p.Addr().Is4In6() {
			if p.Bits() < 96 {
				return nil, fmt.Errorf("%q is wider than IPv4: write it as an IPv4 network", text)
			}
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// Contain tells whether a lies in one of the networks; an IPv4 address counts as itself however it is written.
func (n Networks) Contain(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	for _, p := range n {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// NetworkOf returns the key by which network limits count a: the address itself for IPv4, its /64 for IPv6, where one
// subscriber has at least so many addresses. The zero Prefix stands for the zero Addr.
func NetworkOf(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}
