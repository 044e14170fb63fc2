/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.OptimizerKernels;
import org.amend4j.internal.backend.Recording;
import org.amend4j.internal.backend.Values;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Shares of work side by side on the host: the bytes of one after the other, recorded or not, whatever fails. */
@Timeout(60)
class HostSharesTest {

    private static final int ROUNDS = 50;

    static Stream<Arguments> machines() {
        return IntStream.rangeClosed(1, 3)
                .boxed()
                .flatMap(threads ->
                        Stream.of(ElementType.FLOAT, ElementType.DOUBLE).map(type -> Arguments.of(threads, type)));
    }

    @Tag("kernels")
    @ParameterizedTest(name = "{0} threads, {1}")
    @MethodSource("machines")
    void sharesSideBySideGiveTheBytesOfOneAfterTheOther(int threads, ElementType type) {
        double[][] expected = oneAfterTheOther(threads, ROUNDS, type);
        try (Shares shares = new Shares(threads, threads, type)) {
            for (int round = 0; round < ROUNDS; round++) {
                shares.machine().sideBySide(threads, shares::work);
            }
            assertArrayEquals(expected, shares.contents());
        }
    }

    @Tag("kernels")
    @ParameterizedTest(name = "{0} threads, {1}")
    @MethodSource("machines")
    void recordedSharesGiveTheSameBytesAtEveryReplay(int threads, ElementType type) {
        try (Shares shares = new Shares(threads, threads, type)) {
            double[][] before = shares.contents();
            try (Recording recording =
                    shares.machine().record(() -> shares.machine().sideBySide(threads, shares::work))) {
                assertArrayEquals(before, shares.contents());
                for (int round = 0; round < ROUNDS; round++) {
                    recording.replay();
                }
            }
            assertArrayEquals(oneAfterTheOther(threads, ROUNDS, type), shares.contents());
        }
    }

    /** The laws' twin: they would notice a share that is not done. */
    @Test
    void aMissingShareIsNoticed() {
        double[][] expected = oneAfterTheOther(3, 1, ElementType.FLOAT);
        try (Shares shares = new Shares(3, 3, ElementType.FLOAT)) {
            shares.machine().sideBySide(2, shares::work);
            assertNotEquals(Arrays.deepToString(expected), Arrays.deepToString(shares.contents()));
        }
    }

    @ParameterizedTest(name = "{0} threads")
    @ValueSource(ints = {1, 2, 3})
    void everyShareHasAThreadOfItsOwn(int threads) {
        CyclicBarrier all = new CyclicBarrier(threads);
        try (HostMachine machine = HostMachine.open(threads)) {
            assertEquals(threads, machine.width());
            machine.sideBySide(threads, share -> meet(all)); // comes back only if all shares wait at once
            refused("shares must be in [1, " + threads + "]", () -> machine.sideBySide(threads + 1, share -> {}));
        }
    }

    private static void meet(CyclicBarrier all) {
        try {
            all.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest(name = "share {0}")
    @ValueSource(ints = {0, 1, 2})
    void whatAShareThrowsReachesTheCallerAndTheMachineGoesOn(int failing) {
        IllegalStateException failure = new IllegalStateException("enough");
        try (Shares shares = new Shares(3, 3, ElementType.FLOAT)) {
            double[][] expected = oneAfterTheOther(3, 2, ElementType.FLOAT);
            // The other shares are done nevertheless, before the caller goes on.
            RuntimeException thrown = assertThrows(
                    IllegalStateException.class,
                    () -> shares.machine().sideBySide(3, share -> {
                        shares.work(share);
                        if (share == failing) {
                            throw failure;
                        }
                    }));
            assertSame(failure, thrown);
            shares.machine().sideBySide(3, shares::work);
            assertArrayEquals(expected, shares.contents());
        }
    }

    @Test
    void errorsOfSeveralSharesAreOneErrorAndNoneIsLeftForTheNextCall() {
        try (Shares shares = new Shares(3, 3, ElementType.FLOAT)) {
            for (int time = 0; time < 20; time++) {
                assertThrows(
                        AssertionError.class,
                        () -> shares.machine().sideBySide(3, share -> {
                            throw new AssertionError("share " + share);
                        }));
                shares.machine().sideBySide(3, shares::work);
            }
            assertArrayEquals(oneAfterTheOther(3, 20, ElementType.FLOAT), shares.contents());
        }
    }

    @Test
    void aShareThatThrowsWhileItIsRecordedEndsTheRecordingOnly() {
        try (Shares shares = new Shares(3, 3, ElementType.FLOAT)) {
            double[][] before = shares.contents();
            refused(
                    IllegalStateException.class,
                    "enough",
                    () -> shares.machine()
                            .record(() -> shares.machine().sideBySide(3, share -> {
                                shares.work(share);
                                throw new IllegalStateException("enough");
                            })));
            assertArrayEquals(before, shares.contents());
            shares.machine().sideBySide(3, shares::work);
            assertArrayEquals(oneAfterTheOther(3, 1, ElementType.FLOAT), shares.contents());
        }
    }

    @Test
    void whoAsksWhileTheThreadsWorkForAnotherDoesAllSharesAlone() {
        try (HostMachine machine = HostMachine.open(2)) {
            Set<Thread> workers = ConcurrentHashMap.newKeySet();
            Thread other = new Thread(() -> machine.sideBySide(2, share -> workers.add(Thread.currentThread())));
            machine.sideBySide(2, share -> {
                if (share == 0) {
                    other.start();
                    assertDoesNotThrow(() -> other.join());
                }
            });
            assertEquals(Set.of(other), workers);
        }
    }

    /** Long enough for a share for each of three threads. */
    @Tag("kernels")
    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"FLOAT", "DOUBLE"})
    void stepsOfLongVectorsGiveTheSameBytesOnAnyNumberOfThreads(ElementType type) {
        int length = (3 << 17) + 5;
        double[] alone = steps(1, type, length, false);
        assertArrayEquals(alone, steps(3, type, length, false));
        assertArrayEquals(alone, steps(3, type, length, true));
    }

    /** Parameters after two steps of each optimizer. */
    private static double[] steps(int threads, ElementType type, int length, boolean recorded) {
        try (HostMachine machine = HostMachine.open(threads);
                Values values = new Values(machine, type, 12)) {
            MachineArray parameters = values.in(values.normal(length));
            MachineArray gradient = values.in(values.normal(length));
            MachineArray first = values.in(new float[length]);
            MachineArray second = values.in(new float[length]);
            OptimizerKernels kernels = machine.kernels().optimizer();
            OptimizerKernels.Pace pace = new OptimizerKernels.Pace(values.in(new float[] {0.1f, 1}), 1);
            Runnable step = () -> {
                kernels.sgdInPlace(parameters, gradient, 0.5, pace);
                kernels.adamInPlace(parameters, gradient, first, second, 0.5, pace, OptimizerKernels.Adam.PYTORCH);
            };
            if (recorded) {
                try (Recording recording = machine.record(step)) {
                    recording.replay();
                    recording.replay();
                }
            } else {
                step.run();
                step.run();
            }
            return values.get(parameters);
        }
    }

    private static double[][] oneAfterTheOther(int count, int rounds, ElementType type) {
        try (Shares shares = new Shares(1, count, type)) {
            for (int round = 0; round < rounds; round++) {
                IntStream.range(0, count).forEach(shares::work);
            }
            return shares.contents();
        }
    }
}
