package main

import "github.com/heyan-id/heyan/engine/idv"

// legible returns the text of a notice as the person concerned reads it, with the own
// name and number in it. No other text of the command line is taken out of its mask.
func revealNotice(notice idv.Sensitive) string { return notice.Reveal() }
