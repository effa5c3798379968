// Package advice says which package of calls to buy next, and when: from how much
// was used, what is left and what the vendor sells. It is pure: no clock, no store.
package forecast
