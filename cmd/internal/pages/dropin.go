package pages

import (
	"strconv"

	"github.com/heyan-id/heyan/cmd/internal/dropin"
)

// dropinTable prints docs/dropin-table.md.
func dropinTable() []byte {
	p := newPage("Answers of the drop-in address")
	p.line("What a program gets that was written for a vendor, by outcome; see [dropin.md](dropin.md). The log line of a request has the outcome and the code, the " +
		"metric `heyan_dropin_answers_total` the code. An answer has HTTP status 200 and a body of the vendor; a refusal has an empty body and the gateway's headers " +
		"`X-Ca-Error-Code` and `X-Ca-Error-Message`. Every response has `X-Ca-Request-Id`.")
	p.line("## Answers")
	head := []string{"outcome", "when"}
	for _, f := range dropin.Forms() {
		head = append(head, code(f[0])+" "+code(f[1]))
	}
	var answers, refusals [][]string
	for _, r := range dropin.Rows() {
		if g := r.Gateway; g != nil {
			refusals = append(refusals, []string{code(string(r.Outcome)), r.When, strconv.Itoa(g.Status), code(g.Code), g.Message})
			continue
		}
		answers = append(answers, []string{code(string(r.Outcome)), r.When, code(r.Idcert), code(r.Kz)})
	}
	p.table(head, answers)
	p.line("For kz/idcard `200/0` is code 200 with result 0; the other codes have no result.")
	p.line("## Refusals, in the way of the gateway")
	p.line("`limited` and `unavailable` carry `Retry-After`. A message may be followed by a colon and the reason.")
	p.table([]string{"outcome", "when", "HTTP", "code", "message"}, refusals)
	return p.done()
}
