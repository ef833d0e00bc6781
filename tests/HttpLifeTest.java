import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's life as a process: its start, its end, and what it says when it can't start. */
@Timeout(120)
class HttpLifeTest {
  private static final String GET = HttpTester.request("GET", "/health");

  private static final String OTHER_FOLDER =
      "; JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=FOLDER names another\n";

  @TempDir Path folder;

  @Test
  void itStartsWithOneLineAndEndsWithZeroBehindItsLastAnswer() throws Exception {
    Path file = folder.resolve("a.db");
    try (var server = ServerProcess.start("--store", "sqlite:" + file);
        var busy = server.connect();
        var idle = server.connect()) {
      String post = HttpTester.posting("/messages", "{\"message\": \"last\"}");
      busy.send(GET).read();
      idle.send(GET).read();
      busy.send(post.substring(0, post.length() - 1));
      Thread.sleep(100);
      var last = new FutureTask<>(() -> finish(busy, idle));
      Thread.ofVirtual().start(last);
      assertEquals(0, server.stop());
      assertEquals(201, last.get().status());
      assertTrue(last.get().isClosing());
      assertEquals("", server.errors());
      String start =
          "MsgHashingServer listens on http://127.0.0.1:%d/ and stores in sqlite:%s\n"
              .formatted(server.port(), file);
      assertEquals(start, server.output());
    }
    assertEquals(List.of("a.db"), List.of(folder.toFile().list()), "the store is closed");
    assertEquals("last", Sqlite.ask(file, "SELECT content FROM message"));
  }

  /** Ends a post after the server was told to end, and so has ended what is idle. */
  private static HttpTester.Answer finish(HttpTester.Client busy, HttpTester.Client idle)
      throws Exception {
    try (busy) {
      assertEquals("", idle.rest());
      return busy.send("}").read();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--port x              | --port: \"x\" is not a number from 0 to 65535",
        "--port 65536          | --port: \"65536\" is not a number from 0 to 65535",
        "--port                | --port needs a value; see --help",
        "--port 1 --port 2     | --port is given twice; see --help",
        "--prot 1              | Unrecognized option: --prot",
        "--hos ::1             | Unrecognized option: --hos",
        "8000                  | unexpected \"8000\"",
        "--host=               | --host needs a name or an address",
        "--max-connections 0   | --max-connections: \"0\" is not a number from 1",
        "--cache-size 1T       | --cache-size: \"1T\" is not a size such as",
        "--cache-size 9000G    | --cache-size: at most ",
        "--store memory: --max-memory 9000G | --max-memory: at most ",
        "--cache-size 1.5G     | --cache-size: \"1.5G\" is not a size such as 1048576, 64K, 1M or"
            + " 1G",
        "--max-message-size 2G | --max-message-size: 2G is more than 1073741824 bytes",
        "--max-message-size 0  | --max-message-size: 0 is less than 1024 bytes",
        "--store memory: --max-memory 1023 | --max-memory: 1023 is less than 1024 bytes",
        "--private             | --private needs MSG_HASHING_TOKEN",
        "--port 0 --store=sqlite::memory: | --store: memory: keeps messages in memory",
        "--tls-keystore nofile | --tls-keystore: nofile: there is no such file",
        "--tls-keystore / | --tls-keystore: /: is not a file",
        "--store memory: --host no.such.invalid --port 0 | no.such.invalid:0: ",
        "--port 0 --store nosuch | --store: ",
        "--port 0 --store sqlite: | --store: sqlite: needs a file name, as in sqlite:messages.db",
        "--redis-wait 1        | --redis-wait: only a Redis store has replicas",
        "--max-memory 1M       | --max-memory: only for --store memory:",
      })
  void aWrongCommandLineIsOneLineAndCodeTwo(String arguments, String line) throws Exception {
    assertUsage(line, arguments.split(" +"));
  }

  @Test
  void aValueOfTwoLinesIsToldInOne() throws Exception {
    assertUsage("--port: \"80 81\" is not a number from 0 to 65535\n", "--port", "80\n81");
  }

  private void assertUsage(String line, String... arguments) throws Exception {
    ServerProcess.assertRefused(folder, List.of(), line, arguments);
  }

  @Test
  void aPortInUseIsOneLineAndLeavesNoStore() throws Exception {
    try (var taken = new ServerSocket(0)) {
      String port = Integer.toString(taken.getLocalPort());
      assertUsage(
          "127.0.0.1:" + port + ": Address already in use", "--store", "memory:", "--port", port);
      assertUsage("[::1]:" + port + ": ", "--store=memory:", "--host=::1", "--port", port);
      assertUsage("127.0.0.1:" + port + ": ", "--store=sqlite:a.db", "--port", port);
      assertEquals(List.of(), List.of(folder.toFile().list()), "no store is left");
    }
  }

  /** As in a container whose machine has IPv6 turned off. */
  @Test
  void anAddressOfIpv6WithoutIpv6IsOneLine() throws Exception {
    var options = List.of("-Djava.net.preferIPv4Stack=true");
    String line = "[::]:8000: this machine has no IPv6\n";
    ServerProcess.assertRefused(folder, options, line, "--host", "::");
    assertEquals(List.of(), List.of(folder.toFile().list()), "no store is left");
  }

  @Test
  void aTokenThatNobodyCanSendIsRefused() throws Exception {
    for (String token : List.of(" ", "two\nlines", "a bell\u0007")) {
      assertRefused("MSG_HASHING_TOKEN in the environment is ", Map.of("MSG_HASHING_TOKEN", token));
    }
  }

  /** In such a locale all tokens of as many other letters would be one. */
  @ParameterizedTest
  @ValueSource(strings = {"TOKEN", "REDIS_PASSWORD", "KEYSTORE_PASSWORD"})
  void aSecretThatTheLocaleCanNotReadIsRefused(String secret) throws Exception {
    String name = "MSG_HASHING_" + secret;
    var environment = Map.of(name, "s\u00e9cret", "LC_ALL", "C");
    assertRefused(name + " in the environment is not in the locale", environment);
  }

  private void assertRefused(String problem, Map<String, String> environment) throws Exception {
    var words = ServerProcess.command(List.of(), "--tls-keystore", "key.p12");
    Command refused = Command.run(folder, environment, "", words);
    assertEquals(2, refused.code());
    assertTrue(refused.err().contains(problem), refused.err());
  }

  @Test
  void whatIsNoKeystoreIsOneLine() throws Exception {
    Path file = Files.writeString(folder.resolve("key.p12"), "no keystore");
    String problem = "--tls-keystore: " + file + ": ";
    assertUsage(problem + "is not a PKCS #12 or JKS file; ", "--tls-keystore", file.toString());
    byte[] jks = {(byte) 0xfe, (byte) 0xed, (byte) 0xfe, (byte) 0xed, 0, 0};
    Files.write(file, jks);
    assertUsage(problem + "is truncated", "--tls-keystore", file.toString());
  }

  /** As /etc/ssl/private is to most users. */
  @Test
  void aKeystoreInAClosedFolderIsNotSaidToBeMissing() throws Exception {
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Path file = Files.writeString(closed.resolve("key.p12"), "");
    Files.setPosixFilePermissions(closed, Set.of());
    // Root without what lets it in everywhere.
    var words =
        new ArrayList<>(List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search"));
    if (!Files.isReadable(file)) {
      words.clear();
    }
    words.addAll(ServerProcess.command(List.of(), "--tls-keystore", file.toString()));
    Command refused = Command.run(folder, Map.of(), "", words);
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
    String line = "MsgHashingServer: --tls-keystore: " + file + ": permission denied\n";
    assertEquals(new Command(2, "", line), refused);
  }

  private static MsgHashingServer.Options options(String... arguments) throws Exception {
    var line = MsgHashingServer.Options.parse(arguments);
    return MsgHashingServer.Options.of(line, Map.of());
  }

  @Test
  void withoutOptionsItIsAsTheHelpSays() throws Exception {
    long heap = Runtime.getRuntime().maxMemory();
    assertEquals(
        new MsgHashingServer.Options(
            "127.0.0.1",
            8000,
            "sqlite:messages.db",
            heap / 4,
            0,
            heap / 8,
            1 << 20,
            10_000,
            null,
            false,
            null),
        options());
  }

  @Test
  void valuesAreTakenUpToTheirLimits() throws Exception {
    long half = Runtime.getRuntime().maxMemory() / 2;
    long message = Math.min(1 << 30, half / 4);
    var most =
        options(
            "--port=65535",
            "--max-connections=1000000",
            "--max-message-size=" + message,
            "--cache-size=" + half,
            "--store=redis://a",
            "--redis-wait=1000");
    assertEquals(65_535, most.port());
    assertEquals(1_000_000, most.maxConnections());
    assertEquals(message, most.maxMessageSize());
    assertEquals(half, most.cacheSize());
    assertEquals(1_000, most.replicas());
    assertEquals(1, options("--max-connections=1").maxConnections());
    assertEquals(64 << 10, options("--max-message-size=64K").maxMessageSize());
    assertEquals(3 << 20, options("--cache-size=3m").cacheSize());
    assertEquals(0, options("--cache-size=0").cacheSize());
    var little = options("--store=memory:", "--max-memory=5K");
    assertEquals(5 << 10, little.memory());
    assertEquals(half, options("--store=memory:", "--max-memory=" + half).memory());
    String more = "--cache-size=" + (half / 4 + 1);
    var together =
        assertThrows(
            MsgHashingServer.CannotStart.class,
            () -> options("--store=memory:", "--max-memory=" + half, more));
    String told = "--max-memory and --cache-size together: at most ";
    assertTrue(together.getMessage().startsWith(told), together.getMessage());
    String tooMuch = "--max-memory=" + (half + 1);
    assertThrows(
        MsgHashingServer.CannotStart.class,
        () -> options("--store=memory:", tooMuch, "--cache-size=0"));
    for (String wrong :
        List.of(
            "--port=-1",
            "--port=9999999999999999999",
            "--max-connections=1000001",
            "--redis-wait=1001",
            "--max-message-size=" + (message + 1),
            "--max-message-size=1K1",
            "--cache-size=" + (half + 1),
            "--cache-size=17179869184G")) {
      String problem =
          assertThrows(
                  MsgHashingServer.CannotStart.class,
                  () -> options(wrong, "--store=redis://a"),
                  wrong)
              .getMessage();
      assertTrue(problem.startsWith(wrong.split("=")[0] + ": "), problem);
    }
  }

  @Test
  void numbersAndDatesAreTheSameEverywhere() throws Exception {
    var cairo = List.of("-Duser.language=ar", "-Duser.country=EG", "-Duser.timezone=Africa/Cairo");
    try (var server = ServerProcess.start(Map.of(), cairo, "--store", "memory:");
        var client = server.connect()) {
      var answer = client.send(HttpTester.posting("/messages", "{")).read();
      assertTrue(answer.body().contains("(line 1, column 2)"), answer.body());
      String date = answer.field("date");
      var parsed = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME);
      assertTrue(Duration.between(parsed, ZonedDateTime.now()).abs().toMinutes() < 1, date);
    }
  }

  @ParameterizedTest
  @CsvSource({"::1, [::1]", "[::1], [::1]", "localhost, localhost"})
  void itsAddressCanBeAskedAsItIsShown(String host, String shown) throws Exception {
    assumeTrue(!host.contains(":") || Listener.hasIpv6(), "this machine has no IPv6");
    try (var server = ServerProcess.start("--store", "memory:", "--host", host);
        var poster = new Poster(server)) {
      assertEquals(shown, server.uri("/").getHost());
      assertEquals(200, poster.health());
    }
  }

  /** Not even when it is killed: what SQLite's library is loaded from goes at once. */
  @Test
  void nothingIsLeftAmongTheTemporaryFiles() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    var options = List.of("-Djava.io.tmpdir=" + temporary);
    try (var server =
        ServerProcess.start(Map.of(), options, "--store", "sqlite:" + folder.resolve("a.db"))) {
      server.kill();
    }
    assertEquals(List.of(), List.of(temporary.toFile().list()));
  }

  /** As a terminal that was stopped by ^S, or a pipe whose reader hangs. */
  @Test
  void aLogThatNobodyReadsHoldsUpNothing() throws Exception {
    Path file = folder.resolve("a.db");
    Path pipe = folder.resolve("pipe");
    String full =
        "mkfifo %1$s && exec 2<> %1$s && { dd if=/dev/zero of=%1$s bs=4096 count=99 oflag=nonblock"
            + " 2>/dev/null || true; }";
    try (var server =
            ServerProcess.startAfter(full.formatted(pipe), List.of(), "--store", "sqlite:" + file);
        var client = new Poster(server)) {
      assertEquals(201, client.post("first"));
      Path index = folder.resolve("a.db-shm");
      Files.move(index, folder.resolve("elsewhere"));
      assertEquals(503, client.post("second"));
      Files.move(folder.resolve("elsewhere"), index);
      assertEquals(201, client.post("third"));
      assertEquals(200, client.health());
      assertEquals(0, server.stop());
    }
  }

  /** A megabyte, of which there is room for a tenth. */
  @Test
  void aLibraryThatCanNotBeLoadedIsNotLeftEither() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    var words = new ArrayList<>(List.of("bash", "-c", "ulimit -f 100; exec \"$@\"", "bash"));
    words.addAll(ServerProcess.command(List.of("-Djava.io.tmpdir=" + temporary), "--port=0"));
    Command refused = Command.run(folder, Map.of(), "", words);
    String problem = "can't be used: SQLite can't be loaded on this machine, or from " + temporary;
    assertEquals(2, refused.code());
    assertTrue(refused.err().endsWith(problem + OTHER_FOLDER), refused.err());
    assertEquals(List.of(), List.of(temporary.toFile().list()));
  }

  @Test
  void aTemporaryFolderThatIsNotThereIsNamed() throws Exception {
    Path temporary = folder.resolve("none");
    var options = List.of("-Djava.io.tmpdir=" + temporary);
    var words = ServerProcess.command(options, "--port", "0");
    Command refused = Command.run(folder, Map.of(), "", words);
    String problem = "no temporary folder can be made in " + temporary;
    assertEquals(2, refused.code());
    assertTrue(refused.err().endsWith(problem + OTHER_FOLDER), refused.err());
  }

  @Test
  void helpAndVersionAreShown() throws Exception {
    var help = Command.run(folder, Map.of(), "", ServerProcess.command(List.of(), "--help"));
    assertEquals(0, help.code());
    List<String> intoNothing =
        new ArrayList<>(List.of("sh", "-c", "exec \"$0\" \"$@\" > /dev/full"));
    intoNothing.addAll(ServerProcess.command(List.of(), "--help"));
    String problem = "MsgHashingServer: standard output could not be written";
    assertEquals(
        new Command(2, "", problem + "\n"), Command.run(folder, Map.of(), "", intoNothing));
    assertTrue(help.out().startsWith("Usage: MsgHashingServer "), help.out());
    assertTrue(help.out().lines().allMatch(line -> line.length() <= 100), help.out());
    var version = Command.run(folder, Map.of(), "", ServerProcess.command(List.of(), "--version"));
    assertTrue(version.out().matches("MsgHashingServer \\d+\\.\\d+\\.\\d+\\n"), version.out());
  }

  @Test
  void runningOutOfDescriptorsEndsNothingAndIsSaidOnce() throws Exception {
    // The JVM would raise the limit again, were it not a hard one or told so.
    var options = List.of("-XX:-MaxFDLimit");
    var choice = new String[] {"--store=memory:", "--max-connections=1000"};
    try (var server = ServerProcess.startAfter("ulimit -n 100", options, choice);
        var clients = new HttpTester.Clients()) {
      for (int i = 0; i < 150; i++) {
        clients.add(server.connect());
      }
      String reason = "Too many open files";
      Eventually.holds("they have run out", () -> server.errors().contains(reason));
      assertEquals(200, clients.getFirst().send(GET).read().status());
      clients.getFirst().send(HttpTester.request("GET", "/metrics"));
      assertTrue(clients.getFirst().read().body().contains("\njvm_threads_current "));
      clients.close();
      try (var next = server.connect()) {
        assertEquals(200, next.send(GET).read().status());
      }
      assertEquals(1, server.errors().lines().count(), server.errors());
    }
  }

  /** As when its container is paused, or its virtual machine moves to another host. */
  @Test
  void whatComesWhileTheServerStandsStillIsNotLate() throws Exception {
    try (var server = ServerProcess.start("--store=memory:");
        var clients = new HttpTester.Clients()) {
      for (int i = 0; i < 20; i++) {
        clients.add(server.connect().send(GET.substring(0, 10)));
      }
      Thread.sleep(500);
      Command.signal(server.pid(), "STOP");
      for (var client : clients) {
        client.send(GET.substring(10));
      }
      Thread.sleep(11_000); // a head may take 10
      var continued = Instant.now().truncatedTo(ChronoUnit.SECONDS);
      Command.signal(server.pid(), "CONT");
      for (var client : clients) {
        assertEquals(200, client.read().status());
      }
      Callable<Boolean> isNow =
          () -> !date(clients.getFirst().send(GET).read()).isBefore(continued);
      RunningTime.within(
          Duration.ofMillis(800),
          () -> {
            Eventually.holds("the date is that of now", isNow);
            return null;
          });
    }
  }

  private static Instant date(HttpTester.Answer answer) {
    return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(answer.field("date")));
  }

  /** When those that were idle have ended. */
  @Test
  void wantOfThreadsAfterAQuietTimeEndsNothing() throws Exception {
    try (var server = ServerProcess.start("--store=memory:");
        var client = server.connect()) {
      Thread.sleep(35_000);
      try (var _ = server.withoutThreads(0)) {
        assertEquals(200, client.send(GET).read().status());
      }
      assertEquals("", server.errors());
    }
  }

  /** When many clients send in pieces. */
  @ParameterizedTest
  @ValueSource(ints = {2, 8})
  void wantOfThreadsFromTheStartEndsNothing(int processors) throws Exception {
    var options = List.of("-Xmx128m", "-XX:ActiveProcessorCount=" + processors);
    try (var server = ServerProcess.start(Map.of(), options, "--store=memory:");
        var clients = new HttpTester.Clients()) {
      for (int i = 0; i < 16; i++) {
        clients.add(server.connect());
      }
      try (var _ = server.withoutThreads(0)) {
        assertEquals(Set.of(200, 201), statusesOfPieces(clients));
      }
      assertEquals("", server.errors());
    }
  }

  private static Set<Integer> statusesOfPieces(List<HttpTester.Client> clients) throws IOException {
    String text = "{\"message\": \"" + "a".repeat(50_000) + "\"}";
    String chunk = Integer.toHexString(text.length()) + "\r\n" + text + "\r\n0\r\n\r\n";
    var statuses = new HashSet<Integer>();
    for (int round = 0; round < 40; round++) {
      for (var client : clients) {
        client.send(HttpTester.request("POST", "/messages", "Transfer-Encoding: chunked"));
      }
      for (var client : clients) {
        client.send(chunk);
      }
      for (var client : clients) {
        statuses.add(client.read().status());
      }
    }
    return statuses;
  }

  /** Threads that were started before would keep the process alive. */
  @Test
  void anErrorAtTheStartIsOneLineAndEndsTheProcess() throws Exception {
    var options = List.of("-Djava.nio.channels.spi.SelectorProvider=none");
    String line = "can't start: java.util.ServiceConfigurationError";
    String said = ServerProcess.assertRefused(folder, options, line, "--store=memory:", "--port=0");
    assertTrue(said.contains(", MsgHashingServer"), said);
  }

  /** As where an exported jar was copied without the folder of its libraries. */
  @Test
  void libraryThatIsMissing() throws Exception {
    var words = ServerProcess.command(List.of(), "--version");
    words.replaceAll(word -> word.replaceAll("[^:]*commons-cli[^:]*", "none.jar"));
    Command result = Command.run(folder, Map.of(), "", words);
    String problem =
        "MsgHashingServer: can't start: a library can't be loaded; those of an exported jar are in"
            + " lib/ beside it: java.lang.NoClassDefFoundError: org/apache/commons/cli/.*\n";
    assertTrue(result.code() == 2 && result.err().matches(problem), result.toString());
  }

  /** Or it would fail, and for good, where there is no memory for it by then. */
  @Test
  void theFirstPostNeedsNothingThatIsNotLoaded() throws Exception {
    Path log = folder.resolve("loaded.txt");
    var options = List.of("-Xlog:class+load:file=" + log);
    try (var server = ServerProcess.start(Map.of(), options, "--store", "memory:");
        var client = server.connect()) {
      Eventually.holds("all is loaded", () -> Files.readString(log).contains("HexDigits "));
      long before = Files.size(log);
      client.send(HttpTester.posting("/", "{\"message\": \"foo\"}"));
      assertEquals(201, client.read().status());
      String later = Files.readString(log).substring((int) before);
      var types = Pattern.compile("MsgHashingServer\\$[\\w$]+ source").matcher(later);
      assertEquals(List.of(), types.results().map(MatchResult::group).toList());
    }
  }

  /** Or all that a store refuses would be answered by 500, and a failed sync not be noticed. */
  @Test
  void theFirstFailureOfAStoreNeedsNothingThatIsNotLoaded() throws Exception {
    Path log = folder.resolve("loaded.txt");
    Path file = folder.resolve("messages.db");
    var options = List.of("-Xlog:class+load:file=" + log);
    try (var server = ServerProcess.start(Map.of(), options, "--store", "sqlite:" + file);
        var other = new OtherWriter(file);
        var client = server.connect()) {
      Eventually.holds("all is loaded", () -> Files.readString(log).contains("HexDigits "));
      long before = Files.size(log);
      other.begin();
      client.send(HttpTester.posting("/", "{\"message\": \"foo\"}"));
      assertEquals(503, client.read().status());
      String later = Files.readString(log).substring((int) before);
      var types = Pattern.compile("(java\\.sql|org\\.sqlite)\\.\\S+|\\S+TypeSwitch").matcher(later);
      assertEquals(List.of(), types.results().map(MatchResult::group).toList());
    }
  }

  /** So that clients are told, in place of waiting until others go. */
  @ParameterizedTest
  @CsvSource({"200, 2, 100", "1024, 2, 576", "2000, 64, 1304"})
  void connectionsLeaveDescriptorsForAllElse(int descriptors, int processors, int most)
      throws Exception {
    String limit = "ulimit -n " + descriptors;
    var options = List.of("-XX:ActiveProcessorCount=" + processors);
    String store = "--store=sqlite:" + folder.resolve("messages.db");
    // A head would be late after 10 s, as many as there are; a body is after 30.
    String begun = HttpTester.request("POST", "/", "Content-Length: 1");
    try (var server = ServerProcess.startAfter(limit, options, store);
        var clients = new HttpTester.Clients()) {
      for (int i = 0; i < most; i++) {
        clients.add(server.connect());
        assertEquals(200, clients.getLast().send(GET + begun).read().status());
      }
      try (var next = server.connect()) {
        assertEquals(503, next.send(GET).read().status());
      }
    }
  }

  @Test
  void connectionsOverTheLimitLeaveDescriptorsToo() throws Exception {
    try (var server = ServerProcess.startAfter("ulimit -n 1024", List.of(), "--store=memory:");
        var clients = new HttpTester.Clients()) {
      for (int i = 0; i < 1_100; i++) {
        clients.add(server.connect().send("G"));
      }
      assertEquals(200, clients.getFirst().send(GET.substring(1)).read().status());
      Eventually.holds("that is said", () -> server.errors().contains("connections are refused"));
      assertFalse(server.errors().contains("Too many open files"), server.errors());
    }
  }

  /** As it says, and as a firewall for IPv4 alone has it. */
  @Test
  void allAddressesOfIpv4AreNoneOfIpv6() throws Exception {
    try (var server = ServerProcess.start("--store", "memory:", "--host", "0.0.0.0")) {
      assertThrows(IOException.class, () -> new Socket("::1", server.port()).close());
      new Socket("127.0.0.1", server.port()).close();
    }
  }

  /** Heads without an end, of many lines or one, and one with no body behind it. */
  static Stream<String> beginnings() {
    String lines = ("N%02d: " + "v".repeat(80) + "\r\n").repeat(90);
    lines = lines.formatted(IntStream.range(0, 90).boxed().toArray());
    String get = "GET / HTTP/1.1\r\nHost: a\r\n";
    return Stream.of(
        get + lines,
        get + "N: " + "v".repeat(8_100),
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n" + lines + "\r\n");
  }

  /** Five thousand of these would take more than the whole heap. */
  @ParameterizedTest
  @MethodSource("beginnings")
  void requestsWithoutAnEndLeaveTheServerAlive(String beginning) throws Exception {
    try (var server = ServerProcess.start(Map.of(), List.of("-Xmx96m"), "--store", "memory:");
        var clients = new HttpTester.Clients()) {
      for (int i = 0; i < 5_000; i++) {
        var client = server.connect();
        clients.add(client);
        client.send(beginning);
      }
      // A post that comes at once waits for nothing, so that it takes nothing of what they have.
      try (var client = server.connect()) {
        client.send(HttpTester.posting("/", "{\"message\": \"beside them\"}"));
        assertEquals(201, client.read().status());
      }
      clients.close();
      try (var poster = new Poster(server)) {
        assertEquals(200, poster.post("beside them"));
      }
      assertEquals("", server.errors());
      assertEquals(0, server.stop());
    }
  }

  /** Half of the heap is taken, and to read the body would take as much again. */
  @Test
  void aPostThatThereIsNoMemoryForIsToldSo() throws Exception {
    String large = "{\"message\": \"" + "b".repeat(6 << 20) + "\"}";
    var choice = new String[] {"--store=memory:", "--max-memory=28M", "--max-message-size=7M"};
    try (var server = ServerProcess.start(Map.of(), List.of("-Xmx64m"), choice);
        var poster = new Poster(server)) {
      for (int i = 0; i < 26; i++) {
        assertEquals(201, poster.post(i + "a".repeat(1 << 20)));
      }
      try (var client = server.connect().send(HttpTester.posting("/", large))) {
        var answer = client.read();
        assertEquals(503, answer.status());
        assertEquals("the server is short of memory", answer.error());
        assertEquals("1", answer.field("retry-after"));
        assertTrue(answer.isClosing());
      }
      assertEquals(201, poster.post("small"));
    }
  }

  /** Their names, which are ignored, would take more than the whole heap. */
  @Test
  void aPostOfManyMembersTakesNoMoreThanAnother() throws Exception {
    String members =
        IntStream.range(0, 700_000)
            .mapToObj(i -> "\"" + Integer.toString(i, 36) + "\":0")
            .collect(Collectors.joining(","));
    String post = HttpTester.posting("/", "{\"message\": \"a\", " + members + "}");
    var choice = new String[] {"--store=memory:", "--max-message-size=7M"};
    try (var server = ServerProcess.start(Map.of(), List.of("-Xmx64m"), choice);
        var client = server.connect()) {
      assertEquals(201, client.send(post).read().status());
    }
  }

  /** It is in the store, and to make it an answer takes six times as much. */
  @Test
  void aMessageThatThereIsNoMemoryForIsToldSo() throws Exception {
    String large = "b".repeat(6 << 20);
    var choice = new String[] {"--store=memory:", "--max-memory=28M", "--max-message-size=7M"};
    try (var server = ServerProcess.start(Map.of(), List.of("-Xmx64m"), choice);
        var poster = new Poster(server)) {
      assertEquals(201, poster.post(large));
      for (int i = 0; i < 20; i++) {
        assertEquals(201, poster.post(i + "a".repeat(1 << 20)));
      }
      var digest = StoreTest.digest(large);
      try (var client = server.connect()) {
        var answer = client.send(HttpTester.request("GET", "/messages/" + digest)).read();
        assertEquals(503, answer.status());
        assertEquals("the server is short of memory", answer.error());
        assertEquals("1", answer.field("retry-after"));
      }
      assertEquals("0" + "a".repeat(1 << 20), poster.get("0" + "a".repeat(1 << 20)));
    }
  }

  /** Of the 16 MB for requests under way, each may take its own size while it waits, and does. */
  @ParameterizedTest
  @ValueSource(ints = {0, 15_900})
  void bodiesWhoseEndIsLateTakeTheirMemoryOnce(int early) throws Exception {
    String body = "{\"message\": \"" + "a".repeat(16_300) + "\"}";
    String post = HttpTester.posting("/", body);
    int most = post.length() - body.length() + early;
    try (var server = ServerProcess.start(Map.of(), List.of("-Xmx64m"), "--store=memory:");
        var clients = new HttpTester.Clients()) {
      for (int i = 0; i < 700; i++) {
        clients.add(server.connect().send(post.substring(0, most)));
      }
      for (var client : clients) {
        assertTrue(client.send(post.substring(most)).read().status() < 300);
      }
      for (int i = 0; i < 700; i++) {
        clients.add(server.connect());
      }
      for (var client : clients) {
        client.send(post.substring(0, most));
      }
      Thread.sleep(500); // until all of them wait, on a busy machine too
      int refused = 0;
      for (var client : clients) {
        refused += client.send(post.substring(most)).read().status() == 503 ? 1 : 0;
      }
      assertTrue(refused > 0, "1,400 took no more than 700 may");
    }
  }

  @ParameterizedTest
  @CsvSource({"false, 2048", "true, 512"})
  void withLessHeapThereAreFewerConnections(boolean isTls, int most) throws Exception {
    Path keystore = folder.resolve("key.p12");
    var environment = Map.of("MSG_HASHING_KEYSTORE_PASSWORD", "password");
    var choice = new ArrayList<>(List.of("--store=memory:"));
    if (isTls) {
      TlsProxy.makeKey(keystore, "password");
      choice.add("--tls-keystore=" + keystore);
    }
    try (var server =
            ServerProcess.start(environment, List.of("-Xmx32m"), choice.toArray(String[]::new));
        var clients = new HttpTester.Clients()) {
      assertEquals(isTls ? "https" : "http", server.uri("/").getScheme());
      for (int i = 0; i < most + 10; i++) {
        clients.add(server.connect().send(isTls ? "" : "G")); // else it is idle, and makes room
      }
      Eventually.holds("some are refused", () -> !server.errors().isEmpty());
      String told = server.errors();
      String pattern = "(?s).*: connections are refused: the limit of (\\d+) is reached\\n";
      String open = told.replaceAll(pattern, "$1");
      // The JVM keeps a little of the heap for itself.
      assertTrue(Integer.parseInt(open) > most * 3 / 4 && Integer.parseInt(open) <= most, told);
    }
  }

  @ParameterizedTest
  @CsvSource({"/health, 503", "/metrics, 200"})
  void whyTheStoreTakesNoMessagesIsSaid(String path, int status) throws Exception {
    try (var server = ServerProcess.start("--store=memory:", "--max-memory=1K");
        var client = server.connect();
        var poster = new Poster(server)) {
      assertEquals(201, poster.post("a".repeat(600)));
      assertEquals(507, poster.post("b".repeat(600)));
      Eventually.holds("it is told", () -> server.errors().contains(": the store is full: "));
      assertEquals(status, client.send(HttpTester.request("GET", path)).read().status());
      String why = ": the store takes no messages: ";
      Eventually.holds("why is told", () -> server.errors().contains(why));
    }
  }

  /** An empty line behind the last of them begins no request, and a letter not much of one. */
  @ParameterizedTest
  @ValueSource(strings = {"\r\n", "G"})
  void whoIsIdleAfterLargeRequestsTakesLittle(String rest) throws Exception {
    String request = HttpTester.request("GET", "/");
    String large = HttpTester.request("GET", "/", "X: " + "a".repeat(7_900)) + rest;
    try (var server = ServerProcess.start(Map.of(), List.of("-Xmx32m"), "--store", "memory:");
        var clients = new HttpTester.Clients()) {
      for (int i = 0; i < 1_700; i++) {
        var client = server.connect().send(request.repeat(20) + large);
        clients.add(client);
        for (int answers = 0; answers < 21; answers++) {
          assertEquals(200, client.read().status());
        }
      }
      try (var other = server.connect()) {
        assertEquals(200, other.send(request).read().status());
      }
      assertEquals("", server.errors());
    }
  }

  @Test
  void headsInPiecesTakeNoMoreThanTheirBytes() throws Exception {
    String head = HttpTester.request("GET", "/health", "X: a\n".repeat(99).split("\n"));
    try (var server = ServerProcess.start(Map.of(), List.of("-Xmx36m"), "--store", "memory:");
        var clients = new HttpTester.Clients()) {
      for (int i = 0; i < 20; i++) {
        clients.add(server.connect().send(head.substring(0, head.length() - 1)));
      }
      for (var client : clients) {
        assertEquals(200, client.send("\n").read().status());
      }
    }
  }

  @Test
  void whoSendsWithoutEndKeepsNobodyElseWaiting() throws Exception {
    try (var senders = new HttpTester.Clients();
        var server = ServerProcess.start("--store=memory:")) {
      senders.assertNobodyElseWaits(server::connect, body -> HttpTester.postingInAChunk("/", body));
    }
  }

  /** An eighth of this heap has room for four of these answers. */
  @Test
  void answersThatNobodyTakesHaveNoMoreThanTheirShareOfTheHeap() throws Exception {
    String large = "a".repeat(1_000_000);
    var choice = new String[] {"--store=sqlite:" + folder.resolve("a.db"), "--cache-size=0"};
    try (var server = ServerProcess.start(Map.of(), List.of("-Xmx36m"), choice);
        var poster = new Poster(server);
        var clients = new HttpTester.Clients()) {
      for (int i = 0; i < 5; i++) {
        assertEquals(201, poster.post(i + large));
        // More than the system keeps of what a client has not read.
        String get = HttpTester.request("GET", "/messages/" + StoreTest.digest(i + large));
        clients.add(server.connect().send(get.repeat(20)));
      }
      String full = "{\"err_msg\": \"the server is short of memory\"}";
      Eventually.holds("there is no room", () -> poster.get(0 + large).equals(full));
      String reason = "clients are not reading their answers";
      Eventually.holds("it is told", () -> server.errors().contains(reason));
      for (String smaller : List.of("small", "a".repeat(3_000))) {
        assertEquals(201, poster.post(smaller));
        assertEquals(smaller, poster.get(smaller));
      }
      clients.close();
      Eventually.holds("there is room again", () -> poster.get(0 + large).equals(0 + large));
    }
  }

  /** Of each client the loop leaves one answer that is not taken, and a thread makes the next. */
  @Test
  void answersBehindOneThatNobodyTakesHaveNoMoreThanTheirShareOfTheHeap() throws Exception {
    String large = "a".repeat(1_000_000);
    String store = "--store=sqlite:" + folder.resolve("a.db");
    try (var server = ServerProcess.start(Map.of(), List.of("-Xmx64m"), store);
        var poster = new Poster(server);
        var clients = new HttpTester.Clients()) {
      assertEquals(201, poster.post("hot" + large));
      String hot = HttpTester.request("GET", "/messages/" + StoreTest.digest("hot" + large));
      assertEquals("hot" + large, poster.get("hot" + large)); // from now on in the cache
      for (int i = 0; i < 80; i++) {
        assertEquals(201, poster.post(i + large));
        String other = HttpTester.request("HEAD", "/messages/" + StoreTest.digest(i + large));
        clients.add(server.connect().send((hot + other).repeat(10)));
      }
      assertEquals(201, poster.post("small"));
      assertEquals("small", poster.get("small"));
      assertFalse(server.errors().contains("OutOfMemoryError"), server.errors());
    }
  }

  /** A quarter of this heap has room for nine of these bodies at most. */
  @Test
  void largeBodiesTakeNoMoreThanTheirShareOfTheHeap() throws Exception {
    String body = "{\"message\": \"" + "a".repeat(1_000_000) + "\"}";
    String post = HttpTester.posting("/", body);
    try (var server = ServerProcess.start(Map.of(), List.of("-Xmx36m"), "--store", "memory:")) {
      for (int i = 0; i < 12; i++) {
        try (var client = server.connect()) {
          client.send(post.substring(0, post.length() - 1));
          Thread.sleep(100);
          client.socket.setSoLinger(true, 0);
        }
      }
      try (var client = new Poster(server)) {
        Eventually.holds(
            "the others are gone", () -> client.metrics().contains("\nhttp_connections 1.0\n"));
      }
      try (var client = server.connect()) {
        for (int i = 0; i < 12; i++) {
          assertTrue(client.send(post).read().status() < 300, "what was taken before is free");
        }
      }
      var clients = new ArrayList<HttpTester.Client>();
      for (int i = 0; i < 14; i++) {
        var client = server.connect();
        clients.add(client.send(post.substring(0, post.length() - 1)));
      }
      int refused = 0;
      for (var client : clients.reversed()) {
        client.send("}");
        var answer = client.read();
        if (answer.status() == 503) {
          assertTrue(answer.error().contains("large requests"));
          assertEquals("1", answer.field("retry-after"));
          refused++;
        } else {
          assertTrue(answer.status() < 300, answer.body());
        }
        client.close();
      }
      assertTrue(refused >= 5 && refused < 14, refused + " refused");
      try (var client = server.connect()) {
        assertEquals(200, client.send(post).read().status(), "what they took is free again");
      }
      assertEquals("", server.errors());
    }
  }

  /** A hundred while it accepts none: who may not wait tries again only after a second. */
  @Test
  void whoComesWaitsUntilItIsAccepted() throws Exception {
    try (var server = ServerProcess.start("--store", "memory:");
        var clients = new HttpTester.Clients()) {
      Command.signal(server.pid(), "STOP");
      for (int i = 0; i < 100; i++) {
        var socket = new Socket();
        socket.connect(new InetSocketAddress("127.0.0.1", server.port()), 900);
        clients.add(new HttpTester.Client(socket).send(GET));
      }
      Command.signal(server.pid(), "CONT");
      for (var client : clients) {
        assertEquals(200, client.read().status());
      }
    }
  }

  @Test
  void resetsAreNoNews() throws Exception {
    try (var server = ServerProcess.start("--store", "memory:")) {
      for (int i = 0; i < 200; i++) {
        try (var client = server.connect()) {
          client.socket.setSoLinger(true, 0);
          client.send(i % 2 == 0 ? GET.substring(0, i / 8) : GET.repeat(20));
        }
      }
      try (var client = server.connect()) {
        assertEquals(200, client.send(GET).read().status());
      }
      assertEquals("", server.errors());
      assertEquals(1, server.output().lines().count(), server.output());
    }
  }
}
