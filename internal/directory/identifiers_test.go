package directory

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestUAIKeysOfPublicEstablishments(t *testing.T) {
	t.Parallel()
	for _, uai := range []string{"0750654D", "0752524L", "0920131T", "0291101P", "0291591X", "0290072W", "0290070U",
		"0693045K", "0682027J", "0751234J", "0759001B"} {
		if got, err := ParseUAI(uai); err != nil || got != uai {
			t.Errorf("ParseUAI(%s) = %q, %v", uai, got, err)
		}
		if got, err := ParseUAI(strings.ToLower(uai)); err != nil || got != uai {
			t.Errorf("ParseUAI(%s) = %q, %v", strings.ToLower(uai), got, err)
		}
	}
}

func TestAWrongUAISaysWhichLetterWasExpected(t *testing.T) {
	t.Parallel()
	_, err := ParseUAI("0751234A")
	var wrong *UAIError
	if !errors.As(err, &wrong) || wrong.Want != "0751234J" || !strings.Contains(err.Error(), `"J"`) {
		t.Errorf("ParseUAI(0751234A): %v", err)
	}
	for _, s := range []string{"", "075123J", "07512345J", "075123AJ", "07512345", "0751234É", "0751234\xca", "+751234J", "0751234*"} {
		if _, err := ParseUAI(s); !errors.As(err, &wrong) || wrong.Want != "" {
			t.Errorf("ParseUAI(%q): %v, want a wrong form", s, err)
		}
	}
}

func TestMakeUAIAlwaysParsesAndOneWrongDigitIsSeen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		uai := MakeUAI(rapid.IntRange(0, 9999999).Draw(t, "number"))
		if _, err := ParseUAI(uai); err != nil {
			t.Fatal(err)
		}
		place := rapid.IntRange(0, 6).Draw(t, "place")
		digit := rapid.IntRange(0, 9).Draw(t, "digit")
		wrong := uai[:place] + fmt.Sprint(digit) + uai[place+1:]
		if _, err := ParseUAI(wrong); wrong != uai && err == nil {
			t.Fatalf("%s for %s passed", wrong, uai)
		}
	})
}

func TestNUMENForm(t *testing.T) {
	t.Parallel()
	for n, want := range map[NUMEN]bool{
		"01E9501234ABC": true, "43G2400001XYZ": true, "33A0000000AAA": true, "24Z9912345QQQ": true,
		"34E9501234ABC": false, "00E9501234ABC": false, "01e9501234ABC": false, "01E9501234AB": false,
		"01E950123XABC": false, "01E9501234AB1": false, "": false, "01E9501234ABCD": false, "é1E9501234AB": false,
	} {
		if n.WellFormed() != want {
			t.Errorf("%q WellFormed = %v", n.Reveal(), !want)
		}
	}
}

func TestANUMENNeverShowsItself(t *testing.T) {
	t.Parallel()
	secret := struct {
		N NUMEN
		M map[string]NUMEN
	}{"01E9501234ABC", map[string]NUMEN{"a": "01E9501234ABC"}}
	var out strings.Builder
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		fmt.Fprintf(&out, format+"\n", secret)
		fmt.Fprintf(&out, format+"\n", secret.N)
	}
	encoded, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	slog.New(slog.NewTextHandler(&out, nil)).Info("agent", "numen", secret.N)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("agent", "numen", secret.N, "all", secret)
	for _, shown := range []string{"9501234", fmt.Sprintf("%x", "9501234")} {
		if strings.Contains(out.String(), shown) {
			t.Errorf("the NUMEN is shown:\n%s", out.String())
		}
	}
	if secret.N.Reveal() != "01E9501234ABC" {
		t.Errorf("Reveal = %q", secret.N.Reveal())
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, iso string }{
		{"06/05/1982", "1982-05-06"}, {"1982-05-06", "1982-05-06"}, {"29/02/2024", "2024-02-29"}, {"31/12/2199", "2199-12-31"},
	} {
		if got, err := ParseDate(c.text); err != nil || got.String() != c.iso {
			t.Errorf("ParseDate(%q) = %s, %v", c.text, got, err)
		}
	}
	for _, text := range []string{"", "6/5/1982", "06/05/82", "31/02/1980", "29/02/2023", "00/01/1980", "01/13/1980", "1980-02-30",
		"1982/05/06", "06-05-1982", "06/05/1882", "+6/05/1982", "06/05/1982 "} {
		if got, err := ParseDate(text); err == nil {
			t.Errorf("ParseDate(%q) = %s, want an error", text, got)
		}
	}
	if got := (Date{1982, 5, 6}).French(); got != "06/05/1982" {
		t.Errorf("French = %q", got)
	}
	if (Date{2024, 2, 29}).Compare(Date{2024, 3, 1}) >= 0 {
		t.Error("29 February does not come before 1 March")
	}
}

func TestStoredNamesReadBack(t *testing.T) {
	t.Parallel()
	for s := StateAppointed; s <= StateDeparted; s++ {
		if back, err := ParseAccountState(s.String()); err != nil || back != s {
			t.Errorf("%v -> %v, %v", s, back, err)
		}
	}
	for k := AddressPrimary; k <= AddressClosed; k++ {
		if back, err := ParseAddressKind(k.String()); err != nil || back != k {
			t.Errorf("%v -> %v, %v", k, back, err)
		}
	}
	for k := KindPerson; k <= KindFunctional; k++ {
		if back, err := ParseAccountKind(k.String()); err != nil || back != k {
			t.Errorf("%v -> %v, %v", k, back, err)
		}
	}
	if _, err := ParseAccountState("gone"); err == nil {
		t.Error("an unknown state was read")
	}
}
