import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelConsumerOptions.CommitMode;
import io.confluent.parallelconsumer.ParallelConsumerOptions.ProcessingOrder;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import io.confluent.parallelconsumer.RecordContext;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Confluent's Parallel Consumer as a subject: ordering by key, commits by its consumer in periods, asynchronous as it
 * is by default. What fails is tried again by the library. Another commit mode: -Dcommits=PERIODIC_CONSUMER_SYNC.
 */
public final class ParallelConsumerSubject implements ConsumerRebalanceListener {
  private static final ObjectMapper JSON = new ObjectMapper();
  private final Map<String, CompletableFuture<String>> running = new ConcurrentHashMap<>();
  private final Map<TopicPartition, Integer> epochs = new ConcurrentHashMap<>();
  private final AtomicInteger begun = new AtomicInteger();
  private ParallelStreamProcessor<byte[], byte[]> processor;
  private int epoch;

  public static void main(String[] args) throws Exception {
    var subject = new ParallelConsumerSubject();
    try (var lines = new Scanner(System.in, "UTF-8")) {
      while (lines.hasNextLine()) subject.obey(JSON.readTree(lines.nextLine()));
    }
    subject.stop(null, 8_000);
  }

  private void obey(JsonNode command) {
    var id = command.get("id");
    switch (command.get("cmd").asText()) {
      case "hello" -> say(Map.of("id", id, "ok", hello()));
      case "start" -> {
        start(command.get("config"));
        say(Map.of("id", id, "ok", Map.of()));
      }
      case "finish" -> running.remove(command.get("h").asText()).complete(command.get("result").asText());
      // Running handlers are finished meanwhile.
      case "stop" -> new Thread(() -> stop(id, command.get("deadlineMs").asLong())).start();
      default -> say(Map.of("id", id, "error", Map.of("code", "unsupported")));
    }
  }

  private void start(JsonNode config) {
    var topics = new ArrayList<String>();
    config.get("topics").forEach(topic -> topics.add(topic.asText()));
    var brokers = new StringJoiner(",");
    config.get("brokers").forEach(broker -> brokers.add(broker.asText()));
    boolean cooperative = config.get("assignor").asText().equals("cooperative-sticky");
    var consumer = new KafkaConsumer<>(Map.<String, Object>ofEntries(
        Map.entry("bootstrap.servers", brokers.toString()), Map.entry("group.id", config.get("group").asText()),
        Map.entry("client.id", config.get("member").asText()),
        Map.entry("partition.assignment.strategy",
            List.of(cooperative ? CooperativeStickyAssignor.class : RangeAssignor.class)),
        Map.entry("session.timeout.ms", config.get("sessionTimeoutMs").asInt()),
        Map.entry("heartbeat.interval.ms", config.get("heartbeatMs").asInt()),
        Map.entry("max.poll.interval.ms", config.get("rebalanceTimeoutMs").asInt()),
        Map.entry("auto.offset.reset", config.get("startAt").asText()),
        Map.entry("isolation.level", config.get("isolation").asText()),
        Map.entry("enable.auto.commit", false)),
        new ByteArrayDeserializer(), new ByteArrayDeserializer());
    processor = ParallelStreamProcessor.createEosStreamProcessor(
        ParallelConsumerOptions.<byte[], byte[]>builder()
            .consumer(consumer)
            .ordering(ProcessingOrder.KEY)
            .commitMode(CommitMode.valueOf(System.getProperty("commits", "PERIODIC_CONSUMER_ASYNCHRONOUS")))
            .commitInterval(Duration.ofMillis(config.get("commitIntervalMs").asLong()))
            .maxConcurrency(config.get("concurrency").asInt())
            .defaultMessageRetryDelay(Duration.ofMillis(config.get("retry").get("backoffMs").asLong()))
            .shutdownTimeout(Duration.ofMillis(config.get("drainTimeoutMs").asLong()))
            .build());
    processor.subscribe(topics, this);
    processor.poll(context -> handle(context.getSingleRecord()));
  }

  private void handle(RecordContext<byte[], byte[]> record) {
    var at = new TopicPartition(record.topic(), record.partition());
    var handle = String.valueOf(begun.incrementAndGet());
    var finished = new CompletableFuture<String>();
    running.put(handle, finished);
    var line = new HashMap<String, Object>(Map.of("ev", "begin", "h", handle, "t", record.topic(), "p", record.partition(),
        "epoch", epochs.getOrDefault(at, 0).toString(), "o", String.valueOf(record.offset()),
        "attempt", record.getNumberOfFailedAttempts() + 1));
    line.put("key", record.key());
    line.put("vh", record.value() == null ? null : hash(record.value()));
    say(line);
    var result = finished.join();
    if (!result.equals("ok") && !result.equals("skip")) throw new IllegalStateException(result);
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
    var list = partitions.stream().map(of -> List.of(of.topic(), of.partition())).toList();
    say(Map.of("ev", "revoked", "epoch", String.valueOf(epoch), "partitions", list));
  }

  private void stop(JsonNode id, long deadlineMs) {
    boolean forced = false;
    try {
      if (processor != null) processor.closeDrainFirst(Duration.ofMillis(deadlineMs));
    } catch (RuntimeException late) {
      System.err.println(late);
      forced = true;
    }
    if (id != null) say(Map.of("id", id, "ok", Map.of("forced", forced)));
    Runtime.getRuntime().halt(0);
  }

  private static Map<String, Object> hello() {
    var capabilities = Map.of("groupProtocol", List.of("classic"), "rebalance", List.of("eager"), "ordering",
        List.of("key", "partition", "none"), "retry", List.of("inline"), "graceful", true, "startAt", true);
    return Map.of("protocol", 1, "spec", "1.0.0", "name", "parallel-consumer", "version", "0.1.0", "language", "java",
        "runtime", "jdk " + Runtime.version(), "capabilities", capabilities,
        "client", Map.of("name", "parallel-consumer-core", "version", "0.5.3.3"));
  }

  private static byte[] hash(byte[] value) {
    try {
      return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(value), 16);
    } catch (java.security.NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static synchronized void say(Object line) {
    try {
      System.out.println(JSON.writeValueAsString(line));
    } catch (java.io.IOException broken) {
      throw new IllegalStateException(broken);
    }
  }
}
