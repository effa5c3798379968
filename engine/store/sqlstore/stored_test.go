package sqlstore

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// newestGolden is the folder of the golden files that have every member of today's
// stored types. A new member needs a new folder, see TestWriteGolden.
const newestGolden = "0018"

func golden(t testing.TB, elem ...string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(append([]string{"testdata", "golden"}, elem...)...))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestStoredFormsAreRead reads what the release of each folder wrote.
func TestStoredFormsAreRead(t *testing.T) {
	t.Parallel()
	v, err := decode(storedColumns{}, golden(t, "0001", "verification.json"))
	if diff := cmp.Diff(firstVerification(), v); err != nil || diff != "" {
		t.Errorf("the verification of version 1: %v; -written +read:\n%s", err, diff)
	}
	v, err = decode(storedColumns{}, golden(t, "0005", "brief.json"))
	if diff := cmp.Diff(briefVerification(), v); err != nil || diff != "" {
		t.Errorf("the short form: %v; -written +read:\n%s", err, diff)
	}
	brief := briefVerification()
	v, err = decode(columnsOfRow(&brief), golden(t, newestGolden, "brief.json"))
	if diff := cmp.Diff(brief, v); err != nil || diff != "" {
		t.Errorf("the short form of today: %v; -written +read:\n%s", err, diff)
	}
	for _, folder := range goldenFolders() {
		want := verificationAsOf(folder, fullVerification())
		var columns storedColumns
		if folder >= "0018" {
			columns = columnsOfRow(&want)
		}
		v, err = decode(columns, golden(t, folder, "verification.json"))
		if diff := cmp.Diff(want, v); err != nil || diff != "" {
			t.Errorf("the verification of %s: %v; -written +read:\n%s", folder, err, diff)
		}
		c, err := decodeConsent(golden(t, folder, "consent.json"))
		if diff := cmp.Diff(asOf(folder, fullConsent()), c); err != nil || diff != "" {
			t.Errorf("the consent of %s: %v; -written +read:\n%s", folder, err, diff)
		}
		if unbound := folder < "0005"; c.NameUnbound() != unbound {
			t.Errorf("the name of %s is unbound: %v, want %v", folder, c.NameUnbound(), unbound)
		}
	}
}

// TestStoredFormsAreWritten sees that a row of today is byte for byte the row of the
// release, so that a node of that release reads it too while a fleet is upgraded.
func TestStoredFormsAreWritten(t *testing.T) {
	t.Parallel()
	v, c := fullVerification(), fullConsent()
	text, err := encode(&v)
	if diff := cmp.Diff(golden(t, newestGolden, "verification.json"), text+"\n"); err != nil || diff != "" {
		t.Errorf("the verification: %v; -golden +written:\n%s", err, diff)
	}
	v = briefVerification()
	text, err = encode(&v)
	if diff := cmp.Diff(golden(t, newestGolden, "brief.json"), text+"\n"); err != nil || diff != "" {
		t.Errorf("the short form: %v; -golden +written:\n%s", err, diff)
	}
	text, err = encodeConsent(&c)
	if diff := cmp.Diff(golden(t, newestGolden, "consent.json"), text+"\n"); err != nil || diff != "" {
		t.Errorf("the consent: %v; -golden +written:\n%s", err, diff)
	}
}

// TestStoredMembersHaveAGoldenFile fails when a stored type gains, loses or renames a
// member without a new golden file.
func TestStoredMembersHaveAGoldenFile(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string]any{
		"verification.json": storedVerification{}, "consent.json": storedConsent{},
	} {
		var value any
		if err := json.Unmarshal([]byte(golden(t, newestGolden, name)), &value); err != nil {
			t.Fatal(err)
		}
		want, got := written(value, ""), members(t, reflect.TypeOf(stored), "")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s and the stored type differ; write a new golden folder (see TestWriteGolden) and keep the old ones.\n-golden +type:\n%s", name, diff)
		}
	}
}

// TestColumnsAreNamed: versions before 0018 wrote the columns to data too, under names that a
// field which is renamed must not lose.
func TestColumnsAreNamed(t *testing.T) {
	t.Parallel()
	for _, field := range reflect.VisibleFields(reflect.TypeFor[storedColumns]()) {
		if field.IsExported() && field.Tag.Get("json") == "" {
			t.Errorf("%s has no name of its own in its tag", field.Name)
		}
	}
}

// written lists the members of a JSON value as "Attempts.Price.Micros". An empty value
// counts as no member: a golden file sets every one.
func written(value any, path string) []string {
	paths := map[string]bool{}
	var visit func(any, string)
	visit = func(value any, path string) {
		switch v := value.(type) {
		case map[string]any:
			for name, member := range v {
				visit(member, strings.TrimPrefix(path+"."+name, "."))
			}
		case []any:
			for _, element := range v {
				visit(element, path)
			}
		default:
			if v != nil && !reflect.ValueOf(v).IsZero() {
				paths[path] = true
			}
		}
	}
	visit(value, path)
	var list []string
	for path := range paths {
		list = append(list, path)
	}
	slices.Sort(list)
	return list
}

// members lists the members of a stored type in the same way. A struct of another
// package would be stored by the names of its fields, so it may not stand in one.
func members(t *testing.T, of reflect.Type, path string) []string {
	t.Helper()
	var list []string
	for i := range of.NumField() {
		field := of.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" || field.Anonymous {
			t.Errorf("%s.%s has no name of its own in its tag", of, field.Name)
		}
		at := strings.TrimPrefix(path+"."+name, ".")
		kind := field.Type
		for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
			kind = kind.Elem()
		}
		switch {
		case kind.Kind() == reflect.Map || kind.Kind() == reflect.Interface:
			t.Errorf("%s: a %s has no names that a tag could pin", at, kind.Kind())
		case kind.Kind() == reflect.Struct && kind != reflect.TypeFor[time.Time]():
			if kind.PkgPath() != of.PkgPath() {
				t.Errorf("%s: %s belongs to another package, whose names may change", at, kind)
			}
			list = append(list, members(t, kind, at)...)
		default:
			list = append(list, at)
		}
	}
	slices.Sort(list)
	return list
}

// TestEveryMemberIsStored sets every field of a verification and of a consent, also the
// fields that are added later, and expects each of them back.
func TestEveryMemberIsStored(t *testing.T) {
	t.Parallel()
	var v idv.Verification
	fill := filler{}
	fill.set(t, reflect.ValueOf(&v).Elem())
	text, err := encode(&v)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode(columnsOfRow(&v), text)
	if diff := cmp.Diff(v, got); err != nil || diff != "" {
		t.Errorf("the verification: %v; -stored +read:\n%s", err, diff)
	}
	var c consent.Record
	fill.set(t, reflect.ValueOf(&c).Elem())
	if text, err = encodeConsent(&c); err != nil {
		t.Fatal(err)
	}
	kept, err := decodeConsent(text)
	if diff := cmp.Diff(c, kept); err != nil || diff != "" {
		t.Errorf("the consent: %v; -stored +read:\n%s", err, diff)
	}
}

// filler sets every field of a value to something that is not zero.
type filler struct{ n int64 }

func (f *filler) set(t *testing.T, v reflect.Value) {
	t.Helper()
	f.n++
	switch v.Kind() {
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(f.n, f.n).UTC()))
			return
		}
		for i := range v.NumField() {
			f.set(t, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.set(t, v.Index(0))
		f.set(t, v.Index(1))
	case reflect.Array:
		for i := range v.Len() {
			f.set(t, v.Index(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.set(t, v.Elem())
	case reflect.String:
		v.SetString(strings.Repeat("x", int(f.n%7)+1))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(f.n)
	case reflect.Uint8: // an enum, whose words are few
		v.SetUint(uint64(1 + f.n%2))
	default:
		t.Fatalf("no value for a %s", v.Type())
	}
}

// TestEmptyMembersAreLeftOut: an absent member of a verification is read as an empty one, or as
// what the columns say. All members of a consent are written in any case.
func TestEmptyMembersAreLeftOut(t *testing.T) {
	t.Parallel()
	text, err := encode(&idv.Verification{ID: "v"})
	want := `{}`
	if diff := cmp.Diff(want, text); err != nil || diff != "" {
		t.Errorf("the verification: %v\n%s", err, diff)
	}
	text, err = encodeConsent(&consent.Record{ID: "c"})
	want = `{"ID":"c","Tenant":"","App":"","Subject":"","Purpose":"","Notice":{"name":"","version":"","language":"","template":"","text_hash":""},` +
		`"Recipients":null,"Controller":{"name":"","contact":""},"MaxUses":0,"Valid":0,"MinReview":0,"Guardian":{},"OfAge":false,"State":"",` +
		`"DraftedAt":"0001-01-01T00:00:00Z","PresentedAt":"0001-01-01T00:00:00Z","DecidedAt":"0001-01-01T00:00:00Z","EndedAt":"0001-01-01T00:00:00Z",` +
		`"Used":0,"Proof":{},"Sealed":null,"Erasure":"","Items":[]}`
	if diff := cmp.Diff(want, text); err != nil || diff != "" {
		t.Errorf("the consent: %v\n%s", err, diff)
	}
}
