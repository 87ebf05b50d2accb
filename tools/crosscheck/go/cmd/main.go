// Crosscheck answers the vectors of the Sluice specification: JSON Lines on stdin and stdout, or with -vectors those
// of a directory.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log"
	"os"
	"runtime"
	"unicode/utf8"

	"sluice.dev/spec/crosscheck/internal/spec"
)

func main() {
	log.SetFlags(0)
	directory := flag.String("vectors", "", "run the *_test.json files of this `directory`")
	flag.Parse()
	if *directory != "" {
		ok, err := runVectors(*directory, os.Stdout)
		if err != nil {
			log.Fatal(err)
		}
		if !ok {
			os.Exit(1)
		}
		return
	}
	if err := serve(os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

type command struct {
	ID    json.RawMessage `json:"id"`
	Cmd   string          `json:"cmd"`
	Op    string          `json:"op"`
	Input json.RawMessage `json:"input"`
}

type reply struct {
	ID    json.RawMessage `json:"id"`
	OK    any             `json:"ok,omitempty"`
	Error *failure        `json:"error,omitempty"`
}

type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// serve answers a line with a line, until `stop` or the end of its input.
func serve(in io.Reader, out io.Writer) error {
	lines := bufio.NewReader(in)
	answers := json.NewEncoder(out)
	answers.SetEscapeHTML(false)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil { // a line without its end is none
			return ignoreEOF(err)
		}
		answer, stop := handle(line)
		if answer.ID == nil {
			log.Printf("a line that cannot be answered: %s", answer.Error.Message)
			continue
		}
		if err := answers.Encode(answer); err != nil || stop {
			return err
		}
	}
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

func handle(line []byte) (answer reply, stop bool) {
	var c command
	err := json.Unmarshal(line, &c)
	if err == nil && !utf8.Valid(line) { // which encoding/json repairs in silence
		err = errors.New("the line is not well-formed UTF-8")
	}
	if err == nil && c.ID == nil {
		err = errors.New("there is no id")
	}
	if err != nil {
		return reply{ID: c.ID, Error: &failure{"input", err.Error()}}, false
	}
	answer = reply{ID: c.ID}
	switch c.Cmd {
	case "hello":
		answer.OK = hello()
	case "vector":
		ok, err := spec.Answer(c.Op, c.Input)
		if err != nil {
			answer.Error = failureOf(err)
		} else {
			answer.OK = ok
		}
	case "stop":
		answer.OK = map[string]bool{"forced": false}
		stop = true
	default:
		answer.Error = &failure{"unsupported", "there is no command " + c.Cmd}
	}
	return answer, stop
}

func failureOf(err error) *failure {
	if errors.Is(err, spec.ErrUnsupported) {
		return &failure{"unsupported", err.Error()}
	}
	return &failure{"input", err.Error()}
}

func hello() any {
	return map[string]any{
		"protocol":     1,
		"spec":         spec.Version,
		"name":         "crosscheck-go",
		"version":      spec.Version,
		"language":     "go",
		"runtime":      runtime.Version(),
		"client":       map[string]string{"name": "none", "version": "0"},
		"capabilities": map[string]any{"vectors": spec.Operations()},
	}
}
