package wire

import (
	"net/http"
	"slices"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// Query makes the message of a query. It omits the claims that the check does not need
// (data minimisation).
func Query(q idv.Query) *pb.Query {
	return &pb.Query{
		Id: q.ID, Check: pb.Check(q.Check), Document: string(q.Document), Subject: subject(q.Subject.Only(q.Check.Claims())),
	}
}

// QueryFrom reads a query. An unknown check becomes idv.CheckNone, which no adapter
// supports.
func QueryFrom(q *pb.Query) idv.Query {
	check := idv.Check(0)
	if _, known := pb.Check_name[int32(q.GetCheck())]; known {
		check = idv.Check(q.GetCheck())
	}
	out := idv.Query{
		ID: q.GetId(), Check: check, Document: idv.Document(q.GetDocument()), Subject: subjectFrom(q.GetSubject()),
	}
	if check.Claims().Has(idv.ClaimIDNumber) {
		out.Subject.Document = out.Document
	}
	return out
}

// Reply makes the message of a vendor's reply, with the headers that a codec may see.
// Header values in another encoding are repaired, since messages hold UTF-8 only.
func Reply(r providers.Reply, format idv.Replies) *pb.Reply {
	out := &pb.Reply{Status: int32(r.Status), Body: r.Body}
	for _, name := range slices.Concat([]string{"Content-Type", "Retry-After"}, format.Headers) {
		values := r.Header.Values(name)
		if len(values) == 0 {
			continue
		}
		h := &pb.Header{Name: http.CanonicalHeaderKey(name)}
		for _, v := range values {
			h.Values = append(h.Values, strings.ToValidUTF8(v, "\uFFFD"))
		}
		out.Headers = append(out.Headers, h)
	}
	return out
}

// ReplyFrom reads a reply.
func ReplyFrom(r *pb.Reply) providers.Reply {
	out := providers.Reply{Status: int(r.GetStatus()), Header: http.Header{}, Body: r.GetBody()}
	for _, h := range r.GetHeaders() {
		out.Header[h.GetName()] = h.GetValues()
	}
	return out
}
