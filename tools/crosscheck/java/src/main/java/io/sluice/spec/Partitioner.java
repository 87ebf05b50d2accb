package io.sluice.spec;

import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.apache.kafka.common.utils.Utils;

/** Section 8: from the bytes of a key to a partition. */
enum Partitioner {
  MURMUR2 {
    @Override
    long hash(byte[] key) {
      return Utils.murmur2(key);
    }

    @Override
    int fold(long hash, int count) {
      return masked(hash, count);
    }
  },
  CRC32 {
    @Override
    long hash(byte[] key) {
      var crc = new CRC32();
      crc.update(key);
      return crc.getValue();
    }

    @Override
    int fold(long hash, int count) {
      return (int) (hash % count);
    }
  },
  FNV1A_ABS {
    @Override
    long hash(byte[] key) {
      return fnv1a(key);
    }

    @Override
    int fold(long hash, int count) {
      return (int) Math.abs(hash % count);
    }
  },
  FNV1A_MASK {
    @Override
    long hash(byte[] key) {
      return fnv1a(key);
    }

    @Override
    int fold(long hash, int count) {
      return masked(hash, count);
    }
  };

  static final Map<String, Partitioner> BY_NAME =
      Map.of(
          "murmur2", MURMUR2, "crc32", CRC32, "fnv1a-abs", FNV1A_ABS, "fnv1a-mask", FNV1A_MASK);

  /** The operation Partition. Both are null without a key (SLC-PRT-001). */
  record Partitioned(Long hash, List<Integer> partitions) {
    static Partitioned answer(Value in) {
      var partitioner = in.get("partitioner").oneOf(BY_NAME);
      var key = in.get("key").orNull(Value::bytes);
      var counts = in.get("counts").list(count -> count.integer(1));
      if (counts.isEmpty()) throw new InvalidInput("input.counts is empty");
      if (key == null) return new Partitioned(null, null);
      var hash = partitioner.hash(key);
      return new Partitioned(
          hash, counts.stream().map(count -> partitioner.fold(hash, count)).toList());
    }
  }

  int partition(byte[] key, int count) {
    return fold(hash(key), count);
  }

  /** Signed 32 bits, of crc32 unsigned. */
  abstract long hash(byte[] key);

  abstract int fold(long hash, int count);

  private static int masked(long hash, int count) {
    return (int) (hash & 0x7fffffff) % count;
  }

  private static int fnv1a(byte[] key) {
    var hash = 0x811C9DC5;
    for (var b : key) hash = (hash ^ (b & 0xFF)) * 0x01000193;
    return hash;
  }
}
