package io.sluice.vectors;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** The keys of the vectors: always the same ones, in the same order, without repeats. */
final class Keys {
  record Key(byte[] bytes, String comment, List<String> flags) {}

  private final Map<String, Key> keys = new LinkedHashMap<>();

  static List<Key> all() {
    Keys keys = new Keys();
    keys.named();
    keys.edges();
    keys.typical();
    keys.random();
    return new ArrayList<>(keys.keys.values());
  }

  /**
   * The keys of the FNV-1a vectors, in the order that their tcIds have: the 49 whose values agree
   * with the sources of three clients (fixtures/partitioner-seeds.json). The zero byte is there as
   * text and as bytes; its second number is not used.
   */
  static List<Key> few() {
    List<Key> few = new ArrayList<>();
    for (String text :
        List.of(
            "",
            "a",
            "b",
            "c",
            "ab",
            "abc",
            "abcd",
            "abcde",
            "21",
            "kafka",
            "foobar",
            "giberish123456789",
            "a-little-bit-long-string",
            "a-little-bit-longer-string",
            "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8",
            "order-1",
            "order-42",
            "0",
            "123456789",
            "the quick brown fox jumps over the lazy dog",
            "\u00e9",
            "\u00fc\u00f1\u00ee\u00e7\u00f8d\u00e9",
            "\u65e5\u672c\u8a9e",
            "\u041f\u0440\u0438\u0432\u0435\u0442",
            "\ud83d\ude80",
            "e\u0301",
            "\0",
            "null")) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      List<String> flags =
          bytes.length == 0
              ? List.of("Empty")
              : bytes.length > text.length() ? List.of("MultiByte") : List.of();
      few.add(new Key(bytes, text, flags));
    }
    few.add(new Key(every(), "every byte once", List.of("Binary")));
    for (String hex :
        List.of(
            "00",
            "0000",
            "000000",
            "00000000",
            "ff",
            "ffff",
            "ffffff",
            "ffffffff",
            "80",
            "7f",
            "fffefdfc",
            "c328",
            "00112233445566778899aabbccddeeff",
            "027d5343",
            "e3871844",
            "a5d4305c",
            "a7d6506c")) {
      few.add(new Key(HexFormat.of().parseHex(hex), "", List.of("Binary")));
    }
    for (String hex : List.of("cc2431c4", "e04d9fcb")) {
      few.add(new Key(HexFormat.of().parseHex(hex), "FNV-1a is 0", List.of("EdgeHash")));
    }
    few.add(new Key(big(), "1000 bytes, i*31+7", List.of("Binary")));
    return few;
  }

  private void named() {
    add(new byte[0], "an empty key is a key", "Empty");
    // The keys of Kafka's own UtilsTest.
    for (String key :
        List.of(
            "21",
            "foobar",
            "a-little-bit-long-string",
            "a-little-bit-longer-string",
            "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")) {
      add(key, "UtilsTest");
    }
    add(new byte[] {'a', 'b', 'c'}, "UtilsTest", "UtilsTest");
    for (String key :
        List.of(
            "a",
            "b",
            "c",
            "ab",
            "abcd",
            "abcde",
            "kafka",
            "giberish123456789",
            "0",
            "123456789",
            "the quick brown fox jumps over the lazy dog",
            "null",
            "\0",
            " ")) {
      add(key);
    }
    for (String key :
        List.of(
            "\u00e9",
            "e\u0301",
            "\u00fc\u00f1\u00ee\u00e7\u00f8d\u00e9",
            "\u65e5\u672c\u8a9e",
            "\u041f\u0440\u0438\u0432\u0435\u0442",
            "\ud83d\ude80",
            "\ufeffbom",
            "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
            "\ud83d\udc69\u200d\ud83d\ude80")) {
      add(key, "MultiByte");
    }
  }

  private void edges() {
    // Found by trying all keys of four bytes.
    hex("a7d6506c", "murmur2 is -2^31: its absolute value is no int", "EdgeHash");
    hex("a5d4305c", "murmur2 is -1", "EdgeHash");
    hex("e3871844", "murmur2 is 0", "EdgeHash");
    hex("027d5343", "murmur2 is 2^31-1", "EdgeHash");
    hex("cc2431c4", "FNV-1a is 0", "EdgeHash");
    hex("e04d9fcb", "FNV-1a is 0", "EdgeHash");
    for (String bytes :
        List.of(
            "00",
            "0000",
            "000000",
            "00000000",
            "0000000000",
            "ff",
            "ffff",
            "ffffff",
            "ffffffff",
            "ffffffffff",
            "80",
            "7f",
            "8080",
            "7f80ff00",
            "fffefdfc")) {
      hex(bytes, "", "Binary");
    }
    hex("c328", "not UTF-8", "Binary");
    hex("eda080", "a surrogate: not UTF-8", "Binary");
    hex("00112233445566778899aabbccddeeff", "", "Binary");
    add(every(), "every byte once", "Binary");
    add(big(), "1000 bytes, i*31+7", "Binary");
    for (int value = 0; value < 256; value++) {
      // A signed byte where an unsigned one belongs shows in the tail, so every tail is visited.
      byte b = (byte) value;
      add(new byte[][] {{b}, {1, b}, {1, 2, b}, {1, 2, 3, b}}[value % 4], "", "Binary");
    }
  }

  private static byte[] every() {
    byte[] every = new byte[256];
    for (int i = 0; i < every.length; i++) every[i] = (byte) i;
    return every;
  }

  private static byte[] big() {
    byte[] big = new byte[1000];
    for (int i = 0; i < big.length; i++) big[i] = (byte) (i * 31 + 7);
    return big;
  }

  private void typical() {
    for (int i = 0; i < 200; i++) add("order-" + i);
    for (int i = 0; i < 100; i++) add(Integer.toString(i * 7919));
    Random random = new Random(20260101);
    for (int i = 0; i < 100; i++) {
      add(new java.util.UUID(random.nextLong(), random.nextLong()).toString());
    }
    for (int i = 0; i < 60; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = 1 + random.nextInt(12); n > 0; n--) text.appendCodePoint(codePoint(random));
      add(text.toString(), "MultiByte");
    }
  }

  private static int codePoint(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> 0x20 + random.nextInt(0x5f);
      case 1 -> 0xa1 + random.nextInt(0x700);
      case 2 -> 0x3041 + random.nextInt(0x5000);
      default -> 0x1f300 + random.nextInt(0x300);
    };
  }

  private void random() {
    Random random = new Random(4711);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[i % 67];
      random.nextBytes(bytes);
      if (bytes.length > 0) add(bytes, "", "Binary");
    }
  }

  private void hex(String hex, String comment, String... flags) {
    add(HexFormat.of().parseHex(hex), comment, flags);
  }

  private void add(String text, String... flags) {
    add(text.getBytes(StandardCharsets.UTF_8), text, flags);
  }

  private void add(byte[] bytes, String comment, String... flags) {
    keys.putIfAbsent(HexFormat.of().formatHex(bytes), new Key(bytes, comment, List.of(flags)));
  }
}
