package wire

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// PhaseEncode and PhaseDecode are the phases of a failure in a codec.
const (
	PhaseEncode = "encode"
	PhaseDecode = "decode"
)

// Encoded makes the response to Encode from the result of a codec.
func Encoded(q idv.Query, c providers.Call, err error) *pb.EncodeResponse {
	out := &pb.EncodeResponse{QueryId: q.ID}
	if err != nil {
		out.Failure = failure(err)
		return out
	}
	out.Call = call(c)
	return out
}

// CallFrom reads the response to Encode for a query. Nothing was sent yet, and every
// error says so.
func CallFrom(q idv.Query, table providers.Table, r *pb.EncodeResponse) (providers.Call, error) {
	bad := frameFault(q, r.GetQueryId(), r.GetCall() != nil, r.GetFailure() != nil)
	if bad == "" && r.GetCall() != nil {
		bad = callFault(q.Subject, r.GetCall())
	}
	if bad != "" {
		return providers.Call{}, notSent(pluginFault(idv.Internal, PhaseEncode, bad))
	}
	if r.GetFailure() != nil {
		e := failureFrom(q, table, r.GetFailure(), PhaseEncode, idv.Internal)
		return providers.Call{}, notSent(e)
	}
	c := r.GetCall()
	return providers.Call{
		Method: c.GetMethod(), Path: c.GetPath(), Header: paramsFrom(c.GetHeaders()), Query: paramsFrom(c.GetQuery()), Form: paramsFrom(c.GetForm()),
		Body: idv.NewSensitive(string(c.GetBody())), ContentType: c.GetContentType(), Accept: c.GetAccept(),
	}, nil
}

func notSent(e *idv.Error) *idv.Error {
	e.Phase, e.Delivery, e.Charge = PhaseEncode, idv.NotSent, idv.NotCharged
	return e
}

// frameFault says what is wrong with the frame of a response, "" if nothing.
func frameFault(q idv.Query, id string, result, failed bool) string {
	switch {
	case id != q.ID:
		return "the plugin answered another query"
	case result && failed:
		return "the plugin gave both a result and a failure"
	case !result && !failed:
		return "the plugin gave neither a result nor a failure"
	}
	return ""
}

// callFault says what is wrong with a call that the exchange cannot check, since it
// does not know the claims and their sizes.
func callFault(s idv.Subject, c *pb.Call) string {
	if !distinct(s.Name) {
		s.Name = idv.Sensitive{}
	}
	switch {
	case !strings.HasPrefix(c.GetPath(), "/") || len(c.GetPath()) > maxPath:
		return "the plugin's path does not begin with / or is too long"
	case len(c.GetContentType()) > maxWord || len(c.GetAccept()) > maxWord:
		return "the plugin's media type is too long"
	case len(c.GetHeaders())+len(c.GetQuery())+len(c.GetForm()) > maxParams || len(c.GetBody()) > maxBody:
		return "the plugin's call is too large"
	case s.ContainedIn(c.GetPath()) || s.ContainedIn(c.GetContentType()) || s.ContainedIn(c.GetAccept()):
		return "the plugin put a claim into a path or a media type"
	}
	return cmp.Or(paramFault(s, c.GetHeaders()), paramFault(s, c.GetQuery()), paramFault(s, c.GetForm()))
}

// paramFault says what is wrong with parameters, "" if nothing.
func paramFault(s idv.Subject, list []*pb.Param) string {
	for _, p := range list {
		if !isWord(p.GetName()) || len(p.GetValue()) > maxParam {
			return "the plugin's parameter has an invalid name or is too long"
		}
		if s.ContainedIn(p.GetName()) {
			return "the plugin put a claim into the name of a parameter"
		}
	}
	return ""
}

// shortName is the length below which a Latin name occurs in words by chance: the name
// An is part of every path with "scan" in it.
const shortName = 6

// distinct reports whether a name in a path must have been put there. It looks at the
// mask, which has as many characters as the name and shows the first.
func distinct(name idv.Sensitive) bool {
	mask := name.MaskName()
	return len(mask) >= shortName || mask != "" && mask[0] >= utf8.RuneSelf
}

func paramsFrom(list []*pb.Param) []providers.Param {
	var out []providers.Param
	for _, p := range list {
		out = append(out, providers.Param{Name: p.GetName(), Value: idv.NewSensitive(p.GetValue())})
	}
	return out
}
