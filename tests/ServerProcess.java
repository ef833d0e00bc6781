import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;

/** The server as users run it, as a process, on a free port. */
final class ServerProcess implements AutoCloseable {
  private static final Pattern START = Pattern.compile("listens on (\\S+) and stores in (.*)");

  private final Command.Running running;
  private final Process process;
  private URI address;

  private ServerProcess(Command.Running running) {
    this.running = running;
    this.process = running.process();
  }

  /** Starts a server with these arguments and {@code --port 0}, and waits until it listens. */
  static ServerProcess start(String... arguments) throws Exception {
    return start(Map.of(), List.of(), arguments);
  }

  /** The same, with more in the environment and more options of the JVM. */
  static ServerProcess start(
      Map<String, String> environment, List<String> jvmOptions, String... arguments)
      throws Exception {
    return start(environment, command(jvmOptions, arguments));
  }

  /** The same by a shell that does something before, such as to set a limit. */
  static ServerProcess startAfter(String preparation, List<String> jvmOptions, String... arguments)
      throws Exception {
    return startBy(List.of(), preparation, jvmOptions, arguments);
  }

  /** The same by such a shell that another command runs. */
  static ServerProcess startBy(
      List<String> launcher, String preparation, List<String> jvmOptions, String... arguments)
      throws Exception {
    var words = new ArrayList<>(launcher);
    words.addAll(List.of("sh", "-c", preparation + " && exec \"$@\"", "sh"));
    words.addAll(command(jvmOptions, arguments));
    return start(Map.of(), words);
  }

  private static ServerProcess start(Map<String, String> environment, List<String> words)
      throws Exception {
    words.addAll(List.of("--port", "0"));
    return Started.by(
        new ServerProcess(Command.start(Path.of("."), environment, "", words)),
        server -> server.address = server.awaitAddress());
  }

  /** The words that start a server in this JVM's class path. */
  static List<String> command(List<String> jvmOptions, String... arguments) throws IOException {
    return Command.words("MsgHashingServer", jvmOptions, arguments);
  }

  /** Checks that a server does not start, and says why in one line that begins so: this one. */
  static String assertRefused(
      Path folder, List<String> jvmOptions, String line, String... arguments) throws Exception {
    var result = Command.run(folder, Map.of(), "", command(jvmOptions, arguments));
    assertEquals(2, result.code(), result.toString());
    assertEquals("", result.out());
    assertTrue(result.err().startsWith("MsgHashingServer: " + line), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
    return result.err();
  }

  private URI awaitAddress() throws Exception {
    Eventually.holds("it listens or ends", () -> output().contains("\n") || !isAlive());
    var start = START.matcher(output());
    if (!start.find()) {
      throw new AssertionError("no start line: " + output() + errors());
    }
    return URI.create(start.group(1));
  }

  URI uri(String path) {
    return address.resolve(path);
  }

  int port() {
    return address.getPort();
  }

  HttpTester.Client connect() throws IOException {
    return new HttpTester.Client(new Socket("127.0.0.1", port()));
  }

  long pid() {
    return process.pid();
  }

  /**
   * Has the system give it no threads, as at a limit of processes, until what this returns is
   * closed.
   *
   * @param first how many each of its threads may start before
   */
  AutoCloseable withoutThreads(int first) throws Exception {
    String failing = "clone,clone3:error=EAGAIN:when=" + (first + 1) + "+";
    String tracer = "exec strace -f -qq -o /dev/null -e inject=" + failing + " -p " + pid();
    var noThreads = new ProcessBuilder("sh", "-c", tracer).start();
    Eventually.holds("they fail", () -> !noThreads.isAlive() || isTraced());
    assumeTrue(noThreads.isAlive(), "threads can't be made to fail");
    return () -> {
      noThreads.destroy();
      noThreads.waitFor();
    };
  }

  /** Whether all its threads are. */
  private boolean isTraced() {
    try {
      return tell("status").stream().noneMatch(status -> status.contains("TracerPid:\t0\n"));
    } catch (IOException endedMeanwhile) {
      return false;
    }
  }

  /** What the system has in a file for each of its threads. */
  List<String> tell(String file) throws IOException {
    var told = new ArrayList<String>();
    try (var threads = Files.list(Path.of("/proc/" + pid() + "/task"))) {
      for (Path thread : threads.toList()) {
        try {
          told.add(Files.readString(thread.resolve(file)));
        } catch (IOException ended) {
          // Meanwhile: it has nothing to tell any more.
        }
      }
    }
    return told;
  }

  /** How many files and sockets it has open. */
  long descriptors() throws IOException {
    try (var open = Files.list(Path.of("/proc/" + pid() + "/fd"))) {
      return open.count();
    }
  }

  /** All that was written to standard output so far. */
  String output() throws IOException {
    return Files.readString(running.out());
  }

  /** What was written to standard error so far. */
  String errors() throws IOException {
    return Command.errors(running.err());
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Sends SIGTERM and returns the exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new AssertionError("still running 30 s after SIGTERM");
    }
    return process.exitValue();
  }

  /** Sends SIGKILL, as a crash would end it. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws IOException {
    running.close();
  }
}
