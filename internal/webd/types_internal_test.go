package webd

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// typesFile is what the pages know of the API's types; `go test ./internal/webd -run Types -update` writes it.
const typesFile = "../../web/src/lib/types.ts"

var update = flag.Bool("update", false, "write "+typesFile+" anew")

// apiTypes are the types of the API's requests and answers; those that they hold follow by themselves.
func apiTypes() []any {
	return []any{
		About{}, SessionInfo{}, SignInRequest{}, SignInAnswer{}, CodeRequest{}, TicketRequest{}, TicketAnswer{}, ChallengeAnswer{}, PasskeyRequest{},
		StepUpOptions{}, StepUpRequest{}, ForgotRequest{}, ForgotCodeRequest{}, ResetRequest{}, ActivationRequest{}, ActivationState{},
		PasswordRequest{}, CodesAnswer{}, Protection{}, Factor{}, NewPasskeyRequest{}, TOTPOptions{}, NewTOTPRequest{}, GridAnswer{},
		AddressRequest{}, Card{}, CardFunction{}, Security{}, SessionLine{}, DeviceLine{}, AppPasswordLine{}, AppPasswordRequest{},
		AppPasswordAnswer{}, JournalLine{}, HistoryLine{}, MessageRequest{}, CheckAnswer{}, Recipient{}, Concern{}, SentAnswer{}, MailingLine{}, MailingPerson{}, MailingReport{}, GroupPreview{}, SentLine{}, RecallAnswer{}, WaitingLine{}, SheetRequest{}, SheetAnswer{},
		GroupLine{}, PupilLine{}, GroupPerson{}, DelegationLine{}, DelegationRequest{}, DelegationAnswer{}, ForwardInfo{}, ForwardRequest{}, ConsentRequest{}, ConsentQuestion{}, ConsentAnswer{}, ConsentTaken{},
		FrameLine{}, FrameAnswer{}, MemberLine{}, CandidateLine{}, NewFrameRequest{}, NumberAnswer{}, MemberRequest{}, IncidentRequest{}, IncidentAnswer{}, HeldRequest{}, HeldLink{}, HeldAnswer{}, HeldPerson{}, HeldPupil{}, HeldFormer{}, HeldFrame{}, DraftLine{}, CorrectRequest{},
	}
}

// The pages are compiled against the server's own types.
func TestTypesOfThePagesAreThoseOfTheServer(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	out.WriteString("// Written by `go test ./internal/webd -run Types -update` from the types of the server. Dates are ISO 8601.\n")
	for _, v := range apiTypes() {
		out.WriteString("\n" + declaration(t, reflect.TypeOf(v)))
	}
	if *update {
		if err := os.WriteFile(typesFile, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(typesFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != out.String() {
		t.Errorf("%s is not what the server says: run this test with -update", typesFile)
	}
}

// declaration writes a struct as an interface of TypeScript.
func declaration(t *testing.T, typ reflect.Type) string {
	t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "export interface %s {\n", typ.Name())
	for i := range typ.NumField() {
		f := typ.Field(i)
		name := f.Tag.Get("json")
		if name == "" || strings.Contains(name, ",") {
			t.Errorf("%s.%s needs a plain json name", typ.Name(), f.Name)
		}
		fmt.Fprintf(&out, "  %s: %s;\n", name, script(t, f.Type))
	}
	return out.String() + "}\n"
}

// script is the TypeScript of a type.
func script(t *testing.T, typ reflect.Type) string {
	t.Helper()
	switch {
	case typ == reflect.TypeFor[time.Time]():
		return "string"
	case typ == reflect.TypeFor[json.RawMessage]():
		return "unknown"
	}
	switch typ.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Int, reflect.Int64:
		return "number"
	case reflect.Slice:
		return script(t, typ.Elem()) + "[]"
	case reflect.Pointer:
		return script(t, typ.Elem()) + " | null"
	case reflect.Struct:
		return typ.Name()
	default:
		t.Errorf("no TypeScript for %s", typ)
		return "never"
	}
}
