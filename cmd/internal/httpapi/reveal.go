package httpapi

import "github.com/heyan-id/heyan/engine/idv"

// legible returns the text of a notice as the person concerned reads it, with the own
// name and number in it. It is called where that text was asked for, and nothing else
// of the API is taken out of its mask.
func legible(notice idv.Sensitive) string { return notice.Reveal() }
