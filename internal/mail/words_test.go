package mail

import "testing"

func TestDecodeHeader(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, raw, want string }{
		{"plain", "Conseil de classe", "Conseil de classe"},
		{"Q", "=?UTF-8?Q?R=C3=A9union_de_rentr=C3=A9e?=", "Réunion de rentrée"},
		{"B", "=?utf-8?B?UsOpdW5pb24=?=", "Réunion"},
		{"lower case scheme", "=?iso-8859-1?q?r=E9union?=", "réunion"},
		{"language", "=?ISO-8859-1*fr?Q?=E9t=E9?=", "été"},
		{"spaces between words vanish", "=?utf-8?Q?r=C3=A9?= \r\n =?utf-8?Q?union?=", "réunion"},
		{"spaces to text stay", "avant =?utf-8?Q?=C3=A9t=C3=A9?= apr=C3", "avant été apr=C3"},
		{"nothing between words", "=?utf-8?Q?r=C3=A9?==?utf-8?Q?union?=", "réunion"},
		{"glued to text", "Fwd:=?utf-8?Q?=C3=A9t=C3=A9?=!", "Fwd:été!"},
		{"character split between words", "=?utf-8?Q?r=C3?= =?utf-8?Q?=A9union?=", "réunion"},
		{"character split between base64 words", "=?UTF-8?B?csM=?=\r\n =?UTF-8?B?qXVuaW9u?=", "réunion"},
		{"two charsets", "=?utf-8?Q?=C3=A9?= =?iso-8859-15?Q?=A4?=", "é€"},
		{"spaces inside Q", "=?utf-8?Q?r=C3=A9union de rentr=C3=A9e?=", "réunion de rentrée"},
		{"question mark inside Q", "=?utf-8?Q?Qui_vient??=", "Qui vient?"},
		{"in quotes", `"=?utf-8?Q?Coll=C3=A8ge?="`, `"Collège"`},
		{"never ended", "=?utf-8?Q?r=C3=A9union", "réunion"},
		{"base64 cut off", "=?utf-8?B?UsOpdW5pb2", "Réunio"},
		{"base64 with spaces", "=?utf-8?B?UsOp dW5p b24=?=", "Réunion"},
		{"unknown charset", "=?klingon?Q?=C3=A9t=C3=A9?=", "été"},
		{"charset that lies", "=?us-ascii?Q?=E9t=E9?=", "été"},
		{"Latin-1 that is UTF-8", "=?iso-8859-1?Q?=C3=A9t=C3=A9?=", "été"},
		{"UTF-8 that is Latin-1", "=?utf-8?Q?=E9t=E9?=", "été"},
		{"no encoded word", "a =? b ?= c =?x", "a =? b ?= c =?x"},
		{"unknown scheme", "=?utf-8?X?abc?=", "=?utf-8?X?abc?="},
		{"Q that is not hexadecimal", "=?utf-8?Q?100=_=ZZ?=", "100= =ZZ"},
		{"raw UTF-8", "réunion", "réunion"},
		{"raw Windows-1252", "r\xe9union \x96 \x80", "réunion – €"},
		{"ISO-2022-JP", "=?ISO-2022-JP?B?GyRCJF4kXyRgJGEkYhsoQg==?=", "まみむめも"},
		{"ISO-2022-JP raw", "\x1b$B$^$_\x1b(B", " $B$^$_ (B"},
		{"UTF-7", "=?utf-7?Q?r+AOk-union_1_+-_1?=", "réunion 1 + 1"},
		{"GB2312", "=?gb2312?B?xOO6ww==?=", "你好"},
		{"KOI8-R", "=?koi8-r?B?8NLJ18XU?=", "Привет"},
		{"folded", "un\r\n deux\n\ttrois", "un deux trois"},
		{"controls", "a\x00b\x07c", "a b c"},
		{"encoded line end", "=?utf-8?Q?a=0D=0ABcc:_x?=", "a  Bcc: x"},
	} {
		if got := DecodeHeader(c.raw); got != c.want {
			t.Errorf("%s: %q gives %q, want %q", c.name, c.raw, got, c.want)
		}
	}
}

func TestFilenames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, disposition, want string }{
		{"plain", `attachment; filename=notes.pdf`, "notes.pdf"},
		{"quoted", `attachment; filename="notes de la 6e A.pdf"`, "notes de la 6e A.pdf"},
		{"escaped", `attachment; filename="le \"conseil\".pdf"`, `le "conseil".pdf`},
		{"quotes inside quotes", `attachment; filename="le "conseil".pdf"; size=3`, `le "conseil".pdf`},
		{"spaces without quotes", `attachment; filename=notes de la 6e A.pdf; size=3`, "notes de la 6e A.pdf"},
		{"parentheses without quotes", `attachment; filename=notes (2).pdf`, "notes (2).pdf"},
		{"never closed", `attachment; filename="notes.pdf; size=3`, "notes.pdf"},
		{"extended", `attachment; filename*=UTF-8''r%C3%A9union%20d%27%C3%A9quipe.pdf`, "réunion d'équipe.pdf"},
		{"extended before plain", `attachment; filename="r?union.pdf"; filename*=iso-8859-1'fr'r%E9union.pdf`, "réunion.pdf"},
		{"extended with a wrong charset", `attachment; filename*=us-ascii''r%C3%A9union.pdf`, "réunion.pdf"},
		{"extended without its quotes", `attachment; filename*=r%C3%A9union.pdf`, "réunion.pdf"},
		{"continued", `attachment; filename*0="compte "; filename*1="rendu.pdf"`, "compte rendu.pdf"},
		{"continued and extended", `attachment; filename*0*=UTF-8''r%C3%A9u; filename*1="nion 100%25.pdf"`, "réunion 100%25.pdf"},
		{"continued in any order", `attachment; filename*1*=%A9union.pdf; filename*0*=UTF-8''r%C3`, "réunion.pdf"},
		{"encoded word", `attachment; filename="=?utf-8?B?csOpdW5pb24ucGRm?="`, "réunion.pdf"},
		{"encoded words, folded", "attachment; filename=\"=?utf-8?Q?r=C3=A9?=\r\n =?utf-8?Q?union.pdf?=\"", "réunion.pdf"},
		{"encoded word without quotes", `attachment; filename==?utf-8?Q?r=C3=A9union.pdf?=`, "réunion.pdf"},
		{"raw UTF-8", `attachment; filename="réunion.pdf"`, "réunion.pdf"},
		{"raw Latin-1", "attachment; filename=\"r\xe9union.pdf\"", "réunion.pdf"},
		{"semicolon forgotten", `attachment; filename="a.pdf" size=3`, "a.pdf"},
		{"line end inside", "attachment; filename=\"a\r\n\tb.pdf\"", "a\tb.pdf"},
		{"of Content-Type", `attachment`, "type.pdf"},
	} {
		f := ParseBytes([]byte("Content-Type: application/pdf; name=type.pdf\r\nContent-Disposition: "+c.disposition+"\r\n\r\n"), Limits{})
		want := c.want
		if c.name == "line end inside" {
			want = "a b.pdf"
		}
		if got := f.Root.Filename(); got != want {
			t.Errorf("%s: %q gives %q, want %q", c.name, c.disposition, got, want)
		}
	}
}
