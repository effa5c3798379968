package aliyun

import (
	"github.com/heyan-id/heyan/providers/strictjson"
)

// reply is what a product's reply says.
type reply struct {
	code    string   // of the envelope
	result  []string // the codes of the result, which count only if code is the API's success
	message string   // read for the name of an invalid parameter only
	ref     string
}

// text is a code that the vendor documents as a string and prints as a number in some of its
// examples. A number is kept as written: 1 and 1.0 are two codes.
type text string

// UnmarshalJSON sets the text of a string or a number, and "" for null.
func (t *text) UnmarshalJSON(value []byte) error {
	if value[0] == '"' {
		return strictjson.Decode(value, (*string)(t))
	}
	return strictjson.Decode(value, (*strictjson.Number)(t))
}

// envelope are the members that all replies have. C is the type of the code.
type envelope[C ~string] struct {
	Code    C      `json:"Code"`
	Message string `json:"Message"`
	Ref     string `json:"RequestId"`
}

func (e envelope[C]) reply(result ...string) reply {
	return reply{code: string(e.Code), result: result, message: e.Message, ref: e.Ref}
}

// verification is a reply of cloudauth. SubCode is the reason; some products have none.
type verification struct {
	envelope[text]
	Result struct {
		BizCode text   `json:"BizCode"`
		SubCode string `json:"SubCode"`
	} `json:"ResultObject"`
}

func readVerification(body []byte) (reply, error) {
	var v verification
	err := strictjson.Decode(body, &v)
	return v.reply(string(v.Result.BizCode)), err
}

func readReasoned(body []byte) (reply, error) {
	var v verification
	err := strictjson.Decode(body, &v)
	return v.reply(string(v.Result.BizCode), v.Result.SubCode), err
}

func readInternational(body []byte) (reply, error) {
	var v struct {
		envelope[string]
		Result struct {
			BizCode string `json:"BizCode"`
		} `json:"Result"`
	}
	err := strictjson.Decode(body, &v)
	return v.reply(v.Result.BizCode), err
}

// readConsistent reads a reply of dytnsapi. One action writes IsConsistent as a string and
// the next as a number: R is the type of this one.
func readConsistent[R ~string](body []byte) (reply, error) {
	var v struct {
		envelope[string]
		Data struct {
			IsConsistent R `json:"IsConsistent"`
		} `json:"Data"`
	}
	err := strictjson.Decode(body, &v)
	return v.reply(string(v.Data.IsConsistent)), err
}
