import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The ways in that the catalog gives: aliases, a named catalog, installed commands. */
@Timeout(300)
class CatalogTest {
  private static final String BEST_PAIR = "Candy Bar 500, Earmuffs 2000\n";

  /** JBang's own folder in these tests, empty at first. */
  @TempDir Path jbang;

  private final Path checkout = Command.checkout();
  private final String prices = checkout.resolve("prices.txt").toString();
  private Map<String, String> environment;

  @BeforeEach
  void separateFromTheUsersJbang() {
    environment =
        Map.of(
            "JBANG_DIR",
            jbang.toString(),
            "JBANG_CACHE_DIR",
            jbang.resolve("cache").toString(),
            "PATH",
            jbang.resolve("bin") + ":" + checkout + ":" + System.getenv("PATH"));
  }

  @Test
  void everyAliasIsListedWithItsDescription() throws Exception {
    String catalog = Files.readString(checkout.resolve("jbang-catalog.json"));
    String list = jbang(checkout, "alias", "list").out();
    var aliases = Pattern.compile("\"([a-z-]+)\": \\{\\s+\"script-ref\"").matcher(catalog);
    int count = 0;
    for (; aliases.find(); count++) {
      // A name, then an indented line for the description and one for the script.
      String described = "(?ms).*^" + aliases.group(1) + "\n   \\S.{20,}?\n   \\S+\\.java$.*";
      assertTrue(list.matches(described), aliases.group(1) + " in:\n" + list);
    }
    assertTrue(count >= 4, count + " aliases in:\n" + catalog);
  }

  @Test
  void anAliasRunsInTheCheckoutAndByANamedCatalogOrInstalledAnywhere() throws Exception {
    assertEquals(BEST_PAIR, jbang(checkout, "find-pair", "prices.txt", "2500").out());

    String catalog = checkout.resolve("jbang-catalog.json").toString();
    assertEquals(0, jbang(jbang, "catalog", "add", "--name", "gifts", catalog).code());
    assertEquals(BEST_PAIR, jbang(jbang, "find-pair@gifts", prices, "2500").out());

    assertEquals(0, jbang(jbang, "app", "install", "find-pair@gifts").code());
    var installed = List.of(jbang.resolve("bin/find-pair").toString(), prices, "2500");
    assertEquals(BEST_PAIR, Command.run(jbang, environment, "", installed).out());

    assertEquals(0, jbang(jbang, "app", "install", "msg-hashing-server@gifts").code());
    var server = List.of(jbang.resolve("bin/msg-hashing-server").toString(), "--no-such-option");
    String problem = "MsgHashingServer: Unrecognized option: --no-such-option";
    String told = Command.run(jbang, environment, "", server).err();
    assertTrue(told.contains(problem), told);
  }

  private Command jbang(Path folder, String... arguments) throws Exception {
    var words = new ArrayList<>(List.of(checkout.resolve("jbang").toString()));
    words.addAll(List.of(arguments));
    return Command.run(folder, environment, "", words);
  }
}
