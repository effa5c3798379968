package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMerge(t *testing.T) {
	lists := []list{
		{"200212", map[string]string{"110101": "东城区", "330901": "市辖区", "110103": "崇文区"}},
		{"201607", map[string]string{"110101": "东城区", "330901": "市辖区", "110118": "密云区", "110199": "甲区"}},
		{mixed, map[string]string{"450111": "市郊区"}},
		{ancient, map[string]string{"110101": "市辖区", "532201": "市辖区", "321083": "兴化市"}},
		{current, map[string]string{"110101": "东城区", "110118": "密云区", "653228": "和康县", "810101": "中西区", "810000": "香港"}},
	}
	want := map[string]span{
		"110101": {},           // in every list; one calls it a heading
		"110103": {Last: 2016}, // gone in the second revision
		"110118": {First: 2002},
		"110199": {First: 2002}, // ended after the last revision
		"450111": {},
		"532201": {Last: 2002}, // a city's place: no heading there
		"321083": {Last: 2002},
		"653228": {First: 2016},
		"810000": {First: 2016},
		// 330901 is a heading; 810101 begins no resident number.
	}
	for code, s := range errata {
		want[code] = s
	}
	if diff := cmp.Diff(want, merge(lists)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
