package gateway

import (
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

const classicTexts = "Aliyun API gateway, error texts of classic instances"

// classic is an error text of a gateway that sends no code. row.Text is the text to
// compare with; row.Code is a name of heyan's, since the text is never passed on.
type classic struct {
	row    idv.CodeRow
	prefix bool // the text continues with a variable part
}

func (c classic) matches(text string) bool {
	if c.prefix {
		return strings.HasPrefix(text, c.row.Text)
	}
	return text == c.row.Text
}

// classics returns the known texts with their meaning.
func classics() []classic {
	rejected := func(code string, f idv.Failure, text string) classic {
		return classic{row: refused("classic."+code, f, text, classicTexts)}
	}
	uncertain := func(code string, f idv.Failure, text string) classic {
		return classic{row: unknownDelivery("classic."+code, f, text, classicTexts)}
	}
	account := func(c classic) classic { c.row = providers.AccountRow(c.row); return c }
	varying := func(c classic) classic { c.prefix = true; return c }
	return []classic{
		varying(rejected("throttled", idv.Throttled, "Throttled by ")),
		rejected("quota_exhausted", idv.QuotaExhausted, "Quota Exhausted"),
		rejected("quota_expired", idv.QuotaExhausted, "Quota Expired"),
		account(rejected("arrears", idv.QuotaExhausted, "User Arrears")),
		rejected("market_quota_exhausted", idv.QuotaExhausted, "Api Market Subscription quota exhausted"),
		rejected("authorization_expired", idv.BadCredentials, "Expiry of Authorization"),
		rejected("unauthorized", idv.BadCredentials, "Unauthorized"),
		rejected("empty_body", idv.Unavailable, "Empty Request Body"),
		rejected("invalid_body", idv.Unavailable, "Invalid Request Body"),
		rejected("invalid_param_location", idv.Unavailable, "Invalid Param Location"),
		rejected("unsupported_multipart", idv.Unavailable, "Unsupported Multipart"),
		rejected("invalid_url", idv.Unavailable, "Invalid Url"),
		rejected("invalid_domain", idv.Unavailable, "Invalid Domain"),
		rejected("invalid_method", idv.Unavailable, "Invalid HttpMethod"),
		rejected("api_not_found", idv.Unavailable, "API Not Found"),
		account(varying(rejected("invalid_appcode", idv.BadCredentials, "Invalid AppCode"))),
		account(rejected("invalid_appkey", idv.BadCredentials, "Invalid AppKey")),
		account(rejected("invalid_appsecret", idv.BadCredentials, "Invalid AppSecret")),
		rejected("timestamp_expired", idv.BadCredentials, "Timestamp Expired"),
		rejected("invalid_timestamp", idv.BadCredentials, "Invalid Timestamp"),
		account(varying(rejected("invalid_signature", idv.BadCredentials, "Invalid Signature"))),
		rejected("invalid_content_md5", idv.BadCredentials, "Invalid Content-MD5"),
		// Every call has a new nonce. If the gateway has seen it, an intermediary sent
		// the call twice, and the first one may be billed.
		uncertain("nonce_used", idv.BadCredentials, "Nonce Used"),
		rejected("empty_signature", idv.BadCredentials, "Empty Signature"),
		uncertain("internal_error", idv.Unavailable, "Internal Error"),
		uncertain("backend_failed", idv.Unavailable, "Failed To Invoke Backend Service"),
		uncertain("service_unavailable", idv.Unavailable, "Service Unavailable"),
		varying(uncertain("backend_timeout", idv.Timeout, "Async Service")),
	}
}
