package notice

import (
	"regexp"

	"github.com/heyan-id/heyan/config/strictyaml"
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy/consent"
)

// maxValues is the largest file of values that is read, in bytes.
const maxValues = 64 << 10

// ParseValues reads the values of the blanks of a template from YAML or JSON: a key for
// each blank. The error is [strictyaml.Faults] with every fault and never a value.
func (t *Template) ParseValues(file string, text []byte) (Values, error) {
	if len(text) > maxValues {
		return nil, strictyaml.Faults{{File: file, Text: "is larger than 64 KiB; it should hold one value for each blank"}}
	}
	source, err := canonical(file, text)
	if err != nil {
		return nil, err
	}
	r := &reader{file: file}
	if !r.parse(source) {
		return nil, r.faults.Err()
	}
	in, ok := r.doc.Value.(map[string]any)
	if !ok {
		r.note("", "must be a map with a key for each blank, such as `person_name: 张三`")
		return nil, r.faults.Err()
	}
	values := Values{}
	for _, name := range r.doc.Keys("") {
		if b, ok := t.blank(name); ok {
			values[name] = r.value(b, in[name])
		} else {
			r.noteBlank(name, safeName(name), "this template has no such blank; remove it")
		}
	}
	for _, b := range t.blanks {
		if _, ok := values[b.Name]; !ok {
			r.note(b.Name, "is missing; it %s", b.Kind.must())
		}
	}
	if err := r.faults.Err(); err != nil {
		return nil, err
	}
	return values, nil
}

// noteBlank adds a fault of the value of a blank, under a name that may be shown.
func (r *reader) noteBlank(name, shown, text string) {
	f := r.doc.Fault(strictyaml.Join("", name), "%s", text)
	f.Path = shown
	r.faults = append(r.faults, f)
}

// plainName is a name that an error may contain: no person's name and no number has this
// form.
var plainName = regexp.MustCompile(`^[a-z][a-z_]{0,39}$`)

// safeName returns the name of an unknown blank, masked unless an error may contain it.
func safeName(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return strictyaml.Masked
}

// value reads the value of a blank and adds its faults.
func (r *reader) value(b Blank, raw any) Value {
	path := strictyaml.Join("", b.Name)
	v := r.typed(b.Kind, path, raw)
	if message := v.fits(b); message != "" && !r.faulty(path) {
		r.noteBlank(b.Name, b.Name, message)
	}
	return v
}

func (r *reader) typed(kind Kind, path string, raw any) Value {
	switch kind {
	case KindCount:
		count, _ := raw.(int) // 0 fits no blank
		return Count(count)
	case KindParty:
		var p consent.Party
		r.decode(path, raw, &p)
		return Party(p)
	case KindList:
		var list []string
		r.decode(path, raw, &list)
		return List(list...)
	case KindRecipients:
		return r.recipients(path, raw)
	case KindIDNumber:
		return IDNumber(idv.NewSensitive(r.asWritten(path, raw)))
	default:
		text, _ := raw.(string) // "" fits no blank
		return Value{kind: kind, text: idv.NewSensitive(text)}
	}
}

func (r *reader) recipients(path string, raw any) Value {
	var in []struct {
		Name    string   `json:"name"`
		Contact string   `json:"contact"`
		Address string   `json:"address"`
		For     string   `json:"for"`
		Method  string   `json:"method"`
		Items   []string `json:"items"`
	}
	r.decode(path, raw, &in)
	list := make([]Recipient, len(in))
	for i, one := range in {
		list[i] = Recipient{consent.Party{Name: one.Name, Contact: one.Contact, Address: one.Address}, one.For, one.Method, one.Items}
	}
	return Recipients(list...)
}
