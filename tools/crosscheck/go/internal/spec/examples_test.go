package spec

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

// The worked examples of the text, which need no vector.
func TestExamplesOfTheText(t *testing.T) {
	policy := `{"maxAttempts":9,"backoff":{"type":"exponential","initialMs":1000,"maxMs":10000,` +
		`"factor":{"numerator":3,"denominator":2}}}`
	backoff := func(attempt string) string {
		return `{"policy":` + policy + `,"attempt":` + attempt + `,"previousDelayMs":null,"random":0}`
	}
	for _, example := range []struct{ section, op, input, expect string }{
		{"3.7", "BoundText",
			`{"text":"61626364c3a9666768","maxBytes":8,"neutralise":false}`, `{"text":"61626364e280a6"}`},
		{"4.2", "BackoffDelay", backoff("3"), `{"delayMs":2250}`},
		{"4.2", "BackoffDelay", backoff("6"), `{"delayMs":7593}`},
		{"4.2", "BackoffDelay", backoff("7"), `{"delayMs":10000}`},
		{"5.5", "Move",
			`{"move":"dead-letter","record":{"topic":"orders","partition":3,"offset":"42","timestamp":"1700000000000",` +
				`"key":"6b31","value":null,"headers":[["63655f6964","37"]]},"trusted":false,"group":"billing","attempts":5,` +
				`"error":{"kind":"timeout","class":"TimeoutError","code":null,"message":"no answer","stack":null},` +
				`"writeStack":false,"reason":"retries-exhausted","firstFailedAt":"1700000000100",` +
				`"failedAt":"1700000009000","now":"1700000009001","cluster":null,"partitionCount":null,` +
				`"leaderEpoch":null,"target":{"topic":"orders.dlq","partitions":2},"maxBytes":1000000}`,
			`{"record":{"topic":"orders.dlq","partition":1,"timestamp":"1700000009001","key":"6b31","value":null,` +
				`"headers":` + headersOf(
				"ce_id", "7",
				"sluice-spec", "1",
				"sluice-group", "billing",
				"sluice-retry-count", "4",
				"sluice-origin-topic", "orders",
				"sluice-origin-partition", "3",
				"sluice-origin-offset", "42",
				"sluice-origin-timestamp", "1700000000000",
				"sluice-first-failed-at", "1700000000100",
				"sluice-failed-at", "1700000009000",
				"sluice-error-kind", "timeout",
				"sluice-error-class", "TimeoutError",
				"sluice-error-message", "no answer",
				"sluice-history", `[{"n":5,"at":"1700000009000","k":"timeout"}]`,
				"sluice-dlq-reason", "retries-exhausted",
				"sluice-hops", "1") + `}}`},
		{"6.2", "GateTrace",
			`{"events":[{"type":"assigned","position":"100"},` +
				`{"type":"fetched","offsets":["100","101","102","110"],"position":"111"},` +
				`{"type":"settled","offset":"101","epoch":1},{"type":"settled","offset":"100","epoch":1},` +
				`{"type":"settled","offset":"102","epoch":1},{"type":"settled","offset":"110","epoch":1}]}`,
			`{"steps":[{"frontier":"100","position":"100","settled":[]},` +
				`{"frontier":"100","position":"111","settled":[["103","110"]]},` +
				`{"frontier":"100","position":"111","settled":[["101","102"],["103","110"]]},` +
				`{"frontier":"102","position":"111","settled":[["103","110"]]},` +
				`{"frontier":"110","position":"111","settled":[]},{"frontier":"111","position":"111","settled":[]}]}`},
		{"7.4", "CommitMetadataEncode",
			`{"base":"0","settled":[["1","6"],["7","10"]],"leaderEpoch":null,"maxChars":4000}`,
			`{"metadata":"slc1.AQAKvgPSevLy.","truncated":false}`},
		{"7.4", "CommitMetadataDecode",
			`{"committedOffset":"5","metadata":"slc1.AAUByAGp3g3h."}`,
			`{"settled":[["6","206"]],"leaderEpoch":null,"truncated":false,"rejected":null}`},
		{"8.1", "Partition",
			`{"partitioner":"murmur2","key":"a7d6506c","counts":[12]}`, `{"hash":-2147483648,"partitions":[0]}`},
	} {
		answer, err := Answer(example.op, json.RawMessage(example.input))
		if err != nil {
			t.Errorf("%s: %v", example.section, err)
			continue
		}
		got, _ := json.Marshal(answer)
		if !sameJSON(t, string(got), example.expect) {
			t.Errorf("%s: got %s, the text has %s", example.section, got, example.expect)
		}
	}
}

func TestInputThatHasNotTheForm(t *testing.T) {
	for _, input := range []string{
		``, `null`, `[]`, `{}`,
		`{"Text":"","maxBytes":8,"neutralise":false}`,
		`{"text":"","maxBytes":8,"neutralise":false,"more":1}`,
		`{"text":null,"maxBytes":8,"neutralise":false}`,
		`{"text":"C3A9","maxBytes":8,"neutralise":false}`,
		`{"text":"c3","maxBytes":8,"neutralise":false}`,
		`{"text":"c","maxBytes":8,"neutralise":false}`,
		`{"text":"","maxBytes":2,"neutralise":false}`,
		`{"text":"","maxBytes":8.5,"neutralise":false}`,
	} {
		if answer, err := Answer("BoundText", json.RawMessage(input)); err == nil {
			t.Errorf("%s was taken: %v", input, answer)
		}
	}
}

func FuzzEnvelope(f *testing.F) {
	f.Add("sluice-history", `[{"n":1,"at":"2","k":"timeout","c":"E"},{"dropped":3}]`, true)
	f.Add("traceparent", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-03-more", false)
	f.Add("sluice-replayed-from", "a/1/2", true)
	f.Fuzz(func(t *testing.T, name, value string, trusted bool) {
		bytes := Hex(value)
		e := readEnvelope([]Header{{name, &bytes}, {"tracestate", &bytes}}, trusted)
		if e.History != nil && e.History.String() != value {
			t.Errorf("history %q was read as %s", value, e.History)
		}
		if e.Tracestate != nil && len(*e.Tracestate) > maxTracestate {
			t.Errorf("tracestate %q is too long", *e.Tracestate)
		}
	})
}

func FuzzCommitMetadata(f *testing.F) {
	f.Add([]byte{0, 100, 1, 1})
	f.Add([]byte{7, 0, 5, 10, 0xbe, 3})
	f.Fuzz(func(t *testing.T, body []byte) {
		text := sealMetadata(body)
		head := varints(body[min(1, len(body)):])
		base, _ := head.next()
		answer, rejected := decodeMetadata(text, base)
		if rejected != "" {
			return
		}
		again, kept := encodeMetadata(base, answer.Settled, answer.LeaderEpoch, maxMetadata)
		reread, rejected := decodeMetadata(again, base)
		if rejected != "" || kept == len(answer.Settled) && !reflect.DeepEqual(reread.Settled, answer.Settled) {
			t.Errorf("%s was read as %v, written as %s and then %s", text, answer.Settled, again, rejected)
		}
	})
}

func headersOf(namesAndValues ...string) string {
	var headers headerWriter
	for i := 0; i < len(namesAndValues); i += 2 {
		headers.add(namesAndValues[i], namesAndValues[i+1])
	}
	text, _ := json.Marshal(headers)
	return string(text)
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var values [2]any
	for i, text := range []string{a, b} {
		if err := json.NewDecoder(strings.NewReader(text)).Decode(&values[i]); err != nil {
			t.Fatal(err)
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}
