package abuse

import "testing"

func TestFold(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"a number", "11010120990101005X", "11010120990101005X"},
		{"small x", "11010120990101005x", "11010120990101005X"},
		{"roman ten", "11010120990101005Ⅹ", "11010120990101005X"},
		{"full width", "１１ａｂ－（Ｚ）", "11ABZ"},
		{"Han", "测试", "测试"},
		{"middle dots", "买买提·艾力•汗・丁", "买买提艾力汗丁"},
		{"spaces of all kinds", " 测\u3000试\u00a0\t\u200b", "测试"},
		{"Latin", "O'Neil-van Dyk, Jr.", "ONEILVANDYKJR"},
		{"rare characters", "\U00020000\ue000", "\U00020000\ue000"},
		{"marks alone stay", "···", "···"},
		{"broken text", "\xff1\xfe", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fold(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
