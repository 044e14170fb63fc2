/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ThreadTeamTest {

    private static final Duration ENOUGH = Duration.ofMinutes(2);

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3})
    void every_part_is_done_once_before_run_returns(int others) {
        ThreadTeam team = new ThreadTeam(others);
        assertTimeoutPreemptively(ENOUGH, () -> {
            for (int parts = 0; parts < 500; parts++) {
                AtomicIntegerArray done = new AtomicIntegerArray(parts);
                team.run(parts, (thread, part) -> done.incrementAndGet(part));
                for (int part = 0; part < parts; part++) {
                    assertEquals(1, done.get(part), parts + " parts, part " + part);
                }
            }
        });
    }

    /** Two parts that wait for one another end only if two threads have them at a time. */
    @Test
    void others_take_parts_also_after_they_slept() {
        ThreadTeam team = new ThreadTeam(1);
        assertTimeoutPreemptively(ENOUGH, () -> {
            for (int job = 0; job < 20; job++) {
                Thread.sleep(job % 3);
                CountDownLatch both = new CountDownLatch(2);
                Set<Integer> numbers = ConcurrentHashMap.newKeySet();
                team.run(2, (thread, part) -> {
                    numbers.add(thread);
                    both.countDown();
                    awaitUninterrupted(both);
                });
                assertEquals(Set.of(0, 1), numbers);
            }
        });
    }

    @Test
    void what_a_part_throws_reaches_the_caller_and_the_next_job_is_done() {
        ThreadTeam team = new ThreadTeam(2);
        for (RuntimeException failure : List.of(new IllegalStateException("one"), new ArithmeticException("two"))) {
            assertSame(
                    failure,
                    assertThrows(
                            RuntimeException.class,
                            () -> team.run(8, (thread, part) -> {
                                if (part == 5) {
                                    throw failure;
                                }
                            })));
        }
        AtomicIntegerArray done = new AtomicIntegerArray(8);
        team.run(8, (thread, part) -> done.incrementAndGet(part));
        assertEquals(8, IntStream.range(0, 8).map(done::get).sum());
    }

    @Test
    void who_comes_while_the_team_is_at_work_does_the_job_alone() {
        ThreadTeam team = new ThreadTeam(1);
        assertTimeoutPreemptively(
                ENOUGH,
                () -> team.run(4, (outer, part) -> {
                    List<Thread> threads = new ArrayList<>();
                    team.run(100, (inner, of) -> threads.add(Thread.currentThread()));
                    assertEquals(100, threads.size());
                    assertTrue(threads.stream().allMatch(Thread.currentThread()::equals));
                }));
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
