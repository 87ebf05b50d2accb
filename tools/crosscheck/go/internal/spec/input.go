package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// decode fills a struct from JSON, stricter than encoding/json, as operations.schema.json is: names match exactly, every
// field has to be there unless its tag says "optional", no other may, and null goes only into pointers.
func decode(raw json.RawMessage, into any) error {
	return fill("input", raw, reflect.ValueOf(into).Elem())
}

func fill(where string, raw json.RawMessage, v reflect.Value) error {
	null := string(raw) == "null"
	if v.Kind() == reflect.Pointer {
		if null {
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return fill(where, raw, v.Elem())
	}
	if null {
		return fmt.Errorf("%s is null", where)
	}
	if own, ok := v.Addr().Interface().(json.Unmarshaler); ok {
		if err := own.UnmarshalJSON(raw); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		return nil
	}
	switch v.Kind() {
	case reflect.Struct:
		return fillStruct(where, raw, v)
	case reflect.Slice:
		return fillSlice(where, raw, v)
	default:
		if err := json.Unmarshal(raw, v.Addr().Interface()); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		return nil
	}
}

func fillStruct(where string, raw json.RawMessage, v reflect.Value) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	for i := range v.NumField() {
		name, option, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		value, there := fields[name]
		delete(fields, name)
		if !there {
			if option == "optional" {
				continue
			}
			return fmt.Errorf("%s.%s is missing", where, name)
		}
		if err := fill(where+"."+name, value, v.Field(i)); err != nil {
			return err
		}
	}
	if len(fields) > 0 {
		return fmt.Errorf("%s has unknown fields: %s", where, slices.Sorted(maps.Keys(fields)))
	}
	return nil
}

func fillSlice(where string, raw json.RawMessage, v reflect.Value) error {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return fmt.Errorf("%s: %w", where, err)
	}
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		if err := fill(fmt.Sprintf("%s[%d]", where, i), item, v.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

// within refuses a number of the input that is out of its range.
func within(where string, value, least, greatest int64) error {
	if value < least || value > greatest {
		return fmt.Errorf("input.%s is %d, which is not from %d to %d", where, value, least, greatest)
	}
	return nil
}
