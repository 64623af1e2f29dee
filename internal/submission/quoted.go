package submission

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"regexp"
	"slices"
	"strings"

	"navette/internal/directory"
	"navette/internal/guard"
	"navette/internal/mail"
)

// sampleMax is how many octets of a body are looked at for quoted headers: what people quote stands at the beginning.
const sampleMax = 256 << 10

// sample keeps the beginning of what is written to it.
type sample struct{ octets []byte }

func (s *sample) Write(p []byte) (int, error) {
	s.octets = append(s.octets, p[:min(len(p), sampleMax-len(s.octets))]...)
	return len(p), nil
}

// quotedMax bounds the quoted addresses that are asked for.
const quotedMax = 500

// quoted gives the keys of the protected addresses that quoted headers in the text of a submission show, of those whom
// its sender may write to. Attached messages and signed parts are evidence, and not looked at.
func (s *Service) quoted(ctx context.Context, sub *submitting) ([]string, error) {
	addresses := quotedIn(sub.h.octets, sub.sample.octets)
	if len(addresses) == 0 {
		return nil, nil
	}
	standings, err := s.standings(ctx, sub.q.asks, addresses)
	if err != nil {
		return nil, err
	}
	var keys []string
	for i, a := range addresses {
		if standings[i].Class == guard.Protected && standings[i].Entitled {
			keys = append(keys, directory.MatchKey(a))
		}
	}
	return keys, nil
}

// quotedIn gives the addresses in the quoted headers of a message's own text.
func quotedIn(header, body []byte) (addresses []string) {
	if !bytes.ContainsRune(body, '@') && !bytes.Contains(body, []byte("base64")) && !bytes.Contains(header, []byte("base64")) && !bytes.Contains(body, []byte("=40")) {
		return nil
	}
	message := slices.Concat(header, body)
	facts := mail.ParseBytes(message, mail.DefaultLimits())
	for _, p := range ownTexts(facts.Root) {
		text := mail.DecodeText(p, mail.OpenPart(bytes.NewReader(message), p))
		addresses = append(addresses, quotedHeaders(text, p.Subtype == "html")...)
	}
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	return addresses[:min(len(addresses), quotedMax)]
}

// ownTexts are the text parts that the sender wrote: in no attached message, in nothing that is signed, no attachment.
func ownTexts(p *mail.Part) (out []*mail.Part) {
	switch {
	case p == nil, p.Type == "message", p.Type == "multipart" && p.Subtype == "signed", p.Disposition == "attachment":
		return nil
	case p.Type == "text":
		return []*mail.Part{p}
	}
	for _, child := range p.Children {
		out = append(out, ownTexts(child)...)
	}
	return out
}

// A line of a quoted header, as the mail programs of schools write them in French and English: « > À : », « *Cc:* », or
// « Le 3 sept. 2026 à 10:12, Anne <anne@…> a écrit : ».
var (
	headerLine = regexp.MustCompile(`(?i)^[\s>*|_]*(de|from|à|a|to|pour|cc|copie|cc?i|bcc|destinataires?|expéditeur|répondre à|reply-to|envoyé par|sender)[\s*_\x{a0}]*:`)
	wroteLine  = regexp.MustCompile(`(?i)(a écrit|wrote|écrivait)[\s*_\x{a0}]*:?\s*$`)
	markup     = regexp.MustCompile(`(?i)<(br|/p|/div|/tr|/li|/blockquote)[^>]*>`)
	tag        = regexp.MustCompile(`<(/?[A-Za-z!][^>@]*|[A-Za-z][^>]*=[^>]*)>`)
)

// quotedHeaders gives the addresses in lines of quoted headers, and in what follows them until something else begins.
func quotedHeaders(text io.Reader, html bool) (out []string) {
	octets, err := io.ReadAll(io.LimitReader(text, sampleMax))
	if err != nil {
		return nil // a text that cannot be decoded shows nobody anything
	}
	all := string(octets)
	if html {
		all = unmark(all)
	}
	lines := bufio.NewScanner(strings.NewReader(all))
	lines.Buffer(nil, len(all)+1)
	within := false
	before := ""
	for lines.Scan() {
		line := lines.Text()
		within = headerLine.MatchString(line) || within && strings.HasSuffix(strings.TrimSpace(before), ",")
		if wroteLine.MatchString(line) {
			out = append(out, slices.Collect(addressesIn(before, nil))...)
		}
		if within || wroteLine.MatchString(line) {
			out = append(out, slices.Collect(addressesIn(line, nil))...)
		}
		before = line
	}
	return out
}

// unmark gives the lines of a text in HTML.
func unmark(html string) string {
	text := tag.ReplaceAllString(markup.ReplaceAllString(html, "\n"), "")
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&nbsp;", " ", "&#64;", "@", "&agrave;", "à", "&Agrave;", "À", "&eacute;", "é", "&amp;", "&").Replace(text)
}
