import module java.base;

/**
 * A command that ran as users run it, as a process: its exit code and all that it wrote.
 *
 * @param out standard output, UTF-8
 * @param err standard error, UTF-8, without what Java says of JAVA_TOOL_OPTIONS
 */
record Command(int code, String out, String err) {
  /** The folder of the checkout that is tested. */
  static Path checkout() {
    Path folder = Path.of("").toAbsolutePath();
    while (Files.notExists(folder.resolve("jbang-catalog.json"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  /** The words that start a script in this JVM's class path, as JBang would start it. */
  static ArrayList<String> words(String script, List<String> jvmOptions, String... arguments)
      throws IOException {
    var words = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/java") + ""));
    String directive = "//RUNTIME_OPTIONS ";
    for (String line : Files.readAllLines(checkout().resolve(script + ".java"))) {
      if (line.startsWith(directive)) {
        words.addAll(List.of(line.substring(directive.length()).split(" +")));
      }
    }
    words.addAll(jvmOptions);
    words.addAll(List.of("-cp", System.getProperty("java.class.path"), script));
    words.addAll(List.of(arguments));
    return words;
  }

  /** Runs a command to its end, for two minutes at most. */
  static Command run(Path folder, Map<String, String> environment, String input, List<String> words)
      throws IOException, InterruptedException {
    return start(folder, environment, input, words).finish();
  }

  /** Starts a command whose input and output are files, so that no full pipe can stop it. */
  static Running start(
      Path folder, Map<String, String> environment, String input, List<String> words)
      throws IOException {
    Path in = Files.writeString(Files.createTempFile("command", ".in"), input);
    Path out = Files.createTempFile("command", ".out");
    Path err = Files.createTempFile("command", ".err");
    var builder = new ProcessBuilder(words).directory(folder.toFile());
    builder.environment().put("LANGUAGE", "C"); // or the system translates why something failed
    builder.environment().putAll(environment);
    builder.redirectInput(in.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile());
    return new Running(builder.start(), in, out, err);
  }

  static void signal(long process, String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, process + "").start().waitFor();
  }

  /** What a program wrote to standard error, without what Java says of JAVA_TOOL_OPTIONS. */
  static String errors(Path err) throws IOException {
    return Files.readString(err).replaceAll("(?m)^Picked up JAVA_TOOL_OPTIONS.*\\R", "");
  }

  /** A command that was started; closing it kills it. */
  record Running(Process process, Path in, Path out, Path err) implements AutoCloseable {
    /** Waits for the end, for two minutes at most. */
    Command finish() throws IOException, InterruptedException {
      try {
        if (!process.waitFor(2, TimeUnit.MINUTES)) {
          throw new AssertionError("still running: " + process.info().commandLine());
        }
        return new Command(process.exitValue(), Files.readString(out), errors(err));
      } finally {
        close();
      }
    }

    @Override
    public void close() throws IOException {
      // Those on a terminal outlive it where SIGHUP is ignored, as under nohup.
      List<ProcessHandle> started = process.descendants().toList();
      process.destroyForcibly().onExit().join(); // first, or a shell would go on with its script
      started.forEach(ProcessHandle::destroyForcibly);
      for (Path file : List.of(in, out, err)) {
        Files.deleteIfExists(file);
      }
    }
  }
}
