package session

import (
	"net/netip"
	"strings"
)

// agentWords tells a browser and its system in the words of « Mes connexions », from a User-Agent: « Firefox sous Windows ».
// What it says is only what the browser claims.
func agentWords(agent string) string {
	if len(agent) > 300 {
		agent = agent[:300]
	}
	browser := first(agent, "un navigateur", "Edg", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "FxiOS", "Firefox",
		"CriOS", "Chrome", "Chrome/", "Chrome", "Safari/", "Safari")
	system := first(agent, "", "iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Windows", "Windows", "CrOS", "ChromeOS",
		"Mac OS X", "macOS", "Linux", "Linux")
	if system == "" {
		return browser
	}
	return browser + " sous " + system
}

// first gives the word that follows the first mark that a text holds, or otherwise.
func first(text, otherwise string, marksAndWords ...string) string {
	for i := 0; i < len(marksAndWords); i += 2 {
		if strings.Contains(text, marksAndWords[i]) {
			return marksAndWords[i+1]
		}
	}
	return otherwise
}

// networkOf is what is kept of an address: enough for its owner to know their own again.
func networkOf(a netip.Addr) string { return prefix(a, 24, 48) }

// placeOf is about the operator's network.
func placeOf(a netip.Addr) string { return prefix(a, 16, 32) }

func prefix(a netip.Addr, bits4, bits6 int) string {
	a = a.Unmap().WithZone("")
	bits := bits6
	if a.Is4() {
		bits = bits4
	}
	p, err := a.Prefix(bits)
	if err != nil || !p.IsValid() {
		return ""
	}
	return p.String()
}
