package roster

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"strconv"
	"strings"

	"navette/internal/directory"
	"navette/internal/failure"
)

// File is a whole HR file whose form has been checked. It reads its source again for
// each pass and keeps in memory only what concerns the people whose lines disagree.
type File struct {
	Encoding Encoding
	Lines    int               // data lines, wrong ones included: the number of the trailer
	Sum      [sha256.Size]byte // of the octets, for the record of what was imported

	source    io.ReadSeeker
	parser    lineParser
	conflicts map[string]string // id_rh -> why all its lines are refused
}

// Record is a data line: understood, or rejected.
type Record struct {
	Line      Line
	Rejection *Rejection // nil when Line was understood
}

// Rejection is a data line that changes nothing, and why.
type Rejection struct {
	Line   int    // number in the file, the header being 1
	HRID   string // empty when it could not be read
	Reason string // French
}

// Open checks the form of a whole file: encoding, header, trailer and count, and which
// people the lines disagree about. A file that is not complete is refused with a
// failure of kind Permanent whose text is fit to show; other errors are of reading.
//
// The source is read from its start, once a pass, and must not change until the last use
// of the File.
func Open(source io.ReadSeeker) (*File, error) {
	f := &File{source: source, parser: lineParser{known: directory.NewNomenclature()}}
	if err := f.survey(); err != nil {
		return nil, fmt.Errorf("lecture du fichier RH : %w", err)
	}
	if err := f.compareIdentities(); err != nil {
		return nil, fmt.Errorf("lecture du fichier RH : %w", err)
	}
	return f, nil
}

func refused(format string, args ...any) error {
	return failure.New(failure.Permanent, "fichier refusé, rien n'a été changé : "+format, args...)
}

// survey reads the octets once: is the file whole, and in which encoding?
func (f *File) survey() error {
	var guess encodingGuess
	sum := sha256.New()
	var count int
	declared := -1
	err := f.physicalLines(sum, func(line physicalLine) error {
		switch {
		case line.number == 1:
			return checkHeader(line, &guess)
		case isBlank(line.octets):
			return nil
		case declared >= 0:
			return refused("la ligne %d vient après %s", line.number, trailer)
		case isTrailer(line.octets):
			var err error
			declared, err = trailerCount(line)
			return err
		}
		count++
		if !line.tooLong { // cut anywhere, it says nothing
			guess.add(line.octets)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case declared < 0:
		return refused("la dernière ligne « %s;<nombre de lignes> » manque (fichier tronqué ?)", trailer)
	case declared != count:
		return refused("%s annonce %d lignes, le fichier en a %d", trailer, declared, count)
	}
	f.Encoding, f.Lines = guess.encoding(), count
	sum.Sum(f.Sum[:0])
	return nil
}

// checkHeader wants the exact header, with or without a byte order mark and quotes.
func checkHeader(line physicalLine, guess *encodingGuess) error {
	for _, bom := range []string{bomUTF16LE, bomUTF16BE} {
		if bytes.HasPrefix(line.octets, []byte(bom)) {
			return refused("il est en UTF-16 ; l'enregistrer en UTF-8")
		}
	}
	octets, bom := bytes.CutPrefix(line.octets, []byte(bomUTF8))
	guess.bom = bom
	fields, err := splitFields(string(octets))
	if err != nil || line.tooLong || strings.Join(fields, ";") != header {
		return refused("la première ligne n'est pas l'en-tête attendu « %s »", header)
	}
	return nil
}

func isBlank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }

func isTrailer(line []byte) bool {
	line = bytes.TrimLeft(line, `"`)
	return bytes.HasPrefix(line, []byte(trailer))
}

// trailerCount reads #FIN;<n>. Empty fields after the number are what spreadsheets add.
func trailerCount(line physicalLine) (int, error) {
	fields, err := splitFields(strings.TrimRight(string(line.octets), "; \t"))
	if err == nil && len(fields) == 2 && fields[0] == trailer {
		if n, err := strconv.ParseUint(strings.TrimSpace(fields[1]), 10, 31); err == nil {
			return int(n), nil
		}
	}
	return 0, refused("ligne %d : « %s;<nombre de lignes> » attendu", line.number, trailer)
}

// physicalLines gives each line of the source to visit, from the start, and its octets to copy.
func (f *File) physicalLines(octets io.Writer, visit func(physicalLine) error) error {
	if _, err := f.source.Seek(0, io.SeekStart); err != nil {
		return err
	}
	in := newLineScanner(io.TeeReader(f.source, octets))
	for {
		line, err := in.next()
		if errors.Is(err, io.EOF) {
			if line.number == 1 {
				return refused("il est vide")
			}
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(line); err != nil {
			return err
		}
	}
}

// errStop ends a pass early.
var errStop = errors.New("stop")

// Records gives the data lines in the order of the file. The error is of reading, and the last.
func (f *File) Records() iter.Seq2[Record, error] { return f.records(f.parser.surprises) }

// records is Records with the surprises that a pass has use for.
func (f *File) records(surprises func(Line) []string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		err := f.physicalLines(io.Discard, func(line physicalLine) error {
			if line.number == 1 || isBlank(line.octets) || isTrailer(line.octets) {
				return nil
			}
			r := f.record(line)
			if r.Rejection == nil {
				r.Line.Surprises = surprises(r.Line)
			}
			if !yield(r, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(Record{}, fmt.Errorf("lecture du fichier RH : %w", err))
		}
	}
}

// record parses one data line and refuses it when its person's lines disagree.
func (f *File) record(raw physicalLine) Record {
	reject := func(idRH, reason string) Record {
		return Record{Rejection: &Rejection{Line: raw.number, HRID: idRH, Reason: reason}}
	}
	if raw.tooLong {
		return reject(rawID(raw.octets), fmt.Sprintf("ligne de plus de %d octets", maxLine))
	}
	text, ok := f.Encoding.decode(raw.octets)
	if !ok {
		return reject(rawID(raw.octets), fmt.Sprintf("octets qui ne sont pas de l'%s", f.Encoding))
	}
	line, idRH, reasons := f.parser.parse(raw.number, text)
	if len(reasons) > 0 {
		if idRH == "" {
			idRH = rawID(raw.octets)
		}
		return reject(idRH, strings.Join(reasons, " ; "))
	}
	if reason, ok := f.conflicts[idRH]; ok {
		return reject(idRH, reason)
	}
	return Record{Line: line}
}

// rawID reads the id_rh of a line that could not be parsed, so that the report names the
// person and nobody ends that person's functions for a typing error.
func rawID(line []byte) string {
	first, _, _ := bytes.Cut(line, []byte(";"))
	first = bytes.Trim(first, "\" \t")
	if !isASCII(first) {
		return ""
	}
	return readableID(string(first))
}

// identityPrint is what tells two identities of one id_rh apart: a hash a field, so that the
// report names the fields, in the memory that 1,200,000 people allow.
type identityPrint struct {
	line   int32
	fields [6]uint32
}

// compareIdentities finds the people of whom two lines say different things.
func (f *File) compareIdentities() error {
	seed := maphash.MakeSeed()
	first := make(map[string]identityPrint, f.Lines)
	conflicts := map[string]string{}
	for record, err := range f.records(func(Line) []string { return nil }) {
		if err != nil {
			return err
		}
		if record.Rejection != nil {
			continue
		}
		line := record.Line
		print := printOf(seed, line)
		before, known := first[line.Person.HRID]
		if !known {
			first[strings.Clone(line.Person.HRID)] = print
			continue
		}
		if before.fields == print.fields {
			continue
		}
		if _, told := conflicts[line.Person.HRID]; !told {
			conflicts[strings.Clone(line.Person.HRID)] = fmt.Sprintf("lignes %d et %d : identités différentes pour le même id_rh (%s)",
				before.line, print.line, strings.Join(before.differences(print), ", "))
		}
	}
	f.conflicts = conflicts
	return nil
}

func printOf(seed maphash.Seed, l Line) identityPrint {
	p := identityPrint{line: int32(l.Number)}
	for i, field := range []string{l.NUMEN.Reveal(), l.Person.Civility, l.Person.BirthName, l.Person.UsageName,
		l.Person.Forenames, l.Person.Birth.String()} {
		p.fields[i] = uint32(maphash.String(seed, field))
	}
	return p
}

// differences names the columns that differ.
func (p identityPrint) differences(other identityPrint) []string {
	var names []string
	for i, column := range []int{colNUMEN, colCivilite, colNomNaissance, colNomUsage, colPrenoms, colNaissance} {
		if p.fields[i] != other.fields[i] {
			names = append(names, columns[column])
		}
	}
	return names
}
