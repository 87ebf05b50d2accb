package io.sluice.vectors;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.common.utils.Utils;

/** Prints one vector file: {@code murmur2} from Kafka's own classes, {@code crc32} from the JDK's. */
public final class PartitionerVectors {
  /** Mostly no powers of two: for those, masking the sign and reading unsigned agree. */
  private static final int[] COUNTS = {1, 2, 3, 5, 6, 7, 10, 12, 16, 50, 100, 1000};

  private record Algorithm(
      String name,
      String source,
      String requirement,
      ToLongFunction<byte[]> hash,
      Function<byte[], long[]> partitions) {}

  public static void main(String[] args) {
    Algorithm algorithm =
        switch (args[0]) {
          case "murmur2" ->
              new Algorithm(
                  "murmur2",
                  "org.apache.kafka:kafka-clients:" + AppInfoParser.getVersion()
                      + " Utils.murmur2 and BuiltInPartitioner.partitionForKey",
                  "SLC-PRT-002",
                  Utils::murmur2,
                  key ->
                      Arrays.stream(COUNTS)
                          .mapToLong(n -> BuiltInPartitioner.partitionForKey(key, n))
                          .toArray());
          case "crc32" ->
              new Algorithm(
                  "crc32",
                  "java.util.zip.CRC32, remainder of the unsigned value",
                  "SLC-PRT-003",
                  PartitionerVectors::crc32,
                  key -> Arrays.stream(COUNTS).mapToLong(n -> crc32(key) % n).toArray());
          default -> throw new IllegalArgumentException("no algorithm " + args[0]);
        };
    print(algorithm, new PrintStream(System.out, false, StandardCharsets.UTF_8));
  }

  private static long crc32(byte[] key) {
    CRC32 crc = new CRC32();
    crc.update(key);
    return crc.getValue();
  }

  private static void print(Algorithm algorithm, PrintStream out) {
    List<Keys.Key> keys = Keys.all();
    out.println("{");
    out.println("  \"algorithm\": \"SLUICE-PARTITIONER-1\",");
    out.println("  \"schema\": \"vector-file.schema.json\",");
    out.println("  \"specVersion\": \"1.0.0\",");
    out.printf("  \"numberOfTests\": %d,%n", keys.size() + 1);
    out.println("  \"header\": [");
    out.printf("    \"Expected values computed by %s.\",%n", algorithm.source());
    out.println("    \"Keys are hexadecimal; a null key belongs to no partition. Written by"
        + " tools/vectors: do not edit.\"");
    out.println("  ],");
    out.println("  \"notes\": {");
    out.println("    \"Empty\": {\"bugType\": \"EDGE_CASE\", \"description\": \"A key of length 0 is hashed; only null is unkeyed.\"},");
    out.println("    \"Null\": {\"bugType\": \"EDGE_CASE\", \"description\": \"Any partition will do; an implementation must not invent a hash.\"},");
    out.println("    \"EdgeHash\": {\"bugType\": \"EDGE_CASE\", \"description\": \"The hash lies at the border of its range; tells a mask from an absolute value.\"},");
    out.println("    \"Binary\": {\"bugType\": \"BASIC\", \"description\": \"Bytes that are not text; tells unsigned from signed bytes.\"},");
    out.println("    \"MultiByte\": {\"bugType\": \"BASIC\", \"description\": \"Text is hashed as UTF-8, without normalisation.\"},");
    out.println("    \"UtilsTest\": {\"bugType\": \"BASIC\", \"description\": \"A key of Apache Kafka's own UtilsTest.\"}");
    out.println("  },");
    out.println("  \"testGroups\": [");
    out.println("    {");
    out.println("      \"type\": \"Partition\",");
    out.printf("      \"partitioner\": \"%s\",%n", algorithm.name());
    out.printf("      \"source\": \"%s\",%n", algorithm.source());
    out.printf("      \"counts\": [%s],%n", join(Arrays.stream(COUNTS).asLongStream().toArray()));
    out.println("      \"tests\": [");
    int id = 0;
    for (Keys.Key key : keys) {
      out.printf(
          "        {\"tcId\": %d, \"comment\": %s, \"flags\": [%s], \"requirements\": [%s],"
              + " \"key\": \"%s\", \"hash\": %d, \"partitions\": [%s], \"result\": \"valid\"},%n",
          ++id,
          quote(key.comment()),
          key.flags().stream().map(PartitionerVectors::quote).collect(Collectors.joining(", ")),
          requirements(algorithm, key),
          HexFormat.of().formatHex(key.bytes()),
          algorithm.hash().applyAsLong(key.bytes()),
          join(algorithm.partitions().apply(key.bytes())));
    }
    out.printf(
        "        {\"tcId\": %d, \"comment\": \"no key\", \"flags\": [\"Null\"], \"requirements\":"
            + " [\"SLC-PRT-001\"], \"key\": null, \"hash\": null, \"partitions\": null,"
            + " \"result\": \"valid\"}%n",
        ++id);
    out.println("      ]");
    out.println("    }");
    out.println("  ]");
    out.println("}");
    out.flush();
  }

  private static String requirements(Algorithm algorithm, Keys.Key key) {
    String ids = quote(algorithm.requirement());
    if (key.flags().contains("Empty")) ids += ", \"SLC-PRT-006\"";
    if (key.flags().contains("MultiByte")) ids += ", \"SLC-PRT-007\"";
    return ids;
  }

  private static String join(long[] values) {
    return Arrays.stream(values).mapToObj(Long::toString).collect(Collectors.joining(", "));
  }

  private static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .forEach(
            unit -> {
              if (unit < 0x20 || unit > 0x7e || unit == '"' || unit == '\\') {
                quoted.append(String.format("\\u%04x", unit));
              } else {
                quoted.append((char) unit);
              }
            });
    return quoted.append('"').toString();
  }

  private PartitionerVectors() {}
}
