package wire

import (
	"net/http"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v1"
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
	return idv.Query{
		ID: q.GetId(), Check: check, Document: idv.Document(q.GetDocument()), Subject: subjectFrom(q.GetSubject()),
	}
}

// Reply makes the message of a vendor's reply. Header values in another encoding are
// repaired, since messages hold UTF-8 only.
func Reply(r providers.Reply) *pb.Reply {
	out := &pb.Reply{Status: int32(r.Status), Body: r.Body}
	for name, values := range r.Header {
		if !forwardHeader(name) {
			continue
		}
		h := &pb.Header{Name: strings.ToValidUTF8(name, "\uFFFD")}
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

// forwardHeader reports whether a plugin may see a reply header. Cookies and
// authentication challenges stay with the host.
func forwardHeader(name string) bool {
	switch name {
	case "Content-Type", "Content-Language", "Date", "Retry-After":
		return true
	}
	return strings.HasPrefix(name, "X-")
}
