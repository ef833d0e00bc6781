import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Types what README.md and docs/ show, and compares what comes with what they say.
 *
 * <p>A block fenced as {@code console} is a session: a line {@code $ command}, then its output.
 * Commands that ask localhost:8000 reach a server on a free port, and export/ is a folder
 * elsewhere.
 */
class ReadmeTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```console\n(.*?)^```$");

  /** JBang's own folder in these sessions, so that what they install does not reach the user's. */
  @TempDir static Path jbang;

  /** Where the server runs and jars are exported to, so that the user's are left alone. */
  @TempDir static Path folder;

  private static Process server;
  private static int port;

  @BeforeAll
  static void startServer() throws IOException {
    Path checkout = Command.checkout();
    var words = List.of(checkout + "/jbang", checkout + "/MsgHashingServer.java", "--port=0");
    var builder = new ProcessBuilder(words).directory(folder.toFile());
    server = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
    var start = Pattern.compile(":(\\d+)/ ").matcher(server.inputReader().readLine());
    assertTrue(start.find(), "the server says where it listens");
    port = Integer.parseInt(start.group(1));
  }

  @AfterAll
  static void cleanUp() throws Exception {
    server.destroy();
    server.waitFor();
  }

  @TestFactory
  Stream<DynamicTest> sessions() throws IOException {
    var sessions = new ArrayList<DynamicTest>();
    for (String page : List.of("README.md", "docs/finder.md", "docs/scaling.md")) {
      var blocks = BLOCK.matcher(Files.readString(Command.checkout().resolve(page)));
      while (blocks.find()) {
        for (Step step : steps(blocks.group(1))) {
          sessions.add(DynamicTest.dynamicTest(page + ": " + step.command(), () -> check(step)));
        }
      }
    }
    assertTrue(sessions.size() >= 10, "sessions found: " + sessions.size());
    return sessions.stream();
  }

  @Test
  void deadlinesAreAsThePageSays() throws IOException {
    var timeouts = MsgHashingServer.Timeouts.DEFAULT;
    String page = Files.readString(Command.checkout().resolve("README.md")).replace('\n', ' ');
    for (String told :
        List.of(
            "(%d s for its head, ".formatted(timeouts.head() / 1000),
            " %d s for each MiB of its body)".formatted(timeouts.body() / 1000),
            "does not take a MiB of an answer within %d s".formatted(timeouts.write() / 1000),
            "closed after %d s without a request".formatted(timeouts.idle() / 1000),
            "(at most %d s for each)".formatted(timeouts.stop() / 1000))) {
      assertTrue(page.contains(told), told);
    }
  }

  /** Who posts once a minute, from 50 ms away, met the close of a minute's end at every second. */
  @Test
  void aMinuteWithoutARequestIsNotTooLong() {
    assertTrue(MsgHashingServer.Timeouts.DEFAULT.idle() > 62_000);
  }

  /** Which no exported jar has of itself. */
  @Test
  void theServiceHasTheOptionsOfTheScript() throws IOException {
    String unit = Files.readString(Command.checkout().resolve("docs/msg-hashing-server.service"));
    var words =
        List.of(unit.replaceAll("(?s).*\nExecStart=(.*?) -jar .*", "$1").split("[ \\\\\n]+"));
    var started = Command.words("MsgHashingServer", List.of());
    assertEquals(started.subList(1, started.indexOf("-cp")), words.subList(1, words.size()));
  }

  /** A command and what it is said to print. */
  private record Step(String command, String output) {}

  private static List<Step> steps(String block) {
    var steps = new ArrayList<Step>();
    for (String part : block.split("(?m)^\\$ ")) {
      if (!part.isEmpty()) {
        int end = part.indexOf('\n');
        steps.add(new Step(part.substring(0, end), part.substring(end + 1)));
      }
    }
    return steps;
  }

  private static void check(Step step) throws Exception {
    String command =
        step.command()
            .replace("localhost:8000", "localhost:" + port)
            .replace("export/", folder + "/export/")
            .replace("~/.jbang", jbang.toString());
    // With a Java 25 as java; and with JBang's folder, which else would put it into ~/.bashrc.
    String path =
        String.join(
            ":",
            System.getProperty("java.home") + "/bin",
            System.getenv("PATH"),
            jbang.resolve("bin").toString());
    var environment =
        Map.of(
            "JBANG_DIR", jbang.toString(),
            "JBANG_CACHE_DIR", jbang.resolve("cache").toString(),
            "PATH", path);
    // What JBang says when it first builds a script, and Java of its options, is not in the pages.
    String script = "{ " + command + "\n} 2>&1 | grep -v -e '^.jbang. ' -e '^Picked up '";
    var words = List.of("bash", "-c", script);
    Command result = Command.run(Command.checkout(), environment, "", words);
    assertEquals(step.output().strip(), result.out().replace("\r", "").strip());
  }
}
