package notice

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// storedValues is what an earlier release sealed: a value of every kind, every member set.
const storedValues = `{"form":1,"values":{"b":{"kind":"party","party":{"name":"A","contact":"1","address":"X"}},"c":{"kind":"count","count":2},` +
	`"d":{"kind":"date","text":"2026-11-08"},"l":{"kind":"list","list":["x","y"]},"n":{"kind":"name","text":"测试"},` +
	`"r":{"kind":"recipients","recipients":[{"name":"B","contact":"2","address":"Y","for":"comparing","method":"online","items":["name"]}]},` +
	`"t":{"kind":"text","text":"an account"},"u":{"kind":"id_number","text":"11010120990101005X"}}}`

// TestStoredValuesAreRead reads the kept form into the values that it was made of, and
// writes it again byte for byte.
func TestStoredValuesAreRead(t *testing.T) {
	t.Parallel()
	want := Values{
		"b": Party(consent.Party{Name: "A", Contact: "1", Address: "X"}), "c": Count(2), "d": Date(time.Date(2026, 11, 8, 0, 0, 0, 0, time.UTC)),
		"l": List("x", "y"), "n": Name(idv.NewSensitive("测试")), "t": Text("an account"), "u": IDNumber(idv.NewSensitive("11010120990101005X")),
		"r": Recipients(Recipient{
			Party: consent.Party{Name: "B", Contact: "2", Address: "Y"}, For: "comparing", Method: "online", Items: []string{"name"},
		}),
	}
	got, err := DecodeValues(idv.NewSensitive(storedValues))
	if err != nil {
		t.Fatal(err)
	}
	equal := cmp.Comparer(func(a, b idv.Sensitive) bool { return a.Equal(b) })
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Value{}), equal); diff != "" {
		t.Errorf("-written +read:\n%s", diff)
	}
	if text, err := EncodeValues(want); err != nil || text.Reveal() != storedValues {
		t.Errorf("written %s, %v", text.Reveal(), err)
	}
	for of, n := range map[reflect.Type]int{reflect.TypeFor[stored](): 6, reflect.TypeFor[Recipient](): 4, reflect.TypeFor[consent.Party](): 3} {
		if of.NumField() != n {
			t.Errorf("%s has %d members, storedValues shows %d; add the new one there", of, of.NumField(), n)
		}
	}
}
