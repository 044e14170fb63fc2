/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.amend4j.internal.lora.FittedAdapter;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.TestNetworks;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Many threads, adapters and limits. Nothing depends on how fast anything is: batches are complete when they are full. */
@Timeout(120)
class AdapterServerTest {

    private static final Duration LONG = Duration.ofHours(1);
    private static final SetCase TEST = SetCase.DENSE;
    private static final int ADAPTERS = 6;

    @TempDir
    private Path directory;

    private final BaseModel base = TEST.base(DataType.DOUBLE);
    private final Map<String, AdapterContent> adapters = new LinkedHashMap<>();
    private final AdapterSet set = new AdapterSet(base);
    private long bytes;

    @BeforeEach
    void makeAdapters() {
        for (int i = 0; i < ADAPTERS; i++) {
            AdapterContent content = TEST.adapter(base, 2, i).content();
            adapters.put("a" + i, content);
            set.add("a" + i, content);
            bytes = FittedAdapter.of(base, content).bytes();
        }
    }

    private AdapterContent source(String name) throws IOException {
        AdapterContent content = adapters.get(name);
        if (content == null) {
            throw new IOException("there is none");
        }
        return content;
    }

    private AdapterServer server(int rows, Duration patience, long budget) {
        return new AdapterServer(base, this::source, new ServerLimits(rows, patience, budget));
    }

    private static INDArray features(long seed, int rows) {
        return TestNetworks.normal(DataType.DOUBLE, new Random(seed), rows, 5);
    }

    private void requireAnswer(String name, INDArray features, INDArray answer) {
        set.activate(name.equals(AdapterSet.BASE) ? new String[0] : new String[] {name});
        double distance = set.output(features).sub(answer).amaxNumber().doubleValue();
        assertTrue(distance <= SetCase.rounding(DataType.DOUBLE), name + ": " + distance);
    }

    private static Throwable failure(CompletableFuture<INDArray> answer) {
        return assertThrows(ExecutionException.class, answer::get).getCause();
    }

    @Test
    void requests_for_different_adapters_are_one_batch_and_each_gets_its_own_rows() throws Exception {
        try (AdapterServer server = server(7, LONG, 1 << 20)) {
            List<String> names = List.of("a0", AdapterSet.BASE, "a1", "a0", "a2");
            List<Integer> rows = List.of(1, 2, 1, 2, 1);
            List<CompletableFuture<INDArray>> answers = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                answers.add(server.submit(names.get(i), features(i, rows.get(i))));
            }
            for (int i = 0; i < names.size(); i++) {
                INDArray answer = answers.get(i).get();
                assertEquals(rows.get(i).intValue(), answer.size(0));
                requireAnswer(names.get(i), features(i, rows.get(i)), answer);
            }
            assertEquals(1, server.status().batches());
            assertEquals(3, server.status().loads());
            assertEquals(5, server.status().answered());
        }
    }

    @Test
    void adapters_with_schemes_are_served_beside_plain_ones() throws Exception {
        TEST.withSchemes(base).forEach((name, model) -> {
            adapters.put(name, model.content());
            set.add(name, model);
        });
        List<String> names = List.copyOf(adapters.keySet());
        try (AdapterServer server = server(names.size(), LONG, 1 << 20)) {
            List<CompletableFuture<INDArray>> answers = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                answers.add(server.submit(names.get(i), features(i, 1)));
            }
            for (int i = 0; i < names.size(); i++) {
                requireAnswer(names.get(i), features(i, 1), answers.get(i).get());
            }
            assertEquals(1, server.status().batches());
        }
    }

    @Test
    void many_threads_get_their_own_answers() throws Exception {
        int threads = 8;
        int requests = 50;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CountDownLatch start = new CountDownLatch(1);
        try (AdapterServer server = server(16, Duration.ofMillis(1), 3 * bytes)) {
            List<Future<List<INDArray>>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                all.add(pool.submit(() -> {
                    start.await();
                    List<INDArray> answers = new ArrayList<>();
                    for (int i = 0; i < requests; i++) {
                        answers.add(server.submit(name(thread, i), features(thread * requests + i, 1 + i % 3))
                                .get());
                    }
                    return answers;
                }));
            }
            start.countDown();
            for (int t = 0; t < threads; t++) {
                List<INDArray> answers = all.get(t).get();
                for (int i = 0; i < requests; i++) {
                    requireAnswer(name(t, i), features(t * requests + i, 1 + i % 3), answers.get(i));
                }
            }
            assertEquals((long) threads * requests, server.status().answered());
            assertEquals(0, server.status().failed());
            assertTrue(server.status().bytes() <= 3 * bytes);
        } finally {
            pool.shutdownNow();
        }
    }

    private static String name(int thread, int request) {
        int i = new Random(31 * thread + request).nextInt(ADAPTERS + 1);
        return i == ADAPTERS ? AdapterSet.BASE : "a" + i;
    }

    @Test
    void the_memory_budget_is_kept_and_the_least_recently_used_goes() throws Exception {
        try (AdapterServer server = server(1, Duration.ZERO, 2 * bytes)) {
            for (String name : List.of("a0", "a1", "a0", "a2", "a0", "a1")) {
                server.submit(name, features(1, 1)).get();
                assertTrue(server.status().bytes() <= 2 * bytes);
            }
            assertEquals(List.of("a0", "a1"), server.status().loaded());
            assertEquals(4, server.status().loads());
            assertEquals(2 * bytes, server.status().bytes());
        }
    }

    @Test
    void a_batch_of_more_adapters_than_fit_in_memory_is_computed_in_parts() throws Exception {
        try (AdapterServer server = server(ADAPTERS, LONG, 2 * bytes)) {
            List<CompletableFuture<INDArray>> answers = new ArrayList<>();
            for (int i = 0; i < ADAPTERS; i++) {
                answers.add(server.submit("a" + i, features(i, 1)));
            }
            for (int i = 0; i < ADAPTERS; i++) {
                requireAnswer("a" + i, features(i, 1), answers.get(i).get());
            }
            assertEquals(3, server.status().batches());
            assertTrue(server.status().bytes() <= 2 * bytes);
        }
    }

    @Test
    void what_fails_fails_alone() throws Exception {
        AdapterContent foreign = SetCase.BRANCHING
                .adapter(SetCase.BRANCHING.base(DataType.DOUBLE), 1, 1)
                .content();
        adapters.put("foreign", foreign);
        adapters.put("large", TEST.adapter(base, 3, 9).content());
        try (AdapterServer server = server(6, LONG, bytes)) {
            CompletableFuture<INDArray> good = server.submit("a0", features(1, 1));
            CompletableFuture<INDArray> missing = server.submit("who", features(2, 1));
            CompletableFuture<INDArray> other = server.submit("foreign", features(3, 1));
            CompletableFuture<INDArray> large = server.submit("large", features(4, 1));
            CompletableFuture<INDArray> narrow =
                    server.submit("a0", TestNetworks.normal(DataType.DOUBLE, new Random(5), 1, 4));
            CompletableFuture<INDArray> again = server.submit(AdapterSet.BASE, features(6, 1));
            requireAnswer("a0", features(1, 1), good.get());
            requireAnswer(AdapterSet.BASE, features(6, 1), again.get());
            for (CompletableFuture<INDArray> failing : List.of(missing, other, large)) {
                assertInstanceOf(UnavailableAdapterException.class, failure(failing));
            }
            assertEquals(
                    "the adapter 'who' cannot be used: there is none",
                    failure(missing).getMessage());
            assertTrue(failure(large).getMessage().contains("more than the " + bytes), failure(large)::getMessage);
            assertInstanceOf(RuntimeException.class, failure(narrow));
            assertEquals(4, server.status().failed());
            adapters.put("who", adapters.get("a1"));
            List<CompletableFuture<INDArray>> full = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                full.add(server.submit("who", features(7, 1)));
            }
            requireAnswer("a1", features(7, 1), full.get(0).get());
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {OutOfMemoryError.class, StackOverflowError.class, NoClassDefFoundError.class})
    void an_error_while_an_adapter_is_loaded_fails_its_requests_alone(Class<? extends Error> kind) throws Exception {
        Error error = kind.getConstructor().newInstance();
        AdapterSource source = name -> {
            if (name.equals("who")) {
                throw error;
            }
            return source(name);
        };
        try (AdapterServer server = new AdapterServer(base, source, new ServerLimits(2, LONG, 1 << 20))) {
            CompletableFuture<INDArray> failing = server.submit("who", features(1, 1));
            CompletableFuture<INDArray> good = server.submit("a0", features(2, 1));
            requireAnswer("a0", features(2, 1), good.get());
            assertSame(error, failure(failing).getCause());
            CompletableFuture<INDArray> later = server.submit("a1", features(3, 2));
            requireAnswer("a1", features(3, 2), later.get());
        }
    }

    /** A source that is slow, or never answers, must not fill the memory with requests, nor keep anybody for ever. */
    @Test
    void what_finds_too_many_waiting_or_waits_too_long_fails_and_the_rest_is_answered() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Duration deadline = Duration.ofMillis(500);
        try (AdapterServer server =
                new AdapterServer(base, held(go), new ServerLimits(1, Duration.ZERO, 1 << 20, 2, deadline))) {
            List<CompletableFuture<INDArray>> late = new ArrayList<>();
            CompletableFuture<INDArray> last = server.submit("a0", features(1, 1));
            while (!last.isCompletedExceptionally()) {
                late.add(last);
                last = server.submit("a" + late.size() % 2, features(1 + late.size(), 1));
            }
            assertInstanceOf(RejectedExecutionException.class, failure(last));
            assertTrue(late.size() <= 3, "one that is begun, and two that wait: " + late.size());
            for (CompletableFuture<INDArray> answer : late) {
                assertInstanceOf(TimeoutException.class, failure(answer));
            }
            assertEquals(late.size(), server.status().failed());
            go.countDown();
            requireAnswer(
                    "a0", features(5, 1), server.submit("a0", features(5, 1)).get());
        }
    }

    private AdapterSource held(CountDownLatch go, String... names) {
        return name -> {
            if (names.length == 0 || List.of(names).contains(name)) {
                awaitUninterrupted(go);
            }
            return source(name);
        };
    }

    @Test
    void while_an_adapter_is_loaded_requests_for_others_are_answered() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (AdapterServer server = new AdapterServer(
                base, held(go, "a1"), new ServerLimits(4, Duration.ofMillis(1), 1 << 20, 100, LONG))) {
            server.submit("a0", features(1, 1)).get();
            List<CompletableFuture<INDArray>> slow = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                slow.add(server.submit("a1", features(10 + i, 1 + i % 2)));
                requireAnswer(
                        "a0",
                        features(20 + i, 1),
                        server.submit("a0", features(20 + i, 1)).get());
                requireAnswer(
                        AdapterSet.BASE,
                        features(30 + i, 1),
                        server.submit(AdapterSet.BASE, features(30 + i, 1)).get());
            }
            assertTrue(slow.stream().noneMatch(CompletableFuture::isDone));
            go.countDown();
            for (int i = 0; i < 9; i++) {
                requireAnswer("a1", features(10 + i, 1 + i % 2), slow.get(i).get());
            }
            assertEquals(2, server.status().loads(), "once for all that wait for it");
            assertEquals(28, server.status().answered());
        }
    }

    @Test
    void an_adapter_that_cannot_be_loaded_fails_all_that_waited_for_it_with_the_reason_and_nothing_else()
            throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (AdapterServer server =
                new AdapterServer(base, held(go, "who"), new ServerLimits(1, Duration.ZERO, 1 << 20, 100, LONG))) {
            List<CompletableFuture<INDArray>> failing = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                failing.add(server.submit("who", features(i, 1)));
            }
            CompletableFuture<INDArray> behind = server.submit("a0", features(4, 1));
            server.submit(AdapterSet.BASE, features(5, 1)).get(); // now all of them wait
            go.countDown();
            for (CompletableFuture<INDArray> answer : failing) {
                assertEquals(
                        "the adapter 'who' cannot be used: there is none",
                        failure(answer).getMessage());
            }
            requireAnswer("a0", features(4, 1), behind.get());
            assertEquals(2, server.status().loads());
            assertEquals(List.of("a0"), server.status().loaded());
        }
    }

    @Test
    void closing_while_an_adapter_is_loaded_answers_what_waits_for_it() throws Exception {
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AdapterServer server = new AdapterServer(
                base,
                name -> {
                    loading.countDown();
                    return held(go).load(name);
                },
                new ServerLimits(1, Duration.ZERO, 1 << 20));
        List<CompletableFuture<INDArray>> waiting =
                List.of(server.submit("a0", features(1, 1)), server.submit("a1", features(2, 1)));
        loading.await();
        Thread closing = new Thread(server::close);
        closing.start();
        while (closing.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        assertThrows(IllegalStateException.class, () -> server.submit("a0", features(1, 1)));
        go.countDown();
        closing.join();
        for (int i = 0; i < 2; i++) {
            requireAnswer("a" + i, features(1 + i, 1), waiting.get(i).get(0, TimeUnit.SECONDS));
        }
    }

    @Test
    void closing_ends_though_a_source_never_answers() {
        CountDownLatch never = new CountDownLatch(1);
        AdapterServer server = new AdapterServer(
                base, held(never), new ServerLimits(1, Duration.ZERO, 1 << 20, 10, Duration.ofMillis(200)));
        CompletableFuture<INDArray> waiting = server.submit("a0", features(1, 1));
        server.close();
        assertInstanceOf(TimeoutException.class, failure(waiting));
        never.countDown();
    }

    @Test
    void what_is_to_be_loaded_anew_while_it_is_loaded_is_loaded_again() throws Exception {
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AdapterSource old = name -> {
            AdapterContent content = source(name);
            loading.countDown();
            awaitUninterrupted(go);
            return content;
        };
        try (AdapterServer server = new AdapterServer(base, old, new ServerLimits(1, Duration.ZERO, 1 << 20))) {
            CompletableFuture<INDArray> answer = server.submit("a0", features(1, 1));
            loading.await();
            adapters.put("a0", adapters.get("a1"));
            server.reload("a0");
            go.countDown();
            requireAnswer("a1", features(1, 1), answer.get());
            assertEquals(2, server.status().loads());
        }
    }

    @Test
    void a_patience_that_nobody_has_is_refused() {
        refused("at most PT8760H", () -> new ServerLimits(1, Duration.ofSeconds(Long.MAX_VALUE), 1));
    }

    @Test
    void closing_answers_what_waits_and_refuses_what_comes_after() throws Exception {
        AdapterServer server = server(100, LONG, 1 << 20);
        CompletableFuture<INDArray> waiting = server.submit("a0", features(1, 1));
        server.close();
        requireAnswer("a0", features(1, 1), waiting.get(0, TimeUnit.SECONDS));
        assertThrows(IllegalStateException.class, () -> server.submit("a0", features(1, 1)));
        server.close();
    }

    @Test
    void an_interrupted_close_cancels_what_was_not_begun_and_keeps_the_interrupt() throws Exception {
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AdapterServer server = new AdapterServer(
                base,
                name -> {
                    loading.countDown();
                    awaitUninterrupted(go);
                    return source(name);
                },
                new ServerLimits(1, Duration.ZERO, 1 << 20));
        CompletableFuture<INDArray> begun = server.submit("a0", features(1, 1));
        loading.await();
        CompletableFuture<INDArray> waiting = server.submit("a1", features(2, 1));
        Thread.currentThread().interrupt();
        server.close();
        assertTrue(Thread.interrupted());
        go.countDown();
        requireAnswer("a0", features(1, 1), begun.get());
        assertThrows(CancellationException.class, waiting::get);
        assertThrows(IllegalStateException.class, () -> server.submit("a0", features(1, 1)));
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_folder_is_read_when_asked_for_and_again_when_told_to() throws Exception {
        set.save(directory);
        try (AdapterServer server =
                new AdapterServer(base, AdapterSource.of(directory), new ServerLimits(1, Duration.ZERO, 1 << 20))) {
            INDArray before = server.submit("a0", features(1, 1)).get();
            assertTrue(set.output(features(1, 1)).sub(before).amaxNumber().doubleValue() > 1e-3);
            assertEquals(List.of("a0"), server.status().loaded());
            AdapterFolder.write(directory, "a0", adapters.get("a1"));
            assertEquals(before, server.submit("a0", features(1, 1)).get());
            server.reload("a0");
            INDArray after = server.submit("a0", features(1, 1)).get();
            assertTrue(before.sub(after).amaxNumber().doubleValue() > 1e-3);
            for (String name : List.of("none", "../a0", "", "default")) {
                assertInstanceOf(UnavailableAdapterException.class, failure(server.submit(name, features(1, 1))));
            }
        }
    }

    @Test
    void a_continuation_may_close_the_server() throws Exception {
        AdapterServer server = server(1, Duration.ZERO, 1 << 20);
        server.submit("a0", features(1, 1)).thenRun(server::close).get();
        server.close();
        assertThrows(IllegalStateException.class, () -> server.submit("a0", features(1, 1)));
    }
}
