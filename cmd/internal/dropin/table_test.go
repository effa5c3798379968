package dropin

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
	"github.com/heyan-id/heyan/providers/declared"
	"github.com/heyan-id/heyan/providers/idcert"
)

// reading is what an adapter of heyan reads in an answer.
type reading struct {
	verdict idv.Verdict
	failure idv.Failure // counts without a verdict
	field   idv.Field
	charge  idv.Charge
	refused bool // by the gateway, so that another vendor may be called at once
}

func failure(f idv.Failure, c idv.Charge) reading { return reading{failure: f, charge: c} }

func refusal(f idv.Failure) reading {
	return reading{failure: f, charge: idv.NotCharged, refused: true}
}

// readings returns what each row means to heyan's own adapters: to idcert's, and to kz/idcard's.
func readings() map[Outcome][2]reading {
	both := func(r reading) [2]reading { return [2]reading{r, r} }
	verdict := func(v idv.Verdict, c idv.Charge) reading { return reading{verdict: v, charge: c} }
	unclear := [2]reading{failure(idv.Unavailable, idv.ChargeUnknown), failure(idv.FailureUnknown, idv.ChargeUnknown)}
	invalid := func(f idv.Field) [2]reading {
		return [2]reading{{failure: idv.InvalidInput, field: f, charge: idv.ChargeUnknown}, failure(idv.InvalidInput, idv.NotCharged)}
	}
	return map[Outcome][2]reading{
		Match:          both(verdict(idv.Match, idv.Charged)),
		Mismatch:       both(verdict(idv.Mismatch, idv.Charged)),
		NoRecord:       {verdict(idv.NoRecord, idv.ChargeUnknown), verdict(idv.NoRecord, idv.NotCharged)},
		Unclear:        unclear,
		Review:         unclear,
		InvalidName:    invalid(idv.FieldName),
		InvalidNumber:  invalid(idv.FieldIDNumber),
		Maintenance:    {failure(idv.Maintenance, idv.ChargeUnknown), failure(idv.Unavailable, idv.ChargeUnknown)},
		NoAnswer:       both(failure(idv.Unavailable, idv.ChargeUnknown)),
		Denied:         both(failure(idv.Unavailable, idv.ChargeUnknown)),
		Unavailable:    both(refusal(idv.Unavailable)),
		QuotaExhausted: both(refusal(idv.QuotaExhausted)),
		Limited:        both(refusal(idv.Throttled)),
		Forbidden:      both(refusal(idv.BadCredentials)),
		NoAppCode:      both(refusal(idv.BadCredentials)),
		WrongAppCode:   both(refusal(idv.BadCredentials)),
		UnknownHost:    both(refusal(idv.Unavailable)),
		UnknownPath:    both(refusal(idv.Unavailable)),
		WrongMethod:    both(refusal(idv.Unavailable)),
		BadQuery:       both(refusal(idv.Unavailable)),
		BadBody:        both(refusal(idv.Unavailable)),
		WrongMediaType: both(refusal(idv.Unavailable)),
		TooLarge:       both(refusal(idv.Unsupported)),
		Fault:          both(failure(idv.Unavailable, idv.ChargeUnknown)),
	}
}

// codecs returns heyan's adapters of the forms.
func codecs(t *testing.T) [2]providers.Codec {
	t.Helper()
	first, err := idcert.New(providers.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	product, ok := declared.Open("kz/idcard")
	if !ok {
		t.Fatal("there is no product kz/idcard")
	}
	second, err := product.Factory.New(providers.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return [2]providers.Codec{first, second}
}

// TestRowsMeanToOthersWhatTheyAre: heyan's own adapters read each row of the table as the table
// says it, in both forms, and believe its code, its echo and its reference.
func TestRowsMeanToOthersWhatTheyAre(t *testing.T) {
	t.Parallel()
	const name, number = "张三", "11010519491231002X"
	query := idv.Query{Check: idv.CheckIDName, Document: idv.Resident18, Subject: idv.Subject{Name: idv.NewSensitive(name), IDNumber: idv.NewSensitive(number)}}
	echo := claims{maskedName: maskName(name), maskedNumber: maskNumber(number)}
	want := readings()
	for i, codec := range codecs(t) {
		asked := forms()[i]
		for _, row := range Rows() {
			t.Run(asked.name+"/"+string(row.Outcome), func(t *testing.T) {
				t.Parallel()
				f, w := &front{}, httptest.NewRecorder()
				f.write(w, asked, &row, &answer{outcome: row.Outcome, verification: "ver_0PR2L4V3T1B2C7GQ6S5M8K9N0E", echo: echo}, "id")
				got, err := codec.Decode(query, providers.Reply{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()})
				if read := readingOf(got, err); read != want[row.Outcome][i] {
					t.Errorf("%d %v %s: got %+v, %v, want %+v", w.Code, w.Header(), w.Body, read, err, want[row.Outcome][i])
				}
				if row.Gateway == nil && err == nil && got.VendorRef != "ver_0PR2L4V3T1B2C7GQ6S5M8K9N0E" {
					t.Errorf("the reference is %q", got.VendorRef)
				}
			})
		}
	}
}

func readingOf(a idv.Answer, err error) reading {
	if err == nil {
		return reading{verdict: a.Verdict, charge: a.Charge}
	}
	var e *idv.Error
	if !errors.As(err, &e) {
		return reading{}
	}
	return reading{failure: e.Failure, field: e.Field, charge: e.Charge, refused: e.Delivery == idv.RefusedByGateway}
}

// TestRowsAreComplete: each outcome has one row, each code a sentence of its vendor, and no code
// of the gateway stands beside an answer.
func TestRowsAreComplete(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "outcome.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	outcomes := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Outcome" {
				outcomes++
			}
		}
		return true
	})
	rows := Rows()
	if outcomes != len(rows) || len(newRows()) != len(rows) {
		t.Errorf("%d outcomes, %d rows, %d of them different", outcomes, len(rows), len(newRows()))
	}
	for _, r := range rows {
		answers := r.Idcert != "" && idcertText(r.Idcert) != "" && r.Kz != "" && kzText(r.Kz) != ""
		refused := r.Gateway != nil && r.Gateway.Code != "" && r.Gateway.Message != "" && r.Gateway.Status >= http.StatusBadRequest
		if answers == refused || r.When == "" {
			t.Errorf("%s: %+v", r.Outcome, r)
		}
	}
}

// TestMasks: what an answer shows of the claims.
func TestMasks(t *testing.T) {
	t.Parallel()
	for claim, want := range map[string]string{
		"": "", "1": "*****", "A1234563": "*****", "11010519491231": "*****", "110105491231002": "11*****1002", "11010519491231002X": "11*****002X", "１１０１０５１９４９１２３１００２Ｘ": "１１*****００２Ｘ",
	} {
		if got := maskNumber(claim); got != want {
			t.Errorf("%s: got %s, want %s", claim, got, want)
		}
	}
	for claim, want := range map[string]string{"": "", "张": "*", "张三": "张*", "古丽·买买提": "古*", "𠮷田": "𠮷*"} {
		if got := maskName(claim); got != want {
			t.Errorf("%s: got %s, want %s", claim, got, want)
		}
	}
}
