package wire

import (
	"errors"
	"fmt"
	"strings"

	"github.com/heyan-id/heyan/engine/idv"
	pb "github.com/heyan-id/heyan/plugins/proto/heyan/provider/v2"
)

// FaultsFrom reads the response to ValidateSettings. The error lists the faults for the
// author of the configuration; a text that holds a secret is withheld.
func FaultsFrom(r *pb.ValidateSettingsResponse, secrets map[string]idv.Sensitive) error {
	var faults []error
	for i, f := range r.GetFaults() {
		if i == maxList {
			break
		}
		name, text := safeText(f.GetSetting(), maxWord, idv.Subject{}), safeText(f.GetText(), maxText, idv.Subject{})
		if text == "" || containsSecret(name+text, secrets) {
			text = "the plugin rejects it without a printable reason"
		}
		if name != "" {
			text = fmt.Sprintf("settings.%s: %s", name, text)
		}
		faults = append(faults, errors.New(text))
	}
	return errors.Join(faults...)
}

func containsSecret(text string, secrets map[string]idv.Sensitive) bool {
	for _, secret := range secrets {
		if secret.ContainedIn(text) {
			return true
		}
	}
	return false
}

// Fault makes the response for settings that an adapter rejects. It holds the adapter's
// error unless that contains a secret.
func Fault(err error, secrets map[string]idv.Sensitive) *pb.ValidateSettingsResponse {
	if err == nil {
		return &pb.ValidateSettingsResponse{}
	}
	text := strings.ToValidUTF8(err.Error(), "\uFFFD")
	if containsSecret(text, secrets) {
		text = ""
	}
	return &pb.ValidateSettingsResponse{Faults: []*pb.Fault{{Text: text}}}
}
