///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES ../FindPair.java
//DEPS org.duckdb:duckdb_jdbc:1.4.2.0
//DESCRIPTION Times FindPair beside wc, awk, Python and DuckDB, and draws docs/finder.svg

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Times whole processes that find the best pair, in rounds in which each has its turn.
 *
 * <p>Prints Markdown tables, and writes bench/results/finder.csv and docs/finder.svg. An argument
 * is the largest number of lines, 50 million unless given; slower peers stop at 1 million.
 */
public class FindPairBenchmark {
  private static final int ROUNDS = 3;
  private static final long PEERS_UP_TO = 1_000_000;
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
      "{ price[NR] = $NF + 0 } END { low = 1; high = NR; while (low < high) {"
          + " sum = price[low] + price[high]; if (sum > balance) high--; else {"
          + " if (sum > best) best = sum; low++ } } print best }";

  /** The times of one command on one file, in seconds. */
  private record Row(long lines, String list, String command, double[] seconds) {
    double median() {
      double[] sorted = seconds.clone();
      Arrays.sort(sorted);
      return sorted[sorted.length / 2];
    }
  }

  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0 && arguments[0].equals("--duckdb")) {
      duckdb(arguments[1], Long.parseLong(arguments[2]));
      return;
    }
    long most = arguments.length > 0 ? Long.parseLong(arguments[0]) : 50_000_000;
    Path folder = Files.createTempDirectory("find-pair");
    var rows = new ArrayList<Row>();
    try {
      for (long lines = 100_000; lines < most; lines *= 7) {
        rows.addAll(measure(folder, lines, "distinct", lines));
      }
      rows.addAll(measure(folder, most, "distinct", most));
      rows.addAll(measure(folder, most, "50 thousand", 50_000));
    } finally {
      try (var left = Files.list(folder)) {
        for (Path file : left.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
    print(rows);
    write(rows);
  }

  private static List<Row> measure(Path folder, long lines, String list, long prices)
      throws IOException, InterruptedException {
    Path file = folder.resolve("list.txt");
    try (var out = new PrintWriter(Files.newBufferedWriter(file))) {
      for (long i = 0; i < lines; i++) {
        // Prices 0 or 1 modulo 67: no two of them add up to the balance.
        long rank = i * prices / lines;
        out.println("Item " + i + ", " + (67 * (rank / 2 + 1) + rank % 2));
      }
    }
    long balance = 67 * (prices * 3 / 8) + 66;
    var commands = commands(folder, file, balance, lines);
    var seconds = new LinkedHashMap<String, double[]>();
    for (int round = -1; round < ROUNDS; round++) { // the first is not counted
      for (var command : commands.entrySet()) {
        double time = time(command.getValue());
        if (round >= 0) {
          seconds.computeIfAbsent(command.getKey(), none -> new double[ROUNDS])[round] = time;
        }
      }
    }
    Files.delete(file);
    var rows = new ArrayList<Row>();
    seconds.forEach((command, times) -> rows.add(new Row(lines, list, command, times)));
    return rows;
  }

  private static Map<String, List<String>> commands(
      Path folder, Path file, long balance, long lines) throws IOException {
    String java = System.getProperty("java.home") + "/bin/java";
    String path = System.getProperty("java.class.path");
    String list = file.toString();
    String sum = Long.toString(balance);
    Path python = Files.writeString(folder.resolve("pair.py"), PYTHON);
    var commands = new LinkedHashMap<String, List<String>>();
    var finder =
        List.of(
            java,
            "-XX:+AutoCreateSharedArchive",
            "-XX:SharedArchiveFile=" + folder.resolve("finder.jsa"),
            "-Xlog:disable",
            "-cp",
            path,
            "FindPair");
    commands.put("wc -l", List.of("wc", "-l", list));
    commands.put("FindPair", with(finder, list, sum));
    commands.put("FindPair --presorted", with(finder, "--presorted", list, sum));
    if (lines <= PEERS_UP_TO) {
      commands.put("Python", List.of("python3", python.toString(), list, sum));
      commands.put("awk", List.of("awk", "-v", "balance=" + sum, AWK, list));
      commands.put(
          "DuckDB", List.of(java, "-cp", path, "FindPairBenchmark", "--duckdb", list, sum));
    }
    commands.entrySet().removeIf(command -> !runs(command.getKey(), command.getValue()));
    return commands;
  }

  private static List<String> with(List<String> command, String... words) {
    var all = new ArrayList<>(command);
    all.addAll(List.of(words));
    return all;
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
    if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IOException("failed: " + command);
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static void duckdb(String file, long balance) throws Exception {
    String items = "read_csv('" + file + "', header = false, names = ['name', 'price'])";
    String query =
        "with i as (select price, row_number() over (order by price) n from "
            + items
            + ")"
            + " select max(a.price + b.price) from i a asof join i b on "
            + balance
            + " - a.price >= b.price where a.n < b.n";
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var statement = connection.createStatement();
        var result = statement.executeQuery(query)) {
      result.next();
      System.out.println(result.getLong(1));
    }
  }

  private static void print(List<Row> rows) {
    System.out.println("| lines | prices | command | median s | x wc -l |\n|---|---|---|---|---|");
    double wc = 1;
    for (Row row : rows) {
      wc = row.command().equals("wc -l") ? row.median() : wc;
      System.out.printf(
          "| %,d | %s | %s | %.3f | %.1f |%n",
          row.lines(), row.list(), row.command(), row.median(), row.median() / wc);
    }
  }

  private static void write(List<Row> rows) throws IOException {
    var csv = new StringBuilder("lines,prices,command,seconds\n");
    for (Row row : rows) {
      csv.append("%d,%s,%s,%.4f%n".formatted(row.lines(), row.list(), row.command(), row.median()));
    }
    Files.createDirectories(Path.of("bench/results"));
    Files.writeString(Path.of("bench/results/finder.csv"), csv);
    Files.writeString(Path.of("docs/finder.svg"), chart(rows));
  }

  /** Seconds against lines, both in powers of ten, in grey that reads on light and dark. */
  private static String chart(List<Row> rows) {
    var svg =
        new StringBuilder(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 420\""
                + " font-family=\"sans-serif\" font-size=\"13\" fill=\"#808080\">\n");
    for (int power = -2; power <= 1; power++) {
      svg.append(gridLine(70, y(Math.pow(10, power)), 560, y(Math.pow(10, power))));
      svg.append(text(10, y(Math.pow(10, power)), "%s s".formatted(Math.pow(10, power))));
    }
    for (int power = 5; power <= 7; power++) {
      svg.append(gridLine(x(Math.pow(10, power)), 20, x(Math.pow(10, power)), 370));
      svg.append(text(x(Math.pow(10, power)) - 20, 392, "10^" + power));
    }
    svg.append(text(270, 412, "lines, distinct prices"));
    String[] colours = {"#888888", "#1f9d55", "#2f80ed", "#e0701a"};
    String[] commands = {"wc -l", "FindPair", "FindPair --presorted", "Python"};
    for (int i = 0; i < commands.length; i++) {
      svg.append(curve(rows, commands[i], colours[i]));
    }
    return svg.append("</svg>\n").toString();
  }

  private static String curve(List<Row> rows, String command, String colour) {
    var points = new StringBuilder();
    Row last = null;
    for (Row row : rows) {
      if (row.command().equals(command) && row.list().equals("distinct")) {
        points.append("%.1f,%.1f ".formatted(x(row.lines()), y(row.median())));
        last = row;
      }
    }
    return last == null
        ? ""
        : "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>%n"
                .formatted(colour, points.toString().strip())
            + "<text x=\"%.1f\" y=\"%.1f\" fill=\"%s\">%s</text>%n"
                .formatted(x(last.lines()) + 6, y(last.median()) + 4, colour, command);
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
    return 370 - (Math.log10(Math.max(seconds, 1e-3)) + 3) * 75;
  }
}
