package dropin

import (
	"net/http"
	"time"
)

// Row says what the caller gets for one outcome: an answer in each vendor's form, or an error of
// the gateway.
type Row struct {
	Outcome Outcome
	When    string // for the documentation

	Idcert string // the status; "" if Gateway is set
	Kz     string // the code, and the result if the code is 200, as in 200/0

	Gateway *Refusal
}

// Refusal is an error of the gateway. But for X500ER, whose effect is unknown, a code of the
// gateway is given only if no vendor has charged: whoever reads it takes the vendor as not called.
type Refusal struct {
	Status  int
	Code    string
	Message string
	Retry   time.Duration // the least Retry-After; 0 for none
}

// codeOf returns the code of the row in a form.
func (r *Row) codeOf(f *form) string {
	switch {
	case r.Gateway != nil:
		return r.Gateway.Code
	case f != nil:
		return f.code(r)
	}
	return ""
}

// Rows returns the table. docs/dropin-table.md is printed from it.
func Rows() []Row {
	return append([]Row{
		{Match, "By the register, name and number agree.", "01", "200/0", nil},
		{Mismatch, "By the register, name and number do not agree.", "02", "200/1", nil},
		{NoRecord, "The register holds nothing to compare with, which is not a mismatch.", "202", "200/2", nil},
		{Unclear, "A vendor answered that cannot tell a mismatch from a missing record. The forms cannot say that, so there is no verdict.", "203", "1001", nil},
		{Review, "Policy requires that a person reviews the result before it is used. The forms cannot say that, so there is no verdict.", "203", "1001", nil},
		{InvalidName, "The name is missing, doubled, not UTF-8 or malformed, or no vendor can read it; or a vendor rejected the input and its code does not name the number.", "204", "400", nil},
		{InvalidNumber, "The number is missing, doubled or malformed, has a wrong check digit, or is of a document that no vendor takes; or the vendor's code says that the number is wrong.", "205", "400", nil},
		{Maintenance, "The vendors are in maintenance.", "9999", "501", nil},
		{NoAnswer, "A vendor was called and gave no reliable answer, or the store did not confirm it. The call may have been charged.", "203", "501", nil},
		{Denied, "Policy denies the verification of this person. The log names the rule.", "203", "501", nil},
	}, refusals()...)
}

func refusals() []Row {
	row := func(o Outcome, status int, code, message string, retry time.Duration, when string) Row {
		return Row{Outcome: o, When: when, Gateway: &Refusal{status, code, message, retry}}
	}
	return []Row{
		row(Unavailable, http.StatusServiceUnavailable, "D503CB", "Backend service unavailable", 5*time.Second,
			"No vendor can be called now, heyan is stopping, or its store cannot write. No vendor charged."),
		row(QuotaExhausted, http.StatusForbidden, "B403MQ", "Api Market Subscription quota exhausted", 0, "The packages of all vendors are used up. No vendor charged."),
		row(Limited, http.StatusTooManyRequests, "T429PR", "Throttled by API Flow Control", time.Second,
			"A limit of policy, of `max_requests`, of failed keys or of the vendors' rates is reached. No vendor charged."),
		row(Forbidden, http.StatusForbidden, "I403AA", "Unauthorized", 0,
			"The key lacks the scope `verify`, no entry of `dropin.clients` fits it, or policy does not allow what the entry says."),
		row(NoAppCode, http.StatusBadRequest, "A400MA", "Need authorization", 0, "The header `Authorization: APPCODE` is missing, doubled or empty, or is another scheme, such as the signature with an AppKey."),
		row(WrongAppCode, http.StatusBadRequest, "A400AC", "Invalid AppCode `not exists`", 0, "The key is unknown, revoked, expired or not allowed from this address."),
		row(UnknownHost, http.StatusNotFound, "I404DO", "Invalid Domain", 0, "The Host header is neither an IP address, localhost nor one of `hosts`."),
		row(UnknownPath, http.StatusNotFound, "I404NF", "API not found", 0, "No form has the path."),
		row(WrongMethod, http.StatusMethodNotAllowed, "I405UM", "Unsupported Method", 0, "The form has another method; HEAD is one too."),
		row(BadQuery, http.StatusBadRequest, "I400RU", "Invalid Request Uri", 0, "The query is not percent-encoded correctly."),
		row(BadBody, http.StatusBadRequest, "I400BD", "Invalid Body", 0, "The body is not percent-encoded correctly or did not arrive."),
		row(WrongMediaType, http.StatusBadRequest, "I400CT", "Invalid Content-Type", 0, "The body is not a form in UTF-8."),
		row(TooLarge, http.StatusRequestEntityTooLarge, "I413RL", "Request body too Large", 0, "The body exceeds 64 KiB."),
		row(Fault, http.StatusInternalServerError, "X500ER", "Internal Error", 0, "heyan failed. The request may have had an effect."),
	}
}

// Answers returns every pair of form and code that Answered is called with.
func Answers() (list [][2]string) {
	for _, row := range Rows() {
		for _, f := range append(forms(), nil) {
			if code := row.codeOf(f); code != "" {
				list = append(list, [2]string{nameOf(f), code})
			}
		}
	}
	return list
}

// newRows returns the table by outcome.
func newRows() map[Outcome]Row {
	rows := map[Outcome]Row{}
	for _, r := range Rows() {
		rows[r.Outcome] = r
	}
	return rows
}
