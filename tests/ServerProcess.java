import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** The server as users run it, as a process, on a free port. */
final class ServerProcess implements AutoCloseable {
  private static final Pattern START = Pattern.compile("listens on (\\S+) and stores in (.*)");

  private final Process process;
  private final Path out;
  private final Path err;
  private URI address;

  private ServerProcess(Process process, Path out, Path err) {
    this.process = process;
    this.out = out;
    this.err = err;
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
    Path out = Files.createTempFile("server", ".out");
    Path err = Files.createTempFile("server", ".err");
    var builder = new ProcessBuilder(words).redirectOutput(out.toFile());
    builder.redirectError(err.toFile()).environment().putAll(environment);
    return Started.by(
        new ServerProcess(builder.start(), out, err),
        server -> server.address = server.awaitAddress());
  }

  /** The words that start a server in this JVM's class path. */
  static List<String> command(List<String> jvmOptions, String... arguments) throws IOException {
    var words = Command.words("MsgHashingServer", jvmOptions);
    words.addAll(List.of(arguments));
    return words;
  }

  /** Checks that a server does not start, and says why in one line that begins so. */
  static void assertRefused(Path folder, List<String> jvmOptions, String line, String... arguments)
      throws Exception {
    var result = Command.run(folder, Map.of(), "", command(jvmOptions, arguments));
    assertEquals(2, result.code(), result.toString());
    assertEquals("", result.out());
    assertTrue(result.err().startsWith("MsgHashingServer: " + line), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
  }

  private URI awaitAddress() throws Exception {
    for (int tries = 0; tries < 1500; tries++) {
      var start = START.matcher(Files.readString(out));
      if (start.find()) {
        return URI.create(start.group(1));
      }
      if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
        throw new AssertionError("ended with " + process.exitValue() + ": " + errors());
      }
    }
    throw new AssertionError("no start line within 30 s: " + errors());
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

  /** All that was written to standard output so far. */
  String output() throws IOException {
    return Files.readString(out);
  }

  /** What was written to standard error so far. */
  String errors() throws IOException {
    return Command.errors(err);
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
    process.destroyForcibly().onExit().join();
    Files.deleteIfExists(out);
    Files.deleteIfExists(err);
  }
}
