///usr/bin/env jbang "$0" "$@" ; exit $?
//JAVA 25+
//SOURCES FindPairBenchmark.java
//SOURCES MsgHashingServerBenchmark.java
//DESCRIPTION Measures both tools: every figure of README.md and docs/ that this machine can

/** Runs the benchmarks of both tools, one after the other. */
public class Benchmark {
  public static void main(String[] arguments) throws Exception {
    if (arguments.length > 0) {
      System.err.println(
          "usage: benchmark; see benchmark-find-pair and benchmark-msg-hashing-server for parts of"
              + " it");
      System.exit(2);
    }
    MsgHashingServerBenchmark.main(arguments);
    FindPairBenchmark.main(arguments);
  }
}
