// Package notice makes the text that a person reads before agreeing: templates that
// are versioned, never changed and named by their hash, with typed blanks that must
// all be filled.
//
// A template is one file: a YAML part between two lines of three hyphens, which names
// the template and declares its blanks, and below it the text in sections. A section
// begins with a line as `## [purpose] Why we ask`; a blank stands in the text as
// {{purpose}}, one part of a party as {{controller.name}}. What is rendered is plain
// text, which a page must show as such: it is no Markdown and no HTML.
//
// A text that was shown can be made again from its template and its values, byte for
// byte, in any later version of this program: everything that shapes the text stands
// in the template, nothing in code that may be improved. That is why only the values
// are stored, sealed ([EncodeValues]), and never the text.
//
// The law behind it: PIPL art. 14, 15, 17, 23 and 28 to 31, and the Network Data
// Security Regulation art. 21. Shipped texts are a good start and no legal advice.
package notice
