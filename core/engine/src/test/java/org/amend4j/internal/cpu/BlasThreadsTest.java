/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.MachineArray;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.factory.Nd4j;

/** OpenBLAS has one thread while a machine makes products, and its own number soon after. */
@Timeout(60)
class BlasThreadsTest {

    private static final int THREADS = 3;

    private int before;

    @BeforeEach
    void begin() throws InterruptedException {
        Nd4j.getBlasWrapper();
        while (isLent()) {
            Thread.sleep(1);
        }
        before = BlasThreads.now();
        openblas_nolapack.blas_set_num_threads(THREADS);
    }

    /** By a test before. */
    private static boolean isLent() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("amend4j-blas-threads"));
    }

    @AfterEach
    void putBack() {
        openblas_nolapack.blas_set_num_threads(before);
    }

    @Test
    void productsHaveOneThreadAndOthersTheirOwnSoonAfter() throws InterruptedException {
        try (HostMachine machine = HostMachine.open(1);
                MachineArray a = machine.allocate("A", new double[] {1, 2, 3, 4});
                MachineArray c = machine.allocate("C", new double[4])) {
            assertEquals(THREADS, BlasThreads.now(), "memory alone changes nothing");
            for (int round = 0; round < 3; round++) {
                machine.multiply(Gemm.rows(2, 2, 2), a, a, c);
                assertEquals(1, BlasThreads.now());
                awaitOwn();
            }
        }
    }

    private static void awaitOwn() throws InterruptedException {
        while (BlasThreads.now() == 1) {
            Thread.sleep(1);
        }
        assertEquals(THREADS, BlasThreads.now());
    }

    @Test
    void whatTakesLongKeepsItsOneThreadToTheEnd() throws InterruptedException {
        BlasThreads.one(() -> {
            for (int look = 0; look < 20; look++) {
                assertEquals(1, BlasThreads.now());
                sleep();
            }
        });
        awaitOwn();
    }

    private static void sleep() {
        try {
            Thread.sleep(10);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void otherCodeInAPlanHasItsOwnThreadsAtOnce() throws InterruptedException {
        int[] seen = {0, 0, 0};
        try (HostMachine machine = HostMachine.open(1);
                MachineArray a = machine.allocate("A", new double[] {1, 2, 3, 4});
                MachineArray c = machine.allocate("C", new double[4])) {
            for (int round = 0; round < 20; round++) {
                machine.callOut(List.of(a), memory -> seen[0] = BlasThreads.now());
                machine.multiply(Gemm.rows(2, 2, 2), a, a, c);
                seen[1] = BlasThreads.now();
                machine.callOut(List.of(a), memory -> seen[2] = BlasThreads.now());
                assertArrayEquals(new int[] {THREADS, 1, THREADS}, seen, "round " + round);
            }
        }
        assertEquals(THREADS, BlasThreads.now());
    }

    @Test
    void otherCodeDoesNotTakeTheOneThreadFromProductsThatAreBeingMade() throws InterruptedException {
        BlasThreads.one(() -> BlasThreads.all(() -> assertEquals(1, BlasThreads.now())));
        awaitOwn();
    }

    /** JavaCPP's own way to the setting and a thread that loads a library wait for each other for ever, within seconds. */
    @Test
    void theSettingIsChangedBesideAThreadThatLoadsLibraries(@TempDir Path folder)
            throws IOException, InterruptedException {
        Path library = Files.copy(Path.of(Loader.load(openblas_nolapack.class)), folder.resolve("copy.so"));
        CountDownLatch done = new CountDownLatch(2);
        long end = System.nanoTime() + 2_000_000_000L;
        begin(
                "loads",
                done,
                end,
                () -> NativeLibrary.getInstance(library.toString()).close());
        begin("sets", done, end, () -> BlasSetting.set(1 + BlasSetting.get() % THREADS));
        assertTrue(done.await(30, TimeUnit.SECONDS), "both go on");
    }

    /** On a thread that does not keep the process. */
    private static void begin(String name, CountDownLatch done, long end, Runnable work) {
        Thread thread = new Thread(
                () -> {
                    while (System.nanoTime() < end) {
                        work.run();
                    }
                    done.countDown();
                },
                name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Threads that begin just as the setting is taken back: none ever sees another. */
    @Test
    void whoeverBeginsHasOneThread() {
        WorkerPool crew = new WorkerPool(2);
        try {
            for (int round = 0; round < 40; round++) {
                crew.run(2, member -> BlasThreads.one(() -> assertEquals(1, BlasThreads.now())));
                LockSupport.parkNanos(round % 2 == 0 ? 29_000_000 : 20_000_000);
            }
        } finally {
            crew.close();
        }
    }
}
