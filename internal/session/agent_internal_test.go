package session

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestBrowsersAreToldInWords(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0":                                                 "Firefox sous Windows",
		"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0":                        "Edge sous Windows",
		"Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36":                         "Chrome sous Android",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile Safari/604.1": "Safari sous iPhone",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15":            "Safari sous macOS",
		"curl/8.5.0":                         "un navigateur",
		"":                                   "un navigateur",
		"<script>alert(1)</script> Firefox/": "Firefox",
		strings.Repeat("x", 300) + "Linux":   "un navigateur",
	} {
		if got := agentWords(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}

func TestNetworksAreKeptAsWideAsNeeded(t *testing.T) {
	t.Parallel()
	for peer, want := range map[string][2]string{
		"192.0.2.10":        {"192.0.2.0/24", "192.0.0.0/16"},
		"::ffff:192.0.2.10": {"192.0.2.0/24", "192.0.0.0/16"},
		"2001:db8:1:2::3":   {"2001:db8:1::/48", "2001:db8::/32"},
		"fe80::1%eth0":      {"fe80::/48", "fe80::/32"},
	} {
		a := netip.MustParseAddr(peer)
		if got := [2]string{networkOf(a), placeOf(a)}; got != want {
			t.Errorf("%s: %v, want %v", peer, got, want)
		}
	}
	if got := networkOf(netip.Addr{}); got != "" {
		t.Errorf("no address: %q", got)
	}
}

// A User-Agent is a stranger's text: what is made of it is of our own words.
func FuzzAgentWords(f *testing.F) {
	f.Add("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0")
	f.Add("\x00<b>\r\nEdg")
	browsers := []string{"un navigateur", "Edge", "Opera", "Firefox", "Chrome", "Safari"}
	systems := []string{"", "iPhone", "iPad", "Android", "Windows", "ChromeOS", "macOS", "Linux"}
	f.Fuzz(func(t *testing.T, agent string) {
		browser, system, _ := strings.Cut(agentWords(agent), " sous ")
		if !slices.Contains(browsers, browser) || !slices.Contains(systems, system) {
			t.Errorf("%q gives %q", agent, agentWords(agent))
		}
	})
}
