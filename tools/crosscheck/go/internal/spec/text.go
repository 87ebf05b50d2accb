package spec

import (
	"errors"
	"strings"
	"unicode/utf8"
)

type boundTextInput struct {
	Text       Hex   `json:"text"`
	MaxBytes   int64 `json:"maxBytes"`
	Neutralise bool  `json:"neutralise"`
}

type boundTextAnswer struct {
	Text Hex `json:"text"`
}

func boundText(in boundTextInput) (boundTextAnswer, error) {
	text := string(in.Text)
	if !utf8.ValidString(text) {
		return boundTextAnswer{}, errors.New("input.text is not well-formed UTF-8")
	}
	if err := within("maxBytes", in.MaxBytes, 3, maxSafe); err != nil {
		return boundTextAnswer{}, err
	}
	if in.Neutralise {
		text = neutralise(text)
	}
	return boundTextAnswer{Hex(bound(text, in.MaxBytes))}, nil
}

// bound cuts text at the end of a code point (SLC-ENV-010).
func bound(text string, maxBytes int64) string {
	const ellipsis = "…"
	if int64(len(text)) <= maxBytes {
		return text
	}
	end := maxBytes - int64(len(ellipsis))
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}

// neutralise replaces what breaks lines or terminals by spaces (SLC-SEC-002).
func neutralise(text string) string {
	return strings.Map(func(r rune) rune {
		if r <= 0x1f || 0x7f <= r && r <= 0x9f || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, text)
}
