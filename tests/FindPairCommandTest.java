import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the finder prints and returns, as a process. */
@Timeout(120)
class FindPairCommandTest {
  private static final String FIFTY_SIX =
      "01234567890123456789012345678901234567890123456789012345";

  private static final String FIFTY_SEVEN = FIFTY_SIX + "6";

  private static final String ZEROS = "000000000000000000000000000000000000000000000000000000000";

  private static final String SIXTY = FIFTY_SEVEN + "789";

  /** The largest price and balance. */
  private static final String MOST = "1000000000000000";

  @TempDir Path folder;

  private Command find(String input, String... arguments) throws Exception {
    return Command.run(folder, Map.of(), input, words(arguments));
  }

  /** The same with an option of the JVM. */
  private Command findWith(String jvmOption, String input, String... arguments) throws Exception {
    var words = Command.words("FindPair", List.of(jvmOption), arguments);
    return Command.run(folder, Map.of(), input, words);
  }

  private static ArrayList<String> words(String... arguments) throws IOException {
    return Command.words("FindPair", List.of(), arguments);
  }

  private static Command found(String line) {
    return new Command(0, line + "\n", "");
  }

  private static Command wrong(String line) {
    return new Command(2, "", line + "\n");
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
  }

  /** Lines of an item i each, priced by the numbers from one to before another. */
  private static String list(int from, int end, IntToLongFunction price) {
    return IntStream.range(from, end)
        .mapToObj(i -> "i, " + price.applyAsLong(i) + "\n")
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2500  | 2 | Candy Bar 500, Earmuffs 2000",
        "2300  | 2 | Paperback Book 700, Headphones 1400",
        "10000 | 2 | Earmuffs 2000, Bluetooth Stereo 6000",
        "1200  | 2 | Candy Bar 500, Paperback Book 700",
        "3400  | 2 | Headphones 1400, Earmuffs 2000",
        "2500  | 3 | Candy Bar 500, Paperback Book 700, Detergent 1000",
        "4600  | 3 | Detergent 1000, Headphones 1400, Earmuffs 2000",
        "10000 | 3 | Headphones 1400, Earmuffs 2000, Bluetooth Stereo 6000",
        "1999  | 1 | Headphones 1400",
        "0000000000000000002500 | 02 | Candy Bar 500, Earmuffs 2000",
        "' 2500\t' | ' 2 ' | Candy Bar 500, Earmuffs 2000",
      })
  void theSampleList(String balance, String gifts, String answer) throws Exception {
    String prices = Command.checkout().resolve("prices.txt").toString();
    assertEquals(found(answer), find("", prices, balance, gifts));
    assertEquals(found(answer), find("", "--presorted", prices, balance, gifts));
  }

  @ParameterizedTest
  @CsvSource({
    "1100, 2",
    "2199, 3",
    "0, 2",
    "-5, 2",
    "99999, 7",
    "99999, 4294967298",
    "1000000000000000, 2147483647"
  })
  void notPossible(String balance, String gifts) throws Exception {
    String prices = Command.checkout().resolve("prices.txt").toString();
    assertEquals(new Command(1, "Not possible\n", ""), find("", prices, balance, gifts));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Socks      | no comma between name and price: \"Socks\"",
        "Socks 5    | no comma between name and price: \"Socks 5\"",
        ", 500      | no name before the comma",
        "Socks,     | no price after the comma",
        "Socks, 5.00| price \"5.00\" is not a whole number of cents",
        "Socks, $5  | price \"$5\" is not a whole number of cents",
        "Socks, 5 0 | price \"5 0\" is not a whole number of cents",
        "Socks\u001b[2J | no comma between name and price: \"Socks?[2J\"",
        "Socks, 1x0 | price \"1x0\" is not a whole number of cents",
        "Socks, 5:1 | price \"5:1\" is not a whole number of cents",
        "'Some more socks, ' | no price after the comma",
        "Socks, 5/1 | price \"5/1\" is not a whole number of cents",
        "Socks, 0   | price \"0\" is not above zero",
        "Socks, -5  | price \"-5\" is not above zero",
        "Socks, -   | price \"-\" is not a whole number of cents",
        "A pair of socks, 12345678x | price \"12345678x\" is not a whole number of cents",
        "A, 1000000000000001 | price \"1000000000000001\" is more than 1000000000000000 cents",
        "A, 18446744073709551617 | price \"18446744073709551617\" is more than 1000000000000000"
            + " cents",
        "A, 9" + SIXTY + " | price \"9" + FIFTY_SIX + "...\" is more than 1000000000000000 cents",
        "A, 9" + SIXTY + "x | price \"9" + FIFTY_SIX + "...\" is not a whole number of cents",
        "A, 0000" + ZEROS + " | price \"" + ZEROS + "...\" is not above zero",
        SIXTY + " | no comma between name and price: \"" + SIXTY + '"',
        SIXTY + ".... | no comma between name and price: \"" + FIFTY_SEVEN + "...\"",
      })
  void aBadLineIsNamed(String line, String problem) throws Exception {
    String good = "A name of some length, 100\n".repeat(3);
    write("prices.txt", good + line + "\n" + "the first is named\n".repeat(9));
    assertEquals(wrong("prices.txt:4: " + problem), find("", "prices.txt", "500"));
  }

  /** The control characters beyond ASCII too, of which one begins what terminals obey. */
  @Test
  void noLineCanTellATerminalToDoThings() throws Exception {
    String line = "Süßes \u009b2J\u001b[2J\u007f\n";
    Command answer = findWith("-Dstderr.encoding=UTF-8", line, "-", "5");
    String problem = "no comma between name and price: \"Süßes ?2J?[2J?\"";
    assertEquals(wrong("standard input:1: " + problem), answer);
    String shortened = "no comma between name and price: \"" + "ä".repeat(28) + "...\"";
    answer = findWith("-Dstderr.encoding=UTF-8", "ä".repeat(40), "-", "5");
    assertEquals(wrong("standard input:1: " + shortened), answer);
  }

  /** As the blank of 1 500 in French, or the byte order mark of a list that was appended. */
  @Test
  void whatLooksLikeNothingInAPriceIsShown() throws Exception {
    String line = "Socks,\u00a0500\u202f\u200b\ufeff\n";
    String problem = "price \"?500???\" is not a whole number of cents";
    Command answer = findWith("-Dstderr.encoding=UTF-8", line, "-", "5");
    assertEquals(wrong("standard input:1: " + problem), answer);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5.00  | 2  | BALANCE \"5.00\" is not a whole number of cents",
        "-5.00 | 2  | BALANCE \"-5.00\" is not a whole number of cents",
        "-5,00 | 2  | BALANCE \"-5,00\" is not a whole number of cents",
        "1000000000000001 | 2 | BALANCE \"1000000000000001\" is more than 1000000000000000 cents",
        "9999999999999999999 | 2 | BALANCE \"9999999999999999999\" is more than"
            + " 1000000000000000 cents",
        "500   | 0  | GIFTS \"0\" is not a whole number from 1 up",
        "500   | -1 | GIFTS \"-1\" is not a whole number from 1 up",
        "500   | x  | GIFTS \"x\" is not a whole number from 1 up",
      })
  void aBadNumberIsNamed(String balance, String gifts, String problem) throws Exception {
    assertEquals(wrong("FindPair: " + problem), find("", "-", balance, gifts));
  }

  @Test
  void badUsage() throws Exception {
    String usage = "usage: FindPair [OPTION...] FILE BALANCE [GIFTS], or --help for more";
    assertEquals(wrong(usage), find(""));
    assertEquals(wrong(usage), find("", "a"));
    assertEquals(wrong(usage), find("", "a", "1", "2", "3"));
    assertEquals(wrong("none.txt: there is no such file"), find("", "none.txt", "5"));
    assertEquals(wrong("-5.txt: there is no such file"), find("", "--", "-5.txt", "5"));
    assertEquals(wrong("-5: there is no such file"), find("", "-5", "5"));
    assertEquals(wrong("a b: there is no such file"), find("", "a\nb", "5"));
    write("-5", "A, 1\nB, 2\n");
    assertEquals(found("A 1, B 2"), find("", "--", "-5", "5"));
    assertEquals(wrong(".: is a folder, not a price list"), find("", ".", "5"));
    for (String unknown : List.of("--best", "--js")) {
      String problem = "FindPair: Unrecognized option: " + unknown + "; see --help";
      assertEquals(wrong(problem), find("", unknown, "-", "5"));
    }
  }

  @Test
  void helpAndVersion() throws Exception {
    Command help = find("", "--help");
    assertTrue(help.out().startsWith("usage: FindPair [OPTION...] FILE BALANCE"));
    assertEquals(0, help.code());
    assertTrue(find("", "--version").out().matches("FindPair \\d+\\.\\d+\\.\\d+\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "'A, 1\nB, 2'",
    "'A, 1\r\nB, 2\r\n'",
    "'\uFEFFA, 1\nB, 2\n'",
    "'\uFEFF     \nA, 1\nB, 2\n'",
    "'\n\n A , 1 \n \t\nB,2\t\n\n'",
    "'A, 0001\nB, 2\n'"
  })
  void formsOfLines(String list) throws Exception {
    assertEquals(found("A 1, B 2"), find(list, "-", "3"));
    assertEquals(found("A 1, B 2"), find(list, "--presorted", "-", "3"));
  }

  /** Nor where the price is read from the sixteen bytes before its end, among which is the mark. */
  @Test
  void aByteOrderMarkIsNoName() throws Exception {
    String problem = "standard input:1: no name before the comma";
    assertEquals(wrong(problem), find("\uFEFF, 10000000000\nB, 20000000000\n", "-", "5"));
  }

  @Test
  void namesMayHoldCommasAndAnyLetters() throws Exception {
    String list = "Salt, fine, 1\nSchokolade für Ömer 🍫, 2\n";
    assertEquals(found("Salt, fine 1, Schokolade für Ömer 🍫 2"), find(list, "-", "5"));
    // Two begin like a mark, and bytes of the last are newlines but for their highest bits.
    for (String name :
        List.of("\uFEC0", "\uF03F", "!!!!!!!!", "\u028A".repeat(16), "n".repeat(99_999))) {
      assertEquals(found(name + " 1, B 2"), find(name + ", 1\nB, 2\n", "-", "5"));
    }
  }

  @Test
  void aNameThatIsNotUtf8IsShownWithReplacements() throws Exception {
    String name = "\u00FF" + "\u00A0".repeat(16);
    String list = name + ", 1000\nB, 2000\n";
    Files.write(folder.resolve("latin1.txt"), list.getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(found("\uFFFD".repeat(17) + " 1000, B 2000"), find("", "latin1.txt", "5000"));
    list += "A pair of socks, 300\u00B5\n";
    Files.write(folder.resolve("latin1.txt"), list.getBytes(StandardCharsets.ISO_8859_1));
    String problem = "latin1.txt:3: price \"300\uFFFD\" is not a whole number of cents";
    assertEquals(wrong(problem), find("", "latin1.txt", "5000"));
    list = "Mug, 300\nCup, " + "\u00A0".repeat(61) + "500\n";
    Files.write(folder.resolve("latin1.txt"), list.getBytes(StandardCharsets.ISO_8859_1));
    problem = "latin1.txt:2: price \"...\" is not a whole number of cents";
    assertEquals(wrong(problem), find("", "latin1.txt", "5000"));
  }

  /** Of 30 MB several parts are read at the same time. */
  @Test
  void aLargeListThatIsNotSorted() throws Exception {
    int lines = 100_000;
    String padding = "x".repeat(280);
    List<String> list =
        IntStream.range(0, lines)
            .mapToObj(i -> padding + i + ", " + (10 + i / 2 * 2))
            .collect(Collectors.toCollection(ArrayList::new));
    list.add("Sock, 1");
    Files.write(folder.resolve("large.txt"), list);
    String note =
        "large.txt:100001: cheaper than the line before; the list is not sorted by price: sorting"
            + " it\n";
    String sock = "Sock 1, " + padding + "40000 40010\n";
    assertEquals(new Command(0, sock, note), find("", "large.txt", "40011", "2"));
    String equal = "Sock 1, " + padding + "0 10, " + padding + "1 10\n";
    assertEquals(new Command(0, equal, note), find("", "large.txt", "21", "3"));
    String all = sock + sock.replace("40000", "40001");
    assertEquals(new Command(0, all, note), find("", "--all", "large.txt", "40011", "2"));
    list.set(lines / 3, "Hat");
    list.set(lines / 5 * 4, "Coat");
    Files.write(folder.resolve("large.txt"), list);
    String bad = "large.txt:33334: no comma between name and price: \"Hat\"";
    assertEquals(wrong(bad), find("", "large.txt", "40011", "2"));
  }

  @Test
  void anUnsortedListIsAnsweredWithANote() throws Exception {
    Command answer = find("C, 5\nD, 5\nA, 3\nB, 1\n", "--all", "-", "8");
    String note =
        "standard input:3: cheaper than the line before; the list is not sorted by price:"
            + " sorting it\n";
    assertEquals(new Command(0, "A 3, C 5\nA 3, D 5\n", note), answer);
    assertEquals("A 1, B 2\n", find("\uFEFFB, 2\nA, 1\n", "-", "3").out());
  }

  @Test
  void utf16IsRefused() throws Exception {
    for (String text : List.of("\uFEFFA, 1\n", "\uFFFEA, 1\n", "\uFEFF")) {
      Files.write(folder.resolve("utf16.txt"), text.getBytes(StandardCharsets.UTF_16BE));
      String problem = "utf16.txt: is UTF-16 or UTF-32, but must be UTF-8";
      assertEquals(wrong(problem), find("", "utf16.txt", "5"));
    }
  }

  @Test
  void balancesFarAboveAllSums() throws Exception {
    write("few.txt", "A, 1\nB, 2\nC, 4\nD, 99999999999\n");
    for (String balance : List.of(MOST, "150000000000")) {
      assertEquals(found("B 2, C 4, D 99999999999"), find("", "few.txt", balance, "3"));
    }
    write("same.txt", "A, 1\nB, 1\n");
    assertEquals(found("A 1, B 1"), find("", "--all", "same.txt", MOST));
    write("unsorted.txt", "B, 2\nA, 1\n");
    assertEquals("A 1, B 2\n", find("", "unsorted.txt", MOST).out());
  }

  @Test
  void aBalanceAroundTheLargestSumOfMany() throws Exception {
    String list =
        IntStream.range(0, 20_000)
            .mapToObj(i -> "i%d, %d\n".formatted(i, 1_000L * i * i + i + 1))
            .collect(Collectors.joining());
    write("many.txt", list);
    long most = IntStream.range(19_996, 20_000).mapToLong(i -> 1_000L * i * i + i + 1).sum();
    String largest =
        IntStream.range(19_996, 20_000)
            .mapToObj(i -> "i%d %d".formatted(i, 1_000L * i * i + i + 1))
            .collect(Collectors.joining(", "));
    for (String balance : List.of(most + "", MOST)) {
      assertEquals(found(largest), find("", "many.txt", balance, "4"));
    }
    assertEquals(0, find("", "many.txt", most / 2 + "", "1000").code());
  }

  /** The cheapest of so many sum up to more than a long has room for. */
  @Test
  void sumsBeyondALongAreNotPossible() throws Exception {
    write("dear.txt", "A, 1\n" + list(0, 9_300, i -> 999_999_000_000_000L + i));
    for (String gifts : List.of("9224", "9225", "9226", "9300")) {
      assertEquals(new Command(1, "Not possible\n", ""), find("", "dear.txt", MOST, gifts));
    }
  }

  /** Just too little for the cheapest, of which the 9,000 largest would do. */
  @Test
  void aBalanceAroundTheLeastSumOfMany() throws Exception {
    write("many.txt", list(1, 20_001, i -> i));
    int least = 10_000 * 10_001 / 2;
    Command tooLittle = find("", "many.txt", least - 1 + "", "10000");
    assertEquals(new Command(1, "Not possible\n", ""), tooLittle);
    assertEquals(0, find("", "many.txt", least + "", "10000").code());
  }

  @Test
  void allOfManyEqualPricesIsOneSelection() throws Exception {
    write("same.txt", "A, 7\n".repeat(20_000));
    String balance = 7 * 20_000 + "";
    Command answer = find("", "--all", "same.txt", balance, "20000");
    assertEquals(0, answer.code());
    assertEquals(1, answer.out().lines().count());
  }

  /**
   * The walk would take hours: prices are 0 or 1 modulo 67, and six can be 1: indexes sum up to an
   * even 4500.
   */
  @Test
  void manyDensePrices() throws Exception {
    String list = list(1, 1500, i -> 201 * i + i % 2);
    String balance = 201 * 4500 + 60 + "";
    Command answer = find(list, "--json", "-", balance, "7");
    assertEquals("0 ", answer.code() + " " + answer.err());
    assertTrue(answer.out().endsWith("\"left\":54}\n"), answer.out());
  }

  /** Far more than the steps after which a search is announced. */
  @Test
  void allOfALongWalk() throws Exception {
    String list = list(1, 20_001, i -> i == 10_001 ? 20_001 : 2 * i);
    Command answer = find(list, "--all", "-", "40001", "3");
    assertEquals("0 ", answer.code() + " " + answer.err());
    assertEquals(4_999, answer.out().lines().distinct().count());
  }

  @Test
  void theShortestLines() throws Exception {
    assertEquals(found("a 1, a 1"), find("a,1\n".repeat(20_000), "-", "2"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\uFEFF", "\r\n \n"})
  void anEmptyListIsAnsweredWithANote(String list) throws Exception {
    String note = "standard input: the list is empty\n";
    var answer = new Command(1, "Not possible\n", note);
    assertEquals(answer, find(list, "-", "2"));
    assertEquals(answer, find(list, "--presorted", "-", "2500", "3"));
  }

  @Test
  void json() throws Exception {
    String object =
        "{\"gifts\":[{\"name\":\"A \\\"1\\\"\",\"price\":1},{\"name\":\"B\",\"price\":2}],"
            + "\"total\":3,\"left\":2}";
    assertEquals(found(object), find("A \"1\", 1\nB, 2\n", "--json", "-", "5"));
    String list = "A \"1\", 1\nB, 2\nB, 2\n";
    String all = (object + "\n" + object).replace("\"left\":2", "\"left\":0");
    assertEquals(found(all), find(list, "--json", "--all", "-", "3"));
    for (String[] left : new String[][] {{"2", "2"}, {"-5", "-5"}, {"-9" + MOST, "-" + MOST}}) {
      String none = "{\"gifts\":[],\"total\":0,\"left\":" + left[1] + "}\n";
      assertEquals(new Command(1, none, ""), find("A, 1\nB, 2\n", "--json", "-", left[0]));
    }
  }

  @Test
  void sumsOfTheLargestPrices() throws Exception {
    String list = "A, 1\nB, 499999999999999\nC, 500000000000000\nD, 1000000000000000\n";
    assertEquals(found("A 1, B 499999999999999, C 500000000000000"), find(list, "-", MOST, "3"));
    assertEquals(found("D " + MOST), find(list, "-", MOST, "1"));
  }

  /** A shell's command, in which "$@" are the words that start a search. */
  private static List<String> inShell(String command) throws IOException {
    var words = new ArrayList<>(List.of("bash", "-c", command, "bash"));
    words.addAll(words());
    return words;
  }

  @Test
  void aClosedPipeEndsQuietly() throws Exception {
    write("same.txt", "A, 1\n".repeat(2000));
    String command = "\"$@\" --all same.txt 2 | head -1; echo ${PIPESTATUS[0]}";
    assertEquals(found("A 1, A 1\n0"), Command.run(folder, Map.of(), "", inShell(command)));
  }

  /** The search would go on for minutes, and what it finds by then is too little to be written. */
  @Test
  void aClosedPipeEndsALongSearch() throws Exception {
    long[] prices = new Random(1).longs(20_000, 1, 1_000_000_000_000L).sorted().toArray();
    write("sparse.txt", list(0, prices.length, i -> prices[i]));
    String command = "\"$@\" --all sparse.txt 2000000000000 4 | head -1; echo ${PIPESTATUS[0]}";
    Command answer = Command.run(folder, Map.of(), "", inShell(command));
    assertTrue(answer.out().matches("(i \\d+(, |\n)){4}0\n"), answer.out());
  }

  @Test
  void aPipeThatNobodyReadsLeavesTheAnswersCode() throws Exception {
    write("list.txt", "A, 1\nB, 2\n");
    String command = "trap '' PIPE; { \"$@\" list.txt 2; echo $? >&2; } | true";
    assertEquals("1\n", Command.run(folder, Map.of(), "", inShell(command)).err());
  }

  @Test
  void standardInputThatCanNotBeReadIsSaidSo() throws Exception {
    var here = Map.of("TMPDIR", folder.toString());
    Command answer = Command.run(folder, here, "", inShell("\"$@\" - 5 < /"));
    assertEquals("2 ", answer.code() + " " + answer.out());
    String start = "standard input: could not be read into a temporary file in " + folder + ": ";
    assertTrue(answer.err().startsWith(start), answer.err());
    answer = Command.run(folder, Map.of(), "", inShell("\"$@\" - 5 <&-"));
    assertEquals(wrong("standard input: is closed"), answer);
    Path none = folder.resolve("none");
    var named = Command.words("FindPair", List.of("-Djava.io.tmpdir=" + none), "-", "5");
    answer = Command.run(folder, here, "A, 1\n", named);
    String problem = "FindPair: no temporary file can be made in " + none;
    assertTrue(answer.err().endsWith("\n" + problem + "\n"), answer.err());
    var elsewhere = Map.of("TMPDIR", none.toString());
    for (String usual : List.of("/tmp", "/var/folders/zz/zyx/T/")) { // the latter on macOS
      var words = inShell("echo 'A, 1' | \"$@\" - 5");
      words.add(5, "-Djava.io.tmpdir=" + usual);
      answer = Command.run(folder, elsewhere, "", words);
      assertTrue(answer.err().endsWith(problem + "\n"), answer.err());
    }
    assertEquals(wrong("FindPair: FILE is an empty name"), find("", "", "5"));
  }

  @Test
  void aPipeAndANameThatCanNotBe() throws Exception {
    String command = "\"$@\" <(printf 'A, 1\\nB, 2') 5; LC_ALL=C \"$@\" $'\\xe9' 5";
    Command result = Command.run(folder, Map.of(), "", inShell(command));
    assertEquals("A 1, B 2\n", result.out());
    assertTrue(result.err().matches(".*: there is no such file\n"), result.err());
  }

  @Test
  void aKilledFinderLeavesNoCopyOfStandardInput() throws Exception {
    String command = "exec \"$@\" - 5 < <(echo 'A, 1'; sleep 5)";
    var words = inShell(command);
    words.add(5, "-Djava.io.tmpdir=" + folder);
    Command.Running search = Command.start(folder, Map.of(), "", words);
    Path open = Path.of("/proc/" + search.process().pid() + "/fd");
    Eventually.holds("it has a copy without a name", () -> leadsToDeleted(folder, open));
    search.process().destroyForcibly();
    search.finish();
    try (var files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  /** Whether one of a process's open files was in a folder, and is deleted. */
  private static boolean leadsToDeleted(Path target, Path folder) throws IOException {
    try (var links = Files.list(folder)) {
      for (Path link : links.toList()) {
        Path file = Files.readSymbolicLink(link);
        if (file.startsWith(target) && file.toString().endsWith(" (deleted)")) {
          return true;
        }
      }
      return false;
    } catch (NoSuchFileException closedMeanwhile) {
      return false;
    }
  }

  @Test
  void aClosedStandardOutputIsSaidSo() throws Exception {
    write("prices.txt", "A, 1\nB, 2\n");
    Command answer = Command.run(folder, Map.of(), "", inShell("\"$@\" prices.txt 5 >&-"));
    assertEquals("2 ", answer.code() + " " + answer.out());
    assertTrue(
        answer.err().matches("FindPair: the answer could not be written: .*\n"), answer.err());
  }

  @Test
  void theFirstLineOutOfOrderOfAPresortedListIsNamed() throws Exception {
    assertOutOfOrder(2, "B, 2\nA, 1\n", "5");
    assertOutOfOrder(2, "B, 2\nA, 1\nC, 2\n", "9", "3");
    // No line of those read for the answer is cheaper, but the look-up of their names meets one.
    assertOutOfOrder(5, "A, 2\nB, 2\nC, 2\nD, 9\n" + "E, 1\n".repeat(9), "6", "3");
    assertOutOfOrder(2, "A, 15\nB, 6\n \nC, 6\n", "17", "1", "--all");
    assertOutOfOrder(2, "A, 5\nB, 3\n", "6", "1", "--all");
    assertOutOfOrder(3, "A, 1\nB, 8\nC, 2\n", "9", "1");
    assertOutOfOrder(3, "A, 1\nB, 8\nC, 2\n", "9", "1", "--all");
    // In blocks of their own, with blank lines or skipped ones between them.
    assertOutOfOrder(2, spaced(1, 9, 80, 7), "25", "2", "--all");
    assertOutOfOrder(3, spaced(152, 3, 1, 6, 181, 3, 1, 6, 1, 3, 1, 3, 300, 3), "6");
    assertOutOfOrder(2, spaced(60, 2, 20, 1, 70, 1, 120, 3, 150, 5), "7");
    // The lower half ends with the last line, of which the pair's dearer one is before.
    String longer = "x".repeat(70);
    assertOutOfOrder(4, "n%1$s, 1\nn%1$s, 2\nn%1$s, 3\nn%1$s, 1\n".formatted(longer), "4");
    // The pair is cheaper than twice the first line, from which the others are looked for.
    assertOutOfOrder(2, spaced(60, 15, 1, 6, 1, 6), "40", "2", "--all");
    // Below half the balance, which is where the search begins.
    String high = spaced(12, 4, 15, 2, 5, 4, 8, 2, 12, 4, 7, 1);
    assertOutOfOrder(5, spaced(17, 2, 15, 2) + "\n" + high, "4");
    String blank = " ".repeat(120) + "\n";
    assertOutOfOrder(5, spaced(1, 12, 1, 18, 90, 31) + blank + spaced(140, 20), "37");
  }

  private void assertOutOfOrder(int line, String list, String... arguments) throws Exception {
    var all = new ArrayList<>(List.of("--presorted", "-"));
    all.addAll(List.of(arguments));
    String told =
        ": cheaper than the line before; the list is not sorted, so leave out --presorted";
    assertEquals(wrong("standard input:" + line + told), find(list, all.toArray(String[]::new)));
  }

  /** Lines of so many blanks and a price each. */
  private static String spaced(int... blanksAndPrices) {
    return IntStream.range(0, blanksAndPrices.length / 2)
        .mapToObj(i -> "A," + " ".repeat(blanksAndPrices[2 * i]) + blanksAndPrices[2 * i + 1])
        .collect(Collectors.joining("\n", "", "\n"));
  }

  /** The file is sparse: what was never written are zeros, which are blank lines here. */
  @Test
  void offsetsBeyondFourGibibytes() throws Exception {
    try (var file = new RandomAccessFile(folder.resolve("large.txt").toFile(), "rw")) {
      for (int i = 0; i < 258; i++) {
        file.seek((long) i << 24);
        file.writeBytes("\nitem %d, %d\n".formatted(i, 1000 + i));
      }
    }
    assertEquals(found("item 256 1256, item 257 1257"), find("", "large.txt", "9999"));
    String odd = "2257";
    assertEquals(found("item 0 1000, item 257 1257"), find("", "--presorted", "large.txt", odd));
  }

  /** Sparse prices that are 0 or 1 modulo 2^20, of which no seven add up to a round balance. */
  private static String endless() {
    return scattered(2_000, 1);
  }

  /** A price that is 0 or 1 modulo 2^20 for each number from 1 to before an end, so many times. */
  private static String scattered(int end, int times) {
    return IntStream.range(1, end)
        .mapToObj(i -> "item %d, %d\n".formatted(i, (1L << 20) * 101 * (i + i * i) + i % 2))
        .map(line -> line.repeat(times))
        .collect(Collectors.joining());
  }

  private static final Map<String, String> TERMINAL = Map.of("TERM", "xterm");

  private static final String[] ENDLESS = {"endless.txt", "900000000000000", "7"};

  @Test
  void anInterruptEndsALongSearchQuietly() throws Exception {
    write("endless.txt", endless());
    Command ended = interrupted(ENDLESS);
    assertEquals("130 ", ended.code() + " " + ended.out());
    String word = "FindPair: this may take .*, often far less; \\^C ends it\n";
    assertTrue(ended.err().matches(word), ended.err());
  }

  /** With six others it alone makes the balance of the search for it. */
  private static final String SPECIAL = "special, 423412891660346\n";

  private static final String[] SEARCH_FOR_SPECIAL = {
    "--all", "endless.txt", "423424753152061", "7"
  };

  /** The search goes on for more like the first, of which there are none. */
  @Test
  void whatIsFoundIsShownWhileMoreIsSearched() throws Exception {
    write("endless.txt", endless() + SPECIAL);
    Command ended = interrupted(SEARCH_FOR_SPECIAL);
    assertEquals(130, ended.code());
    assertTrue(ended.out().matches("item 1 .*, special 423412891660346\n"), ended.out());
    assertTrue(ended.err().matches("FindPair: this may take .* steps\\); \\^C.*\n"), ended.err());
  }

  /** Found at once, one after the other, and no more. */
  @Test
  void whatIsFoundLastIsShownWhileMoreIsSearched() throws Exception {
    write("endless.txt", endless() + SPECIAL.repeat(3));
    try (var search = Command.start(folder, Map.of(), "", words(SEARCH_FOR_SPECIAL))) {
      Eventually.holds("all are shown", () -> Files.readString(search.out()).lines().count() == 3);
    }
  }

  /** A search that is interrupted after longer than a bar would wait. */
  private Command interrupted(String... arguments) throws Exception {
    // A shell has what it runs in the background ignore interrupts, these tests as well.
    var words = new ArrayList<>(List.of("env", "--default-signal=INT"));
    words.addAll(words(arguments));
    Command.Running search = Command.start(folder, Map.of(), "", words);
    awaitBar(search.err());
    Command.signal(search.process().pid(), "INT");
    return search.finish();
  }

  /** Waits until a search is announced, and for longer than a bar would from then on. */
  private static void awaitBar(Path err) throws Exception {
    Eventually.holds("it is announced", () -> Files.readString(err).contains("this may take"));
    Thread.sleep(2000);
  }

  /** Each price four times: as 4,000 different ones they would take minutes. */
  @Test
  void theEstimateIsByDifferentPrices() throws Exception {
    Command answer = find(scattered(1_000, 4), "-", "170000000000007", "5");
    assertEquals("0 ", answer.code() + " " + answer.err());
  }

  /** Were each of the 40 to be had again and again, it would take an hour. */
  @Test
  void theEstimateIsOfSelectionsWithoutRepetition() throws Exception {
    Command answer = find(scattered(41, 1), "-", "517000000007", "17");
    assertEquals("0 ", answer.code() + " " + answer.err());
  }

  /** So many that even to reckon how long sum sets would take is long. */
  @ParameterizedTest
  @CsvSource({"1000000, 2, 393216000104096", "500000, 100000, 81920000000007"})
  void aSearchForManyGiftsIsAnnouncedAtOnce(int end, int odd, String balance) throws Exception {
    write("many.txt", list(1, end, i -> 8192L * i + (i % odd == 1 ? 1 : 0)));
    var words = words("many.txt", balance, "100000");
    try (var search = Command.start(folder, Map.of(), "", words)) {
      Eventually.holds(
          "it is announced",
          () -> Files.readString(search.err()).contains("FindPair: this may take years"));
    }
  }

  @Test
  void aTerminalShowsTheProgressThoughTheAnswerGoesToAFile() throws Exception {
    write("long.txt", scattered(1_500, 1));
    String shown = assertProgress("long.txt", "390000000000007", "5");
    assertTrue(shown.contains("FindPair"), shown);
    assertFalse(shown.contains("WARNING"), shown);
  }

  /** One that takes longer than most, but less than a second where the machine is not busy. */
  @Test
  void aTerminalShowsNoProgressOfAShortSearch() throws Exception {
    write("short.txt", scattered(800, 1));
    var search = words("short.txt", "90373270186673", "4", "> answer.txt");
    long start = System.nanoTime();
    String shown = shown(search);
    long taken = System.nanoTime() - start;
    assertTrue(taken > 1_000_000_000 || shown.isEmpty(), shown);
  }

  @Test
  void aTerminalShowsTheProgressOfSumsOfPairs() throws Exception {
    write("sparse.txt", sparse());
    assertProgress("sparse.txt", "500000000000007", "4");
  }

  /** Processors end their parts of a search in any order. */
  @Test
  void theProgressDoesNotGoBack() throws Exception {
    write("sparse.txt", sparse());
    var processors = List.of("-XX:ActiveProcessorCount=16");
    var search = Command.words("FindPair", processors, "sparse.txt", "500000000000007", "4");
    String shown = shown(search);
    var percents = Pattern.compile("(\\d+)%").matcher(shown).results();
    List<Integer> done = percents.map(percent -> Integer.valueOf(percent.group(1))).toList();
    assertEquals(done.stream().sorted().toList(), done);
  }

  private static String sparse() {
    long[] prices = new Random(1).longs(50_000, 1, 250_000_000_000_000L).sorted().toArray();
    return list(0, prices.length, i -> prices[i]);
  }

  /** On one processor, so that it is under way for a while on any machine. */
  private String assertProgress(String... arguments) throws Exception {
    var search = Command.words("FindPair", List.of("-XX:ActiveProcessorCount=1"), arguments);
    search.add("> answer.txt");
    String shown = shown(search);
    assertTrue(Pattern.compile("[1-9]\\d?%").matcher(shown).find(), shown);
    return shown;
  }

  /**
   * A process in the background that sets the terminal is stopped. The bar's library would set it
   * back to what it found, where it has been changed meanwhile.
   */
  @Test
  void aSearchInTheBackgroundEndsThoughTheTerminalWasChanged() throws Exception {
    write("long.txt", scattered(1_500, 1));
    var search = Command.words("FindPair", List.of("-XX:ActiveProcessorCount=1"));
    search.addFirst("set -m;");
    search.addAll(List.of("long.txt", "390000000000007", "5", "> answer.txt &"));
    search.add("sleep 3; stty -echo; wait");
    String shown = shown(search);
    assertTrue(shown.contains("%"), shown);
    assertEquals(1, Files.readString(folder.resolve("answer.txt")).lines().count());
  }

  /** Though standard input and output are a terminal. */
  @Test
  void noProgressIsWrittenToAFile() throws Exception {
    write("endless.txt", endless());
    Path err = Files.createFile(folder.resolve("err.txt"));
    var search = words(ENDLESS);
    search.add("2>err.txt");
    try (var _ = Command.start(folder, TERMINAL, "", onTerminal(search))) {
      awaitBar(err);
      assertFalse(Files.readString(err).contains("%"), Files.readString(err));
    }
  }

  /** What a terminal shows of a search. */
  private String shown(List<String> search) throws Exception {
    return Command.run(folder, TERMINAL, "", onTerminal(search)).out();
  }

  private static List<String> onTerminal(List<String> search) {
    return List.of("script", "-qec", String.join(" ", search), "/dev/null");
  }

  /** Write-only even for root. */
  @Test
  void aFileThatMayNotBeRead() throws Exception {
    String file = "/sys/bus/cpu/drivers_probe";
    assumeTrue(Files.exists(Path.of(file)));
    assertEquals(wrong(file + ": permission denied"), find("", file, "5"));
  }

  @Test
  void aPathThroughAFileCanNotBeRead() throws Exception {
    write("prices.txt", "A, 1\n");
    String problem = "prices.txt/none: could not be read: Not a directory";
    assertEquals(wrong(problem), find("", "prices.txt/none", "5"));
  }

  @Test
  void aFileThatShrinksWhileItIsRead() throws Exception {
    write("endless.txt", "");
    try (var file = new RandomAccessFile(folder.resolve("endless.txt").toFile(), "rw")) {
      file.setLength(40L << 30); // zeros: far more than is read before it shrinks
      Command.Running search = Command.start(folder, Map.of(), "", words("endless.txt", "5"));
      Path maps = Path.of("/proc/" + search.process().pid() + "/maps");
      Eventually.holds("it is read", () -> Files.readString(maps).contains("endless.txt"));
      file.setLength(0);
      assertEquals(
          wrong("FindPair: the list was truncated while it was read, or its disk failed"),
          search.finish());
    }
  }

  /** Nothing is promised of the answer, but it is none that no selection is possible. */
  @Test
  void aFileThatIsWrittenOverWhileItIsRead() throws Exception {
    var random = new Random(1);
    String list =
        IntStream.range(0, 1_000_000)
            .mapToObj(i -> i + ", " + (1 + random.nextLong(1_000_000_000_000L)))
            .collect(Collectors.joining("\n"));
    RunningTime.undisturbed(() -> writeOverWhileItIsRead(list));
  }

  private void writeOverWhileItIsRead(String list) throws Exception {
    write("list.txt", list);
    var words = words("list.txt", "900000000007");
    try (var search = Command.start(folder, Map.of(), "", words);
        var file = new RandomAccessFile(folder.resolve("list.txt").toFile(), "rw")) {
      byte[] blank = "\n".repeat((int) file.length()).getBytes(StandardCharsets.US_ASCII);
      String note = "sorting it\n";
      Eventually.holds("it is read", () -> Files.readString(search.err()).endsWith(note));
      file.write(blank);
      Command answer = search.finish();
      assertEquals("2 ", answer.code() + " " + answer.out());
      String problem = "FindPair: the list was changed while it was read.* at FindPair\\$.*\n";
      assertTrue(answer.err().matches(".*" + note + problem), answer.err());
    }
  }

  @Test
  void aHeapTooSmallForAnUnsortedList() throws Exception {
    write("down.txt", list(0, 2_000_000, i -> 3_000_000 - i));
    Command answer = findWith("-Xmx12m", "", "down.txt", "5000000");
    assertEquals("2 ", answer.code() + " " + answer.out());
    assertTrue(
        answer
            .err()
            .endsWith(
                "FindPair: this list needs more memory than Java is allowed (Java heap space);"
                    + " JAVA_TOOL_OPTIONS=-Xmx8g, say, allows more\n"),
        answer.err());
    assertEquals(2, answer.err().lines().count(), answer.err());
  }

  /** The sets would be the quicker way, but want more than all of the heap: the walk goes on. */
  @Test
  void aHeapTooSmallForSumSets() throws Exception {
    write("dense.txt", list(1, 3_001, i -> 16_411 * i + i % 3 / 2));
    Command answer = findWith("-Xmx12m", "", "dense.txt", 16_411 * 4_000 + 10 + "", "4");
    assertEquals(found("i 16411, i 32823, i 16378179, i 49216590").out(), answer.out());
  }

  /** All but one are whole units apart; to search the others by themselves they would be copied. */
  @Test
  void aHeapTooSmallForTheOthersOfAnOddOne() throws Exception {
    long far = 1_000_000_000;
    write(
        "odd.txt",
        list(5_000, 1_005_000, i -> i / 5_000 * far + i % 5_000 * 200 + (i == 5_007 ? 3 : 0)));
    var words = Command.words("FindPair", List.of("-Xmx44m"), "odd.txt", 300 * far - 7 + "", "3");
    try (var search = Command.start(folder, Map.of(), "", words)) {
      Eventually.holds(
          "it is announced",
          () -> Files.readString(search.err()).contains("FindPair: this may take"));
    }
  }

  @Test
  void aSmallHeapForManyLinesOfFewPrices() throws Exception {
    write("few.txt", "D, 10\n" + "C, 3\n".repeat(2_000_000) + "B, 2\nA, 1\n");
    var answers = Map.of("13", "A 1, B 2, D 10\n", "14", "A 1, C 3, D 10\n");
    for (String balance : answers.keySet()) {
      Command answer = findWith("-Xmx12m", "", "few.txt", balance, "3");
      assertEquals(answers.get(balance), answer.out());
    }
  }

  /** In a sorted list, whose lines they don't keep. */
  @ParameterizedTest
  @ValueSource(strings = {"--", "--presorted"})
  void aSmallHeapForTwoOfManyPrices(String option) throws Exception {
    write("many.txt", list(1, 2_000_001, i -> i));
    Command answer = findWith("-Xmx12m", "", option, "many.txt", "3000000");
    assertEquals(found("i 1000000, i 2000000"), answer);
  }

  /** With this collector, which frees nothing. */
  @Test
  void twoOfManyPricesLeaveNoGarbage() throws Exception {
    write("many.txt", list(1, 2_000_001, i -> i));
    var options = List.of("-XX:+UnlockExperimentalVMOptions", "-XX:+UseEpsilonGC", "-Xmx20m");
    var words = Command.words("FindPair", options, "many.txt", "3000000");
    assertEquals(found("i 1000000, i 2000000"), Command.run(folder, Map.of(), "", words));
  }

  @Test
  void ofAPresortedListOnlyTheLinesNeededAreRead() throws Exception {
    String bad = "no comma\n";
    write("long.txt", list(1, 70_001, i -> i) + bad + list(70_001, 100_001, i -> i));
    String problem = "long.txt:70001: no comma between name and price: \"no comma\"";
    for (String gifts : List.of("1", "2", "3")) {
      assertEquals(wrong(problem), find("", "long.txt", "9", gifts));
      assertEquals(0, find("", "--presorted", "long.txt", "9", gifts).code());
    }
  }

  @Test
  void aNameOfMoreThan256Mebibytes() throws Exception {
    try (var file = new RandomAccessFile(folder.resolve("long.txt").toFile(), "rw")) {
      file.writeBytes("A");
      file.seek((1 << 28) + 1);
      file.writeBytes("B, 1\nC, 2\n");
    }
    assertEquals(wrong("long.txt:1: a name this long can't be printed"), find("", "long.txt", "3"));
  }

  @Test
  void theRunThatWritesTheClassArchivePrintsTheAnswerAlone() throws Exception {
    write("prices.txt", "A, 1\nB, 2\n");
    Command first = findWith("-XX:ArchiveClassesAtExit=classes.jsa", "", "prices.txt", "5");
    assertEquals("A 1, B 2\n", first.out());
    Command second = findWith("-XX:SharedArchiveFile=classes.jsa", "", "prices.txt", "5");
    assertEquals(found("A 1, B 2"), second);
  }

  @Test
  void thePortableJarNeedsJavaAndItsLibrariesAlone() throws Exception {
    Path checkout = Command.checkout();
    String jar = folder.resolve("find.jar").toString();
    var export = List.of("./jbang", "export", "portable", "-O", jar, "FindPair.java");
    assertEquals(0, Command.run(checkout, Map.of(), "", export).code());
    var words = List.of(words().getFirst(), "-jar", jar, "-", "5");
    assertEquals(found("A 1, B 2"), Command.run(folder, Map.of(), "A, 1\nB, 2\n", words));
    Files.move(folder.resolve("lib"), folder.resolve("elsewhere"));
    Command alone = Command.run(folder, Map.of(), "A, 1\nB, 2\n", words);
    String problem =
        "FindPair: a library can't be loaded; those of an exported jar are in lib/ beside it:"
            + " java.lang.NoClassDefFoundError: org/apache/commons/cli/.*\n";
    assertTrue(alone.code() == 2 && alone.err().matches(problem), alone.toString());
  }

  /** Just below, at and just above the size from which the file is read in two parts. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1})
  void aBadLineAnywhereInPartsIsNamed(int more) throws Exception {
    long size = (2L << 27) + more;
    long[] starts = {0, size / 2 - 20, size / 2 - 4, size / 2 + 20, size - 9};
    sparse(size, starts, -1);
    assertEquals(found("item 1, item 1"), find("", "parts.txt", "2"));
    for (int bad = 0; bad < starts.length; bad++) {
      sparse(size, starts, bad);
      String place = "parts.txt:" + (2 * bad + 2);
      String problem = place + ": no comma between name and price: \"item? 1\"";
      assertEquals(wrong(problem), find("", "parts.txt", "2"));
    }
  }

  /** Writes lines amid zeros, which are blanks here. */
  private void sparse(long size, long[] starts, int bad) throws IOException {
    try (var file = new RandomAccessFile(folder.resolve("parts.txt").toFile(), "rw")) {
      file.setLength(size);
      for (int i = 0; i < starts.length; i++) {
        file.seek(starts[i]);
        file.writeBytes(i == bad ? "\nitem? 1\n" : "\nitem, 1\n");
      }
    }
  }
}
