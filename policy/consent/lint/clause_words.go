package lint

// words are what a rule looks for in a clause: one of finds, and in the same part of
// the sentence none of unless.
type words struct {
	id            string
	finds, unless []string
	pairs         []string // may be spread over two clauses
}

// clauseWords are the rules over clauses: the words of lawyers and of people who hope
// that nobody reads. A new wording is a new word in a concept or here, and a line in
// testdata.
func clauseWords() []words {
	return []words{
		irrevocable(), unlimited(), unnamedRecipients(), noFurtherConsent(), excessData(),
		adverseData(), bundledPurposes(), allConsequences(), independence(),
	}
}
