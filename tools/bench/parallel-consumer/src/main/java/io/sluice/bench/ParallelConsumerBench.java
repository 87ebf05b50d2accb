package io.sluice.bench;

import io.confluent.parallelconsumer.ParallelConsumerOptions;
import io.confluent.parallelconsumer.ParallelConsumerOptions.CommitMode;
import io.confluent.parallelconsumer.ParallelConsumerOptions.ProcessingOrder;
import io.confluent.parallelconsumer.ParallelStreamProcessor;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Confluent's Parallel Consumer with one workload; prints a report as a line of JSON, in the form of
 * tools/bench/kafka/meter.mjs.
 *
 * <p>Arguments: brokers, topic, group, records, records of warm-up, limit in ms, delay in ms or "none" or
 * "spread", concurrency.
 */
public final class ParallelConsumerBench {
  private static final AtomicLong handled = new AtomicLong();
  private static final CountDownLatch begun = new CountDownLatch(1);
  private static final CountDownLatch done = new CountDownLatch(1);
  private static volatile Moment start;

  private ParallelConsumerBench() {}

  public static void main(String[] args) throws Exception {
    String topic = args[1];
    long records = Long.parseLong(args[3]);
    long warmUp = Long.parseLong(args[4]);
    long limitMs = Long.parseLong(args[5]);
    String delay = args[6];
    var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of(
                "bootstrap.servers", args[0],
                "group.id", args[2],
                "enable.auto.commit", "false",
                "auto.offset.reset", "earliest",
                "max.partition.fetch.bytes", 262_144,
                "fetch.max.wait.ms", 100),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    var options =
        ParallelConsumerOptions.<byte[], byte[]>builder()
            .consumer(consumer)
            .ordering(ProcessingOrder.KEY)
            .commitMode(CommitMode.PERIODIC_CONSUMER_ASYNCHRONOUS)
            .maxConcurrency(Integer.parseInt(args[7]))
            .build();
    var processor = ParallelStreamProcessor.createEosStreamProcessor(options);
    processor.subscribe(List.of(topic));
    processor.poll(
        context -> {
          pause(delay, context.offset());
          long count = handled.incrementAndGet();
          if (count == warmUp) {
            start = Moment.now();
            begun.countDown();
          }
          if (count == records) done.countDown();
        });
    begun.await();
    done.await(limitMs, TimeUnit.MILLISECONDS);
    Moment end = Moment.now();
    System.out.println(end.since(start, warmUp));
    System.out.flush();
    // Closing drains, which nobody waits for.
    Runtime.getRuntime().halt(0);
  }

  /** As delayOf in tools/bench/kafka/work.mjs. */
  private static void pause(String delay, long offset) {
    long millis;
    if (delay.equals("none")) return;
    if (delay.equals("spread")) millis = Integer.toUnsignedLong((int) offset * 0x9e3779b1) % 6;
    else millis = Long.parseLong(delay);
    if (millis == 0) return;
    try {
      Thread.sleep(millis);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private record Moment(long nanos, long cpuNanos, long gcMillis, long handledSoFar) {
    static Moment now() {
      var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
      long gcMillis =
          ManagementFactory.getGarbageCollectorMXBeans().stream()
              .mapToLong(GarbageCollectorMXBean::getCollectionTime)
              .sum();
      return new Moment(System.nanoTime(), system.getProcessCpuTime(), gcMillis, handled.get());
    }

    /** `busy` is of one core, and may be above 1: there are many threads. */
    String since(Moment start, long warmUp) {
      long records = handledSoFar - warmUp;
      double seconds = (nanos - start.nanos) / 1e9;
      double cpuSeconds = (cpuNanos - start.cpuNanos) / 1e9;
      return String.format(
          Locale.ROOT,
          "{\"records\":%d,\"seconds\":%.6f,\"perSecond\":%.3f,\"busy\":%.4f,\"cpuMicros\":%.4f,\"gcShare\":%.5f,\"rssMiB\":%.1f}",
          records,
          seconds,
          records / seconds,
          cpuSeconds / seconds,
          cpuSeconds * 1e6 / records,
          (gcMillis - start.gcMillis) / 1e3 / seconds,
          rssMiB());
    }

    /** What Linux says; 0 elsewhere. */
    private static double rssMiB() {
      try {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
          if (line.startsWith("VmRSS:")) {
            return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
          }
        }
      } catch (java.io.IOException notLinux) {
        return 0;
      }
      return 0;
    }
  }
}
