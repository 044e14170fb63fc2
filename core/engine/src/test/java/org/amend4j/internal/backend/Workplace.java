/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;

/** Some arrays on a machine, and random work on them that is the same for the same seed. */
public final class Workplace implements AutoCloseable {

    /** Elements of each array. */
    public static final int LENGTH = 49;

    private static final int SIDE = 7;
    private static final int ARRAYS = 4;

    private final Machine machine;
    private final List<ProductPrecision> precisions;
    private final ElementwiseKernels kernels;
    private final List<MachineArray> arrays = new ArrayList<>();

    /**
     * @param machine closed with this
     * @param type what arrays hold
     * @param precisions of products
     */
    public Workplace(Machine machine, ElementType type, List<ProductPrecision> precisions, long seed) {
        this.machine = machine;
        this.precisions = precisions;
        this.kernels = machine.kernels().elementwise();
        Random random = new Random(seed);
        for (int i = 0; i < ARRAYS; i++) {
            MachineArray array = machine.allocate("array " + i, type, LENGTH);
            arrays.add(array);
            machine.upload(normal(random), array);
        }
    }

    public Machine machine() {
        return machine;
    }

    public MachineArray array(int i) {
        return arrays.get(i);
    }

    public void work(long seed, int operations) {
        Random random = new Random(seed);
        for (int i = 0; i < operations; i++) {
            int from = random.nextInt(ARRAYS);
            int to = (from + 1 + random.nextInt(ARRAYS - 1)) % ARRAYS;
            operation(random, arrays.get(from), arrays.get(to));
        }
    }

    private void operation(Random random, MachineArray from, MachineArray to) {
        switch (random.nextInt(5)) {
            case 0 -> mix(from, to, random.nextFloat());
            case 1, 2 -> machine.multiply(product(random), from, from, to);
            case 3 -> machine.copy(from.slice(3, 20), to.slice(11, 20));
            default -> machine.fill(to.slice(random.nextInt(LENGTH), 1), random.nextFloat());
        }
    }

    /** A kernel's work. */
    public void mix(MachineArray from, MachineArray to, double factor) {
        kernels.scaledSum(to, 0.5, from, factor, to);
    }

    /** Factors keep the numbers small, however often this is done. */
    private Gemm product(Random random) {
        ProductPrecision precision = precisions.get(random.nextInt(precisions.size()));
        return Gemm.rows(SIDE, SIDE, SIDE).withFactors(0.1f, 0.5f).withPrecision(precision);
    }

    /** Other contents for one of the arrays. */
    public void change(long seed) {
        machine.upload(normal(new Random(seed)), arrays.get(1));
    }

    public List<double[]> contents() {
        return arrays.stream().map(machine::downloadDoubles).toList();
    }

    private static double[] normal(Random random) {
        return random.doubles(LENGTH, -1.5, 1.5).toArray();
    }

    @Override
    public void close() {
        arrays.forEach(MachineArray::close);
        machine.close();
    }
}
