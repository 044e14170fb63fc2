/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiPredicate;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.Epilogue;
import org.amend4j.internal.backend.Gemm;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixOrder;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.PlacedEpilogue;
import org.amend4j.internal.backend.PlacedProduct;
import org.amend4j.internal.backend.SignMask;

/**
 * Whether a card's products with epilogues are what {@link Epilogue} says, tried once for each kind of them on whole numbers, whose sums are exact
 * in every order: the mask's layout, the sums, and what becomes of what is not a number. There were versions of cuBLASLt whose rectifier made
 * a zero of it.
 */
final class EpilogueTrial {

    private static final int ROWS = 48;
    private static final int COLUMNS = 144;
    private static final int INNER = 32;
    /** The column whose bias is no number. */
    private static final int NAN = 77;

    /** What the trial of one does not say for another. */
    private record Kind(ProductPrecision precision, ElementType factors, ElementType result, Ending ending) {

        static Kind of(PlacedProduct product, PlacedEpilogue epilogue) {
            return new Kind(product.product().precision(), product.factors(), product.result(), Ending.of(epilogue));
        }
    }

    private final Machine machine;
    private final BiPredicate<PlacedProduct, PlacedEpilogue> multiplier;
    private final Map<Kind, Boolean> results = new HashMap<>();

    /** @param multiplier makes a product in order COLUMNS, or says that it cannot */
    EpilogueTrial(Machine machine, BiPredicate<PlacedProduct, PlacedEpilogue> multiplier) {
        this.machine = machine;
        this.multiplier = multiplier;
    }

    /** Whether this kind was tried. */
    boolean isKnown(PlacedProduct product, PlacedEpilogue epilogue) {
        return results.containsKey(Kind.of(product, epilogue));
    }

    /** Whether products of the kind are right; allocates and waits if it is the first of them. */
    boolean isRight(PlacedProduct product, PlacedEpilogue epilogue) {
        Kind kind = Kind.of(product, epilogue);
        Boolean known = results.get(kind);
        if (known == null) {
            try (Work work = new Work(kind)) {
                known = work.isRight();
            }
            results.put(kind, known);
        }
        return known;
    }

    /** One trial: A [rows, inner] and B [inner, columns] of small numbers. */
    private final class Work implements AutoCloseable {

        private final Owned owned = new Owned();
        private final Random random = new Random(17);
        private final Kind kind;
        private final float[] a = whole(ROWS * INNER);
        private final float[] b = whole(INNER * COLUMNS);
        private final float[] bias = whole(COLUMNS);
        private final int[] signs = random.ints(SignMask.words(ROWS, COLUMNS)).toArray();

        Work(Kind kind) {
            this.kind = kind;
            bias[NAN] = Float.NaN;
        }

        private float[] whole(int length) {
            float[] values = new float[length];
            for (int i = 0; i < length; i++) {
                values[i] = random.nextInt(5) - 2;
            }
            return values;
        }

        boolean isRight() {
            MachineArray c = allocate(kind.result(), (long) ROWS * COLUMNS);
            boolean summed = kind.ending() == Ending.GRADIENT_WITH_SUMS;
            MachineArray vector = vector(summed ? ElementType.FLOAT : kind.result());
            SignMask mask = new SignMask(allocate(ElementType.INT, signs.length), ROWS, COLUMNS);
            machine.upload(signs, mask.words());
            Gemm product = Gemm.contiguous(MatrixOrder.ROWS, false, false, ROWS, COLUMNS, INNER)
                    .withPrecision(kind.precision());
            PlacedProduct placed = PlacedProduct.of(machine, product, factor(a), factor(b), c);
            PlacedEpilogue end = PlacedEpilogue.of(machine, product, c, epilogue(vector, mask));
            return multiplier.test(placed.inColumns(), end)
                    && isExpected(
                            downloaded(c),
                            machine.downloadInts(mask.words()),
                            summed ? machine.downloadFloats(vector) : bias);
        }

        private MachineArray vector(ElementType type) {
            MachineArray vector = allocate(type, COLUMNS);
            if (type == ElementType.BFLOAT16) {
                machine.uploadRounded(bias, vector);
            } else {
                machine.upload(bias, vector);
            }
            return vector;
        }

        private MachineArray allocate(ElementType type, long length) {
            return owned.add(machine.allocateBriefly("a trial of epilogues", type, length));
        }

        private MachineArray factor(float[] values) {
            MachineArray array = allocate(kind.factors(), values.length);
            if (kind.factors() == ElementType.BFLOAT16) {
                machine.uploadRounded(values, array);
            } else {
                machine.upload(values, array);
            }
            return array;
        }

        private Epilogue epilogue(MachineArray vector, SignMask mask) {
            return switch (kind.ending()) {
                case BIAS -> new Epilogue.Bias(vector);
                case RECTIFIER -> new Epilogue.BiasRectifier(vector, Optional.empty());
                case RECTIFIER_WITH_MASK -> new Epilogue.BiasRectifier(vector, Optional.of(mask));
                case GRADIENT -> new Epilogue.RectifierGradient(mask, Optional.empty());
                case GRADIENT_WITH_SUMS -> new Epilogue.RectifierGradient(mask, Optional.of(vector));
            };
        }

        private float[] downloaded(MachineArray c) {
            if (c.type() == ElementType.FLOAT) {
                return machine.downloadFloats(c);
            }
            int length = (int) c.length();
            ByteBuffer bytes = ByteBuffer.allocateDirect(length * Short.BYTES).order(ByteOrder.nativeOrder());
            machine.download(c, bytes);
            float[] values = new float[length];
            for (int i = 0; i < length; i++) {
                values[i] = Float.intBitsToFloat(bytes.getShort(i * Short.BYTES) << Short.SIZE);
            }
            return values;
        }

        private boolean isExpected(float[] c, int[] words, float[] vector) {
            float[] sums = new float[COLUMNS];
            boolean right = true;
            for (int row = 0; row < ROWS; row++) {
                for (int column = 0; column < COLUMNS; column++) {
                    float value = c[row * COLUMNS + column];
                    float wanted = expected(row, column);
                    right &= wanted == value || (Float.isNaN(wanted) && Float.isNaN(value));
                    right &= kind.ending() != Ending.RECTIFIER_WITH_MASK || bit(words, row, column) == (value > 0);
                    sums[column] += value;
                }
            }
            return right && (kind.ending() != Ending.GRADIENT_WITH_SUMS || Arrays.equals(sums, vector));
        }

        /** A whole number below 256 in magnitude, which bfloat16 holds. */
        private float expected(int row, int column) {
            float sum = 0;
            for (int l = 0; l < INNER; l++) {
                sum += a[row * INNER + l] * b[l * COLUMNS + column];
            }
            return switch (kind.ending()) {
                case BIAS -> sum + bias[column];
                case RECTIFIER, RECTIFIER_WITH_MASK -> Math.max(0, sum + bias[column]);
                case GRADIENT, GRADIENT_WITH_SUMS -> bit(signs, row, column) ? sum : 0;
            };
        }

        private boolean bit(int[] words, int row, int column) {
            int word = words[row * SignMask.wordsOfRow(COLUMNS) + column / Integer.SIZE];
            return (word >> column % Integer.SIZE & 1) != 0;
        }

        @Override
        public void close() {
            owned.close();
        }
    }
}
