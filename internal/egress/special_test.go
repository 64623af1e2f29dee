package egress_test

import (
	"net/netip"
	"testing"

	"navette/internal/egress"
	"navette/internal/failure"
)

func TestEverySpecialRangeIsRefused(t *testing.T) {
	t.Parallel()
	refused := []string{
		// IPv4: the first and the last of each range.
		"0.0.0.0", "0.255.255.255",
		"10.0.0.0", "10.255.255.255",
		"100.64.0.0", "100.127.255.255",
		"127.0.0.1", "127.255.255.255",
		"169.254.0.0", "169.254.255.255",
		"172.16.0.0", "172.31.255.255",
		"192.0.0.0", "192.0.0.255",
		"192.0.2.0", "192.0.2.255",
		"192.88.99.1",
		"192.168.0.0", "192.168.255.255",
		"198.18.0.0", "198.19.255.255",
		"198.51.100.9", "203.0.113.9",
		"224.0.0.1", "239.255.255.255",
		"240.0.0.1", "255.255.255.255",
		// Metadata.
		"169.254.169.254", "169.254.170.2", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254",
		// IPv6.
		"::", "::1", "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "fc00::1", "fdff:ffff::1", "ff02::1", "ff0e::1",
		"100::1", "2001:db8::1", "2001:db8:ffff:ffff::1", "3fff::1", "2001:2::1", "2001:10::1", "2001:20::1", "4000::1", "1::1", "5f00::1",
		// Other ways of writing IPv4: mapped, compatible, translated (SIIT), NAT64 well-known and local, 6to4, Teredo.
		"::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", "::ffff:7f00:1",
		"::127.0.0.1", "::8.8.8.8", "::ffff:0:127.0.0.1",
		"64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b::168.63.129.16", "64:ff9b:1::8.8.8.8",
		"2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::1", "2002:a9fe:a9fe::1",
		"2001:0:4136:e378:8000:63bf:3fff:fdd2",
	}
	d := egress.New(egress.Options{})
	for _, text := range refused {
		if err := d.Check(netip.MustParseAddr(text)); !failure.Is(err, failure.Policy) {
			t.Errorf("%s may be dialled (%v)", text, err)
		}
	}
	if err := d.Check(netip.Addr{}); !failure.Is(err, failure.Policy) {
		t.Errorf("no address at all may be dialled (%v)", err)
	}
}

func TestTheInternetIsReached(t *testing.T) {
	t.Parallel()
	d := egress.New(egress.Options{})
	for _, text := range []string{
		"8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "192.0.1.0",
		"198.17.255.255", "198.20.0.0", "223.255.255.255", "168.63.129.15", "::ffff:8.8.8.8",
		"2a00:1450:4007::1", "2606:4700::1", "2001:4860::8888", "2001:200::1", "2001:db7::1", "2001:db9::1", "3ffe:ffff::1", "2003::1",
		"64:ff9b::8.8.8.8", "2002:808:808::1",
	} {
		if err := d.Check(netip.MustParseAddr(text)); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestConfigurationAllowsNetworksButNotTheMetadataInThem(t *testing.T) {
	t.Parallel()
	allow := func(texts ...string) *egress.Dialer {
		var nets []netip.Prefix
		for _, text := range texts {
			nets = append(nets, netip.MustParsePrefix(text))
		}
		return egress.New(egress.Options{Allowed: nets})
	}
	tests := []struct {
		name, addr string
		dialer     *egress.Dialer
		ok         bool
	}{
		{"a relay on loopback", "127.0.0.1", allow("127.0.0.0/8"), true},
		{"the same, mapped", "::ffff:127.0.0.1", allow("127.0.0.0/8"), true},
		{"the same, over NAT64", "64:ff9b::7f00:1", allow("127.0.0.0/8"), true},
		{"another range", "10.0.0.1", allow("127.0.0.0/8"), false},
		{"a unique local network", "fd12:3456::7", allow("fd12:3456::/48"), true},
		{"metadata within an allowed range", "169.254.169.254", allow("169.254.0.0/16"), false},
		{"its neighbour", "169.254.169.253", allow("169.254.0.0/16"), true},
		{"metadata within everything", "169.254.169.254", allow("0.0.0.0/0"), false},
		{"metadata within everything, mapped", "::ffff:169.254.169.254", allow("0.0.0.0/0", "::/0"), false},
		{"metadata within everything, IPv6", "fd00:ec2::254", allow("::/0"), false},
		{"metadata by itself", "169.254.169.254", allow("169.254.169.254/32"), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := tt.dialer.Check(netip.MustParseAddr(tt.addr)); (err == nil) != tt.ok {
				t.Errorf("%s: %v", tt.addr, err)
			}
		})
	}
}
