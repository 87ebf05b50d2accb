package io.sluice.spec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** Answers the conformance suite, a line of JSON for a line of JSON; or, with {@code --vectors DIR}, tests itself. */
public final class Main {
  private static final int PROTOCOL = 1;
  private static final String SPEC_VERSION = "1.0.0";

  private Main() {}

  public static void main(String[] args) throws IOException {
    if (args.length == 0) {
      serve();
    } else if (args.length == 2 && args[0].equals("--vectors")) {
      System.exit(VectorFiles.run(Path.of(args[1]), System.out) ? 0 : 1);
    } else {
      System.err.println("usage: spec-reader [--vectors DIR]");
      System.exit(2);
    }
  }

  private static void serve() throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    for (var line = in.readLine(); line != null; line = in.readLine()) {
      var command = parse(line);
      out.print(Json.MAPPER.writeValueAsString(reply(command)) + "\n");
      out.flush();
      if (command.path("cmd").asText().equals("stop")) return;
    }
  }

  /** A null node for what is no JSON, which no command is either. */
  private static JsonNode parse(String line) {
    try {
      return Json.MAPPER.readTree(line);
    } catch (JsonProcessingException malformed) {
      System.err.println("no JSON: " + malformed.getOriginalMessage());
      return NullNode.instance;
    }
  }

  private sealed interface Reply {}

  private record Ok(JsonNode id, Object ok) implements Reply {}

  private record Failed(JsonNode id, Problem error) implements Reply {}

  private record Problem(String code, String message) {}

  private static Reply reply(JsonNode command) {
    var id = command.path("id").isMissingNode() ? NullNode.instance : command.get("id");
    if (!command.isObject()) return new Failed(id, new Problem("input", "a line is a JSON object"));
    return switch (command.path("cmd").asText()) {
      case "hello" -> new Ok(id, hello());
      case "vector" -> vector(id, command);
      case "stop" -> new Ok(id, Map.of("forced", false));
      default -> new Failed(id, new Problem("unsupported", "commands are hello, vector and stop"));
    };
  }

  private static Reply vector(JsonNode id, JsonNode command) {
    var operation = command.path("op").asText();
    if (!Operations.BY_NAME.containsKey(operation))
      return new Failed(id, new Problem("unsupported", "no operation " + operation));
    try {
      return new Ok(id, Operations.answer(operation, command.path("input")));
    } catch (InvalidInput invalid) {
      return new Failed(id, new Problem("input", operation + ": " + invalid.getMessage()));
    } catch (RuntimeException defect) {
      defect.printStackTrace();
      return new Failed(id, new Problem("internal", operation + ": " + defect));
    }
  }

  private static Map<String, Object> hello() {
    return Map.of(
        "protocol", PROTOCOL,
        "spec", SPEC_VERSION,
        "name", "spec-reader-java",
        "version", SPEC_VERSION,
        "language", "java",
        "runtime", System.getProperty("java.vm.name") + " " + System.getProperty("java.version"),
        "client", Map.of("name", "none", "version", "0"),
        "capabilities", Map.of("vectors", Operations.BY_NAME.keySet()));
  }
}
