package sandbox

import (
	"bytes"
	"fmt"
	"net/http"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// steeredAnswer is the answer that the queried person selects.
func steeredAnswer(c *call) reply { return answer(c.subject, steer(c.subject)).reply() }

func maintenance(c *call) reply { return answer(c.subject, codeMaintenance).reply() }

// unsent returns only an outcome, for a reply that is never sent.
func unsent(m Mode) func(*call) reply {
	return func(*call) reply { return reply{code: string(m)} }
}

// matchAs returns a match that is counted under the mode's name, since it is not sent
// in the form of the guide. A client that accepts it has a wrong match.
func matchAs(m Mode) func(*call) reply {
	return func(c *call) reply {
		out := answer(c.subject, codeMatch).reply()
		out.code = string(m)
		return out
	}
}

func empty(c *call) reply {
	out := matchAs(ModeEmpty)(c)
	out.body = nil
	return out
}

// page is what a proxy or the vendor's web server sends with status 200.
func page(*call) reply {
	return reply{
		code: string(ModeHTML), status: http.StatusOK, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		body: []byte("<!DOCTYPE html>\n<html><head><title>系统维护</title></head><body>系统维护中</body></html>\n"),
	}
}

// truncated cuts the JSON after the status and sends a matching Content-Length.
func truncated(c *call) reply {
	out := matchAs(ModeTruncated)(c)
	out.body = out.body[:len(out.body)/2]
	return out
}

// duplicateStatus has the field twice. Most decoders use the last one, a match.
func duplicateStatus(c *call) reply {
	return restatus(matchAs(ModeDuplicateStatus)(c), `"status":"02","status":"01"`)
}

// caseStatus has no "status". A decoder that ignores case uses one of the others.
func caseStatus(c *call) reply {
	return restatus(matchAs(ModeCaseStatus)(c), `"Status":"01","STATUS":"01"`)
}

func numberStatus(c *call) reply {
	return restatus(matchAs(ModeNumberStatus)(c), `"status":1`)
}

// restatus replaces the status of a match, which is its first member.
func restatus(out reply, members string) reply {
	out.body = bytes.Replace(out.body, []byte(`"status":"01"`), []byte(members), 1)
	return out
}

// extraFields is the older form of the answer. It adds the person's real birthday and
// parts of the number, which a client must not keep.
func extraFields(c *call) reply {
	number, _ := c.subject.clear()
	if len(number) < 18 {
		number = "110101209901010076"
	}
	a := answer(c.subject, steer(c.subject))
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

// gbk is the steeredAnswer answer in GBK under a header that says UTF-8.
func gbk(c *call) reply {
	out := steeredAnswer(c)
	out.code = string(ModeGBK)
	if body, err := encoding.ReplaceUnsupported(simplifiedchinese.GBK.NewEncoder()).Bytes(out.body); err == nil {
		out.body = body
	}
	return out
}

// noRecord450 is how sellers send no_record so that the market does not bill it.
func noRecord450(c *call) reply {
	a := answer(c.subject, codeNoRecord)
	return jsonReply(a.Status, 450, a)
}

// backendError is an error of the backend, so the gateway adds no code.
func backendError(*call) reply {
	return reply{
		code: string(ModeHTTP500), status: http.StatusInternalServerError, body: []byte("Internal Server Error\n"),
		header: http.Header{"Content-Type": {"text/plain; charset=utf-8"}},
	}
}

// wrongEcho is a match with the echo of another person.
func wrongEcho(c *call) reply { return answer(otherPerson(c.subject), codeMatch).reply() }

// The target of a redirect. A client that follows it sends the claims again and is
// billed; the outcome is outcomeFollowed.
const (
	movedPath       = "/idcard/moved"
	outcomeFollowed = "redirect_followed"
)

// outcomeToken counts granted and refused access tokens.
const outcomeToken = "token"

func redirect(c *call) reply {
	return reply{
		code: string(ModeRedirect), status: http.StatusFound,
		header: http.Header{"Location": {movedPath + "?" + c.r.URL.RawQuery}},
	}
}

// followed answers a client that follows the redirect with a match.
func followed(c *call) reply {
	out := answer(c.subject, codeMatch).reply()
	out.code = outcomeFollowed
	return out
}
