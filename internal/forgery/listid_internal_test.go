package forgery

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestTheListsThatAMessageCameThroughAreTold(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, message string
		want          []string
	}{
		{"none", "From: a@b.example\r\n\r\nList-Id: <corps.example>\r\n", nil},
		{"one", "List-Id: Profs <Profs.list.AC-paris.example>\r\n\r\n", []string{"profs.list.ac-paris.example"}},
		{"folded, in any case", "From: x\r\nLIST-ID: =?utf-8?q?Profs?=\r\n\t<profs.list.x.example>\r\nTo: y\r\n\r\n", []string{"profs.list.x.example"}},
		{"two, among others", "List-Id: <a.example>\r\nList-Post: <mailto:x@y>\r\nList-Id:<b.example>\r\nSubject: <c.example>\r\n\r\n", []string{"a.example", "b.example"}},
		{"without brackets", "List-Id: a.example \r\n\r\n", []string{"a.example"}},
		{"brackets in the name", "List-Id: \"<b.example>\" <a.example>\r\n\r\n", []string{"a.example"}},
		{"empty", "List-Id:\r\n\r\n", []string{""}},
		{"ended within", "List-Id: <a.exam", []string{"a.exam"}},
		{"another field", "List-Id-Of: <a.example>\r\nX-List-Id: <b.example>\r\n\r\n", nil},
	} {
		for _, cut := range []int{1, 2, 7, len(c.message)} { // however it comes
			var out bytes.Buffer
			f := NewFilter(&out, "mx.example")
			for part := range slices.Chunk([]byte(c.message), cut) {
				if _, err := f.Write(part); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if got := f.ListIDs(); !slices.Equal(got, c.want) {
				t.Errorf("%s, by %d octets: %q, want %q", c.name, cut, got, c.want)
			}
			if out.String() != c.message {
				t.Errorf("%s, by %d octets: passed on %q", c.name, cut, out.String())
			}
		}
	}
}

func TestListIDsAreBounded(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	f := NewFilter(&out, "mx.example")
	message := strings.Repeat("List-Id: "+strings.Repeat("x", 5000)+"\r\n", 200) + "\r\n"
	if _, err := f.Write([]byte(message)); err != nil {
		t.Fatal(err)
	}
	ids := f.ListIDs()
	if len(ids) != listIDsMax || len(ids[0]) > listIDMax || out.String() != message {
		t.Errorf("%d ids, the first of %d octets; %d octets passed on of %d", len(ids), len(ids[0]), out.Len(), len(message))
	}
}
