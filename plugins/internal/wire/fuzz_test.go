package wire

import (
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

func seed(f *testing.F, messages ...proto.Message) {
	f.Helper()
	for _, m := range messages {
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

// FuzzAnswer: whatever bytes a plugin sends, a verdict comes only from a response to
// this query, with a code that the table gives that verdict to.
func FuzzAnswer(f *testing.F) {
	q := person()
	seed(f, Decoded(q, idv.Answer{Verdict: idv.Match, Charge: idv.Charged, VendorCode: "01"}, nil),
		Decoded(q, idv.Answer{}, &idv.Error{Failure: idv.Maintenance, Code: "9999", Detail: "d", Retry: 1e9}), &pb.DecodeResponse{QueryId: "q-1"})
	f.Fuzz(func(t *testing.T, b []byte) {
		var r pb.DecodeResponse
		if proto.Unmarshal(b, &r) != nil {
			return
		}
		a, err := AnswerFrom(q, table(), &r, PhaseDecode)
		if err == nil {
			a, err = table().ValidateAnswer(a)
		}
		if err == nil && (a.Verdict != idv.Match || a.VendorCode != "01" || !a.Charge.Valid() || r.GetQueryId() != q.ID || r.GetFailure() != nil) {
			t.Fatalf("a verdict %+v from %v", a, &r)
		}
		if err != nil && (a != (idv.Answer{}) || !sane(idv.AsError(err))) {
			t.Fatalf("an error %+v with %+v", err, a)
		}
		if q.Subject.ContainedIn(fmt.Sprintf("%+v %+v", a, err)) {
			t.Fatal("a claim in the result")
		}
	})
}

func sane(e *idv.Error) bool {
	return e.Failure.Valid() && e.Origin.Valid() && e.Delivery.Valid() && e.Charge.Valid() && e.Field.Valid() &&
		e.Provider == "" && e.Retry >= 0 && len(e.Detail) <= maxText
}

// FuzzCall: whatever bytes a plugin sends, nothing of a call that may be logged holds
// a claim, and a failure says that nothing was sent.
func FuzzCall(f *testing.F) {
	q := person()
	seed(f, Encoded(q, providers.Call{Method: "GET", Path: "/a", Query: []providers.Param{{Name: "n", Value: q.Subject.Name}}}, nil),
		Encoded(q, providers.Call{}, &idv.Error{Failure: idv.Unsupported}))
	f.Fuzz(func(t *testing.T, b []byte) {
		var r pb.EncodeResponse
		if proto.Unmarshal(b, &r) != nil {
			return
		}
		c, err := CallFrom(q, table(), &r)
		if err != nil {
			if e := idv.AsError(err); e.Delivery != idv.NotSent || e.Charge != idv.NotCharged || !sane(e) {
				t.Fatalf("an error %+v", e)
			}
			return
		}
		if q.Subject.ContainedIn(fmt.Sprintf("%+v", c)) || len(c.Path) > maxPath {
			t.Fatalf("a call %+v", c)
		}
	})
}

// FuzzDescriptor: what is taken for a descriptor survives being sent again.
func FuzzDescriptor(f *testing.F) {
	seed(f, Described(card()), &pb.DescribeResponse{})
	f.Fuzz(func(t *testing.T, b []byte) {
		var r pb.DescribeResponse
		if proto.Unmarshal(b, &r) != nil {
			return
		}
		list, err := DescriptorsFrom(&r)
		if err != nil {
			return
		}
		again, err := DescriptorsFrom(Described(list...))
		if err != nil || len(again) != len(list) {
			t.Fatalf("%+v are no descriptors the second time: %v", list, err)
		}
		for i, d := range list {
			if again[i].Name != d.Name || d.Name == "" || d.Check == idv.CheckNone {
				t.Fatalf("%+v is no descriptor the second time", d)
			}
		}
	})
}

// FuzzQuery is the other direction: whatever bytes a host sends, the plugin's side
// gets a question that it can look at.
func FuzzQuery(f *testing.F) {
	q := person()
	seed(f, &pb.DecodeRequest{Query: Query(q), Reply: Reply(providers.Reply{Status: 200, Body: []byte("b")}, idv.Replies{})})
	f.Fuzz(func(t *testing.T, b []byte) {
		var r pb.DecodeRequest
		if proto.Unmarshal(b, &r) != nil {
			return
		}
		got := QueryFrom(r.GetQuery())
		if got.Check != idv.CheckNone && got.Check.Claims() == 0 {
			t.Fatalf("an unknown check %d", got.Check)
		}
		if reply := ReplyFrom(r.GetReply()); reply.Header == nil {
			t.Fatal("no header to look into")
		}
	})
}
