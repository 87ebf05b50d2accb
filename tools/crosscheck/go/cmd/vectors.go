package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"sluice.dev/spec/crosscheck/internal/spec"
)

type vectorFile struct {
	TestGroups []struct {
		Type   string                     `json:"type"`
		Params map[string]json.RawMessage `json:"params"`
		Tests  []vectorTest               `json:"tests"`
	} `json:"testGroups"`
}

type vectorTest struct {
	TcID      int                        `json:"tcId"`
	Comment   string                     `json:"comment"`
	Input     map[string]json.RawMessage `json:"input"`
	Expect    json.RawMessage            `json:"expect"`
	Withdrawn bool                       `json:"withdrawn"`
}

// runVectors compares our answers with those of all files of a directory (Appendix D.1). Operations that we do not
// know are skipped; having answered one that is `acceptable`, we have to answer as expected.
func runVectors(directory string, out io.Writer) (ok bool, err error) {
	paths, err := filepath.Glob(filepath.Join(directory, "*_test.json"))
	if err != nil {
		return false, err
	}
	if len(paths) == 0 {
		return false, fmt.Errorf("%s has no *_test.json", directory)
	}
	ok = true
	for _, path := range paths {
		passed, err := runFile(path, out)
		if err != nil {
			return false, fmt.Errorf("%s: %w", path, err)
		}
		ok = ok && passed
	}
	return ok, nil
}

func runFile(path string, out io.Writer) (ok bool, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return false, err
	}
	var file vectorFile
	if err := json.Unmarshal(text, &file); err != nil {
		return false, err
	}
	const shown = 5
	passed, skipped := 0, 0
	var differences []string
	for _, group := range file.TestGroups {
		for _, test := range group.Tests {
			if test.Withdrawn || !slices.Contains(spec.Operations(), group.Type) {
				skipped++
				continue
			}
			difference, err := test.run(group.Type, group.Params)
			if err != nil {
				return false, fmt.Errorf("test %d: %w", test.TcID, err)
			}
			if difference == "" {
				passed++
			} else {
				differences = append(differences, difference)
			}
		}
	}
	fmt.Fprintf(out, "%s: %d passed, %d failed, %d skipped\n", filepath.Base(path), passed, len(differences), skipped)
	for _, difference := range differences[:min(len(differences), shown)] {
		fmt.Fprint(out, difference)
	}
	return len(differences) == 0, nil
}

// run gives the difference between the answer and what was expected, "" when there is none.
func (t *vectorTest) run(op string, params map[string]json.RawMessage) (difference string, err error) {
	merged := map[string]json.RawMessage{}
	maps.Copy(merged, params)
	maps.Copy(merged, t.Input)
	input, err := json.Marshal(merged)
	if err != nil {
		return "", err
	}
	answer, failed := spec.Answer(op, input)
	var got []byte
	if failed == nil {
		if got, err = json.Marshal(answer); err != nil {
			return "", err
		}
		same, err := equal(got, t.Expect)
		if same || err != nil {
			return "", err
		}
	} else {
		got = []byte(failed.Error())
	}
	return fmt.Sprintf("  test %d (%s) %s\n    input  %s\n    expect %s\n    got    %s\n",
		t.TcID, t.Comment, op, input, t.Expect, got), nil
}

// equal compares JSON whatever the order of fields, and numbers by their digits.
func equal(a, b []byte) (bool, error) {
	var values [2]any
	for i, text := range [][]byte{a, b} {
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.UseNumber()
		if err := decoder.Decode(&values[i]); err != nil {
			return false, err
		}
	}
	return reflect.DeepEqual(values[0], values[1]), nil
}
