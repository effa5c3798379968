package assemble

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/privatefile"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
	"github.com/heyan-id/heyan/policy/audit"
)

// ErrThere says that a restore found a database where it would put one.
var ErrThere = sqlstore.ErrThere

// Restored is what a restore did.
type Restored struct {
	Manifest Manifest
	Gap      store.Gap // whose calls the store does not know; it refuses paid calls until the gap is accepted
	Keys     []string  // the settings whose key files were put in place
}

// Restore puts the database and the key files of an archive where the configuration expects
// them. It overwrites nothing: a database there is ErrThere, a key file there must be the
// same. The copy is unpacked beside, migrated if it is of an earlier version, checked with
// its keys, and marked with the gap from the backup to now before it gets its name.
//
// A backup of PostgreSQL has the key files alone, so the caller restores the database first and
// says which time it is of in at; see also MarkRestored.
func Restore(ctx context.Context, o Options, archive io.Reader, at time.Time, principal string) (r Restored, err error) {
	c := o.Config
	folder := "."
	if c.Store.Driver == "sqlite" {
		path, err := sqlstore.FreeSQLite(c.Store.DSN)
		if err != nil {
			return r, err
		}
		folder = filepath.Dir(path)
	}
	dir, err := os.MkdirTemp(folder, ".heyan-restore-*") // mode 0700, on the disk of the database
	if err != nil {
		return r, fmt.Errorf("the folder of the database cannot be written: %w", cause(err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if r.Manifest, err = readArchive(archive, dir); err != nil {
		return r, err
	}
	if r.Manifest.Driver != c.Store.Driver {
		return r, fmt.Errorf("the backup is of store.driver %s, the configuration has %s; restore with a configuration of the same driver", r.Manifest.Driver, c.Store.Driver)
	}
	if c.Store.Driver == "postgres" {
		if r.Keys, err = placeKeys(o, dir, &r.Manifest); err != nil {
			return r, err
		}
		r.Gap, err = MarkRestored(ctx, o, at, principal)
		return r, err
	}
	return r, o.restoreFile(ctx, dir, &r, principal)
}

// restoreFile marks, checks and places a SQLite database and its keys.
func (o Options) restoreFile(ctx context.Context, dir string, r *Restored, principal string) (err error) {
	inside := o.inside(dir)
	inside.Migrate = true
	if _, err := sqlstore.CheckCopy(ctx, filepath.Join(dir, databaseName)); err != nil {
		return err
	}
	// The keys that the configuration refers to have to be there before the copy can be opened.
	if r.Keys, err = placeKeys(o, dir, &r.Manifest); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeKeys(o, r.Keys))
		}
	}()
	if r.Gap, err = MarkRestored(ctx, inside, r.Manifest.TakenAt, principal); err != nil {
		return err
	}
	if _, err := checkCopy(ctx, o, dir); err != nil {
		return err
	}
	return sqlstore.PlaceSQLite(ctx, filepath.Join(dir, databaseName), o.Config.Store.DSN)
}

// placeKeys puts the key files of an archive where the configuration expects them, and returns
// the settings of those that were not there. It changes nothing if one there differs.
func placeKeys(o Options, dir string, m *Manifest) (placed []string, err error) {
	names := map[string]bool{}
	for _, f := range m.Files {
		names[f.Name] = true
	}
	var list []struct{ setting, from, to string }
	for _, k := range keyFiles(o.Config) {
		if !names[k.name] || k.path == "" {
			continue
		}
		from := filepath.Join(dir, filepath.Base(k.name))
		want, err := os.ReadFile(from)
		if err != nil {
			return nil, err
		}
		switch got, err := privatefile.Read(k.path); {
		case errors.Is(err, fs.ErrNotExist):
			list = append(list, struct{ setting, from, to string }{k.setting, from, k.path})
		case err != nil:
			return nil, fmt.Errorf("%s: %w", k.setting, cause(err))
		case !bytes.Equal(bytes.TrimSpace(got), bytes.TrimSpace(want)):
			return nil, fmt.Errorf("%s: another key file is there, and key files are never overwritten; move it away, or restore with the configuration of the backup", k.setting)
		}
	}
	for _, one := range list {
		if err := os.Link(one.from, one.to); err != nil { // to another disk it has to be copied
			text, unread := os.ReadFile(one.from)
			if err := errors.Join(unread, writeNew(one.to, text)); err != nil {
				return placed, fmt.Errorf("%s: the key file cannot be put in place: %w", one.setting, cause(err))
			}
		}
		placed = append(placed, one.setting)
	}
	return placed, nil
}

// removeKeys removes the key files that were put in place.
func removeKeys(o Options, settings []string) error {
	var faults []error
	for _, k := range keyFiles(o.Config) {
		if k.path != "" && slices.Contains(settings, k.setting) {
			faults = append(faults, os.Remove(k.path))
		}
	}
	return errors.Join(faults...)
}

func writeNew(path string, text []byte) error {
	f, err := privatefile.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

// MarkRestored marks the configured store as restored to its state of a time, so that it
// refuses paid calls. It is for a PostgreSQL database, and for a SQLite file that was put
// back by hand.
func MarkRestored(ctx context.Context, o Options, at time.Time, principal string) (gap store.Gap, err error) {
	err = WithAudit(ctx, o, func(s store.Store, act func(audit.Act) context.Context) error {
		gap = store.NewGap(at, time.Now())
		if err := s.MarkGap(act(audit.Act{Principal: principal, Kind: audit.BackupRestore, Target: gap.String()}), gap); err != nil {
			return err
		}
		gap, _, err = s.OpenGap(ctx) // which may be longer
		return err
	})
	return gap, err
}

// WithAudit opens the configured store for one command whose changes are recorded: act returns
// a context for one.
func WithAudit(ctx context.Context, o Options, do func(s store.Store, act func(audit.Act) context.Context) error) error {
	ring, s, err := OpenKeyring(ctx, o)
	if err != nil {
		return err
	}
	return errors.Join(do(s, func(a audit.Act) context.Context { return audit.With(ctx, ring, a) }), s.Close())
}

// recordKey records a new current key of the keyring.
func (p people) recordKey(ctx context.Context, s store.Store, id string) error {
	act := audit.Act{Principal: "heyan", Kind: audit.PolicyKey, Target: id, Reason: "keys: " + idv.CleanText(strings.Join(p.ring.IDs(), " "), idv.MaxNote/2)}
	return s.Record(audit.With(ctx, p.ring, act))
}
