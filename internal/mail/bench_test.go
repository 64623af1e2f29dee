package mail

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// benchHeader is the header of an ordinary mail between two agents, with the trace of two hops.
const benchHeader = "Return-Path: <claire.martin@ac-paris.example>\r\n" +
	"Received: from smtp1.ac-paris.example (smtp1.ac-paris.example [192.0.2.25])\r\n\tby mx.ac-paris.example with ESMTPS id 4Xk2\r\n" +
	"\tfor <ce.0759001a@ac-paris.example>; Tue, 12 Nov 2024 08:41:03 +0100\r\n" +
	"Received: from [198.51.100.7] by smtp1.ac-paris.example with ESMTPSA id 8821;\r\n\tTue, 12 Nov 2024 08:41:02 +0100\r\n" +
	"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=ac-paris.example; s=s2024;\r\n\tt=1731397262; h=from:to:subject:date;\r\n" +
	"\tbh=frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY=;\r\n\tb=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR\r\n" +
	"Message-ID: <5081A889.3020108@ac-paris.example>\r\nDate: Tue, 12 Nov 2024 08:41:02 +0100\r\n" +
	"User-Agent: Mozilla Thunderbird\r\nMIME-Version: 1.0\r\n" +
	"Subject: =?UTF-8?Q?Re=3A_R=C3=A9union_du_conseil_de_classe_de_6e_A?=\r\n" +
	"To: =?UTF-8?B?Q29sbMOoZ2UgR2Vvcmdlcy1TYW5k?= <ce.0759001a@ac-paris.example>,\r\n Paul Durand <paul.durand@ac-paris.example>\r\n" +
	"From: Claire Martin <claire.martin@ac-paris.example>\r\n" +
	"References: <a1@ac-paris.example> <a2@ac-paris.example>\r\nIn-Reply-To: <a2@ac-paris.example>\r\n"

const benchSentence = "Le conseil de classe de la 6e A se tiendra le jeudi 12 novembre en salle 204.\r\n"

func plainMail() []byte {
	return []byte(benchHeader + "Content-Type: text/plain; charset=UTF-8; format=flowed\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
		"Bonjour,\r\n\r\n" + strings.Repeat(benchSentence+"Merci de vérifier les bulletins et de prévenir les délégués.\r\n", 18))
}

func alternativeMail() []byte {
	text := strings.Repeat("Merci de v=C3=A9rifier les bulletins et de pr=C3=A9venir les d=C3=A9l=C3=A9gu=\r\n=C3=A9s.\r\n", 20)
	html := strings.Repeat("<p style=3D\"margin:0cm;font-size:11pt;font-family:Calibri,sans-serif\"><spa=\r\nn>Merci de v=C3=A9rifier les bulletins&nbsp;; les d=C3=A9l=C3=A9gu=C3=A9s s=\r\nont pr=C3=A9venus.</span></p>\r\n", 26)
	return []byte(benchHeader + "Content-Type: multipart/alternative; boundary=\"------------020203040006070307010003\"\r\n\r\n" +
		"This is a multi-part message in MIME format.\r\n--------------020203040006070307010003\r\n" +
		"Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + text +
		"\r\n--------------020203040006070307010003\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
		"<html><head><style>p { color: black }</style></head><body>" + html + "</body></html>\r\n--------------020203040006070307010003--\r\n")
}

func attachmentMail() []byte {
	var b strings.Builder
	b.WriteString(benchHeader + "Content-Type: multipart/mixed; boundary=\"b1\"\r\n\r\n--b1\r\nContent-Type: text/plain; charset=UTF-8\r\n\r\n")
	b.WriteString(strings.Repeat(benchSentence, 10))
	b.WriteString("\r\n--b1\r\nContent-Type: application/pdf; name=\"bulletins.pdf\"\r\nContent-Transfer-Encoding: base64\r\n" +
		"Content-Disposition: attachment; filename*=UTF-8''bulletins%20d%27%C3%A9t%C3%A9.pdf\r\n\r\n")
	line := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("%PDF-1.7 \x00\xff", 6))[:57])
	for range 3400 {
		b.WriteString(line + "\r\n")
	}
	b.WriteString("--b1--\r\n")
	return []byte(b.String())
}

// BenchmarkParse parses as a connection does: one scanner, one message after another.
func BenchmarkParse(b *testing.B) {
	for _, m := range []struct {
		name    string
		message []byte
	}{{"plain", plainMail()}, {"alternative", alternativeMail()}, {"attachment", attachmentMail()}} {
		b.Run(fmt.Sprintf("%s-%dkB", m.name, len(m.message)/1000), func(b *testing.B) {
			b.SetBytes(int64(len(m.message)))
			b.ReportAllocs()
			s := NewScanner(Limits{})
			for range b.N {
				s.Reset()
				_, _ = s.Write(m.message)
				s.Finish()
			}
		})
	}
}

func BenchmarkMarshal(b *testing.B) {
	f := ParseBytes(alternativeMail(), Limits{})
	b.ReportAllocs()
	for range b.N {
		if _, err := f.MarshalBinary(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnmarshalList(b *testing.B) {
	blob, _ := ParseBytes(alternativeMail(), Limits{}).MarshalBinary()
	b.ReportMetric(float64(len(blob)), "blob-bytes")
	b.ReportAllocs()
	for range b.N {
		if _, err := UnmarshalList(blob); err != nil {
			b.Fatal(err)
		}
	}
}

// base64Lines encodes as mail programs do: 57 bytes a line.
func base64Lines(content []byte) string {
	var b strings.Builder
	for len(content) > 0 {
		n := min(57, len(content))
		b.WriteString(base64.StdEncoding.EncodeToString(content[:n]) + "\r\n")
		content = content[n:]
	}
	return b.String()
}
