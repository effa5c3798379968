package main

import "time"

func page([]result, options, time.Time) string { return "" }
func replacePart(string, string) error         { return nil }
func chart([]result) string                    { return "" }
