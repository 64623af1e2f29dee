package demo

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"navette/internal/directory"
	"navette/internal/roster"
)

// WriteHR writes the HR file of the académie, agents and freshly appointed, in the
// format that the HR feed has: one line a function held. It holds NUMEN: whoever stores it
// closes it to others (0600).
func (a *Academie) WriteHR(w io.Writer) error {
	out := bufio.NewWriter(w)
	lines := 0
	fmt.Fprintln(out, roster.Header()) // errors of out stay until Flush
	for _, agents := range [][]Agent{a.Agents, a.Fresh} {
		for _, agent := range agents {
			for _, f := range agent.Functions {
				writeFields(out, hrFields(agent, f))
				lines++
			}
		}
	}
	fmt.Fprintf(out, "#FIN;%d\n", lines)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write HR file: %w", err)
	}
	return nil
}

func hrFields(a Agent, f directory.Function) []string {
	p := a.Person
	return []string{p.HRID, a.NUMEN.Reveal(), p.Civility, p.BirthName, p.UsageName, p.Forenames, p.Birth.French(),
		f.Corps, f.Category, f.Fonction, f.UAI, f.Start.French(), f.End.French(), f.Reference}
}

// writeFields writes one line, quoted where a field needs it.
func writeFields(out *bufio.Writer, fields []string) {
	for i, field := range fields {
		if i > 0 {
			out.WriteByte(';')
		}
		if strings.ContainsAny(field, ";\"\r\n") {
			field = `"` + strings.ReplaceAll(field, `"`, `""`) + `"`
		}
		out.WriteString(field)
	}
	out.WriteByte('\n')
}
