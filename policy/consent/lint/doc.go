// Package lint reads a notice as a lawyer would who has little time: it finds clauses
// that conflict with the law on personal information, and what every notice must say
// and this one does not. Each finding names the article and proposes a sentence.
//
// It works by tables of words, in Chinese and English, over a text that is brought
// into one form first: spaces, full-width letters, punctuation and marks of Markdown
// make no difference. The tables are patterns (pattern) over concepts (lexicon): who
// takes back, what ends, who else gets data, each with the words that drafters have for
// it. It knows how clauses are turned around ("not irrevocable"), and what excuses them
// ("you may withdraw at any time"); an excuse that is itself denied excuses nothing. Some
// patterns go by the topic, some look at two sentences at once, and a clause that only
// says which clauses do not apply is let pass. It does not understand a text: no finding
// is no proof that a notice is lawful, and a finding is a question to somebody who can
// answer it.
//
// The rules are those of PIPL (个人信息保护法), the Network Data Security Regulation
// (网络数据安全管理条例), the Civil Code (民法典) and the Credit-Reporting Regulation
// (征信业管理条例).
package lint
