package gateway

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/providers"
)

// The sources of the rows.
const (
	official   = "Aliyun API gateway, error codes of VPC instances"
	classifier = "a public client's classifier of gateway codes; the official text was not seen"
	inferred   = "; that the backend was not reached is inferred"
)

// codes returns the codes of VPC gateways. A code is a letter for the layer (I
// request, A authorisation, B business, T throttle, D backend, N network, X the
// gateway itself), the digits of an HTTP status, and two letters.
//
// The failures are chosen by what the engine does with them:
//
//   - Errors of keys, signatures and authorisation are [idv.BadCredentials]: the gate
//     closes and the operator gets an alert.
//   - Errors of the address or the form of the request (I4xx) are [idv.Unavailable]:
//     the vendor cannot be reached as configured. The call was refused, so the engine
//     calls another vendor at once; the breaker counts the failure and opens. With
//     idv.Internal the engine would stop although the next vendor can answer; with
//     idv.Unsupported every later call would fail the same way unnoticed.
//   - Only a request that is too large is [idv.Unsupported], because a single person's
//     data can cause it, which must not open the breaker for all others.
func codes() []idv.CodeRow {
	var rows []idv.CodeRow
	add := func(more []idv.CodeRow) { rows = append(rows, more...) }
	add(requestCodes())
	add(accessCodes())
	add(businessCodes())
	add(throttleCodes())
	add(backendCodes())
	return rows
}

func requestCodes() []idv.CodeRow {
	return []idv.CodeRow{
		refused("I400HD", idv.Unavailable, "Invalid Header", official),
		refused("I400MH", idv.Unavailable, "Header is Required", official),
		refused("I400BD", idv.Unavailable, "Invalid Body", official),
		refused("I400PA", idv.Unavailable, "Invalid Request Path", official),
		refused("I405UM", idv.Unavailable, "Unsupported Method", official),
		refused("I400RU", idv.Unavailable, "Invalid Request Uri", official),
		refused("I403PT", idv.Unavailable, "Invalid protocol", official),
		refused("I413RL", idv.Unsupported, "Request body too Large", official),
		refused("I413UL", idv.Unsupported, "Request URL too Large", official),
		refused("I400CT", idv.Unavailable, "Invalid Content-Type", official),
		refused("I404DO", idv.Unavailable, "Invalid Domain", official),
		refused("I410GG", idv.Unavailable, "Group's instance invalid", official),
		refused("I400SG", idv.Unavailable, "Invalid Stage", official),
		refused("I404NF", idv.Unavailable, "API not found", official),
		refused("I404NR", idv.Unavailable, "not found", classifier),
		refused("I404SR", idv.Unavailable, "not found", classifier),
		refused("I400I5", idv.Unavailable, "request invalid", classifier),
		refused("I400NC", idv.Unavailable, "request invalid", classifier),
		refused("I400MP", idv.Unavailable, "parameter invalid", classifier),
		refused("I400IP", idv.Unavailable, "parameter invalid", classifier),
		refused("I400JP", idv.Unavailable, "parameter invalid", classifier),
	}
}

func accessCodes() []idv.CodeRow {
	return []idv.CodeRow{
		providers.AccountRow(refused("A400AC", idv.BadCredentials, "Invalid AppCode", official)),
		providers.AccountRow(refused("A401AC", idv.BadCredentials, "Invalid AppCode", classifier)),
		refused("A400MA", idv.BadCredentials, "authorisation missing", classifier),
		providers.AccountRow(refused("A400IK", idv.BadCredentials, "Invalid AppKey", classifier)),
		providers.AccountRow(refused("A403IS", idv.BadCredentials, "Invalid Signature", official)),
		refused("A403PR", idv.BadCredentials, "authorisation by a plug-in failed", classifier),
		refused("A401OT", idv.BadCredentials, "token error", official),
		refused("I403AA", idv.BadCredentials, "Unauthorized", classifier),
		refused("A403EP", idv.BadCredentials, "the authorisation has expired", classifier),
		refused("A403IP", idv.BadCredentials, "access denied", classifier),
		refused("A403VN", idv.BadCredentials, "access denied", classifier),
		refused("A403AC", idv.BadCredentials, "access denied", classifier),
		refused("A403CO", idv.BadCredentials, "access denied", classifier),
		refused("A403IN", idv.Unavailable, "access from the internet is disabled", classifier),
		refused("A403FC", idv.Unavailable, "a fault on the provider's side", classifier),
	}
}

func businessCodes() []idv.CodeRow {
	return []idv.CodeRow{
		refused("B403MQ", idv.QuotaExhausted, "Api Market Subscription quota exhausted", official),
		refused("B403ME", idv.QuotaExhausted, "the market subscription has expired", classifier),
		refused("B403MI", idv.QuotaExhausted, "the market subscription is invalid", classifier),
		refused("B403OD", idv.Unavailable, "the provider's account is overdue", classifier),
		refused("B403MO", idv.Unavailable, "the provider's account is overdue", classifier),
		refused("B451DO", idv.Unavailable, "the domain is blocked", classifier),
		refused("B451GO", idv.Unavailable, "the group is blocked", classifier),
	}
}

func throttleCodes() []idv.CodeRow {
	var rows []idv.CodeRow
	for _, code := range []string{"T429ID", "T429IN", "T429GR", "T429PA", "T429PR", "T429SR", "T429MR"} {
		rows = append(rows, refused(code, idv.Throttled, "Throttled by", classifier))
	}
	return rows
}

func backendCodes() []idv.CodeRow {
	return []idv.CodeRow{
		refused("D504RE", idv.Unavailable, "cannot connect to the backend", classifier+inferred),
		refused("D504IL", idv.Unavailable, "cannot connect to the backend", classifier+inferred),
		refused("D504CO", idv.Unavailable, "cannot connect to the backend", classifier+inferred),
		refused("D504CS", idv.Unavailable, "cannot connect to the backend", classifier+inferred),
		refused("X504VE", idv.Unavailable, "cannot connect to the backend", classifier+inferred),
		unknownDelivery("D504TO", idv.Timeout, "the backend timed out", classifier),
		unknownDelivery("X504TO", idv.Timeout, "the backend timed out", classifier),
		unknownDelivery("D502FC", idv.Unavailable, "bad response of the backend", classifier),
		unknownDelivery("N502RE", idv.Unavailable, "the response was lost on the way", classifier),
		unknownDelivery("D503BB", idv.Unavailable, "the backend is busy", classifier),
		refused("D503CB", idv.Unavailable, "the gateway's circuit breaker is open", classifier+inferred),
		unknownDelivery("X503BZ", idv.Unavailable, "the gateway is busy", classifier),
		unknownDelivery("X500ER", idv.Unavailable, "internal error", classifier),
		refused("X400PM", idv.Unavailable, "data of a plug-in are wrong", classifier),
		refused("X500ED", idv.Unavailable, "the API's definition has expired", classifier+inferred),
		refused("X500AM", idv.Unavailable, "the API's data are wrong", classifier+inferred),
		refused("X403DG", idv.Unavailable, "bad domain or group", classifier),
	}
}

// refused returns a row for a call that the gateway refused before the vendor
// received it, so that it is not billed.
func refused(code string, f idv.Failure, text, source string) idv.CodeRow {
	row := unknownDelivery(code, f, text, source)
	row.Delivery, row.Charge = idv.RefusedByGateway, idv.NotCharged
	return row
}

// unknownDelivery returns a row for a call that the vendor may have executed and
// billed.
func unknownDelivery(code string, f idv.Failure, text, source string) idv.CodeRow {
	return idv.CodeRow{Layer: providers.LayerGateway, Code: code, Failure: f, Text: text, Source: source}
}
