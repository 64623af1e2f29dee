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
	hash      maphash.Seed      // of the maps below, and of the run's
	conflicts map[string]string // id_rh -> why all its lines are refused
	counts    map[countKey]int  // lines understood
	ids       []uint64          // hashID of everybody of whom a line was understood, sorted
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

// ErrIncomplete is wrapped by the refusal of a file that may only be on its way still.
var ErrIncomplete = errors.New("file incomplete")

// incomplete is refused, for what more octets might mend.
func incomplete(format string, args ...any) error {
	return failure.Wrap(failure.Permanent, ErrIncomplete, fmt.Sprintf("fichier refusé, rien n'a été changé : "+format, args...))
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
			return f.readHeader(line, &guess)
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
		return incomplete("la dernière ligne « %s;<nombre de lignes> » manque (fichier tronqué ?)", trailer)
	case declared != count:
		return incomplete("%s annonce %d lignes, le fichier en a %d", trailer, declared, count)
	}
	f.Encoding, f.Lines = guess.encoding(), count
	sum.Sum(f.Sum[:0])
	return nil
}

// readHeader reads the first line, with or without a byte order mark.
func (f *File) readHeader(line physicalLine, guess *encodingGuess) error {
	for _, bom := range []string{bomUTF16LE, bomUTF16BE} {
		if bytes.HasPrefix(line.octets, []byte(bom)) {
			return refused("il est en UTF-16 ; l'enregistrer en UTF-8")
		}
	}
	octets, bom := bytes.CutPrefix(line.octets, []byte(bomUTF8))
	guess.bom = bom
	if line.tooLong {
		return refused("la première ligne n'est pas l'en-tête attendu « %s »", header)
	}
	var err error
	if f.parser.layout, err = readLayout(string(octets)); err != nil {
		return refused("la première ligne n'est pas l'en-tête attendu « %s » : %v", header, err)
	}
	return nil
}

func isBlank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }

func isTrailer(line []byte) bool {
	line = bytes.TrimLeft(line, `"`)
	return bytes.HasPrefix(line, []byte(trailer))
}

// trailerCount reads #FIN;<n>, with either separator. Empty fields after the number are what spreadsheets add.
func trailerCount(line physicalLine) (int, error) {
	text := strings.TrimRight(string(line.octets), separators+" \t")
	for _, separator := range []byte(separators) {
		fields, err := splitFields(text, separator)
		if err == nil && len(fields) == 2 && fields[0] == trailer {
			if n, err := strconv.ParseUint(strings.TrimSpace(fields[1]), 10, 31); err == nil {
				return int(n), nil
			}
		}
	}
	return 0, incomplete("ligne %d : « %s;<nombre de lignes> » attendu", line.number, trailer)
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
				return incomplete("il est vide")
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
		return reject(f.parser.layout.rawID(string(raw.octets)), fmt.Sprintf("ligne de plus de %d octets", maxLine))
	}
	text, ok := f.Encoding.decode(raw.octets)
	if !ok {
		return reject(f.parser.layout.rawID(string(raw.octets)), fmt.Sprintf("octets qui ne sont pas de l'%s", f.Encoding))
	}
	line, idRH, reasons := f.parser.parse(raw.number, text)
	if len(reasons) > 0 {
		if idRH == "" {
			idRH = f.parser.layout.rawID(string(raw.octets))
		}
		return reject(idRH, strings.Join(reasons, " ; "))
	}
	if reason, ok := f.conflicts[idRH]; ok {
		return reject(idRH, reason)
	}
	return Record{Line: line}
}
