package identity

import (
	"navette/internal/directory"
	"navette/internal/failure"
)

// scopesOf tells what a kind of credential opens at a door, when it is presented in a way that the door offers; 0 is
// nothing. Doors get no more than they need, and what is made for mail programs never opens the pages.
func scopesOf(c Credential, kind string) Scope {
	switch {
	case c.Channel == IMAP && opensMail(c.Mechanism, kind):
		return ReadMail
	case c.Channel == SMTP && opensMail(c.Mechanism, kind):
		return SubmitMail
	case c.Channel == HTTP && c.Mechanism == Basic && kind != kindToken:
		return ReadMail | SubmitMail
	case c.Channel == HTTP && c.Mechanism == Form && kind == kindPassword:
		return ReadMail | SubmitMail | ManageSelf
	}
	return 0
}

// opensMail tells which kinds of credentials mail programs show by a mechanism.
func opensMail(m Mechanism, kind string) bool {
	switch m {
	case Plain, Login, Scram, ScramPlus:
		return kind == kindPassword || kind == kindApplication
	case OAuthBearer, XOAuth2:
		return kind == kindToken
	}
	return false
}

// offered tells whether the door offers the mechanism for anything.
func offered(c Credential) bool { return scopesOf(c, kindPassword)|scopesOf(c, kindToken) != 0 }

// grantSession is grant for a session of the pages.
func grantSession(h Holder, generation uint64) (Principal, error) {
	scopes := ReadMail | SubmitMail | ManageSelf
	switch {
	case h.State != directory.StateActive && h.State != directory.StateDeparted:
		return Principal{}, errDenied()
	case h.Narrow:
		scopes = ManageSelf
	case h.State == directory.StateDeparted:
		scopes &^= SubmitMail
	}
	return Principal{Account: h.Account, Login: h.Login, Display: h.Display, Scopes: scopes, AuthEpoch: h.Epoch, generation: generation}, nil
}

// grant makes the principal of a credential; with grantSession it is the one place where principals are made (invariant 1).
func grant(found *candidate, p proof, c Credential, generation uint64) (Principal, error) {
	scopes := scopesOf(c, p.kind)
	if found.state == directory.StateDeparted {
		if scopes &^= SubmitMail; scopes == 0 {
			return Principal{}, failure.New(failure.Policy, "Votre départ est enregistré : l'envoi est fermé, la lecture reste possible. / Your departure is recorded: sending is closed, reading remains possible.")
		}
	}
	out := Principal{Account: found.account, Login: found.login, Display: found.display, Scopes: scopes,
		Credential: p.credential, AuthEpoch: found.epoch, generation: generation}
	if p.kind == kindPassword && c.Mechanism != Form {
		out.until = found.due
	}
	return out, nil
}
