package declared_test

import (
	"strings"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/declared"
	"github.com/heyan-id/heyan/providers/providertest"
)

// Every recorded reply of every product that comes with heyan gives what its file expects,
// and every product passes the contract.
func TestShippedProducts(t *testing.T) {
	t.Parallel()
	for _, file := range declared.Shipped() {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			f := factory(t, file)
			if got := strings.ReplaceAll(f.Descriptor.Name, "/", "-"); got != file {
				t.Fatalf("the file of %s must be named %s.yaml", f.Descriptor.Name, got)
			}
			providertest.RunRecordings(t, codec(t, f), recordings(t, f), f.NotEchoed)
		})
	}
}

// A partial match is final, so one about another person is no answer either.
func TestPartialMatchIsAboutThePerson(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, file := range declared.Shipped() {
		f := factory(t, file)
		for _, r := range recordings(t, f) {
			number := r.Subject.IDNumber.Reveal()
			if r.Want.Failure != idv.PartialMatch || !strings.Contains(string(r.Reply.Body), number) {
				continue // not all replies echo the number
			}
			q := idv.Query{Check: f.Descriptor.Check, Subject: r.Subject}
			q.Subject.IDNumber = idv.NewSensitive("9" + number[1:])
			_, err := codec(t, f).Decode(q, r.Reply)
			if got := idv.FailureOf(err); got != idv.Garbled {
				t.Errorf("%s/%s about another number: %v, want %v", file, r.Name, got, idv.Garbled)
			}
			tried++
		}
	}
	if tried < 2 {
		t.Errorf("%d partial matches with an echo were tried, want at least 2", tried)
	}
}

func factory(t testing.TB, file string) providers.Factory {
	t.Helper()
	return product(t, file).Factory
}

func product(t testing.TB, file string) declared.Product {
	t.Helper()
	p, ok := declared.Open(file)
	if !ok {
		p, err := declared.Read("vendors/"+file+".yaml", "")
		t.Fatalf("%s cannot be opened: %v, %v", file, p, err)
	}
	return p
}

func codec(t testing.TB, f providers.Factory) providers.Codec {
	t.Helper()
	c, err := f.New(settings(f.Descriptor))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func recordings(t testing.TB, f providers.Factory) []providertest.Recording {
	t.Helper()
	folders, err := f.Fixtures()
	if err != nil {
		t.Fatal(err)
	}
	list, err := providertest.Recordings(folders...)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// settings are values for the settings that are no secrets.
func settings(d idv.Descriptor) providers.Settings {
	s := providers.Settings{}
	for _, one := range d.Settings {
		if !one.Secret {
			s[one.Name] = "test-" + one.Name
		}
	}
	return s
}
