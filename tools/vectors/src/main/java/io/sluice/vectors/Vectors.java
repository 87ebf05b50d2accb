package io.sluice.vectors;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Prints the vector files named in its arguments, as one JSON object from name to file. */
public final class Vectors {
  public static void main(String[] names) {
    Map<String, Object> files = new LinkedHashMap<>();
    for (String name : names) files.put(name, file(name));
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    out.println(Json.write(files));
    out.flush();
  }

  private static Map<String, Object> file(String name) {
    return switch (name) {
      case "partitioner_murmur2" -> PartitionerVectors.murmur2();
      case "partitioner_crc32" -> PartitionerVectors.crc32();
      case "partitioner_fnv1a" -> PartitionerVectors.fnv1a();
      case "commit_metadata" -> CommitMetadataVectors.file();
      default -> throw new IllegalArgumentException("no vector file " + name);
    };
  }

  private Vectors() {}
}
