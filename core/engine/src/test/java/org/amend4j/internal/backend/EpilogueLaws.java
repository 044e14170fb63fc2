/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;

/** Products with epilogues against loops in double: what is written, bit by bit of masks, sums, gaps. */
public final class EpilogueLaws {

    private static final double UNIT = 0x1p-24;

    private EpilogueLaws() {}

    /** What makes a product with an epilogue. */
    @FunctionalInterface
    public interface Multiplier {
        void multiply(Gemm product, MachineArray a, MachineArray b, MachineArray c, Epilogue epilogue);
    }

    /** What numbers are, and what becomes of them. */
    public enum Numbers {
        FP32(ElementType.FLOAT, ElementType.FLOAT, ProductPrecision.FP32),
        TF32(ElementType.FLOAT, ElementType.FLOAT, ProductPrecision.TF32),
        BF16(ElementType.FLOAT, ElementType.FLOAT, ProductPrecision.BF16),
        HALVES_TO_FLOATS(ElementType.BFLOAT16, ElementType.FLOAT, ProductPrecision.BF16),
        HALVES(ElementType.BFLOAT16, ElementType.BFLOAT16, ProductPrecision.BF16);

        private final ElementType factors;
        private final ElementType result;
        private final ProductPrecision precision;

        Numbers(ElementType factors, ElementType result, ProductPrecision precision) {
            this.factors = factors;
            this.result = result;
            this.precision = precision;
        }

        private double roundingOfFactors() {
            return factors == ElementType.BFLOAT16
                    ? 0
                    : FactorRounding.of(precision).unit();
        }

        double roundingOfResult() {
            return result == ElementType.BFLOAT16 ? FactorRounding.BF16.unit() : 0;
        }
    }

    /**
     * A product.
     *
     * @param gap elements between rows; of 0 or a multiple of 8 rows stay aligned if they are without
     * @param seed even for aligned matrices
     */
    public record Case(
            int m,
            int n,
            int k,
            int gap,
            boolean transposeA,
            boolean transposeB,
            double alpha,
            double beta,
            long seed) {

        boolean isAligned() {
            return seed % 2 == 0;
        }

        Gemm product(Numbers numbers, int leadingA, int leadingB, int leadingC) {
            return Gemm.contiguous(MatrixOrder.ROWS, transposeA, transposeB, m, n, k)
                    .withFactors(alpha, beta)
                    .withPrecision(numbers.precision)
                    .withLeading(leadingA, leadingB, leadingC);
        }
    }

    public static Stream<Case> cases() {
        return Stream.of(
                new Case(1, 1, 1, 0, false, false, 1, 0, 2),
                new Case(13, 7, 33, 3, false, true, 1, 0, 3),
                new Case(70, 137, 20, 0, false, false, -0.75, 0.5, 4),
                new Case(70, 136, 16, 8, false, true, 1, 1, 6),
                new Case(33, 136, 24, 1, true, false, 1, 0, 8),
                new Case(5, 304, 3, 8, false, false, 1, 1, 7),
                new Case(200, 64, 0, 0, false, false, 1, 0.5, 10),
                new Case(1, 128, 40, 16, false, false, 1, 0, 12));
    }

    /** The matrices of a product, what must come out of it, and how far off that may be. */
    private static final class Setting implements AutoCloseable {

        private final Owned owned = new Owned();
        private final Machine machine;
        private final Random random;
        private final Numbers numbers;
        private final Case shape;
        private final TypedMatrix a;
        private final TypedMatrix b;
        private final TypedMatrix c;
        private final Gemm product;
        private final double[] values;
        private final double[] sizes;

        Setting(Machine machine, Numbers numbers, Case shape) {
            this.machine = machine;
            this.random = new Random(shape.seed);
            this.numbers = numbers;
            this.shape = shape;
            this.a =
                    matrix(numbers.factors, shape.transposeA ? shape.k : shape.m, shape.transposeA ? shape.m : shape.k);
            this.b =
                    matrix(numbers.factors, shape.transposeB ? shape.n : shape.k, shape.transposeB ? shape.k : shape.n);
            this.c = matrix(numbers.result, shape.m, shape.n);
            this.product = shape.product(numbers, a.leading(), b.leading(), c.leading());
            this.values = new double[shape.m * shape.n];
            this.sizes = new double[shape.m * shape.n];
            define(a.get(), b.get(), c.get());
        }

        private TypedMatrix matrix(ElementType type, int rows, int columns) {
            return owned.add(new TypedMatrix(machine, type, rows, columns, shape.gap, shape.isAligned(), random));
        }

        private void define(double[] left, double[] right, double[] old) {
            for (int i = 0; i < shape.m; i++) {
                for (int j = 0; j < shape.n; j++) {
                    int at = i * shape.n + j;
                    add(at, shape.beta == 0 ? 0 : shape.beta * old[at]);
                    for (int l = 0; l < shape.k; l++) {
                        add(
                                at,
                                shape.alpha
                                        * left[shape.transposeA ? l * shape.m + i : i * shape.k + l]
                                        * right[shape.transposeB ? j * shape.k + l : l * shape.n + j]);
                    }
                }
            }
        }

        private void add(int at, double term) {
            values[at] += term;
            sizes[at] += Math.abs(term);
        }

        /** Numbers of few bits, which C's type holds. */
        float[] vector() {
            float[] floats = new float[shape.n];
            for (int j = 0; j < floats.length; j++) {
                floats[j] = (random.nextInt(256) - 128) / 64f;
            }
            return floats;
        }

        MachineArray bias(float[] vector) {
            MachineArray array = fresh(numbers.result, vector.length);
            if (numbers.result == ElementType.BFLOAT16) {
                machine.uploadRounded(vector, array);
            } else {
                machine.upload(vector, array);
            }
            return array;
        }

        SignMask mask() {
            long words = SignMask.words(shape.m, shape.n);
            return new SignMask(fresh(ElementType.INT, words), shape.m, shape.n);
        }

        MachineArray fresh(ElementType type, long length) {
            int lead = shape.isAligned() ? 64 : 1;
            return owned.add(machine.allocate("test", type, lead + length)).slice(lead, length);
        }

        double[] multiply(Multiplier multiplier, Epilogue epilogue) {
            multiplier.multiply(product, a.array(), b.array(), c.array(), epilogue);
            return c.get();
        }

        /** As of a product, which is perhaps stored before, then one sum more, then it is stored. */
        void compare(int at, double expected, double more, double got) {
            double relative = (shape.k + 5) * UNIT + 2.01 * numbers.roundingOfFactors();
            double tolerance = relative * (sizes[at] + Math.abs(more));
            tolerance += numbers.roundingOfResult() * (Math.abs(expected) + sizes[at] + 2 * tolerance);
            if (!(Math.abs(expected - got) <= tolerance)) {
                fail("C[" + at / shape.n + ", " + at % shape.n + "] must be " + expected + " within " + tolerance
                        + ", got " + got);
            }
        }

        @Override
        public void close() {
            owned.close();
        }
    }

    /** C = α·op(A)·op(B) + β·C + bias. */
    public static void bias(Machine machine, Multiplier multiplier, Numbers numbers, Case shape) {
        try (Setting setting = new Setting(machine, numbers, shape)) {
            float[] added = setting.vector();
            double[] got = setting.multiply(multiplier, new Epilogue.Bias(setting.bias(added)));
            for (int i = 0; i < got.length; i++) {
                double more = added[i % shape.n];
                setting.compare(i, setting.values[i] + more, more, got[i]);
            }
        }
    }

    /** The same rectified; the mask says of every element whether what was written is positive. */
    public static void rectifier(Machine machine, Multiplier multiplier, Numbers numbers, Case shape) {
        for (boolean masked : new boolean[] {false, true}) {
            try (Setting setting = new Setting(machine, numbers, shape)) {
                float[] added = setting.vector();
                MachineArray bias = setting.bias(added);
                Optional<SignMask> mask = masked ? Optional.of(setting.mask()) : Optional.empty();
                double[] got = setting.multiply(multiplier, new Epilogue.BiasRectifier(bias, mask));
                for (int i = 0; i < got.length; i++) {
                    double more = added[i % shape.n];
                    setting.compare(i, Math.max(0, setting.values[i] + more), more, got[i]);
                }
                mask.ifPresent(signs -> checkSigns(machine, signs, got));
            }
        }
    }

    private static void checkSigns(Machine machine, SignMask mask, double[] written) {
        int[] words = machine.downloadInts(mask.words());
        for (int i = 0; i < written.length; i++) {
            assertEquals(
                    written[i] > 0,
                    bit(words, mask.columns(), i),
                    "the bit of C[" + i / mask.columns() + ", " + i % mask.columns() + "], which is " + written[i]);
        }
    }

    private static boolean bit(int[] words, int columns, int element) {
        int column = element % columns;
        int word = element / columns * SignMask.wordsOfRow(columns) + column / Integer.SIZE;
        return (words[word] >> column % Integer.SIZE & 1) != 0;
    }

    /** The product where a mask has bits and exactly 0 elsewhere, and the sums of its columns. */
    public static void gradient(Machine machine, Multiplier multiplier, Numbers numbers, Case shape) {
        for (boolean summed : new boolean[] {false, true}) {
            try (Setting setting = new Setting(machine, numbers, shape)) {
                SignMask mask = setting.mask();
                int[] words = setting.random.ints(mask.words().length()).toArray();
                machine.upload(words, mask.words());
                Optional<MachineArray> sums =
                        summed ? Optional.of(setting.fresh(ElementType.FLOAT, shape.n)) : Optional.empty();
                double[] got = setting.multiply(multiplier, new Epilogue.RectifierGradient(mask, sums));
                for (int i = 0; i < got.length; i++) {
                    if (bit(words, shape.n, i)) {
                        setting.compare(i, setting.values[i], 0, got[i]);
                    } else {
                        assertEquals(0, got[i], "where nothing was positive");
                    }
                }
                sums.ifPresent(wanted -> checkSums(numbers, shape, got, machine.downloadDoubles(wanted)));
                assertTrue(Arrays.equals(words, machine.downloadInts(mask.words())), "the mask is only read");
            }
        }
    }

    /** In any order, of what was written or of what it was before it was rounded. */
    private static void checkSums(Numbers numbers, Case shape, double[] written, double[] sums) {
        Expected expected = new Expected(shape.n);
        for (int i = 0; i < written.length; i++) {
            double error = (shape.m * UNIT + numbers.roundingOfResult()) * Math.abs(written[i]);
            expected.add(i % shape.n, written[i], error);
        }
        expected.compare("sums", sums);
    }

    /** What is not a number stays so and is not positive; where it is a gradient it stays so at least where it passes. */
    public static void notANumber(Machine machine, Multiplier multiplier, Numbers numbers) {
        Case shape = new Case(3, 40, 8, 0, false, false, 1, 0, 14);
        try (Setting setting = new Setting(machine, numbers, shape)) {
            float[] added = setting.vector();
            added[33] = Float.NaN;
            SignMask mask = setting.mask();
            double[] got =
                    setting.multiply(multiplier, new Epilogue.BiasRectifier(setting.bias(added), Optional.of(mask)));
            for (int i = 0; i < got.length; i++) {
                assertEquals(i % shape.n == 33, Double.isNaN(got[i]), "whether C[.., " + i % shape.n + "] is a NaN");
            }
            checkSigns(machine, mask, got);
            setting.a.setFirst(Float.NaN);
            double[] passed = setting.multiply(multiplier, new Epilogue.RectifierGradient(mask, Optional.empty()));
            int[] words = machine.downloadInts(mask.words());
            for (int j = 0; j < shape.n; j++) {
                assertTrue(
                        Double.isNaN(passed[j]) || (passed[j] == 0 && !bit(words, shape.n, j)),
                        "C[0, " + j + "] is " + passed[j]);
            }
        }
    }
}
