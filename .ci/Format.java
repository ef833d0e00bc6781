///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//DEPS com.google.googlejavaformat:google-java-format:1.37.0
//RUNTIME_OPTIONS --add-exports=jdk.compiler/com.sun.tools.javac.api=ALL-UNNAMED
//RUNTIME_OPTIONS --add-exports=jdk.compiler/com.sun.tools.javac.code=ALL-UNNAMED
//RUNTIME_OPTIONS --add-exports=jdk.compiler/com.sun.tools.javac.file=ALL-UNNAMED
//RUNTIME_OPTIONS --add-exports=jdk.compiler/com.sun.tools.javac.parser=ALL-UNNAMED
//RUNTIME_OPTIONS --add-exports=jdk.compiler/com.sun.tools.javac.tree=ALL-UNNAMED
//RUNTIME_OPTIONS --add-exports=jdk.compiler/com.sun.tools.javac.util=ALL-UNNAMED
//DESCRIPTION Formats the Java files, or with --check only names those that are not formatted

import module java.base;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;

/**
 * Formats the Java files of a checkout with google-java-format, all but their headers.
 *
 * <p>The header is the lines above the first blank one: the formatter would put a blank behind each
 * {@code //}, and JBang would no longer see a directive there.
 *
 * <p>With {@code --check} nothing is written and the exit code is 1 when a file is not formatted.
 */
public class Format {
  private static final List<String> FOLDERS = List.of("", "tests", "bench", "bench/peers", ".ci");

  public static void main(String[] arguments) throws IOException, FormatterException {
    boolean check = List.of(arguments).equals(List.of("--check"));
    if (arguments.length > 0 && !check) {
      System.err.println("usage: format [--check]");
      System.exit(2);
    }
    int unformatted = 0;
    Path checkout = checkout();
    for (Path file : javaFiles(checkout)) {
      String text = Files.readString(file);
      String formatted = format(text);
      if (!formatted.equals(text)) {
        System.out.println((check ? "not formatted: " : "formatted: ") + checkout.relativize(file));
        unformatted++;
        if (!check) {
          Files.writeString(file, formatted);
        }
      }
    }
    System.exit(check && unformatted > 0 ? 1 : 0);
  }

  /** The folder with the catalog, in which or below which this was started. */
  private static Path checkout() {
    Path folder = Path.of("").toAbsolutePath();
    while (Files.notExists(folder.resolve("jbang-catalog.json"))) {
      folder = folder.getParent();
      if (folder == null) {
        System.err.println("format: this is no checkout");
        System.exit(2);
      }
    }
    return folder;
  }

  private static List<Path> javaFiles(Path checkout) throws IOException {
    try (Stream<Path> files = Files.walk(checkout, 3)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> FOLDERS.contains(checkout.relativize(file.getParent()).toString()))
          .sorted()
          .toList();
    }
  }

  private static String format(String text) throws FormatterException {
    int body = text.startsWith("//") ? text.indexOf("\n\n") + 2 : 0;
    return text.substring(0, body)
        + new Formatter().formatSourceAndFixImports(text.substring(body));
  }
}
