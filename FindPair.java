///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//JAVAC_OPTIONS -encoding UTF-8
//DEPS commons-cli:commons-cli:1.11.0
//DEPS com.fasterxml.jackson.core:jackson-core:2.23.0
//DEPS me.tongfei:progressbar:0.10.2
//DESCRIPTION Finds the items of a price list whose sum comes closest to a balance
//RUNTIME_OPTIONS -Xlog:disable -Xlog:all=error,cds*=off,aot*=off:stderr
//CDS

import static java.nio.file.StandardOpenOption.DELETE_ON_CLOSE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import module java.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;

/**
 * Finds the k items of a price list whose sum comes closest to a balance without exceeding it.
 *
 * <p>The list is a text file of lines {@code name, price}, prices in whole cents. The answer is
 * exact for any number of gifts; of several best selections it is the one whose prices, cheapest
 * first, are lexicographically smallest, and of items with the same price those that come first.
 */
public class FindPair {
  private static final String VERSION = "FindPair 1.0.0";

  private static final String HELP =
      """
      usage: FindPair [OPTION...] FILE BALANCE [GIFTS]

      Prints the items of a price list whose sum comes closest to a balance without
      exceeding it, cheapest first, or "Not possible".

        FILE         lines "name, price", prices in whole cents; - is standard input
        BALANCE      cents
        GIFTS        how many items to choose, 2 unless given

        --all        print every best selection, one per line
        --json       print JSON
        --presorted  trust that FILE is sorted by price, and read only the lines needed
        --help       print this
        --version    print the version

      The exit code is 0 when a selection was found, 1 when none is possible, 2 for bad
      usage or input.
      """;

  /** The largest price and balance, in cents. */
  private static final long MOST_CENTS = 1_000_000_000_000_000L;

  /** How many causes are named of what nobody foresaw, and how many places that led there. */
  private static final int MOST_CAUSES = 8;

  private static final int MOST_FRAMES = 3;

  public static void main(String[] arguments) {
    // System.exit would first look for a logger to tell, an eighth of the time of a small list. All
    // is flushed by now; a tool that hooks itself to the exit, as a flight recorder, is not called.
    Runtime.getRuntime().halt(run(arguments));
  }

  private static int run(String[] arguments) {
    // Never closed: where there is no standard output, a file of Java's own has its number.
    var out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16);
    int code = 0;
    try {
      code = run(arguments, out);
      out.flush();
      return code;
    } catch (BadInput bad) {
      System.err.println(bad.getMessage());
    } catch (OutOfMemoryError full) {
      System.err.println(
          "FindPair: this list needs more memory than Java is allowed ("
              + full.getMessage()
              + "); JAVA_TOOL_OPTIONS=-Xmx8g, say, allows more");
    } catch (InternalError unreadable) { // what a read of mapped memory throws
      System.err.println("FindPair: the list was truncated while it was read, or its disk failed");
    } catch (UncheckedIOException failed) {
      return notWritten(failed.getCause(), code);
    } catch (IOException failed) {
      return notWritten(failed, code);
    } catch (LinkageError missing) {
      System.err.println(
          "FindPair: a library can't be loaded; those of an exported jar are in lib/ beside it: "
              + traced(missing));
    } catch (RuntimeException | Error unforeseen) { // an exit code of 1 would be an answer
      System.err.println(
          "FindPair: the list was changed while it was read, or this is a fault of FindPair: "
              + traced(unforeseen));
    }
    return 2;
  }

  /** In one line, what was thrown and its causes; where the last arose, and what led there. */
  static String traced(Throwable thrown) {
    var text = new StringBuilder(thrown.toString());
    Throwable root = thrown;
    for (int i = 0; i < MOST_CAUSES && root.getCause() != null; i++) {
      root = root.getCause();
      if (text.indexOf(root.toString()) < 0) { // as some have their cause's text for their own
        text.append(", caused by ").append(root);
      }
    }
    int count = 0;
    for (StackTraceElement frame : root.getStackTrace()) {
      boolean isOwn = frame.getClassName().startsWith("FindPair");
      if (count == 0 || isOwn && count < MOST_FRAMES) {
        text.append(count++ == 0 ? " at " : ", ").append(frame);
      }
    }
    return text.toString().replaceAll("\\R", " ");
  }

  private static int run(String[] arguments, OutputStream out) throws IOException {
    CommandLine line = Request.read(arguments);
    if (line.hasOption("help") || line.hasOption("version")) {
      out.write((line.hasOption("help") ? HELP : VERSION + "\n").getBytes());
      return 0;
    }
    Request request = Request.of(line);
    return find(request, Source.open(request.file()), out, System.err);
  }

  /** A reader that closes the pipe has what it wanted. */
  private static int notWritten(IOException failed, int code) {
    if (isBrokenPipe(failed)) {
      return code;
    }
    System.err.println("FindPair: the answer could not be written: " + failed.getMessage());
    return 2;
  }

  /** By its message, which the system translates: another broken pipe has the same. */
  private static boolean isBrokenPipe(IOException failed) {
    try {
      Pipe pipe = Pipe.open();
      try (var sink = pipe.sink()) {
        pipe.source().close();
        sink.write(ByteBuffer.allocate(1));
      }
      return false;
    } catch (IOException broken) {
      return Objects.equals(broken.getMessage(), failed.getMessage());
    }
  }

  static int find(Request request, Text text, OutputStream out, PrintStream err) {
    try {
      return answer(request, text, out, err);
    } catch (OutOfOrder found) {
      var line = new Line(text);
      if (!line.nextCheaper() || !request.presorted()) {
        throw found; // the list was changed meanwhile
      }
      throw new BadInput(
          text.place(line.start)
              + "cheaper than the line before; the list is not sorted, so leave out --presorted");
    }
  }

  private static int answer(Request request, Text text, OutputStream out, PrintStream err) {
    boolean two = request.gifts() == 2;
    // With a balance of 0, which no pair has, the lines are only checked.
    Optional<long[]> pair =
        request.presorted() ? Optional.empty() : checkedPair(text, two ? request.balance() : 0);
    boolean sorted = request.presorted() || pair.isPresent();
    PriceList list = sorted ? PriceList.trust(text) : PriceList.unsorted(text, err);
    if (list.isEmpty()) { // as where what should have written it failed
      err.println(text.name + ": the list is empty");
    }
    long[] best =
        two && pair.isPresent() ? pair.get() : list.best(request.gifts(), request.balance());
    var answer = new Answer(out, request);
    if (best.length == 0) {
      answer.write(List.of());
      return 1;
    }
    if (request.all()) {
      answer.flushDuring(() -> list.eachBest(best, answer));
    } else {
      answer.write(list.first(best));
    }
    return 0;
  }

  /** The best pair, if any, of a text that is right in every line and sorted, or else empty. */
  private static Optional<long[]> checkedPair(Text text, long balance) {
    try {
      return Optional.of(new PairFinder(text, balance).check());
    } catch (BadInput | OutOfOrder anywhere) {
      return Optional.empty();
    }
  }

  /** What is wrong with the command line or the list, in one line for the person who wrote it. */
  static final class BadInput extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadInput(String message) {
      super(message.replaceAll("\\R", " ")); // as a file's name may have several
    }
  }

  /** A line is cheaper than the one before it, in a list that should be sorted by price. */
  static final class OutOfOrder extends RuntimeException {
    private static final long serialVersionUID = 1;

    OutOfOrder() {
      super("a line is cheaper than the one before it");
    }
  }

  /** What the command line asks for; the balance is in cents, and nothing fits one of 0 or less. */
  record Request(
      String file, long balance, int gifts, boolean presorted, boolean json, boolean all) {
    static CommandLine read(String[] arguments) {
      var options = new Options();
      for (String name : List.of("all", "json", "presorted", "help", "version")) {
        options.addOption(null, name, false, "");
      }
      try {
        String[] words = Arrays.stream(arguments).map(Request::guarded).toArray(String[]::new);
        return new DefaultParser(false).parse(options, words);
      } catch (ParseException wrong) {
        throw wrong(wrong.getMessage() + "; see --help");
      }
    }

    /**
     * Puts a NUL, which no argument can contain, before a negative number, so that the parser does
     * not take it for an option.
     */
    private static String guarded(String word) {
      return word.matches("-[0-9]+([.,][0-9]*)?") ? '\0' + word : word;
    }

    static Request of(CommandLine line) {
      List<String> words = line.getArgList().stream().map(word -> word.replace("\0", "")).toList();
      if (words.size() < 2 || words.size() > 3) {
        throw new BadInput(HELP.lines().findFirst().orElseThrow() + ", or --help for more");
      }
      return new Request(
          words.get(0),
          balance(words.get(1).strip()),
          words.size() == 2 ? 2 : gifts(words.get(2).strip()),
          line.hasOption("presorted"),
          line.hasOption("json"),
          line.hasOption("all"));
    }

    private static long balance(String word) {
      if (!word.matches("-?[0-9]+")) {
        throw wrong("BALANCE \"" + word + "\" is not a whole number of cents");
      }
      long cents = saturated(word);
      if (cents > MOST_CENTS) {
        throw wrong("BALANCE \"" + word + "\" is more than " + MOST_CENTS + " cents");
      }
      return Math.max(cents, -MOST_CENTS);
    }

    private static int gifts(String word) {
      long gifts = word.matches("[0-9]+") ? saturated(word) : 0;
      if (gifts < 1) {
        throw wrong("GIFTS \"" + word + "\" is not a whole number from 1 up");
      }
      return (int) Math.min(gifts, Integer.MAX_VALUE);
    }

    private static BadInput wrong(String what) {
      return new BadInput("FindPair: " + what);
    }

    /** Exact up to 2^53, far above what is allowed; what is beyond a long becomes its limit. */
    private static long saturated(String wholeNumber) {
      return (long) Double.parseDouble(wholeNumber);
    }
  }

  /** Where a list comes from: a file, or a pipe, which is copied to a temporary file first. */
  static final class Source {
    private Source() {}

    /** Maps what a name says; {@code -} is standard input. */
    static Text open(String file) {
      String name = file.equals("-") ? "standard input" : file;
      try {
        if (file.equals("-")) {
          if (isClosed()) {
            throw new BadInput(name + ": is closed");
          }
          return spool(name, System.in);
        }
        if (file.isEmpty()) { // to Java the folder it runs in
          throw new BadInput("FindPair: FILE is an empty name");
        }
        Path path = Path.of(name);
        if (Files.isDirectory(path)) {
          throw new BadInput(name + ": is a folder, not a price list");
        }
        if (Files.isRegularFile(path)) {
          try (var channel = FileChannel.open(path)) {
            return map(name, channel);
          }
        }
        try (InputStream pipe = Files.newInputStream(path)) {
          return spool(name, pipe);
        }
      } catch (NoSuchFileException | InvalidPathException missing) {
        throw new BadInput(name + ": there is no such file");
      } catch (AccessDeniedException denied) {
        throw new BadInput(name + ": permission denied");
      } catch (IOException failed) {
        String reason = failed instanceof FileSystemException system ? system.getReason() : null;
        throw new BadInput(
            name + ": could not be read: " + (reason != null ? reason : failed.getMessage()));
      }
    }

    /** Whether there is no standard input: a file of Java's own then has its number. */
    private static boolean isClosed() throws IOException {
      Path own = Path.of(System.getProperty("java.home"), "lib/modules");
      Path input = Path.of("/dev/fd/0");
      return Files.exists(own) && Files.exists(input) && Files.isSameFile(own, input);
    }

    private static Text spool(String name, InputStream pipe) {
      Path file = temporaryFile();
      // Deleted at once: what is open or mapped lives on without a name.
      try (var copy = FileChannel.open(file, READ, WRITE, DELETE_ON_CLOSE)) {
        pipe.transferTo(Channels.newOutputStream(copy));
        return map(name, copy);
      } catch (IOException failed) {
        String place = "a temporary file in " + file.getParent();
        throw new BadInput(name + ": could not be read into " + place + ": " + failed.getMessage());
      }
    }

    /** In the folder that TMPDIR names (POSIX, XBD 8.3): Java asks macOS, or leaves it at /tmp. */
    private static Path temporaryFile() {
      String folder = System.getProperty("java.io.tmpdir");
      String named = System.getenv().getOrDefault("TMPDIR", "");
      folder = folder.matches("/tmp|/var/folders/.*") && !named.isEmpty() ? named : folder;
      try {
        return Files.createTempFile(Path.of(folder), "prices", ".txt");
      } catch (IOException | InvalidPathException failed) {
        throw new BadInput("FindPair: no temporary file can be made in " + folder);
      }
    }

    private static Text map(String name, FileChannel channel) throws IOException {
      return new Text(
          name, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.global()));
    }
  }

  /**
   * The bytes of a list, mapped into memory: where lines begin and end, and what their prices are.
   *
   * <p>A line is named by the offset of its first byte and that of its end, the newline's. Eight
   * bytes are looked at in one step where there are as many.
   */
  static final class Text {
    /** What {@link #price} says of a line of blanks. */
    static final long BLANK = 0;

    private static final ValueLayout.OfLong WORD =
        ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long NEWLINES = '\n' * ONES;
    private static final long COMMA_BLANK = ',' | ' ' << 8;
    private static final long ZEROS = '0' * ONES;

    private final String name;
    private final MemorySegment bytes;
    final long first;
    final long size;

    Text(String name, MemorySegment bytes) {
      this.name = name;
      this.bytes = bytes;
      size = bytes.byteSize();
      boolean marked = size >= 3 && at(0) == 0xEF && at(1) == 0xBB && at(2) == 0xBF;
      first = marked ? 3 : 0; // a UTF-8 byte order mark is no part of the first name
      if (size >= 2 && (at(0) == 0xFF && at(1) == 0xFE || at(0) == 0xFE && at(1) == 0xFF)) {
        throw new BadInput(name + ": is UTF-16 or UTF-32, but must be UTF-8");
      }
    }

    void copy(long from, byte[] to, int at, int length) {
      // Not to the array itself, which takes 4 ms when it is first done.
      MemorySegment.copy(bytes, from, MemorySegment.ofArray(to), at, length);
    }

    private int at(long offset) {
      return bytes.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
    }

    /** A bit in each byte that is a newline; only the lowest is right. */
    private static long newlineBits(long word) {
      long other = word ^ NEWLINES;
      return (other - ONES) & ~other & HIGHS;
    }

    /** The end of the line that holds an offset. */
    long endOf(long offset) {
      long at = offset;
      for (; at + 8 <= size; at += 8) {
        long found = newlineBits(bytes.get(WORD, at));
        if (found != 0) {
          return at + (Long.numberOfTrailingZeros(found) >>> 3);
        }
      }
      while (at < size && at(at) != '\n') {
        at++;
      }
      return at;
    }

    /** The start of the line that holds an offset. */
    long startOf(long offset) {
      long at = offset;
      for (; at - 8 >= first; at -= 8) {
        long word = bytes.get(WORD, at - 8) ^ NEWLINES;
        long found = ~(((word & ~HIGHS) + ~HIGHS) | word | ~HIGHS); // all its bits are right
        if (found != 0) {
          return at - (Long.numberOfLeadingZeros(found) >>> 3);
        }
      }
      while (at > first && at(at - 1) != '\n') {
        at--;
      }
      return at;
    }

    /**
     * Where so many parts of a range of lines start, which can be read at the same time, and last
     * where the range ends. One that starts at size + 1, behind a last line without newline, is
     * empty.
     */
    long[] parts(long from, long to, int count) {
      var starts = new long[count + 1];
      starts[count] = Math.max(from, to);
      for (int i = 0; i < count; i++) {
        long at = from + (to - from) / count * i;
        starts[i] = at < size ? startOf(at) : from;
      }
      return starts;
    }

    /** The price of a line in cents, or {@link #BLANK}; a bad line is thrown. */
    long price(long start, long end) {
      long price =
          end - 16 < first ? 0 : usualPrice(bytes.get(WORD, end - 16), bytes.get(WORD, end - 8));
      return price > 0 ? price : anyPrice(start, end);
    }

    /**
     * The price of a line that ends in a name, a comma, a blank and up to 13 digits, or 0.
     *
     * @param head the first eight of the sixteen bytes before its newline
     * @param tail the last eight of them
     */
    private static long usualPrice(long head, long tail) {
      long last = tail ^ ZEROS;
      int bits = digitBits(last);
      long price = number(last & -1L << -bits);
      long before = tail << bits | head >>> -bits;
      if (bits == 64) {
        long leading = head ^ ZEROS;
        int more = digitBits(leading);
        price += more == 0 ? 0 : 100_000_000 * number(leading & -1L << -more);
        before = head << more;
      }
      boolean usual = before >>> 48 == COMMA_BLANK && (before << 16 >>> 56) > ' ';
      return bits > 0 && usual ? price : 0;
    }

    /** How many of a word's last bits are digits, each a byte xored with '0'. */
    private static int digitBits(long word) {
      return Long.numberOfLeadingZeros((((word & ~HIGHS) + 0x76 * ONES) | word) & HIGHS);
    }

    /**
     * The number of a word's digits, by three multiplications (Johnny Lee, "Fast numeric string to
     * int", 2016).
     */
    private static long number(long word) {
      long number = word * 10 + (word >>> 8);
      long mask = 0x000000FF000000FFL;
      return ((number & mask) * (100 + (1_000_000L << 32))
              + ((number >>> 16) & mask) * (1 + (10_000L << 32)))
          >>> 32;
    }

    /** The price of a line whatever its form, byte by byte. */
    private long anyPrice(long start, long end) {
      long last = trimEnd(start, end);
      long from = trimStart(start, last);
      if (from == last) {
        return BLANK;
      }
      long comma = commaOf(from, last);
      if (comma < 0) {
        throw bad(start, "no comma between name and price: \"" + excerpt(from, last) + '"');
      }
      if (trimEnd(from, comma) == from) {
        throw bad(start, "no name before the comma");
      }
      long digit = trimStart(comma + 1, last);
      if (digit == last) {
        throw bad(start, "no price after the comma");
      }
      boolean negative = at(digit) == '-' && last > digit + 1;
      boolean whole = true;
      long price = 0;
      for (long at = negative ? digit + 1 : digit; at < last; at++) {
        int value = at(at) - '0';
        whole &= value >= 0 && value <= 9;
        price = Math.min(price * 10 + value, MOST_CENTS + 1);
      }
      if (whole && !negative && price > 0 && price <= MOST_CENTS) {
        return price;
      }
      String problem =
          !whole
              ? "not a whole number of cents"
              : negative || price == 0 ? "not above zero" : "more than " + MOST_CENTS + " cents";
      throw bad(start, "price \"" + excerpt(digit, last) + "\" is " + problem);
    }

    private long trimStart(long start, long end) {
      long at = start;
      while (at < end && at(at) <= ' ') {
        at++;
      }
      return at;
    }

    private long trimEnd(long start, long end) {
      long at = end;
      while (at > start && at(at - 1) <= ' ') {
        at--;
      }
      return at;
    }

    private long commaOf(long start, long end) {
      long at = end - 1;
      while (at >= start && at(at) != ',') {
        at--;
      }
      return at < start ? -1 : at;
    }

    /** The name on a line that has one; what is not UTF-8 becomes replacement characters. */
    String nameOf(long start) {
      long end = endOf(start);
      long comma = commaOf(start, end);
      long from = trimStart(start, comma);
      return string(from, trimEnd(from, comma));
    }

    private String string(long start, long end) {
      if (end - start > 1 << 28) {
        throw bad(start, "a name this long can't be printed");
      }
      var name = new byte[(int) (end - start)];
      copy(start, name, 0, name.length);
      return new String(name, StandardCharsets.UTF_8);
    }

    private BadInput bad(long start, String what) {
      return new BadInput(place(start) + what);
    }

    private String excerpt(long start, long end) {
      long cut = start + 57;
      while (cut > start && cut < end && (at(cut) & 0xC0) == 0x80) { // within a character
        cut--;
      }
      String text = end - start <= 60 ? string(start, end) : string(start, cut) + "...";
      // What could tell a terminal to do things, or would not be seen as what is wrong.
      return text.replaceAll("[\\p{Cc}\\p{Cf}\\p{Z}&&[^ ]]", "?");
    }

    /** The file and the line's number, from 1, as errors begin. */
    String place(long start) {
      long number = 1;
      for (long end = endOf(first); end < start; end = endOf(end + 1)) {
        number++;
      }
      return name + ":" + number + ": ";
    }
  }

  /** One line of a text, which can move to the lines beside it and over many at once. */
  static final class Line {
    /** How many bytes a gallop begins with: less than most lines, as a guess is often right. */
    private static final int NEAR = 16;

    private final Text text;
    long start;
    long end;
    long price;

    Line(Text text) {
      this.text = text;
      start = text.first;
      end = start - 1;
    }

    /** Moves to the next line that is not blank, or returns false at the text's end. */
    boolean next() {
      return moveTo(end + 1);
    }

    /** The same before a limit, where a line starts. */
    boolean next(long limit) {
      return moveTo(end + 1, limit);
    }

    /** Moves to the first line at or after the start of one that is not blank. */
    boolean moveTo(long line) {
      return moveTo(line, text.size);
    }

    /** The same before a limit, so that a probe among blank lines does not read on behind it. */
    boolean moveTo(long line, long limit) {
      end = line - 1;
      while (end + 1 < limit) {
        start = end + 1;
        end = text.endOf(start);
        if (read()) {
          return true;
        }
      }
      return false;
    }

    /** Moves to the last line before the start of one that is not blank. */
    boolean moveBefore(long line) {
      start = line;
      while (start > text.first) {
        end = start - 1;
        start = text.startOf(end);
        if (read()) {
          return true;
        }
      }
      return false;
    }

    /** Moves on to the first line cheaper than the one before it, or returns false. */
    boolean nextCheaper() {
      for (long before = price; next(); before = price) {
        if (price < before) {
          return true;
        }
      }
      return false;
    }

    /** Moves on to the first line before a limit that is dearer than this, over equal prices. */
    boolean nextDearer(long limit) {
      return moveTo(firstAbove(price, end + 1, limit, end + 1), limit);
    }

    /** Where the first line dearer than a price starts, in a range of lines sorted by price. */
    long firstAbove(long bound, long from, long to) {
      long low = from;
      long high = to;
      while (low < high) {
        long middle = text.startOf((low + high) >>> 1);
        if (!moveTo(middle, high) || price > bound) {
          high = middle;
        } else {
          low = end + 1;
        }
      }
      return low;
    }

    /** The same, galloping from a guess: time grows with the logarithm of its error. */
    long firstAbove(long bound, long from, long to, long guess) {
      long low = from;
      long high = to;
      long at = guess;
      for (long step = NEAR; low < high && (low == from || high == to); step *= 2) {
        long line = text.startOf(Math.clamp(at, low, high - 1));
        if (!moveTo(line, high) || price > bound) {
          high = line;
          at = high - step;
        } else {
          low = end + 1;
          at = low + step;
        }
      }
      return firstAbove(bound, low, high);
    }

    private boolean read() {
      price = text.price(start, end);
      return price != Text.BLANK;
    }
  }

  /** Does the numbered parts of a job on all processors. */
  static final class Parts {
    private Parts() {}

    /** Returns when all parts are done; what one of them throws is thrown here. */
    static void run(int count, IntConsumer part) {
      var next = new AtomicInteger();
      runWhile(
          count,
          () -> {
            int i = next.getAndIncrement();
            if (i < count) {
              part.accept(i);
            }
            return i < count;
          });
    }

    /** The same while each call does another of at most so many parts; false when none is left. */
    static void runWhile(int most, BooleanSupplier nextPart) {
      var failure = new AtomicReference<Throwable>();
      Runnable worker =
          () -> {
            try {
              boolean mayBeLeft = true;
              while (mayBeLeft && failure.get() == null) {
                mayBeLeft = nextPart.getAsBoolean();
              }
            } catch (RuntimeException | Error failed) {
              failure.compareAndSet(null, failed);
            }
          };
      var threads = new Thread[Math.min(most, Runtime.getRuntime().availableProcessors()) - 1];
      for (int i = 0; i < threads.length; i++) {
        threads[i] = Thread.ofPlatform().daemon().start(worker);
      }
      worker.run();
      for (Thread thread : threads) {
        join(thread);
      }
      if (failure.get() instanceof RuntimeException failed) {
        throw failed;
      }
      if (failure.get() instanceof Error failed) {
        throw failed;
      }
    }

    static void join(Thread thread) {
      try {
        thread.join();
      } catch (InterruptedException impossible) {
        throw new AssertionError("nobody interrupts this thread", impossible);
      }
    }
  }

  /** A text as a list of prices: whether they are in order, and which is the cheapest. */
  record PriceList(Text text, boolean sorted, long cheapest) {
    /** How many bytes are worth a part of their own. */
    private static final int PART = 1 << 23;

    /** Reads a text that is not sorted, or that has a bad line: the first is thrown. */
    static PriceList unsorted(Text text, PrintStream err) {
      var cheapest = new LongAccumulator(Math::min, Long.MAX_VALUE);
      var disorder = new LongAccumulator(Math::min, text.size);
      read(
          text,
          parts(text),
          (_, from, to) -> {
            var line = new Line(text);
            long before = line.moveBefore(from) ? line.price : 0;
            for (boolean more = line.moveTo(from, to); more; more = line.next(to)) {
              if (line.price < before) {
                disorder.accumulate(line.start);
              }
              before = line.price;
              cheapest.accumulate(before);
            }
          });
      err.println(
          text.place(disorder.get())
              + "cheaper than the line before; the list is not sorted by price: sorting it");
      return new PriceList(text, false, cheapest.get());
    }

    /** Reads the lines from one start up to another, the part of a number. */
    private interface Reading {
      void read(int part, long from, long to);
    }

    /** Has so many parts of the lines read on all processors; of bad lines the first is thrown. */
    private static void read(Text text, int parts, Reading reading) {
      long[] starts = text.parts(text.first, text.size, parts);
      try {
        Parts.run(parts, i -> reading.read(i, starts[i], starts[i + 1]));
      } catch (BadInput anywhere) {
        reading.read(0, text.first, text.size);
        throw anywhere;
      }
    }

    private static int parts(Text text) {
      return (int) Math.clamp(text.size / PART, 1, 8L * Runtime.getRuntime().availableProcessors());
    }

    /** Trusts that a text is sorted by price, and reads no more than it must. */
    static PriceList trust(Text text) {
      var line = new Line(text);
      long cheapest = line.next() ? line.price : Long.MAX_VALUE;
      return new PriceList(text, true, cheapest);
    }

    boolean isEmpty() {
      return cheapest == Long.MAX_VALUE;
    }

    /** The prices of the best selection, cheapest first; none when none is possible. */
    long[] best(int gifts, long balance) {
      if (balance / gifts < cheapest) {
        return new long[0];
      }
      if (sorted && gifts <= 2) {
        return gifts == 1 ? dearest(balance) : new PairFinder(text, balance).search();
      }
      ScaledPrices candidates = candidates(gifts, balance);
      return candidates.amounts.count < gifts
          ? new long[0]
          : candidates.prices(candidates.search(0, gifts, balance).best(0));
    }

    /** What can be part of a selection; the cheapest price times gifts is at most the balance. */
    ScaledPrices candidates(int gifts, long balance) {
      return ScaledPrices.of(prices(balance - (gifts - 1) * cheapest, gifts), cheapest);
    }

    private long[] dearest(long balance) {
      var line = new Line(text);
      line.moveBefore(line.firstAbove(balance, text.first, text.size));
      return new long[] {line.price};
    }

    /** The first items of the prices of a selection, cheapest first. */
    List<Item> first(long[] prices) {
      Lines lines = sorted ? new SortedLines(text) : IndexedLines.first(text, prices);
      return new Selection(lines, prices).items();
    }

    /** Hands on every selection with the sum of a best one, in the order of ties. */
    void eachBest(long[] best, Answer answer) {
      long sum = Arrays.stream(best).sum();
      ScaledPrices candidates = candidates(best.length, sum);
      Lines lines = sorted ? new SortedLines(text) : IndexedLines.all(text, candidates.prices());
      var isFound = new AtomicBoolean();
      candidates.each(
          best[0],
          best.length,
          sum,
          prices -> {
            isFound.set(true);
            var selection = new Selection(lines, prices);
            do {
              answer.write(selection.items());
            } while (selection.next());
          });
      if (!isFound.get()) {
        throw new OutOfOrder(); // there is a best one
      }
    }

    /** The prices up to one, ascending, each as often as there are lines, but at most so often. */
    private long[] prices(long most, int repeats) {
      var parts = new long[sorted ? 1 : parts(text)][]; // of a sorted list some lines may do
      read(text, parts.length, (part, from, to) -> parts[part] = prices(from, to, most, repeats));
      long[] prices = joined(parts);
      int count = compact(prices, prices.length, repeats);
      return count == prices.length ? prices : Arrays.copyOf(prices, count);
    }

    private static long[] joined(long[][] parts) {
      if (parts.length == 1) {
        return parts[0];
      }
      int count = 0;
      for (long[] part : parts) {
        count += part.length;
      }
      var all = new long[count];
      for (int i = parts.length - 1; i >= 0; i--) {
        count -= parts[i].length;
        System.arraycopy(parts[i], 0, all, count, parts[i].length);
        parts[i] = null; // as sorting takes as much again
      }
      return all;
    }

    /** Those of a range of lines, in any order and perhaps more often. */
    private long[] prices(long from, long to, long most, int repeats) {
      var prices = new long[1024];
      int count = 0;
      var line = new Line(text);
      boolean more = line.moveTo(from, to);
      while (more && (!sorted || line.price <= most)) {
        long price = line.price;
        if (price <= most) {
          if (count == prices.length) {
            count = compact(prices, count, repeats);
            if (count > prices.length / 2) {
              long room = sorted ? 2L * count : 4L * count; // as each time all are sorted
              prices = Arrays.copyOf(prices, (int) Math.min(room, Integer.MAX_VALUE - 8));
            }
          }
          prices[count++] = price;
        }
        boolean enough = sorted && count >= repeats && prices[count - repeats] == price;
        more = line.next(to);
        if (enough && more && line.price == price) {
          more = line.nextDearer(to);
        }
      }
      return Arrays.copyOf(prices, count);
    }

    /** Sorts prices, drops what is too many of one price, and returns how many are left. */
    private int compact(long[] prices, int count, int repeats) {
      if (!sorted) {
        Arrays.parallelSort(prices, 0, count);
      }
      int kept = 0;
      for (int i = 0; i < count; i++) {
        if (i > 0 && prices[i] < prices[i - 1]) {
          throw new OutOfOrder();
        }
        if (kept < repeats || prices[kept - repeats] != prices[i]) {
          prices[kept++] = prices[i];
        }
      }
      return kept;
    }
  }

  /**
   * Finds the best pair in a text that is sorted by price: the lines up to half the balance are
   * read upwards, beside the dearer lines that fit, which are read downwards.
   *
   * <p>A job is a part of the lower lines, with the upper lines that fit beside its first line but
   * not beside the next part's: what fits beside both makes pairs as good with the next part.
   */
  static final class PairFinder {
    /** How many bytes are worth a part of their own. */
    private static final int PART = 1 << 27;

    private final Text text;
    private final long balance;
    private final int parts;
    private final int blockSize;

    /** The lowest part in which a pair meets the balance: the pairs of parts above lose the tie. */
    private final AtomicInteger last = new AtomicInteger(Integer.MAX_VALUE);

    PairFinder(Text text, long balance) {
      int most = 8 * Runtime.getRuntime().availableProcessors();
      this(text, balance, Math.clamp(text.size / PART, 1, most), Block.SIZE);
    }

    PairFinder(Text text, long balance, int parts, int blockSize) {
      this.text = text;
      this.balance = balance;
      this.parts = parts;
      this.blockSize = blockSize;
    }

    /**
     * The two prices, or none; lines of no use are left out.
     *
     * <p>Time is O(min(n, d log n)) for n lines and d different prices.
     */
    long[] search() {
      // Not cut like the check's: in ever shorter blocks lines out of order are seen less often.
      long half = half();
      long[] lows = text.parts(text.first, half, parts);
      return best(parts, half, i -> search(i, lows[i], lows[i + 1], half));
    }

    /** Where the lines above half the balance start. */
    private long half() {
      return new Line(text).firstAbove(balance / 2, text.first, text.size);
    }

    private long[] search(int part, long from, long to, long half) {
      var lower = new Run(text, from, to, Run.NEAR);
      // From half on: the lower lines are used up before those that fit beside the next part.
      var upper = new Run(text, half, endBeside(from, half, text.size), Run.NEAR);
      var low = new Block(text, blockSize);
      var high = new Block(text, blockSize);
      var best = new BestPair(balance);
      while (part < last.get() && lower.up(low) && upper.down(high)) {
        best.search(low, high);
        if (best.sum == balance) {
          last.accumulateAndGet(part, Math::min);
        }
        if (low.isEmpty()) {
          lower.skipUp(balance - high.dearest());
        } else {
          upper.skipDown(balance - low.cheapest());
        }
      }
      return best.pair();
    }

    /**
     * The same, after every line has been read and found to be right and in order.
     *
     * <p>Each half is cut evenly, and each cut has another in the other half: where the lines end
     * that fit beside the line at the cut. Two lines behind both don't fit; of two before both, the
     * one beside the line at the cut makes a pair as good. So a job has the lines that are before
     * the one cut and behind the other. Lines that fit beside none come to jobs without lower
     * lines.
     */
    long[] check() {
      long half = half();
      long[] lows = text.parts(text.first, half, parts);
      long[] highs = text.parts(half, text.size, parts);
      List<Run> lower = runs(lows, highs, text.first, half);
      List<Run> upper = runs(highs, lows, half, text.size);
      int jobs = lower.size();
      long[] best = best(jobs, half, i -> check(lower.get(i), upper.get(jobs - 1 - i)));
      long before = 0;
      for (List<Run> runs : List.of(lower, upper)) {
        for (Run run : runs) {
          before = run.follow(before);
        }
      }
      return best;
    }

    /** The runs of a half between its even cuts and where the lines beside the other's end. */
    private List<Run> runs(long[] cuts, long[] others, long from, long to) {
      // Not by streams, which take 5 ms when they are first used.
      long[] bounds = Arrays.copyOf(cuts, cuts.length + others.length);
      for (int i = 0; i < others.length; i++) {
        bounds[cuts.length + i] = endBeside(others[i], from, to);
      }
      Arrays.sort(bounds);
      var runs = new ArrayList<Run>();
      for (int i = 1; i < bounds.length; i++) {
        runs.add(new Run(text, bounds[i - 1], bounds[i], blockSize));
      }
      return runs;
    }

    /** Where the lines of a range end that fit beside the one at a start; none if there is none. */
    private long endBeside(long start, long from, long to) {
      var line = new Line(text);
      return line.moveTo(start) ? line.firstAbove(balance - line.price, from, to) : from;
    }

    private long[] check(Run lower, Run upper) {
      var low = new Block(text, blockSize);
      var high = new Block(text, blockSize);
      var best = new BestPair(balance);
      if (!lower.up(low)) { // no pairs: upwards a disk is read in less time
        while (upper.up(high)) {
          high.clear();
        }
      }
      while (lower.up(low) && upper.down(high)) {
        best.search(low, high);
      }
      while (lower.up(low)) {
        low.clear();
      }
      while (upper.down(high)) {
        high.clear();
      }
      return best.pair();
    }

    /** The first of the jobs' pairs with the largest sum, or the best of two lower lines. */
    private long[] best(int jobs, long half, IntFunction<long[]> job) {
      var pairs = new long[jobs + 1][];
      Parts.run(jobs, i -> pairs[i] = job.apply(i));
      pairs[jobs] = lastTwo(half);
      long[] best = {};
      for (long[] pair : pairs) {
        if (pair.length == 2 && pair[0] > pair[1]) {
          throw new OutOfOrder();
        }
        if (Arrays.stream(pair).sum() > Arrays.stream(best).sum()) {
          best = pair;
        }
      }
      return best;
    }

    /** The prices of the last two lines before a start. */
    private long[] lastTwo(long start) {
      var high = new Line(text);
      var low = new Line(text);
      return high.moveBefore(start) && low.moveBefore(high.start)
          ? new long[] {low.price, high.price}
          : new long[0];
    }
  }

  /** Keeps the best pair of a price that comes from below and one that comes from above. */
  static final class BestPair {
    private final long balance;
    private long sum;
    private long cheaper;

    BestPair(long balance) {
      this.balance = balance;
    }

    /** Its prices; empty when there is none. */
    long[] pair() {
      return sum == 0 ? new long[0] : new long[] {cheaper, sum - cheaper};
    }

    /** Takes prices from the lower block's start and the upper's end, until one is used up. */
    void search(Block lower, Block upper) {
      long[] lows = lower.prices;
      long[] highs = upper.prices;
      int low = lower.first;
      int high = upper.end - 1;
      while (low < lower.end && high >= upper.first) {
        long both = lows[low] + highs[high];
        if (both > balance) {
          high--;
          continue;
        }
        if (both > sum) {
          sum = both;
          cheaper = lows[low]; // not as an array, which each price may make anew
        }
        low++;
      }
      lower.first = low;
      upper.end = high + 1;
    }
  }

  /** A range of sorted lines that is read block by block, upwards or downwards. */
  static final class Run {
    /** Bytes of a block where few lines are of use. */
    private static final int NEAR = 64;

    private final Text text;
    private final Line line;

    /** What is not read yet. */
    private long start;

    private long end;

    /** How many bytes the next block has. */
    private int size;

    /** Of what was read. */
    private long cheapest = Long.MAX_VALUE;

    private long dearest;

    /** How many bytes were left out the last time: about as many will be the next. */
    private long skipped;

    Run(Text text, long start, long end, int size) {
      this.text = text;
      line = new Line(text);
      this.start = start;
      this.end = end;
      this.size = size;
    }

    /** Reads the next block if this one is used up; returns false when there is nothing left. */
    boolean up(Block block) {
      while (block.isEmpty() && start < end) {
        int most = Math.min(size, block.size);
        long to = end - start <= most ? end : text.startOf(start + most);
        if (to <= start) {
          to = Math.min(end, text.endOf(start) + 1); // a last line may have no newline
        }
        block.read(start, to, dearest);
        include(block);
        start = to;
      }
      return !block.isEmpty();
    }

    /** Reads the block before if this one is used up; returns false when there is nothing left. */
    boolean down(Block block) {
      while (block.isEmpty() && start < end) {
        int most = Math.min(size, block.size);
        long from = end - start <= most ? start : text.endOf(end - most - 1) + 1;
        if (from >= end) {
          from = text.startOf(end - 1);
        }
        block.read(from, end, 0);
        if (!block.isEmpty() && block.dearest() > cheapest) {
          throw new OutOfOrder();
        }
        include(block);
        end = from;
      }
      return !block.isEmpty();
    }

    private void include(Block block) {
      if (!block.isEmpty()) {
        cheapest = Math.min(cheapest, block.cheapest());
        dearest = Math.max(dearest, block.dearest());
      }
    }

    /** Leaves out lines before the last one up to a price. */
    void skipUp(long most) {
      long dearer = line.firstAbove(most, start, end, start + skipped);
      line.moveBefore(dearer);
      long last = Math.max(start, line.start);
      skip(last - start);
      start = last;
    }

    /** Leaves out lines above a price. */
    void skipDown(long most) {
      long dearer = line.firstAbove(most, start, end, end - skipped);
      skip(end - dearer);
      end = dearer;
    }

    /** Where little was left out the next block is larger. */
    private void skip(long bytes) {
      skipped = bytes;
      size = bytes > size ? NEAR : Math.min(2 * size, Block.SIZE);
    }

    /** Takes the last price before this run, and returns that at its end. */
    long follow(long before) {
      if (before > cheapest) {
        throw new OutOfOrder();
      }
      return Math.max(before, dearest);
    }
  }

  /** The prices of some lines that follow each other, read at once from a copy of their bytes. */
  static final class Block {
    /** Bytes that a processor's cache holds beside their prices. */
    static final int SIZE = 1 << 15;

    /** How far a price is looked for before its line. */
    private static final int BEFORE = 16;

    private static final VarHandle WORD =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final Text text;
    final int size;
    private final byte[] copy;

    /** Ascending; those from first to end are not used up. */
    final long[] prices;

    int first;
    int end;

    /**
     * The first eight bytes of the sixteen that end with the last price of more than eight digits,
     * and where in them the name ends, before comma, blank and digits. In a sorted list most such
     * prices begin like the one before.
     */
    private long leadingText;

    private int nameShift = -Byte.SIZE; // before there is one: no name ends before the eight
    private long leading;

    Block(Text text, int size) {
      this.text = text;
      this.size = size;
      copy = new byte[BEFORE + size + Long.BYTES];
      prices = new long[size / 4 + 1]; // "a,1" and a newline are the shortest line
    }

    boolean isEmpty() {
      return first == end;
    }

    void clear() {
      first = end;
    }

    long cheapest() {
      return prices[first];
    }

    long dearest() {
      return prices[end - 1];
    }

    /** Reads one line or lines of at most this size; none may be cheaper than a price before. */
    void read(long from, long to, long before) {
      long length = Math.min(to, text.size) - from;
      first = 0;
      end = 0;
      if (length > size) {
        readOne(from, before);
        return;
      }
      text.copy(from, copy, BEFORE, (int) length);
      copy[BEFORE + (int) length] = '\n';
      read(from - BEFORE, BEFORE + (int) length, Math.max(before, 1));
    }

    private void read(long offset, int to, long least) {
      int count = 0;
      long before = least;
      for (int start = BEFORE; start < to; ) {
        int newline = newline(start);
        long price = price(word(newline - 16), word(newline - 8));
        if (price < before) { // as 0 is, where it has not the usual form
          price = text.price(offset + start, offset + newline);
          if (price < before && price != Text.BLANK) {
            throw new OutOfOrder();
          }
        }
        if (price != Text.BLANK) {
          before = price;
          prices[count++] = price;
        }
        start = newline + 1;
      }
      end = count;
    }

    private void readOne(long from, long before) {
      long price = text.price(from, text.endOf(from));
      if (price != Text.BLANK) {
        if (price < before) {
          throw new OutOfOrder();
        }
        prices[end++] = price;
      }
    }

    private int newline(int start) {
      int at = start;
      long found = Text.newlineBits(word(at));
      while (found == 0) {
        at += Long.BYTES;
        found = Text.newlineBits(word(at));
      }
      return at + (Long.numberOfTrailingZeros(found) >>> 3);
    }

    private long word(int at) {
      return (long) WORD.get(copy, at);
    }

    /** The price of a line, as by {@link Text#usualPrice}. */
    private long price(long head, long tail) {
      long last = tail ^ Text.ZEROS;
      if ((head ^ leadingText) >>> nameShift + Byte.SIZE == 0
          && Text.digitBits(last) == 64
          && (head >>> nameShift & 0xFF) > ' ') {
        return leading + Text.number(last);
      }
      long price = Text.usualPrice(head, tail);
      if (price >= 100_000_000) {
        nameShift = 40 - Text.digitBits(head ^ Text.ZEROS);
        leadingText = head;
        leading = price - Text.number(last);
      }
      return price;
    }
  }

  /** Prices as small numbers: each is base + amount * unit. */
  record ScaledPrices(Amounts amounts, long base, long unit) {
    /** With the largest unit above a base; makes ascending prices the amounts. */
    static ScaledPrices of(long[] prices, long base) {
      long unit = 0;
      for (int i = 0; i < prices.length && unit != 1; i++) {
        unit = gcd(unit, prices[i] - base);
      }
      unit = Math.max(unit, 1);
      for (int i = 0; i < prices.length; i++) {
        prices[i] = (prices[i] - base) / unit;
      }
      return new ScaledPrices(new Amounts(prices), base, unit);
    }

    static long gcd(long a, long b) {
      return b == 0 ? a : gcd(b, a % b);
    }

    private long price(int i) {
      return base + amounts.all[i] * unit;
    }

    long[] prices() {
      return IntStream.range(0, amounts.count).mapToLong(this::price).toArray();
    }

    long[] prices(int[] chosen) {
      return Arrays.stream(chosen).mapToLong(this::price).toArray();
    }

    /** The most that the amounts of so many prices may sum up to, for these to stay in a sum. */
    long limit(long sum, int count) {
      return (sum - count * base) / unit;
    }

    /** A search for so many prices up to a sum, from an index on. */
    Search search(int from, int count, long sum) {
      return new Search(amounts, from, count, limit(sum, count));
    }

    /**
     * Hands on all selections of so many prices with a sum, in the order of ties.
     *
     * @param first the cheapest price of the first of them
     */
    void each(long first, int count, long sum, Consumer<long[]> visitor) {
      int from = Amounts.lowerBound(amounts.all, limit(first, 1), 0);
      if (from <= amounts.count - count) {
        search(from, count, sum).each(chosen -> visitor.accept(prices(chosen)));
      }
    }
  }

  /** Amounts in ascending order, and what a search looks up about them. */
  static final class Amounts {
    /** How many of the largest amounts sum up to a long, whatever they are. */
    private static final int NO_OVERFLOW = 9000;

    /** How many are looked at to choose a way: about a millisecond for a modulus. */
    private static final int SAMPLE = 1024;

    final long[] all;
    final int count;

    /** Every amount once. */
    final long[] values;

    /** Of each value the index of its first amount; behind the last the number of amounts. */
    final int[] firsts;

    final Residues residues;
    final Bands bands;

    /** Sums of the first amounts, by their number. */
    private final long[] sums;

    Amounts(long[] ascending) {
      all = ascending;
      count = all.length;
      firsts = firsts(all);
      int different = firsts.length - 1;
      values = different == count ? all : new long[different];
      for (int i = 0; i < different; i++) {
        values[i] = all[firsts[i]];
      }
      residues = Residues.of(all);
      bands = Bands.of(all);
      sums = new long[count + 1];
      for (int i = 0; i < count; i++) {
        sums[i + 1] = sums[i] + all[i];
      }
    }

    private static int[] firsts(long[] amounts) {
      var firsts = new int[amounts.length + 1];
      int count = 0;
      for (int i = 0; i < amounts.length; i++) {
        if (i == 0 || amounts[i] != amounts[i - 1]) {
          firsts[count++] = i;
        }
      }
      firsts[count] = amounts.length;
      return Arrays.copyOf(firsts, count + 1);
    }

    /** Some of the amounts from an index on, evenly spread. */
    static long[] sample(long[] amounts, int from) {
      long count = amounts.length - from;
      var sample = new long[(int) Math.min(SAMPLE, count)];
      Arrays.setAll(sample, i -> amounts[from + (int) (count * i / sample.length)]);
      return sample;
    }

    /** The sum of the amounts of a range. */
    long sum(int from, int to) {
      return sums[to] - sums[from];
    }

    /** Whether so many amounts from an index on, the cheapest there are, stay within a limit. */
    boolean fit(int next, int missing, long left) {
      // Where the largest of them stay within the limit, millions of smaller ones sum up to a long.
      int end = next + missing;
      return end <= count
          && sum(Math.max(next, end - NO_OVERFLOW), end) <= left
          && sum(next, end) <= left;
    }

    /** The indexes, from one on, of amounts given in ascending order; of equal ones the first. */
    int[] indexes(long[] ascending, int from) {
      var indexes = new int[ascending.length];
      int next = from;
      for (int i = 0; i < indexes.length; i++) {
        next = lowerBound(all, ascending[i], next);
        indexes[i] = next++;
      }
      return indexes;
    }

    /** The index of the first of ascending values, from an index on, that is not below a bound. */
    static int lowerBound(long[] values, long bound, int from) {
      int low = from;
      int high = values.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (values[middle] < bound) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }

  /**
   * Tells which sums some amounts can't have, by their residues modulo one number. The amounts have
   * few residues modulo it: for a shop's prices it is 100, as they have few endings, such as 99.
   */
  static final class Residues {
    /** Each smaller modulus divides one of these. */
    private static final int SMALLEST = 64;

    private static final int LARGEST = 127;

    /** Up to how many times the best of these is tried, for prices such as 9.99 and 19.99. */
    private static final int MOST_TIMES = 10;

    /** How many of a sample have a residue, on average, where it is not by chance that few are. */
    private static final int NOT_BY_CHANCE = 8;

    /** How many steps of a walk it takes to look up a residue. */
    private static final int STEPS = 4;

    /** And how many to look up what makes a pair with a rare amount. */
    private static final int STEPS_PER_RARE = 16;

    /** So many are looked up for a pair in much less time than two pointers take. */
    private static final int MOST_RARE = 64;

    private final long[] amounts;
    private final int modulus;

    /**
     * By a number of amounts, and by a residue: how far below it the next one is that a sum of so
     * many amounts has, or of fewer. The last is also that of any larger number of amounts.
     */
    private final List<short[]> below;

    /** The few amounts whose residues hardly any other has. */
    private final long[] rare;

    /** The same for sums of two others, or fewer: a pair with a rare amount is looked up. */
    private final short[] belowCommon;

    private Residues(long[] amounts, int modulus) {
      this.amounts = amounts;
      this.modulus = modulus;
      int[] counts = counts(amounts, modulus);
      int few = 0; // a residue is rare that so many amounts have, or fewer
      while (few < MOST_RARE
          && sumUpTo(few + 1, counts) <= Math.min(MOST_RARE, amounts.length / 1000)) {
        few++;
      }
      rare = rare(amounts, counts, few);
      var sums = new ArrayList<boolean[]>(); // residues of sums, by a number of amounts
      var next = new boolean[modulus];
      next[0] = true;
      do {
        sums.add(next);
        next = withOneMore(next, counts, few);
      } while (!Arrays.equals(next, sums.getLast()));
      belowCommon = below(sums.get(Math.min(2, sums.size() - 1)));
      for (long amount : rare) {
        addOnce((int) (amount % modulus), sums);
      }
      below = sums.stream().map(Residues::below).toList();
    }

    static Residues of(long[] amounts) {
      long[] sample = Amounts.sample(amounts, 0);
      int best = SMALLEST;
      double least = 1;
      for (int modulus = SMALLEST; modulus <= LARGEST; modulus++) {
        double share = (double) different(counts(sample, modulus)) / modulus;
        if (share < least) {
          least = share;
          best = modulus;
        }
      }
      int sparsest = best;
      for (int modulus = 2 * best; modulus <= MOST_TIMES * best; modulus += best) {
        int different = different(counts(sample, modulus));
        double share = (double) different / modulus;
        if (share < least && different * NOT_BY_CHANCE <= sample.length) {
          least = share;
          sparsest = modulus;
        }
      }
      return new Residues(amounts, sparsest);
    }

    /** How many amounts have each residue. */
    private static int[] counts(long[] amounts, int modulus) {
      var counts = new int[modulus];
      for (long amount : amounts) {
        counts[(int) (amount % modulus)]++;
      }
      return counts;
    }

    private static int different(int[] counts) {
      return (int) Arrays.stream(counts).filter(count -> count > 0).count();
    }

    /** How many amounts have residues that at most so many have. */
    private static int sumUpTo(int most, int[] counts) {
      return Arrays.stream(counts).filter(count -> count <= most).sum();
    }

    private static long[] rare(long[] amounts, int[] counts, int few) {
      return Arrays.stream(amounts)
          .filter(amount -> counts[(int) (amount % counts.length)] <= few)
          .limit(sumUpTo(few, counts)) // ends with the last of them, and at once if there is none
          .toArray();
    }

    /** The residues of sums, and of these with one more amount that is not rare. */
    private static boolean[] withOneMore(boolean[] sums, int[] counts, int few) {
      boolean[] more = sums.clone();
      for (int residue = 0; residue < counts.length; residue++) {
        if (counts[residue] > few) {
          add(sums, residue, more);
        }
      }
      return more;
    }

    private static void add(boolean[] sums, int residue, boolean[] to) {
      int rest = sums.length - residue;
      for (int i = 0; i < rest; i++) {
        to[i + residue] |= sums[i];
      }
      for (int i = rest; i < sums.length; i++) {
        to[i - rest] |= sums[i];
      }
    }

    /** Lets the sums have one more amount, which can be in each but once. */
    private static void addOnce(int residue, List<boolean[]> sums) {
      sums.add(sums.getLast().clone());
      for (int count = sums.size() - 1; count > 0; count--) {
        add(sums.get(count - 1), residue, sums.get(count));
      }
    }

    private static short[] below(boolean[] sums) {
      var below = new short[sums.length];
      int last = 0; // the sum of no amounts
      for (int i = 0; i < 2 * sums.length; i++) {
        if (sums[i % sums.length]) {
          last = i;
        }
        below[i % sums.length] = (short) (i - last);
      }
      return below;
    }

    /** What tells the other amounts from the rare ones, if there are any. */
    Stream<LongPredicate> others() {
      return rare.length == 0
          ? Stream.empty()
          : Stream.of(amount -> Arrays.binarySearch(rare, amount) < 0);
    }

    /**
     * Whether so many amounts may add up to a sum in a range; if not, they don't. Two with a rare
     * one are looked up, most of all for {@code --all}, which {@link OddOnes} is no way for; of
     * more, rare ones of any residues might be among them.
     */
    boolean allow(int count, long least, long most) {
      short[] distances = count == 2 ? belowCommon : below.get(Math.min(count, below.size() - 1));
      return distances[Math.floorMod(most, modulus)] <= most - Math.max(least, 0)
          || count == 2 && allowRare(least, most);
    }

    /** How many steps of a walk it takes to look whether a sum of so many is allowed. */
    int steps(int count) {
      return count == 2 ? STEPS + STEPS_PER_RARE * rare.length : STEPS;
    }

    private boolean allowRare(long least, long most) {
      for (long amount : rare) {
        int other = Amounts.lowerBound(amounts, least - amount, 0);
        if (other < amounts.length && amounts[other] <= most - amount) {
          return true;
        }
      }
      return false;
    }
  }

  /** Sums or amounts, the ends included; in order by the least. */
  record Range(long least, long most) implements Comparable<Range> {
    @Override
    public int compareTo(Range other) {
      return Long.compare(least, other.least);
    }

    long width() {
      return most - least;
    }

    Range lower() {
      return new Range(least, least + width() / 2);
    }

    Range upper() {
      return new Range(least + width() / 2 + 1, most);
    }
  }

  /**
   * Ranges in which all sums of some amounts are, with the widest gaps between them: a list may
   * have few dear items, far above the others.
   */
  record Bands(List<Range> ranges) {
    private static final int MOST = 64;

    static Bands of(long[] ascending) {
      return joined(ascending, ascending);
    }

    /** Those of the sums, up to a limit, of one amount of these and one of others. */
    Bands plus(Bands others, long limit) {
      // Not by streams, which take 5 ms when they are first used.
      var sums = new ArrayList<Range>();
      for (Range range : ranges) {
        for (Range other : others.ranges) {
          Range sum = new Range(range.least + other.least, range.most + other.most);
          if (sum.least <= limit) {
            sums.add(sum);
          }
        }
      }
      Collections.sort(sums);
      var least = new long[sums.size()];
      var most = new long[sums.size()];
      Arrays.setAll(least, i -> sums.get(i).least);
      Arrays.setAll(most, i -> sums.get(i).most);
      return joined(least, most);
    }

    /** Joins ranges in order that overlap, and over all gaps but the widest. */
    private static Bands joined(long[] least, long[] most) {
      var joined = new ArrayList<Range>();
      if (least.length == 0) {
        return new Bands(joined);
      }
      var gaps = new PriorityQueue<Range>((a, b) -> Long.compare(a.width(), b.width()));
      long end = most[0];
      for (int i = 1; i < least.length; i++) {
        long narrowest = gaps.size() < MOST - 1 ? 1 : gaps.peek().width();
        if (least[i] - end > narrowest) {
          gaps.add(new Range(end, least[i]));
          if (gaps.size() == MOST) {
            gaps.remove();
          }
        }
        end = Math.max(end, most[i]);
      }
      long start = least[0];
      for (Range gap : new TreeSet<>(gaps)) { // ascending
        joined.add(new Range(start, gap.least));
        start = gap.most;
      }
      joined.add(new Range(start, end));
      return new Bands(joined);
    }

    boolean meet(long from, long to) {
      for (Range range : ranges) {
        if (range.most >= from) { // the first, as they are in order and do not overlap
          return range.least <= to;
        }
      }
      return false;
    }
  }

  /** Finds the selections of so many amounts, ascending, with the largest sum up to a limit. */
  static final class Search {
    /** How many steps are tried before a way is chosen that has to be set up: some 20 ms. */
    private static final long QUICK = 20_000_000;

    /** Of the time that the sum sets would take, the part for which the walk goes on before. */
    private static final int TRIED = 8;

    /** How many steps of a walk take as long as a pair of four gifts and its sum. */
    private static final int STEPS_PER_PAIR = 60;

    /** From this number of amounts on, where their sums are is not known: it would hardly help. */
    private static final int MOST_BANDS = 10;

    /** How many steps for each value a walk may take for four: there may be few that fit. */
    private static final int PATIENCE = 64;

    final Amounts amounts;
    private final int from;
    final int gifts;
    final long limit;

    /** Behind the last amount that can be the first of a selection. */
    private final int end;

    /** Sums of the largest amounts, by their number, but at most the limit. */
    private final long[] largest;

    /** By a number of amounts, where their sums are; of more they can be anywhere. */
    private final List<Bands> bands = new ArrayList<>();

    /** Amounts are chosen from an index on. */
    Search(Amounts amounts, int from, int gifts, long limit) {
      this.amounts = amounts;
      this.from = from;
      this.gifts = gifts;
      this.limit = limit;
      end = Amounts.lowerBound(amounts.all, limit / gifts + 1, from);
      largest = new long[gifts + 1];
      for (int i = 1; i <= gifts; i++) {
        largest[i] = Math.min(limit, largest[i - 1] + amounts.all[amounts.count - i]);
      }
      bands.add(new Bands(List.of(new Range(0, 0))));
      while (bands.size() < Math.min(gifts, MOST_BANDS)) {
        bands.add(bands.getLast().plus(amounts.bands, limit));
      }
    }

    /** Whether so many amounts may add up to a sum in a range; if not, they don't. */
    boolean allow(int count, long least, long most) {
      return (count >= bands.size() || bands.get(count).meet(least, most))
          && amounts.residues.allow(count, least, most);
    }

    /** The indexes of the best selection of at least a sum, or none. */
    int[] best(long floor) {
      if (gifts == 1) {
        int last = Amounts.lowerBound(amounts.all, limit + 1, from) - 1;
        return last < from || amounts.all[last] < floor ? new int[0] : new int[] {last};
      }
      var best = new Best(Math.max(floor, near()), bound());
      var walk = new Walk(this, best, Long.MAX_VALUE);
      int reached = walk.run(from, end, QUICK);
      if (reached < end) {
        finish(walk, best, reached);
      }
      return best.chosen();
    }

    /** Ends a search that was not quick, by the way that takes the least work. */
    private void finish(Walk walk, Best best, int reached) {
      double steps = steps(reached, gifts, gifts - 1);
      double pairSteps =
          gifts < 4
              ? Double.POSITIVE_INFINITY
              : steps(reached, gifts, gifts - 2) * STEPS_PER_PAIR / (gifts - 3);
      double setSteps = sumSets(best, reached).steps();
      double fewest = Math.min(steps, Math.min(pairSteps, setSteps));
      Optional<OddOnes> odd = OddOnes.of(this, best, reached, fewest);
      if (odd.isPresent()) {
        odd.get().search();
        return;
      }
      SumSets.Beginning found = null;
      try (var progress = Progress.of(fewest)) {
        if (fewest == steps) {
          walkOnAllProcessors(best, reached, Long.MAX_VALUE, progress);
        } else if (fewest == setSteps) {
          // What meets the balance is often among the first, and is then the best.
          int next = walk.resume((long) (setSteps / TRIED));
          found = next < end ? sumSets(best, next).search(progress) : null;
        } else {
          findLastFourOnAllProcessors(best, reached, progress);
        }
      }
      if (found != null) { // behind that progress, as this may show its own
        best.hit(found.sum(), complete(found));
      }
    }

    /** The indexes of a selection whose sum and first indexes are known: the rest is searched. */
    int[] complete(SumSets.Beginning selection) {
      int next = selection.first() + selection.count();
      int missing = gifts - selection.count();
      long rest = selection.sum() - amounts.sum(selection.first(), next);
      int[] others = new Search(amounts, next, missing, rest).best(rest);
      return IntStream.concat(IntStream.range(selection.first(), next), Arrays.stream(others))
          .toArray();
    }

    private SumSets sumSets(Best best, int reached) {
      return new SumSets(amounts, reached, gifts, limit, best.floor(new int[] {reached}, 1));
    }

    /**
     * About how many ways there are to fix so many amounts, the rest of which come behind: no more
     * than if all amounts were different, nor than if each could be chosen again and again.
     */
    private double steps(int reached, int gifts, int fixed) {
      int count = amounts.count - reached;
      long[] values = amounts.values;
      int different = values.length - Amounts.lowerBound(values, amounts.all[reached], 0);
      double once = 1.0 / gifts;
      double again = 1.0 / gifts;
      for (int i = 0; i < fixed; i++) {
        once *= i < count - gifts + 1 ? (double) (count - i) / (i + 1) : 1;
        again *= (double) (different + i) / (i + 1);
      }
      return Math.min(once, again);
    }

    /**
     * The sum of a selection near the limit: the cheapest, from the last on each moved up. Without
     * it a walk meets sums of use from the least on, each a little larger than the one before.
     */
    private long near() {
      if (!amounts.fit(from, gifts, limit)) {
        return 0;
      }
      long[] all = amounts.all;
      long left = limit - amounts.sum(from, from + gifts);
      int next = amounts.count;
      for (int i = from + gifts - 1; i >= from; i--) {
        int last = Math.min(next, Amounts.lowerBound(all, all[i] + left + 1, i)) - 1;
        left -= all[last] - all[i];
        next = last;
      }
      return limit - left;
    }

    /** Finds the last four by the sums of pairs; a walk fixes what comes before them. */
    void findLastFourOnAllProcessors(Best best, int reached, Progress progress) {
      if (gifts > 4) {
        long patience = (long) PATIENCE * amounts.values.length;
        walkOnAllProcessors(best, reached, patience, progress);
      } else {
        new PairSums(amounts, new int[0], reached, limit, best, PairSums.PER_VALUE)
            .searchOnAllProcessors(progress);
      }
    }

    /**
     * Shares the selections out in their order, as what meets the bound is often among the first.
     * In each part so many amounts are fixed that the others are walked quickly, or are four.
     */
    void walkOnAllProcessors(Best best, int reached, long patience, Progress progress) {
      int fixed = 1;
      while (fixed < gifts - 4 && steps(reached, gifts - fixed, gifts - fixed - 1) > QUICK) {
        fixed++;
      }
      var walk = new Walk(this, best, patience).between(reached, end);
      int before = fixed - 1;
      int few = Math.max(1, (end - reached) / 10_000);
      var first = new AtomicInteger(reached);
      Parts.runWhile(
          Integer.MAX_VALUE,
          () -> {
            Walk part = walk.split(before, few);
            if (part != null) {
              int now = part.first();
              progress.add((now - first.getAndSet(now)) / (double) (end - reached));
              part.resume(Long.MAX_VALUE);
            }
            return part != null;
          });
    }

    /** Hands on the indexes of every selection whose sum is the limit, in the order of ties. */
    void each(Consumer<int[]> visitor) {
      if (gifts == 1) {
        int[] best = best(limit);
        if (best.length == 1) {
          visitor.accept(best);
        }
        return;
      }
      var each =
          new Best(limit, limit) {
            @Override
            Found hit(long sum, int[] chosen) { // keeps none, so that each is of use
              visitor.accept(chosen);
              return null;
            }
          };
      var walk = new Walk(this, each, Long.MAX_VALUE);
      int reached = walk.run(from, end, QUICK);
      if (reached < end) {
        Progress.announce(steps(reached, gifts, gifts - 1), "");
        walk.resume(Long.MAX_VALUE);
      }
    }

    /** The largest sum up to the limit that the residues allow. */
    private long bound() {
      long bound = largest[gifts];
      while (!amounts.residues.allow(gifts, bound, bound)) {
        bound--;
      }
      return bound;
    }
  }

  /**
   * Searches amounts of which all but a few odd ones are whole units apart, as are most prices of
   * houses, or have few residues, as have those of a shop: for each choice of odd ones the others
   * are searched by themselves, which is less work by far.
   */
  static final class OddOnes {
    /** In how many groups amounts are looked at, and of how many, as some have no odd one. */
    private static final int GROUPS = 32;

    private static final int SMALLEST_GROUP = 8;

    /** Steps of a walk that one choice may take: it is over before a bar of its own would show. */
    private static final double MOST_EACH = 2e8;

    /** What the amounts and the others take of the heap, and a third time while these are made. */
    private static final long BYTES_PER_AMOUNT = 3 * 28;

    /** How many steps of a walk it takes to see that a choice is of no use. */
    private static final int STEPS_PER_CHOICE = 200;

    /**
     * Of d values a walk for k gifts meets most sums up to B within so many times k B / d steps.
     */
    private static final int STEPS_PER_SUM = 64;

    private final Search search;
    private final Best best;
    private final int from;
    private final long[] all;

    /** The indexes of the odd ones. */
    private final int[] odd;

    /** In how many ways some of them can be chosen, or none. */
    private final double choices;

    /** The others, in units above the least. */
    private final ScaledPrices others;

    private final double work;

    /** All amounts that are whole units from a start. */
    private record Grid(long unit, long start) implements LongPredicate {
      @Override
      public boolean test(long amount) {
        return (amount - start) % unit == 0;
      }
    }

    private OddOnes(Search search, Best best, int from, LongPredicate isOther, int[] odd) {
      this.search = search;
      this.best = best;
      this.from = from;
      this.all = search.amounts.all;
      this.odd = odd;
      choices = choices(odd.length, search.gifts);
      long[] even = Arrays.stream(all, from, all.length).filter(isOther).toArray();
      others = ScaledPrices.of(even, even[0]);
      work = reckonWork();
    }

    /** That of the least work below so many steps of a walk, for amounts from an index on. */
    static Optional<OddOnes> of(Search search, Best best, int from, double steps) {
      if (BYTES_PER_AMOUNT * search.amounts.count > Runtime.getRuntime().maxMemory()) {
        return Optional.empty();
      }
      long[] sample = Amounts.sample(search.amounts.all, from);
      int groups = Math.clamp(sample.length / SMALLEST_GROUP, 1, GROUPS);
      Stream<Grid> grids =
          IntStream.range(0, groups)
              .mapToObj(group -> widest(sample, group, groups))
              .filter(grid -> grid.unit > 1)
              .distinct();
      return Stream.<LongPredicate>concat(grids, search.amounts.residues.others())
          .flatMap(isOther -> without(search, best, from, steps, isOther))
          .min(Comparator.comparingDouble(way -> way.work))
          .filter(way -> way.work < steps);
    }

    /** The widest grid that has all amounts of a group. */
    private static Grid widest(long[] sample, int group, int groups) {
      long unit = 0;
      for (int i = group; i < sample.length && unit != 1; i += groups) {
        unit = ScaledPrices.gcd(unit, sample[i] - sample[group]);
      }
      return new Grid(unit, unit == 0 ? 0 : sample[group] % unit);
    }

    /** None where all are odd, or already the choices are too many. */
    private static Stream<OddOnes> without(
        Search search, Best best, int from, double steps, LongPredicate isOther) {
      long[] all = search.amounts.all;
      int[] odd = IntStream.range(from, all.length).filter(i -> !isOther.test(all[i])).toArray();
      return odd.length < all.length - from
              && choices(odd.length, search.gifts) * STEPS_PER_CHOICE < steps
          ? Stream.of(new OddOnes(search, best, from, isOther, odd))
          : Stream.empty();
    }

    /** How many choices of at most so many gifts there are. */
    private static double choices(int count, int gifts) {
      double choices = 1;
      double ofSize = 1;
      for (int i = 0; i < Math.min(count, gifts); i++) {
        ofSize *= (double) (count - i) / (i + 1);
        choices += ofSize;
      }
      return choices;
    }

    /**
     * About how many steps of a walk it takes. What is found first is nearly always less than a
     * unit from the limit, or the largest sum that the residues allow; of other choices only those
     * are searched that may come closer.
     */
    private double reckonWork() {
      Amounts amounts = others.amounts;
      long limit = search.limit / others.unit;
      var sets = new SumSets(amounts, 0, search.gifts, limit, 0);
      double met = (double) STEPS_PER_SUM * search.gifts * limit / amounts.values.length;
      double each = Search.QUICK + Math.min(sets.steps(), met);
      return each <= MOST_EACH
          ? choices * STEPS_PER_CHOICE + each * (1 + choices / others.unit)
          : Double.POSITIVE_INFINITY;
    }

    void search() {
      try (var progress = Progress.of(work)) {
        search(new int[0], 0, progress);
      }
    }

    /** Searches the selections with some odd ones, and with more of those from the next on. */
    private void search(int[] fixed, int next, Progress progress) {
      int[] first = first(fixed);
      if (best.done(first, first.length)) {
        return;
      }
      long sum = Arrays.stream(fixed).mapToLong(i -> all[i]).sum();
      addOthers(fixed, search.limit - sum, best.floor(first, first.length) - sum);
      progress.add(1 / choices);
      for (int i = next; i < odd.length && fixed.length < search.gifts; i++) {
        if (i == next || all[odd[i]] != all[odd[i - 1]]) {
          int[] more = Arrays.copyOf(fixed, fixed.length + 1);
          more[fixed.length] = odd[i];
          search(more, i + 1, progress);
        }
      }
    }

    /** No selection with so many fixed comes before this one, which may not be possible. */
    private int[] first(int[] fixed) {
      int[] first = Arrays.copyOf(fixed, search.gifts);
      for (int i = fixed.length; i < first.length; i++) {
        first[i] = from + i - fixed.length;
      }
      Arrays.sort(first);
      return first;
    }

    /** Hands on the best selection of others beside fixed ones, whose sum is in a range. */
    private void addOthers(int[] fixed, long limit, long floor) {
      int missing = search.gifts - fixed.length;
      if (limit < 0 || missing > 0 && limit / missing < others.base) {
        return;
      }
      Amounts amounts = others.amounts;
      long most = others.limit(limit, missing);
      long least = Math.ceilDiv(Math.max(0, floor - missing * others.base), others.unit);
      if (least > most
          || !amounts.fit(0, missing, most)
          || amounts.fit(amounts.count - missing, missing, least - 1)
          || !amounts.residues.allow(missing, least, most)) {
        return;
      }
      int[] chosen = missing == 0 ? new int[0] : new Search(amounts, 0, missing, most).best(least);
      if (chosen.length == missing) {
        LongStream selection =
            LongStream.concat(
                Arrays.stream(fixed).mapToLong(i -> all[i]), Arrays.stream(others.prices(chosen)));
        long[] ascending = selection.sorted().toArray();
        best.hit(Arrays.stream(ascending).sum(), search.amounts.indexes(ascending, from));
      }
    }
  }

  /** Says before it starts how long a search may take, and on a terminal how far it is. */
  static final class Progress implements AutoCloseable {
    /** A walk's steps in a second on one processor of 2024. */
    private static final double STEPS_PER_SECOND = 5e8;

    private static final int SECONDS_WORTH_A_WORD = 60;

    /** Characters of the bar's line. */
    private static final int WIDTH = 60;

    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread display = Thread.ofPlatform().daemon().unstarted(this::show);
    private final DoubleAdder done = new DoubleAdder();

    /** Says how long an estimate in steps of a walk is, if it is long, and when it is not. */
    static void announce(double steps, String unless) {
      double seconds = steps / STEPS_PER_SECOND;
      if (seconds > SECONDS_WORTH_A_WORD) {
        System.err.printf(
            Locale.ROOT,
            "FindPair: this may take %s (%.1g steps)%s; ^C ends it%n",
            time(seconds),
            Math.min(steps, 1e300),
            unless);
      }
    }

    private static String time(double seconds) {
      return seconds < 120
          ? String.format(Locale.ROOT, "%.0f seconds", seconds)
          : seconds < 7200
              ? String.format(Locale.ROOT, "%.0f minutes", seconds / 60)
              : seconds < 1e9 ? String.format(Locale.ROOT, "%,.0f hours", seconds / 3600) : "years";
    }

    /** Announces an estimate, and shows on a terminal what part of it is done. */
    static Progress of(double steps) {
      announce(steps, ", often far less");
      var progress = new Progress();
      if (isTerminal()) {
        progress.display.start();
      }
      return progress;
    }

    /** Whether standard error is one: input and output may be elsewhere. */
    private static boolean isTerminal() {
      Path error = Path.of("/proc/self/fd/2");
      try {
        return Files.exists(error.getParent())
            ? error.toRealPath().toString().matches("/dev/(pts/|tty|console).*")
            : System.console() != null && System.console().isTerminal();
      } catch (IOException pipe) { // or closed
        return false;
      }
    }

    /** Takes a part of 1 that is done; threads end theirs in any order. */
    void add(double part) {
      done.add(part);
    }

    /**
     * The bar writes to standard error as it is. Its own way opens the terminal by JLine, whose
     * commands (tty, stty) stop a search in the background, and which takes ^C from process 1.
     */
    private void show() {
      try {
        if (over.await(1, TimeUnit.SECONDS)) {
          return;
        }
        try (var bar =
            new ProgressBarBuilder()
                .setTaskName("FindPair")
                .setInitialMax(100)
                .setStyle(ProgressBarStyle.ASCII)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                .startsFrom(0, Duration.ofSeconds(1))
                .build()) {
          do {
            bar.stepTo((long) (done.sum() * 100));
          } while (!over.await(200, TimeUnit.MILLISECONDS));
        }
      } catch (InterruptedException impossible) {
        throw new AssertionError("nobody interrupts this thread", impossible);
      }
    }

    @Override
    public void close() {
      over.countDown();
      Parts.join(display);
    }
  }

  /** Keeps the best selection; several threads may bring theirs in any order. */
  static class Best {
    /** A sum and the indexes with this sum, none at first. */
    record Found(long sum, int[] chosen) {
      /** Whether this selection begins with so many of these indexes, or with earlier ones. */
      boolean isBefore(int[] beginning, int length) {
        int most = Math.min(length, chosen.length);
        return Arrays.compare(chosen, 0, most, beginning, 0, length) <= 0;
      }
    }

    private final long bound;
    private volatile Found found;

    /** Requires that no sum up to the limit is above the bound. */
    Best(long floor, long bound) {
      this.bound = bound;
      found = new Found(floor - 1, new int[0]);
    }

    /**
     * The least sum that is of use in a selection whose first indexes are given, or later ones.
     * Those of one beginning are brought in order, so that none but the first of equal sums is.
     */
    long floor(int[] beginning, int length) {
      return floor(beginning, length, null);
    }

    /** The same where one that was found is known to be before them, as it is long to compare. */
    long floor(int[] beginning, int length, Found passed) {
      Found now = found;
      return now == passed || now.isBefore(beginning, length) ? now.sum + 1 : now.sum;
    }

    /** Returns what it makes of a selection, or null when there is a better one. */
    synchronized Found hit(long sum, int[] chosen) {
      Found now = found;
      if (sum > now.sum || sum == now.sum && Arrays.compare(chosen, now.chosen) < 0) {
        found = new Found(sum, chosen.clone());
        return found;
      }
      return null;
    }

    /** Whether no selection is of use whose first indexes are these, or later ones. */
    boolean done(int[] beginning, int length) {
      Found now = found;
      return now.sum >= bound && now.isBefore(beginning, length);
    }

    /** The selection behind which none is of use, or null. */
    int[] last() {
      Found now = found;
      return now.sum >= bound && now.chosen.length > 0 ? now.chosen : null;
    }

    int[] chosen() {
      return found.chosen;
    }
  }

  /**
   * Walks all selections in lexicographic order: the smaller amounts are fixed one by one, within
   * bounds, and two pointers find the last two, or {@link PairSums} the last four.
   */
  static final class Walk {
    /** Steps in the time that it takes to look for the next amount to fix. */
    private static final int STEPS_TO_FIX = 16;

    private final Search search;
    private final Amounts amounts;
    private final long[] all;
    private final int gifts;
    private final Best best;
    private final long patience;
    private final int[] chosen;

    /** How many of the chosen stay fixed. */
    private int base;

    /** How many of the chosen are fixed, and their sum. */
    private int depth;

    private long sum;

    /** What this walk found last, if it was the best: all that it comes to is behind that. */
    private Best.Found passed;

    /** Where the next amount to fix is looked for. */
    private int next;

    /** Where the first amount that does not stay fixed is looked for no more. */
    private int to;

    /** Done of the budget under way. */
    private long steps;

    /** Those done before the four that are under way. */
    private long stepsBeforeFour;

    /**
     * @param patience steps after which the last four of five gifts and more are left to {@link
     *     PairSums}
     */
    Walk(Search search, Best best, long patience) {
      this.search = search;
      this.best = best;
      this.patience = patience;
      amounts = search.amounts;
      all = amounts.all;
      gifts = search.gifts;
      chosen = new int[gifts];
    }

    /**
     * Walks the selections whose first index is in a range; of two gifts those from its start on.
     *
     * @param budget the number of steps after which the walk stops
     * @return the first index that is not done
     */
    int run(int from, int to, long budget) {
      return between(from, to).resume(budget);
    }

    /** The same from where a budget ended, with another. */
    int resume(long budget) {
      steps = 0;
      while (true) {
        descend();
        if (depth == base || best.done(chosen, depth)) {
          return to;
        }
        backtrack();
        if (gifts - depth <= 4 && steps - stepsBeforeFour > patience) {
          addPairs();
        }
        if (steps > budget) {
          return first();
        }
      }
    }

    Walk between(int from, int to) {
      next = from;
      this.to = to;
      return this;
    }

    /**
     * Splits off a walk of what is next, for any thread: a few amounts in the place behind so many
     * fixed ones. Returns null when nothing is left.
     */
    synchronized Walk split(int fixed, int few) {
      for (boolean found = findNext(); !found || depth < fixed; found = findNext()) {
        if (found) {
          fix();
        } else if (depth > 0) {
          backtrack();
        } else {
          return null;
        }
      }
      var part = new Walk(search, best, patience);
      System.arraycopy(chosen, 0, part.chosen, 0, depth);
      part.base = part.depth = depth;
      part.sum = sum;
      int start = next;
      next = Math.min(start + few, all.length) - 1;
      fix();
      backtrack(); // to the first amount that is dearer than the last of these
      return part.between(start, next);
    }

    /** The first index that is not done. */
    private int first() {
      return depth == 0 ? next : chosen[0];
    }

    /** Fixes amounts while there are some of use, and looks for the last two. */
    private void descend() {
      while (gifts - depth > 2 && findNext()) {
        fix();
        if (gifts - depth == 4) {
          stepsBeforeFour = steps;
        }
      }
      if (gifts - depth == 2) {
        steps += pairs();
      }
    }

    private void fix() {
      chosen[depth++] = next;
      sum += all[next++];
    }

    /** Frees the amount that was fixed last; the next one for its place is a dearer one. */
    private void backtrack() {
      next = chosen[--depth];
      sum -= all[next];
      long amount = all[next++];
      if (next < all.length && all[next] == amount) {
        next = Amounts.lowerBound(all, amount + 1, next);
      }
      steps += STEPS_TO_FIX;
    }

    /** Moves to the next amount to fix, or returns false when there is none of use. */
    private boolean findNext() {
      int others = gifts - depth - 1;
      chosen[depth] = next;
      long floor = floor(depth + 1);
      long left = search.limit - sum;
      next = Amounts.lowerBound(all, floor - search.largest[others], next);
      for (; amounts.fit(next, others + 1, left); next++) {
        chosen[depth] = next;
        if (depth == base && next >= to || best.done(chosen, depth + 1)) {
          return false;
        }
        if (search.allow(others, floor - all[next], left - all[next])) {
          return true;
        }
        steps += amounts.residues.steps(others);
      }
      return false;
    }

    /** The least that what follows so many of the chosen has to add up to, to be of use. */
    private long floor(int length) {
      return best.floor(chosen, length, passed) - sum;
    }

    /** Leaves the four that are under way to the sums of pairs, and nothing of them to be found. */
    private void addPairs() {
      while (gifts - depth < 4) {
        sum -= all[chosen[--depth]];
      }
      int[] fixed = Arrays.copyOf(chosen, depth);
      new PairSums(amounts, fixed, chosen[depth - 1] + 1, search.limit, best, PairSums.PER_VALUE)
          .search();
      next = all.length;
    }

    /**
     * Hands on the pairs of use from the next index on, and returns the number of steps. The index
     * and what is chosen are of the amounts, the two pointers of the values.
     */
    private int pairs() {
      long floor = floor(depth);
      long left = search.limit - sum;
      long[] values = amounts.values;
      int start = Amounts.lowerBound(values, all[next], 0);
      int end = Amounts.lowerBound(values, left - values[start] + 1, start);
      int low = start;
      int high = end - 1;
      while (low <= high) {
        long pair = values[low] + values[high];
        if (pair > left) {
          high--;
          continue;
        }
        if (pair >= floor) {
          chosen[gifts - 2] = Math.max(next, amounts.firsts[low]);
          // The last of its value, to be behind the other; ties don't tell, as the sum is given.
          chosen[gifts - 1] = amounts.firsts[high + 1] - 1;
          if (chosen[gifts - 2] < chosen[gifts - 1]) {
            passed = best.hit(sum + pair, chosen);
            floor = floor(depth);
          }
        }
        low++;
      }
      return end - high + low - start;
    }
  }

  /**
   * Finds four amounts by the sums of pairs (Horowitz and Sahni, 1974): those of the smaller two,
   * from the least up, meet those of the larger two, from the largest down.
   *
   * <p>Of d values that takes O(d² log d), and a walk O(d³). The sums are made and sorted range by
   * range, so that they are never all in memory.
   */
  static final class PairSums {
    /**
     * How many sums of either kind are sorted at a time for each value: to make those of a range,
     * all values are looked at.
     */
    static final int PER_VALUE = 16;

    /** Two megabytes; more only where each value would have less than one sum in that. */
    private static final int ENOUGH_AT_A_TIME = 1 << 18;

    /** Into how many parts the work is shared among processors. */
    private static final int PARTS = 100;

    /** Above any sum of four: stands for no bound. */
    private static final long FAR = 1L << 60;

    private final Amounts amounts;
    private final long[] values;
    private final int[] fixed;
    private final int from;
    private final int firstRow;
    private final long fixedSum;
    private final long limit;
    private final Best best;
    private final int atATime;

    /** How many bits a row's number has. */
    private final int rowBits;

    /**
     * Looks for the last four amounts of a selection.
     *
     * @param fixed the indexes of all before them
     * @param from the index from which on the four are
     * @param limit the most that all may sum up to
     */
    PairSums(Amounts amounts, int[] fixed, int from, long limit, Best best, int perValue) {
      this.amounts = amounts;
      this.fixed = fixed;
      this.from = from;
      this.best = best;
      values = amounts.values;
      int most = Math.max(ENOUGH_AT_A_TIME, values.length);
      atATime = Math.clamp((long) perValue * values.length, 1, most);
      firstRow = Amounts.lowerBound(values, amounts.all[from], 0);
      fixedSum = Arrays.stream(fixed).mapToLong(i -> amounts.all[i]).sum();
      this.limit = limit - fixedSum;
      rowBits = Integer.SIZE - Integer.numberOfLeadingZeros(values.length);
    }

    void search() {
      search(half(), whole());
    }

    void searchOnAllProcessors(Progress progress) {
      var parts = new ArrayList<Range>();
      share(half(), Math.max(atATime, smaller(half()).count / PARTS), parts);
      Parts.run(
          parts.size(),
          i -> {
            search(parts.get(i), whole());
            progress.add(1.0 / parts.size());
          });
    }

    /** The sums that the smaller two can have. */
    private Range half() {
      return new Range(0, limit / 2);
    }

    /** The sums that the larger two can have. */
    private Range whole() {
      return new Range(0, limit);
    }

    /**
     * Once a sum meets the bound, only the pairs that come before that selection's or are its own:
     * of one that begins with the first amount, a part of one row, which most ranges don't meet.
     */
    private Pairs smaller(Range sums) {
      int length = fixed.length;
      int[] last = best.last();
      int order = last == null ? -1 : Arrays.compare(fixed, 0, length, last, 0, length);
      if (order != 0) {
        return new Pairs(sums, order < 0 ? values.length : 0, FAR, -FAR, limit);
      }
      int rows = Amounts.lowerBound(values, amounts.all[last[length]] + 1, 0);
      return new Pairs(sums, rows, amounts.all[last[length + 1]], -FAR, limit);
    }

    private Pairs larger(Range sums) {
      return new Pairs(sums, values.length, FAR, floor(), FAR);
    }

    /** The least sum of use: also what is found, as ties are met in any order (hence the -1). */
    private long floor() {
      return best.floor(fixed, fixed.length) - 1 - fixedSum;
    }

    /** How often a selection can have a value. */
    private int available(int row) {
      return amounts.firsts[row + 1] - Math.max(from, amounts.firsts[row]);
    }

    /** Halves a range of the smaller two's sums until each part has but few. */
    private void share(Range sums, long few, List<Range> parts) {
      if (sums.width() > 0 && smaller(sums).count > few) {
        share(sums.lower(), few, parts);
        share(sums.upper(), few, parts);
      } else {
        parts.add(sums);
      }
    }

    /** Halves the wider range until both have few pairs. */
    private void search(Range sums, Range others) {
      others =
          new Range(
              Math.max(others.least, floor() - sums.most),
              Math.min(others.most, limit - sums.least));
      Pairs smaller = smaller(sums);
      if (smaller.count == 0) {
        return;
      }
      Pairs larger = larger(others);
      if (larger.count == 0) {
        return;
      }
      long width = Math.max(sums.width(), others.width());
      if (width == 0 || smaller.areFew() && larger.areFew()) {
        meet(smaller.sort(), larger.sort());
      } else if (width == sums.width()) {
        search(sums.lower(), others);
        search(sums.upper(), others);
      } else {
        search(sums, others.upper());
        search(sums, others.lower());
      }
    }

    /** Takes a row of a table of pairs, and its columns from one to before another. */
    private interface RowVisitor {
      void visit(int row, int from, int to);
    }

    /** Pairs of values whose sum is in a range; their table has a row for each smaller one. */
    private final class Pairs {
      private final Range sums;
      private final int rows;
      private final long lastMost;
      private final long leastOfLarger;
      private final long mostOfSmaller;
      long count;

      /**
       * As one <= two <= three <= four, one + 3 * two is at most the limit, and 3 * three + four at
       * least the floor.
       *
       * @param rows how many rows there are
       * @param lastMost the largest value beside that of the last row
       * @param leastOfLarger the least of three times the smaller one and the larger one
       * @param mostOfSmaller the most of the smaller one and three times the larger one
       */
      Pairs(Range sums, int rows, long lastMost, long leastOfLarger, long mostOfSmaller) {
        this.sums = sums;
        this.rows = rows;
        this.lastMost = lastMost;
        this.leastOfLarger = leastOfLarger;
        this.mostOfSmaller = mostOfSmaller;
        eachRow((_, from, to) -> count += to - from);
      }

      /** Few enough to be sorted, and so near each other that a row fits in beside a sum. */
      boolean areFew() {
        return count <= atATime && sums.width() < FAR >> rowBits;
      }

      Sums sort() {
        var sorted = new Sums(sums.least, (int) count);
        eachRow(
            (row, from, to) -> {
              for (int i = from; i < to; i++) {
                sorted.add(values[row] + values[i], row);
              }
            });
        Arrays.sort(sorted.packed);
        return sorted;
      }

      /** Hands on the columns of each row, which move down from one row to the next. */
      private void eachRow(RowVisitor visitor) {
        int start = values.length;
        int end = values.length;
        for (int row = firstRow; row < Math.min(rows, end); row++) {
          long value = values[row];
          long least = Math.max(sums.least - value, leastOfLarger - 3 * value);
          long most = Math.min(sums.most - value, (mostOfSmaller - value) / 3);
          if (row == rows - 1) {
            most = Math.min(most, lastMost);
          }
          while (end > row && values[end - 1] > most) {
            end--;
          }
          while (start > row && values[start - 1] >= least) {
            start--;
          }
          int from = Math.max(start, available(row) > 1 ? row : row + 1);
          if (from < end) {
            visitor.visit(row, from, end);
          }
        }
      }
    }

    /** Sums of pairs in ascending order, each with the row of its pair in the bits below. */
    private final class Sums {
      private final long least;
      private final long[] packed;
      private int count;

      Sums(long least, int count) {
        this.least = least;
        packed = new long[count];
      }

      void add(long sum, int row) {
        packed[count++] = sum - least << rowBits | row;
      }

      long sum(int i) {
        return least + (packed[i] >> rowBits);
      }

      /** The smaller value of a pair. */
      int row(int i) {
        return (int) packed[i] & (1 << rowBits) - 1;
      }

      /** The index behind all of the same sum. */
      int endOfSum(int first) {
        long sum = sum(first);
        int end = first + 1;
        while (end < count && sum(end) == sum) {
          end++;
        }
        return end;
      }

      /** The index of the first of the same sum. */
      int startOfSum(int last) {
        long sum = sum(last);
        int first = last;
        while (first > 0 && sum(first - 1) == sum) {
          first--;
        }
        return first;
      }
    }

    /** Of each sum of the smaller two, the largest of the larger two with which it is of use. */
    private void meet(Sums smaller, Sums larger) {
      int end = larger.count;
      for (int i = 0; i < smaller.count; i = smaller.endOfSum(i)) {
        long sum = smaller.sum(i);
        while (end > 0 && sum + larger.sum(end - 1) > limit) {
          end--;
        }
        long floor = floor() - sum;
        int j = end;
        while (j > 0 && larger.sum(j - 1) >= floor && !select(smaller, i, larger, j)) {
          j = larger.startOfSum(j - 1);
        }
      }
    }

    /**
     * Hands on the first selection of two sums, of which several pairs may have each. In these the
     * smaller value ascends, and so two descends and where three is looked for moves down.
     *
     * @param first the first of the smaller two's
     * @param end behind the last of the larger two's
     * @return whether there is any
     */
    private boolean select(Sums smaller, int first, Sums larger, int end) {
      long sum = smaller.sum(first);
      long other = larger.sum(end - 1);
      int start = larger.startOfSum(end - 1);
      int third = end;
      int last = smaller.endOfSum(first);
      for (int i = first; i < last; i++) {
        long one = values[smaller.row(i)];
        long two = sum - one;
        while (third > start && values[larger.row(third - 1)] >= two) {
          third--;
        }
        for (int j = third; j < end; j++) {
          int row = larger.row(j);
          long three = values[row];
          long four = other - three;
          if (two < three || 2 + (one == two ? 1 : 0) + (three == four ? 1 : 0) <= available(row)) {
            hit(one, two, three, four);
            return true;
          }
        }
      }
      return false;
    }

    private void hit(long... four) {
      int[] indexes = amounts.indexes(four, from);
      int[] chosen = IntStream.concat(Arrays.stream(fixed), Arrays.stream(indexes)).toArray();
      best.hit(fixedSum + Arrays.stream(four).sum(), chosen);
    }
  }

  /**
   * Finds the best selection by sets of the sums that the larger amounts reach, as bits.
   *
   * <p>Amounts are taken from the largest down. Each is tried as the smallest of a selection, whose
   * other sum is looked up in the set of sums of one amount less, and is then added to the sets. In
   * a selection of sum s, the j largest of k amounts sum up to at least s j / k, and the others are
   * at most as large as each of them: sums below are left out.
   */
  static final class SumSets {
    /** How many words of a set are done in the time of a step of the walk. */
    private static final double WORDS_PER_STEP = 4;

    private final Amounts amounts;
    private final int from;
    private final int gifts;
    private final long limit;
    private final long floor;

    /** Of each number of amounts the sums, with a word of no use before and behind. */
    private final long[][] sets;

    /** Of each number of amounts the word of the least sum. */
    private final long[] bases;

    /** Looks for a sum from a floor up to a limit. */
    SumSets(Amounts amounts, int from, int gifts, long limit, long floor) {
      this.amounts = amounts;
      this.from = from;
      this.gifts = gifts;
      this.limit = limit;
      this.floor = floor;
      sets = new long[gifts][];
      bases = new long[gifts];
      Arrays.setAll(bases, j -> (long) ((double) floor / gifts * j) >>> 6);
    }

    /** The least sum of use of so many amounts whose smallest is given: never below their base. */
    private long least(int count, long amount) {
      return Math.max(count * amount, floor - (gifts - count) * amount);
    }

    /** Whether there is room for the sets. */
    private boolean fit() {
      double words = 0;
      for (int j = 1; j < gifts; j++) {
        words += (limit >>> 6) - bases[j];
      }
      return words * Long.BYTES < Runtime.getRuntime().maxMemory() / 2.0
          && (limit >>> 6) - bases[1] < 1 << 30; // the largest set's: its indexes are ints
    }

    /** About how many steps of a walk they take; of sets without room these are not counted. */
    double steps() {
      if (!fit()) {
        return Double.POSITIVE_INFINITY;
      }
      double words = 0;
      for (int i = from; i < amounts.count; i++) {
        for (int j = 2; j < gifts; j++) {
          words += Math.max(0, ((limit - least(j, amounts.all[i])) >> 6) + 1);
        }
      }
      return words / WORDS_PER_STEP;
    }

    /** The sum of a selection, and so many amounts with which it begins, from an index on. */
    record Beginning(long sum, int first, int count) {}

    /** Returns the largest sum with the first selection that has it, or null when there is none. */
    Beginning search(Progress progress) {
      for (int j = 1; j < gifts; j++) {
        sets[j] = new long[(int) ((limit >>> 6) - bases[j]) + 3];
      }
      long sum = floor;
      int first = -1;
      int count = 1;
      for (int i = amounts.count - 1; i >= from; i--) {
        long amount = amounts.all[i];
        progress.add(1.0 / (amounts.count - from));
        long other = largest(gifts - 1, sum - amount, limit - amount);
        if (other >= 0) {
          sum = other + amount;
          first = i;
        }
        for (int j = gifts - 1; j > 1; j--) {
          add(j, amount);
        }
        if (amount >>> 6 >= bases[1] && amount <= limit) {
          sets[1][(int) ((amount >>> 6) - bases[1]) + 1] |= 1L << amount;
        }
        if (count == 1 && sum == limit && completes(i)) {
          count = i - from;
        }
      }
      return first < 0 ? null : new Beginning(sum, first, count);
    }

    /**
     * Whether the limit is the sum of all amounts before an index and of others from there on: none
     * is cheaper, and so these come first in the answer.
     */
    private boolean completes(int index) {
      int count = index - from;
      if (count < 2 || count >= gifts) {
        return false;
      }
      long rest = limit - amounts.sum(from, index);
      return largest(gifts - count, rest, rest) >= 0;
    }

    /** The largest sum of so many amounts in a range, or -1. */
    private long largest(int count, long least, long most) {
      long[] set = sets[count];
      long base = bases[count] - 1;
      long end = Math.max(least >> 6, base + 1);
      long mask = -1L >>> (63 - (most & 63));
      for (long word = most >> 6; word >= end; word--) {
        long bits = set[(int) (word - base)] & mask;
        if (bits != 0) {
          long sum = (word << 6) + 63 - Long.numberOfLeadingZeros(bits);
          return sum >= least ? sum : -1;
        }
        mask = -1;
      }
      return -1;
    }

    /** Adds the sums of one amount less plus an amount that is smaller than all in them. */
    private void add(int count, long amount) {
      long[] source = sets[count - 1];
      long[] target = sets[count];
      int last = target.length - 2;
      int first = (int) Math.min((least(count, amount) >>> 6) - bases[count], last) + 1;
      // An int, as is the amount's word if it is of use: with a long index it takes twice as long.
      int apart = (int) ((amount >>> 6) + bases[count - 1] - bases[count]);
      int shift = (int) amount & 63;
      for (int i = first; i <= last; i++) {
        int from = i - apart;
        target[i] |= source[from] << shift | source[from - 1] >>> 1 >>> (63 - shift);
      }
    }
  }

  /** An item of the list. */
  record Item(String name, long price) {}

  /** The lines of a price, in the order of the text, by positions of the list's own. */
  sealed interface Lines {
    long first(long price);

    /** The next line of the same price, or -1. */
    long next(long position);

    String name(long position);
  }

  /** The lines of a text that is sorted by price; a position is a line's start. */
  record SortedLines(Text text) implements Lines {
    @Override
    public long first(long price) {
      var line = new Line(text);
      long start = line.firstAbove(price - 1, text.first, text.size);
      if (!line.moveTo(start) || line.price != price) {
        throw new OutOfOrder();
      }
      return line.start;
    }

    @Override
    public long next(long position) {
      var line = new Line(text);
      line.moveTo(position);
      long price = line.price;
      return line.next() && line.price == price ? line.start : -1;
    }

    @Override
    public String name(long position) {
      return text.nameOf(position);
    }
  }

  /** The lines of some prices of a text in any order; a position is an index into the starts. */
  record IndexedLines(Text text, long[] prices, int[] firsts, long[] starts) implements Lines {
    /** All lines of these prices. */
    static IndexedLines all(Text text, long[] wanted) {
      long[] prices = Arrays.stream(wanted).distinct().toArray();
      var firsts = new int[prices.length + 1];
      var line = new Line(text);
      while (line.next()) {
        int rank = Arrays.binarySearch(prices, line.price);
        if (rank >= 0) {
          firsts[rank + 1]++;
        }
      }
      Arrays.parallelPrefix(firsts, Integer::sum);
      return of(text, prices, firsts);
    }

    /** For each of some prices, ascending, one line: for equal ones the first lines. */
    static IndexedLines first(Text text, long[] wanted) {
      return of(text, Arrays.stream(wanted).distinct().toArray(), Amounts.firsts(wanted));
    }

    /** The first lines of each price, as many as there is room for. */
    private static IndexedLines of(Text text, long[] prices, int[] firsts) {
      var starts = new long[firsts[prices.length]];
      int[] next = firsts.clone();
      var line = new Line(text);
      for (int missing = starts.length; missing > 0 && line.next(); ) {
        int rank = Arrays.binarySearch(prices, line.price);
        if (rank >= 0 && next[rank] < firsts[rank + 1]) {
          starts[next[rank]++] = line.start;
          missing--;
        }
      }
      return new IndexedLines(text, prices, firsts, starts);
    }

    @Override
    public long first(long price) {
      return firsts[Arrays.binarySearch(prices, price)];
    }

    @Override
    public long next(long position) {
      int next = (int) position + 1;
      return Arrays.binarySearch(firsts, next) >= 0 ? -1 : next;
    }

    @Override
    public String name(long position) {
      return text.nameOf(starts[(int) position]);
    }
  }

  /** The items of given prices: first those that come first, then every other choice of lines. */
  static final class Selection {
    private final Lines lines;
    private final long[] prices;
    private final long[] positions;

    /** Takes prices in ascending order. */
    Selection(Lines lines, long[] prices) {
      this.lines = lines;
      this.prices = prices;
      positions = new long[prices.length];
      fill(0);
    }

    private void fill(int from) {
      for (int i = from; i < prices.length; i++) {
        boolean again = i > 0 && prices[i] == prices[i - 1];
        positions[i] = again ? lines.next(positions[i - 1]) : lines.first(prices[i]);
        if (positions[i] < 0) {
          throw new OutOfOrder(); // or as many would have been found again
        }
      }
    }

    /** Moves to the next choice of lines, or returns false after the last. */
    boolean next() {
      for (int i = prices.length - 1; i >= 0; i--) {
        long next = lines.next(positions[i]);
        // Where the line of the same price behind it is the next, neither can move.
        if (next >= 0 && (i + 1 == prices.length || next != positions[i + 1])) {
          positions[i] = next;
          fill(i + 1);
          return true;
        }
      }
      return false;
    }

    List<Item> items() {
      var items = new ArrayList<Item>();
      for (int i = 0; i < prices.length; i++) {
        items.add(new Item(lines.name(positions[i]), prices[i]));
      }
      return items;
    }
  }

  /** Writes selections, one a line, as text or as JSON, every 0.1 s while more are found. */
  static final class Answer {
    /** Milliseconds. */
    private static final long FLUSH_INTERVAL = 100;

    private final OutputStream out;
    private final Request request;

    /** Why nothing more can be shown, once that is so. */
    private volatile IOException failure;

    Answer(OutputStream out, Request request) {
      this.out = out;
      this.request = request;
    }

    /** Holds what takes time to load, until JSON is asked for. */
    private static final class Json {
      static final JsonFactory FACTORY = new JsonFactory();
    }

    /** Flushes now and then during a search, which may go on for hours after a write. */
    void flushDuring(Runnable search) {
      Thread flushes = Thread.ofPlatform().daemon().start(this::flushNowAndThen);
      try {
        search.run();
      } finally {
        flushes.interrupt();
        Parts.join(flushes);
      }
      requireNoFailure();
    }

    private void flushNowAndThen() {
      try {
        while (true) {
          Thread.sleep(FLUSH_INTERVAL);
          out.flush();
        }
      } catch (InterruptedException over) {
        // All is written.
      } catch (IOException failed) {
        failure = failed;
      }
    }

    private void requireNoFailure() {
      if (failure != null) {
        throw new UncheckedIOException(failure);
      }
    }

    /** Writes the items of a selection; none stand for an answer that is not possible. */
    void write(List<Item> items) {
      try {
        String line = request.json() ? json(items) : text(items);
        out.write(line.getBytes(StandardCharsets.UTF_8));
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
      requireNoFailure();
    }

    private static String text(List<Item> items) {
      var line = new StringJoiner(", ", "", "\n").setEmptyValue("Not possible\n");
      for (Item item : items) {
        // Not by +, which takes 5 ms when names and numbers are first put together so.
        line.add(String.join(" ", item.name(), Long.toString(item.price())));
      }
      return line.toString();
    }

    /** An object of the gifts, their total, and what is left of the balance. */
    private String json(List<Item> items) throws IOException {
      var line = new StringWriter();
      long total = 0;
      try (JsonGenerator json = Json.FACTORY.createGenerator(line)) {
        json.writeStartObject();
        json.writeArrayFieldStart("gifts");
        for (Item item : items) {
          json.writeStartObject();
          json.writeStringField("name", item.name());
          json.writeNumberField("price", item.price());
          json.writeEndObject();
          total += item.price();
        }
        json.writeEndArray();
        json.writeNumberField("total", total);
        json.writeNumberField("left", request.balance() - total);
        json.writeEndObject();
      }
      return line.append('\n').toString();
    }
  }
}
