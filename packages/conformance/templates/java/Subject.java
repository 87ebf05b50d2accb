import com.fasterxml.jackson.databind.*;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A subject of the conformance suite around kafka-clients: a template to begin with. Records of a partition are handled
 * one after the other, partitions side by side. docs/test-your-own-consumer.md says what the lines mean. */
public final class Subject implements ConsumerRebalanceListener {
  private record Config(List<String> brokers, List<String> topics, String group, String member,
      String startAt, String assignor, String isolation, int sessionTimeoutMs, int heartbeatMs, int rebalanceTimeoutMs,
      long commitIntervalMs, long drainTimeoutMs) {}

  private static final class Lane { // one assignment of a partition, which the epoch names
    long epoch, offset, done, sent; // done: one behind the last finished record, and all below are; sent: and committed
    String handle; // of the record at the offset while it is handled; null: none is
    final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
  }

  private static final Map<String, Object> HELLO = Map.of("protocol", 1, "spec", "1.0.0", "name", "java-template",
      "version", "0.1.0", "language", "java", "runtime", "jdk " + Runtime.version(),
      "client", Map.of("name", "kafka-clients", "version", "4.2.0"), "capabilities", Map.of(
          "groupProtocol", List.of("classic"), "rebalance", List.of("eager", "cooperative"),
          "ordering", List.of("partition"), "graceful", true, "startAt", true));
  private static final ObjectMapper JSON = new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);
  private static MessageDigest sha256;
  private final Queue<JsonNode> commands = new ConcurrentLinkedQueue<>();
  private final Map<TopicPartition, Lane> lanes = new HashMap<>();
  private KafkaConsumer<byte[], byte[]> consumer;
  private Config config;
  private JsonNode stop; // the command
  private long begun, epoch, forced; // forced: so many handlers were given up

  public static void main(String[] args) throws Exception {
    var subject = new Subject();
    sha256 = MessageDigest.getInstance("SHA-256");
    var stop = JSON.readTree("{\"cmd\":\"stop\",\"deadlineMs\":8000}");
    Thread.setDefaultUncaughtExceptionHandler((thread, error) -> { error.printStackTrace(); Runtime.getRuntime().halt(1); });
    new Thread(subject::run).start();
    // SIGTERM: the process would end with this hook, but the loop ends it before.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> { subject.commands.add(stop); while (true) LockSupport.park(); }));
    for (var lines = JSON.readerFor(JsonNode.class).<JsonNode>readValues(System.in); lines.hasNextValue(); )
      subject.commands.add(lines.nextValue());
    subject.commands.add(stop); // the end of standard input
  }

  private void run() {
    for (long committedAt = 0; stop == null; ) {
      while (obey()) {}
      if (consumer == null) continue;
      for (var record : consumer.poll(Duration.ofMillis(1)))
        lanes.get(new TopicPartition(record.topic(), record.partition())).waiting.add(record);
      lanes.forEach((id, of) -> {
        if (of.handle == null && !of.waiting.isEmpty()) begin(of, of.waiting.poll());
        if (of.waiting.size() > 100) consumer.pause(List.of(id));
        else consumer.resume(List.of(id));
      });
      if (System.nanoTime() - committedAt < config.commitIntervalMs * 1_000_000) continue;
      committedAt = System.nanoTime();
      commit(false);
    }
    if (consumer != null) consumer.close(); // revokes everything, and so drains and commits, and leaves the group
    if (stop.has("id")) say(Map.of("id", stop.get("id"), "ok", Map.of("forced", forced > 0)));
    Runtime.getRuntime().halt(0);
  }

  private boolean obey() { // false, a millisecond later: the runner says nothing
    var command = commands.poll();
    if (command == null) LockSupport.parkNanos(1_000_000);
    else switch (command.get("cmd").asText()) {
      case "hello" -> say(Map.of("id", command.get("id"), "ok", HELLO));
      case "start" -> start(command.get("id"), config = JSON.convertValue(command.get("config"), Config.class));
      case "finish" -> finish(command.get("h").asText(), command.get("result").asText());
      case "stop" -> stop = command;
      default -> say(Map.of("id", command.get("id"), "error", Map.of("code", "unsupported")));
    }
    return command != null;
  }

  private void start(JsonNode id, Config given) {
    var assignors = Map.of("range", RangeAssignor.class, "cooperative-sticky", CooperativeStickyAssignor.class);
    var settings = new HashMap<String, Object>(Map.of("bootstrap.servers", given.brokers, "group.id", given.group,
        "client.id", given.member, // the runner tells members apart by it
        "partition.assignment.strategy", List.of(assignors.get(given.assignor)), "session.timeout.ms", given.sessionTimeoutMs,
        "heartbeat.interval.ms", given.heartbeatMs, "max.poll.interval.ms", given.rebalanceTimeoutMs,
        "auto.offset.reset", given.startAt, "enable.auto.commit", false, "isolation.level", given.isolation));
    settings.put("metadata.max.age.ms", 10_000); // within which new partitions are seen; the default is 5 minutes
    consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.subscribe(given.topics, this);
    say(Map.of("id", id, "ok", Map.of()));
  }

  private void begin(Lane of, ConsumerRecord<byte[], byte[]> record) {
    of.handle = String.valueOf(++begun);
    of.offset = record.offset();
    var line = new HashMap<String, Object>(Map.of("ev", "begin", "h", of.handle, "epoch", String.valueOf(of.epoch),
        "t", record.topic(), "p", record.partition(), "o", String.valueOf(of.offset), "attempt", 1));
    line.put("key", record.key()); // as JSON bytes are base64, and null is null
    line.put("vh", record.value() == null ? null : Arrays.copyOf(sha256.digest(record.value()), 16));
    say(line);
  }

  private void finish(String handle, String result) {
    for (var of : lanes.values()) { // a handle of an assignment that has gone is in none of them
      if (!handle.equals(of.handle)) continue;
      if (!result.equals("ok") && !result.equals("skip")) throw new IllegalStateException("no retry and no dead letter here");
      of.done = of.offset + 1;
      of.handle = null;
    }
  }

  private void commit(boolean last) { // the last time waits, also for commits that are on their way
    var due = new HashMap<TopicPartition, OffsetAndMetadata>();
    lanes.forEach((id, of) -> {
      if (of.done != of.sent || last && of.done > 0) due.put(id, new OffsetAndMetadata(of.sent = of.done));
    });
    if (last) consumer.commitSync(due);
    else if (!due.isEmpty()) consumer.commitAsync(due, (at, error) -> { // after an error: again next time
      if (error != null) lanes.forEach((id, of) -> of.sent = 0);
    });
  }

  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    epoch++;
    for (var id : partitions) lanes.computeIfAbsent(id, none -> new Lane()).epoch = epoch;
    say(Map.of("ev", "assigned", "epoch", String.valueOf(epoch),
        "partitions", partitions.stream().map(id -> List.of(id.topic(), id.partition())).toList()));
  }

  public void onPartitionsRevoked(Collection<TopicPartition> partitions) { // what runs may finish, and is committed
    long ms = stop == null ? config.drainTimeoutMs : stop.get("deadlineMs").asLong(), end = System.nanoTime() + ms * 1_000_000;
    while (partitions.stream().anyMatch(id -> lanes.get(id).handle != null) && System.nanoTime() < end) obey();
    forced = partitions.stream().filter(id -> lanes.get(id).handle != null).count();
    commit(true);
    onPartitionsLost(partitions);
  }

  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    lanes.keySet().removeAll(partitions);
  }

  private static void say(Object line) {
    System.out.println(JSON.<JsonNode>valueToTree(line));
  }
}
