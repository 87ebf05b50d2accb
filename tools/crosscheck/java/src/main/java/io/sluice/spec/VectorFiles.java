package io.sluice.spec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The test of this reader: every vector of a directory (D.1). It has all operations, so that it never answers {@code unsupported}
 * and {@code acceptable} tests are held to what they expect.
 */
final class VectorFiles {
  private static final int SHOWN = 5;

  private final List<String> differences = new ArrayList<>();
  private int passed = 0;
  private int skipped = 0;

  private VectorFiles() {}

  /** Whether all have passed, and there were any. */
  static boolean run(Path directory, PrintStream out) throws IOException {
    var passed = 0;
    var failed = 0;
    var skipped = 0;
    for (var file : files(directory)) {
      var tests = new VectorFiles();
      tests.run(Json.MAPPER.readTree(file.toFile()));
      tests.report(file, out);
      passed += tests.passed;
      failed += tests.differences.size();
      skipped += tests.skipped;
    }
    out.println(passed + " passed, " + failed + " failed, " + skipped + " skipped");
    return failed == 0 && passed > 0;
  }

  private static List<Path> files(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith("_test.json")).sorted().toList();
    }
  }

  private void run(JsonNode file) {
    for (var group : file.path("testGroups")) {
      var operation = group.path("type").asText();
      for (var test : group.path("tests")) {
        if (!Operations.BY_NAME.containsKey(operation) || test.path("withdrawn").asBoolean()) skipped++;
        else run(operation, group, test);
      }
    }
  }

  private void run(String operation, JsonNode group, JsonNode test) {
    var input = Json.MAPPER.createObjectNode();
    if (group.path("params") instanceof ObjectNode params) input.setAll(params);
    if (test.path("input") instanceof ObjectNode own) input.setAll(own);
    var expected = test.path("expect");
    var answer = answer(operation, input);
    if (answer.equals(expected)) passed++;
    else
      differences.add(
          "  %s %s: %s%n    expected %s%n    answered %s%n    input    %s"
              .formatted(
                  operation,
                  test.path("tcId"),
                  test.path("comment").asText(),
                  expected,
                  answer,
                  input));
  }

  /** By way of text, so that numbers of one value are equal whatever Java's type. */
  private static JsonNode answer(String operation, ObjectNode input) {
    try {
      var answer = Operations.answer(operation, input);
      return Json.MAPPER.readTree(Json.MAPPER.writeValueAsBytes(answer));
    } catch (InvalidInput invalid) {
      return Json.MAPPER.createObjectNode().put("error", invalid.getMessage());
    } catch (RuntimeException | IOException defect) {
      defect.printStackTrace();
      return NullNode.instance;
    }
  }

  private void report(Path file, PrintStream out) {
    out.printf(
        "%s: %d passed, %d failed, %d skipped%n",
        file.getFileName(), passed, differences.size(), skipped);
    differences.stream().limit(SHOWN).forEach(out::println);
  }
}
