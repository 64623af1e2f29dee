package sasl

import "strings"

// gs2 is the header before the first message of SCRAM and OAUTHBEARER (RFC 5801 §4, RFC 5802 §7).
type gs2 struct {
	flag          string // n, y, or the name of a channel binding after "p="
	bound         bool   // flag is such a name
	authorization string
	header        string // as it came
	rest          string
}

func readGS2(message string) (g gs2, err error) {
	flag, tail, ok := strings.Cut(message, ",")
	authorization, rest, more := strings.Cut(tail, ",")
	if !ok || !more {
		return g, malformed("the header does not end")
	}
	g = gs2{flag: flag, rest: rest, header: message[:len(message)-len(rest)]}
	if name, bound := strings.CutPrefix(flag, "p="); bound {
		g.flag, g.bound = name, true
	} else if flag != "n" && flag != "y" {
		return g, malformed("the header begins with n, y or p=")
	}
	if authorization == "" {
		return g, nil
	}
	name, ok := strings.CutPrefix(authorization, "a=")
	if !ok {
		return g, malformed("the header holds something else than a name")
	}
	g.authorization, err = saslname(name)
	return g, err
}

// saslname decodes a name: "=2C" is a comma, "=3D" an equals sign (RFC 5802 §5.1), and no other escape is one.
func saslname(text string) (string, error) {
	if text == "" {
		return "", malformed("a name is empty")
	}
	plain := strings.NewReplacer("=2C", "", "=3D", "").Replace(text)
	if strings.Contains(plain, "=") {
		return "", malformed("a name holds an escape that there is not")
	}
	name, err := saslprep(strings.NewReplacer("=2C", ",", "=3D", "=").Replace(text))
	if err != nil || name == "" {
		return "", malformed("a name holds what names may not hold")
	}
	return name, nil
}
