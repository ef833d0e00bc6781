import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The wrapper {@code ./jbang} as a process: what it passes on, and what it does when a step fails.
 */
@Timeout(120)
class WrapperTest {
  /** Shows what reaches a script: its arguments and standard input; exits with 7. */
  private static final String ECHO =
      """
      ///usr/bin/env jbang "$0" "$@" ; exit $?
      //JAVA 25+

      public class Echo {
        public static void main(String[] arguments) throws java.io.IOException {
          for (String argument : arguments) {
            System.out.println("[" + argument + "]");
          }
          System.in.transferTo(System.out);
          System.out.flush();
          System.exit(7);
        }
      }
      """;

  /** Says its process id and waits to be ended. */
  private static final String SLEEPER =
      """
      ///usr/bin/env jbang "$0" "$@" ; exit $?
      //JAVA 25+

      public class Sleeper {
        public static void main(String[] arguments) throws InterruptedException {
          Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("ended")));
          System.out.println(ProcessHandle.current().pid());
          Thread.sleep(60_000);
        }
      }
      """;

  /** The JBang that the wrapper fetches. */
  private static final String VERSION = "0.132.1";

  /** How a Maven that runs begins. */
  private static final String MAVEN = "[ \"$1\" = -v ] && exit; ";

  @TempDir Path folder;

  /** What the wrapper is started with: a path without an installed JBang, which it would take. */
  private final Map<String, String> environment = new HashMap<>();

  private Path checkout;
  private Path echo;

  @BeforeEach
  void leaveOutInstalledJbang() throws IOException {
    var path = new ArrayList<String>();
    for (String name : System.getenv("PATH").split(":")) {
      Path bin = Path.of(name);
      path.add(Files.exists(bin.resolve("jbang")) ? others(bin).toString() : name);
    }
    environment.put("PATH", String.join(":", path));
  }

  /** A folder of links to all commands of another but JBang. */
  private Path others(Path bin) throws IOException {
    Path links = Files.createTempDirectory(folder, "bin");
    try (Stream<Path> commands = Files.list(bin)) {
      for (Path command : commands.filter(file -> !file.endsWith("jbang")).toList()) {
        Files.createSymbolicLink(links.resolve(command.getFileName()), command);
      }
    }
    return links;
  }

  @BeforeEach
  void copyWrapper() throws IOException {
    checkout = Files.createDirectory(folder.resolve("a checkout"));
    Files.copy(Command.checkout().resolve("jbang"), checkout.resolve("jbang"));
    Files.setPosixFilePermissions(
        checkout.resolve("jbang"), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @BeforeEach
  void writeScript() throws IOException {
    echo = Files.writeString(folder.resolve("Echo.java"), ECHO);
  }

  /** Checks that a script runs by a wrapper, which is a command or the last word of one. */
  private void assertRuns(String... wrapper) throws Exception {
    var words = new ArrayList<>(List.of(wrapper));
    words.addAll(List.of(echo.toString(), "a"));
    assertEchoed("[a]\n", Command.run(folder, environment, "", words));
  }

  private static void assertEchoed(String shown, Command result) {
    assertEquals(new Command(7, shown, result.err()), result);
  }

  @Test
  void passesArgumentsInputAndExitCodeThrough() throws Exception {
    List<String> arguments =
        List.of("", "a b", "c\"d", "it's", "$HOME", "*", "é😀", "-x", "a\\b", "");
    var command = new ArrayList<>(List.of(wrapper(), echo.toString()));
    command.addAll(arguments);
    Command result = Command.run(folder, environment, "line 1\nline 2", command);
    String shown = String.join("", arguments.stream().map(a -> "[" + a + "]\n").toList());
    assertEchoed(shown + "line 1\nline 2", result);
  }

  /** As from a program that JBang's launcher for another shell has started. */
  @Test
  void argumentsArePassedOnFromAnotherShell() throws Exception {
    environment.put("JBANG_RUNTIME_SHELL", "cmd");
    var words = List.of(wrapper(), echo.toString(), "a b", "it's", "$HOME", "a\\b");
    Command result = Command.run(folder, environment, "", words);
    assertEchoed("[a b]\n[it's]\n[$HOME]\n[a\\b]\n", result);
  }

  @Test
  void worksFromAnyFolderAndThroughALink() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of(wrapper()));
    var words = List.of(link.toString(), echo.toString(), "a");
    assertEchoed("[a]\n", Command.run(Path.of("/"), environment, "", words));
    assertTrue(Files.notExists(folder.resolve(".jbang")), "nothing is fetched beside the link");
  }

  @Test
  void namesBeyondAsciiWorkWithoutALocale() throws Exception {
    Path named = Files.createDirectory(folder.resolve("größe")).resolve("Echo.java");
    Files.copy(echo, named);
    environment.put("LC_ALL", "C");
    var words = List.of(wrapper(), named.toString(), "日本");
    assertEchoed("[日本]\n", Command.run(folder, environment, "", words));
  }

  @Test
  void aLocaleThatIsNotThereIsNotSet() throws Exception {
    Path bin = commands("jbang", "echo \"<$LC_ALL>\"");
    command(bin, "locale", "echo US-ASCII"); // as on a Mac without C.UTF-8
    environment.put("LC_ALL", "");
    assertEquals(new Command(0, "<>\n", ""), Command.run(folder, environment, "", List.of(copy())));
  }

  /** As on a Mac before 12.3. */
  @Test
  void aReadlinkThatFollowsNoLinksIsNotHeardOf() throws Exception {
    fetchBefore();
    commands("readlink", "echo 'readlink: illegal option -- f' >&2; exit 1");
    assertEquals(new Command(0, VERSION + "\n", ""), versionOfCopy());
  }

  @Test
  void runsAtTheSameTimeCompileAScriptWithoutHarm() throws Exception {
    environment.put("JBANG_CACHE_DIR", folder.resolve("cache").toString());
    var runs = new ArrayList<Command.Running>();
    fetchBefore();
    for (String wrapper : List.of(wrapper(), copy(), wrapper(), copy())) {
      runs.add(Command.start(folder, environment, "", List.of(wrapper, echo.toString(), "a")));
    }
    for (Command.Running running : runs) {
      assertEchoed("[a]\n", running.finish());
    }
  }

  @Test
  void homeIsWhereTheEnvironmentSays() throws Exception {
    Path home = Files.createDirectory(folder.resolve("a home"));
    environment.put("HOME", home.toString());
    Path catalog = Command.checkout().resolve("jbang-catalog.json");
    var add = List.of(wrapper(), "catalog", "add", "--global", "--name=gifts", catalog.toString());
    Command result = Command.run(folder, environment, "", add);
    assertEquals(0, result.code(), result.toString());
    assertTrue(Files.exists(home.resolve(".jbang/jbang-catalog.json")), result.toString());
  }

  @Test
  void posixModeMakesNoDifference() throws Exception {
    Path cache = folder.resolve("cache");
    Files.createDirectories(cache.resolve("lock")); // no file, so that there is none to be had
    environment.put("JBANG_CACHE_DIR", cache.toString());
    environment.put("POSIXLY_CORRECT", "1");
    assertRuns(wrapper());
  }

  @Test
  void optionsOfACallingShellMakeNoDifference() throws Exception {
    environment.put("SHELLOPTS", "errexit:noglob");
    assertRuns(wrapper());
  }

  @Test
  void signalsReachTheProgram() throws Exception {
    try (var running = startSleeper()) {
      running.process().destroy();
      String out = running.process().pid() + "\nended\n"; // the program took the process
      Command result = running.finish();
      assertEquals(new Command(128 + 15, out, result.err()), result);
    }
  }

  /** What others wait for, up to a minute, is JBang's step alone. */
  @Test
  void aProgramThatRunsKeepsNoOtherWaiting() throws Exception {
    try (var running = startSleeper()) {
      assertTimeout(Duration.ofSeconds(45), () -> assertRuns(wrapper()), "it waits for its end");
    }
  }

  private Command.Running startSleeper() throws Exception {
    Path sleeper = Files.writeString(folder.resolve("Sleeper.java"), SLEEPER);
    var words = List.of(wrapper(), sleeper.toString());
    return Started.by(
        Command.start(folder, environment, "", words),
        running -> Eventually.holds("it runs", () -> Files.size(running.out()) > 0));
  }

  @Test
  void aScriptThatCanNotBeCompiledIsAFailure() throws Exception {
    Path broken = Files.writeString(folder.resolve("Broken.java"), "no Java\n");
    Command result = Command.run(folder, environment, "", List.of(wrapper(), broken.toString()));
    assertEquals(new Command(1, "", result.err()), result);
    assertTrue(result.err().contains("Broken.java:1: "), result.err());
  }

  @Test
  void anInstalledJbangIsTakenWithAJdkThatFits() throws Exception {
    Path bin = commands("jbang", "echo installed \"$@\"; echo \"$JAVA_HOME\" >&2; exit 3");
    Path java = Path.of(System.getProperty("java.home"), "bin/java").toRealPath();
    Files.createSymbolicLink(bin.resolve("java"), java);
    Path old = Files.createDirectory(folder.resolve("old"));
    Files.writeString(old.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
    command(Files.createDirectory(old.resolve("bin")), "javac", "exit 1");
    environment.put("JAVA_HOME", old.toString());
    Command result = Command.run(folder, environment, "", List.of(copy(), "a b", "c"));
    assertEquals(new Command(3, "installed a b c\n", result.err()), result);
    assertEquals(java.getParent().getParent(), Path.of(result.err().strip()));
    assertEquals(List.of(), kept(), "nothing was downloaded");
  }

  @Test
  void aFolderWithoutJavaIsNoJavaHome() throws Exception {
    environment.put("JAVA_HOME", folder.toString());
    Command result = Command.run(folder, environment, "", List.of(wrapper(), "version"));
    assertEquals(new Command(0, VERSION + "\n", result.err()), result);
  }

  @Test
  void aCollectorInTheEnvironmentIsTaken() throws Exception {
    environment.put("JAVA_TOOL_OPTIONS", "-XX:+UseParallelGC");
    Command result = Command.run(folder, environment, "", List.of(wrapper(), "version"));
    assertEquals(new Command(0, VERSION + "\n", ""), result);
  }

  @Test
  void whatAnInterruptedRunLeftIsDeleted() throws Exception {
    fetchBefore();
    Files.createFile(checkout.resolve(".jbang/jbang-" + VERSION + "-jdk-25.jsa.123"));
    assertEquals(VERSION + "\n", versionOfCopy().out());
    assertEquals(List.of(), kept().stream().filter(name -> name.contains(".jsa.")).toList());
  }

  @Test
  void aFailedDownloadSaysWhatFailedAndLeavesNothing() throws Exception {
    commands("mvn", MAVEN + "touch half.jar; echo '[ERROR] no such host'; exit 1");
    Command result = versionOfCopy();
    String message =
        "Maven could not fetch dev.jbang:jbang-cli:" + VERSION + ":jar:all: [ERROR] no such host";
    assertEquals(new Command(1, "", "jbang: " + message + "\n"), result);
    assertEquals(List.of(), kept());
  }

  @Test
  void withoutMavenThatRunsJbangsInstallerIsTaken() throws Exception {
    Path bin = commands("mvn", "exit 1");
    command(bin, "curl", "exit 6");
    command(bin, "wget", "echo 'echo installer $JBANG_DOWNLOAD_VERSION \"$@\"' > \"$2\"");
    Command result = versionOfCopy();
    assertEquals(new Command(0, "installer " + VERSION + " version\n", ""), result);
    assertEquals(List.of("launcher"), kept());
  }

  @Test
  void withoutANetworkItSaysWhatCouldNotBeFetched() throws Exception {
    Path bin = commands("mvn", "exit 1");
    command(bin, "curl", "exit 6");
    command(bin, "wget", "exit 4");
    Command result = versionOfCopy();
    String message =
        "neither curl nor wget could fetch JBang's installer from sh.jbang.dev, and there is no"
            + " Maven that runs";
    assertEquals(new Command(1, "", "jbang: " + message + "\n"), result);
    assertEquals(List.of(), kept());
  }

  @Test
  void aDownloadWithAnotherChecksumIsRefused() throws Exception {
    commands("mvn", MAVEN + "echo 'not the jar' > jbang-cli-" + VERSION + "-all.jar");
    Command result = versionOfCopy();
    assertEquals(1, result.code());
    assertTrue(result.err().contains("has not the SHA-256"), result.err());
    assertEquals(List.of(), kept());
  }

  @Test
  void withoutRoomForItsClassArchiveItWorks() throws Exception {
    fetchBefore();
    String limited = "ulimit -f 1000; exec \"$0\" \"$@\""; // KiB a file
    assertRuns("bash", "-c", limited, copy());
    assertEquals(List.of("jbang-" + VERSION + ".jar"), kept());
  }

  /** As where the disk is full or JBang's cache can't be written. */
  @Test
  void withoutRoomForTheScriptsClassArchiveItWorks() throws Exception {
    Files.writeString(echo, ECHO.replace("//JAVA 25+", "//JAVA 25+\n//CDS"));
    assertRuns("bash", "-c", "ulimit -f 100; exec \"$0\" \"$@\"", wrapper()); // KiB a file
  }

  @Test
  void twoFirstRunsAtTheSameTimeBothWork() throws Exception {
    Path jar = jar();
    commands("mvn", MAVEN + "sleep 0.3; cp '" + jar + "' jbang-cli-" + VERSION + "-all.jar");
    var runs = new ArrayList<Command.Running>();
    for (int i = 0; i < 4; i++) {
      runs.add(Command.start(folder, environment, "", List.of(copy(), "version")));
    }
    for (Command.Running running : runs) {
      assertEquals(VERSION + "\n", running.finish().out());
    }
    assertEquals(
        List.of("jsa", "jar"),
        kept().stream().map(name -> name.substring(name.lastIndexOf('.') + 1)).toList());
  }

  /** The wrapper of the checkout that is tested, which has fetched JBang by now. */
  private static String wrapper() {
    return Command.checkout().resolve("jbang").toString();
  }

  /** JBang, which the wrapper of the checkout that is tested has fetched. */
  private static Path jar() {
    Path jar = Command.checkout().resolve(".jbang/jbang-" + VERSION + ".jar");
    assumeTrue(Files.exists(jar), "these tests were not started by ./jbang: there is no such jar");
    return jar;
  }

  /** Has the copied wrapper have JBang already. */
  private void fetchBefore() throws IOException {
    Files.createDirectory(checkout.resolve(".jbang"));
    Files.createSymbolicLink(checkout.resolve(".jbang/jbang-" + VERSION + ".jar"), jar());
  }

  /** A copy of the wrapper in a checkout that has fetched nothing yet. */
  private String copy() {
    return checkout.resolve("jbang").toString();
  }

  /** Asks it for JBang's version, for which it has to fetch JBang. */
  private Command versionOfCopy() throws Exception {
    return Command.run(folder, environment, "", List.of(copy(), "version"));
  }

  /** The names of what the copied wrapper keeps, in order. */
  private List<String> kept() throws IOException {
    if (Files.notExists(checkout.resolve(".jbang"))) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(checkout.resolve(".jbang"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** A folder first in the path that holds one command, a shell script of this text. */
  private Path commands(String name, String script) throws IOException {
    Path bin = Files.createDirectory(folder.resolve("bin"));
    command(bin, name, script);
    environment.put("PATH", bin + ":" + environment.get("PATH"));
    return bin;
  }

  private static void command(Path bin, String name, String script) throws IOException {
    Path command = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
