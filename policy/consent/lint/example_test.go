package lint_test

import (
	"fmt"

	"github.com/heyan-id/heyan/policy/consent/lint"
)

func ExampleLint() {
	for _, f := range lint.Lint("This consent is irrevocable.") {
		if f.Line > 0 {
			fmt.Printf("%d:%d %s, %s\n", f.Line, f.Column, f.ID, f.Article.EN)
			fmt.Println("write:", f.Proposal.EN)
		}
	}
	// Output:
	// 1:17 irrevocable, PIPL art. 15
	// write: You may withdraw your consent at any time by …; checks that were done before stay valid.
}

func ExampleRules() {
	for _, r := range lint.Rules() {
		if r.Severity == lint.Doubt {
			fmt.Println(r.ID, r.Article.In("zh-CN"))
		}
	}
	// Output: fine-print 《个人信息保护法》第十七条
}
