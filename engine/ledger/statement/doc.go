// Package export reads the usage export of a vendor's console: a line per window of
// ten minutes with a serial number, from and to, a note, and how many calls were
// billed, as section three of the vendor's guide shows it. It takes CSV, in UTF-8 or
// GB18030, and XLSX, finds the columns by their names and refuses whatever it does
// not understand, with row and column, for a line read wrong is money counted wrong.
//
// The errors hold no text of the file but the names of the columns: it might be the
// wrong file, and full of people.
package statement
