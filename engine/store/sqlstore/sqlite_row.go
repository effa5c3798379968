package sqlstore

import (
	"database/sql/driver"
	"fmt"
	"reflect"
)

// liteRow is a row as the driver returns it: int64, string, []byte or nil for each column.
type liteRow []driver.Value

// Scan copies the columns into variables of their kinds. A NULL fits none.
func (r liteRow) Scan(dest ...any) error {
	if len(dest) != len(r) {
		return fmt.Errorf("a row has %d columns, %d were expected", len(r), len(dest))
	}
	for i, value := range r {
		if !assign(dest[i], value) {
			return fmt.Errorf("column %d is a %T, which does not fit %T", i+1, value, dest[i])
		}
	}
	return nil
}

// assign reports whether a value fits a variable.
func assign(dest any, value driver.Value) bool {
	switch d := dest.(type) {
	case *string:
		text, ok := value.(string)
		*d = text
		return ok
	case *int64:
		n, ok := value.(int64)
		*d = n
		return ok
	case *[]byte:
		bytes, ok := value.([]byte)
		*d = bytes
		return ok
	}
	if value == nil {
		return false
	}
	to, from := reflect.ValueOf(dest).Elem(), reflect.ValueOf(value)
	numbers := to.CanInt() && from.CanInt()
	if !numbers && to.Kind() != from.Kind() || numbers && to.OverflowInt(from.Int()) {
		return false
	}
	to.Set(from.Convert(to.Type()))
	return true
}
