package demo

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// pdf makes a one-page document (ISO 32000-1) with a title and some lines.
func pdf(name, title string, lines []string) attachment {
	var page strings.Builder
	fmt.Fprintf(&page, "BT /F1 16 Tf 72 770 Td (%s) Tj 0 -30 Td /F1 11 Tf 15 TL ", pdfText(title))
	for _, line := range lines {
		fmt.Fprintf(&page, "(%s) Tj T* ", pdfText(line))
	}
	page.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", page.Len(), page.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(objects))
	for i, object := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return attachment{name, "application/pdf", b.Bytes()}
}

// pdfText escapes a string in the encoding of the font; letters it lacks become "?".
func pdfText(s string) string {
	var b strings.Builder
	for _, r := range s {
		octet, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			octet = '?'
		}
		if octet == '(' || octet == ')' || octet == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(octet)
	}
	return b.String()
}

// odt makes a text document (OpenDocument 1.2 part 3) with a title and some paragraphs.
func odt(name, title string, lines []string) attachment {
	var body strings.Builder
	fmt.Fprintf(&body, `<text:h text:outline-level="1">%s</text:h>`, html.EscapeString(title))
	for _, line := range lines {
		fmt.Fprintf(&body, "<text:p>%s</text:p>", html.EscapeString(line))
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, file := range []struct {
		name, text string
		method     uint16
	}{
		{"mimetype", "application/vnd.oasis.opendocument.text", zip.Store}, // first and not compressed
		{"META-INF/manifest.xml", `<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">` +
			`<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>` +
			`<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>`, zip.Deflate},
		{"content.xml", `<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" ` +
			`xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:text>` + body.String() +
			`</office:text></office:body></office:document-content>`, zip.Deflate},
	} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: file.name, Method: file.method})
		if err == nil {
			_, err = w.Write([]byte(file.text))
		}
		if err != nil {
			panic(fmt.Sprintf("demo: a zip in memory failed: %v", err)) // a buffer takes everything
		}
	}
	if err := z.Close(); err != nil {
		panic(fmt.Sprintf("demo: a zip in memory failed: %v", err))
	}
	return attachment{name, "application/vnd.oasis.opendocument.text", b.Bytes()}
}
