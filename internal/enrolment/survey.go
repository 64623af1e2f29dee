package enrolment

import (
	"context"
	"errors"
	"path"
	"slices"

	"navette/internal/aaf"
	"navette/internal/directory"
)

// survey reads the whole export: what differs from what is known goes into the spool, what cannot be is told. It changes
// nothing.
func (r *run) survey(ctx context.Context) error {
	total := r.report.Octets
	ordered := *r.export
	ordered.Files = slices.Clone(r.export.Files)
	slices.SortStableFunc(ordered.Files, func(a, b aaf.File) int { return loadOrder(a.Category) - loadOrder(b.Category) })
	file, done := "", int64(0)
	for rec, err := range readAhead(ctx, &ordered) {
		if err != nil {
			if err := r.misread(err); err != nil {
				return err
			}
			continue
		}
		if rec.File != file {
			done += r.sizeOfFile(file)
			file = rec.File
			r.opt.Progress(int(done>>10), int(total>>10))
		}
		if err := r.take(ctx, rec); err != nil {
			return err
		}
	}
	r.opt.Progress(int(total>>10), int(total>>10))
	r.settleTallies()
	return nil
}

// loadOrder puts guardians before the pupils who name them, and both after the establishments.
func loadOrder(c aaf.Category) int {
	return slices.Index([]aaf.Category{aaf.EtabEducNat, aaf.MatiereEducNat, aaf.MefEducNat, aaf.PersRelEleve, aaf.Eleve, aaf.PersEducNat}, c)
}

func (r *run) sizeOfFile(name string) int64 {
	for _, f := range r.export.Files {
		if path.Base(f.Path) == name {
			return f.Size
		}
	}
	return 0
}

// misread tells of a request that cannot be understood; a file that is damaged refuses the export.
func (r *run) misread(err error) error {
	var wrong *aaf.RecordError
	if errors.As(err, &wrong) {
		r.reject(wrong.File, wrong.Line, wrong.Category, wrong.Key, wrong.Reason)
		return nil
	}
	var damaged *aaf.FileError
	if errors.As(err, &damaged) {
		return refused("%v", damaged)
	}
	return err
}

// take resolves one record.
func (r *run) take(ctx context.Context, rec *aaf.Record) error {
	for _, doubt := range rec.Doubts {
		r.warned.add(rec, doubt)
	}
	switch rec.Category {
	case aaf.EtabEducNat:
		r.takeStructure(rec)
	case aaf.MatiereEducNat:
		r.takeSubject(rec)
	case aaf.PersRelEleve:
		return r.takeGuardian(ctx, rec)
	case aaf.Eleve:
		return r.takePupil(ctx, rec)
	case aaf.PersEducNat:
		return r.takeStaff(ctx, rec)
	case aaf.MefEducNat: // Navette has no use for it
	}
	return nil
}

// reject tells of a record that changes nothing. Whom it is of does not disappear by it.
func (r *run) reject(file string, line int, category aaf.Category, key, reason string) {
	r.report.Rejected++
	if len(r.report.Rejections) < maxRejections {
		r.report.Rejections = append(r.report.Rejections, Rejection{File: file, Line: line, Category: category.String(), Key: key, Reason: reason})
	}
	roll := map[aaf.Category]*roll{aaf.PersRelEleve: r.guardians, aaf.Eleve: r.pupils, aaf.PersEducNat: r.staff}[category]
	if roll == nil || key == "" {
		return
	}
	if at, there := roll.find(key); there && roll.list[at].id != 0 {
		roll.list[at].state |= named
	}
}

func (r *run) refuse(rec *aaf.Record, reason string) {
	r.reject(rec.File, rec.Line, rec.Category, rec.Key, reason)
}

// place finds whom a record is of, and refuses a record that cannot be taken: a second one of the same person, or a
// change of somebody who is not known.
func (r *run) place(roll *roll, rec *aaf.Record) (int32, bool) {
	at, there := roll.find(rec.Key)
	if there && roll.list[at].state&(named|deleted) != 0 {
		r.refuse(rec, "deuxième fiche de la même clé dans cet export ; la première est gardée")
		return 0, false
	}
	if rec.Action != aaf.Add && (!there || roll.list[at].id == 0) {
		r.refuse(rec, "fiche inconnue : le prochain export complet la donnera")
		return 0, false
	}
	if rec.Action == aaf.Delete {
		roll.list[at].state |= deleted
		return at, false
	}
	return at, true
}

// keep puts a record into the spool where it differs from what is known, and counts it.
func (r *run) keep(t *Tally, k *known, print int64, record any, list *[]entry) (bool, error) {
	t.Named++
	switch {
	case k.fingerprint == print: // of whom was absent it is 0
		t.Unchanged++
		return false, nil
	case k.id == 0:
		t.New++
	default:
		t.Changed++
	}
	e, err := r.spool.put(record)
	*list = append(*list, e)
	return true, err
}

func (r *run) takeSubject(rec *aaf.Record) {
	if rec.Action == aaf.Delete || rec.Subject == nil || !rec.Set.Has(aaf.FieldLabel) || r.subjects[rec.Key] == rec.Subject.Label {
		return
	}
	r.subjects[rec.Key] = rec.Subject.Label
	r.changed.subjects[rec.Key] = rec.Subject.Label
}

// takeGuardian resolves somebody who answers for pupils.
func (r *run) takeGuardian(ctx context.Context, rec *aaf.Record) error {
	at, taken := r.place(r.guardians, rec)
	if !taken {
		return nil
	}
	g := &guardian{Key: rec.Key, Civility: rec.Guardian.Civility, civil: civilOf(rec.Guardian.Identity)}
	if rec.Action == aaf.Modify {
		var err error
		if g, err = r.storedGuardian(ctx, r.guardians.list[at]); err != nil {
			return err
		}
		g.amend(rec.Guardian.Identity, rec.Set)
		if rec.Set.Has(aaf.FieldCivility) {
			g.Civility = rec.Guardian.Civility
		}
	}
	if g.UsageName == "" && g.Forename == "" {
		r.refuse(rec, "ni nom ni prénom")
		return nil
	}
	r.checkMail(rec, &g.Mail)
	at = r.guardians.put(rec.Key)
	k := &r.guardians.list[at]
	k.state |= named
	g.At = at
	changed, err := r.keep(&r.report.Guardians, k, g.fingerprint(), g, &r.changed.guardians)
	if g.Mail == "" {
		r.report.NoMail++
		k.state |= mute
		if changed {
			k.state |= muted
		}
	}
	return err
}

// checkMail leaves out what is no address.
func (r *run) checkMail(rec *aaf.Record, mail *string) {
	if *mail != "" && directory.MatchKey(*mail) == "" {
		*mail = ""
		r.warned.add(rec, "l'adresse de courriel n'en est pas une : laissée de côté")
	}
}
