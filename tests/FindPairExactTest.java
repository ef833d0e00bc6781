import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import module java.base;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every way to an answer beside an oracle that tries all selections, on thousands of small lists.
 *
 * <p>A failure names the seed of its list.
 */
@Timeout(120)
class FindPairExactTest {
  private static final int LISTS = 4000;

  /** A list's prices in the order of its lines, a balance and a number of gifts. */
  private record Case(long seed, long[] prices, long balance, int gifts) {
    /** Ties, equal prices, common divisors, some dear prices, and balances near sums. */
    static Case sorted(long seed) {
      var random = new Random(seed);
      int most = new int[] {3, 12, 60, 1000, 100_000}[random.nextInt(5)];
      int step = new int[] {1, 1, 5, 100}[random.nextInt(4)];
      int rest = random.nextInt(step) + 1;
      int dear = new int[] {0, 0, 1, 4}[random.nextInt(4)];
      long[] prices =
          random
              .longs(random.nextInt(13), 0, most)
              .map(price -> random.nextInt(8) < dear ? price + 7 * most : price)
              .map(price -> price * step + rest)
              .toArray();
      int gifts = 1 + random.nextInt(6);
      long sum = Arrays.stream(prices).limit(gifts).sum();
      Arrays.sort(prices);
      return new Case(seed, prices, sum + random.nextInt(step * 5) - step, gifts);
    }

    static Case unsorted(long seed) {
      Case sorted = sorted(seed);
      Long[] prices = Arrays.stream(sorted.prices).boxed().toArray(Long[]::new);
      Collections.shuffle(Arrays.asList(prices), new Random(seed));
      long[] shuffled = Arrays.stream(prices).mapToLong(price -> price).toArray();
      return new Case(seed, shuffled, sorted.balance, sorted.gifts);
    }

    /** The line numbers of all best selections, in tie order. */
    List<int[]> best() {
      int[] byPrice =
          IntStream.range(0, prices.length)
              .boxed()
              .sorted(Comparator.comparingLong(i -> prices[i]))
              .mapToInt(i -> i)
              .toArray();
      var best = new ArrayList<int[]>();
      select(byPrice, 0, new int[0], best);
      best.sort((a, b) -> Arrays.compare(prices(a), prices(b)));
      return best;
    }

    private void select(int[] byPrice, int from, int[] chosen, List<int[]> best) {
      if (chosen.length < gifts) {
        for (int i = from; i < byPrice.length; i++) {
          int[] more = Arrays.copyOf(chosen, chosen.length + 1);
          more[chosen.length] = byPrice[i];
          select(byPrice, i + 1, more, best);
        }
        return;
      }
      long sum = sum(chosen);
      long most = best.isEmpty() ? 0 : sum(best.getFirst());
      if (sum > most && sum <= balance) {
        best.clear();
      }
      if (sum >= most && sum <= balance) {
        best.add(chosen);
      }
    }

    private long sum(int[] lines) {
      return sum(prices(lines));
    }

    private long[] prices(int[] lines) {
      return Arrays.stream(lines).mapToLong(line -> prices[line]).toArray();
    }

    /** The prices of the best selection; none where none is possible. */
    long[] bestPrices() {
      return best().stream().findFirst().map(this::prices).orElse(new long[0]);
    }

    /** The prices of all best selections of three of a sorted list, in tie order. */
    List<long[]> bestThree() {
      var best = new TreeSet<long[]>(Arrays::compare);
      for (int i = 0; i < prices.length; i++) {
        for (int j = i + 1; j < prices.length; j++) {
          int end = Arrays.binarySearch(prices, balance - prices[i] - prices[j]);
          int last = end < 0 ? -end - 2 : end;
          while (last >= j && last + 1 < prices.length && prices[last + 1] == prices[last]) {
            last++;
          }
          if (last > j) {
            var three = new long[] {prices[i], prices[j], prices[last]};
            long more = best.isEmpty() ? 1 : Long.compare(sum(three), sum(best.first()));
            if (more > 0) {
              best.clear();
            }
            if (more >= 0) {
              best.add(three);
            }
          }
        }
      }
      return List.copyOf(best);
    }

    private static long sum(long[] some) {
      return Arrays.stream(some).sum();
    }

    String expected(int most) {
      var lines = best().stream().limit(most).map(this::line).toList();
      return lines.isEmpty() ? "Not possible\n" : String.join("", lines);
    }

    private String line(int[] lines) {
      return Arrays.stream(lines)
              .mapToObj(line -> "item " + line + " " + prices[line])
              .collect(Collectors.joining(", "))
          + "\n";
    }

    FindPair.Text text() {
      return text(-1);
    }

    FindPair.Text text(int bad) {
      String lines =
          IntStream.range(0, prices.length)
              .mapToObj(
                  line -> "item " + line + (line == bad ? bad(prices[line]) : ", " + prices[line]))
              .collect(Collectors.joining("\n", "", seed % 2 == 0 ? "\n" : ""));
      return FindPairExactTest.text(lines);
    }

    private String bad(long price) {
      return switch ((int) (seed % 3)) {
        case 0 -> "; " + price;
        case 1 -> ",-" + price;
        default -> ", " + (price + ":").replaceFirst(".:", ":"); // the character behind 9
      };
    }

    String answer(boolean presorted, boolean all) {
      var out = new ByteArrayOutputStream();
      var request = new FindPair.Request("list", balance, gifts, presorted, false, all);
      FindPair.find(request, text(), out, new PrintStream(OutputStream.nullOutputStream()));
      return out.toString(UTF_8);
    }
  }

  private static FindPair.Text text(String lines) {
    return new FindPair.Text("list", MemorySegment.ofArray(lines.getBytes(UTF_8)));
  }

  @Test
  void sortedLists() {
    forEachList(1, seed -> checkAnswers(Case.sorted(seed), false));
  }

  @Test
  void presortedLists() {
    forEachList(10_001, seed -> checkAnswers(Case.sorted(seed), true));
  }

  @Test
  void unsortedLists() {
    forEachList(20_001, seed -> checkAnswers(Case.unsorted(seed), false));
  }

  private static void checkAnswers(Case list, boolean presorted) {
    String seed = "seed " + list.seed();
    assertEquals(list.expected(1), list.answer(presorted, false), seed);
    assertEquals(list.expected(Integer.MAX_VALUE), list.answer(presorted, true), seed);
  }

  /** Few endings, but for some odd prices, and a balance that may end otherwise. */
  @Test
  void threeOfThousandsOfShopPrices() {
    for (long seed = 75_001; seed < 75_021; seed++) {
      var random = new Random(seed);
      int[] endings = {0, 95, 99, 50};
      int kinds = 1 + random.nextInt(endings.length);
      int odd = random.nextInt(3);
      int most = random.nextBoolean() ? 500 : 100_000;
      long[] prices =
          IntStream.range(0, 2000)
              .mapToLong(i -> i < odd ? random.nextInt(100) : endings[random.nextInt(kinds)])
              .map(ending -> 100 * (1 + random.nextInt(most)) + ending)
              .sorted()
              .toArray();
      checkThree(new Case(seed, prices, random.nextInt(400 * most), 3));
    }
  }

  /** A few are far above the others, and above each other. */
  @Test
  void threeOfThousandsOfPricesInBands() {
    for (long seed = 76_001; seed < 76_061; seed++) {
      var random = new Random(seed);
      int dear = 1 + random.nextInt(30);
      int most = 1 + random.nextInt(3000);
      long far = (long) most << random.nextInt(8);
      long[] prices =
          IntStream.range(0, 1000)
              .mapToLong(i -> 1 + random.nextInt(most) + (i < dear ? far * random.nextInt(9) : 0))
              .sorted()
              .toArray();
      checkThree(new Case(seed, prices, random.nextLong(20 * far), 3));
    }
  }

  private static void checkThree(Case list) {
    var best = new ArrayList<long[]>();
    var text = FindPair.PriceList.trust(list.text());
    long[] first = text.best(3, list.balance);
    if (first.length > 0) {
      long sum = Arrays.stream(first).sum();
      text.candidates(3, sum).each(first[0], 3, sum, best::add);
    }
    assertArrayEquals(list.bestThree().toArray(), best.toArray(), "seed " + list.seed);
  }

  /** Between the dear two and what fits beside them: without a look at gaps, 5 x 10^9 steps. */
  @ParameterizedTest
  @ValueSource(ints = {3, 4})
  void aBalanceInAGap(int gifts) {
    long[] all = LongStream.range(0, 100_002).toArray();
    all[100_000] *= 10;
    all[100_001] *= 11;
    int[] dearest = IntStream.range(100_001 - gifts, 100_000).toArray();
    int[] expected = IntStream.concat(Arrays.stream(dearest), IntStream.of(100_001)).toArray();
    assertQuicklyWalked(expected, all, 1_500_000);
  }

  /** Of dear prices as far from each other as from the others, whose sums have equal gaps too. */
  @Test
  void aBalanceInOneOfManyEqualGaps() {
    long[] all = LongStream.range(0, 100_014).map(i -> i < 100_000 ? i : 0).toArray();
    for (int i = 0; i < 14; i++) {
      all[100_000 + i] = 1_000_000 * (i + 1);
    }
    assertQuicklyWalked(new int[] {99_998, 99_999, 100_013}, all, 14_500_000);
  }

  /** The sums of three prices in six bands are in 45 ranges. */
  @Test
  void aBalanceBetweenTheSumsOfBands() {
    long[] all =
        LongStream.range(0, 600)
            .map(i -> 1_000_000 * (i / 100) * (i / 100) + i % 100 * 10)
            .toArray();
    assertQuicklyWalked(new int[] {99, 298, 299, 499, 599}, all, 49_500_000);
  }

  /** Checks that a walk for the sum of a selection is soon at its end and has that selection. */
  private static void assertQuicklyWalked(int[] expected, long[] all, long limit) {
    long sum = Arrays.stream(expected).mapToLong(i -> all[i]).sum();
    var best = new FindPair.Best(sum, limit);
    var search = new FindPair.Search(new FindPair.Amounts(all), 0, expected.length, limit);
    var walk = new FindPair.Walk(search, best, Long.MAX_VALUE);
    assertEquals(all.length, walk.run(0, all.length, 20_000_000));
    assertArrayEquals(expected, best.chosen());
  }

  /** The other residues are all the same, and no sum of any number of them has another. */
  @Test
  void oneOddPriceAmongThousands() {
    long[] all = LongStream.range(0, 2000).map(i -> 100 * i).toArray();
    all[1000] += 37;
    var search = new FindPair.Search(new FindPair.Amounts(all), 0, 3, 100 * 2900 + 37);
    assertArrayEquals(new int[] {0, 1000, 1900}, search.best(0));
  }

  /** It fits beside no two, and the other sums are as far below the limit as they can be. */
  @Test
  void anOddPriceThatIsTooDear() {
    long[] all = LongStream.range(0, 2000).map(i -> 200 * i).toArray();
    all[750] -= 63;
    var search = new FindPair.Search(new FindPair.Amounts(all), 0, 3, 200 * 750 + 99);
    assertArrayEquals(new int[] {0, 1, 749}, search.best(0));
  }

  /** What a flush could write only a part of must not be written again. */
  @Test
  void aFlushThatFailsBehindTheLastWriteIsNotForgotten() {
    long[] prices = new Random(1).longs(60_000, 3, 500_000_000_000_000L).toArray();
    prices[0] = 1;
    prices[1] = 2;
    Arrays.sort(prices);
    var list = new Case(1, prices, 3 + prices[30_000], 3);
    var request = new FindPair.Request("list", list.balance, 3, false, false, true);
    Thread here = Thread.currentThread();
    var out =
        new ByteArrayOutputStream() {
          @Override
          public void flush() throws IOException {
            if (Thread.currentThread() != here) {
              throw new IOException("thrown on purpose");
            }
          }
        };
    var err = new PrintStream(OutputStream.nullOutputStream());
    var failed =
        assertThrows(
            UncheckedIOException.class, () -> FindPair.find(request, list.text(), out, err));
    assertEquals("thrown on purpose", failed.getCause().getMessage());
    assertEquals(1, out.toString(UTF_8).lines().count());
  }

  @Test
  void pairsInPartsOfTheList() {
    forEachList(
        30_001,
        seed -> {
          Case list = Case.sorted(seed);
          var pair = new Case(seed, list.prices(), list.balance(), 2);
          assertPair(pair.bestPrices(), pair, pair.text(), 5, 8, 40, 1000);
        });
  }

  /** Looks for a pair in both ways, in one part and up to so many, with blocks of these sizes. */
  private static void assertPair(
      long[] best, Case list, FindPair.Text text, int mostParts, int... blockSizes) {
    for (int parts = 1; parts <= mostParts; parts++) {
      for (int size : blockSizes) {
        String message = "seed %d, %d parts, blocks of %d".formatted(list.seed(), parts, size);
        var finder = new FindPair.PairFinder(text, list.balance(), parts, size);
        assertArrayEquals(best, finder.check(), message);
        assertArrayEquals(best, finder.search(), message);
      }
    }
  }

  /** Lists of many blocks, between which lines are left out. */
  @Test
  void pairsOfLongerLists() {
    for (long seed = 37_001; seed < 37_101; seed++) {
      var random = new Random(seed);
      int most = random.nextBoolean() ? 30_000 : 300; // few sums meet the balance, or many
      long[] prices = random.longs(10 + random.nextInt(300), 1, most).sorted().toArray();
      long balance = prices[0] + random.nextInt(2 * most);
      long[] best = {};
      for (int i = 0; i < prices.length; i++) {
        for (int j = i + 1; j < prices.length; j++) {
          long sum = prices[i] + prices[j];
          if (sum <= balance && sum > Arrays.stream(best).sum()) {
            best = new long[] {prices[i], prices[j]};
          }
        }
      }
      var list = new Case(seed, prices, balance, 2);
      assertPair(best, list, list.text(), 5, 40, 1000);
    }
  }

  /** Not only where a pair is looked for: every line of every part is checked. */
  @Test
  void aWrongLineInPartsOfTheListIsFound() {
    forEachList(
        33_001,
        seed -> {
          int bad = (int) (seed >> 1) % 13 - 1;
          Case list = bad < 0 ? Case.unsorted(seed) : Case.sorted(seed);
          long[] sorted = Case.sorted(seed).prices();
          if (bad < 0 ? Arrays.equals(list.prices(), sorted) : bad >= sorted.length) {
            return;
          }
          FindPair.Text text = list.text(bad);
          for (int parts = 1; parts <= 5; parts++) {
            for (int size : new int[] {8, 40, 1000}) {
              var finder = new FindPair.PairFinder(text, list.balance(), parts, size);
              String message = "seed %d, %d parts, blocks of %d".formatted(seed, parts, size);
              var wrong = assertThrows(RuntimeException.class, finder::check, message);
              assertTrue(isTold(wrong), message);
            }
          }
        });
  }

  private static boolean isTold(RuntimeException wrong) {
    return wrong instanceof FindPair.BadInput || wrong instanceof FindPair.OutOfOrder;
  }

  /** Prices of one to sixteen digits, on lines as people and other programs write them. */
  @Test
  void pairsOfLinesOfAnyForm() {
    String[] forms = {
      "item, %d",
      "item, %d\r",
      "x,%d",
      " item ,  %d \t",
      "item, %020d",
      "é, %d",
      "a, 7, 00%d",
      "\n\r\n,,%d"
    };
    forEachList(
        35_001,
        seed -> {
          var random = new Random(seed);
          long[] prices =
              random
                  .ints(2 + random.nextInt(10), 1, 1 + random.nextInt(15) + 1)
                  .mapToLong(digits -> (long) (Math.pow(10, digits) * random.nextDouble()) + 1)
                  .sorted()
                  .toArray();
          String usual = forms[random.nextInt(forms.length)];
          String lines =
              Arrays.stream(prices)
                  .mapToObj(
                      price ->
                          (random.nextInt(4) > 0 ? usual : forms[random.nextInt(forms.length)])
                              .formatted(price))
                  .collect(Collectors.joining("\n"));
          var pair = new Case(seed, prices, prices[0] + prices[prices.length / 2], 2);
          assertPair(pair.bestPrices(), pair, text(lines), 1, 8, 60, 1000);
          for (String bad : new String[] {"   , %d", "item? %d", "item, .%d", "item, %d."}) {
            String list = lines + "\n" + bad.formatted(prices[prices.length - 1]);
            var finder = new FindPair.PairFinder(text(list), pair.balance(), 1, 1000);
            assertThrows(FindPair.BadInput.class, finder::check, "seed " + seed + ", " + bad);
          }
        });
  }

  @Test
  void walkOnOneProcessor() {
    forEachSearch(40_001, search -> search.walk().run(0, search.amounts().count, Long.MAX_VALUE));
  }

  @Test
  void walkFromTheLastFirstIndexToTheFirst() {
    forEachSearch(
        45_001,
        search -> {
          for (int top = search.amounts().count - 1; top >= 0; top--) {
            search.walk().run(top, top + 1, Long.MAX_VALUE);
          }
        });
  }

  /** Just below, at and just above the steps of a whole walk; what is given up, sum sets find. */
  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 1})
  void walkWithABudgetNearItsSteps(int more) {
    forEachSearch(
        47_001,
        search -> {
          int end = search.amounts().count;
          long steps = 0;
          while (search.copy().walk().run(0, end, steps) < end) {
            steps++;
          }
          int reached = search.walk().run(0, end, Math.max(0, steps + more));
          assertEquals(steps > 0 && more < 0, reached < end);
          if (reached < end) {
            search.sumSets(reached);
          }
        });
  }

  @Test
  void walkOnAllProcessors() {
    forEachSearch(50_001, search -> search.walkOnAllProcessors());
  }

  /** The first part that meets the limit has the answer: then there is no other to be taken. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void partsOfAWalkInOrder(int fixed) {
    forEachSearch(
        51_001,
        search ->
            eachPart(
                search,
                fixed,
                1,
                part -> {
                  assertNull(search.best().last());
                  part.resume(Long.MAX_VALUE);
                }));
  }

  /** As threads may end theirs: of equal sums that of the first part is taken. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void partsOfAWalkFromTheLastToTheFirst(int fixed) {
    forEachSearch(
        52_001,
        search -> {
          var parts = new ArrayList<FindPair.Walk>();
          eachPart(search, fixed, 2, parts::addFirst);
          parts.forEach(part -> part.resume(Long.MAX_VALUE));
        });
  }

  private static void eachPart(Search search, int fixed, int few, Consumer<FindPair.Walk> visitor) {
    var walk = search.walk().between(0, search.amounts().count);
    int before = Math.min(fixed, search.search().gifts - 3);
    for (FindPair.Walk part; (part = walk.split(before, few)) != null; ) {
      visitor.accept(part);
    }
  }

  /** Two amounts are fixed in each part, and the answer is behind many of one first amount. */
  @Test
  void walkAndSumsOfPairsOfSixOnAllProcessors() {
    for (long seed = 53_001; seed < 53_011; seed++) {
      long[] all = new Random(seed).longs(300, 0, 1L << 30).sorted().toArray();
      var amounts = new FindPair.Amounts(all);
      long limit = Arrays.stream(all).skip(100).limit(6).sum();
      var search = new FindPair.Search(amounts, 0, 6, limit);
      var single = new FindPair.Best(0, limit);
      new FindPair.Walk(search, single, Long.MAX_VALUE).run(0, 300, Long.MAX_VALUE);
      for (long patience : new long[] {0, Long.MAX_VALUE}) {
        var best = new FindPair.Best(0, limit);
        search.walkOnAllProcessors(best, 0, patience, FindPair.Progress.of(0));
        assertArrayEquals(single.chosen(), best.chosen(), "seed " + seed);
      }
    }
  }

  @Test
  void walkOfThousandsOfFirstIndexesOnAllProcessors() {
    for (long seed = 55_001; seed < 55_006; seed++) {
      long[] prices = new Random(seed).longs(2500, 1, 1L << 40).sorted().toArray();
      var list = FindPair.PriceList.trust(new Case(seed, prices, 0, 3).text());
      var search = Search.of(list, 3, 1L << 41);
      Search single = search.copy();
      single.walk().run(0, prices.length, Long.MAX_VALUE);
      search.walkOnAllProcessors();
      assertArrayEquals(single.best().chosen(), search.best().chosen(), "seed " + seed);
    }
  }

  @Test
  void walkOfMillionsOfFirstIndexesOnAllProcessors() {
    var amounts = new FindPair.Amounts(LongStream.range(0, 2_500_000).toArray());
    var search = new FindPair.Search(amounts, 0, 3, 4_000_000);
    var best = new FindPair.Best(0, 4_000_000);
    search.walkOnAllProcessors(best, 0, Long.MAX_VALUE, FindPair.Progress.of(0));
    assertArrayEquals(new int[] {0, 1_500_001, 2_499_999}, best.chosen());
  }

  /** By a thread that looked for it before another found better. */
  @Test
  void whatIsBroughtTooLateIsLeft() {
    var best = new FindPair.Best(0, 9);
    best.hit(7, new int[] {2, 3, 4});
    best.hit(6, new int[] {0, 1, 2});
    best.hit(7, new int[] {3, 4, 5});
    assertArrayEquals(new int[] {2, 3, 4}, best.chosen());
    best.hit(7, new int[] {1, 4, 5});
    assertArrayEquals(new int[] {1, 4, 5}, best.chosen());
  }

  /**
   * What meets the limit begins with the first amount, and late among those: after the steps of a
   * quick search, so that all processors have to begin with it anew. It has a tie that comes later.
   */
  @Test
  void whatIsUnderWayWhenASearchIsNoLongerQuick() {
    long[] all = new Random(1).longs(1000, 0, 200_000_000_000_000L).sorted().toArray();
    int[] late = {0, 690, 700, 705, 710};
    long limit = Arrays.stream(late).mapToLong(i -> all[i]).sum();
    long last = limit - all[1] - all[2] - all[900] - all[930];
    all[-Arrays.binarySearch(all, last) - 1] = last;
    var search = new FindPair.Search(new FindPair.Amounts(all), 0, 5, limit);
    assertArrayEquals(late, search.best(0));
  }

  /** The same, where the sum sets are the quicker way: amounts are 0 or 1 modulo 137, but three. */
  @Test
  void whatIsUnderWayWhenSumSetsTakeOver() {
    long[] all = LongStream.range(0, 12_000).map(i -> 137 * i + i % 2).toArray();
    int[] special = {0, 4_000, 4_100, 4_200};
    for (int i = 1; i < 4; i++) {
      all[special[i]] += 20;
    }
    long limit = Arrays.stream(special).mapToLong(i -> all[i]).sum();
    var search = new FindPair.Search(new FindPair.Amounts(all), 0, 4, limit);
    assertArrayEquals(special, search.best(0));
  }

  @Test
  void anErrorOfAnotherThreadIsThrown() {
    Thread here = Runtime.getRuntime().availableProcessors() > 1 ? Thread.currentThread() : null;
    var done = new AtomicInteger();
    IntConsumer part =
        i -> {
          if (Thread.currentThread() != here) {
            throw new InternalError("thrown on purpose");
          }
          LockSupport.parkNanos(1_000_000);
          done.incrementAndGet();
        };
    assertThrows(InternalError.class, () -> FindPair.Parts.run(5000, part));
    assertTrue(done.get() < 4000, "no thread goes on: " + done);
  }

  /** As where memory runs out in one, while the others would take hours. */
  @Test
  void anErrorInAWalkEndsThoseOfAllProcessors() {
    Thread here = Runtime.getRuntime().availableProcessors() > 1 ? Thread.currentThread() : null;
    var hits = new AtomicInteger();
    var best =
        new FindPair.Best(0, Long.MAX_VALUE) {
          @Override
          Found hit(long sum, int[] chosen) { // keeps none, so that each is of use
            if (Thread.currentThread() != here) {
              throw new OutOfMemoryError("thrown on purpose");
            }
            LockSupport.parkNanos(1_000_000);
            hits.incrementAndGet();
            return null;
          }
        };
    var amounts = new FindPair.Amounts(LongStream.range(0, 200).toArray());
    var search = new FindPair.Search(amounts, 0, 3, 600);
    var progress = FindPair.Progress.of(0);
    assertThrows(
        OutOfMemoryError.class,
        () -> search.walkOnAllProcessors(best, 0, Long.MAX_VALUE, progress));
    assertTrue(hits.get() < 4000, "no thread goes on: " + hits);
  }

  @Test
  void sumSets() {
    forEachSearch(60_001, search -> search.sumSets(0));
  }

  @Test
  void sumSetsOfASumThatIsKnown() {
    forEachSearch(
        65_001,
        search -> {
          Search other = search.copy();
          other.sumSets(0);
          FindPair.Amounts amounts = search.amounts();
          long sum = Arrays.stream(other.best().chosen()).mapToLong(i -> amounts.all[i]).sum();
          search.take(new FindPair.SumSets(amounts, 0, search.search().gifts, sum, sum));
        });
  }

  @Test
  void walkGivenUpThenSumSets() {
    forEachSearch(
        70_001,
        search -> {
          int reached = search.walk().run(0, search.amounts().count, 3);
          search.sumSets(reached);
        });
  }

  @Test
  void sumsOfPairs() {
    forEachSearch(75_001, search -> search.findLastFour(0));
  }

  /** The walk for the last four is given up at once, later or not. */
  @ParameterizedTest
  @ValueSource(longs = {0, 20, 100})
  void sumsOfPairsWithinAWalk(long patience) {
    forEachSearch(
        77_001,
        search -> {
          long steps = search.search().gifts > 4 ? patience : Long.MAX_VALUE;
          var walk = new FindPair.Walk(search.search(), search.best(), steps);
          walk.run(0, search.amounts().count, Long.MAX_VALUE);
        });
  }

  @Test
  void walkGivenUpThenSumsOfPairs() {
    forEachSearch(
        80_001,
        search -> {
          int count = search.amounts().count;
          int reached = search.walk().run(0, count, 3);
          if (reached < count) {
            search.findLastFour(reached);
          }
        });
  }

  /** Of longer lists than an oracle can do, sorted one, some or all at a time. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16})
  void sumsOfPairsBesideAWalk(int perValue) {
    for (long seed = 85_001; seed < 85_301; seed++) {
      var random = new Random(seed);
      long most = 1L << random.nextInt(4, 50);
      int step = new int[] {1, 1, 7, 100}[random.nextInt(4)];
      long[] all =
          random.longs(random.nextInt(4, 80), 0, most).map(i -> i * step).sorted().toArray();
      long limit =
          random.longs(4, 0, all.length).map(i -> all[(int) i]).sum() + random.nextInt(step);
      var amounts = new FindPair.Amounts(all);
      if (amounts.fit(0, 4, limit)) {
        var walked = new FindPair.Best(0, limit);
        var search = new FindPair.Search(amounts, 0, 4, limit);
        new FindPair.Walk(search, walked, Long.MAX_VALUE).run(0, all.length, Long.MAX_VALUE);
        var best = new FindPair.Best(0, limit);
        new FindPair.PairSums(amounts, new int[0], 0, limit, best, perValue).search();
        assertArrayEquals(values(all, walked), values(all, best), "seed " + seed);
        assertEquals(4, Arrays.stream(best.chosen()).distinct().count(), "seed " + seed);
      }
    }
  }

  /** Few in a range that is too wide for a sum and the number of its row in one long. */
  @Test
  void sumsOfPairsFarApart() {
    long far = 310_000_000_000_000L;
    long[] all =
        LongStream.concat(LongStream.range(0, 70_000), LongStream.of(far, far + 1, far + 9))
            .toArray();
    long limit = 4_000 + 3 * far + 10;
    var best = new FindPair.Best(limit, limit);
    new FindPair.PairSums(
            new FindPair.Amounts(all), new int[0], 0, limit, best, FindPair.PairSums.PER_VALUE)
        .search();
    assertArrayEquals(new int[] {4_000, 70_000, 70_001, 70_002}, best.chosen());
  }

  /** Some of longer lists than an oracle can do, from the first index on or where a walk ended. */
  @ParameterizedTest
  @ValueSource(ints = {0, 30})
  void oddOnesBesideAWalk(int budget) {
    int searched = 0;
    for (long seed = 90_001; seed < 90_601; seed++) {
      var random = new Random(seed);
      int step = new int[] {2, 10, 1000}[random.nextInt(3)];
      int most = random.nextInt(2, 300);
      long[] all = random.longs(random.nextInt(16, 60), 0, most).map(i -> i * step).toArray();
      int alike = random.nextInt(step);
      for (int i = random.nextInt(all.length / 8); i >= 0; i--) {
        all[i] += random.nextBoolean() ? alike : random.nextInt(step);
      }
      Arrays.sort(all);
      int gifts = random.nextInt(3, 6);
      long limit = random.longs(gifts, 0, all.length).map(i -> all[(int) i]).sum() + alike;
      var amounts = new FindPair.Amounts(all);
      if (amounts.fit(0, gifts, limit)) {
        var search = new FindPair.Search(amounts, 0, gifts, limit);
        var walked = new FindPair.Best(0, limit);
        new FindPair.Walk(search, walked, Long.MAX_VALUE).run(0, all.length, Long.MAX_VALUE);
        var best = new FindPair.Best(0, limit);
        int reached = new FindPair.Walk(search, best, Long.MAX_VALUE).run(0, all.length, budget);
        var odd =
            FindPair.OddOnes.of(search, best, Math.min(reached, all.length - 1), Double.MAX_VALUE);
        if (odd.isPresent()) {
          searched++;
          odd.get().search();
          assertArrayEquals(values(all, walked), values(all, best), "seed " + seed);
          assertEquals(gifts, Arrays.stream(best.chosen()).distinct().count(), "seed " + seed);
        }
      }
    }
    assertTrue(searched > 100, "few lists with odd ones");
  }

  /** As prices of houses in whole thousands: sums in cents are too many, in thousands few. */
  @Test
  @Timeout(30)
  void eightOfThousandsOfRoundPricesWithAnOddOne() {
    long[] all = new Random(1).longs(4000, 0, 60_000).map(i -> 100_000 * i).sorted().toArray();
    all[2000] -= 37;
    var search = new FindPair.Search(new FindPair.Amounts(all), 0, 8, 5_900_077_737L);
    int[] best = search.best(0);
    assertEquals(5_900_000_000L, Arrays.stream(best).mapToLong(i -> all[i]).sum());
  }

  /**
   * Beside some odd prices nearly every sum seems to be possible, and the sets of sums are large.
   */
  @Test
  @Timeout(15)
  void fiveOfManyShopPricesWithSomeOddOnes() {
    long[] all = shopPrices(100_000, 100, 20_000_000);
    long limit = 50_000_050;
    int[] best = new FindPair.Search(new FindPair.Amounts(all), 0, 5, limit).best(0);
    assertEquals(limit, Arrays.stream(best).mapToLong(i -> all[i]).sum());
  }

  /** By their last two digits nearly each of these sums would seem to be possible, and is not. */
  @Test
  @Timeout(5)
  void fiveOfPricesInWholeTensLessACentWithSomeOddOnes() {
    long[] all = shopPrices(20_000, 1000, 20_000_000);
    long limit = 50_000_950;
    int[] best = new FindPair.Search(new FindPair.Amounts(all), 0, 5, limit).best(0);
    assertEquals(limit - 4, Arrays.stream(best).mapToLong(i -> all[i]).sum());
  }

  /** The copy of the others takes tens of megabytes; without it the search takes hours. */
  @Test
  @Timeout(15)
  void fourOfAMillionShopPricesWithSomeOddOnes() {
    long[] all = shopPrices(1_000_000, 100, 2_000_000_000);
    long limit = 4_000_000_050L;
    var search = new FindPair.Search(new FindPair.Amounts(all), 0, 4, limit);
    var best = new FindPair.Best(0, limit);
    FindPair.OddOnes.of(search, best, 0, Double.MAX_VALUE).orElseThrow().search();
    assertEquals(limit, Arrays.stream(best.chosen()).mapToLong(i -> all[i]).sum());
  }

  /** So many, of which five are odd and the others 0, 95 or 99 above a multiple of a unit. */
  private static long[] shopPrices(int count, int unit, int most) {
    int[] endings = {0, 95, 99};
    var random = new Random(1);
    return IntStream.range(0, count)
        .mapToLong(
            i ->
                i < 5
                    ? random.nextInt(most)
                    : (long) unit * random.nextInt(most / unit) + endings[i % 3])
        .sorted()
        .toArray();
  }

  private static long[] values(long[] all, FindPair.Best best) {
    return Arrays.stream(best.chosen()).mapToLong(i -> all[i]).toArray();
  }

  /** A search for three gifts or more, whose way is chosen by the test. */
  private record Search(FindPair.ScaledPrices prices, FindPair.Search search, FindPair.Best best) {
    static Search of(FindPair.PriceList list, int gifts, long balance) {
      FindPair.ScaledPrices prices = list.candidates(gifts, balance);
      var search = prices.search(0, gifts, balance);
      return new Search(prices, search, new FindPair.Best(0, search.limit));
    }

    FindPair.Amounts amounts() {
      return search.amounts;
    }

    /** The same search with nothing found so far. */
    Search copy() {
      return new Search(prices, search, new FindPair.Best(0, search.limit));
    }

    FindPair.Walk walk() {
      return new FindPair.Walk(search, best, Long.MAX_VALUE);
    }

    void walkOnAllProcessors() {
      search.walkOnAllProcessors(best, 0, Long.MAX_VALUE, FindPair.Progress.of(0));
    }

    void findLastFour(int from) {
      if (search.gifts < 4) {
        walkOnAllProcessors();
      } else {
        search.findLastFourOnAllProcessors(best, from, FindPair.Progress.of(0));
      }
    }

    void sumSets(int from) {
      take(
          new FindPair.SumSets(
              amounts(), from, search.gifts, search.limit, best.floor(new int[] {from}, 1)));
    }

    void take(FindPair.SumSets sets) {
      FindPair.SumSets.Beginning found = sets.search(FindPair.Progress.of(0));
      if (found != null) {
        best.hit(found.sum(), search.complete(found));
      }
    }
  }

  private static void forEachSearch(long firstSeed, Consumer<Search> way) {
    forEachList(
        firstSeed,
        seed -> {
          Case list = Case.sorted(seed);
          long cheapest = LongStream.of(list.prices()).findFirst().orElse(Long.MAX_VALUE);
          if (list.gifts() < 3
              || list.prices().length < list.gifts()
              || cheapest > list.balance() / list.gifts()) {
            return;
          }
          var prices = FindPair.PriceList.trust(list.text());
          if (prices.candidates(list.gifts(), list.balance()).amounts().count >= list.gifts()) {
            var search = Search.of(prices, list.gifts(), list.balance());
            way.accept(search);
            long[] best = search.prices().prices(search.best().chosen());
            assertArrayEquals(list.bestPrices(), best, "seed " + seed);
          }
        });
  }

  private static void forEachList(long firstSeed, LongConsumer check) {
    LongStream.range(firstSeed, firstSeed + LISTS).forEach(check);
  }
}
