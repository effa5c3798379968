package assemble

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/heyan-id/heyan/config"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/engine/store"
	"github.com/heyan-id/heyan/engine/store/privatefile"
	"github.com/heyan-id/heyan/policy/consent/receipt"
	"github.com/heyan-id/heyan/policy/keyring"
)

// The files of the keys that are made beside a SQLite database.
const (
	keySuffix        = ".key"
	peopleKeySuffix  = ".people.key"
	receiptKeySuffix = ".receipt.key"
)

// madeKeys are the key files that a start has made. The zero value and nil are ready to use.
type madeKeys struct {
	files []file
	kept  bool
}

func (m *madeKeys) add(f file) {
	if m != nil && f != "" {
		m.files = append(m.files, f)
	}
}

// keep says that the store may know the keys from now on.
func (m *madeKeys) keep() { m.kept = true }

// remove removes the files after a start that failed before the store knew their keys.
func (m *madeKeys) remove() error {
	var faults []error
	for _, f := range m.files {
		if !m.kept {
			faults = append(faults, os.Remove(string(f)))
		}
	}
	return errors.Join(faults...)
}

// people are the keys under which people are known. They have to outlive the process,
// or every person would have another token after a restart, and no consent would be found.
type people struct {
	ring    *keyring.Keyring
	lasting bool // they outlive the process
	lost    []string
	made    file // the file of a key that was made just now
}

// file is the path of a file, "" for none.
type file string

func peopleOf(o Options) (p people, err error) {
	var keys []keyring.Key
	var faults []error
	for i, k := range o.Config.Policy.Keys {
		secret, err := o.resolve(k.Secret)
		if err != nil {
			faults = append(faults, fmt.Errorf("policy.keys[%d]: %w", i, err))
		}
		keys = append(keys, keyring.Key{ID: k.ID, Secret: secret})
	}
	if err := errors.Join(faults...); err != nil {
		return p, err
	}
	p.lost = o.Config.Policy.LostKeys
	p.lasting = len(keys) > 0 || keysLast(o.Config.Store)
	if len(keys) == 0 {
		var secret []byte
		if secret, p.made, err = o.madeKey(peopleKeySuffix, "policy.keys"); err != nil {
			return p, err
		}
		keys = []keyring.Key{{ID: madeKeyID, Secret: idv.NewSensitive(string(secret))}}
	}
	if p.ring, err = keyring.New(keys...); err != nil {
		return p, fmt.Errorf("policy.keys: %w", err)
	}
	return p, nil
}

// madeKeyID is the id of the key that is made beside a SQLite file.
const madeKeyID = "k1"

// check finds out whether each key is the one that the store knows by this id: a key is
// remembered by what it once wrapped. With another key the tokens
// differ: consents would not be found, and an erasure would be signed that erased nothing. The
// same holds if a key by which people are known is missing. A key that dies with
// the process is not remembered: the next one would be taken for a wrong one.
func (p people) check(ctx context.Context, s store.Store) error {
	if !p.lasting {
		return nil
	}
	for _, id := range p.ring.IDs() {
		if err := p.knows(ctx, s, id); err != nil {
			return err
		}
	}
	missing, err := s.LostKeys(ctx, append(p.ring.IDs(), p.lost...))
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	if len(missing) > 0 {
		return fmt.Errorf("policy.keys: people are known by %s, which is not there: put it behind the others (the one beside a sqlite file is "+
			"{id: k1, secret: \"file:heyan.db.people.key\"}); if its secret is lost, name it in policy.lost_keys, and those people are found no more",
			strings.Join(missing, ", "))
	}
	return nil
}

func (p people) knows(ctx context.Context, s store.Store, id string) error {
	token := idv.SubjectToken(store.KeyringPrefix + id) // of no person: theirs begin with a key's id
	var wrapped []byte
	var err error
	if id == p.ring.Current() {
		if _, wrapped, err = p.ring.NewDataKey("", token); err != nil {
			return err
		}
	}
	kept, err := s.DataKey(ctx, "", token, wrapped)
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	switch {
	case kept == nil: // it was never the current one
		return nil
	case wrapped != nil && bytes.Equal(kept, wrapped):
		return p.recordKey(ctx, s, id) // from now on it is
	}
	if _, err := p.ring.Unwrap("", token, kept); err == nil {
		return nil
	}
	if p.made != "" {
		_ = os.Remove(string(p.made)) // or it would be taken for the lost one, and be kept in backups
		return fmt.Errorf("policy.keys: the key file %s is gone, and people are known by it; put it back from where you keep it apart from the database "+
			"(if it is lost, give a key with another id in policy.keys, and name k1 in policy.lost_keys)", p.made)
	}
	return fmt.Errorf("policy.keys: the store knows another key as %s, and people by it; give back the secret of then "+
		"(beside a sqlite file it is in the file that ends in .people.key)", id)
}

// signer returns what signs receipts.
func signer(o Options) (*receipt.Signer, error) {
	c := o.Config.Policy.Consent
	var before []ed25519.PublicKey
	for i, text := range c.OldReceiptKeys {
		key, err := receipt.ParsePublic(text)
		if err != nil {
			return nil, fmt.Errorf("policy.consent.old_receipt_keys[%d]: %w", i, err)
		}
		before = append(before, key)
	}
	seed, err := receiptSeed(o)
	if err != nil {
		return nil, err
	}
	s, err := receipt.NewSigner(seed, before...)
	if err != nil {
		return nil, fmt.Errorf("policy.consent.receipt_key: %w", err)
	}
	return s, nil
}

func receiptSeed(o Options) (idv.Sensitive, error) {
	if ref := o.Config.Policy.Consent.ReceiptKey; ref != "" {
		seed, err := o.resolve(ref)
		if err != nil {
			return seed, fmt.Errorf("policy.consent.receipt_key: %w", err)
		}
		return seed, nil
	}
	made, _, err := o.madeKey(receiptKeySuffix, "policy.consent.receipt_key")
	return idv.NewSensitive(string(made)), err
}

// madeKey returns a key of 64 hexadecimal digits: that in a file beside a SQLite
// database, which is made if it is not there, or one that dies with the process beside
// any other store, where a configuration that needs it to last gives its own.
func (o Options) madeKey(suffix, path string) (key []byte, made file, err error) {
	c := o.Config.Store
	if !keysLast(c) {
		return newKey(), "", nil
	}
	key, made, err = keyBeside(strings.TrimPrefix(c.DSN, "file:")+suffix, newKey)
	o.made.add(made)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	return key, made, nil
}

// keysLast tells whether a key that is made beside the store outlives the process.
func keysLast(c config.Store) bool { return c.Driver == "sqlite" }

func newKey() []byte {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails; it ends the process instead
	return hex.AppendEncode(nil, raw[:])
}

// keyBeside returns the key in a file beside the database, which it makes if there
// is none. It is apart from the database, so that a copy of that alone cannot be
// searched for people. The file is whole when it gets its name: of two processes that
// make it at once the first one's stands, and neither reads half a key.
func keyBeside(path string, fresh func() []byte) (key []byte, made file, err error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		draft := path + "." + rand.Text()
		err = errors.Join(writeKey(draft, fresh()), os.Link(draft, path))
		if err == nil {
			made = file(path)
		}
		if errors.Is(err, fs.ErrExist) {
			err = nil
		}
		if err := errors.Join(err, os.Remove(draft)); err != nil {
			var cause *fs.PathError
			if errors.As(err, &cause) {
				err = cause.Err // a path may hold what was meant as a password
			}
			return nil, "", fmt.Errorf("the key file beside the database cannot be made; give this user a writable folder: %w", err)
		}
	}
	if err := privatefile.Check(path); err != nil {
		return nil, "", fmt.Errorf("the key file beside the database: %w", err)
	}
	secret, err := config.Resolve("file:"+path, os.LookupEnv)
	if err != nil {
		return nil, "", fmt.Errorf("the key file beside the database: %w", err)
	}
	return []byte(secret.Reveal()), made, nil
}

func writeKey(path string, key []byte) error {
	f, err := privatefile.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(key)
	return errors.Join(err, f.Sync(), f.Close())
}
