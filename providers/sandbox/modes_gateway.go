package sandbox

import "net/http"

// quotaExhausted is the gateway's answer when the prepaid package is used up;
// code, status and text are those of a captured one.
func quotaExhausted() *refusal {
	return &refusal{
		status: http.StatusForbidden, code: "B403MQ", message: "Api Market Subscription quota exhausted",
	}
}

// quotaExpired is the same for a package past its date. The text is a guess.
func quotaExpired() *refusal {
	return &refusal{status: http.StatusForbidden, code: "B403ME", message: "Api Market Subscription expired"}
}

// throttled429 is how a gateway of the newer kind throttles.
func throttled429() *refusal {
	return &refusal{
		status: http.StatusTooManyRequests, code: "T429PA", message: "Throttled by API Flow Control", retry: "1",
	}
}

// throttled403 is how a classic gateway throttles: by its text alone.
func throttled403() *refusal {
	return &refusal{
		status: http.StatusForbidden, message: "Throttled by API Flow Control", mode: ModeThrottled403,
	}
}

// codeTimeout is the gateway's code for a backend that did not answer in time.
const codeTimeout = "D504TO"

// backendTimeout speaks for the gateway after the backend has worked and billed.
func backendTimeout(*visit) reply {
	return refusal{
		status: http.StatusGatewayTimeout, code: codeTimeout, message: "Backend service timeout",
	}.reply()
}
