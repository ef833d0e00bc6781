import module java.base;

import java.lang.management.ManagementFactory;

/** What this machine is and has, and what a benchmark may leave on it: nothing. */
final class Machine {
  /** How the peers, and what asks them, say which version they are; webdis does not. */
  private static final List<List<String>> VERSIONS =
      List.of(
          List.of("wrk", "-v"),
          List.of("nginx", "-v"),
          List.of("go", "version"),
          List.of("node", "--version"),
          List.of("python3", "--version"),
          List.of("redis-server", "--version"),
          List.of("webdis"));

  private Machine() {}

  static boolean has(String command) {
    return find(command).isPresent();
  }

  /** Where a command is; servers are often in folders that are on the path of root alone. */
  static Optional<Path> find(String command) {
    return Stream.concat(
            Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
        .map(folder -> Path.of(folder, command))
        .filter(Files::isExecutable)
        .findFirst();
  }

  static String describe() throws IOException {
    var there = new ArrayList<String>();
    var missing = new ArrayList<String>();
    for (List<String> question : VERSIONS) {
      String command = question.getFirst();
      if (has(command)) {
        there.add(command + version(question));
      } else {
        missing.add(command);
      }
    }
    return "%d processors, files on %s, Java %s, %s.%s\n"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            Files.getFileStore(temporary()).type(),
            Runtime.version(),
            String.join(", ", there),
            missing.isEmpty() ? "" : " Left out, not installed: " + String.join(", ", missing));
  }

  private static String version(List<String> question) throws IOException {
    if (question.size() == 1) {
      return "";
    }
    var words = new ArrayList<>(question);
    words.set(0, find(words.getFirst()).orElseThrow().toString());
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String said = process.inputReader(StandardCharsets.UTF_8).readAllAsString();
    Matcher version = Pattern.compile("\\d+(\\.\\d+)+").matcher(said);
    return version.find() ? " " + version.group() : "";
  }

  /** Where files are made: a disk is wanted, and many systems have their /tmp in memory. */
  private static Path temporary() {
    String named = System.getenv().getOrDefault("TMPDIR", "");
    return Path.of(named.isEmpty() ? System.getProperty("java.io.tmpdir") : named);
  }

  /** The options of this JVM are those of the script's header: JBang takes them from there. */
  static List<String> javaOptions() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments();
  }

  static Path checkout() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && Files.notExists(folder.resolve("jbang-catalog.json"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException("the benchmark runs inside a checkout");
    }
    return folder;
  }

  /** A folder that goes when this process ends, as do all that it has started. */
  static Path temporaryFolder(String name) throws IOException {
    Path folder = Files.createTempDirectory(temporary(), name);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> leave(folder)));
    return folder;
  }

  private static void leave(Path folder) {
    List<ProcessHandle> started = ProcessHandle.current().descendants().toList();
    started.forEach(ProcessHandle::destroy);
    started.forEach(Machine::awaitEnd);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException left) {
      System.err.println("could not be deleted: " + left.getMessage());
    }
  }

  /** Makes a process end that has not done so ten seconds after it was asked to. */
  static void awaitEnd(ProcessHandle process) {
    process.onExit().completeOnTimeout(process, 10, TimeUnit.SECONDS).join().destroyForcibly();
  }

  /**
   * A port below those that systems give to connections: whoever asks such a port again and again
   * until a server answers would once be given the port itself, and be connected with himself. A
   * node of a Redis Cluster also takes the port 10,000 above.
   */
  static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(12_000, 22_000);
      try {
        new ServerSocket(port).close();
        new ServerSocket(port + 10_000).close();
        return port;
      } catch (IOException taken) {
        // Another pair.
      }
    }
  }

  /** Runs a command to its end; what it printed. */
  static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = process.inputReader(StandardCharsets.UTF_8).readAllAsString();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " failed:\n" + output);
    }
    return output;
  }
}
