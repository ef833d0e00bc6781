import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import module java.base;
import module java.net.http;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page in a real browser: Debian's chromium, where it is installed. */
@Timeout(120)
class HttpPageTest {
  /** Types a text, presses the form's button and waits for what the form then shows. */
  private static final String SUBMIT =
      """
      (async () => {
        document.querySelector('#%1$s').value = '%2$s';
        const form = document.querySelector('#%1$s').form;
        form.querySelector('output').textContent = '';
        form.querySelector('button').click();
        while (!form.querySelector('output').textContent) await new Promise(r => setTimeout(r, 10));
        return form.querySelector('output').textContent;
      })()
      """;

  /** What the page shows before the text of a look-up. */
  private static final String BEFORE_FOUND =
      "getComputedStyle(document.querySelector('#found'), '::before').content";

  @TempDir static Path folder;

  /** One for all tests, each of which has a page of its own; null before the first. */
  private static Browser browser;

  @AfterAll
  static void closeBrowser() {
    if (browser != null) {
      browser.close();
    }
  }

  @Test
  void aMessageIsStoredAndLookedUp() throws Exception {
    try (var tester = HttpTester.start();
        var page = Page.of(tester)) {
      assertEquals(HttpTester.FOO, page.run(SUBMIT.formatted("message", "foo")));
      assertEquals(HttpTester.FOO, page.run("document.querySelector('#digest').value"));
      assertEquals("foo", page.run(SUBMIT.formatted("digest", HttpTester.FOO)));
      String none = "0".repeat(64);
      assertEquals("Message not found", page.run(SUBMIT.formatted("digest", none)));
      assertTrue(page.run(BEFORE_FOUND).contains("Error: "), "no message says so itself");
      assertEquals(200, tester.get("/messages/" + HttpTester.FOO).status());
      String pasted = "/messages/" + HttpTester.FOO.toUpperCase() + " ";
      assertEquals("foo", page.run(SUBMIT.formatted("digest", pasted)));
      assertEquals("A digest is 64 hex digits.", page.run(SUBMIT.formatted("digest", none + "0")));
    }
  }

  @Test
  void theEmptyMessageIsTold() throws Exception {
    try (var tester = HttpTester.start();
        var page = Page.of(tester)) {
      String digest = page.run(SUBMIT.formatted("message", ""));
      page.run("document.querySelector('#look-up button').click() ?? ''");
      assertEquals(64, digest.length());
      Eventually.holds("it is told", () -> page.run(BEFORE_FOUND).contains("The empty message."));
    }
  }

  /** The field is so by its style alone: dir="auto" stops Chromium at a long message. */
  @Test
  void eachLineIsWrittenFromTheSideThatItsLettersWant() throws Exception {
    try (var tester = HttpTester.start();
        var page = Page.of(tester)) {
      String field = "document.querySelector('#message')";
      assertEquals("plaintext", page.run("getComputedStyle(" + field + ").unicodeBidi"));
      assertEquals("", page.run(field + ".dir"));
    }
  }

  /** Whether the server is asked for the next one, or not. */
  @ParameterizedTest
  @CsvSource({
    "0000000000000000000000000000000000000000000000000000000000000000, Message not found",
    "none, A digest is 64 hex digits."
  })
  void aLateAnswerDoesNotTakeTheNextOnesPlace(String next, String told) throws Exception {
    try (var tester = HttpTester.start();
        var page = Page.of(tester)) {
      page.run(SUBMIT.formatted("message", "foo"));
      page.run(
          """
          const answered = fetch;
          let release;
          window.late = new Promise(r => release = r);
          window.fetch = (path, request) => path.endsWith('%s')
            ? late.then(() => answered(path, request)) : answered(path, request);
          const digest = document.querySelector('#digest');
          digest.value = '%s';
          digest.form.querySelector('button').click();
          window.release = release;
          '' + release
          """
              .formatted(HttpTester.FOO, HttpTester.FOO));
      assertEquals(told, page.run(SUBMIT.formatted("digest", next)));
      String waited =
          "(async () => { release(); await fetch('/messages/%s'); await new Promise(r =>"
              + " setTimeout(r, 100)); return document.querySelector('#found').textContent; })()";
      assertEquals(told, page.run(waited.formatted(HttpTester.FOO)));
    }
  }

  /** By the server's end, or by a proxy whose errors are no JSON, or JSON of another form. */
  @Test
  void thatThereIsNoAnswerOfTheServersIsTold() throws Exception {
    try (var tester = HttpTester.start();
        var page = Page.of(tester)) {
      tester.server.stop();
      String told = page.run(SUBMIT.formatted("message", "foo"));
      assertTrue(told.startsWith("The server did not answer: "), told);
      page.run("window.fetch = async () => new Response('<html>', { status: 502 }); ''");
      assertEquals(
          "The server answered only with status 502.",
          page.run(SUBMIT.formatted("digest", HttpTester.FOO)));
      for (String object : List.of("{ message: 'no' }", "null")) {
        String fetch = "window.fetch = async () => Response.json(%s, { status: 503 }); ''";
        page.run(fetch.formatted(object));
        for (String asked : List.of("message", "digest")) {
          assertEquals(
              "The server answered only with status 503.",
              page.run(SUBMIT.formatted(asked, HttpTester.FOO)));
        }
      }
    }
  }

  /** As when the connection breaks on the way of a long message. */
  @Test
  void anAnswerThatIsCutOffIsTold() throws Exception {
    try (var tester = HttpTester.start();
        var page = Page.of(tester)) {
      page.run(
          """
          window.fetch = async () => new Response(new ReadableStream({
            start(answer) {
              answer.enqueue(new TextEncoder().encode('{'));
              answer.error(new TypeError('network error'));
            }
          }));
          ''
          """);
      String told = page.run(SUBMIT.formatted("digest", HttpTester.FOO));
      assertTrue(told.startsWith("The server did not answer: "), told);
    }
  }

  /** As a proxy may show it, which takes the folder away before it asks the server. */
  @Test
  void thePageWorksBelowAFolder() throws Exception {
    try (var tester = HttpTester.start();
        var page = Page.of(tester)) {
      page.run(
          """
          history.replaceState(null, '', '/store/');
          window.asked = [];
          window.fetch = async path => {
            asked.push(new URL(path, location).pathname);
            return new Response('', { status: 404 });
          };
          ''
          """);
      page.run(SUBMIT.formatted("message", "foo"));
      page.run(SUBMIT.formatted("digest", HttpTester.FOO));
      assertEquals(
          "/store/messages /store/messages/" + HttpTester.FOO, page.run("asked.join(' ')"));
    }
  }

  /** Where a reader of the screen has to say what a field is for, and what has come. */
  @Test
  void fieldsHaveNamesAndAnswersAreAnnounced() throws Exception {
    try (var tester = HttpTester.start();
        var page = Page.of(tester)) {
      String names = "[...document.querySelectorAll('input, textarea')].map(field =>";
      assertEquals(
          "Access token, Store a message, Look up a digest",
          page.run(names + " field.labels[0].textContent).join(', ')"));
      String silent = "'' + document.querySelectorAll('output:not([aria-live=polite])').length";
      assertEquals("0", page.run(silent));
    }
  }

  @Test
  void aMessageCannotScriptThePage() throws Exception {
    try (var tester = HttpTester.start();
        var page = Page.of(tester)) {
      String attack = "<img src=x onerror=document.title=1><script>document.title=2</script>";
      String digest = page.run(SUBMIT.formatted("message", attack));
      assertEquals(attack, page.run(SUBMIT.formatted("digest", digest)));
      assertEquals("Message store", page.run("document.title"));
      assertEquals("0", page.run("'' + document.images.length"));
    }
  }

  @Test
  void aTokenIsAskedForWhenItIsWanted() throws Exception {
    var environment = Map.of("MSG_HASHING_TOKEN", "sécret …");
    try (var tester =
            HttpTester.start(MsgHashingServer.Timeouts.DEFAULT, environment, "--private");
        var page = Page.of(tester)) {
      assertEquals("true", page.run("'' + document.querySelector('#access').hidden"));
      assertTrue(page.run(SUBMIT.formatted("message", "foo")).startsWith("this needs a token"));
      assertEquals("false", page.run("'' + document.querySelector('#access').hidden"));
      assertEquals("token", page.run("document.activeElement.id"));
      page.run("document.querySelector('#token').value = 'wrong'");
      assertEquals("this is the wrong token", page.run(SUBMIT.formatted("message", "foo")));
      String again =
          "document.querySelector('#token').value = 'sécret …';"
              + " document.querySelector('#access button').click() ?? ''";
      page.run(again);
      String stored = "document.querySelector('#stored').textContent";
      Eventually.holds("it is stored", () -> page.run(stored).contains(HttpTester.FOO));
      page.run("document.querySelector('#token').value = ''");
      String refused = page.run(SUBMIT.formatted("digest", HttpTester.FOO));
      assertTrue(refused.startsWith("this needs a token"), refused);
      page.run(again);
      String found = "document.querySelector('#found').textContent";
      Eventually.holds("it is found", () -> page.run(found).equals("foo"));
    }
  }

  /** A browser, driven by the Chrome DevTools Protocol. */
  private static final class Browser implements AutoCloseable {
    private final Path err = folder.resolve("err");
    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private String address;

    Browser() throws IOException {
      var start =
          new ProcessBuilder(
                  List.of(
                      chromium(),
                      "--headless",
                      "--no-sandbox",
                      "--disable-gpu",
                      "--remote-debugging-port=0",
                      "--user-data-dir=" + folder.resolve("profile")))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(err.toFile());
      start.environment().put("TMPDIR", folder.toString()); // it would leave a folder behind
      process = start.start();
    }

    /** It tells its own address among its errors. */
    private void awaitAddress() throws Exception {
      String host = "ws://([^/]+)/";
      Eventually.holds("the browser listens", () -> find(host, Files.readString(err)) != null);
      address = "http://" + find(host, Files.readString(err));
    }

    private static String chromium() {
      var found =
          Stream.of(System.getenv("PATH").split(":"))
              .map(folder -> Path.of(folder, "chromium"))
              .filter(Files::isExecutable)
              .findFirst();
      assumeTrue(found.isPresent(), "chromium is not installed: the page is not tested");
      return found.get().toString();
    }

    /** Has it show an address on a new page; where that is driven. */
    URI open(String shown) throws IOException, InterruptedException {
      var request = HttpRequest.newBuilder(URI.create(address + "/json/new?" + shown));
      var put = request.PUT(HttpRequest.BodyPublishers.noBody()).build();
      String made = client.send(put, HttpResponse.BodyHandlers.ofString()).body();
      return URI.create(find("\"webSocketDebuggerUrl\": \"(ws:[^\"]+)\"", made));
    }

    @Override
    public void close() {
      // Whatever still runs would still write to the folder that is about to be deleted.
      var all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
      all.forEach(ProcessHandle::destroyForcibly);
      all.forEach(handle -> handle.onExit().join());
      client.close();
    }
  }

  /** The server's page in the browser. */
  private static final class Page implements AutoCloseable {
    private final Answers answers = new Answers();
    private final WebSocket socket;

    private Page(URI address) {
      socket = browser.client.newWebSocketBuilder().buildAsync(address, answers).join();
    }

    static Page of(HttpTester tester) throws Exception {
      if (browser == null) {
        browser = Started.by(new Browser(), Browser::awaitAddress);
      }
      String state = "document.readyState + ' ' + location.protocol";
      return Started.by(
          new Page(browser.open("http://127.0.0.1:" + tester.port + "/")),
          page ->
              Eventually.holds(
                  "the page is shown", () -> page.run(state).equals("complete http:")));
    }

    /** Evaluates an expression in the page; its value, a text. */
    String run(String expression) throws Exception {
      String quoted = expression.replace("\n", " ");
      String answer =
          send(
              """
              {"id": 1, "method": "Runtime.evaluate",
               "params": {"expression": "%s", "awaitPromise": true, "returnByValue": true}}
              """
                  .formatted(quoted));
      String value = find("\"value\":\"((?:[^\"\\\\]|\\\\.)*)\"", answer);
      if (value == null) {
        throw new AssertionError(expression + " gave " + answer);
      }
      return value.replace("\\u003C", "<");
    }

    private String send(String message) throws Exception {
      answers.next = new CompletableFuture<>();
      socket.sendText(message, true);
      return answers.next.get(30, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws Exception {
      send("{\"id\": 2, \"method\": \"Page.close\"}");
      socket.abort(); // the client could not be closed before
    }
  }

  /** Collects what the browser answers. */
  private static final class Answers implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();
    private volatile CompletableFuture<String> next;

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        next.complete(text.toString());
        text.setLength(0);
      }
      socket.request(1);
      return null;
    }
  }

  private static String find(String pattern, String text) {
    var found = Pattern.compile(pattern).matcher(text);
    return found.find() ? found.group(1) : null;
  }
}
