import module java.base;
import module java.sql;

/** Another program that opens a SQLite file. */
final class Sqlite {
  private Sqlite() {}

  /** The first value of an answer, as text; null when there is none. */
  static String ask(Path file, String question) throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        var statement = connection.createStatement()) {
      return statement.execute(question) ? statement.getResultSet().getString(1) : null;
    }
  }
}
