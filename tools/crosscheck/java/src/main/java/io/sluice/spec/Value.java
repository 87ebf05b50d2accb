package io.sluice.spec;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * A JSON value of an operation's input, and where it stands there. Reading is strict: what is missing, has another form or is not
 * described is refused with {@link InvalidInput}.
 */
final class Value {
  private final JsonNode node;
  private final String path;
  private final Set<String> fieldsRead = new HashSet<>();
  private final List<Value> inner = new ArrayList<>();

  Value(JsonNode node, String path) {
    this.node = node;
    this.path = path;
  }

  Value get(String field) {
    require(node.isObject(), "an object");
    fieldsRead.add(field);
    var value = node.get(field);
    if (value == null) throw new InvalidInput(path + "." + field + " is missing");
    return within(value, path + "." + field);
  }

  boolean has(String field) {
    return node.has(field);
  }

  /** Refuses the fields that nobody asked for, here and further in. */
  void finish() {
    node.fieldNames()
        .forEachRemaining(
            field -> {
              if (!fieldsRead.contains(field))
                throw new InvalidInput(path + "." + field + " is not described");
            });
    inner.forEach(
        value -> {
          if (value.node.isContainerNode()) value.finish();
        });
  }

  <T> T orNull(Function<Value, T> read) {
    return node.isNull() ? null : read.apply(this);
  }

  /** Null for {@code "unlimited"}. */
  <T> T orUnlimited(Function<Value, T> read) {
    return node.isTextual() && node.textValue().equals("unlimited") ? null : read.apply(this);
  }

  <T> List<T> list(Function<Value, T> read) {
    require(node.isArray(), "an array");
    return IntStream.range(0, node.size())
        .mapToObj(i -> read.apply(within(node.get(i), path + "[" + i + "]")))
        .toList();
  }

  List<Value> tuple(int size) {
    require(node.isArray() && node.size() == size, "an array of " + size);
    return list(value -> value);
  }

  /** The entries of an object that maps text to something. */
  <T> Map<String, T> map(Function<Value, T> read) {
    require(node.isObject(), "an object");
    var entries = new LinkedHashMap<String, T>();
    node.fieldNames().forEachRemaining(field -> entries.put(field, read.apply(get(field))));
    return entries;
  }

  boolean flag() {
    require(node.isBoolean(), "true or false");
    return node.booleanValue();
  }

  long integer(long min, long max) {
    require(
        node.isIntegralNumber()
            && node.canConvertToLong()
            && node.longValue() >= min
            && node.longValue() <= max,
        "an integer from " + min + " to " + max);
    return node.longValue();
  }

  int integer(int min) {
    return (int) integer(min, Integer.MAX_VALUE);
  }

  int partition() {
    return (int) integer(0, Forms.MAX_PARTITION);
  }

  /** An offset or a time. */
  long decimal() {
    var value = node.isTextual() ? Forms.integer(node.textValue(), Forms.MAX_INTEGER) : null;
    require(value != null, "a decimal string of at most " + Forms.MAX_INTEGER);
    return value;
  }

  /** A timestamp of Kafka; null when there is none. */
  Long timestamp() {
    return node.isTextual() && node.textValue().equals("-1") ? null : decimal();
  }

  String text() {
    require(
        node.isTextual() && StandardCharsets.UTF_8.newEncoder().canEncode(node.textValue()),
        "a string of Unicode scalar values");
    return node.textValue();
  }

  String text(Predicate<String> form, String description) {
    require(form.test(text()), description);
    return text();
  }

  String nonEmpty() {
    return text(text -> !text.isEmpty(), "a string that is not empty");
  }

  String topic() {
    return text(Forms::isTopic, "a topic");
  }

  byte[] bytes() {
    require(node.isTextual(), "lower-case hexadecimal");
    var hex = node.textValue();
    require(
        hex.length() % 2 == 0 && hex.chars().allMatch(Value::isLowerHex), "lower-case hexadecimal");
    return HexFormat.of().parseHex(hex);
  }

  <T> T oneOf(Map<String, T> values) {
    var value = node.isTextual() ? values.get(node.textValue()) : null;
    require(value != null, "one of " + values.keySet());
    return value;
  }

  private Value within(JsonNode value, String where) {
    var found = new Value(value, where);
    inner.add(found);
    return found;
  }

  private void require(boolean holds, String expected) {
    if (!holds) throw new InvalidInput(path + " is not " + expected);
  }

  private static boolean isLowerHex(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }
}
