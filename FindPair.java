///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//DEPS commons-cli:commons-cli:1.11.0
//DEPS com.fasterxml.jackson.core:jackson-core:2.21.8
//DESCRIPTION Finds the items of a price list whose sum comes closest to a balance
//RUNTIME_OPTIONS -Xlog:disable -Xlog:all=error:stderr
//CDS

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
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

        --all        print every best selection, one a line
        --json       print JSON
        --presorted  trust that FILE is sorted by price, and read only the lines needed
        --help       print this
        --version    print the version

      The exit code is 0 when a selection was found, 1 when none is possible, 2 for bad
      usage or input.
      """;

  /** The largest price and balance, in cents. */
  private static final long MOST_CENTS = 1_000_000_000_000_000L;

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) {
    try (var out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16)) {
      CommandLine line = Request.read(arguments);
      if (line.hasOption("help") || line.hasOption("version")) {
        out.write((line.hasOption("help") ? HELP : VERSION + "\n").getBytes());
        return 0;
      }
      return find(Request.of(line), out);
    } catch (BadInput bad) {
      System.err.println(bad.getMessage());
    } catch (OutOfMemoryError full) {
      System.err.println(
          "FindPair: this list needs more memory than Java may take; JAVA_TOOL_OPTIONS=-Xmx8g, say,"
              + " allows more");
    } catch (IOException failed) {
      if ("Broken pipe".equals(failed.getMessage())) {
        return 0; // Who reads has what they wanted.
      }
      System.err.println("FindPair: " + failed.getMessage());
    }
    return 2;
  }

  private static int find(Request request, OutputStream out) throws IOException {
    Text text = Text.open(request.file());
    PriceList list = PriceList.of(text, request.presorted());
    Answer answer = request.json() ? new JsonAnswer(out, request.balance()) : new TextAnswer(out);
    long[] best = list.best(request.gifts(), request.balance());
    if (best.length == 0) {
      answer.notPossible();
      return 1;
    }
    if (request.all()) {
      list.eachBest(best, answer);
    } else {
      answer.found(new Selection(list.lines(best), best).items());
    }
    return 0;
  }

  /** What is wrong with the command line or the list, in one line for the person who wrote it. */
  static final class BadInput extends RuntimeException {
    private static final long serialVersionUID = 1;

    BadInput(String message) {
      super(message);
    }
  }

  /** What the command line asks for; the balance is in cents, at most 0 when nothing fits it. */
  record Request(
      String file, long balance, int gifts, boolean presorted, boolean json, boolean all) {
    static CommandLine read(String[] arguments) {
      var options = new Options();
      for (String name : List.of("all", "json", "presorted", "help", "version")) {
        options.addOption(null, name, false, "");
      }
      try {
        String[] words = Arrays.stream(arguments).map(Request::guarded).toArray(String[]::new);
        CommandLine line = new DefaultParser(false).parse(options, words);
        int count = line.getArgList().size();
        if ((count < 2 || count > 3) && !line.hasOption("help") && !line.hasOption("version")) {
          throw new BadInput(
              "usage: FindPair [OPTION...] FILE BALANCE [GIFTS], or --help for more");
        }
        return line;
      } catch (ParseException wrong) {
        throw new BadInput(wrong.getMessage() + "; FindPair --help lists the options");
      }
    }

    /** A negative balance is a value, though it looks like an option: a blank makes it one. */
    private static String guarded(String word) {
      return word.length() > 1 && word.charAt(0) == '-' && Character.isDigit(word.charAt(1))
          ? " " + word
          : word;
    }

    static Request of(CommandLine line) {
      List<String> words = line.getArgList();
      return new Request(
          words.get(0),
          balance(words.get(1).strip()),
          words.size() == 2 ? 2 : gifts(words.get(2).strip()),
          line.hasOption("presorted"),
          line.hasOption("json"),
          line.hasOption("all"));
    }

    private static long balance(String word) {
      if (word.matches("-[0-9]+")) {
        return 0;
      }
      if (!word.matches("[0-9]+")) {
        throw new BadInput("BALANCE \"" + word + "\" is not a whole number of cents");
      }
      long cents = saturated(word);
      if (cents > MOST_CENTS) {
        throw new BadInput("BALANCE \"" + word + "\" is more than " + MOST_CENTS + " cents");
      }
      return cents;
    }

    private static int gifts(String word) {
      long gifts = word.matches("[0-9]+") ? saturated(word) : 0;
      if (gifts < 1) {
        throw new BadInput("GIFTS \"" + word + "\" is not a whole number from 1 up");
      }
      return (int) Math.min(gifts, Integer.MAX_VALUE);
    }

    private static long saturated(String digits) {
      String significant = digits.replaceFirst("^0+(?=.)", "");
      return significant.length() > 18 ? Long.MAX_VALUE : Long.parseLong(significant);
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

    /** What {@link #price} says of a line that has no name or no price. */
    static final long BAD = -1;

    private static final ValueLayout.OfLong WORD =
        ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long NEWLINES = '\n' * ONES;
    private static final long COMMA_BLANK = ',' | ' ' << 8;
    private static final long ZEROS = '0' * ONES;

    private final String name;
    private final MemorySegment bytes;
    private final long first;
    private final long size;

    private Text(String name, MemorySegment bytes) {
      this.name = name;
      this.bytes = bytes;
      size = bytes.byteSize();
      boolean marked = size >= 3 && at(0) == 0xEF && at(1) == 0xBB && at(2) == 0xBF;
      first = marked ? 3 : 0; // a UTF-8 byte order mark is no part of the first name
    }

    /** Maps a file; standard input and other pipes are copied to a temporary file first. */
    static Text open(String name) throws IOException {
      if (name.equals("-")) {
        return spool("standard input", System.in);
      }
      try {
        Path path = Path.of(name);
        if (Files.isDirectory(path)) {
          throw new BadInput(name + ": is a directory, not a price list");
        }
        if (Files.isRegularFile(path)) {
          return map(name, path);
        }
        try (InputStream pipe = Files.newInputStream(path)) {
          return spool(name, pipe);
        }
      } catch (NoSuchFileException | InvalidPathException missing) {
        throw new BadInput(name + ": there is no such file");
      } catch (AccessDeniedException denied) {
        throw new BadInput(name + ": may not be read");
      } catch (IOException failed) {
        throw new BadInput(name + ": could not be read: " + failed.getMessage());
      }
    }

    private static Text spool(String name, InputStream pipe) throws IOException {
      Path copy = Files.createTempFile("prices", ".txt");
      try {
        Files.copy(pipe, copy, StandardCopyOption.REPLACE_EXISTING);
        return map(name, copy);
      } finally {
        copy.toFile().delete(); // a mapped file lives on without its name
      }
    }

    private static Text map(String name, Path path) throws IOException {
      try (var channel = FileChannel.open(path)) {
        return new Text(
            name, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.global()));
      }
    }

    String name() {
      return name;
    }

    long first() {
      return first;
    }

    long size() {
      return size;
    }

    private int at(long offset) {
      return bytes.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
    }

    /** The end of the line that holds an offset. */
    long endOf(long offset) {
      long at = offset;
      for (; at + 8 <= size; at += 8) {
        long word = bytes.get(WORD, at) ^ NEWLINES;
        long found = (word - ONES) & ~word & HIGHS; // its lowest bit is right
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

    /** The price of a line in cents, or {@link #BLANK} or {@link #BAD}. */
    long price(long start, long end) {
      if (end < 32) {
        return anyPrice(start, end);
      }
      long word = bytes.get(WORD, end - 8) ^ ZEROS;
      int digits = digitsAtEnd(word);
      long price = value(word, digits);
      if (digits == 8) {
        word = bytes.get(WORD, end - 16) ^ ZEROS;
        int more = digitsAtEnd(word);
        if (more > 0) {
          price += 100_000_000 * value(word, more);
          digits += more;
        }
      }
      long before = bytes.get(WORD, end - digits - 8);
      boolean plain =
          before >>> 48 == COMMA_BLANK && (before << 16 >>> 56) > ' ' && digits > 0 && digits < 16;
      return plain && price > 0 && end - digits - 3 >= start ? price : anyPrice(start, end);
    }

    /** How many of a word's last bytes, xored with '0', are digits. */
    private static int digitsAtEnd(long word) {
      long others = (((word & ~HIGHS) + 0x76 * ONES) | word) & HIGHS;
      return Long.numberOfLeadingZeros(others) >>> 3;
    }

    /**
     * The number in a word's last bytes, by three multiplications (Johnny Lee, "Fast numeric string
     * to int", 2016).
     */
    private static long value(long word, int digits) {
      long number = word & (-1L << ((8 - digits) << 3));
      number = number * 10 + (number >>> 8);
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
      if (comma < 0 || trimEnd(from, comma) == from) {
        return BAD;
      }
      long price = 0;
      long digit = trimStart(comma + 1, last);
      if (digit == last) {
        return BAD;
      }
      for (; digit < last; digit++) {
        int value = at(digit) - '0';
        if (value < 0 || value > 9) {
          return BAD;
        }
        price = price * 10 + value;
        if (price > MOST_CENTS) {
          return BAD;
        }
      }
      return price == 0 ? BAD : price;
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
        throw new BadInput(place(start) + "a name this long can't be printed");
      }
      var name = new byte[(int) (end - start)];
      MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, start, name, 0, name.length);
      return new String(name, StandardCharsets.UTF_8);
    }

    /** What is wrong with a bad line, and where. */
    BadInput problem(long start) {
      long last = trimEnd(start, endOf(start));
      long from = trimStart(start, last);
      long comma = commaOf(from, last);
      String what;
      if (comma < 0) {
        what = "no comma between name and price: \"" + excerpt(from, last) + '"';
      } else if (trimEnd(from, comma) == from) {
        what = "no name before the comma";
      } else {
        long digit = trimStart(comma + 1, last);
        what = digit == last ? "no price after the comma" : priceProblem(excerpt(digit, last));
      }
      return new BadInput(place(start) + what);
    }

    private static String priceProblem(String price) {
      String quoted = "price \"" + price + '"';
      if (!price.matches("-?[0-9]+")) {
        return quoted + " is not a whole number of cents";
      }
      return price.matches("-.*|0+")
          ? quoted + " is not above zero"
          : quoted + " is more than " + MOST_CENTS + " cents";
    }

    private String excerpt(long start, long end) {
      return end - start <= 60 ? string(start, end) : string(start, start + 57) + "...";
    }

    /** The file and the line's number, from 1, as errors begin. */
    String place(long start) {
      return name + ":" + (newlines(start) + 1) + ": ";
    }

    private long newlines(long to) {
      long count = 0;
      for (long end = endOf(first); end < to; end = endOf(end + 1)) {
        count++;
      }
      return count;
    }
  }

  /** One line of a text, which can move to the lines beside it and over many at once. */
  static final class Line {
    private final Text text;
    long start;
    long end;
    long price;

    Line(Text text) {
      this.text = text;
      start = text.first();
      end = start - 1;
    }

    /** Moves to the next line that is not blank, or returns false at the text's end. */
    boolean next() {
      return moveTo(end + 1);
    }

    /** Moves to the first line at or after the start of one that is not blank. */
    boolean moveTo(long line) {
      end = line - 1;
      while (end + 1 < text.size()) {
        start = end + 1;
        end = text.endOf(start);
        if (read()) {
          return true;
        }
      }
      start = text.size();
      return false;
    }

    /** Moves to the last line before the start of one that is not blank. */
    boolean moveBefore(long line) {
      start = line;
      while (start > text.first()) {
        end = start - 1;
        start = text.startOf(end);
        if (read()) {
          return true;
        }
      }
      return false;
    }

    private boolean read() {
      price = text.price(start, end);
      if (price == Text.BAD) {
        throw text.problem(start);
      }
      return price != Text.BLANK;
    }
  }

  /** Does the numbered parts of a job on all processors. */
  static final class Parts {
    private Parts() {}

    /** Returns when all parts are done; what one of them throws is thrown here. */
    static void run(int count, IntConsumer part) {
      var next = new AtomicInteger();
      var failure = new AtomicReference<Throwable>();
      Runnable worker =
          () -> {
            try {
              for (int i = next.getAndIncrement(); i < count; i = next.getAndIncrement()) {
                part.accept(i);
              }
            } catch (RuntimeException | Error failed) {
              failure.compareAndSet(null, failed);
              next.set(count);
            }
          };
      var threads = new Thread[Math.min(count, Runtime.getRuntime().availableProcessors()) - 1];
      for (int i = 0; i < threads.length; i++) {
        threads[i] = Thread.ofPlatform().daemon().start(worker);
      }
      worker.run();
      for (Thread thread : threads) {
        join(thread);
      }
      switch (failure.get()) {
        case null -> {}
        case RuntimeException failed -> throw failed;
        case Error failed -> throw failed;
        default -> throw new AssertionError();
      }
    }

    private static void join(Thread thread) {
      try {
        thread.join();
      } catch (InterruptedException impossible) {
        throw new AssertionError("nobody interrupts this thread", impossible);
      }
    }
  }

  /**
   * What a reading of a range of lines found out.
   *
   * @param first the first price, 0 where there is none
   * @param last the last price
   * @param step the greatest common divisor of the differences between prices
   * @param disorder where the first line starts that is cheaper than the one before it, or -1
   * @param bad where the first bad line starts, or -1
   */
  record Survey(
      long start, long first, long last, long cheapest, long step, long disorder, long bad) {
    private static final int PART = 1 << 24;

    /** Reads all lines, on all processors where there are many. */
    static Survey of(Text text) {
      int parts = (int) Math.max(1, (text.size() - text.first()) / PART);
      var starts = new long[parts + 1];
      starts[parts] = text.size();
      for (int i = 0; i < parts; i++) {
        starts[i] = text.startOf(text.first() + (long) i * PART);
      }
      var surveys = new Survey[parts];
      Parts.run(parts, i -> surveys[i] = of(text, starts[i], starts[i + 1]));
      Survey all = surveys[0];
      for (int i = 1; i < parts; i++) {
        all = all.and(surveys[i]);
      }
      return all;
    }

    private static Survey of(Text text, long from, long to) {
      long first = 0;
      long last = 0;
      long cheapest = Long.MAX_VALUE;
      long step = 0;
      long disorder = -1;
      long end;
      for (long start = from; start < to; start = end + 1) {
        end = text.endOf(start);
        long price = text.price(start, end);
        if (price <= 0) {
          if (price == Text.BAD) {
            return new Survey(from, first, last, cheapest, step, disorder, start);
          }
          continue;
        }
        if (price < last && disorder < 0) {
          disorder = start;
        }
        if (first == 0) {
          first = price;
        }
        cheapest = Math.min(cheapest, price);
        last = price;
        if (step != 1) {
          step = divisor(step, Math.abs(price - first));
        }
      }
      return new Survey(from, first, last, cheapest, step, disorder, -1);
    }

    /** This range and the one behind it. */
    private Survey and(Survey next) {
      if (first == 0 || next.first == 0 || bad >= 0) {
        return first == 0 && bad < 0 ? next : this;
      }
      long between = next.first < last ? next.start : -1;
      return new Survey(
          start,
          first,
          next.last,
          Math.min(cheapest, next.cheapest),
          divisor(divisor(step, next.step), Math.abs(next.first - first)),
          disorder >= 0 ? disorder : between >= 0 ? between : next.disorder,
          next.bad);
    }

    static long divisor(long a, long b) {
      while (b != 0) {
        long rest = a % b;
        a = b;
        b = rest;
      }
      return a;
    }
  }

  /** The items of a text by price: in the order of the text, or in one of their own. */
  record PriceList(Text text, boolean sorted, long cheapest) {
    static PriceList of(Text text, boolean presorted) {
      if (presorted) {
        var line = new Line(text);
        return new PriceList(text, true, line.next() ? line.price : Long.MAX_VALUE);
      }
      Survey survey = Survey.of(text);
      if (survey.bad >= 0) {
        throw text.problem(survey.bad);
      }
      if (survey.disorder >= 0) {
        System.err.println(
            text.place(survey.disorder) + "cheaper than the line before; sorting the list");
      }
      return new PriceList(text, survey.disorder < 0, survey.cheapest);
    }

    /** The prices of the best selection, cheapest first; none when none is possible. */
    long[] best(int gifts, long balance) {
      if (cheapest > balance / gifts) {
        return new long[0];
      }
      long[] prices = candidates(gifts, balance);
      return prices.length < gifts ? new long[0] : new Search(prices, gifts, balance).best();
    }

    /** The prices that can be part of a selection, ascending, each as often as one can hold it. */
    private long[] candidates(int gifts, long balance) {
      long most = balance - (gifts - 1) * cheapest;
      var prices = new long[1024];
      int count = 0;
      var line = new Line(text);
      while (line.next() && (!sorted || line.price <= most)) {
        if (line.price <= most) {
          if (count == prices.length) {
            count = compact(prices, gifts);
            if (count > prices.length / 2) {
              prices = Arrays.copyOf(prices, prices.length * 2);
            }
          }
          prices[count++] = line.price;
        }
      }
      prices = Arrays.copyOf(prices, count);
      return Arrays.copyOf(prices, compact(prices, gifts));
    }

    /** Sorts prices, keeps at most so many of one price, and returns how many are kept. */
    private static int compact(long[] prices, int most) {
      Arrays.sort(prices);
      int kept = 0;
      for (long price : prices) {
        if (kept < most || prices[kept - most] != price) {
          prices[kept++] = price;
        }
      }
      return kept;
    }

    /** The lines of given prices, ascending. */
    Lines lines(long[] prices) {
      return sorted ? new SortedLines(text) : IndexedLines.of(text, prices);
    }

    /** Hands on every selection with the sum of a best one, in the order of ties. */
    void eachBest(long[] best, Answer answer) throws IOException {
      long sum = Arrays.stream(best).sum();
      long[] prices = candidates(best.length, sum);
      Lines lines = lines(prices);
      new Search(prices, best.length, sum)
          .each(
              sum,
              selected -> {
                var selection = new Selection(lines, selected);
                do {
                  answer.found(selection.items());
                } while (selection.next());
              });
      answer.close();
    }
  }

  /** Something to do with one selection's prices. */
  interface Visitor {
    void visit(long[] prices) throws IOException;
  }

  /** Searches all selections of so many prices for those with the largest sum up to a limit. */
  static final class Search {
    private final long[] prices;
    private final int gifts;
    private final long limit;
    private final long[] sums;
    private final long[] tops;
    private final int[] chosen;
    private long floor = 1;

    Search(long[] prices, int gifts, long limit) {
      this.prices = prices;
      this.gifts = gifts;
      this.limit = limit;
      chosen = new int[gifts];
      sums = new long[prices.length + 1];
      for (int i = 0; i < prices.length; i++) {
        sums[i + 1] = sums[i] + prices[i];
      }
      tops = new long[gifts];
      for (int i = 1; i < gifts; i++) {
        tops[i] = Math.min(limit, tops[i - 1] + prices[prices.length - i]);
      }
    }

    long[] best() {
      var best = new ArrayList<long[]>();
      try {
        walk(
            selected -> {
              best.add(selected);
              floor = Arrays.stream(selected).sum() + 1;
            });
      } catch (IOException impossible) {
        throw new AssertionError(impossible);
      }
      return best.isEmpty() ? new long[0] : best.getLast();
    }

    void each(long sum, Visitor visitor) throws IOException {
      floor = sum;
      walk(visitor);
    }

    private void walk(Visitor visitor) throws IOException {
      if (gifts == 1) {
        int last = firstAtLeast(limit + 1, 0) - 1;
        if (last >= 0) {
          visitor.visit(new long[] {prices[last]});
        }
        return;
      }
      int depth = 0;
      int next = 0;
      long sum = 0;
      while (true) {
        int missing = gifts - depth;
        if (depth == gifts - 2) {
          pairs(next, sum, visitor);
        } else {
          next = firstAtLeast(floor - sum - tops[missing - 1], next);
          if (next + missing <= prices.length
              && prices[next] <= limit - sum
              && sums[next + missing] - sums[next] <= limit - sum) {
            chosen[depth++] = next;
            sum += prices[next++];
            continue;
          }
        }
        if (depth == 0) {
          return;
        }
        long price = prices[chosen[--depth]];
        sum -= price;
        next = firstAtLeast(price + 1, chosen[depth]);
      }
    }

    private void pairs(int from, long sum, Visitor visitor) throws IOException {
      int low = from;
      int high = prices.length - 1;
      while (low < high) {
        long total = sum + prices[low] + prices[high];
        if (total > limit) {
          high--;
          continue;
        }
        if (total >= floor) {
          chosen[gifts - 2] = low;
          chosen[gifts - 1] = high;
          visitor.visit(Arrays.stream(chosen).mapToLong(i -> prices[i]).toArray());
          while (low < high && prices[low + 1] == prices[low]) {
            low++;
          }
        }
        low++;
      }
    }

    private int firstAtLeast(long price, int from) {
      int low = from;
      int high = prices.length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (prices[middle] < price) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      return low;
    }
  }

  /** An item of the list. */
  record Item(String name, long price) {}

  /** The lines of a price, in the order of the text, by positions of the list's own. */
  sealed interface Lines permits SortedLines, IndexedLines {
    long first(long price);

    /** The next line of the same price, or -1. */
    long next(long position);

    String name(long position);
  }

  /** The lines of a text that is sorted by price; a position is a line's start. */
  record SortedLines(Text text) implements Lines {
    @Override
    public long first(long price) {
      long from = text.first();
      long to = text.size();
      var line = new Line(text);
      while (from < to) {
        long middle = text.startOf((from + to) >>> 1);
        if (!line.moveTo(middle) || line.start >= to || line.price >= price) {
          to = middle;
        } else {
          from = line.end + 1;
        }
      }
      line.moveTo(from);
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
    static IndexedLines of(Text text, long[] wanted) {
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
      var starts = new long[firsts[prices.length]];
      int[] next = firsts.clone();
      line.moveTo(text.first());
      do {
        int rank = Arrays.binarySearch(prices, line.price);
        if (rank >= 0) {
          starts[next[rank]++] = line.start;
        }
      } while (line.next());
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

    private boolean fill(int from) {
      for (int i = from; i < prices.length; i++) {
        boolean again = i > 0 && prices[i] == prices[i - 1];
        positions[i] = again ? lines.next(positions[i - 1]) : lines.first(prices[i]);
        if (positions[i] < 0) {
          return false;
        }
      }
      return true;
    }

    /** Moves to the next choice of lines, or returns false after the last. */
    boolean next() {
      for (int i = prices.length - 1; i >= 0; i--) {
        positions[i] = lines.next(positions[i]);
        if (positions[i] >= 0 && fill(i + 1)) {
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

  /** Where selections are written to. */
  sealed interface Answer permits TextAnswer, JsonAnswer {
    void found(List<Item> items) throws IOException;

    void notPossible() throws IOException;

    void close() throws IOException;
  }

  /** Writes a selection as a line {@code name price, name price}. */
  record TextAnswer(OutputStream out) implements Answer {
    @Override
    public void found(List<Item> items) throws IOException {
      var line = new StringBuilder();
      for (Item item : items) {
        line.append(line.isEmpty() ? "" : ", ").append(item.name()).append(' ');
        line.append(item.price());
      }
      out.write(line.append('\n').toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void notPossible() throws IOException {
      out.write("Not possible\n".getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {}
  }

  /** Writes a selection as a line of JSON. */
  static final class JsonAnswer implements Answer {
    private final JsonGenerator json;
    private final long balance;

    JsonAnswer(OutputStream out, long balance) throws IOException {
      this.json = new JsonFactory().createGenerator(out).setRootValueSeparator(null);
      this.balance = balance;
    }

    @Override
    public void found(List<Item> items) throws IOException {
      long total = 0;
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
      json.writeNumberField("left", balance - total);
      json.writeEndObject();
      json.writeRaw('\n');
      json.flush();
    }

    @Override
    public void notPossible() throws IOException {
      found(List.of());
    }

    @Override
    public void close() throws IOException {
      json.flush();
    }
  }
}
