import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What both tools say on standard error, here on that of this JVM, which other tests use too. */
@Isolated
@Timeout(60)
class StandardErrorTest {
  /** What is said while something is done, and until it is so many lines. */
  private static String saidBy(int lines, Executable action) throws Throwable {
    var said = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(said, true));
    try {
      action.execute();
      Eventually.holds("all is said", () -> said.toString().lines().count() >= lines);
    } finally {
      System.setErr(before);
    }
    return said.toString();
  }

  @Test
  void whatNobodyForesawIsAnsweredAndSaidOnce() throws Throwable {
    // Without a store every read fails in a way that no code expects.
    var tester = HttpTester.startOn(null);
    String said =
        saidBy(
            1,
            () -> {
              for (int i = 0; i < 20; i++) {
                var answer = tester.get("/messages/" + HttpTester.FOO);
                assertEquals(500, answer.status());
                assertTrue(answer.isClosing());
                assertTrue(answer.error().contains("standard error"));
              }
              assertEquals(204, tester.ask(HttpTester.request("OPTIONS", "/")).status());
              tester.server.stop();
            });
    assertEquals(1, said.lines().count(), said);
    assertTrue(said.contains("a request failed: java.lang.NullPointerException"), said);
  }

  @Test
  void whatIsSaidIsOneLineEach() throws Throwable {
    String said =
        saidBy(
            3,
            () -> {
              MsgHashingServer.ErrorLog.report("a text of lines", "one\ntwo\r\nthree");
              var away = MsgHashingServer.Problem.AWAY;
              var failed = new MsgHashingServer.StoreException(away, "it is gone");
              MsgHashingServer.ErrorLog.report("a store's failure", failed);
              MsgHashingServer.ErrorLog.report("another's", new IOException("broken"));
            });
    String time = "(?m)^[-0-9]{10}T[:0-9]{8}Z ";
    String place = " at StandardErrorTest\\..*";
    assertEquals(
        """
        MsgHashingServer: a text of lines: one two three
        MsgHashingServer: a store's failure: it is gone
        MsgHashingServer: another's: java.io.IOException: broken at its place
        """,
        said.replaceAll(time, "").replaceAll(place, " at its place"));
  }

  /** Thrown by a library, for a reason of another, and below several methods of a tool. */
  private static Throwable thrownBelow(String tool) {
    var cause = new IllegalStateException("it is\ngone");
    cause.setStackTrace(
        Stream.of("Library", tool + "$Inner", "Library", tool, tool + "$Outer", tool)
            .map(type -> new StackTraceElement(type, "call", type + ".java", 7))
            .toArray(StackTraceElement[]::new));
    return new IOException("broken", new UncheckedIOException(new IOException(cause)));
  }

  private static String told(String tool) {
    return "java.io.IOException: broken"
        + ", caused by java.io.UncheckedIOException: java.io.IOException:"
        + " java.lang.IllegalStateException: it is gone at Library.call(Library.java:7)"
        + ", TOOL$Inner.call(TOOL$Inner.java:7), TOOL.call(TOOL.java:7)".replace("TOOL", tool);
  }

  @Test
  void whatNobodyForesawIsToldWithItsCausesAndWhereTheToolWas() throws Throwable {
    Throwable thrown = thrownBelow("MsgHashingServer");
    String said = saidBy(1, () -> MsgHashingServer.ErrorLog.report("it failed", thrown));
    String told = " MsgHashingServer: it failed: " + told("MsgHashingServer") + "\n";
    assertTrue(said.endsWith(told), said);
    assertEquals(told("FindPair"), FindPair.traced(thrownBelow("FindPair")));
  }

  /** As printStackTrace() does, which else would go on for ever, too. */
  @Test
  void causesInACircleEnd() {
    var first = new IOException("a");
    first.initCause(new IOException("b", first));
    String causes = "java.io.IOException: a, caused by java.io.IOException: b at ";
    assertTrue(MsgHashingServer.ErrorLog.text(first).startsWith(causes));
    assertTrue(FindPair.traced(first).startsWith(causes));
  }

  /** As a terminal that was stopped by ^S takes nothing: of what is said then much is left out. */
  @Test
  void whoReportsWaitsForNoReader() throws Exception {
    PrintStream before = System.err;
    try (var pipe = new PipedInputStream();
        var lines = new BufferedReader(new InputStreamReader(pipe))) {
      System.setErr(new PrintStream(new PipedOutputStream(pipe), true));
      Thread reporting =
          Thread.startVirtualThread(
              () -> {
                for (int i = 0; i < 300; i++) {
                  MsgHashingServer.ErrorLog.report("problem " + i, "nobody reads");
                }
              });
      assertTrue(reporting.join(Duration.ofSeconds(20)));
      int said = 0;
      while (said < 100) {
        assertTrue(lines.readLine().endsWith(": nobody reads"));
        said++;
      }
      MsgHashingServer.ErrorLog.report("the last", "somebody reads");
      while (!lines.readLine().endsWith(": somebody reads")) {
        said++;
      }
      assertTrue(said < 150, said + " lines");
    } finally {
      System.setErr(before);
    }
  }

  @Test
  void anotherReasonOfTheSameProblemIsSaidAfterSeconds() {
    var told = new MsgHashingServer.ErrorLog.Report(0, "it is full");
    long seconds = 1_000_000_000;
    assertTrue(told.isEnough(new MsgHashingServer.ErrorLog.Report(59 * seconds, "it is full")));
    assertFalse(told.isEnough(new MsgHashingServer.ErrorLog.Report(61 * seconds, "it is full")));
    assertTrue(told.isEnough(new MsgHashingServer.ErrorLog.Report(4 * seconds, "it is away")));
    assertFalse(told.isEnough(new MsgHashingServer.ErrorLog.Report(6 * seconds, "it is away")));
  }

  @ParameterizedTest
  @CsvSource({
    "2.9e10, ''",
    "3.1e10, 62 seconds (3e+10 steps)",
    "1e12, 33 minutes (1e+12 steps)",
    "7e12, 4 hours (7e+12 steps)",
    "5e15, '2,778 hours (5e+15 steps)'",
    "1e19, years (1e+19 steps)",
    "Infinity, years (1e+300 steps)"
  })
  void estimatesOfLongSearches(double steps, String time) throws Throwable {
    String line = time.isEmpty() ? "" : "FindPair: this may take " + time + "; ^C ends it\n";
    assertEquals(line, saidBy(0, () -> FindPair.Progress.announce(steps, "")));
  }
}
