package io.sluice.vectors;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.zip.CRC32;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.common.utils.Utils;

/**
 * The vectors of {@code Partition}: murmur2 from Kafka's own classes, crc32 from the JDK's, and
 * FNV-1a, which neither has, from section 8 of the specification.
 */
final class PartitionerVectors {
  /** Mostly no powers of two: for those, masking the sign and reading unsigned agree. */
  private static final List<Integer> COUNTS = List.of(1, 2, 3, 5, 6, 7, 10, 12, 16, 50, 100, 1000);

  private static final List<Integer> FNV_COUNTS = List.of(1, 2, 3, 6, 10, 12, 16, 50, 100, 1000);

  private interface Fold {
    int partition(byte[] key, int count);
  }

  private record Partitioner(
      String name, String source, String requirement, ToLongFunction<byte[]> hash, Fold fold) {}

  static Map<String, Object> murmur2() {
    Partitioner partitioner =
        new Partitioner(
            "murmur2",
            "org.apache.kafka:kafka-clients:"
                + AppInfoParser.getVersion()
                + " Utils.murmur2 and BuiltInPartitioner.partitionForKey",
            "SLC-PRT-002",
            Utils::murmur2,
            BuiltInPartitioner::partitionForKey);
    return file(List.of(group(partitioner, COUNTS, Keys.all(), 1)));
  }

  static Map<String, Object> crc32() {
    Partitioner partitioner =
        new Partitioner(
            "crc32",
            "java.util.zip.CRC32, remainder of the unsigned value",
            "SLC-PRT-003",
            PartitionerVectors::crc32,
            (key, count) -> (int) (crc32(key) % count));
    return file(List.of(group(partitioner, COUNTS, Keys.all(), 1)));
  }

  static Map<String, Object> fnv1a() {
    String source = "section 8, written in Java; agrees with ";
    Partitioner abs =
        new Partitioner(
            "fnv1a-abs",
            source + "librdkafka fnv1a, sarama NewHashPartitioner, kafka-go Hash",
            "SLC-PRT-004",
            PartitionerVectors::fnv1a,
            (key, count) -> Math.abs(fnv1a(key) % count));
    Partitioner mask =
        new Partitioner(
            "fnv1a-mask",
            source + "sarama NewReferenceHashPartitioner, kafka-go ReferenceHash",
            "SLC-PRT-005",
            PartitionerVectors::fnv1a,
            (key, count) -> (fnv1a(key) & 0x7fffffff) % count);
    List<Keys.Key> keys = Keys.few();
    return file(
        List.of(group(abs, FNV_COUNTS, keys, 1), group(mask, FNV_COUNTS, keys, keys.size() + 2)));
  }

  private static long crc32(byte[] key) {
    CRC32 crc = new CRC32();
    crc.update(key);
    return crc.getValue();
  }

  private static int fnv1a(byte[] key) {
    int hash = 0x811c9dc5;
    for (byte b : key) hash = (hash ^ (b & 0xff)) * 0x01000193;
    return hash;
  }

  private static Map<String, Object> file(List<Map<String, Object>> groups) {
    return Json.object(
        "algorithm",
        "SLUICE-PARTITIONER-1",
        "header",
        List.of("`key` is hexadecimal; a null key has no hash and belongs to no partition."),
        "notes",
        Json.object(
            "Empty", note("EDGE_CASE", "A key of length 0 is hashed; only null is unkeyed."),
            "Null",
                note(
                    "EDGE_CASE",
                    "Any partition will do; an implementation must not invent a hash."),
            "EdgeHash",
                note(
                    "EDGE_CASE",
                    "The hash lies at the border of its range; tells a mask from an absolute"
                        + " value."),
            "Binary", note("BASIC", "Bytes that are not text; tells unsigned from signed bytes."),
            "MultiByte", note("BASIC", "Text is hashed as UTF-8, without normalisation."),
            "UtilsTest", note("BASIC", "A key of Apache Kafka's own UtilsTest.")),
        "testGroups",
        groups);
  }

  private static Map<String, Object> note(String bugType, String description) {
    return Json.object("bugType", bugType, "description", description);
  }

  private static Map<String, Object> group(
      Partitioner partitioner, List<Integer> counts, List<Keys.Key> keys, int firstId) {
    List<Object> tests = new ArrayList<>();
    Set<String> asked = new HashSet<>();
    int id = firstId;
    for (Keys.Key key : keys) {
      byte[] bytes = key.bytes();
      String hex = HexFormat.of().formatHex(bytes);
      int number = id++; // a key that came before has taken its number with it
      if (!asked.add(hex)) continue;
      tests.add(
          test(
              number,
              comment(key),
              key.flags(),
              requirements(partitioner, key),
              hex,
              partitioner.hash().applyAsLong(bytes),
              counts.stream().map(n -> partitioner.fold().partition(bytes, n)).toList()));
    }
    tests.add(test(id, "no key", List.of("Null"), List.of("SLC-PRT-001"), null, null, null));
    return Json.object(
        "type",
        "Partition",
        "source",
        partitioner.source(),
        "params",
        Json.object("partitioner", partitioner.name(), "counts", counts),
        "tests",
        tests);
  }

  private static Map<String, Object> test(
      int id,
      String comment,
      List<String> flags,
      List<String> requirements,
      String key,
      Long hash,
      List<Integer> partitions) {
    return Json.object(
        "tcId", id,
        "comment", comment,
        "flags", flags,
        "requirements", requirements,
        "input", Json.object("key", key),
        "expect", Json.object("hash", hash, "partitions", partitions),
        "result", "valid");
  }

  private static String comment(Keys.Key key) {
    if (!key.comment().isEmpty()) return key.comment();
    int length = key.bytes().length;
    return length == 0 ? "an empty key is a key" : length == 1 ? "one byte" : length + " bytes";
  }

  private static List<String> requirements(Partitioner partitioner, Keys.Key key) {
    List<String> ids = new ArrayList<>(List.of(partitioner.requirement()));
    if (key.flags().contains("Empty")) ids.add("SLC-PRT-006");
    if (key.flags().contains("MultiByte")) ids.add("SLC-PRT-007");
    return ids;
  }

  private PartitionerVectors() {}
}
