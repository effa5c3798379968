package config

import (
	"maps"
	"reflect"
	"slices"
)

// leaves visits every single value of a configuration with its path, in the
// order of the file.
func leaves(c Config, visit func(path string, v reflect.Value)) {
	walk("", reflect.ValueOf(c), visit)
}

func walk(path string, v reflect.Value, visit func(string, reflect.Value)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			walk(join(path, keyOf(v.Type().Field(i))), v.Field(i), visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walk(at(path, i), v.Index(i), visit)
		}
	case reflect.Map:
		texts := v.Convert(reflect.TypeFor[map[string]string]()).Interface().(map[string]string)
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			walk(join(path, safeKey(key)), reflect.ValueOf(texts[key]), visit)
		}
	default:
		visit(path, v)
	}
}
