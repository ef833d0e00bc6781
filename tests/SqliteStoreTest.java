import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import java.sql.DriverManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteLimits;

/** The SQLite file: what may be one, who else may open it, and what becomes of a damaged one. */
@Timeout(120)
class SqliteStoreTest {
  private static final String FOO = "foo";
  private static final MsgHashingServer.Digest DIGEST = StoreTest.digest(FOO);

  @TempDir Path folder;

  private Path file() {
    return folder.resolve("messages.db");
  }

  private static MsgHashingServer.MessageStore open(Path file) throws Exception {
    return StoreTest.open("sqlite:" + file, 0);
  }

  private void makeStoreWithFoo() throws Exception {
    try (var store = open(file())) {
      StoreTest.put(store, FOO);
    }
    assertEquals(List.of(file()), files(), "a closed store is one file");
  }

  private List<Path> files() throws Exception {
    try (var files = Files.list(folder)) {
      return files.toList();
    }
  }

  @Test
  void aPersonCanReadTheTable() throws Exception {
    makeStoreWithFoo();
    String select = "SELECT content FROM message WHERE lower(hex(digest)) = '" + DIGEST + "'";
    assertEquals("foo", Sqlite.ask(file(), select));
    assertEquals("text", Sqlite.ask(file(), "SELECT typeof(content) FROM message"));
    assertEquals("wal", Sqlite.ask(file(), "PRAGMA journal_mode"));
    String mark = Integer.toString(0x4d736748); // by which later versions know it too
    assertEquals(mark, Sqlite.ask(file(), "PRAGMA application_id"));
  }

  /** As docs/stores.md has it made while the server runs. */
  @Test
  void aCopyIsAStoreToo() throws Exception {
    Path copy = folder.resolve("copy.db");
    try (var store = open(file())) {
      StoreTest.put(store, FOO);
      Sqlite.ask(file(), "VACUUM INTO '" + copy + "'");
      assertTrue(StoreTest.put(store, "later"));
    }
    try (var store = open(copy)) {
      assertEquals(FOO, StoreTest.get(store, FOO));
      assertTrue(StoreTest.put(store, "later"));
    }
  }

  /** As docs/stores.md has a message deleted while the server runs. */
  @Test
  void aMessageCanBeTakenOut() throws Exception {
    try (var store = open(file())) {
      StoreTest.put(store, FOO);
      StoreTest.put(store, "bar");
      Sqlite.ask(file(), "DELETE FROM message WHERE digest = x'" + DIGEST + "'");
      assertNull(StoreTest.get(store, FOO));
      assertEquals("bar", StoreTest.get(store, "bar"));
      assertTrue(StoreTest.put(store, "later"));
    }
    try (var store = open(file())) {
      assertTrue(StoreTest.put(store, FOO), "it may come again");
      assertEquals(4, store.count(), "it is counted twice");
    }
  }

  @Test
  void refusesWhatIsNotItsOwnAndLeavesItAlone() throws Exception {
    Files.writeString(file(), "prices.txt\n".repeat(100));
    assertRefused("is not a SQLite file");

    Files.writeString(file(), "SQLite format 3\0");
    assertRefused("is not a SQLite file");

    Files.write(file(), new byte[4096]);
    assertRefused("is not a SQLite file");

    Files.delete(file());
    Sqlite.ask(file(), "CREATE TABLE message(digest BLOB PRIMARY KEY, content TEXT)");
    assertRefused("is another program's SQLite file");

    Files.delete(file());
    makeStoreWithFoo();
    Sqlite.ask(file(), "PRAGMA user_version=2");
    assertEquals("delete", Sqlite.ask(file(), "PRAGMA journal_mode=DELETE"));
    assertRefused("has schema version 2, but this program needs 1");
    Sqlite.ask(file(), "PRAGMA user_version=1");

    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("r--r--r--"));
    assertRefused("is read-only");
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));

    byte[] whole = Files.readAllBytes(file());
    Files.write(file(), Arrays.copyOf(whole, whole.length - 1000));
    assertRefused("is truncated");
    for (int pageSize : List.of(32_768, 65_536)) {
      Files.write(file(), whole);
      Sqlite.ask(Path.of(file() + "?page_size=" + pageSize), "VACUUM");
      byte[] all = Files.readAllBytes(file());
      assertEquals(0, all.length % pageSize);
      Files.write(file(), Arrays.copyOf(all, all.length - 1000));
      assertRefused("is truncated");
    }

    // The schema's page behind the header.
    byte[] damaged = whole.clone();
    Arrays.fill(damaged, 100, 4096, (byte) 0x7f);
    Files.write(file(), damaged);
    assertRefused("can't be used: [SQLITE_CORRUPT]");

    Files.delete(file());
    Files.createDirectory(file());
    assertRefused("is a folder");
    Files.delete(file());
    assertEquals("there is no folder " + file(), problemOf(file().resolve("messages.db")));
    Path link = Files.createSymbolicLink(folder.resolve("link.db"), file().resolve("messages.db"));
    assertEquals("there is no folder " + file(), problemOf(link));
    Path circle = folder.resolve("circle.db");
    assertEquals("is not a file", problemOf(Files.createSymbolicLink(circle, circle)));
    assertEquals("is not a file", problemOf(Path.of("/dev/null")));
  }

  /** A log without a word in it, as a server leaves it that is killed at its start. */
  @Test
  void anEmptyLogIsNoObstacle() throws Exception {
    Files.createFile(Path.of(file() + "-wal"));
    makeStoreWithFoo();
  }

  /**
   * Each commit is on the disk when it returns (sqlite.org/pragma.html): no test cuts the power.
   */
  @Test
  void commitsAreSynchronous() throws Exception {
    try (var store = (MsgHashingServer.SqliteStore) open(file());
        var statement = store.writer.connection.createStatement();
        var row = statement.executeQuery("PRAGMA synchronous")) {
      assertEquals(2, row.getInt(1), "FULL");
    }
  }

  /** What a log took that had to grow for long is given back when it starts anew. */
  @Test
  void aLogStaysNoLongerThanItsLimit() throws Exception {
    try (var store = (MsgHashingServer.SqliteStore) open(file());
        var statement = store.writer.connection.createStatement();
        var row = statement.executeQuery("PRAGMA journal_size_limit")) {
      assertEquals(256 << 20, row.getInt(1));
    }
  }

  private void assertRefused(String problem) throws Exception {
    byte[] before = Files.isDirectory(file()) ? null : Files.readAllBytes(file());
    String told = problemOf(file());
    assertTrue(told.startsWith(problem), told);
    assertEquals(List.of(file()), files(), "nothing is left beside it");
    if (before != null) {
      assertArrayEquals(before, Files.readAllBytes(file()));
    }
  }

  private static String problemOf(Path file) {
    String line = StoreTest.refusal("sqlite:" + file);
    assertTrue(line.startsWith("--store: " + file), line);
    return line.substring(("--store: " + file).length()).replaceFirst("^:? ", "");
  }

  @Test
  void theWrongContentIsNeverServed() throws Exception {
    makeStoreWithFoo();
    Sqlite.ask(file(), "UPDATE message SET content = 'bar'");
    try (var server = ServerProcess.start("--store", "sqlite:" + file());
        var client = new Poster(server)) {
      String answer = client.get("foo");
      assertTrue(answer.contains("err_msg") && !answer.contains("bar"), answer);
      Eventually.holds("it is told", () -> server.errors().contains(DIGEST.toString()));
      assertFalse(server.errors().contains("Exception"), server.errors());
      assertEquals(201, client.post("foo"), "it is stored anew");
      assertEquals("foo", client.get("foo"));
      assertEquals(200, client.post("foo"));
    }
  }

  @Test
  void aDamagedPageIsToldAsDamage() throws Exception {
    String message = "x".repeat(100_000);
    try (var store = open(file())) {
      StoreTest.put(store, message);
    }
    try (var bytes = new RandomAccessFile(file().toFile(), "rw")) {
      // Page 2 is the table's root, which holds the only row's head.
      bytes.seek(4096);
      bytes.write(new byte[4096]);
    }
    try (var store = open(file())) {
      for (int times = 0; times < 10; times++) {
        StoreTest.assertFails(
            MsgHashingServer.Problem.CORRUPT, () -> StoreTest.get(store, message));
      }
      StoreTest.assertFails(MsgHashingServer.Problem.CORRUPT, store::check);
    }
    try (var server = ServerProcess.start("--store", "sqlite:" + file());
        var client = new Poster(server)) {
      assertEquals("{\"err_msg\": \"the store is damaged\"}", client.get(message));
      Eventually.holds("it is told", () -> server.errors().contains("malformed"));
      String told = server.errors();
      assertTrue(told.contains("the store is damaged: " + file() + ": ["), told);
    }
  }

  @Test
  void aDamagedMessageIsToldAloneOfThoseReadTogether() throws Exception {
    String damaged = "x".repeat(100_000);
    try (var store = open(file())) {
      StoreTest.put(store, damaged);
      StoreTest.put(store, FOO);
    }
    try (var bytes = new RandomAccessFile(file().toFile(), "rw")) {
      bytes.seek(10 * 4096); // a page in the middle of the large one
      bytes.write(new byte[4096]);
    }
    try (var store = open(file())) {
      var whole = new ArrayList<CompletableFuture<byte[]>>();
      for (int i = 0; i < 100; i++) {
        store.get(StoreTest.digest(damaged));
        whole.add(store.get(DIGEST));
      }
      for (var read : whole) {
        assertEquals(FOO, new String(read.get(), StandardCharsets.UTF_8));
      }
      StoreTest.assertFails(MsgHashingServer.Problem.CORRUPT, () -> StoreTest.get(store, damaged));
    }
  }

  /** The first of the digests' pages, of some thirty. */
  @Test
  void aDamagedPageRefusesThePostsThatBelongThereAlone() throws Exception {
    try (var store = open(file())) {
      putAll(store, "old ", 2_000);
    }
    String root = "SELECT rootpage FROM sqlite_master WHERE name LIKE 'sqlite_autoindex%'";
    try (var bytes = new RandomAccessFile(file().toFile(), "rw")) {
      long page = 4096 * (Long.parseLong(Sqlite.ask(file(), root)) - 1);
      // The first cell begins with its left page (sqlite.org/fileformat.html, 1.6).
      bytes.seek(page + 12);
      bytes.seek(page + bytes.readUnsignedShort());
      bytes.seek(4096L * (bytes.readInt() - 1));
      bytes.write(new byte[4096]);
    }
    try (var store = open(file())) {
      var puts = putAll(store, "new ", 1_000);
      int refused = 0;
      String message = null;
      for (int i = 0; i < puts.size(); i++) {
        // Others are refused where the page beside it is full, and taken once that is not.
        if (isRefusedForDamage(puts.get(i))) {
          refused++;
          message = earlier(message, "new " + i);
        }
      }
      assertTrue(refused > 0 && refused < 200, refused + " of 1000 refused");
      String damaged = message;
      StoreTest.assertFails(MsgHashingServer.Problem.CORRUPT, () -> StoreTest.put(store, damaged));
      store.check(); // the others are taken
    }
  }

  /** Which of two messages, or of one, comes first by its digest. */
  private static String earlier(String known, String other) {
    String digest = StoreTest.digest(other).toString();
    return known == null || digest.compareTo(StoreTest.digest(known).toString()) < 0
        ? other
        : known;
  }

  /** And not because it was late. */
  private static boolean isRefusedForDamage(CompletableFuture<?> put) {
    return put.isCompletedExceptionally()
        && MsgHashingServer.StoreException.of(put.exceptionNow()).problem
            == MsgHashingServer.Problem.CORRUPT;
  }

  /** Posts messages at once and waits for the answers, whatever they are. */
  private static List<CompletableFuture<Boolean>> putAll(
      MsgHashingServer.MessageStore store, String name, int count) {
    var puts = new ArrayList<CompletableFuture<Boolean>>();
    for (int i = 0; i < count; i++) {
      puts.add(StoreTest.begin(store, name + i));
    }
    puts.forEach(put -> put.exceptionally(_ -> false).join());
    return puts;
  }

  @Test
  void aLoopReadsItselfWhatIsQuickToReadAndAThreadTheRest() throws Exception {
    String slow = "x".repeat(16 << 20);
    var loop = new MsgHashingServer.EventLoop(0);
    try (var store = open(file())) {
      StoreTest.put(store, FOO);
      StoreTest.put(store, slow);
      StoreTest.awaitAskedByLoop(loop, store, FOO);
      StoreTest.askedBy(loop, store, slow);
      assertEquals("sqlite-reader", StoreTest.askedBy(loop, store, FOO));
      StoreTest.awaitAskedByLoop(loop, store, FOO);
    } finally {
      loop.close();
    }
  }

  /**
   * SQLite waits for the locks of its index file up to ten seconds, and so it would for a disk that
   * hangs. Another program of this machine holds all that readers take (sqlite.org/walformat.html,
   * 2.3.1), as one does that is stopped in the wrong moment.
   */
  @Test
  void readsThatHangKeepNobodyElseWaiting() throws Exception {
    try (var server = ServerProcess.start("--store", "sqlite:" + file())) {
      StoreTest.assertKeepsNobodyElseWaiting(server, this::holdIndex);
    }
  }

  @Test
  void readsThatHangKeepNobodyElseWaitingWhereNoThreadCanBeHad() throws Exception {
    try (var server = ServerProcess.start("--store", "sqlite:" + file())) {
      StoreTest.assertKeepsNobodyElseWaiting(
          server,
          () -> {
            var noThreads = server.withoutThreads(0);
            var index = holdIndex();
            return () -> {
              index.close();
              noThreads.close();
            };
          });
    }
  }

  private AutoCloseable holdIndex() throws IOException {
    var index = Path.of(file() + "-shm");
    var shm = FileChannel.open(index, StandardOpenOption.READ, StandardOpenOption.WRITE);
    var all = shm.lock(123, 5, false);
    return () -> {
      assertTrue(all.isValid());
      shm.close();
    };
  }

  /** As a crash leaves it that comes while the log is moved: the header first, the rest not yet. */
  @Test
  void aFileBehindALinkIsMadeWholeFromItsLog() throws Exception {
    Path real = Files.createDirectory(folder.resolve("real")).resolve("crashed.db");
    try (var store = open(file())) {
      StoreTest.put(store, "x".repeat(1 << 20));
      StoreTest.put(store, FOO);
      Files.copy(file(), real);
      Files.copy(Path.of(file() + "-wal"), Path.of(real + "-wal"));
    }
    try (var bytes = new RandomAccessFile(real.toFile(), "rw")) {
      bytes.seek(28); // how many pages the file has
      bytes.writeInt(200);
    }
    Path first = Files.createSymbolicLink(real.resolveSibling("link.db"), real.getFileName());
    Path link = Files.createSymbolicLink(folder.resolve("link.db"), first);
    try (var store = open(link)) {
      assertEquals(FOO, StoreTest.get(store, FOO));
    }
    assertEquals("ok", Sqlite.ask(real, "PRAGMA integrity_check"));
  }

  /** As a crash leaves it that comes while another program writes without a log. */
  @Test
  void aFileIsMadeWholeFromItsJournal() throws Exception {
    makeStoreWithFoo();
    assertEquals("delete", Sqlite.ask(file(), "PRAGMA journal_mode=DELETE"));
    Path crashed = folder.resolve("crashed.db");
    try (var other = DriverManager.getConnection("jdbc:sqlite:" + file() + "?cache_size=1");
        var statement = other.createStatement()) {
      statement.execute("BEGIN");
      statement.execute("INSERT INTO message VALUES(x'00', hex(zeroblob(1000000)))");
      Files.copy(file(), crashed);
      Files.copy(Path.of(file() + "-journal"), Path.of(crashed + "-journal"));
    }
    try (var bytes = new RandomAccessFile(crashed.toFile(), "rw")) {
      bytes.seek(28); // how many pages the file has
      bytes.writeInt(2_000);
    }
    try (var store = open(crashed)) {
      assertEquals(FOO, StoreTest.get(store, FOO));
      assertEquals(1, store.count());
    }
  }

  /** As a power cut at the first start may leave it: of the file only its length is on the disk. */
  @Test
  void aFileOfWhichOnlyTheLengthIsThereIsMadeAnewByItsJournal() throws Exception {
    Path crashed = folder.resolve("crashed.db");
    try (var other = DriverManager.getConnection("jdbc:sqlite:" + file() + "?cache_size=1");
        var statement = other.createStatement()) {
      statement.execute("BEGIN");
      statement.execute("CREATE TABLE filling AS SELECT zeroblob(1000000)");
      Files.copy(Path.of(file() + "-journal"), Path.of(crashed + "-journal"));
    }
    Files.write(crashed, new byte[3 * 4096]);
    try (var store = open(crashed)) {
      assertTrue(StoreTest.put(store, FOO));
    }
    assertEquals("ok", Sqlite.ask(crashed, "PRAGMA integrity_check"));
  }

  /** As sqlite3 leaves it when it is killed in VACUUM INTO: SQLite would empty it. */
  @Test
  void aCopyThatWasNotFinishedIsLeftAsItIs() throws Exception {
    Path copy = folder.resolve("copy.db");
    Path journal = Path.of(copy + "-journal");
    try (var store = open(file())) {
      StoreTest.put(store, "x".repeat(10_000));
      Sqlite.ask(file(), "VACUUM INTO '" + copy + "'");
    }
    byte[] whole = Files.readAllBytes(copy);
    var header = ByteBuffer.allocate(512).putLong(0xd9d505f920a163d7L);
    Files.write(journal, header.putInt(20, 512).putInt(24, 4096).array());
    for (byte[] content : List.of(whole, new byte[whole.length])) {
      Files.write(copy, content);
      String told = "is an unfinished copy, which SQLite would empty because of " + journal;
      assertEquals(told, problemOf(copy));
      assertArrayEquals(content, Files.readAllBytes(copy));
    }
    Files.write(copy, whole);
    Files.write(journal, new byte[512]); // as that of a transaction that is over
    try (var store = open(copy)) {
      assertEquals(1, store.count());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-wal", "-shm"})
  void aFileThatWasDeletedAcknowledgesNothing(String suffix) throws Exception {
    try (var store = open(file())) {
      StoreTest.put(store, FOO);
      Files.delete(Path.of(file() + suffix));
      StoreTest.assertAway(() -> StoreTest.put(store, "lost"));
      StoreTest.assertAway(store::check);
    }
  }

  /** Of what is open the system keeps the content. */
  @Test
  void theEndBringsADeletedLogIntoTheFile() throws Exception {
    try (var store = open(file())) {
      StoreTest.put(store, FOO);
      Files.delete(Path.of(file() + "-wal"));
    }
    try (var store = open(file())) {
      assertEquals(FOO, StoreTest.get(store, FOO));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-wal", "-shm"})
  void aFileThatIsMovedBackTakesPostsAgain(String suffix) throws Exception {
    Path moved = Path.of(file() + suffix);
    Path away = folder.resolve("away");
    try (var store = open(file())) {
      Files.move(moved, away);
      StoreTest.assertAway(() -> StoreTest.put(store, FOO));
      Files.move(away, moved);
      assertTrue(StoreTest.put(store, FOO));
      store.check();
    }
  }

  /** Such as {@code mktemp} makes. */
  @Test
  void anEmptyFileIsMadeAStore() throws Exception {
    Files.createFile(file());
    makeStoreWithFoo();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-wal", "-shm"})
  void aFileThatIsDeletedWhileAPostWaitsAcknowledgesNothing(String suffix) throws Exception {
    try (var store = open(file());
        var other = new OtherWriter(file())) {
      other.begin();
      var put = StoreTest.begin(store, FOO);
      Thread.sleep(100);
      Files.delete(Path.of(file() + suffix));
      other.end();
      StoreTest.assertAway(() -> MsgHashingServer.MessageStore.await(put));
    }
  }

  /** Its name then leads to another file, such as a copy that was put there. */
  @Test
  void aFolderThatWasMovedAcknowledgesNothing() throws Exception {
    Path former = Files.createDirectory(folder.resolve("former"));
    try (var server =
            ServerProcess.startAfter("cd " + former, List.of(), "--store", "sqlite:messages.db");
        var client = new Poster(server)) {
      assertEquals(201, client.post("one"));
      Path now = Files.move(former, folder.resolve("now"));
      assertEquals(503, client.post("two"));
      assertEquals(503, client.health());
      Files.move(now, former);
      assertEquals(201, client.post("two"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-wal", "-shm"})
  void aLogThatMayNotBeWrittenIsNamed(String suffix) throws Exception {
    open(file()).close();
    Path kept = Files.createFile(Path.of(file() + suffix));
    Files.setPosixFilePermissions(kept, PosixFilePermissions.fromString("r--r--r--"));
    assertEquals(kept + " is read-only", problemOf(file()));
  }

  /** The second has an index of its own then, and each would write over what the other did. */
  @Test
  void ofTwoServersWithoutACommonIndexOneStoresNothing() throws Exception {
    String choice = "sqlite:" + file();
    try (var one = ServerProcess.start("--store", choice);
        var client = new Poster(one)) {
      assertEquals(201, client.post("one"));
      Files.delete(Path.of(file() + "-shm"));
      try (var two = ServerProcess.start("--store", choice);
          var other = new Poster(two)) {
        assertEquals(201, other.post("two"));
        assertEquals(503, client.post("three"));
        assertEquals(0, two.stop());
      }
      assertEquals(0, one.stop());
    }
    try (var server = ServerProcess.start("--store", choice)) {
      Poster.assertServed(List.of("one", "two"), server);
    }
  }

  /** By the index that both share, it would take the new log's pages for those of the old one. */
  @Test
  void aServerWhoseLogWasReplacedLeavesTheFileAlone() throws Exception {
    String choice = "sqlite:" + file();
    var messages = new ArrayList<String>();
    try (var left = ServerProcess.start("--store", choice)) {
      try (var one = ServerProcess.start("--store", choice);
          var client = new Poster(one)) {
        post(client, "one", 100, messages);
        Sqlite.ask(file(), "PRAGMA wal_checkpoint(PASSIVE)");
        Files.delete(Path.of(file() + "-wal"));
        assertEquals(0, one.stop());
      }
      try (var two = ServerProcess.start("--store", choice);
          var client = new Poster(two)) {
        post(client, "two", 10, messages); // fewer pages than the old log has
        Eventually.holds("it is told", () -> left.errors().contains("was moved or deleted"));
        assertEquals(0, two.stop());
      }
      assertEquals(0, left.stop());
    }
    assertEquals("ok", Sqlite.ask(file(), "PRAGMA integrity_check"));
    try (var server = ServerProcess.start("--store", choice)) {
      Poster.assertServed(messages, server);
    }
  }

  /**
   * As whoever needs room on the disk may do; SQLite would move half of the last post into the
   * file. The size of its pages may be another than the usual one, and 65536 is written as 1.
   */
  @ParameterizedTest
  @CsvSource({"0, 4096", "0.99, 4096", "0.99, 65536"})
  void aLogThatIsCutShortCostsOnlyWhatItHeld(double part, int pageSize) throws Exception {
    String choice = "sqlite:" + file();
    var moved = new ArrayList<String>();
    try (var server = ServerProcess.start("--store", choice);
        var client = new Poster(server)) {
      post(client, "moved", 100, moved);
      assertEquals(0, server.stop());
    }
    Sqlite.ask(file(), "PRAGMA journal_mode=DELETE"); // for the log's pages have one size
    Sqlite.ask(Path.of(file() + "?page_size=" + pageSize), "VACUUM");
    try (var server = ServerProcess.start("--store", choice);
        var client = new Poster(server)) {
      assertEquals(201, client.post("logged"));
      try (var log = FileChannel.open(Path.of(file() + "-wal"), StandardOpenOption.WRITE)) {
        log.truncate((long) (part * log.size()));
      }
      assertEquals(503, client.post("lost"));
      assertEquals(503, client.health());
      assertCutShortIsTold(server);
      assertEquals(0, server.stop());
    }
    try (var server = ServerProcess.start("--store", choice);
        var client = new Poster(server)) {
      Poster.assertServed(moved, server);
      assertEquals(201, client.post("new"));
    }
    assertEquals("ok", Sqlite.ask(file(), "PRAGMA integrity_check"));
  }

  @Test
  void aLogThatIsEmptiedWhenAllOfItIsMovedCostsNothing() throws Exception {
    String choice = "sqlite:" + file();
    var messages = new ArrayList<String>();
    try (var server = ServerProcess.start("--store", choice);
        var client = new Poster(server)) {
      post(client, "moved", 100, messages);
      Sqlite.ask(file(), "PRAGMA wal_checkpoint");
      Files.write(Path.of(file() + "-wal"), new byte[0]);
      post(client, "new", 100, messages);
      Poster.assertServed(messages, server);
      assertEquals(200, client.health());
      assertEquals("", server.errors());
      assertEquals(0, server.stop());
    }
  }

  /** No read may look into it: the system would end the process. */
  @Test
  void anIndexThatIsEmptiedCostsNothing() throws Exception {
    String choice = "sqlite:" + file();
    var messages = new ArrayList<String>();
    try (var server = ServerProcess.start("--store", choice);
        var client = new Poster(server)) {
      post(client, "kept", 100, messages);
      Files.write(Path.of(file() + "-shm"), new byte[0]);
      assertEquals(503, client.post("lost"));
      assertCutShortIsTold(server);
      assertEquals(0, server.stop());
    }
    try (var server = ServerProcess.start("--store", choice)) {
      Poster.assertServed(messages, server);
    }
  }

  private static void assertCutShortIsTold(ServerProcess server) throws Exception {
    String problem = "its -wal or its -shm was truncated";
    Eventually.holds("it is told", () -> server.errors().contains(problem));
  }

  private static void post(Poster client, String name, int count, List<String> all)
      throws Exception {
    for (int i = 0; i < count; i++) {
      String message = name + " " + i + "x".repeat(1000);
      assertEquals(201, client.post(message));
      all.add(message);
    }
  }

  /** Alone, it would be taken for the log of the new file, and deleted. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aLogWhoseFileIsGoneStaysAsItIs(boolean isDeleted) throws Exception {
    Path log = Path.of(file() + "-wal");
    byte[] messages;
    try (var store = open(file())) {
      StoreTest.put(store, FOO);
      messages = Files.readAllBytes(log);
    }
    byte[] whole = Files.readAllBytes(file());
    Files.write(log, messages);
    if (isDeleted) {
      Files.delete(file());
    } else {
      Files.write(file(), new byte[0]);
    }
    assertEquals(
        "is missing or empty, but its write-ahead log " + log + " is not: both are needed",
        problemOf(file()));
    Path link = Files.createSymbolicLink(folder.resolve("link.db"), file().getFileName());
    assertTrue(problemOf(link).startsWith("is missing or empty"));
    assertArrayEquals(messages, Files.readAllBytes(log));
    assertEquals(isDeleted, Files.notExists(file()), "nothing is made");
    Files.write(file(), whole);
    try (var store = open(file())) {
      assertEquals(FOO, StoreTest.get(store, FOO));
    }
  }

  /** The disk keeps the log, but not what is moved from there into the file. */
  @Test
  void whatTheDiskDoesNotKeepIsMovedAgain() throws Exception {
    Path log = Path.of(file() + "-wal");
    var messages = new ArrayList<String>();
    try (var store = (MsgHashingServer.SqliteStore) open(file())) {
      store.checkpointer.syncing.close();
      while (Files.size(log) < 40_000 * 4096) {
        messages.add(messages.size() + "x".repeat(1 << 16));
        putAndGet(store, messages.getLast());
      }
      Eventually.holds("it was moved", () -> Files.size(file()) > 30_000 * 4096);
      Eventually.holds("SQLite does not take it for moved", () -> moved() == 0);
      store.check();
      assertEquals(1, timesStarted(log), "nothing is written over what the file may lack");
    }
    try (var store = open(file())) {
      for (String message : messages) {
        assertEquals(message, StoreTest.get(store, message));
      }
    }
  }

  /** How many pages SQLite takes for moved from the log into the file. */
  private int moved() throws Exception {
    try (var other = DriverManager.getConnection("jdbc:sqlite:" + file());
        var statement = other.createStatement();
        var row = statement.executeQuery("PRAGMA wal_checkpoint(NOOP)")) {
      return row.getInt("checkpointed");
    }
  }

  /** A limit of pages is the connection's own: no other program can set it. */
  @Test
  void aFileThatMayNotGrowRefusesPostsUntilItMay() throws Exception {
    try (var store = (MsgHashingServer.SqliteStore) open(file());
        var limit = store.writer.connection.createStatement()) {
      limit.execute("PRAGMA max_page_count=64");
      StoreTest.fill(store, 10_000);
      assertTrue(StoreTest.put(store, FOO), "there is room for less");
      store.check();
      var small = new ArrayList<CompletableFuture<Boolean>>();
      for (int i = 0; i < 3; i++) {
        StoreTest.begin(store, i + "z".repeat(10_000));
        small.add(StoreTest.begin(store, i + ""));
      }
      for (var put : small) {
        assertTrue(MsgHashingServer.MessageStore.await(put), "a large one beside it takes no room");
      }
      limit.execute("PRAGMA max_page_count=1000");
      assertTrue(StoreTest.put(store, "y".repeat(10_000)));
      store.check();
    }
  }

  /** Each try takes a few milliseconds, and several hundred more than a caller waits. */
  @Test
  void checksAtTheSameTimeTryTheRefusedMessageOnce() throws Exception {
    try (var store = (MsgHashingServer.SqliteStore) open(file());
        var limit = store.writer.connection.createStatement()) {
      limit.execute("PRAGMA max_page_count=2000");
      String large = "a".repeat(8 << 20);
      StoreTest.assertFails(MsgHashingServer.Problem.FULL, () -> StoreTest.put(store, large));
      StoreTest.assertFullForAll(store, 500);
    }
  }

  /** Of a billion bytes, here of less. */
  @Test
  void aMessageBeyondSqlitesOwnLimitIsRefusedAlone() throws Exception {
    try (var store = (MsgHashingServer.SqliteStore) open(file())) {
      store.writer.connection.setLimit(SQLiteLimits.SQLITE_LIMIT_LENGTH, 9_000);
      StoreTest.assertFails(
          MsgHashingServer.Problem.FULL, () -> StoreTest.put(store, "x".repeat(10_000)));
      store.check();
      assertTrue(StoreTest.put(store, FOO));
    }
  }

  @Test
  void anotherProgramThatWritesForLongIsWaitedForAndThenToldOf() throws Exception {
    makeStoreWithFoo();
    try (var store = open(file());
        var other = new OtherWriter(file())) {
      other.begin();
      long start = RunningTime.nanos();
      Callable<String> posting = () -> StoreTest.assertAway(() -> StoreTest.put(store, "bar"));
      // More than two groups, each of which waits for itself.
      try (var posters = Executors.newVirtualThreadPerTaskExecutor()) {
        for (var told : posters.invokeAll(Collections.nCopies(1000, posting))) {
          told.get();
        }
      }
      assertTrue(RunningTime.nanos() - start < 2_000_000_000L, "within two seconds");
      StoreTest.assertAway(store::check);
      assertEquals(FOO, StoreTest.get(store, FOO), "reads go on");
      other.end();
      assertTrue(StoreTest.put(store, "bar"));

      RunningTime.undisturbed(
          () -> {
            other.begin();
            var put = StoreTest.begin(store, "last");
            Thread.sleep(100);
            other.end();
            assertTrue(MsgHashingServer.MessageStore.await(put), "it is waited for again");
          });
    }
  }

  /** As another server has a file for itself that reads a long log after a crash. */
  @Test
  void aStartWaitsLongerForAnotherProgramThanPostsDo() throws Exception {
    try (var other = new OtherWriter(file());
        var executor = Executors.newSingleThreadExecutor()) {
      other.begin();
      var opening = executor.submit(() -> open(file()));
      Thread.sleep(4000); // longer than sqlite-jdbc would wait
      other.end();
      try (var store = opening.get()) {
        other.begin();
        String told = StoreTest.assertAway(() -> StoreTest.put(store, FOO));
        assertTrue(told.contains("[SQLITE_BUSY]"), told); // and not that it is late
        other.end();
        assertTrue(StoreTest.put(store, FOO));
      }
    }
  }

  /** As a server that hangs in a commit does, or an operator's VACUUM. */
  @Test
  void aProgramThatWritesForLongKeepsNoServerFromStarting() throws Exception {
    makeStoreWithFoo();
    try (var other = new OtherWriter(file())) {
      other.begin();
      try (var store = open(file())) {
        assertEquals(FOO, StoreTest.get(store, FOO));
        StoreTest.assertAway(() -> StoreTest.put(store, "bar"));
        other.end();
        assertTrue(StoreTest.put(store, "bar"));
      }
    }
  }

  @Test
  void aCheckStoresWhatWasRefusedForAnotherProgramThatWrote() throws Exception {
    try (var store = open(file());
        var other = new OtherWriter(file())) {
      other.begin();
      long start = System.nanoTime();
      StoreTest.assertAway(() -> StoreTest.put(store, FOO));
      assertTrue(System.nanoTime() - start > 690_000_000, "it has waited for its turn");
      other.end();
      store.check();
      assertEquals(FOO, StoreTest.get(store, FOO));
    }
  }

  @Test
  void whatTheWriterDidNotForeseeLeavesTheFileToOthers() throws Exception {
    try (var store = open(file());
        var other = new OtherWriter(file())) {
      StoreTest.assertAway(() -> MsgHashingServer.MessageStore.await(store.put(null, new byte[0])));
      other.begin();
      other.end();
      assertTrue(StoreTest.put(store, FOO));
    }
  }

  @Test
  void manyMayOpenANewFileAtOnce() throws Exception {
    open(folder.resolve("loads the library.db")).close();
    for (int round = 0; round < 30; round++) {
      Path file = folder.resolve(round + ".db");
      Callable<Boolean> opening =
          () -> {
            try (var store = open(file)) {
              StoreTest.put(store, FOO);
              return FOO.equals(StoreTest.get(store, FOO));
            }
          };
      try (var executor = Executors.newFixedThreadPool(4)) {
        for (var isThere : executor.invokeAll(Collections.nCopies(4, opening))) {
          assertTrue(isThere.get());
        }
      }
    }
  }

  @Test
  void aLongLogStartsAnewWhileTwoServersAreBusy() throws Exception {
    Path log = folder.resolve("messages.db-wal");
    var next = new AtomicInteger();
    try (var one = open(file());
        var two = open(file());
        var posters = Executors.newFixedThreadPool(16)) {
      var posting = new ArrayList<Callable<Void>>();
      for (int i = 0; i < 16; i++) {
        var store = i % 2 == 0 ? one : two;
        posting.add(
            () -> {
              for (int count = 0; count < 600; count++) {
                String message = next.getAndIncrement() + "x".repeat(1 << 16);
                // On a busy machine one may be late, of which there is no more to tell here.
                StoreTest.unlessAway(() -> putAndGet(store, message));
              }
              return null;
            });
      }
      for (var posted : posters.invokeAll(posting)) {
        posted.get();
      }
      assertTrue(timesStarted(log) > 1);
    }
  }

  /** Or readers that always overlap would make it grow for ever. */
  @Test
  void postsWaitForReadersOnlyWhereTheLogIsFarTooLong() {
    assertTrue(isWorthWaitingFor(30_001, 30_001), "all is moved");
    assertFalse(isWorthWaitingFor(120_000, 118_000));
    assertTrue(isWorthWaitingFor(120_001, 118_000));
    assertFalse(isWorthWaitingFor(120_001, 117_001), "too much is left");
    assertFalse(isWorthWaitingFor(-1, -1), "another server moves it");
  }

  private static boolean isWorthWaitingFor(int length, int moved) {
    return new MsgHashingServer.SqliteStore.Checkpointer.Log(length, moved).isWorthWaitingFor();
  }

  private static boolean putAndGet(MsgHashingServer.MessageStore store, String message)
      throws Exception {
    assertTrue(StoreTest.put(store, message));
    assertEquals(message, StoreTest.get(store, message));
    return true;
  }

  /** From the log's header (sqlite.org/fileformat.html, 4.1), which counts from 0. */
  private static int timesStarted(Path log) throws Exception {
    try (var bytes = new RandomAccessFile(log.toFile(), "r")) {
      bytes.seek(12);
      return 1 + bytes.readInt();
    }
  }

  @Test
  void twoServersOnOneFileWaitForEachOther() throws Exception {
    // Where others take the processors a turn may be missed for 0.7 s, after which a post is 503.
    RunningTime.undisturbed(this::postByTwoServersOnOneFile);
  }

  private void postByTwoServersOnOneFile() throws Exception {
    String choice = "sqlite:" + file();
    try (var one = ServerProcess.start("--store", choice);
        var two = ServerProcess.start("--store", choice);
        var posters = Posters.start(16, List.of(one, two))) {
      posters.awaitAcknowledged(1000);
      posters.stop();
      assertEquals(List.of(), List.copyOf(posters.refusals));
      Poster.assertServed(posters.acknowledged, one);
      Poster.assertServed(posters.acknowledged, two);
    }
  }
}
