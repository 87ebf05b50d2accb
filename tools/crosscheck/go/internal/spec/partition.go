package spec

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"hash/fnv"
)

type partitionInput struct {
	Partitioner string  `json:"partitioner"`
	Key         *Hex    `json:"key"`
	Counts      []int64 `json:"counts"`
}

type partitionAnswer struct {
	Hash       *int64  `json:"hash"`
	Partitions []int64 `json:"partitions"`
}

func partition(in partitionInput) (partitionAnswer, error) {
	partitioner, known := partitioners[in.Partitioner]
	if !known {
		return partitionAnswer{}, fmt.Errorf("input.partitioner %q is not of Appendix B.5", in.Partitioner)
	}
	for _, n := range in.Counts {
		if err := within("counts", n, 1, maxInt32); err != nil {
			return partitionAnswer{}, err
		}
	}
	if in.Key == nil { // SLC-PRT-001
		return partitionAnswer{}, nil
	}
	hash := partitioner.hash([]byte(*in.Key))
	answer := partitionAnswer{Hash: &hash, Partitions: []int64{}}
	for _, n := range in.Counts {
		answer.Partitions = append(answer.Partitions, partitioner.fold(hash, n))
	}
	return answer, nil
}

type partitioner struct {
	hash func(key []byte) int64
	fold func(hash, n int64) int64
}

var partitioners = map[string]partitioner{
	"murmur2":    {murmur2, mask},
	"crc32":      {func(key []byte) int64 { return int64(crc32.ChecksumIEEE(key)) }, remainder},
	"fnv1a-abs":  {fnv1a, absolute},
	"fnv1a-mask": {fnv1a, mask},
}

func (p partitioner) partition(key []byte, n int64) int64 { return p.fold(p.hash(key), n) }

func remainder(hash, n int64) int64 { return hash % n }

func mask(hash, n int64) int64 { return hash & 0x7fffffff % n }

func absolute(hash, n int64) int64 { return max(hash%n, -(hash % n)) }

func fnv1a(key []byte) int64 {
	h := fnv.New32a()
	h.Write(key)
	return int64(int32(h.Sum32()))
}

// murmur2 is MurmurHash2 as Kafka has it (8.1).
func murmur2(key []byte) int64 {
	const m = 0x5BD1E995
	h := 0x9747B28C ^ uint32(len(key))
	for ; len(key) >= 4; key = key[4:] {
		k := binary.LittleEndian.Uint32(key) * m
		k ^= k >> 24
		h = h*m ^ k*m
	}
	if len(key) > 0 {
		for i, b := range key {
			h ^= uint32(b) << (8 * i)
		}
		h *= m
	}
	h ^= h >> 13
	h *= m
	h ^= h >> 15
	return int64(int32(h))
}
