import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A subject of the conformance suite around kafka-clients: a template to begin with. One record at a time; while it
 * runs the consumer is paused and goes on polling. docs/test-your-own-consumer.md says what the lines mean.
 */
public final class Subject implements ConsumerRebalanceListener {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Queue<JsonNode> commands = new ConcurrentLinkedQueue<>();
  private final Map<TopicPartition, Long> epochs = new HashMap<>(); // names each assignment of a partition
  // One behind the last finished record: one after the other, so all below are finished.
  private final Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
  private static MessageDigest sha256;
  private KafkaConsumer<byte[], byte[]> consumer;
  private JsonNode config;
  private TopicPartition running; // of the record that is being handled; null: there is none
  private long offset, begun, epoch;

  public static void main(String[] args) throws Exception {
    var subject = new Subject();
    sha256 = MessageDigest.getInstance("SHA-256");
    var loop = new Thread(subject::run);
    loop.setUncaughtExceptionHandler((thread, error) -> { error.printStackTrace(); Runtime.getRuntime().halt(1); });
    loop.start();
    for (var lines = JSON.readerFor(JsonNode.class).<JsonNode>readValues(System.in); lines.hasNextValue(); )
      subject.commands.add(lines.nextValue());
    subject.commands.add(JSON.readTree("{\"cmd\":\"stop\",\"deadlineMs\":8000}")); // the end of standard input
  }

  private void run() {
    for (long committedAt = 0; ; ) {
      while (obey()) {}
      if (consumer == null) continue;
      if (running == null) consumer.resume(consumer.paused());
      else consumer.pause(consumer.assignment()); // a poll is but a sign of life then
      for (var record : consumer.poll(Duration.ofMillis(running == null ? 50 : 0))) begin(record);
      if (System.nanoTime() - committedAt > config.get("commitIntervalMs").asLong() * 1_000_000) {
        committedAt = System.nanoTime();
        if (!done.isEmpty()) consumer.commitAsync(Map.copyOf(done), null); // after an error: again next time
      }
    }
  }

  /** Does what the runner says; false, a millisecond later, when it says nothing. */
  private boolean obey() {
    var command = commands.poll();
    if (command == null) {
      LockSupport.parkNanos(1_000_000);
      return false;
    }
    var id = command.path("id");
    switch (command.get("cmd").asText()) {
      case "hello" -> say(Map.of("id", id, "ok", hello()));
      case "start" -> start(id, command.get("config"));
      case "finish" -> finish(command.get("h").asText(), command.get("result").asText());
      case "stop" -> stop(id, command.get("deadlineMs").asLong());
      default -> say(Map.of("id", id, "error", Map.of("code", "unsupported")));
    }
    return true;
  }

  private void start(JsonNode id, JsonNode given) {
    config = given;
    boolean cooperative = given.get("assignor").asText().equals("cooperative-sticky");
    consumer = new KafkaConsumer<>(Map.<String, Object>ofEntries(
        Map.entry("bootstrap.servers", JSON.convertValue(given.get("brokers"), List.class)), Map.entry("group.id", given.get("group").asText()),
        Map.entry("client.id", given.get("member").asText()), // the runner tells members apart by it
        Map.entry("partition.assignment.strategy",
            List.of(cooperative ? CooperativeStickyAssignor.class : RangeAssignor.class)),
        Map.entry("session.timeout.ms", given.get("sessionTimeoutMs").asInt()),
        Map.entry("heartbeat.interval.ms", given.get("heartbeatMs").asInt()),
        Map.entry("max.poll.interval.ms", given.get("rebalanceTimeoutMs").asInt()),
        Map.entry("auto.offset.reset", given.get("startAt").asText()), Map.entry("enable.auto.commit", false),
        Map.entry("isolation.level", given.get("isolation").asText()), Map.entry("max.poll.records", 1)),
        new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.subscribe(JSON.convertValue(given.get("topics"), List.class), this);
    say(Map.of("id", id, "ok", Map.of()));
  }

  private void begin(ConsumerRecord<byte[], byte[]> record) {
    running = new TopicPartition(record.topic(), record.partition());
    offset = record.offset();
    var line = new HashMap<String, Object>(Map.of("ev", "begin", "h", String.valueOf(++begun), "attempt", 1,
        "t", record.topic(), "p", record.partition(), "o", String.valueOf(offset), "epoch", epochs.get(running).toString()));
    line.put("key", record.key()); // as JSON bytes are base64, and null is null
    line.put("vh", record.value() == null ? null : Arrays.copyOf(sha256.digest(record.value()), 16));
    say(line);
  }

  private void finish(String handle, String result) {
    if (running == null || !handle.equals(String.valueOf(begun))) return; // its partition has gone
    if (!result.equals("ok") && !result.equals("skip")) throw new IllegalStateException("no retry and no dead letter here");
    done.put(running, new OffsetAndMetadata(offset + 1));
    running = null;
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    epoch++;
    partitions.forEach(of -> epochs.put(of, epoch));
    var list = partitions.stream().map(of -> List.of(of.topic(), of.partition())).toList();
    say(Map.of("ev", "assigned", "epoch", String.valueOf(epoch), "partitions", list));
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    if (running != null && partitions.contains(running)) drain(config.get("drainTimeoutMs").asLong());
    if (!done.isEmpty()) consumer.commitSync(Map.copyOf(done));
    onPartitionsLost(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    done.keySet().removeAll(partitions);
    if (running != null && partitions.contains(running)) running = null;
  }

  private boolean drain(long timeoutMs) { // false: the handler still runs after that time
    for (long end = System.nanoTime() + timeoutMs * 1_000_000; running != null && System.nanoTime() < end; ) obey();
    return running == null;
  }

  private void stop(JsonNode id, long deadlineMs) {
    boolean clean = drain(deadlineMs);
    if (consumer != null) consumer.close(); // revokes everything, and so commits, and leaves the group
    if (id.isNumber()) say(Map.of("id", id, "ok", Map.of("forced", !clean)));
    Runtime.getRuntime().halt(0);
  }

  private static Map<String, Object> hello() {
    return Map.of("protocol", 1, "spec", "1.0.0", "name", "java-template", "version", "0.1.0", "language", "java",
        "runtime", "jdk " + Runtime.version(), "client", Map.of("name", "kafka-clients", "version", "4.2.0"),
        "capabilities", Map.of("groupProtocol", List.of("classic"), "rebalance", List.of("eager", "cooperative"),
            "graceful", true, "startAt", true));
  }

  private static void say(Object line) {
    System.out.println(JSON.<JsonNode>valueToTree(line));
  }
}
