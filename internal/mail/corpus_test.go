package mail

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpora holds messages that others collected; they are no part of this project.
const corpora = "../../../shared/corpora"

// corpusExpectation is what a person sees in a named file of the corpora. Empty fields are not looked at.
type corpusExpectation struct {
	file               string
	subject, preview   string
	from, to, id, tree string
	files              string // names of the parts, separated by |
	date               string // in its own zone
	text               string // somewhere in Text
	attachment         bool
}

var corpusExpectations = []corpusExpectation{
	{file: "japanese.eml", subject: "まみむめも", preview: "かきくえこ", to: "みける <raasdnil@gmail.com>"},
	{file: "japanese_iso_2022.eml", preview: "すみません。"},
	{file: "japanese_shift_jis.eml", preview: "あいうえお このメールはテスト用のメールです。 今後ともよろしくお願い申し上げます！"},
	{file: "japanese_attachment.eml", files: "てすと.txt", attachment: true},
	{file: "japanese_attachment_long_name.eml", files: "かきくけこかきくけこかきくけこかきくけこかきくけこ.txt", attachment: true, subject: strings.Repeat("まみむめも", 10)},
	{file: "ks_c_5601-1987.eml", preview: "스티해"},
	{file: "raw_email.eml", subject: "NOTE: 한국말로 하는 것", preview: "대부분의 마찬가지로, 우리는 하나님을 믿습니다. 제 이름은 Jamis입니다."},
	{file: "raw_email_with_partially_quoted_subject.eml", subject: `Re: Test: "漢字" mid "漢字" tail`},
	{file: "raw_email_double_at_in_header.eml", id: "d3b8cf8e49f0448085@0c28713a1@f473e@37signals.com"},
	{file: "raw_email_encoded_stack_level_too_deep.eml", subject: "Nicolas Fouché has accepted your invitation to Gmail"},
	{file: "raw_email_with_nested_attachment.eml", files: "truncated.png|smime.p7s", attachment: true},
	{file: "raw_email2.eml", files: "smime.p7s", date: "2005-05-08 14:09:11 -0500"},
	{file: "raw_email_with_mimepart_without_content_type.eml", tree: "multipart/report(text/plain message/delivery-status message/rfc822(text/plain))"},
	{file: "email_with_similar_boundaries.eml", tree: "multipart/mixed(multipart/alternative(text/plain text/html) application/octetstream)", files: "LOGO.png", attachment: true},
	{file: "attachment_with_encoded_name.eml", text: "01 Quien Te Dij", attachment: true},
	{file: "attachment_with_base64_encoded_name.eml", files: "This is a test.pdf", attachment: true},
	{file: "attachment_with_quoted_filename.eml", files: "Eelanalüüsi päring.jpg", subject: "Eelanalüüsi päring", attachment: true},
	{file: "attachment_with_unquoted_name.eml", files: "This is a test.txt", attachment: true},
	{file: "attachment_nonascii_filename.eml", files: "ciële.txt", attachment: true},
	{file: "attachment_message_rfc822.eml", tree: "multipart/mixed(text/plain message/rfc822(multipart/mixed(text/plain application/pdf)))", attachment: true},
	{file: "trademark_character_in_subject.eml", subject: "GA.comô has a lead for you"},
	{file: "invalid_subject_characters.eml", subject: "Formação FrenetikPolis: Mega Campanha Final Verão | Cursos de Setembro", from: "Formação Frenetikpolis <info@formacaofrenetik.info>"},
	{file: "empty_group_lists.eml", to: "undisclosed recipients: ;"},
	{file: "example04.eml", to: "A Group: Chris Jones <c@a.test>, joe@where.test, John <jdoe@one.test> ;"},
	{file: "example07.eml", to: "Mary Smith: Personal Account <smith@home.example>"},
	{file: "example11.eml", to: "Mary Smith <mary@example.net>, jdoe@test.example"},
	{file: "example06.eml", subject: "Re: Saying Hello", date: "1997-11-21 10:01:10 -0600", id: "3456@example.net"},
	{file: "utf8_headers.eml"},
	{file: "qp-utf8-header.raw", subject: "MIME UTF8 Test ¢ More Text", to: "Mirosław Marczak <marczak@inbucket.com>"},
	{file: "mime-bad-8bit-filename.raw", files: "管理.doc", attachment: true},
	{file: "mime-unquoted-tspecials-param.raw", files: "Invoice_(302232133150612).pdf", attachment: true},
	{file: "multipart-wo-boundary.raw", tree: "text/plain", preview: "I'm multipart message without boundary"},
	{file: "similar-boundary.raw", tree: "multipart/mixed(text/plain multipart/alternative(text/plain text/html))"},
	{file: "html-with-boundary.raw", tree: "multipart/mixed(text/html)"},
	{file: "incorrect-charset.raw", text: "∮ E⋅da = Q"},
	{file: "non-mime-html-charset-header-only.raw", preview: "Test Müller"},
	{file: "mime-bad-content-transfer-encoding.raw", text: "ploozdect"},
	{file: "extra-base64-character.raw", text: "Hello World!"},
	{file: "unknown-part-type.raw", tree: "multipart/abcdefghi(text/plain image/gif)", files: "B05.gif", attachment: true},
	{file: "mime-mixed-related.raw", tree: "multipart/mixed(multipart/related(multipart/alternative(text/html)) multipart/alternative(text/html))"},
}

func TestCorporaReadAsPeopleReadThem(t *testing.T) {
	files := corpusFiles(t)
	byName := map[string]string{}
	for _, path := range files {
		byName[filepath.Base(path)] = path
	}
	for _, want := range corpusExpectations {
		t.Run(want.file, func(t *testing.T) {
			message, err := os.ReadFile(byName[want.file])
			if err != nil {
				t.Fatal(err)
			}
			f := parse(t, message)
			expect(t, "subject", f.SubjectText, want.subject)
			expect(t, "preview", f.Preview, want.preview)
			expect(t, "from", addressText(f.Envelope.From), want.from)
			expect(t, "to", addressText(f.Envelope.To), want.to)
			expect(t, "id", f.MessageID, want.id)
			expect(t, "tree", outline(f.Root), want.tree)
			expect(t, "files", strings.Join(fileNames(f.Root), "|"), want.files)
			expect(t, "date", f.Date.Format("2006-01-02 15:04:05 -0700"), want.date)
			if !strings.Contains(f.Text, want.text) {
				t.Errorf("text %q lacks %q", f.Text, want.text)
			}
			if want.attachment && !f.HasAttachment {
				t.Error("no attachment")
			}
		})
	}
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if want != "" && got != want {
		t.Errorf("%s %q, want %q", what, got, want)
	}
}

// TestCorporaKeepTheInvariants parses every file, whole and in small pieces.
func TestCorporaKeepTheInvariants(t *testing.T) {
	files := corpusFiles(t)
	parts := 0
	for _, path := range files {
		message, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range [][]byte{message, crlf(string(bytes.ReplaceAll(message, []byte("\r"), nil)))} {
			f := ParseBytes(m, Limits{})
			if err := checkFacts(m, f, DefaultLimits()); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			if err := sameInPieces(m, f, func() int { return 7 }); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			parts += len(allParts(f.Root))
		}
	}
	t.Logf("%d files, each as it is and with CRLF: %d parts", len(files), parts)
}

func corpusFiles(t *testing.T) (files []string) {
	t.Helper()
	for _, root := range []string{"enmime", "ruby-mail"} {
		err := filepath.WalkDir(filepath.Join(corpora, root), func(path string, d os.DirEntry, err error) error {
			if err == nil && (strings.HasSuffix(path, ".eml") || strings.HasSuffix(path, ".raw")) {
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) == 0 {
		// Never a failure, not even where peers are required: the project does not need what stands beside it.
		t.Skip("SKIPPED: no corpora beside the project, real mail was not tried")
	}
	return files
}

func allParts(p *Part) []*Part {
	all := []*Part{p}
	for _, c := range p.Children {
		all = append(all, allParts(c)...)
	}
	return all
}

func fileNames(p *Part) (names []string) {
	for _, part := range allParts(p) {
		if name := part.Filename(); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// addressText writes a list as a person would read it.
func addressText(list []Address) string {
	var b strings.Builder
	separator := ""
	for _, a := range list {
		switch a.Kind {
		case GroupStart:
			b.WriteString(separator + a.Mailbox + ": ")
			separator = ""
			continue
		case GroupEnd:
			if separator != "" {
				b.WriteString(" ")
			}
			b.WriteString(";")
		default:
			b.WriteString(separator)
			if a.Name != "" {
				b.WriteString(a.DisplayName() + " <" + a.Addr() + ">")
			} else {
				b.WriteString(a.Addr())
			}
		}
		separator = ", "
	}
	return b.String()
}
