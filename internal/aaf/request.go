package aaf

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// request is a parsed request: which attributes it names, with their values. Its octets are the parser's until the next
// one.
type request struct {
	key        []byte // of its identifier
	said       []byte // the category that it says it is of
	attributes []attribute
}

// attribute is one attr or modification. Empty values are left out of values.
type attribute struct {
	name   []byte
	values [][]byte
}

// parser reads requests by the grammar of the DTD (DOMAIN §1.2), and nothing beyond it: no attribute but name and
// operation, no element inside a value. Requests whose parts are in another order are read all the same. Its octets are
// UTF-8.
type parser struct {
	limits   Limits
	entities map[string]string

	in   []byte // what is left
	req  request
	text []byte // room for values that have entities
}

func newParser(lim Limits) *parser { return &parser{limits: lim, entities: xml.HTMLEntity} }

// syntax is why a request is none: French, then English.
type syntax string

func (s syntax) Error() string { return string(s) }

// The reasons.
func badMarkup() error {
	return syntax(both("XML mal formé", "malformed XML"))
}

func badGrammar(element []byte) error {
	if !isName(element) {
		return badMarkup()
	}
	return syntax(both(fmt.Sprintf("élément inattendu : %.40s", element), "unexpected element"))
}

func tooMany(french, english string) error { return syntax(both(french, english)) }

// isName reports an element name that may be shown: ASCII letters.
func isName(b []byte) bool {
	for _, c := range b {
		if (c|0x20) < 'a' || (c|0x20) > 'z' {
			return false
		}
	}
	return len(b) > 0
}

// parse reads one request. The error is a syntax.
func (p *parser) parse(octets []byte, action Action) (*request, error) {
	p.in, p.text = octets, p.text[:0]
	p.req.key, p.req.said = nil, nil
	p.req.attributes = p.req.attributes[:0]
	if hasForbidden(octets) {
		return nil, syntax(both("caractère interdit", "forbidden character"))
	}
	err := p.element(action.String(), p.part)
	switch {
	case err != nil:
		return nil, err
	case len(bytes.TrimSpace(p.in)) > 0:
		return nil, badMarkup()
	case len(p.req.key) == 0:
		return nil, syntax(both("l'identifiant manque", "the identifier is missing"))
	}
	return &p.req, nil
}

// element reads an element of that name from its start tag to its end; child reads each one in it.
func (p *parser) element(name string, child func(tag) error) error {
	t, err := p.childTag()
	if err != nil {
		return err
	}
	if t.end || string(t.name) != name {
		return badGrammar(t.name)
	}
	return p.content(t, child)
}

// content reads what is in an element whose start tag was read: elements with space between.
func (p *parser) content(of tag, child func(tag) error) error {
	if of.empty {
		return nil
	}
	for {
		t, err := p.childTag()
		if err != nil {
			return err
		}
		if t.end {
			if !bytes.Equal(t.name, of.name) {
				return badGrammar(t.name)
			}
			return nil
		}
		if err := child(t); err != nil {
			return err
		}
	}
}

// part reads a part of a request.
func (p *parser) part(t tag) error {
	switch string(t.name) {
	case "operationalAttributes":
		return p.content(t, p.operational)
	case "identifier":
		return p.content(t, p.identifier)
	case "attributes":
		return p.content(t, func(t tag) error { return p.attribute(t, "attr") })
	case "modifications":
		return p.content(t, func(t tag) error { return p.attribute(t, "modification") })
	}
	return badGrammar(t.name)
}

// operational reads the attribute that says of which category the request is.
func (p *parser) operational(t tag) error {
	if string(t.name) != "attr" {
		return badGrammar(t.name)
	}
	return p.content(t, func(t tag) error {
		value, err := p.value(t, "value")
		if len(value) > 0 {
			p.req.said = value
		}
		return err
	})
}

func (p *parser) identifier(t tag) error {
	value, err := p.value(t, "id")
	switch {
	case err != nil:
		return err
	case p.req.key != nil && !bytes.Equal(p.req.key, value):
		return syntax(both("deux identifiants", "two identifiers"))
	case !isKey(value):
		return syntax(both("l'identifiant n'a pas la forme d'une clé de jointure", "the identifier is no join key"))
	}
	p.req.key = value
	return nil
}

// maxKey is the longest join key; real ones are numbers.
const maxKey = 64

// isKey reports the form of a join key.
func isKey(b []byte) bool {
	for _, c := range b {
		if !isAlphanumeric(c) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return len(b) > 0 && len(b) <= maxKey
}

// attribute reads one attr or modification with its values.
func (p *parser) attribute(t tag, element string) error {
	if string(t.name) != element {
		return badGrammar(t.name)
	}
	if len(p.req.attributes) == p.limits.Attributes {
		return tooMany(fmt.Sprintf("plus de %d attributs", p.limits.Attributes), "too many attributes")
	}
	name, err := p.named(t)
	if err != nil {
		return err
	}
	a := p.grow()
	a.name = name
	return p.content(t, func(t tag) error {
		value, err := p.value(t, "value")
		switch {
		case err != nil:
			return err
		case len(a.values) == p.limits.Values:
			return tooMany(fmt.Sprintf("plus de %d valeurs dans un attribut", p.limits.Values), "too many values in an attribute")
		case len(value) > 0:
			a.values = append(a.values, value)
		}
		return nil
	})
}

// grow gives room for one more attribute, with the room for values that one in its place had before.
func (p *parser) grow() *attribute {
	n := len(p.req.attributes)
	if n < cap(p.req.attributes) {
		p.req.attributes = p.req.attributes[:n+1]
	} else {
		p.req.attributes = append(p.req.attributes, attribute{})
	}
	a := &p.req.attributes[n]
	a.values = a.values[:0]
	return a
}

// named reads name="…" of an attr, and operation="replace" of a modification, the only one that is legal.
func (p *parser) named(t tag) ([]byte, error) {
	var name []byte
	for rest := bytes.TrimSpace(t.attrs); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return nil, badMarkup()
		}
		key := bytes.TrimSpace(rest[:eq])
		rest = bytes.TrimSpace(rest[eq+1:])
		if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			return nil, badMarkup()
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil, badMarkup()
		}
		value := rest[1 : 1+end]
		rest = rest[end+2:]
		switch string(key) {
		case "name":
			name = value
		case "operation":
			if string(value) != "replace" {
				return nil, syntax(both("opération autre que replace", "an operation that is not replace"))
			}
		default:
			return nil, badMarkup()
		}
	}
	if len(name) == 0 {
		return nil, syntax(both("un attribut est sans nom", "an attribute has no name"))
	}
	return name, nil
}
