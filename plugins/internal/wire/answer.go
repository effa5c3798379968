package wire

import (
	"strings"
	"time"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// Response is a response to Decode or Ask, which have the same form.
type Response interface {
	GetQueryId() string
	GetAnswer() *pb.Answer
	GetFailure() *pb.Failure
}

// Decoded makes the response to Decode from the result of a codec.
func Decoded(q idv.Query, a idv.Answer, err error) *pb.DecodeResponse {
	if err != nil {
		return &pb.DecodeResponse{QueryId: q.ID, Failure: failure(err)}
	}
	return &pb.DecodeResponse{QueryId: q.ID, Answer: answer(a)}
}

// Asked makes the response to Ask from the result of a provider.
func Asked(q idv.Query, a idv.Answer, err error) *pb.AskResponse {
	if err != nil {
		return &pb.AskResponse{QueryId: q.ID, Failure: failure(err)}
	}
	return &pb.AskResponse{QueryId: q.ID, Answer: answer(a)}
}

func answer(a idv.Answer) *pb.Answer {
	return &pb.Answer{
		Verdict: pb.Verdict(a.Verdict), Charge: pb.Charge(a.Charge), VendorCode: a.VendorCode, VendorRef: a.VendorRef,
		Fields: fields(a.Fields),
	}
}

// AnswerFrom reads the response to Decode or Ask for a query. It checks the form only:
// whether the result agrees with the code table is for [providers.Table.ValidateAnswer]
// and [providers.Table.ValidateFailure]. table says which codes are listed.
func AnswerFrom(q idv.Query, table providers.Table, r Response, phase string) (idv.Answer, error) {
	a := r.GetAnswer()
	if bad := frameFault(q, r.GetQueryId(), a != nil, r.GetFailure() != nil); bad != "" {
		return idv.Answer{}, pluginFault(idv.Garbled, phase, bad)
	}
	if r.GetFailure() != nil {
		return idv.Answer{}, failureFrom(q, table, r.GetFailure(), phase, idv.Garbled)
	}
	if bad := answerFault(a); bad != "" {
		return idv.Answer{}, pluginFault(idv.Garbled, phase, bad)
	}
	compared, ok := fieldsFrom(a.GetFields())
	if !ok {
		return idv.Answer{}, pluginFault(idv.Garbled, phase, "the plugin's comparison of a claim is unknown, or twice")
	}
	return idv.Answer{
		Verdict: idv.Verdict(a.GetVerdict()), Charge: idv.Charge(a.GetCharge()),
		VendorCode: safeCode(q.Subject, table, a.GetVendorCode()), VendorRef: providers.SafeRef(a.GetVendorRef(), q.Subject),
		Fields: compared,
	}, nil
}

// answerFault says why an answer is invalid, "" if it is valid.
func answerFault(a *pb.Answer) string {
	if a.GetVerdict() == pb.Verdict_VERDICT_UNSPECIFIED || !listed(pb.Verdict_name, a.GetVerdict()) {
		return "the plugin's verdict is unknown"
	}
	if !listed(pb.Charge_name, a.GetCharge()) {
		return "the plugin's charge is unknown"
	}
	return ""
}

// listed reports whether a number is a value of an enum.
func listed[E ~int32](names map[int32]string, n E) bool {
	_, ok := names[int32(n)]
	return ok
}

func failure(err error) *pb.Failure {
	e := idv.AsError(err)
	return &pb.Failure{
		Failure: pb.FailureClass(e.Failure), Origin: pb.Origin(e.Origin), Delivery: pb.Delivery(e.Delivery), Charge: pb.Charge(e.Charge),
		Code: e.Code, Field: pb.Field(e.Field), Phase: e.Phase, Ref: e.Ref,
		RetryMillis: e.Retry.Milliseconds(), Detail: e.Detail, Fields: fields(e.Fields),
	}
}

// failureFrom reads a failure. If a number is outside its list, the result has the
// class otherwise: the content is unreliable, the failure is not. The plugin's detail is
// dropped, since it could hold a claim in a form that no check finds.
func failureFrom(q idv.Query, table providers.Table, f *pb.Failure, phase string, otherwise idv.Failure) *idv.Error {
	if !listed(pb.FailureClass_name, f.GetFailure()) || !listed(pb.Origin_name, f.GetOrigin()) ||
		!listed(pb.Delivery_name, f.GetDelivery()) || !listed(pb.Charge_name, f.GetCharge()) || !listed(pb.Field_name, f.GetField()) {
		return pluginFault(otherwise, phase, "the plugin's failure has an unknown number")
	}
	compared, ok := fieldsFrom(f.GetFields())
	if !ok {
		return pluginFault(otherwise, phase, "the plugin's comparison of a claim is unknown, or twice")
	}
	return &idv.Error{
		Fields:  compared,
		Failure: idv.Failure(f.GetFailure()), Origin: idv.Origin(f.GetOrigin()), Delivery: idv.Delivery(f.GetDelivery()), Charge: idv.Charge(f.GetCharge()),
		Code: safeCode(q.Subject, table, f.GetCode()), Field: idv.Field(f.GetField()), Phase: phaseFrom(f.GetPhase()),
		Ref: providers.SafeRef(f.GetRef(), q.Subject), Retry: retry(f.GetRetryMillis()),
	}
}

func fields(f idv.Fields) (list []*pb.Compared) {
	for c, result := range f {
		if result != idv.NotCompared {
			list = append(list, &pb.Compared{Field: pb.Field(idv.FieldOf(idv.Claim(c))), Result: pb.Comparison(result)}) //nolint:gosec // an index of Fields is a claim
		}
	}
	return list
}

// fieldsFrom reads comparisons, and reports whether each is a known one of another claim.
func fieldsFrom(list []*pb.Compared) (f idv.Fields, ok bool) {
	var seen idv.ClaimSet
	for _, c := range list {
		claim := idv.Claim(c.GetField() - pb.Field_FIELD_NAME) //nolint:gosec // the number is checked below
		if c.GetField() < pb.Field_FIELD_NAME || int(c.GetField()) > len(f) || seen.Has(claim) || !listed(pb.Comparison_name, c.GetResult()) {
			return idv.Fields{}, false
		}
		seen |= idv.Claims(claim)
		f[claim] = idv.Comparison(c.GetResult())
	}
	return f, true
}

// phaseFrom keeps the known phases of a call only.
func phaseFrom(phase string) string {
	switch phase {
	case PhaseEncode, "dns", "connect", "tls", "write", "first_byte", "body", PhaseDecode:
		return phase
	}
	return ""
}

// maxRetry caps the delay that a plugin may request. A vendor that is closed for a day
// says so again.
const maxRetry = 24 * time.Hour

func retry(millis int64) time.Duration {
	if millis <= 0 {
		return 0
	}
	return time.Duration(min(millis, maxRetry.Milliseconds())) * time.Millisecond
}

// safeCode returns a listed code unchanged, and another code only if it cannot be an ID
// number.
func safeCode(s idv.Subject, table providers.Table, code string) string {
	if code == "" {
		return ""
	}
	for _, row := range table {
		if row.Code == code {
			return code
		}
	}
	safe := providers.SafeCode(code)
	if rule := strings.ReplaceAll(code, "_", ""); len(code) <= maxWord && strings.Trim(rule, "abcdefghijklmnopqrstuvwxyz") == "" {
		safe = code // the name of a local rule, as check_digit
	}
	if s.PartIn(safe) {
		return providers.SafeCode("")
	}
	return safe
}
