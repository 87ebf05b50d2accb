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
		if err != nil && err != io.EOF {
			return err
		}
		if len(line) > 0 {
			var c command
			answer, stop := handle(line, &c)
			if err := answers.Encode(answer); err != nil {
				return err
			}
			if stop {
				return nil
			}
		}
		if err == io.EOF {
			return nil
		}
	}
}

func handle(line []byte, c *command) (answer reply, stop bool) {
	if err := json.Unmarshal(line, c); err != nil {
		return reply{Error: &failure{"input", err.Error()}}, false
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
