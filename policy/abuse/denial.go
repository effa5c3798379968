package abuse

import (
	"github.com/heyan-id/heyan/engine/idv"
	"github.com/heyan-id/heyan/policy"
)

// RuleGuard is the id of every denial because of guessing or a canary. There is one
// for all, with one text: who guesses shall not learn which axis he hit. The
// [Event] says it to the operator.
const RuleGuard = "guard"

// The words of a denial blame nobody, and those of a limit on the person are the
// guard's too, so that they tell nothing of it.
var (
	subjectWords = policy.Reason{
		ZH: "暂时不能再核验此人的信息，请稍后再试。",
		EN: "This person's details cannot be verified again for now. Please try again later.",
	}
	rateWords = policy.Reason{
		ZH: "请求次数已达上限，请稍后再试。",
		EN: "The limit on the number of requests is reached. Please try again later.",
	}
)

// denial returns a denial in the words of its failure.
func denial(rule string, failure idv.Failure) *policy.Denial {
	words := subjectWords
	if failure == idv.Throttled {
		words = rateWords
	}
	words.Rule = rule
	return &policy.Denial{Decision: policy.Deny(words), Failure: failure}
}
