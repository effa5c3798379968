package gateway

import (
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
)

const classicTexts = "Aliyun API gateway, error texts of classic instances"

// classic is a text of a gateway that sends no code. The row's Text is what is
// compared; its Code is a name of ours, since the text itself is never passed on.
type classic struct {
	row    idv.CodeRow
	prefix bool // the text goes on with something that varies
}

func (c classic) says(text string) bool {
	if c.prefix {
		return strings.HasPrefix(text, c.row.Text)
	}
	return text == c.row.Text
}

// classics lists the texts that are known, each with what it means.
func classics() []classic {
	turnedAway := func(code string, f idv.Failure, text string) classic {
		return classic{row: refused("classic."+code, f, text, classicTexts)}
	}
	perhaps := func(code string, f idv.Failure, text string) classic {
		return classic{row: unsure("classic."+code, f, text, classicTexts)}
	}
	varying := func(c classic) classic { c.prefix = true; return c }
	return []classic{
		varying(turnedAway("throttled", idv.Throttled, "Throttled by ")),
		turnedAway("quota_exhausted", idv.QuotaExhausted, "Quota Exhausted"),
		turnedAway("quota_expired", idv.QuotaExhausted, "Quota Expired"),
		turnedAway("arrears", idv.QuotaExhausted, "User Arrears"),
		turnedAway("market_quota_exhausted", idv.QuotaExhausted, "Api Market Subscription quota exhausted"),
		turnedAway("authorization_expired", idv.BadCredentials, "Expiry of Authorization"),
		turnedAway("unauthorized", idv.BadCredentials, "Unauthorized"),
		turnedAway("empty_body", idv.Unavailable, "Empty Request Body"),
		turnedAway("invalid_body", idv.Unavailable, "Invalid Request Body"),
		turnedAway("invalid_param_location", idv.Unavailable, "Invalid Param Location"),
		turnedAway("unsupported_multipart", idv.Unavailable, "Unsupported Multipart"),
		turnedAway("invalid_url", idv.Unavailable, "Invalid Url"),
		turnedAway("invalid_domain", idv.Unavailable, "Invalid Domain"),
		turnedAway("invalid_method", idv.Unavailable, "Invalid HttpMethod"),
		turnedAway("api_not_found", idv.Unavailable, "API Not Found"),
		varying(turnedAway("invalid_appcode", idv.BadCredentials, "Invalid AppCode")),
		turnedAway("invalid_appkey", idv.BadCredentials, "Invalid AppKey"),
		turnedAway("invalid_appsecret", idv.BadCredentials, "Invalid AppSecret"),
		turnedAway("timestamp_expired", idv.BadCredentials, "Timestamp Expired"),
		turnedAway("invalid_timestamp", idv.BadCredentials, "Invalid Timestamp"),
		varying(turnedAway("invalid_signature", idv.BadCredentials, "Invalid Signature")),
		turnedAway("invalid_content_md5", idv.BadCredentials, "Invalid Content-MD5"),
		// Every call of ours has a nonce of its own. If it was used, something on
		// the way sent the call twice, and the first of the two may be billed.
		perhaps("nonce_used", idv.BadCredentials, "Nonce Used"),
		turnedAway("empty_signature", idv.BadCredentials, "Empty Signature"),
		perhaps("internal_error", idv.Unavailable, "Internal Error"),
		perhaps("backend_failed", idv.Unavailable, "Failed To Invoke Backend Service"),
		perhaps("service_unavailable", idv.Unavailable, "Service Unavailable"),
		varying(perhaps("backend_timeout", idv.Timeout, "Async Service")),
	}
}
