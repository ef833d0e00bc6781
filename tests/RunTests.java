///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//DEPS org.junit.platform:junit-platform-console-standalone:1.14.4
//DEPS org.slf4j:slf4j-nop:2.0.20
//DEPS com.github.codemonstur:embedded-redis:1.4.4
//SOURCES ../*.java
//SOURCES *.java
//RUNTIME_OPTIONS -ea
//DESCRIPTION Runs the tests of both tools: all, or those of the classes and methods named

import module java.base;

import org.junit.platform.console.ConsoleLauncher;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/**
 * Runs the tests with JUnit's console launcher, and ends with a line {@code N passed, N failed, N
 * skipped}.
 *
 * <p>{@code StoreTest} and {@code StoreTest#method} select tests, without any all are run;
 * arguments that start with a hyphen go to the console launcher as they are.
 */
public class RunTests {
  /**
   * As many classes at a time as there are processors, since most tests wait for most of their
   * time. The pool would add threads for those that wait, if it might. Each test has a thread of
   * its own, as a computation without end takes no notice when a time limit interrupts it.
   */
  private static final List<String> THREADS =
      List.of(
          "--config=junit.jupiter.execution.timeout.thread.mode.default=SEPARATE_THREAD",
          "--config=junit.jupiter.execution.parallel.enabled=true",
          "--config=junit.jupiter.execution.parallel.mode.classes.default=concurrent",
          "--config=junit.jupiter.execution.parallel.config.dynamic.max-pool-size-factor=1");

  public static void main(String[] arguments) throws URISyntaxException {
    Locale.setDefault(Locale.ROOT); // numbers are ASCII for everyone, as the tools' are
    var out = new PrintWriter(System.out, true);
    var err = new PrintWriter(System.err, true);
    var result = ConsoleLauncher.run(out, err, launcherArguments(arguments));
    // Other values are those of launcher options that run nothing, such as --help.
    if (result.getValue().orElse(null) instanceof TestExecutionSummary summary) {
      out.println(closingLine(summary));
    }
    System.exit(result.getExitCode());
  }

  /** What the launcher calls a class, or a method, whose parameters it wants to know; or none. */
  private static List<String> selectors(String test) {
    String[] names = test.split("#", 2);
    try {
      Class<?> type = Class.forName(names[0]);
      return names.length == 1
          ? List.of("--select-class=" + test)
          : Stream.of(type.getDeclaredMethods())
              .filter(method -> method.getName().equals(names[1]))
              .map(method -> "--select-method=" + test + parameters(method))
              .toList();
    } catch (ClassNotFoundException unknown) {
      return List.of();
    }
  }

  private static String parameters(Method method) {
    return Stream.of(method.getParameterTypes())
        .map(Class::getName)
        .collect(Collectors.joining(",", "(", ")"));
  }

  private static String[] launcherArguments(String[] arguments) throws URISyntaxException {
    var launcher = new ArrayList<>(List.of("execute", "--disable-banner", "--fail-if-no-tests"));
    launcher.addAll(THREADS);
    for (String argument : arguments) {
      List<String> words = argument.startsWith("-") ? List.of(argument) : selectors(argument);
      if (words.isEmpty()) {
        System.err.println("there is no test " + argument);
        System.exit(2);
      }
      launcher.addAll(words);
    }
    if (launcher.stream().noneMatch(argument -> argument.startsWith("--select-"))) {
      launcher.add("--scan-classpath=" + ownJar());
    }
    if (System.console() == null || !System.console().isTerminal()) {
      launcher.add("--disable-ansi-colors");
    }
    return launcher.toArray(String[]::new);
  }

  /**
   * The jar that JBang built: without a path, the launcher scans folders only and finds no test.
   */
  private static Path ownJar() throws URISyntaxException {
    return Path.of(RunTests.class.getProtectionDomain().getCodeSource().getLocation().toURI());
  }

  /** A class whose set-up failed counts as a failure too, though none of its tests ran. */
  private static String closingLine(TestExecutionSummary summary) {
    return "%d passed, %d failed, %d skipped"
        .formatted(
            summary.getTestsSucceededCount(),
            summary.getTotalFailureCount(),
            summary.getTestsSkippedCount() + summary.getTestsAbortedCount());
  }
}
