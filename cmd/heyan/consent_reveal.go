package main

import "github.com/heyan-id/heyan/engine/idv"

// revealNotice returns the text of a notice in clear, for the person concerned. It is the
// only personal data that the command line reveals.
func revealNotice(notice idv.Sensitive) string { return notice.Reveal() }
