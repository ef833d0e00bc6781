import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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

  @TempDir Path folder;

  @Test
  void aMessageIsStoredAndLookedUp() throws Exception {
    try (var tester = HttpTester.start();
        var browser = browse(tester)) {
      assertEquals(HttpTester.FOO, browser.run(SUBMIT.formatted("message", "foo")));
      assertEquals(HttpTester.FOO, browser.run("document.querySelector('#digest').value"));
      assertEquals("foo", browser.run(SUBMIT.formatted("digest", HttpTester.FOO)));
      String none = "0".repeat(64);
      assertEquals("Message not found", browser.run(SUBMIT.formatted("digest", none)));
      assertTrue(browser.run(BEFORE_FOUND).contains("Error: "), "no message says so itself");
      assertEquals(200, tester.get("/messages/" + HttpTester.FOO).status());
      String pasted = "/messages/" + HttpTester.FOO.toUpperCase() + " ";
      assertEquals("foo", browser.run(SUBMIT.formatted("digest", pasted)));
      assertEquals(
          "A digest is 64 hex digits.", browser.run(SUBMIT.formatted("digest", none + "0")));
    }
  }

  @Test
  void theEmptyMessageIsTold() throws Exception {
    try (var tester = HttpTester.start();
        var browser = browse(tester)) {
      String digest = browser.run(SUBMIT.formatted("message", ""));
      browser.run("document.querySelector('#look-up button').click() ?? ''");
      assertEquals(64, digest.length());
      Eventually.holds(
          "it is told", () -> browser.run(BEFORE_FOUND).contains("The empty message."));
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
        var browser = browse(tester)) {
      browser.run(SUBMIT.formatted("message", "foo"));
      browser.run(
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
      assertEquals(told, browser.run(SUBMIT.formatted("digest", next)));
      String waited =
          "(async () => { release(); await fetch('/messages/%s'); await new Promise(r =>"
              + " setTimeout(r, 100)); return document.querySelector('#found').textContent; })()";
      assertEquals(told, browser.run(waited.formatted(HttpTester.FOO)));
    }
  }

  /** By the server's end, or by a proxy whose errors are no JSON, or JSON of another form. */
  @Test
  void thatThereIsNoAnswerOfTheServersIsTold() throws Exception {
    try (var tester = HttpTester.start();
        var browser = browse(tester)) {
      tester.server.stop();
      String told = browser.run(SUBMIT.formatted("message", "foo"));
      assertTrue(told.startsWith("The server did not answer: "), told);
      browser.run("window.fetch = async () => new Response('<html>', { status: 502 }); ''");
      assertEquals(
          "The answer was only a status, 502.",
          browser.run(SUBMIT.formatted("digest", HttpTester.FOO)));
      browser.run(
          "window.fetch = async () => Response.json({ message: 'no' }, { status: 503 }); ''");
      for (String asked : List.of("message", "digest")) {
        assertEquals(
            "The answer was only a status, 503.",
            browser.run(SUBMIT.formatted(asked, HttpTester.FOO)));
      }
    }
  }

  /** As a proxy may show it, which takes the folder away before it asks the server. */
  @Test
  void thePageWorksBelowAFolder() throws Exception {
    try (var tester = HttpTester.start();
        var browser = browse(tester)) {
      browser.run(
          """
          history.replaceState(null, '', '/store/');
          window.asked = [];
          window.fetch = async path => {
            asked.push(new URL(path, location).pathname);
            return new Response('', { status: 404 });
          };
          ''
          """);
      browser.run(SUBMIT.formatted("message", "foo"));
      browser.run(SUBMIT.formatted("digest", HttpTester.FOO));
      assertEquals(
          "/store/messages /store/messages/" + HttpTester.FOO, browser.run("asked.join(' ')"));
    }
  }

  /** Where a reader of the screen has to say what a field is for, and what has come. */
  @Test
  void fieldsHaveNamesAndAnswersAreAnnounced() throws Exception {
    try (var tester = HttpTester.start();
        var browser = browse(tester)) {
      String names = "[...document.querySelectorAll('input, textarea')].map(field =>";
      assertEquals(
          "Access token, Store a message, Look up a digest",
          browser.run(names + " field.labels[0].textContent).join(', ')"));
      String silent = "'' + document.querySelectorAll('output:not([aria-live=polite])').length";
      assertEquals("0", browser.run(silent));
    }
  }

  @Test
  void aMessageCannotScriptThePage() throws Exception {
    try (var tester = HttpTester.start();
        var browser = browse(tester)) {
      String attack = "<img src=x onerror=document.title=1><script>document.title=2</script>";
      String digest = browser.run(SUBMIT.formatted("message", attack));
      assertEquals(attack, browser.run(SUBMIT.formatted("digest", digest)));
      assertEquals("Message store", browser.run("document.title"));
      assertEquals("0", browser.run("'' + document.images.length"));
    }
  }

  @Test
  void aTokenIsAskedForWhenItIsWanted() throws Exception {
    var environment = Map.of("MSG_HASHING_TOKEN", "sécret …");
    try (var tester =
            HttpTester.start(MsgHashingServer.Timeouts.DEFAULT, environment, "--private");
        var browser = browse(tester)) {
      assertEquals("true", browser.run("'' + document.querySelector('#access').hidden"));
      assertTrue(browser.run(SUBMIT.formatted("message", "foo")).startsWith("this needs a token"));
      assertEquals("false", browser.run("'' + document.querySelector('#access').hidden"));
      assertEquals("token", browser.run("document.activeElement.id"));
      browser.run("document.querySelector('#token').value = 'wrong'");
      assertEquals("this is not the token", browser.run(SUBMIT.formatted("message", "foo")));
      String again =
          "document.querySelector('#token').value = 'sécret …';"
              + " document.querySelector('#access button').click() ?? ''";
      browser.run(again);
      String stored = "document.querySelector('#stored').textContent";
      Eventually.holds("it is stored", () -> browser.run(stored).contains(HttpTester.FOO));
      browser.run("document.querySelector('#token').value = ''");
      String refused = browser.run(SUBMIT.formatted("digest", HttpTester.FOO));
      assertTrue(refused.startsWith("this needs a token"), refused);
      browser.run(again);
      String found = "document.querySelector('#found').textContent";
      Eventually.holds("it is found", () -> browser.run(found).equals("foo"));
    }
  }

  private Browser browse(HttpTester tester) throws Exception {
    return Started.by(new Browser(tester), Browser::connect);
  }

  /** A browser that shows the page, driven by the Chrome DevTools Protocol. */
  private final class Browser implements AutoCloseable {
    private final Path err = folder.resolve("err");
    private final Process process;
    private final HttpClient client = HttpClient.newHttpClient();
    private final Answers answers = new Answers();
    private WebSocket socket;

    Browser(HttpTester tester) throws IOException {
      var start =
          new ProcessBuilder(
                  List.of(
                      chromium(),
                      "--headless",
                      "--no-sandbox",
                      "--disable-gpu",
                      "--remote-debugging-port=0",
                      "--user-data-dir=" + folder.resolve("profile"),
                      "http://127.0.0.1:" + tester.port + "/"))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(err.toFile());
      start.environment().put("TMPDIR", folder.toString()); // it would leave a folder behind
      process = start.start();
    }

    /** Connects to the page whose browser tells its own address among its errors. */
    private void connect() throws Exception {
      String host = "ws://([^/]+)/";
      Eventually.holds("the browser listens", () -> find(host, Files.readString(err)) != null);
      URI list = URI.create("http://" + find(host, Files.readString(err)) + "/json/list");
      String page = "\"webSocketDebuggerUrl\": \"(ws:[^\"]+/page/[^\"]+)\"";
      Eventually.holds("it has a page", () -> find(page, get(list)) != null);
      URI address = URI.create(find(page, get(list)));
      socket = client.newWebSocketBuilder().buildAsync(address, answers).get();
      String state = "document.readyState + ' ' + location.protocol";
      Eventually.holds("the page is shown", () -> run(state).equals("complete http:"));
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

    private String get(URI address) throws IOException, InterruptedException {
      return client
          .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }

    /** Evaluates an expression in the page; its value, a text. */
    String run(String expression) throws Exception {
      String quoted = expression.replace("\n", " ");
      answers.next = new CompletableFuture<>();
      socket.sendText(
          """
          {"id": 1, "method": "Runtime.evaluate",
           "params": {"expression": "%s", "awaitPromise": true, "returnByValue": true}}
          """
              .formatted(quoted),
          true);
      String answer = answers.next.get(30, TimeUnit.SECONDS);
      String value = find("\"value\":\"((?:[^\"\\\\]|\\\\.)*)\"", answer);
      if (value == null) {
        throw new AssertionError(expression + " gave " + answer);
      }
      return value.replace("\\u003C", "<");
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
