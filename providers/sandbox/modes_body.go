package sandbox

import (
	"bytes"
	"fmt"
	"net/http"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// steered is the answer that the person asked for steers.
func steered(v *visit) reply { return answer(v.asked, steer(v.asked)).reply() }

func maintenance(v *visit) reply { return answer(v.asked, codeMaintenance).reply() }

// lost composes nothing, for an answer that is never sent.
func lost(m Mode) func(*visit) reply {
	return func(*visit) reply { return reply{code: string(m)} }
}

// matchAs composes a match that is counted under the mode's name, since its code
// does not arrive as the guide has it. A client that takes it has a wrong match.
func matchAs(m Mode) func(*visit) reply {
	return func(v *visit) reply {
		out := answer(v.asked, codeMatch).reply()
		out.code = string(m)
		return out
	}
}

func empty(v *visit) reply {
	out := matchAs(ModeEmpty)(v)
	out.body = nil
	return out
}

// page is what a proxy on the way, or a vendor's web server, says with status 200.
func page(*visit) reply {
	return reply{
		code: string(ModeHTML), status: http.StatusOK, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		body: []byte("<!DOCTYPE html>\n<html><head><title>系统维护</title></head><body>系统维护中</body></html>\n"),
	}
}

// truncated cuts the JSON after the status, and tells the HTTP length of the cut.
func truncated(v *visit) reply {
	out := matchAs(ModeTruncated)(v)
	out.body = out.body[:len(out.body)/2]
	return out
}

// duplicateStatus has the field twice; most decoders take the last one, a match.
func duplicateStatus(v *visit) reply {
	return restatus(matchAs(ModeDuplicateStatus)(v), `"status":"02","status":"01"`)
}

// caseStatus has no "status"; a decoder that ignores case takes one for it.
func caseStatus(v *visit) reply {
	return restatus(matchAs(ModeCaseStatus)(v), `"Status":"01","STATUS":"01"`)
}

func numberStatus(v *visit) reply {
	return restatus(matchAs(ModeNumberStatus)(v), `"status":1`)
}

// restatus puts other members in the place of a match's status, which is first.
func restatus(out reply, members string) reply {
	out.body = bytes.Replace(out.body, []byte(`"status":"01"`), []byte(members), 1)
	return out
}

// extraFields is the older answer, with what nobody asked for. The birthday and
// the parts of the number are the person's own: a client must not keep them.
func extraFields(v *visit) reply {
	number, _ := v.asked.clear()
	if len(number) < 18 {
		number = "110101209901010076"
	}
	a := answer(v.asked, steer(v.asked))
	return jsonReply(a.Status, http.StatusOK, struct {
		idcertAnswer
		Sex        string `json:"sex"`
		Area       string `json:"area"`
		Province   string `json:"province"`
		City       string `json:"city"`
		Prefecture string `json:"prefecture"`
		Birthday   string `json:"birthday"`
		AddrCode   string `json:"addrCode"`
		LastCode   string `json:"lastCode"`
	}{
		a, "女", "北京市东城区", "北京市", "北京市", "东城区",
		fmt.Sprintf("%s-%s-%s", number[6:10], number[10:12], number[12:14]), number[:6], number[17:],
	})
}

// gbk is the steered answer in GBK under a header that says UTF-8.
func gbk(v *visit) reply {
	out := steered(v)
	out.code = string(ModeGBK)
	if body, err := encoding.ReplaceUnsupported(simplifiedchinese.GBK.NewEncoder()).Bytes(out.body); err == nil {
		out.body = body
	}
	return out
}

// noRecord450 is how sellers say no record so that the market does not bill it.
func noRecord450(v *visit) reply {
	a := answer(v.asked, codeNoRecord)
	return jsonReply(a.Status, 450, a)
}

// backendError comes from the backend, so the gateway adds no code.
func backendError(*visit) reply {
	return reply{
		code: string(ModeHTTP500), status: http.StatusInternalServerError, body: []byte("Internal Server Error\n"),
		header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}},
	}
}

// wrongEcho says that somebody else is a match.
func wrongEcho(v *visit) reply { return answer(stranger(v.asked), codeMatch).reply() }

// Where a redirect leads. Whoever follows it sends the claims a second time, is
// billed, and is counted as outcomeFollowed.
const (
	movedPath       = "/idcard/moved"
	outcomeFollowed = "redirect_followed"
)

func redirect(v *visit) reply {
	return reply{
		code: string(ModeRedirect), status: http.StatusFound,
		header: http.Header{"Location": {movedPath + "?" + v.r.URL.RawQuery}},
	}
}

// followed rewards a client that follows a redirect with a match.
func followed(v *visit) reply {
	out := answer(v.asked, codeMatch).reply()
	out.code = outcomeFollowed
	return out
}
