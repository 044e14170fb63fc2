/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.Optional;
import java.util.function.Function;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Factors of a matrix as those of the two halves of its outputs, and back ({@link GatedModules}). */
final class GatedFactors {

    private GatedFactors() {}

    /** Half of the columns of a matrix, or of a vector. */
    static INDArray columns(INDArray array, int half) {
        long width = array.size(-1) / 2;
        return inShape(
                array,
                array.reshape(array.length() / (2 * width), 2 * width)
                        .get(NDArrayIndex.all(), NDArrayIndex.interval(half * width, (half + 1) * width)));
    }

    /** Both halves side by side. */
    static INDArray glued(INDArray gate, INDArray up) {
        INDArray first = gate.reshape(gate.length() / gate.size(-1), gate.size(-1));
        return inShape(gate, Nd4j.hstack(first, up.reshape(up.length() / up.size(-1), up.size(-1))));
    }

    /** A matrix, or a vector where another is one. */
    private static INDArray inShape(INDArray like, INDArray matrix) {
        return (like.rank() == 1 ? matrix.reshape(matrix.length()) : matrix).dup('f');
    }

    private static INDArray vector(INDArray gate, Optional<INDArray> up) {
        return Nd4j.hstack(
                gate.reshape(1, gate.length()),
                up.orElseThrow().reshape(1, up.orElseThrow().length()));
    }

    private static FactorVectors vectors(FactorVectors whole, int half) {
        Function<INDArray, INDArray> cut = vector -> columns(vector.reshape(1, vector.length()), half);
        return new FactorVectors(whole.magnitude().map(cut), whole.bias().map(cut));
    }

    /** These with the scale of others. */
    private static LayerFactors factors(
            String name, LayerFactors like, LoraConfig config, INDArray a, INDArray b, FactorVectors vectors) {
        AdapterSpec spec = like.spec();
        int rank = Math.toIntExact(a.size(1));
        double alpha = rank == spec.rank() ? spec.alpha() : spec.scaling() * (config.rsLora() ? Math.sqrt(rank) : rank);
        return new LayerFactors(
                AdaptedWeight.single(name, LayerFactors.WEIGHT),
                like.layout(),
                config.adapter(name, rank, alpha),
                like.peftExact(),
                a,
                b,
                vectors);
    }

    /** A half with the A of the whole, or with the part of it that is its own. */
    static LayerFactors half(LayerFactors whole, int half, String name, LoraConfig config) {
        boolean blocks = !config.rsLora() && isOfTwo(whole);
        long rank = whole.spec().rank() / (blocks ? 2 : 1);
        long from = blocks ? half * rank : 0;
        INDArray a = whole.a()
                .get(NDArrayIndex.all(), NDArrayIndex.interval(from, from + rank))
                .dup('f');
        INDArray b = columns(whole.b(), half)
                .get(NDArrayIndex.interval(from, from + rank), NDArrayIndex.all())
                .dup('f');
        return factors(name, whole, config, a, b, vectors(whole.vectors(), half));
    }

    /** Whether the first ranks are of the first half alone, and the others of the second, as {@link #whole} makes it. */
    private static boolean isOfTwo(LayerFactors whole) {
        int rank = whole.spec().rank();
        if (rank % 2 != 0) {
            return false;
        }
        boolean[] zero = new boolean[4];
        for (int k = 0; k < 4; k++) {
            int rows = k / 2 * rank / 2;
            zero[k] = columns(whole.b(), k % 2)
                            .get(NDArrayIndex.interval(rows, rows + rank / 2), NDArrayIndex.all())
                            .amaxNumber()
                            .doubleValue()
                    == 0;
        }
        return !zero[0] && zero[1] && zero[2] && !zero[3];
    }

    /**
     * Halves as one; one half alone is one with zeros in the columns of the other.
     *
     * @throws IllegalArgumentException if their scales differ
     */
    static LayerFactors whole(String whole, Optional<LayerFactors> gate, Optional<LayerFactors> up, LoraConfig config) {
        if (gate.isEmpty() || up.isEmpty()) {
            LayerFactors alone = gate.or(() -> up).orElseThrow();
            INDArray none = Nd4j.zerosLike(alone.b());
            INDArray b = gate.isPresent() ? glued(alone.b(), none) : glued(none, alone.b());
            return factors(whole, alone, config, alone.a(), b, FactorVectors.NONE);
        }
        return whole(whole, gate.get(), up.get(), config);
    }

    private static LayerFactors whole(String whole, LayerFactors gate, LayerFactors up, LoraConfig config) {
        if (gate.spec().scaling() != up.spec().scaling()) {
            throw new IllegalArgumentException(
                    "'" + whole + "' is one matrix here, with one scale, but its halves gate_proj"
                            + " and up_proj have " + gate.spec().scaling() + " and "
                            + up.spec().scaling()
                            + ": give both the same rank and alpha");
        }
        FactorVectors vectors = new FactorVectors(
                gate.vectors().magnitude().map(m -> vector(m, up.vectors().magnitude())),
                gate.vectors().bias().map(v -> vector(v, up.vectors().bias())));
        if (ArrayBytes.same(gate.a(), up.a())) {
            return factors(whole, gate, config, gate.a(), glued(gate.b(), up.b()), vectors);
        }
        INDArray first = glued(
                gate.b(),
                Nd4j.zeros(gate.b().dataType(), gate.b().size(0), up.b().size(1)));
        INDArray second =
                glued(Nd4j.zeros(up.b().dataType(), up.b().size(0), gate.b().size(1)), up.b());
        return factors(
                whole,
                gate,
                config,
                glued(gate.a(), up.a()),
                Nd4j.vstack(first, second).dup('f'),
                vectors);
    }
}
