/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.amend4j.cuda.standin.Nd4jStandIn;
import org.amend4j.internal.kernel.AdapterSum;
import org.amend4j.internal.kernel.LoraKernels;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOps;
import org.nd4j.nativeblas.NativeOpsHolder;

/**
 * Our kernels on the arrays of ND4J's own CUDA backend, which runs on stand-ins for CUDA's libraries ({@link Nd4jStandIn}): in its
 * memory, on its streams, between its own work. No work is done there before somebody waits for it, so that a missing wait, a
 * wrong stream or an array that is not brought to the card in time gives wrong numbers.
 */
@EnabledIfSystemProperty(named = "amend4j.device", matches = "nd4j-stand-in")
class Nd4jBackendTest extends LoraKernelLaws {

    private static final int ROUNDS = 20;

    @BeforeAll
    static void load() {
        Nd4jStandIn.build();
        Nd4jStandIn.load();
    }

    /** Host versions that are missing, invalid calls, frees of what is not there. */
    @AfterEach
    void theLibrariesFoundNothingWrong() {
        assertEquals(List.of(), Nd4jStandIn.complaints());
    }

    @Override
    LoraKernels kernels() {
        return LoraKernels.available().orElseThrow();
    }

    @Test
    void theBackendIsNd4jsAndTheKernelsAreOurs() {
        assertEquals(
                "org.nd4j.linalg.jcublas.JCublasBackend",
                Nd4j.getBackend().getClass().getName());
        assertEquals(Nd4jCudaLoraKernels.class, kernels().getClass());
    }

    /** ND4J's product, our sum, ND4J's product of that; and host memory that changed meanwhile. */
    @Test
    void ourWorkIsInOrderWithNd4jsOwn() {
        INDArray x = array(N, COLUMNS, Memory.C);
        INDArray w = array(COLUMNS, COLUMNS, Memory.FORTRAN);
        INDArray low = array(N, 4, Memory.FORTRAN);
        INDArray up = array(4, COLUMNS, Memory.C);
        for (int round = 0; round < ROUNDS; round++) {
            x.putScalar(new int[] {round % N, round % COLUMNS}, round);
            low.putScalar(new int[] {round % N, round % 4}, -round);
            INDArray y = Nd4j.createUninitialized(DataType.FLOAT, new long[] {N, COLUMNS}, 'f');
            INDArray z = Nd4j.createUninitialized(DataType.FLOAT, new long[] {N, COLUMNS}, 'f');
            Nd4j.gemm(x, w, y, false, false, 1, 0);
            kernels().add(new AdapterSum(y, low, up, SCALE, Optional.empty()));
            Nd4j.gemm(y, w, z, false, false, 1, 0);
            assertClose(product(sum(product(rows(x), rows(w)), product(rows(low), rows(up))), rows(w)), z);
        }
    }

    private static double[][] rows(INDArray array) {
        double[][] rows = new double[(int) array.size(0)][(int) array.size(1)];
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < rows[i].length; j++) {
                rows[i][j] = array.getDouble(i, j);
            }
        }
        return rows;
    }

    private static double[][] product(double[][] a, double[][] b) {
        double[][] result = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < b.length; k++) {
                for (int j = 0; j < b[k].length; j++) {
                    result[i][j] += a[i][k] * b[k][j];
                }
            }
        }
        return result;
    }

    private static double[][] sum(double[][] a, double[][] b) {
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[i].length; j++) {
                a[i][j] += SCALE * b[i][j];
            }
        }
        return a;
    }

    /** Entries are below 2^13; two products of COLUMNS terms round less than 2·COLUMNS times, half a unit of 2^-24 each. */
    private static void assertClose(double[][] expected, INDArray found) {
        double largest = 0;
        for (double[] row : expected) {
            for (double value : row) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        double tolerance = Math.scalb(2.0 * COLUMNS * Math.max(largest, 1) * COLUMNS, -24);
        for (int i = 0; i < expected.length; i++) {
            for (int j = 0; j < expected[i].length; j++) {
                assertEquals(expected[i][j], found.getDouble(i, j), tolerance, i + ", " + j);
            }
        }
    }

    @Test
    void arraysOfAWorkspaceAreTaken() {
        WorkspaceConfiguration configuration = WorkspaceConfiguration.builder()
                .initialSize(1 << 20)
                .policyAllocation(AllocationPolicy.STRICT)
                .build();
        for (int round = 0; round < ROUNDS; round++) {
            try (MemoryWorkspace workspace =
                    Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "kernels")) {
                AdapterSum sum = sum(N, COLUMNS, Memory.FORTRAN, Memory.C, Memory.FORTRAN_VIEW, true);
                assertTrue(sum.y().isAttached());
                assertSum(sum);
            }
        }
        Nd4j.getWorkspaceManager().destroyAllWorkspacesForCurrentThread();
    }

    /** ND4J gives each thread a stream of its own. */
    @Test
    void twoThreadsDoNotDisturbEachOther() throws InterruptedException, ExecutionException {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int thread = 0; thread < 2; thread++) {
                Nd4jBackendTest own = new Nd4jBackendTest();
                done.add(threads.submit(() -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        own.assertSum(own.sum(N, COLUMNS, Memory.FORTRAN, Memory.FORTRAN, Memory.C, true));
                        own.assertSum(own.sum(N, COLUMNS, Memory.C_VIEW, Memory.C, Memory.FORTRAN_VIEW, true));
                    }
                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Memory is given back when Java's collector finds that nobody uses it; then nothing of a step may be left. */
    @Test
    void stepsLeaveNoMemoryOnTheCard() throws InterruptedException {
        AdaptedFit fit = new AdaptedFit();
        fit.steps(ROUNDS);
        long before = usedAfterCollection();
        fit.steps(4 * ROUNDS);
        assertTrue(usedAfterCollection() <= before, before + " bytes, then " + usedAfterCollection());
    }

    private static long usedAfterCollection() throws InterruptedException {
        NativeOps card = NativeOpsHolder.getInstance().getDeviceNativeOps();
        for (int i = 0; i < ROUNDS; i++) {
            System.gc();
            Thread.sleep(50); // ND4J's own thread frees
        }
        return card.getDeviceTotalMemory(0) - card.getDeviceFreeMemory(0);
    }
}
