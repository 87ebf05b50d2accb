package io.sluice.vectors;

import static io.sluice.vectors.CommitMetadata.MAX_OFFSET;
import static io.sluice.vectors.CommitMetadata.seal;
import static io.sluice.vectors.CommitMetadata.varint;

import io.sluice.vectors.CommitMetadata.Decoded;
import io.sluice.vectors.CommitMetadata.Encoded;
import io.sluice.vectors.CommitMetadata.Range;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * The vectors of commit metadata. What a decoder answers is written here by hand, and the codec has
 * to agree; what an encoder answers comes from the codec, is read back and searched by length, and
 * where the specification prints it, it is that.
 */
final class CommitMetadataVectors {
  private static final String EXAMPLE = "slc1.AGQBAdoNZsI.";

  private final List<Object> encode = new ArrayList<>();
  private final List<Object> decode = new ArrayList<>();

  static Map<String, Object> file() {
    CommitMetadataVectors vectors = new CommitMetadataVectors();
    vectors.examples();
    vectors.forms();
    vectors.borders();
    vectors.budgets();
    vectors.randomStates();
    vectors.accepted();
    vectors.envelopeOfTheText();
    vectors.payload();
    vectors.varints();
    vectors.runs();
    vectors.bitmaps();
    vectors.overflows();
    vectors.order();
    vectors.damaged();
    return Json.object(
        "algorithm", "SLUICE-COMMIT-METADATA-1",
        "header", List.of("A `settled` range is [from, to]; `to` is not included."),
        "notes", notes(),
        "testGroups",
            List.of(
                group("CommitMetadataEncode", vectors.encode),
                group("CommitMetadataDecode", vectors.decode)));
  }

  private static Map<String, Object> group(String type, List<Object> tests) {
    return Json.object(
        "type", type,
        "source", "section 7, written in Java; a reader in another language agrees",
        "tests", tests);
  }

  private static Map<String, Object> notes() {
    return Json.object(
        "Example", note("BASIC", "An example of the specification."),
        "Runs", note("BASIC", "The body is pairs of a gap and a run."),
        "Bitmap", note("BASIC", "The body is a bitmap."),
        "Tie", note("EDGE_CASE", "Both bodies are equally short, or a byte apart."),
        "Budget", note("EDGE_CASE", "What does not fit is left out, the highest first."),
        "Epoch", note("EDGE_CASE", "With a leader epoch."),
        "BigOffset", note("EDGE_CASE", "Offsets near 2^53 - 1, or far apart."),
        "Random", note("BASIC", "From a seeded generator."),
        "Tail", note("FOREIGN_CLIENT", "A client in between has cut or appended a byte."),
        "Foreign", note("FOREIGN_CLIENT", "Metadata of other programs, or of another version."),
        "Alphabet", note("ENCODING", "Not base64url in its only form."),
        "Checksum", note("DAMAGE", "The crc is wrong."),
        "Length", note("EDGE_CASE", "Too short to be a payload, or too long to be looked at."),
        "Flags", note("FUTURE", "A flag that this version does not know."),
        "Varint", note("ENCODING", "A varint that is cut off, not the shortest, or out of range."),
        "Base", note("COPIED", "The metadata belongs to another offset."),
        "Body", note("DAMAGE", "Runs or a bitmap that no writer writes."),
        "Overflow", note("EDGE_CASE", "An offset above 2^53 - 1 would be settled."),
        "Order",
            note("EDGE_CASE", "Two reasons hold; the first in the order of the table counts."));
  }

  private static Map<String, Object> note(String bugType, String description) {
    return Json.object("bugType", bugType, "description", description);
  }

  // What a writer writes.

  private void examples() {
    writes("one offset", 100, ranges(101, 102), EXAMPLE);
    writes("a gap of three", 1000, ranges(1003, 1013), "slc1.AOgHAwoywX3v.");
    writes("a bitmap", 0, ranges(1, 6, 7, 10), "slc1.AQAKvgPSevLy.");
    writes("a run of 200", 5, ranges(6, 206), "slc1.AAUByAGp3g3h.");
    writes("nothing above the base", 100, ranges(), "");
  }

  private void forms() {
    encode("the first offset there is", 0, ranges(1, 2), null, 4000, "Runs");
    for (int pairs = 1; pairs <= 12; pairs++) {
      // Every second offset: a bitmap has a bit where runs have a byte.
      encode("every second offset, " + pairs, 42, everySecond(42, pairs), null, 4000, "Tie");
    }
    encode("bits 1 to 6, a tie: runs", 0, ranges(1, 7), null, 4000, "Tie");
    encode("bits 1 and 3, a bitmap of 2 bytes", 0, ranges(1, 2, 3, 4), null, 4000, "Tie");
    encode("bits 1 and 8, a bitmap of 3 bytes", 0, ranges(1, 2, 8, 9), null, 4000, "Tie");
    encode("bits 1 and 16, a tie at 4 bytes: runs", 0, ranges(1, 2, 16, 17), null, 4000, "Tie");
    encode("bits 1 and 24, runs are shorter", 0, ranges(1, 2, 24, 25), null, 4000, "Tie");
    encode(
        "three runs in 40 bits, a tie at 6 bytes",
        7,
        ranges(8, 9, 20, 21, 46, 47),
        null,
        4000,
        "Tie");
    encode(
        "three runs in 41 bits, runs are shorter",
        7,
        ranges(8, 9, 20, 21, 47, 48),
        null,
        4000,
        "Tie");
    encode("n needs a second byte at 128", 0, everySecondUpTo(0, 127), null, 4000, "Bitmap");
    encode("n still has one byte at 127", 0, everySecondUpTo(0, 126), null, 4000, "Bitmap");
    for (int bits : new int[] {7, 8, 9, 15, 16, 17, 63, 64, 65}) {
      encode(
          "a bitmap of " + bits + " bits",
          1000,
          everySecondUpTo(1000, 1000 + bits - 1),
          null,
          4000,
          "Bitmap");
    }
    encode("a run of 10^12", 5, ranges(7, 1_000_000_000_007L), null, 4000, "Runs", "BigOffset");
    encode(
        "a gap of 10^12",
        5,
        ranges(1_000_000_000_005L, 1_000_000_000_006L),
        null,
        4000,
        "Runs",
        "BigOffset");
    encode(
        "a bitmap's worth of holes, then 10^12 further",
        0,
        concat(everySecond(0, 40), ranges(1_000_000_000_000L, 1_000_000_000_001L)),
        null,
        4000,
        "Runs",
        "BigOffset");
  }

  private void borders() {
    for (int bytes = 1; bytes <= 7; bytes++) {
      long last = (1L << (7 * bytes)) - 1;
      encode("a base of " + bytes + " bytes", last, ranges(last + 2, last + 3), null, 4000, "Runs");
      encode(
          "a base of " + (bytes + 1) + " bytes",
          last + 1,
          ranges(last + 2, last + 3),
          null,
          4000,
          "Runs");
      encode("a gap of " + bytes + " bytes", 3, ranges(3 + last, 3 + last + 1), null, 4000, "Runs");
      encode("a run of " + (bytes + 1) + " bytes", 3, ranges(4, 4 + last + 1), null, 4000, "Runs");
    }
    encode(
        "the last offset but one",
        MAX_OFFSET - 2,
        ranges(MAX_OFFSET - 1, MAX_OFFSET),
        null,
        4000,
        "BigOffset");
    encode("the whole range", 0, ranges(1, MAX_OFFSET), null, 4000, "BigOffset");
    encode(
        "a bitmap near 2^53 - 1",
        MAX_OFFSET - 30,
        everySecond(MAX_OFFSET - 30, 15),
        null,
        4000,
        "BigOffset",
        "Bitmap");
    for (int epoch : new int[] {0, 1, 127, 128, 16383, 16384, 2147483647}) {
      encode("epoch " + epoch, 100, ranges(101, 102), epoch, 4000, "Epoch");
    }
    encode("an epoch and a bitmap", 0, ranges(1, 6, 7, 10), 5, 4000, "Epoch", "Bitmap");
    encode("an epoch and nothing settled", 100, ranges(), 7, 4000, "Epoch");
  }

  private void budgets() {
    List<Range> thousands = new ArrayList<>();
    for (long i = 0; i < 20; i++) thousands.add(new Range(8 + i * 1000, 8 + i * 1000 + 999));
    for (int budget :
        new int[] {
          0, 1, 5, 6, 16, 17, 18, 20, 21, 22, 24, 25, 26, 60, 61, 88, 91, 92, 93, 94, 120
        }) {
      encode(budget + " characters for 20 runs", 7, thousands, null, budget, "Budget");
    }
    for (int budget : new int[] {16, 17, 19, 20, 21, 22, 28, 60}) {
      encode(budget + " characters with an epoch", 7, thousands, 300, budget, "Budget", "Epoch");
    }
    for (int budget : new int[] {15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 30}) {
      encode(budget + " characters for a bitmap", 42, everySecond(42, 64), null, budget, "Budget");
    }
    encode("exactly enough for one offset", 100, ranges(101, 102), null, 17, "Budget");
    encode("one too few for one offset", 100, ranges(101, 102), null, 16, "Budget");
    encode("nothing settled, no budget", 100, ranges(), null, 0, "Budget");
    // All of it is a bitmap; what fits is shorter as runs.
    List<Range> turning = new ArrayList<>(ranges(200, 201, 400, 401, 600, 601));
    turning.addAll(everySecond(602, 200));
    encode("a bitmap that turns into runs", 100, turning, null, 26, "Budget");
    encode("a bitmap that stays one", 100, turning, null, 140, "Budget");
    List<Range> sparse = new ArrayList<>();
    for (long i = 0; i < 900; i++) sparse.add(new Range(1 + i * 5000, 1 + i * 5000 + 200));
    encode("the default budget", 0, sparse, null, 4000, "Budget");
    encode("the default budget, with an epoch", 0, sparse, 12, 4000, "Budget", "Epoch");
    encode("the broker's limit", 0, sparse, null, 4096, "Budget");
    List<Range> far = new ArrayList<>();
    for (long i = 0; i < 4200; i++) far.add(new Range((2 * i + 1) << 36, (2 * i + 2) << 36));
    encode("a budget above what readers take", 0, far, null, 100_000, "Budget", "BigOffset");
    encode(
        "the first run fits, the second is far too long",
        0,
        ranges(1, 2, 1_000_000, 1_000_000_000_000L),
        null,
        17,
        "Budget");
  }

  private void randomStates() {
    Random random = new Random(7);
    for (int i = 0; i < 40; i++) {
      long base =
          random.nextInt(4) == 0
              ? random.nextLong() & 0xf_ffff_ffff_ffL
              : random.nextInt(1 << (1 + i % 30));
      int width = 1 + random.nextInt(i % 3 == 0 ? 3 : i % 3 == 1 ? 40 : 3000);
      List<Range> settled = new ArrayList<>();
      long at = base;
      for (int runs = 1 + random.nextInt(30); runs > 0; runs--) {
        long from = at + 1 + random.nextInt(width);
        at = from + 1 + random.nextInt(width);
        settled.add(new Range(from, at));
      }
      Integer epoch = random.nextInt(3) == 0 ? random.nextInt(5000) : null;
      int budget = random.nextInt(3) == 0 ? 10 + random.nextInt(90) : 4000;
      String comment = "random state " + (i + 1);
      String metadata = encode(comment, base, settled, epoch, budget, "Random");
      Decoded decoded = CommitMetadata.decode(base, metadata);
      if (!metadata.isEmpty()) accept(comment, base, metadata, decoded, "Random");
    }
  }

  // What a reader reads.

  private void accepted() {
    accept("one offset", 100, EXAMPLE, settled(101, 102), "Example");
    accept("a gap of three", 1000, "slc1.AOgHAwoywX3v.", settled(1003, 1013), "Example");
    accept("a bitmap", 0, "slc1.AQAKvgPSevLy.", settled(1, 6, 7, 10), "Example");
    accept("a run of 200", 5, "slc1.AAUByAGp3g3h.", settled(6, 206), "Example");
    accept("no metadata", 100, "", settled(), "Example");
    accept(
        "every second offset of 64",
        42,
        "slc1.ASpAqqqqqqqqqqoJfRH0.",
        settledOf(everySecond(42, 32), null, false),
        "Bitmap");
    List<Range> thousands = new ArrayList<>();
    for (long i = 0; i < 11; i++) thousands.add(new Range(8 + i * 1000, 8 + i * 1000 + 999));
    accept(
        "settled offsets were left out",
        7,
        "slc1.AgcB5wcB5wcB5wcB5wcB5wcB5wcB5wcB5wcB5wcB5wcB5wdXUyF2.",
        settledOf(thousands, null, true),
        "Budget");
    accept(
        "left out, as a bitmap",
        9,
        seal(bytes(3, 9, 4, 0x0a)),
        settledOf(ranges(10, 11, 12, 13), null, true),
        "Budget",
        "Bitmap");
    accept(
        "a bitmap where runs are shorter",
        0,
        seal(bytes(1, 0, 9, 0x02, 0x01)),
        settled(1, 2, 8, 9),
        "Bitmap");
    accept(
        "runs where a bitmap is shorter",
        0,
        seal(bytes(0, 0, 1, 1, 1, 1, 1, 1, 1, 1)),
        settled(1, 2, 3, 4, 5, 6, 7, 8),
        "Runs");
    accept("the shortest bitmap", 0, seal(bytes(1, 0, 2, 2)), settled(1, 2), "Bitmap");
    accept(
        "a bitmap that ends with a byte",
        16,
        seal(bytes(1, 16, 8, 0x80)),
        settled(23, 24),
        "Bitmap");
    accept(
        "a bitmap with a byte of zeros",
        16,
        seal(bytes(1, 16, 17, 0, 0, 1)),
        settled(32, 33),
        "Bitmap");
    for (long epoch : new long[] {0, 1, 127, 128, 2147483647}) {
      accept(
          "epoch " + epoch,
          100,
          seal(bytes(4, 100, varint(epoch), 1, 1)),
          settledOf(ranges(101, 102), (int) epoch, false),
          "Epoch");
    }
    accept(
        "all three flags",
        5,
        seal(bytes(7, 5, 9, 2, 2)),
        settledOf(ranges(6, 7), 9, true),
        "Epoch",
        "Bitmap");
    for (int length = 1; length <= 7; length++) {
      long least = length == 1 ? 0 : 1L << (7 * (length - 1));
      long most = (1L << (7 * length)) - 1;
      accept(
          "the least base of " + length + " bytes",
          least,
          seal(bytes(0, varint(least), 1, 1)),
          settled(least + 1, least + 2),
          "Varint");
      accept(
          "the greatest base of " + length + " bytes",
          most,
          seal(bytes(0, varint(most), 1, 1)),
          settled(most + 1, most + 2),
          "Varint");
    }
    accept(
        "the least base of 8 bytes",
        1L << 49,
        seal(bytes(0, varint(1L << 49), 1, 1)),
        settled((1L << 49) + 1, (1L << 49) + 2),
        "Varint");
    accept(
        "a run that ends below 2^53 - 1",
        0,
        seal(bytes(0, 0, 1, varint(MAX_OFFSET - 1))),
        settled(1, MAX_OFFSET),
        "BigOffset");
    accept(
        "the last offset of all",
        0,
        seal(bytes(0, 0, varint(MAX_OFFSET), 1)),
        settled(MAX_OFFSET, MAX_OFFSET + 1),
        "BigOffset");
    accept(
        "a run up to the last offset of all",
        MAX_OFFSET - 2,
        seal(bytes(0, varint(MAX_OFFSET - 2), 1, 2)),
        settled(MAX_OFFSET - 1, MAX_OFFSET + 1),
        "BigOffset");
    accept(
        "a bitmap up to the last offset of all",
        MAX_OFFSET - 2,
        seal(bytes(1, varint(MAX_OFFSET - 2), 3, 4)),
        settled(MAX_OFFSET, MAX_OFFSET + 1),
        "BigOffset",
        "Bitmap");
  }

  private void envelopeOfTheText() {
    String bare = EXAMPLE.substring(0, EXAMPLE.length() - 1);
    accept("without the dot", 100, bare, settled(101, 102), "Tail");
    accept("with the dot and U+0000", 100, EXAMPLE + "\0", settled(101, 102), "Tail");
    accept("without the dot and with U+0000", 100, bare + "\0", settled(101, 102), "Tail");
    reject("alphabet", "two U+0000", 100, EXAMPLE + "\0\0", "Tail");
    reject("alphabet", "two dots", 100, EXAMPLE + ".", "Tail");
    reject("alphabet", "U+0000 before the dot", 100, bare + "\0.", "Tail");
    reject("alphabet", "two dots and U+0000", 100, EXAMPLE + ".\0", "Tail");
    reject("alphabet", "U+0000 in the middle", 100, "slc1.AGQB\0AdoNZsI.", "Tail");
    reject("alphabet", "two characters cut", 100, bare.substring(0, bare.length() - 2), "Tail");
    reject("checksum", "three characters cut", 100, bare.substring(0, bare.length() - 3), "Tail");
    reject("alphabet", "a new line at the end", 100, EXAMPLE + "\n", "Tail");
    reject("alphabet", "a space at the end", 100, bare + " ", "Tail");

    reject("foreign", "Parallel Consumer, a bit set", 100, "bgABAAE=", "Foreign");
    reject("foreign", "Parallel Consumer, RunLengthV2", 100, "ZQAAAAEAAAAB", "Foreign");
    reject("foreign", "Parallel Consumer, BitSetV2", 100, "bwAAAAICAA==", "Foreign");
    reject("foreign", "Kafka Streams", 100, "AgAAAYvP5WgA", "Foreign");
    reject("foreign", "free text", 100, "committed by hand", "Foreign");
    reject("foreign", "one space", 100, " ", "Foreign");
    reject("foreign", "U+0000 only", 100, "\0", "Foreign");
    reject("foreign", "a dot only", 100, ".", "Foreign");
    reject("foreign", "another version", 100, "slc2.AAAA.", "Foreign");
    reject(
        "foreign",
        "another version, otherwise in order",
        100,
        "slc2" + EXAMPLE.substring(4),
        "Foreign");
    reject("foreign", "capitals", 100, "SLC1" + EXAMPLE.substring(4), "Foreign");
    reject("foreign", "the dot is missing", 100, "slc1AGQBAdoNZsI.", "Foreign");
    reject("foreign", "the prefix is cut", 100, "slc1", "Foreign");
    reject("foreign", "a space in front", 100, " " + EXAMPLE, "Foreign");
    reject("foreign", "a byte order mark in front", 100, "\ufeff" + EXAMPLE, "Foreign");
    reject("foreign", "the first letter is full width", 100, "\uff53lc1.AGQBAdoNZsI.", "Foreign");

    reject("short", "nothing after the prefix", 100, "slc1.", "Length");
    reject("short", "only the dot after the prefix", 100, "slc1..", "Length");
    reject("short", "only U+0000 after the prefix", 100, "slc1.\0", "Length");
    reject("short", "the dot and U+0000 after the prefix", 100, "slc1..\0", "Length");
    reject("alphabet", "two dots after the prefix", 100, "slc1...", "Length");
    reject("alphabet", "one character: a remainder of 1", 100, "slc1.A.", "Alphabet");
    reject("alphabet", "five characters: a remainder of 1", 100, "slc1.AAAAA.", "Alphabet");
    reject("short", "one byte", 100, "slc1.AA.", "Length");
    reject("short", "two bytes", 100, "slc1.AAA.", "Length");
    reject("short", "three bytes", 100, "slc1.AAAA.", "Length");
    reject("short", "four bytes, the crc of nothing", 100, seal(bytes()), "Length");
    reject("checksum", "five bytes", 100, "slc1.AAAAAAA.", "Length");
    reject(
        "varint",
        "five bytes with a right crc: flags only",
        100,
        seal(bytes(0)),
        "Length",
        "Varint");

    reject("alphabet", "padding", 100, bare + "==.", "Alphabet");
    reject(
        "alphabet",
        "right padding after the last character",
        1000,
        "slc1.AOgHAwoywX3vAA==.",
        "Alphabet");
    String dash = withCharacter('-');
    String underscore = withCharacter('_');
    accept("a text with -", 0, dash, CommitMetadata.decode(0, dash), "Alphabet");
    accept("a text with _", 0, underscore, CommitMetadata.decode(0, underscore), "Alphabet");
    reject("alphabet", "+ of the standard alphabet for -", 0, dash.replace('-', '+'), "Alphabet");
    reject(
        "alphabet",
        "/ of the standard alphabet for _",
        0,
        underscore.replace('_', '/'),
        "Alphabet");
    reject("alphabet", "one unused bit is 1", 100, "slc1.AGQBAdoNZsJ.", "Alphabet");
    reject("alphabet", "the other unused bit is 1", 100, "slc1.AGQBAdoNZsK.", "Alphabet");
    String four = seal(bytes(0, 3, varint(200), 5)); // 9 bytes and a remainder of none
    String two = seal(bytes(0, 3, varint(200), varint(300))); // 10 bytes: four unused bits
    accept("no unused bits", 3, four, settled(203, 208), "Alphabet");
    accept("four unused bits, all zero", 3, two, settled(203, 503), "Alphabet");
    for (int bit = 0; bit < 4; bit++) {
      reject(
          "alphabet",
          "unused bit " + bit + " of four is 1",
          3,
          withUnusedBit(two, bit),
          "Alphabet");
    }
    reject("alphabet", "a space inside", 100, "slc1.AGQB AdoNZsI.", "Alphabet");
    reject("alphabet", "a line break inside", 100, "slc1.AGQB\r\nAdoNZsI.", "Alphabet");
    reject("alphabet", "a dot inside", 100, "slc1.AGQB.AdoNZsI.", "Alphabet");
    reject("alphabet", "a letter that is not ASCII", 100, "slc1.AGQB\u00e9doNZsI.", "Alphabet");
    reject(
        "alphabet",
        "a letter outside the basic plane",
        100,
        "slc1.AGQB\ud83d\ude80dNZsI.",
        "Alphabet");
    reject("alphabet", "an Arabic digit", 100, "slc1.AGQB\u0661doNZsI.", "Alphabet");

    // 65535 bytes at most. 49146 bytes of payload are 65528 characters.
    long bits = 8L * (49146 - 4 - 1 - 1 - 3);
    String long65535 = seal(fullBitmap(bits)) + "\0";
    expectLength(long65535, 65535);
    accept("65535 bytes, with U+0000", 5, long65535, settled(6, 5 + bits), "Length");
    String long65536 = seal(fullBitmap(bits + 8));
    expectLength(long65536, 65536);
    reject("too-long", "65536 bytes, otherwise in order", 5, long65536, "Length");
    // Three bytes and one UTF-16 unit each: a limit of characters would not see it.
    reject(
        "too-long",
        "65537 bytes in 21849 characters",
        5,
        "slc1.A=" + "\uff21".repeat(21843),
        "Length",
        "Order");
  }

  private void payload() {
    reject("checksum", "the last byte of the crc", 100, "slc1.AGQBAdoNZsA.", "Checksum");
    reject(
        "checksum",
        "the crc is that of the payload without the prefix",
        100,
        withoutPrefix(bytes(0, 100, 1, 1)),
        "Checksum");
    byte[] right = payload(EXAMPLE);
    reject(
        "checksum",
        "the crc is little-endian",
        100,
        text(right[0], right[1], right[2], right[3], right[7], right[6], right[5], right[4]),
        "Checksum");
    for (int i = 0; i < right.length; i++) {
      byte[] damaged = right.clone();
      damaged[i] ^= (byte) (1 << (i % 8));
      reject("checksum", "bit " + i % 8 + " of byte " + i, 100, text(damaged), "Checksum");
    }
    reject(
        "checksum",
        "the crc comes first",
        100,
        text(right[4], right[5], right[6], right[7], right[0], right[1], right[2], right[3]),
        "Checksum");
    reject("checksum", "eight bytes of zeros", 0, text(0, 0, 0, 0, 0, 0, 0, 0), "Checksum");
    for (int bit = 3; bit < 8; bit++) {
      reject("flags", "bit " + bit, 100, seal(bytes(1 << bit, 100, 1, 1)), "Flags");
    }
    reject("flags", "all bits", 100, seal(bytes(0xff, 100, 1, 1)), "Flags");
    reject("base", "one offset later", 101, EXAMPLE, "Base");
    reject("base", "one offset earlier", 99, EXAMPLE, "Base");
    reject("base", "zero", 0, EXAMPLE, "Base");
    reject(
        "base",
        "equal in the low 32 bits",
        100,
        seal(bytes(0, varint((1L << 32) + 100), 1, 1)),
        "Base");
    reject("base", "the greatest", 100, seal(bytes(0, varint(MAX_OFFSET), 1, 1)), "Base");
  }

  private void varints() {
    for (int length = 2; length <= 8; length++) {
      byte[] longer = new byte[length];
      Arrays.fill(longer, (byte) 0x80);
      longer[0] = (byte) 0xe4;
      longer[length - 1] = 0;
      reject(
          "varint",
          "a base of 100 in " + length + " bytes",
          100,
          seal(bytes(0, longer, 1, 1)),
          "Varint");
    }
    reject("varint", "a base of 0 in two bytes", 0, seal(bytes(0, 0x80, 0, 1, 1)), "Varint");
    reject("varint", "a base of nine bytes", 100, seal(bytes(0, fill(0x80, 8), 1, 1, 1)), "Varint");
    reject(
        "varint",
        "a base of ten bytes, all ones",
        100,
        seal(bytes(0, fill(0xff, 9), 1, 1, 1)),
        "Varint");
    reject(
        "varint",
        "a base of 2^53",
        0,
        seal(bytes(0, varint(1L << 53), 1, 1)),
        "Varint",
        "BigOffset");
    reject(
        "varint",
        "a base of 2^56 - 1",
        0,
        seal(bytes(0, varint((1L << 56) - 1), 1, 1)),
        "Varint",
        "BigOffset");
    reject(
        "varint",
        "a base above 2^53, of the first draft",
        100,
        "slc1.AIGAgICAgIAQAgZ4_2De.",
        "Varint",
        "BigOffset");
    reject(
        "varint",
        "a base near 2^63, of the first draft",
        100,
        "slc1.APz_________fwEBq47QuQ.",
        "Varint",
        "BigOffset");
    reject(
        "varint",
        "a range beyond 2^63, of the first draft",
        100,
        "slc1.APz_________fwGAgICAgICAgEBGX1GF.",
        "Varint",
        "BigOffset");
    reject(
        "varint",
        "a gap of 2^60, of the first draft",
        100,
        "slc1.AGSAgICAgICAgBABGP-2Sw.",
        "Varint",
        "BigOffset");
    reject("varint", "the base is cut off", 100, seal(bytes(0, 0xe4)), "Varint");
    reject(
        "varint",
        "the base is cut off after seven bytes",
        100,
        seal(bytes(0, fill(0x80, 7))),
        "Varint");
    reject("varint", "no epoch where one is due", 100, seal(bytes(4, 100)), "Varint", "Epoch");
    reject("varint", "the epoch is cut off", 100, seal(bytes(4, 100, 0x80)), "Varint", "Epoch");
    reject(
        "varint",
        "an epoch of 0 in two bytes",
        100,
        seal(bytes(4, 100, 0x80, 0, 1, 1)),
        "Varint",
        "Epoch");
    reject(
        "varint",
        "an epoch of 2147483648",
        100,
        seal(bytes(4, 100, varint(2147483648L), 1, 1)),
        "Varint",
        "Epoch");
    reject(
        "varint",
        "an epoch of 2^32",
        100,
        seal(bytes(4, 100, varint(1L << 32), 1, 1)),
        "Varint",
        "Epoch");
    reject(
        "varint",
        "an epoch of nine bytes",
        100,
        seal(bytes(4, 100, fill(0x80, 8), 1, 1, 1)),
        "Varint",
        "Epoch");
    reject("varint", "a gap of 1 in two bytes", 100, seal(bytes(0, 100, 0x81, 0, 1)), "Varint");
    reject("varint", "a gap that is cut off", 100, seal(bytes(0, 100, 0x81)), "Varint");
    reject(
        "varint",
        "a gap of 2^53",
        100,
        seal(bytes(0, 100, varint(1L << 53), 1)),
        "Varint",
        "BigOffset");
    reject("varint", "a done of 1 in two bytes", 100, seal(bytes(0, 100, 1, 0x81, 0)), "Varint");
    reject("varint", "a done that is cut off", 100, seal(bytes(0, 100, 1, 0x81)), "Varint");
    reject(
        "varint",
        "a done of 2^53",
        0,
        seal(bytes(0, 0, 1, varint(1L << 53))),
        "Varint",
        "BigOffset");
    reject("varint", "the second gap is cut off", 100, seal(bytes(0, 100, 1, 1, 0xff)), "Varint");
    reject(
        "varint",
        "the second done is not the shortest",
        100,
        seal(bytes(0, 100, 1, 1, 1, 0x80, 0)),
        "Varint");
    reject(
        "varint", "an n of 2 in two bytes", 0, seal(bytes(1, 0, 0x82, 0, 2)), "Varint", "Bitmap");
    reject("varint", "no n where one is due", 0, seal(bytes(1, 0)), "Varint", "Bitmap");
    reject("varint", "an n that is cut off", 0, seal(bytes(1, 0, 0x82)), "Varint", "Bitmap");
    reject("varint", "an n of 2^53", 0, seal(bytes(1, 0, varint(1L << 53), 2)), "Varint", "Bitmap");
  }

  private void runs() {
    reject("runs", "no pair", 100, seal(bytes(0, 100)), "Body");
    reject("runs", "no pair after an epoch", 100, seal(bytes(4, 100, 3)), "Body", "Epoch");
    reject("runs", "no done", 100, seal(bytes(0, 100, 1)), "Body");
    reject("runs", "no second done", 100, seal(bytes(0, 100, 1, 1, 1)), "Body");
    reject(
        "runs",
        "bit 2 of the first draft, which had no epoch",
        100,
        "slc1.BGQBAaEvVzE.",
        "Body",
        "Epoch");
    reject("runs", "a gap of 0", 100, seal(bytes(0, 100, 0, 1)), "Body");
    reject("runs", "a done of 0", 100, seal(bytes(0, 100, 1, 0)), "Body");
    reject("runs", "the second gap is 0", 100, seal(bytes(0, 100, 1, 1, 0, 1)), "Body");
    reject("runs", "the second done is 0", 100, seal(bytes(0, 100, 1, 1, 1, 0)), "Body");
    reject("runs", "a byte of zero after the last pair", 100, seal(bytes(0, 100, 1, 1, 0)), "Body");
  }

  private void bitmaps() {
    reject("bitmap", "n is 0", 100, seal(bytes(1, 100, 0)), "Body");
    reject("bitmap", "n is 0, and a byte follows", 100, seal(bytes(1, 100, 0, 2)), "Body");
    reject("bitmap", "n is 1: bit 0 is the base", 100, seal(bytes(1, 100, 1, 1)), "Body");
    reject("bitmap", "n is 1, and its bit is 0", 100, seal(bytes(1, 100, 1, 0)), "Body");
    reject("bitmap", "no byte", 100, seal(bytes(1, 100, 2)), "Body");
    reject("bitmap", "a byte too few", 100, seal(bytes(1, 100, 9, 2)), "Body");
    reject("bitmap", "a byte too many", 100, seal(bytes(1, 100, 2, 2, 0)), "Body");
    reject("bitmap", "a byte too many at n 8", 100, seal(bytes(1, 100, 8, 0x80, 0)), "Body");
    reject("bitmap", "bit 0 is 1", 100, seal(bytes(1, 100, 2, 3)), "Body");
    reject("bitmap", "the last bit is 0", 100, seal(bytes(1, 100, 3, 2)), "Body");
    reject("bitmap", "the last bit of two bytes is 0", 100, seal(bytes(1, 100, 9, 2, 0)), "Body");
    reject("bitmap", "all bits are 0", 100, seal(bytes(1, 100, 9, 0, 0)), "Body");
    for (int bit = 2; bit < 8; bit++) {
      reject(
          "bitmap",
          "bit " + bit + " beyond n is 1",
          100,
          seal(bytes(1, 100, 2, 2 | 1 << bit)),
          "Body");
    }
    reject("bitmap", "the bits are in reverse", 100, seal(bytes(1, 100, 2, 0x40)), "Body");
    reject(
        "bitmap",
        "n of 2^53 - 1 and one byte",
        0,
        seal(bytes(1, 0, varint(MAX_OFFSET), 2)),
        "Body",
        "BigOffset");
    reject(
        "bitmap",
        "an n that is 2 in its low 32 bits",
        0,
        seal(bytes(1, 0, varint((1L << 32) + 2), 2)),
        "Body",
        "BigOffset");
  }

  private void overflows() {
    long base = MAX_OFFSET - 10;
    byte[] at = varint(base);
    accept(
        "the gap reaches 2^53 - 1",
        base,
        seal(bytes(0, at, 10, 1)),
        settled(MAX_OFFSET, MAX_OFFSET + 1),
        "Overflow");
    reject("overflow", "the gap passes 2^53 - 1", base, seal(bytes(0, at, 11, 1)), "Overflow");
    reject("overflow", "the run passes 2^53 - 1", base, seal(bytes(0, at, 10, 2)), "Overflow");
    reject("overflow", "the second gap passes", base, seal(bytes(0, at, 1, 1, 9, 1)), "Overflow");
    reject("overflow", "the second run passes", base, seal(bytes(0, at, 1, 1, 8, 2)), "Overflow");
    reject(
        "overflow",
        "a run of 2^53 - 1 at 1",
        0,
        seal(bytes(0, 0, 1, varint(MAX_OFFSET), 1, 1)),
        "Overflow",
        "Order");
    reject(
        "overflow",
        "gap and run are the greatest",
        0,
        seal(bytes(0, 0, varint(MAX_OFFSET), varint(MAX_OFFSET))),
        "Overflow");
    reject(
        "overflow",
        "the base is the greatest",
        MAX_OFFSET,
        seal(bytes(0, varint(MAX_OFFSET), 1, 1)),
        "Overflow");
    reject(
        "overflow",
        "a pair after the last offset of all",
        base,
        seal(bytes(0, at, 10, 1, 1, 1)),
        "Overflow");
    reject(
        "overflow",
        "a bitmap of 12 bits",
        base,
        seal(bytes(1, at, 12, 2, 8)),
        "Overflow",
        "Bitmap");
    accept(
        "a bitmap of 11 bits",
        base,
        seal(bytes(1, at, 11, 2, 4)),
        settled(MAX_OFFSET - 9, MAX_OFFSET - 8, MAX_OFFSET, MAX_OFFSET + 1),
        "Overflow",
        "Bitmap");
  }

  /** Of each two reasons that stand next to each other, and that can hold together. */
  private void order() {
    reject("foreign", "foreign and too long", 5, "x".repeat(65536), "Order");
    reject("alphabet", "not base64url and short", 5, "slc1.A=.", "Order");
    reject("short", "short and a wrong crc", 5, "slc1.AAAA.", "Order");
    reject(
        "checksum",
        "a wrong crc and an unknown flag",
        100,
        text(8, 100, 1, 1, 0, 0, 0, 0),
        "Order");
    reject("flags", "an unknown flag and no base", 100, seal(bytes(8)), "Order");
    reject("flags", "an unknown flag and another base", 100, seal(bytes(0x10, 99, 1, 1)), "Order");
    reject(
        "varint",
        "a base that is not the shortest, and another",
        5,
        seal(bytes(0, 0xe4, 0, 1, 1)),
        "Order");
    reject("base", "another base and no epoch", 5, seal(bytes(4, 100)), "Order");
    reject(
        "base",
        "another base and an epoch out of range",
        5,
        seal(bytes(4, 100, varint(1L << 31), 1, 1)),
        "Order");
    reject("base", "another base and no pair", 5, seal(bytes(0, 100)), "Order");
    reject("base", "another base and a bad bitmap", 5, seal(bytes(1, 100, 2, 3)), "Order");
    reject(
        "base",
        "another base and an overflow",
        5,
        seal(bytes(0, 100, varint(MAX_OFFSET), 1)),
        "Order");
    reject(
        "varint",
        "an epoch out of range and no pair",
        100,
        seal(bytes(4, 100, varint(1L << 31))),
        "Order");
    reject(
        "runs",
        "a gap of 0, then a done that is cut off",
        100,
        seal(bytes(0, 100, 0, 0x80)),
        "Order");
    reject(
        "runs",
        "a done of 0, then a gap that is not the shortest",
        100,
        seal(bytes(0, 100, 1, 0, 0x80, 0)),
        "Order");
    reject(
        "varint",
        "a done that is cut off after a good pair",
        100,
        seal(bytes(0, 100, 1, 1, 1, 0x80)),
        "Order");
    reject(
        "overflow",
        "the gap passes, then no done",
        5,
        seal(bytes(0, 5, varint(MAX_OFFSET))),
        "Order");
    reject(
        "overflow",
        "the gap passes, then a done of 0",
        5,
        seal(bytes(0, 5, varint(MAX_OFFSET), 0)),
        "Order");
    reject(
        "overflow",
        "the gap passes, then a done that is cut off",
        5,
        seal(bytes(0, 5, varint(MAX_OFFSET), 0x80)),
        "Order");
    reject(
        "overflow",
        "the run passes, then a gap of 0",
        5,
        seal(bytes(0, 5, 1, varint(MAX_OFFSET), 0)),
        "Order");
    reject(
        "runs",
        "the run reaches the end, then a gap of 0",
        MAX_OFFSET - 2,
        seal(bytes(0, varint(MAX_OFFSET - 2), 1, 2, 0)),
        "Order");
  }

  /**
   * A damaged text never does worse than to be rejected: every prefix of one, and of its payload.
   */
  private void damaged() {
    String text = seal(bytes(6, varint(300), varint(200), 3, varint(1000), varint(128), 1));
    accept(
        "whole", 300, text, settledOf(ranges(303, 1303, 1431, 1432), 200, true), "Epoch", "Budget");
    for (int length = 1; length <= 4; length++) {
      reject("foreign", length + " characters are left", 300, text.substring(0, length), "Tail");
    }
    reject("short", "the prefix is left", 300, text.substring(0, 5), "Tail");
    for (int length : new int[] {6, 10, 14, 18}) {
      reject("alphabet", length + " characters are left", 300, text.substring(0, length), "Tail");
    }
    reject("checksum", "12 characters are left", 300, text.substring(0, 12), "Tail");
    byte[] content = bytes(6, varint(300), varint(200), 3, varint(1000), varint(128), 1);
    String[] cuts = {
      "varint", "varint", "varint", "varint", "runs", "runs", "varint", "", "varint", "runs"
    };
    for (int length = 1; length < content.length; length++) {
      String sealed = seal(Arrays.copyOf(content, length));
      String comment = length + " bytes of the payload, with a right crc";
      if (cuts[length - 1].isEmpty()) {
        accept(comment, 300, sealed, settledOf(ranges(303, 1303), 200, true), "Epoch");
      } else {
        reject(cuts[length - 1], comment, 300, sealed, "Body");
      }
    }
  }

  // Recording.

  private void writes(String comment, long base, List<Range> settled, String metadata) {
    String encoded = encode(comment, base, settled, null, 4000, "Example");
    if (!encoded.equals(metadata)) throw new IllegalStateException(comment + ": " + encoded);
  }

  private String encode(
      String comment,
      long base,
      List<Range> settled,
      Integer epoch,
      int maxChars,
      String... flags) {
    Encoded encoded = CommitMetadata.encode(base, settled, epoch, maxChars);
    verify(comment, base, settled, epoch, maxChars, encoded);
    List<String> ids = new ArrayList<>();
    if (encoded.metadata().isEmpty() && !encoded.truncated()) ids.add("SLC-CMD-001");
    else if (!encoded.metadata().isEmpty()) ids.add("SLC-CMD-002");
    if (encoded.truncated()) ids.add("SLC-CMD-003");
    if (!encoded.metadata().isEmpty() && (epoch != null || settled.size() == 1))
      ids.add("SLC-CMD-006");
    encode.add(
        test(
            encode.size() + 1,
            comment,
            flags,
            ids,
            Json.object(
                "base",
                Long.toString(base),
                "settled",
                json(settled),
                "leaderEpoch",
                epoch,
                "maxChars",
                maxChars),
            Json.object("metadata", encoded.metadata(), "truncated", encoded.truncated()),
            "valid"));
    return encoded.metadata();
  }

  /** What was written says, when it is read, the longest beginning of `settled` that fits. */
  private static void verify(
      String comment,
      long base,
      List<Range> settled,
      Integer epoch,
      int maxChars,
      Encoded encoded) {
    Decoded decoded = CommitMetadata.decode(base, encoded.metadata());
    int kept = decoded.settled().size();
    boolean next =
        kept == settled.size()
            || CommitMetadata.encode(base, settled.subList(0, kept + 1), epoch, maxChars)
                .truncated();
    boolean right =
        decoded.rejected() == null
            && decoded.settled().equals(settled.subList(0, kept))
            && encoded.truncated() == kept < settled.size()
            && encoded.metadata().length() <= Math.min(maxChars, 65535)
            && (kept == 0
                || decoded.truncated() == encoded.truncated()
                    && Objects.equals(decoded.leaderEpoch(), epoch))
            && next;
    if (!right) throw new IllegalStateException(comment + ": is not read back as it was written");
  }

  private void accept(
      String comment, long committed, String metadata, Decoded expected, String... flags) {
    if (expected.rejected() != null) throw new IllegalStateException(comment + ": " + expected);
    List<String> ids = new ArrayList<>(List.of("SLC-CMD-008"));
    if (!metadata.isEmpty()) ids.add("SLC-CMD-010");
    record(comment, committed, metadata, expected, ids, "valid", flags);
  }

  private void reject(
      String code, String comment, long committed, String metadata, String... flags) {
    List<String> ids = new ArrayList<>(List.of("SLC-CMD-007", "SLC-CMD-008", "SLC-CMD-009"));
    if (List.of(flags).contains("BigOffset") || code.equals("overflow")) ids.add("SLC-CNV-001");
    record(comment, committed, metadata, Decoded.rejected(code), ids, "invalid", flags);
  }

  private void record(
      String comment,
      long committed,
      String metadata,
      Decoded expected,
      List<String> requirements,
      String result,
      String... flags) {
    Decoded decoded = CommitMetadata.decode(committed, metadata);
    if (!decoded.equals(expected)) {
      throw new IllegalStateException(comment + ": " + decoded + ", by hand " + expected);
    }
    decode.add(
        test(
            1001 + decode.size(),
            comment,
            flags,
            requirements,
            Json.object("committedOffset", Long.toString(committed), "metadata", metadata),
            Json.object(
                "settled", json(expected.settled()),
                "leaderEpoch", expected.leaderEpoch(),
                "truncated", expected.truncated(),
                "rejected", expected.rejected()),
            result));
  }

  private static Map<String, Object> test(
      int id,
      String comment,
      String[] flags,
      List<String> requirements,
      Map<String, Object> input,
      Map<String, Object> expect,
      String result) {
    return Json.object(
        "tcId", id,
        "comment", comment,
        "flags", List.of(flags),
        "requirements", requirements,
        "input", input,
        "expect", expect,
        "result", result);
  }

  private static List<Object> json(List<Range> ranges) {
    List<Object> list = new ArrayList<>();
    for (Range range : ranges) {
      list.add(List.of(Long.toString(range.from()), Long.toString(range.to())));
    }
    return list;
  }

  // Building.

  private static List<Range> ranges(long... borders) {
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < borders.length; i += 2) ranges.add(new Range(borders[i], borders[i + 1]));
    return ranges;
  }

  private static Decoded settled(long... borders) {
    return settledOf(ranges(borders), null, false);
  }

  private static Decoded settledOf(List<Range> ranges, Integer epoch, boolean truncated) {
    return new Decoded(ranges, epoch, truncated, null);
  }

  private static List<Range> concat(List<Range> first, List<Range> second) {
    List<Range> both = new ArrayList<>(first);
    both.addAll(second);
    return both;
  }

  /** base + 1, base + 3, and so on. */
  private static List<Range> everySecond(long base, int count) {
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < count; i++) ranges.add(new Range(base + 1 + 2L * i, base + 2 + 2L * i));
    return ranges;
  }

  /** Every second offset, and the last one. */
  private static List<Range> everySecondUpTo(long base, long last) {
    List<Range> ranges = everySecond(base, (int) ((last - base) / 2));
    if ((last - base) % 2 == 1) ranges.add(new Range(last, last + 1));
    else {
      Range end = ranges.remove(ranges.size() - 1);
      ranges.add(new Range(end.from(), last + 1));
    }
    return ranges;
  }

  /** Of numbers and byte arrays. */
  private static byte[] bytes(Object... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Object part : parts) {
      if (part instanceof byte[] several) out.writeBytes(several);
      else out.write(((Number) part).intValue());
    }
    return out.toByteArray();
  }

  private static byte[] fill(int value, int count) {
    byte[] bytes = new byte[count];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  /** The text of these bytes as they are. */
  private static String text(Object... payload) {
    return CommitMetadata.PREFIX + CommitMetadata.base64url(bytes(payload)) + ".";
  }

  private static String withoutPrefix(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content);
    long value = crc.getValue();
    return text(content, value >> 24, value >> 16, value >> 8, value);
  }

  private static byte[] payload(String metadata) {
    return Base64.getUrlDecoder().decode(metadata.substring(5, metadata.length() - 1));
  }

  /** Every bit but the first, from base 5 on. */
  private static byte[] fullBitmap(long bits) {
    byte[] map = fill(0xff, (int) (bits / 8));
    map[0] = (byte) 0xfe;
    return bytes(1, 5, varint(bits), map);
  }

  /** Some metadata of base 0 that has the character, and needs it only as a digit. */
  private static String withCharacter(char wanted) {
    for (int gap = 1; gap < 128; gap++) {
      String text = seal(bytes(0, 0, gap, 1));
      if (text.indexOf(wanted) >= 0) return text;
    }
    throw new IllegalStateException("no metadata has a " + wanted);
  }

  private static String withUnusedBit(String metadata, int bit) {
    String digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int last = metadata.length() - 2;
    int digit = digits.indexOf(metadata.charAt(last));
    return metadata.substring(0, last) + digits.charAt(digit | 1 << bit) + ".";
  }

  private static void expectLength(String text, int length) {
    if (text.length() != length) throw new IllegalStateException("length " + text.length());
  }
}
