package wire

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
	"github.com/heyan-id/heyan/providers"
)

// ServiceName reports whether a name is valid for a plugin, which becomes a directory,
// a flag and a label.
func ServiceName(name string) bool {
	return regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`).MatchString(name)
}

// productName reports whether a name is that of a product: "vendor/product" or "vendor".
func productName(name string) bool {
	vendor, product, several := strings.Cut(name, "/")
	return len(name) <= maxWord && ServiceName(vendor) && (!several || ServiceName(product))
}

func checkDescriptor(d *pb.Descriptor) error {
	for _, check := range []func(*pb.Descriptor) error{checkNames, checkLists, checkReplies, checkSettings, checkPrices, checkCodes} {
		if err := check(d); err != nil {
			return err
		}
	}
	return nil
}

func checkNames(d *pb.Descriptor) error {
	switch {
	case !productName(d.GetName()):
		return errors.New("name: must be vendor/product or vendor, each of a-z, 0-9, - and _, up to 64 characters together")
	case !isWord(d.GetVersion()):
		return errors.New("version: must be a short printable text")
	case d.GetRecipient() == "" || !isSentence(d.GetRecipient()):
		return errors.New("recipient: must name the recipient of the personal data")
	case !isSentence(d.GetTitle()) || !isSentence(d.GetSource()):
		return errors.New("title, source: must be printable and at most 1024 bytes")
	case d.GetFidelity() == pb.Fidelity_FIDELITY_UNSPECIFIED || !listed(pb.Fidelity_name, d.GetFidelity()):
		return errors.New("fidelity: unknown value")
	case d.GetCheck() == pb.Check_CHECK_UNSPECIFIED || !listed(pb.Check_name, d.GetCheck()):
		return errors.New("check: must be one of the checks; serve a product for each check")
	}
	return nil
}

func checkLists(d *pb.Descriptor) error {
	for _, text := range slices.Concat(d.GetDocuments(), d.GetSchemes()) {
		if !isWord(text) {
			return errors.New("documents, schemes: must be short printable texts")
		}
	}
	if len(d.GetDocuments()) > maxList || len(d.GetSchemes()) > maxList {
		return errors.New("documents, schemes: must have at most 64 entries")
	}
	if len(d.GetDocuments()) == 0 && idv.Check(d.GetCheck()).Claims().Has(idv.ClaimIDNumber) {
		return errors.New("documents: must have an entry, since the check has an ID number")
	}
	return nil
}

func checkReplies(d *pb.Descriptor) error {
	r := d.GetReplies()
	if len(r.GetStatuses()) > maxList || len(r.GetHeaders()) > maxList {
		return errors.New("replies: must have at most 64 statuses and 64 headers")
	}
	for _, status := range r.GetStatuses() {
		if status < 200 || status > 599 || status >= 300 && status < 400 {
			return errors.New("replies.statuses: must be from 200 to 299 or from 400 to 599")
		}
	}
	for _, name := range r.GetHeaders() {
		if !replyHeader(name) {
			return errors.New("replies.headers: must be names of headers, but not of cookies or of authentication")
		}
	}
	if r.GetRefHeader() != "" && !replyHeader(r.GetRefHeader()) {
		return errors.New("replies.ref_header: must be the name of a header, but not of cookies or of authentication")
	}
	return nil
}

// replyHeader reports whether a plugin may see a header of a reply. Cookies and
// challenges stay with the host.
func replyHeader(name string) bool {
	if len(name) > maxWord || !httpguts.ValidHeaderFieldName(name) {
		return false
	}
	switch http.CanonicalHeaderKey(name) {
	case "Set-Cookie", "Set-Cookie2", "Www-Authenticate", "Proxy-Authenticate", "Authentication-Info", "Proxy-Authentication-Info":
		return false
	}
	return true
}

func checkSettings(d *pb.Descriptor) error {
	if len(d.GetSettings()) > maxList {
		return errors.New("settings: must have at most 64 entries")
	}
	seen := map[string]bool{}
	for _, s := range d.GetSettings() {
		switch {
		case !isWord(s.GetName()) || seen[s.GetName()]:
			return errors.New("settings: each must have a unique short printable name")
		case !isSentence(s.GetHelp()) || !isSentence(s.GetDefault()):
			return fmt.Errorf("settings: the help and default of %q must be printable and at most 1024 bytes", s.GetName())
		case s.GetSecret() && s.GetDefault() != "":
			return fmt.Errorf("the secret setting %q has a default", s.GetName())
		}
		seen[s.GetName()] = true
	}
	return nil
}

// maxPrice keeps amounts and their sums far below the limit of int64.
const maxPrice = 1_000_000_000_000_000

func checkPrices(d *pb.Descriptor) error {
	if len(d.GetPrices()) > maxList {
		return errors.New("prices: must have at most 64 entries")
	}
	for _, p := range d.GetPrices() {
		if p.GetUnits() <= 0 || p.GetTotal().GetMicros() < 0 || p.GetUnits() > maxPrice || p.GetTotal().GetMicros() > maxPrice || !isWord(p.GetTotal().GetCurrency()) {
			return errors.New("prices: each must have units, a valid amount and a currency")
		}
	}
	return nil
}

func checkCodes(d *pb.Descriptor) error {
	type key struct{ layer, code string }
	if len(d.GetCodes()) > maxCodes || len(d.GetCodes()) == 0 {
		return errors.New("codes: must have 1 to 1024 rows")
	}
	seen := map[key]bool{}
	for _, c := range d.GetCodes() {
		k := key{c.GetLayer(), c.GetCode()}
		if !isWord(c.GetCode()) || k.layer != providers.LayerVendor && k.layer != providers.LayerGateway {
			return errors.New("codes: each row must have a short printable code and the layer vendor or gateway")
		}
		fault := rowFault(c)
		if seen[k] {
			fault = "is a duplicate"
		}
		if fault != "" {
			return fmt.Errorf("codes: row %s %q %s", k.layer, k.code, fault)
		}
		seen[k] = true
	}
	return nil
}

// rowFault says what is wrong with a row, "" if nothing.
func rowFault(c *pb.CodeRow) string {
	verdict := c.GetVerdict() != pb.Verdict_VERDICT_UNSPECIFIED
	switch {
	case !listedRow(c):
		return "has an unknown number"
	case verdict && (c.GetFailure() != 0 || c.GetLayer() != providers.LayerVendor):
		return "has both a verdict and a failure, or a verdict of the gateway"
	case verdict && c.GetAccount():
		return "has a verdict, but account, which is for failures"
	case c.GetRenewsToken() && idv.Failure(c.GetFailure()) != idv.BadCredentials:
		return "renews the token although the failure is not credentials"
	case !possible(c, verdict):
		return "has a delivery that a reply with this code disproves: a verdict is answered, and only a gateway refuses a call, without a charge"
	case slices.Contains(strings.Split(c.GetCode(), "/"), "") || strings.Count(c.GetCode(), "/") > 2:
		return "has a composite code with an empty part or with more than three parts"
	case !isSentence(c.GetText()) || !isSentence(c.GetSource()):
		return "has a text that is not printable or longer than 1024 bytes"
	}
	return ""
}

// listedRow reports whether each number of a row is a value of its enum.
func listedRow(c *pb.CodeRow) bool {
	return listed(pb.Verdict_name, c.GetVerdict()) && listed(pb.FailureClass_name, c.GetFailure()) && listed(pb.Field_name, c.GetField()) &&
		listed(pb.Delivery_name, c.GetDelivery()) && listed(pb.Charge_name, c.GetCharge())
}

// possible reports whether the delivery of a row can be true. The host takes it from the
// table, so a table must not be able to hide a call that was processed.
func possible(c *pb.CodeRow, verdict bool) bool {
	switch c.GetDelivery() {
	case pb.Delivery_DELIVERY_NOT_SENT:
		return false
	case pb.Delivery_DELIVERY_REFUSED_BY_GATEWAY:
		return c.GetLayer() == providers.LayerGateway && c.GetCharge() != pb.Charge_CHARGE_CHARGED
	}
	return !verdict || c.GetDelivery() == pb.Delivery_DELIVERY_ANSWERED
}
