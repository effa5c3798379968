package assemble

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/privatefile"
	"github.com/heyan-id/heyan/engine/store/sqlstore"
	"github.com/heyan-id/heyan/policy/audit"
)

// Manifest says what is in a backup. It is the first file of the archive.
type Manifest struct {
	Format    int            `json:"format"`           // of the archive, 1
	Version   string         `json:"version"`          // of heyan
	Driver    string         `json:"driver"`           // sqlite or postgres
	Schema    int64          `json:"schema,omitempty"` // of the database, if the archive has it
	TakenAt   time.Time      `json:"taken_at"`         // what was written later is not in the copy
	Files     []BackupFile   `json:"files"`
	Elsewhere []KeyElsewhere `json:"elsewhere,omitempty"` // the keys that the archive does not have
}

// BackupFile is a file of the archive: the database, or a key.
type BackupFile struct {
	Name    string `json:"name"`
	Setting string `json:"setting,omitempty"` // whose key it is, such as policy.keys[0].secret
	Size    int64  `json:"size"`
	SHA256  string `json:"sha256"`
}

// KeyElsewhere is a key that the archive does not have, since it is not in a file.
type KeyElsewhere struct {
	Setting   string `json:"setting"`
	Reference string `json:"reference"` // env: and the name of the variable, or exec:
}

// The names in an archive.
const (
	manifestName  = "manifest.json"
	databaseName  = "heyan.db"
	archiveFormat = 1
)

// keyFile is a key without which the data cannot be used.
type keyFile struct {
	setting string
	name    string // in the archive
	path    string // "" if it is elsewhere
	ref     string
}

// keyFiles lists the keys of a configuration: those beside its SQLite file, and those that it
// refers to.
func keyFiles(c config.Config) (list []keyFile) {
	beside := func(setting, suffix string) {
		if c.Store.Driver == "sqlite" {
			list = append(list, keyFile{setting, databaseName + suffix, strings.TrimPrefix(c.Store.DSN, "file:") + suffix, ""})
		}
	}
	referred := func(setting, name, ref string) {
		k := keyFile{setting, name, "", ref}
		if path, ok := strings.CutPrefix(ref, "file:"); ok {
			k.path = path
		}
		list = append(list, k)
	}
	if c.Idempotency.Key == "" {
		beside("idempotency.key", keySuffix)
	} else {
		referred("idempotency.key", "keys/idempotency", c.Idempotency.Key)
	}
	for i, k := range c.Policy.Keys {
		referred(fmt.Sprintf("policy.keys[%d].secret", i), "keys/policy-"+k.ID, k.Secret)
	}
	if len(c.Policy.Keys) == 0 {
		beside("policy.keys", peopleKeySuffix)
	}
	if c.Policy.Consent.ReceiptKey == "" {
		beside("policy.consent.receipt_key", receiptKeySuffix)
	} else {
		referred("policy.consent.receipt_key", "keys/receipt", c.Policy.Consent.ReceiptKey)
	}
	return list
}

// Backup writes an archive with a consistent copy of a SQLite database and the key files, or
// on PostgreSQL with the key files alone. The daemon may run. The copy is opened and checked,
// with the keys, before anything is written to w. The files on the way are in folder, which
// must not be readable by others, and are removed.
func Backup(ctx context.Context, o Options, version, folder string, w io.Writer) (m Manifest, err error) {
	c := o.Config
	if c.Store.Driver == "memory" {
		return m, errors.New("store.driver: the memory store ends with its process; there is nothing to back up")
	}
	dir, err := os.MkdirTemp(folder, ".heyan-backup-*") // mode 0700
	if err != nil {
		return m, fmt.Errorf("the folder for the copy cannot be written: %w", cause(err))
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	m = Manifest{Format: archiveFormat, Version: version, Driver: c.Store.Driver, TakenAt: time.Now().UTC().Truncate(time.Second)}
	paths, err := o.collect(ctx, dir, &m)
	if err != nil {
		return m, err
	}
	if m.Schema, err = checkCopy(ctx, o, dir); err != nil {
		return m, err
	}
	for i := range m.Files { // after the check, which opens the copy
		if err := m.Files[i].describe(paths[i]); err != nil {
			return m, err
		}
	}
	return m, writeArchive(w, m, paths)
}

// collect copies the database and the keys into a folder, lists them in the manifest, and
// returns their paths.
func (o Options) collect(ctx context.Context, dir string, m *Manifest) (paths []string, err error) {
	add := func(name, setting, path string) {
		m.Files, paths = append(m.Files, BackupFile{Name: name, Setting: setting}), append(paths, path)
	}
	if m.Driver == "sqlite" {
		path := filepath.Join(dir, databaseName)
		if err := sqlstore.CopySQLite(ctx, o.Config.Store.DSN, path); err != nil {
			return nil, fmt.Errorf("copying the database: %w", err)
		}
		add(databaseName, "", path)
	}
	for _, k := range keyFiles(o.Config) {
		if k.path == "" {
			m.Elsewhere = append(m.Elsewhere, KeyElsewhere{k.setting, elsewhere(k.ref)})
			continue
		}
		text, err := privatefile.Read(k.path)
		if errors.Is(err, fs.ErrNotExist) && k.ref == "" {
			continue // it was never made, as that of receipts without consents
		}
		copied := filepath.Join(dir, filepath.Base(k.name))
		if err == nil {
			err = privatefile.Write(copied, text)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: the key file cannot be copied: %w", k.setting, cause(err))
		}
		add(k.name, k.setting, copied)
	}
	return paths, nil
}

// elsewhere returns a reference without what it may hold.
func elsewhere(ref string) string {
	if strings.HasPrefix(ref, "env:") {
		return ref
	}
	scheme, _, _ := strings.Cut(ref, ":")
	return scheme + ":"
}

// describe sets the size and the hash of a file.
func (b *BackupFile) describe(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	sum := sha256.New()
	b.Size, err = io.Copy(sum, f)
	b.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return errors.Join(err, f.Close())
}

// inside returns the options for the copy of a database in a folder, with the keys beside it.
func (o Options) inside(dir string) Options {
	if o.Config.Store.Driver == "sqlite" {
		o.Config.Store.DSN = "file:" + filepath.Join(dir, databaseName)
	}
	o.Attached = true
	return o
}

// checkCopy checks a copied SQLite database and opens it with the keys: people, API keys, the
// audit log. It returns the version of its tables, 0 for PostgreSQL.
func checkCopy(ctx context.Context, o Options, dir string) (schema int64, err error) {
	o = o.inside(dir)
	if o.Config.Store.Driver == "sqlite" {
		if schema, err = sqlstore.CheckCopy(ctx, filepath.Join(dir, databaseName)); err != nil {
			return 0, err
		}
	}
	ring, s, err := OpenKeyring(ctx, o)
	if err != nil {
		return 0, fmt.Errorf("the copy cannot be opened with its keys: %w", err)
	}
	_, err = store.VerifyAudit(ctx, s, ring, audit.Head{})
	if err != nil {
		err = fmt.Errorf("the audit log: %w", err)
	}
	if err := errors.Join(err, s.Close()); err != nil {
		return 0, err
	}
	if _, err := os.Stat(filepath.Join(dir, databaseName+"-wal")); err == nil {
		return 0, errors.New("the copy could not be closed after its check")
	}
	return schema, nil
}

// cause drops the path of an error, since a reference may be a password that was entered as a
// path.
func cause(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
