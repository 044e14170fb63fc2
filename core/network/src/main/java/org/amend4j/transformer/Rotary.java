/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Arrays;
import java.util.List;
import org.amend4j.checkpoint.RotaryEmbedding;
import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Rotary positions (Su et al., arXiv 2104.09864) in the form of halves, as Hugging Face's files have them: in a head of size D the pair
 * (x_j, x_{j + D/2}) is turned by the angle p·f_j at position p.
 *
 * @param frequencies f in radians a position, D/2 of them
 */
public record Rotary(List<Double> frequencies) {

    /** @throws IllegalArgumentException if there is no frequency, or one is not finite */
    public Rotary {
        frequencies = List.copyOf(frequencies);
        Checks.atLeast(1, "rotary frequencies", frequencies.size());
        frequencies.forEach(one -> Checks.finite("a rotary frequency", one));
    }

    /** Of a checkpoint's positions in heads of a size. */
    public static Rotary of(RotaryEmbedding positions, int headSize) {
        return new Rotary(Arrays.stream(positions.frequencies(headSize)).boxed().toList());
    }

    /** D. */
    int headSize() {
        return 2 * frequencies.size();
    }

    /**
     * Turns rows.
     *
     * @param rows [rows, heads · D]
     * @param positions of the rows
     * @param back whether by the opposite angle, which is the gradient's way
     * @return a new array in C order
     */
    INDArray turned(INDArray rows, int[] positions, boolean back) {
        int half = frequencies.size();
        double[][] cosines = new double[positions.length][half];
        double[][] sines = new double[positions.length][half];
        for (int row = 0; row < positions.length; row++) {
            for (int j = 0; j < half; j++) {
                double angle = positions[row] * frequencies.get(j);
                cosines[row][j] = Math.cos(angle);
                sines[row][j] = back ? -Math.sin(angle) : Math.sin(angle);
            }
        }
        INDArray cos = Nd4j.createFromArray(cosines).castTo(rows.dataType());
        INDArray sin = Nd4j.createFromArray(sines).castTo(rows.dataType());
        INDArray result = Nd4j.createUninitialized(rows.dataType(), rows.shape(), 'c');
        for (int first = 0; first < rows.size(1); first += headSize()) {
            INDArray x = Columns.of(rows, first, half);
            INDArray y = Columns.of(rows, first + half, half);
            Columns.of(result, first, half).assign(x.mul(cos).subi(y.mul(sin)));
            Columns.of(result, first + half, half).assign(y.mul(cos).addi(x.mul(sin)));
        }
        return result;
    }
}
