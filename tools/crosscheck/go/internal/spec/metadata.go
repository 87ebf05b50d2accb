package spec

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
)

type commitMetadataEncodeInput struct {
	Base        Decimal `json:"base"`
	Settled     []Range `json:"settled"`
	LeaderEpoch *int64  `json:"leaderEpoch"`
	MaxChars    int64   `json:"maxChars"`
}

type commitMetadataEncodeAnswer struct {
	Metadata  string `json:"metadata"`
	Truncated bool   `json:"truncated"`
}

func commitMetadataEncode(in commitMetadataEncodeInput) (commitMetadataEncodeAnswer, error) {
	end := int64(in.Base)
	for _, r := range in.Settled {
		if r.From <= end {
			return commitMetadataEncodeAnswer{}, fmt.Errorf("input.settled has %d, not above %d", r.From, end)
		}
		end = r.To
	}
	if in.LeaderEpoch != nil {
		if err := within("leaderEpoch", *in.LeaderEpoch, 0, maxInt32); err != nil {
			return commitMetadataEncodeAnswer{}, err
		}
	}
	metadata, kept := encodeMetadata(int64(in.Base), in.Settled, in.LeaderEpoch, in.MaxChars)
	return commitMetadataEncodeAnswer{metadata, kept < len(in.Settled)}, nil
}

type commitMetadataDecodeInput struct {
	CommittedOffset Decimal `json:"committedOffset"`
	Metadata        string  `json:"metadata"`
}

type commitMetadataDecodeAnswer struct {
	Settled     []Range `json:"settled"`
	LeaderEpoch *int64  `json:"leaderEpoch"`
	Truncated   bool    `json:"truncated"`
	Rejected    *string `json:"rejected"`
}

func commitMetadataDecode(in commitMetadataDecodeInput) (commitMetadataDecodeAnswer, error) {
	answer, rejected := decodeMetadata(in.Metadata, int64(in.CommittedOffset))
	if rejected != "" { // SLC-CMD-007, -009
		return commitMetadataDecodeAnswer{Settled: []Range{}, Rejected: &rejected}, nil
	}
	return answer, nil
}

const (
	metadataPrefix = "slc1."
	maxMetadata    = 65535
	flagBitmap     = 1
	flagTruncated  = 2
	flagEpoch      = 4
	crcBytes       = 4
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	metadata64 = base64.RawURLEncoding.Strict()
)

// encodeMetadata writes as many of the settled ranges as fit, and tells how many that are (7.2).
func encodeMetadata(base int64, settled []Range, epoch *int64, maxChars int64) (metadata string, kept int) {
	maxChars = min(maxChars, maxMetadata)
	head := binary.AppendUvarint([]byte{0}, uint64(base))
	if epoch != nil { // SLC-CMD-006
		head[0] |= flagEpoch
		head = binary.AppendUvarint(head, uint64(*epoch))
	}
	// The shorter body grows with each pair, so that the last prefix that fits is the longest (SLC-CMD-003).
	runs, runsKept := []byte{}, 0
	for end, grown, i := base, []byte(nil), 0; i < len(settled); i++ {
		grown = binary.AppendUvarint(grown, uint64(settled[i].From-end))
		grown = binary.AppendUvarint(grown, uint64(settled[i].To-settled[i].From))
		end = settled[i].To
		body := min(int64(len(grown)), bitmapLength(end-base))
		if metadataChars(int64(len(head))+body+crcBytes) > maxChars {
			break
		}
		runs, runsKept = grown, i+1
	}
	if runsKept == 0 { // SLC-CMD-001
		return "", 0
	}
	settled, truncated := settled[:runsKept], runsKept < len(settled)
	if truncated {
		head[0] |= flagTruncated
	}
	payload := head
	if n := settled[runsKept-1].To - base; bitmapLength(n) < int64(len(runs)) { // SLC-CMD-002
		payload[0] |= flagBitmap
		payload = appendBitmap(payload, base, n, settled)
	} else {
		payload = append(payload, runs...)
	}
	return sealMetadata(payload), runsKept
}

func sealMetadata(payload []byte) string {
	payload = binary.BigEndian.AppendUint32(payload, metadataChecksum(payload))
	return metadataPrefix + metadata64.EncodeToString(payload) + "."
}

func bitmapLength(n int64) int64 {
	return int64(len(binary.AppendUvarint(nil, uint64(n)))) + (n+7)/8
}

func appendBitmap(to []byte, base, n int64, settled []Range) []byte {
	to = binary.AppendUvarint(to, uint64(n))
	bits := make([]byte, (n+7)/8)
	for _, r := range settled {
		for i := r.From - base; i < r.To-base; i++ {
			bits[i/8] |= 1 << (i % 8)
		}
	}
	return append(to, bits...)
}

func metadataChars(payload int64) int64 {
	return int64(len(metadataPrefix)) + (payload*8+5)/6 + 1
}

func metadataChecksum(payload []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte(metadataPrefix), castagnoli), castagnoli, payload)
}

// decodeMetadata reads from left to right; the first failure counts (SLC-CMD-008).
func decodeMetadata(metadata string, committed int64) (answer commitMetadataDecodeAnswer, rejected string) {
	answer.Settled = []Range{}
	if metadata == "" {
		return answer, ""
	}
	text, ours := strings.CutPrefix(metadata, metadataPrefix)
	if !ours {
		return answer, "foreign"
	}
	if len(metadata) > maxMetadata {
		return answer, "too-long"
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\x00"), ".")
	if strings.ContainsAny(text, "\r\n") { // which Go's decoder skips
		return answer, "alphabet"
	}
	payload, err := metadata64.DecodeString(text)
	if err != nil {
		return answer, "alphabet"
	}
	if len(payload) < 1+crcBytes {
		return answer, "short"
	}
	payload, crc := payload[:len(payload)-crcBytes], payload[len(payload)-crcBytes:]
	if metadataChecksum(payload) != binary.BigEndian.Uint32(crc) {
		return answer, "checksum"
	}
	flags, rest := payload[0], varints(payload[1:])
	if flags&^(flagBitmap|flagTruncated|flagEpoch) != 0 {
		return answer, "flags"
	}
	base, ok := rest.next()
	if !ok {
		return answer, "varint"
	}
	if base != committed {
		return answer, "base"
	}
	if flags&flagEpoch != 0 {
		epoch, ok := rest.next()
		if !ok || epoch > maxInt32 {
			return answer, "varint"
		}
		answer.LeaderEpoch = &epoch
	}
	answer.Truncated = flags&flagTruncated != 0
	if flags&flagBitmap != 0 {
		rejected = answer.readBitmap(rest, base)
	} else {
		rejected = answer.readRuns(rest, base)
	}
	return answer, rejected
}

func (a *commitMetadataDecodeAnswer) readRuns(rest varints, end int64) (rejected string) {
	if len(rest) == 0 {
		return "runs"
	}
	for len(rest) > 0 {
		gap, ok := rest.next()
		if !ok {
			return "varint"
		}
		if gap == 0 {
			return "runs"
		}
		from := end + gap
		if from > maxSafe {
			return "overflow"
		}
		if len(rest) == 0 {
			return "runs"
		}
		done, ok := rest.next()
		if !ok {
			return "varint"
		}
		if done == 0 {
			return "runs"
		}
		end = from + done
		if end-1 > maxSafe {
			return "overflow"
		}
		a.Settled = append(a.Settled, Range{from, end})
	}
	return ""
}

func (a *commitMetadataDecodeAnswer) readBitmap(rest varints, base int64) (rejected string) {
	n, ok := rest.next()
	if !ok {
		return "varint"
	}
	bit := func(i int64) bool { return rest[i/8]>>(i%8)&1 != 0 }
	if n == 0 || int64(len(rest)) != (n+7)/8 || bit(0) || !bit(n-1) {
		return "bitmap"
	}
	for i := n; i < int64(len(rest))*8; i++ {
		if bit(i) {
			return "bitmap"
		}
	}
	if base+n-1 > maxSafe {
		return "overflow"
	}
	for i := int64(1); i < n; i++ {
		switch {
		case !bit(i):
		case bit(i - 1):
			a.Settled[len(a.Settled)-1].To++
		default:
			a.Settled = append(a.Settled, Range{base + i, base + i + 1})
		}
	}
	return ""
}

// varints are bytes that begin with unsigned LEB128.
type varints []byte

// next takes one of the shortest form, up to 2^53 - 1.
func (v *varints) next() (int64, bool) {
	value, length := binary.Uvarint(*v)
	if length <= 0 || value > maxSafe || length > 1 && (*v)[length-1] == 0 {
		return 0, false
	}
	*v = (*v)[length:]
	return int64(value), true
}
