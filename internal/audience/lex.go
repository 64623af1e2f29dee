package audience

import (
	"strings"
	"unicode"
)

// kind is what a token is.
type kind uint8

const (
	end    kind = iota
	word        // a bare word, that may be a keyword
	quoted      // a text in quotes
	sign        // one of ( ) , = ≠
)

// token is one of them, with the column of its first character.
type token struct {
	kind   kind
	text   string // of quoted, what the quotes hold; signs in their canonical spelling
	column int
}

// lexer cuts a text into tokens.
type lexer struct {
	runes []rune
	at    int
}

// next gives the next token.
func (l *lexer) next() (token, *Error) {
	for l.at < len(l.runes) && unicode.IsSpace(l.runes[l.at]) {
		l.at++
	}
	column := l.at + 1
	if l.at == len(l.runes) {
		return token{kind: end, column: column}, nil
	}
	switch r := l.runes[l.at]; {
	case r == '(' || r == ')' || r == ',' || r == '=' || r == '≠':
		l.at++
		return token{sign, string(r), column}, nil
	case l.has("<>"), l.has("!="):
		l.at += 2
		return token{sign, "≠", column}, nil
	case r == '"', r == '«', r == '“':
		return l.quoted(column)
	case inWord(r):
		start := l.at
		for l.at < len(l.runes) && inWord(l.runes[l.at]) {
			l.at++
		}
		return token{word, string(l.runes[start:l.at]), column}, nil
	default:
		return token{}, &Error{Column: column, French: "signe inattendu « " + string(r) + " »", English: "unexpected sign \"" + string(r) + "\""}
	}
}

func (l *lexer) has(s string) bool {
	return strings.HasPrefix(string(l.runes[l.at:min(len(l.runes), l.at+2)]), s)
}

// inWord tells what words are made of; words that hold anything else stand in quotes.
func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || strings.ContainsRune("-_.'’", r)
}

// quoted reads a text up to its closing quote.
func (l *lexer) quoted(column int) (token, *Error) {
	closing := map[rune]rune{'"': '"', '«': '»', '“': '”'}[l.runes[l.at]]
	for i := l.at + 1; i < len(l.runes); i++ {
		if l.runes[i] == closing {
			text := strings.Join(strings.Fields(string(l.runes[l.at+1:i])), " ")
			l.at = i + 1
			if text == "" {
				return token{}, &Error{Column: column, French: "texte vide", English: "empty text"}
			}
			return token{quoted, text, column}, nil
		}
	}
	return token{}, &Error{Column: column, French: "guillemet sans fin, il manque " + string(closing), English: "unclosed quote, " + string(closing) + " is missing"}
}
