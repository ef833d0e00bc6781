///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../FindPair.java
//SOURCES Machine.java
//DEPS org.duckdb:duckdb_jdbc:2.0.0.1
//DESCRIPTION Times FindPair beside wc, awk, Python and DuckDB, and draws docs/finder.svg

import module java.base;

import java.sql.DriverManager;

/**
 * Times whole processes that find the best selection, in rounds in which each has its turn.
 *
 * <p>Prints Markdown tables, and draws docs/finder.svg where all peers are there. An argument is
 * the largest number of lines, 50 million unless given, and with fewer nothing is drawn; the slower
 * peers stop before, and the chart goes on as if their time grew with the lines as it did between
 * their last two lists.
 */
public class FindPairBenchmark {
  /** Lines of the largest list, unless given. */
  private static final long FULL = 50_000_000;

  /** Prices of the list of which most lines repeat one. */
  private static final long FEW = 50_000;

  /** A balance for which no selection is possible. */
  private static final String BELOW_ALL = "1";

  private static final int ROUNDS = 5;
  private static final Map<String, Long> PEERS_UP_TO =
      Map.of("Python", 1_000_000L, "awk", 1_000_000L, "DuckDB", 10_000_000L);
  private static final Map<String, String> COLOURS =
      Map.of(
          "wc -l", "#888888",
          "FindPair", "#1f9d55",
          "FindPair --presorted", "#2f80ed",
          "Python", "#e0701a",
          "awk", "#9b51e0",
          "DuckDB", "#b8860b");
  private static final String PYTHON =
      """
      import sys
      items = []
      for line in open(sys.argv[1]):
          name, price = line.rsplit(",", 1)
          items.append((name, int(price)))
      balance, low, high, best = int(sys.argv[2]), 0, len(items) - 1, None
      while low < high:
          total = items[low][1] + items[high][1]
          if total > balance:
              high -= 1
          else:
              if best is None or total > best[0]:
                  best = total, items[low], items[high]
              low += 1
      print(best)
      """;
  private static final String AWK =
      """
      { price[NR] = $NF + 0 }
      END {
        low = 1
        high = NR
        while (low < high) {
          sum = price[low] + price[high]
          if (sum > balance) high--
          else { if (sum > best) best = sum; low++ }
        }
        print best
      }
      """;

  /** The times of one command on one list, in seconds, and as multiples of the first command's. */
  private record Row(long lines, String list, String command, double[] seconds, double[] ratios) {
    static double median(double[] values) {
      return Arrays.stream(values).sorted().skip(values.length / 2).findFirst().orElseThrow();
    }

    double median() {
      return median(seconds);
    }
  }

  public static void main(String[] arguments) throws Exception {
    Locale.setDefault(Locale.ROOT);
    if (arguments.length > 0 && arguments[0].equals("--duckdb")) {
      duckdb(arguments[1], Long.parseLong(arguments[2]));
      return;
    }
    if (arguments.length > 1 || arguments.length == 1 && !arguments[0].matches("[1-9]\\d{2,9}")) {
      System.err.println("usage: benchmark-find-pair [LINES], 100 or more");
      System.exit(2);
    }
    long most = arguments.length > 0 ? Long.parseLong(arguments[0]) : FULL;
    Path folder = Machine.temporaryFolder("find-pair");
    var rows = new ArrayList<Row>();
    LongStream sizes = LongStream.of(100_000, 1_000_000, 10_000_000, most);
    for (long lines : sizes.filter(size -> size <= most).distinct().toArray()) {
      rows.addAll(pairs(folder, lines, "distinct", lines));
    }
    if (most > FEW) {
      rows.addAll(pairs(folder, most, "50 thousand", FEW));
    }
    print(rows);
    if (most >= FULL && curves(rows).size() == COLOURS.size()) {
      Files.writeString(Path.of(inCheckout("docs/finder.svg")), chart(rows));
    } else {
      String why = "With fewer lines than %d, or without all peers, the chart stays as it is.%n%n";
      System.out.printf(why, FULL);
    }
    printTimes("selection", selections(folder));
    printTimes("way to start, 2 gifts of prices.txt", starts(folder));
  }

  /**
   * Times all commands on a list whose prices are 0 or 1 modulo 67, at balances from easy to hard.
   */
  private static List<Row> pairs(Path folder, long lines, String list, long prices)
      throws IOException, InterruptedException {
    Path file = folder.resolve("list.txt");
    generate(file, lines, prices, 67);
    String unmet = Long.toString(67 * (prices * 3 / 8) + 66);
    String met = Long.toString(67 * (prices * 3 / 8) + 1);
    var commands = new LinkedHashMap<String, List<String>>();
    commands.put("wc -l", List.of("wc", "-l", file.toString()));
    commands.put("FindPair", finder(folder, file.toString(), unmet));
    commands.put("FindPair --presorted", finder(folder, "--presorted", file.toString(), met));
    commands.put(
        "FindPair --presorted, no sum meets the balance",
        finder(folder, "--presorted", file.toString(), unmet));
    commands.put(
        "FindPair --presorted, balance below all",
        finder(folder, "--presorted", file.toString(), BELOW_ALL));
    Map<String, List<String>> peers = peers(folder, file, unmet, lines);
    check(commands.get("FindPair"), peers);
    commands.putAll(peers);
    var small = new ArrayList<>(commands.get("FindPair"));
    small.add(1, "-Xmx100m");
    if (lines >= FULL) {
      commands.put("FindPair with -Xmx100m", small);
    }
    List<Row> rows = measure(commands, lines, list);
    if (lines >= FULL) {
      System.out.printf(
          "%s prices, -Xmx100m: at most %d MB of memory besides mapped files%n%n",
          list, mebibytes(small));
    }
    Files.delete(file);
    return rows;
  }

  /** Times three gifts and more, the sample list, and one that is not sorted. */
  private static List<Row> selections(Path folder) throws IOException, InterruptedException {
    var commands = new LinkedHashMap<String, List<String>>();
    String sample = inCheckout("prices.txt");
    commands.put("2 gifts, prices.txt", finder(folder, sample, "2500"));
    String shuffled = folder.resolve("shuffled").toString();
    write(shuffled, new Random(1).longs(10_000_000, 1, 400_000_000));
    commands.put("2 of 10,000,000, not sorted", finder(folder, shuffled, "500000000"));
    for (int modulus : new int[] {5, 1009}) {
      String file = folder.resolve("modulus" + modulus).toString();
      generate(Path.of(file), 100_000, 100_000, modulus);
      String balance = Long.toString(75_000L * modulus - 1);
      commands.put("3 of 100,000, 0 or 1 modulo " + modulus, finder(folder, file, balance, "3"));
    }
    String few = folder.resolve("few").toString();
    generate(Path.of(few), 5_000, 5_000, 67);
    commands.put("3 of 5,000, 0 or 1 modulo 67", finder(folder, few, "250980", "3"));
    String repeated = folder.resolve("repeated").toString();
    generate(Path.of(repeated), 8_000, 2_000, 100_003);
    commands.put(
        "4 of 8,000, 2,000 prices that are 0 or 1 modulo 100,003",
        finder(folder, repeated, "200006050", "4"));
    String shop = folder.resolve("shop").toString();
    int[] endings = {0, 95, 99};
    LongStream usual =
        new Random(1)
            .longs(1_000_000, 300, 30_000_000)
            .map(i -> i / 3 * 100 + endings[(int) (i % 3)]);
    write(shop, LongStream.concat(usual, LongStream.of(951_759_327)).sorted());
    commands.put(
        "3 of 1,000,000, all but one of which end in 00, 95 or 99, and a balance in 50",
        finder(folder, shop, "1500000050", "3"));
    String random = folder.resolve("random").toString();
    write(random, new Random(1).longs(1000, 1, 100_000).sorted());
    commands.put("5 of 1,000 random", finder(folder, random, "250000", "5"));
    for (int gifts = 3; gifts <= 5; gifts++) {
      int count = List.of(100_000, 20_000, 1_000).get(gifts - 3);
      String sparse = folder.resolve("sparse" + gifts).toString();
      write(sparse, new Random(1).longs(count, 1, 400_000_000_000_000L).sorted());
      commands.put(
          "%d of %,d random up to 4 x 10^14".formatted(gifts, count),
          finder(folder, sparse, "700000000000007", "" + gifts));
    }
    return measure(commands, 0, "generated");
  }

  private static void write(String file, LongStream prices) throws IOException {
    var lines = prices.mapToObj(price -> "Item, " + price);
    Files.write(Path.of(file), (Iterable<String>) lines::iterator);
  }

  /** Times the sample list through JBang, and without it as the README exports the finder. */
  private static List<Row> starts(Path folder) throws IOException, InterruptedException {
    String jar = folder.resolve("FindPair.jar").toString();
    String jbang = inCheckout("jbang");
    String script = inCheckout("FindPair.java");
    String list = inCheckout("prices.txt");
    time(List.of(jbang, "export", "portable", "-O", jar, script));
    List<String> exported = List.of(java().getFirst(), "-jar", jar, list, "2500");
    String archive = folder.resolve("exported.jsa").toString();
    var archiving = new ArrayList<>(exported);
    archiving.add(1, "-XX:ArchiveClassesAtExit=" + archive);
    time(archiving);
    var archived = new ArrayList<>(exported);
    archived.add(1, "-XX:SharedArchiveFile=" + archive);
    var commands = new LinkedHashMap<String, List<String>>();
    commands.put("./jbang FindPair.java", List.of(jbang, script, list, "2500"));
    commands.put("the exported jar", exported);
    commands.put("the exported jar with a class archive", archived);
    return measure(commands, 0, "prices.txt");
  }

  private static List<Row> measure(Map<String, List<String>> commands, long lines, String list)
      throws IOException, InterruptedException {
    var rows = new ArrayList<Row>();
    commands.forEach(
        (name, words) ->
            rows.add(new Row(lines, list, name, new double[ROUNDS], new double[ROUNDS])));
    for (int round = -1; round < ROUNDS; round++) { // the first is not counted
      for (Row row : rows) {
        double seconds = time(commands.get(row.command));
        if (round >= 0) {
          row.seconds[round] = seconds;
          row.ratios[round] = seconds / rows.getFirst().seconds[round];
        }
      }
    }
    return rows;
  }

  /** Writes lines in the order of their prices, which are 0 or 1 by the modulus. */
  private static void generate(Path file, long lines, long prices, int modulus) throws IOException {
    var buffer = new byte[1 << 20];
    int end = 0;
    try (var out = Files.newOutputStream(file)) {
      for (long i = 0; i < lines; i++) {
        if (end > buffer.length - 64) {
          out.write(buffer, 0, end);
          end = 0;
        }
        long rank = i * prices / lines;
        end = append(buffer, append(buffer, end, "Item "), i);
        end = append(buffer, append(buffer, end, ", "), modulus * (rank / 2 + 1) + rank % 2);
        buffer[end++] = '\n';
      }
      out.write(buffer, 0, end);
    }
  }

  @SuppressWarnings("deprecation") // the quick way to copy Latin letters
  private static int append(byte[] buffer, int end, String text) {
    text.getBytes(0, text.length(), buffer, end);
    return end + text.length();
  }

  private static int append(byte[] buffer, int end, long number) {
    int digits = 1;
    for (long rest = number; rest >= 10; rest /= 10) {
      digits++;
    }
    for (int i = end + digits - 1; i >= end; i--) {
      buffer[i] = (byte) ('0' + number % 10);
      number /= 10;
    }
    return end + digits;
  }

  /** The largest resident memory, heap and all, without the pages of files, the JVM's too. */
  private static long mebibytes(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).start();
    long most = 0;
    while (process.isAlive()) {
      try (var status = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
        most =
            Math.max(
                most,
                status
                    .filter(line -> line.startsWith("RssAnon"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0));
      } catch (IOException over) {
        break;
      }
      Thread.sleep(5);
    }
    return most >> 10;
  }

  /** The finder as JBang starts it after its first run, with a class archive. */
  private static List<String> finder(Path folder, String... words) {
    var command = new ArrayList<>(java());
    command.addAll(
        1,
        List.of(
            "-XX:+AutoCreateSharedArchive",
            "-XX:SharedArchiveFile=" + folder.resolve("finder.jsa"),
            "-Xlog:disable"));
    command.add("FindPair");
    command.addAll(List.of(words));
    return command;
  }

  private static List<String> java() {
    String java = System.getProperty("java.home") + "/bin/java";
    return List.of(java, "-cp", System.getProperty("java.class.path"));
  }

  private static Map<String, List<String>> peers(Path folder, Path file, String balance, long lines)
      throws IOException {
    String list = file.toString();
    Path python = Files.writeString(folder.resolve("pair.py"), PYTHON);
    var duckdb = new ArrayList<>(java());
    duckdb.addAll(List.of("FindPairBenchmark", "--duckdb", list, balance));
    var peers = new LinkedHashMap<String, List<String>>();
    peers.put("Python", List.of("python3", python.toString(), list, balance));
    peers.put("awk", List.of("awk", "-v", "balance=" + balance, AWK, list));
    peers.put("DuckDB", duckdb);
    peers.entrySet().removeIf(peer -> lines > PEERS_UP_TO.get(peer.getKey()));
    peers.entrySet().removeIf(peer -> !runs(peer.getKey(), peer.getValue()));
    return peers;
  }

  /** The sum that the finder finds is in what each peer prints: a wrong answer may be quick. */
  private static void check(List<String> finder, Map<String, List<String>> peers)
      throws IOException, InterruptedException {
    long sum =
        Stream.of(Machine.run(finder).strip().split(", "))
            .mapToLong(gift -> Long.parseLong(gift.substring(gift.lastIndexOf(' ') + 1)))
            .sum();
    for (var peer : peers.entrySet()) {
      String printed = Machine.run(peer.getValue());
      if (!printed.matches("(?s)(.*\\D)?" + sum + "(\\D.*)?")) {
        throw new IOException(peer.getKey() + " does not find " + sum + ":\n" + printed);
      }
    }
  }

  private static boolean runs(String name, List<String> command) {
    try {
      new ProcessBuilder(command.getFirst(), "--version").start().destroy();
      return true;
    } catch (IOException missing) {
      System.err.println(name + " is not installed and left out");
      return false;
    }
  }

  private static double time(List<String> command) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    // With 1 Java, Python and DuckDB end as well when they fail, which would be their best time.
    if (process.waitFor() != (command.getLast().equals(BELOW_ALL) ? 1 : 0)) {
      throw new IOException("failed: " + command);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static void duckdb(String file, long balance) throws Exception {
    String query =
        """
        with i as (select price, row_number() over (order by price) n
          from read_csv('%s', header = false, names = ['name', 'price']))
        select max(a.price + b.price) from i a asof join i b on %d - a.price >= b.price
          where a.n < b.n
        """
            .formatted(file, balance);
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var statement = connection.createStatement();
        var result = statement.executeQuery(query)) {
      result.next();
      System.out.println(result.getLong(1));
    }
  }

  private static void print(List<Row> rows) {
    System.out.println(
        "| lines | prices | command | median s | x wc -l, median and worst |\n"
            + "|---|---|---|---|---|");
    for (Row row : rows) {
      System.out.printf(
          "| %,d | %s | %s | %.3f | %.2f, %.2f |%n",
          row.lines,
          row.list,
          row.command,
          row.median(),
          Row.median(row.ratios),
          Arrays.stream(row.ratios).max().orElseThrow());
    }
    System.out.println();
    for (Curve curve : curves(rows)) {
      long last = curve.rows().getLast().lines();
      if (last < curve.most()) {
        System.out.printf(
            "- %s, extrapolated from %,d to %,d lines: %.1f s%n",
            curve.command(), last, curve.most(), curve.end());
      }
    }
    System.out.println();
  }

  private static void printTimes(String what, List<Row> rows) {
    System.out.println("| " + what + " | median s | worst s |\n|---|---|---|");
    for (Row row : rows) {
      double worst = Arrays.stream(row.seconds).max().orElseThrow();
      System.out.printf("| %s | %.3f | %.3f |%n", row.command, row.median(), worst);
    }
    System.out.println();
  }

  private static String inCheckout(String file) {
    return Machine.checkout().resolve(file).toString();
  }

  /** Seconds against lines, both in powers of ten, in grey that reads on light and dark. */
  private static String chart(List<Row> rows) {
    var svg =
        new StringBuilder(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 420\""
                + " font-family=\"sans-serif\" font-size=\"13\" fill=\"#808080\">\n");
    for (int power = -2; power <= 2; power++) {
      svg.append(gridLine(70, y(Math.pow(10, power)), 560, y(Math.pow(10, power))));
      svg.append(text(10, y(Math.pow(10, power)), "%s s".formatted(Math.pow(10, power))));
    }
    for (int power = 5; power <= 7; power++) {
      svg.append(gridLine(x(Math.pow(10, power)), 20, x(Math.pow(10, power)), 370));
      svg.append(text(x(Math.pow(10, power)) - 20, 392, "10^" + power));
    }
    svg.append(text(270, 412, "lines, distinct prices"));
    double label = 0;
    for (Curve curve : curves(rows)) {
      label = Math.max(label + 14, y(curve.end()) + 4);
      svg.append(curve.draw(label));
    }
    return svg.append("</svg>\n").toString();
  }

  /** The curves of commands, those that end higher first, so that labels keep their order. */
  private static List<Curve> curves(List<Row> rows) {
    long most = rows.stream().mapToLong(Row::lines).max().orElseThrow();
    return rows.stream()
        .filter(row -> row.list().equals("distinct") && COLOURS.containsKey(row.command()))
        .collect(Collectors.groupingBy(Row::command))
        .entrySet()
        .stream()
        .map(entry -> new Curve(entry.getKey(), entry.getValue(), most))
        .sorted(Comparator.comparingDouble(Curve::end).reversed())
        .toList();
  }

  /** A command's times by the number of lines, drawn on to the largest number. */
  private record Curve(String command, List<Row> rows, long most) {
    /** Seconds for the largest number: what it takes to start is not taken for time per line. */
    double end() {
      Row last = rows.getLast();
      Row other = rows.get(Math.max(0, rows.size() - 2));
      double perLine = (last.median() - other.median()) / Math.max(1, last.lines - other.lines);
      return last.median() + (most - last.lines) * perLine;
    }

    /** Takes the height of the label. */
    String draw(double label) {
      var points = rows.stream().map(row -> "%.1f,%.1f".formatted(x(row.lines), y(row.median())));
      Row last = rows.getLast();
      String colour = COLOURS.get(command);
      return "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>%n"
              .formatted(colour, points.collect(Collectors.joining(" ")))
          + "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"%s\" stroke-dasharray=\"4\"/>%n"
              .formatted(x(last.lines()), y(last.median()), x(most), y(end()), colour)
          + "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%s</text>%n"
              .formatted(x(most) + 6, label, colour, command);
    }
  }

  private static String gridLine(double x1, double y1, double x2, double y2) {
    return "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#808080\" stroke-opacity=\"0.3\"/>%n"
        .formatted(x1, y1, x2, y2);
  }

  private static String text(double x, double y, String text) {
    return "<text x=\"%.1f\" y=\"%.1f\">%s</text>%n".formatted(x, y + 4, text);
  }

  private static double x(double lines) {
    return 70 + (Math.log10(lines) - 5) * 175;
  }

  private static double y(double seconds) {
    return 370 - (Math.log10(Math.max(seconds, 1e-3)) + 3) * 65;
  }
}
