package receipt

import (
	_ "embed" // for the page's template
	"html/template"
	"io"
	"time"

	"github.com/heyan-id/heyan/policy/consent"
)

//go:embed page.html
var pageText string

// page is what the template sees.
type page struct {
	Receipt   Receipt
	Signature Signature
	Checked   bool
	Document  string
}

// Refused reports whether the person said no.
func (p page) Refused() bool { return p.Receipt.State() == consent.Refused }

// Guardian reports whether a guardian decided.
func (p page) Guardian() bool {
	for _, e := range p.Receipt.Events {
		if e.Entity == guardian {
			return true
		}
	}
	return false
}

// Status says in one sentence where the consent stood when the receipt was made.
func (p page) Status() string {
	until := "出具本回执时"
	switch p.Receipt.State() {
	case consent.Given:
		return until + "：同意有效。"
	case consent.Refused:
		return until + "：您已拒绝，不得据此处理您的信息。"
	case consent.Withdrawn:
		return until + "：同意已撤回，不得再据此处理您的信息。"
	case consent.Expired:
		return until + "：同意已过期，不得再据此处理您的信息。"
	case consent.Superseded:
		return until + "：已由较新的同意取代。"
	}
	return until + "：状态不明，请勿据此处理信息。"
}

// HTML writes the receipt as one page in Chinese, to read and to print on A4. It loads
// nothing from anywhere and runs nothing. Everything in the receipt is escaped, also
// that of an unchecked one, and the page says whether the signature was checked.
func HTML(w io.Writer, doc Signed[Receipt]) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"time": beijing, "item": itemWords, "role": roleWord, "event": eventWord, "action": actionWord, "entity": entityWord, "basis": basisWord,
	}).Parse(pageText)
	if err != nil {
		return err
	}
	return t.Execute(w, page{doc.Body, doc.Signature, doc.Checked, string(doc.Document)})
}

// beijing writes a time as the people concerned read it.
func beijing(t time.Time) string {
	return t.In(time.FixedZone("", 8*60*60)).Format("2006-01-02 15:04:05") + " 北京时间"
}
