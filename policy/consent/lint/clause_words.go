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

// clausesDenied are ways to say that the notice holds no such clause, or that one would
// not apply.
func clausesDenied() []string {
	return []string{
		"不含|不包含|不存在|没有|并无|绝无|不采用|不会写|不写|不得写 .. 之类|字样|的约定|的条款|类条款|的表述|这类|此类|等约定|等条款 ! 期限|终止|仍",
		"凡|任何|所有|一切|如有|写明|载明|规定|要求 .. 约定|条款|字样|表述|内容 .. 无效|不适用|不生效|不具有|不具|不发生|没有效力|不作数|不算数|不予适用|没有法律效力|没有约束力 ! 仍|不影响|继续|撤回的声明",
		"not true that|untrue that|not the case that|wrong to say",
		"_no_ ~ clause|term_|terms|provision|wording|rule .. stops|prevents|may|can|takes|makes|says|allows ! remain|consent stays",
		"any|no|such a ~ clause|term_|terms|provision|wording .. void|not apply|no effect|invalid|ineffective|unenforceable|not bind ! remain|surviv|stand|continue|affect|consent|authori|permission",
	}
}
